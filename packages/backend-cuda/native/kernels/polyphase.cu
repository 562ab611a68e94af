#include "cu.h"
#include "kernels/map-place.h"
#include "kernels/vector.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::Divisor;
using cuda::forEach;

// The four phases of a map (part 2·(row parity) + (column parity)), added up in pairs.
struct Polyphase {
  PolyphaseInts p;
  const int32_t* pairs;  // on the device
  int rows, columns;     // of a phase

  explicit Polyphase(const Arguments& arguments)
      : p(*reinterpret_cast<const PolyphaseInts*>(arguments.ints)),
        pairs(cuda::uploadedOf(arguments.ints + sizeof(PolyphaseInts) / sizeof(int32_t), 2 * p.pairCount)),
        rows(phaseLength(p.height)),
        columns(phaseLength(p.width)) {}

  int phaseLength(int length) const { return (length + (p.pad == PolyphasePad::kCrop ? 0 : 1)) / 2; }

  // Where a row (or column) of the padded map lies in the map itself; −1 for one of zeros.
  CU_FN int sourceOf(int at, int length) const {
    return at < length ? at : p.pad == PolyphasePad::kZero ? -1 : length - 1;
  }

  // The row (or column) of a phase of that parity that reads one of the map, be it as padding; −1: none. At most one
  // does, since the padded length is even.
  CU_FN int readerOf(int at, int parity, int length, int phaseLength) const {
    if (at % 2 == parity) return at / 2 < phaseLength ? at / 2 : -1;
    const bool repeated = p.pad == PolyphasePad::kReplicate && length % 2 == 1 && at == length - 1;
    return repeated && parity == 1 ? phaseLength - 1 : -1;
  }
};

template <typename T, int WIDTH>
void addParts(Form<T, WIDTH> form, const Polyphase& phases, const void* xData, void* yData) {
  const T* x = form.of(xData);
  T* y = form.of(yData);
  const Map map = mapOf(phases.p);
  const MapVectors<WIDTH> vectors({phases.p.pairCount * map.batch, phases.rows, phases.columns, map.channels});
  const Divisor images(map.batch);
  forEach(vectors.count(), [=] __device__(int64_t i) {
    const MapPlace at = vectors.placeOf(i);
    const auto [pair, image] = images.divide(static_cast<unsigned>(at.image));
    auto sum = filled<WIDTH>(0.0f);
    for (unsigned k = 2 * pair; k < 2 * pair + 2; k++) {
      const int part = phases.pairs[k];
      const int row = phases.sourceOf(2 * at.row + (part >> 1), map.height);
      const int column = phases.sourceOf(2 * at.column + (part & 1), map.width);
      if (row < 0 || column < 0) continue;
      const auto values = load<WIDTH>(x + map.offsetOf(static_cast<int>(image), row, column, at.channel));
      CU_UNROLL
      for (int c = 0; c < WIDTH; c++) sum[c] += phases.p.square ? values[c] * values[c] : values[c];
    }
    store(y + i * WIDTH, sum);
  });
}

template <typename T, int WIDTH>
void takeParts(Form<T, WIDTH> form, const Polyphase& phases, const void* dyData, const void* xData, void* dxData) {
  const T *dy = form.of(dyData), *x = form.of(xData);
  T* dx = form.of(dxData);
  const Map parts{phases.p.pairCount * phases.p.batch, phases.rows, phases.columns, phases.p.channels};
  const MapVectors<WIDTH> vectors(mapOf(phases.p));
  forEach(vectors.count(), [=] __device__(int64_t i) {
    const PolyphaseInts& p = phases.p;
    const MapPlace at = vectors.placeOf(i);
    auto sum = filled<WIDTH>(0.0f);
    for (int k = 0; k < 2 * p.pairCount; k++) {
      const int part = phases.pairs[k];
      const int row = phases.readerOf(at.row, part >> 1, p.height, phases.rows);
      const int column = phases.readerOf(at.column, part & 1, p.width, phases.columns);
      if (row < 0 || column < 0) continue;
      const auto slopes = load<WIDTH>(dy + parts.offsetOf(k / 2 * p.batch + at.image, row, column, at.channel));
      CU_UNROLL
      for (int c = 0; c < WIDTH; c++) sum[c] += slopes[c];
    }
    if (p.square) timesSlopeOfSquare(sum, x + i * WIDTH);
    store(dx + i * WIDTH, sum);
  });
}

}  // namespace

void polyphase(const Arguments& arguments) {
  const Polyphase phases(arguments);
  inVectors(0, phases.p.channels, [&](auto form) { addParts(form, phases, arguments.buffers[0], arguments.buffers[1]); });
}

void polyphaseGrad(const Arguments& arguments) {
  const Polyphase phases(arguments);
  void* const* buffers = arguments.buffers;
  inVectors(0, phases.p.channels, [&](auto form) { takeParts(form, phases, buffers[0], buffers[1], buffers[2]); });
}

}  // namespace limbeck::kernels
