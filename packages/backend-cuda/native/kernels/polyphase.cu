#include "cu.h"
#include "kernels/map-place.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

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

}  // namespace

void polyphase(const Arguments& arguments) {
  const Polyphase phases(arguments);
  const PolyphaseInts& p = phases.p;
  const float* x = static_cast<const float*>(arguments.buffers[0]);
  float* y = static_cast<float*>(arguments.buffers[1]);
  const int64_t count = static_cast<int64_t>(p.pairCount) * p.batch * phases.rows * phases.columns * p.channels;
  forEach(count, [=] __device__(int64_t i) {
    const PolyphaseInts& q = phases.p;
    const MapPlace at = mapPlaceOf(i, phases.rows, phases.columns, q.channels);
    const int pair = at.image / q.batch, image = at.image % q.batch;
    float sum = 0;
    for (int side = 0; side < 2; side++) {
      const int part = phases.pairs[2 * pair + side];
      const int row = phases.sourceOf(2 * at.row + (part >> 1), q.height);
      const int column = phases.sourceOf(2 * at.column + (part & 1), q.width);
      if (row < 0 || column < 0) continue;
      const float value = x[((static_cast<int64_t>(image) * q.height + row) * q.width + column) * q.channels + at.channel];
      sum += q.square ? value * value : value;
    }
    y[i] = sum;
  });
}

void polyphaseGrad(const Arguments& arguments) {
  const Polyphase phases(arguments);
  const float* dy = static_cast<const float*>(arguments.buffers[0]);
  const float* x = static_cast<const float*>(arguments.buffers[1]);
  float* dx = static_cast<float*>(arguments.buffers[2]);
  forEach(mapElements(phases.p), [=] __device__(int64_t i) {
    const PolyphaseInts& q = phases.p;
    const MapPlace at = mapPlaceOf(i, q.height, q.width, q.channels);
    float sum = 0;
    for (int k = 0; k < 2 * q.pairCount; k++) {
      const int part = phases.pairs[k];
      const int row = phases.readerOf(at.row, part >> 1, q.height, phases.rows);
      const int column = phases.readerOf(at.column, part & 1, q.width, phases.columns);
      if (row < 0 || column < 0) continue;
      const int64_t map = static_cast<int64_t>(k / 2) * q.batch + at.image;
      sum += dy[((map * phases.rows + row) * phases.columns + column) * q.channels + at.channel];
    }
    dx[i] = q.square ? 2 * x[i] * sum : sum;
  });
}

}  // namespace limbeck::kernels
