#include "cu.h"
#include "kernels/map-place.h"
#include "kernels/vector.h"
#include "limbeck/kernels.h"
#include "limbeck/sampling.h"

namespace limbeck::kernels {

namespace {

using cuda::forEach;
using cuda::scratchOf;

enum class Sampling { kLinear, kNearest };

// How one axis is sampled.
struct Axis {
  int input, output;
  double scale;
  bool alignCorners, halfPixelCenters;
  Sampling sampling;

  CU_FN LinearSample sampleOf(int i) const {
    if (sampling == Sampling::kLinear) return linearSample(i, input, scale, halfPixelCenters);
    const int nearest = nearestSample(i, input, scale, alignCorners, halfPixelCenters);
    return {nearest, nearest, 0};
  }

  // Output samples first…last-1: all that read an input sample.
  struct Readers {
    int first, last;
  };
  CU_FN Readers readersOf(int sample) const {
    const double before = (sample - 1) / scale - 2, after = (sample + 2) / scale + 2;  // beyond all of them
    int first = sample == 0 || before < 0 || !(scale > 0) ? 0 : static_cast<int>(before);
    int last = sample == input - 1 || after > output || !(scale > 0) ? output : static_cast<int>(after);
    while (first < last && !reads(first, sample)) first++;
    while (first < last && !reads(last - 1, sample)) last--;
    return {first, last};
  }

 private:
  CU_FN bool reads(int i, int sample) const {
    const LinearSample of = sampleOf(i);
    return of.low == sample || of.high == sample;
  }
};

// Both axes by tables, which a launch computes first: in double, and not again for every pixel.
struct Tables {
  const LinearSample *rows, *columns;
  const Axis::Readers *rowReaders, *columnReaders;  // for gradients
};

Tables tablesOf(const ResizeInts& p, Sampling sampling, bool gradient) {
  const auto axisOf = [&](int input, int output) {
    const double scale = resizeScale(input, output, p.alignCorners);
    return Axis{input, output, scale, p.alignCorners != 0, p.halfPixelCenters != 0, sampling};
  };
  const Axis down = axisOf(p.height, p.outHeight), across = axisOf(p.width, p.outWidth);
  LinearSample* samples = scratchOf<LinearSample>(static_cast<size_t>(down.output) + across.output);
  forEach(down.output + across.output, [=] __device__(int64_t at) {
    const int i = static_cast<int>(at);
    samples[i] = i < down.output ? down.sampleOf(i) : across.sampleOf(i - down.output);
  });
  if (!gradient) return {samples, samples + down.output, nullptr, nullptr};
  Axis::Readers* readers = scratchOf<Axis::Readers>(static_cast<size_t>(down.input) + across.input);
  forEach(down.input + across.input, [=] __device__(int64_t at) {
    const int i = static_cast<int>(at);
    readers[i] = i < down.input ? down.readersOf(i) : across.readersOf(i - down.input);
  });
  return {samples, samples + down.output, readers, readers + down.input};
}

// How much of an output sample an input sample gives.
CU_FN float shareOf(const LinearSample& sample, int own) {
  return (sample.low == own ? 1 - sample.weight : 0) + (sample.high == own ? sample.weight : 0);
}

template <typename T, int WIDTH>
void interpolate(Form<T, WIDTH> form, const ResizeInts& p, const float* xData, float* yData) {
  const T* x = form.of(xData);
  T* y = form.of(yData);
  const Tables tables = tablesOf(p, Sampling::kLinear, false);
  const Map map = mapOf(p);
  const MapVectors<WIDTH> vectors(outMapOf(p));
  forEach(vectors.count(), [=] __device__(int64_t i) {
    const MapPlace at = vectors.placeOf(i);
    const LinearSample v = tables.rows[at.row], h = tables.columns[at.column];
    const auto pixel = [&](int row, int column) { return load<WIDTH>(x + map.offsetOf(at.image, row, column, at.channel)); };
    const auto topLeft = pixel(v.low, h.low), topRight = pixel(v.low, h.high);
    const auto bottomLeft = pixel(v.high, h.low), bottomRight = pixel(v.high, h.high);
    const float a = (1 - v.weight) * (1 - h.weight), b = (1 - v.weight) * h.weight;
    const float c = v.weight * (1 - h.weight), d = v.weight * h.weight;
    Vector<float, WIDTH> sum;
    CU_UNROLL
    for (int k = 0; k < WIDTH; k++) sum[k] = a * topLeft[k] + b * topRight[k] + c * bottomLeft[k] + d * bottomRight[k];
    store(y + i * WIDTH, sum);
  });
}

template <typename T, int WIDTH>
void collect(Form<T, WIDTH> form, const ResizeInts& p, Sampling sampling, const float* dyData, float* dxData) {
  const T* dy = form.of(dyData);
  T* dx = form.of(dxData);
  const Tables tables = tablesOf(p, sampling, true);
  const Map out = outMapOf(p);
  const MapVectors<WIDTH> vectors(mapOf(p));
  forEach(vectors.count(), [=] __device__(int64_t element) {
    const MapPlace at = vectors.placeOf(element);
    const Axis::Readers rows = tables.rowReaders[at.row], columns = tables.columnReaders[at.column];
    auto sum = filled<WIDTH>(0.0f);
    for (int i = rows.first; i < rows.last; i++) {
      const float rowShare = shareOf(tables.rows[i], at.row);
      if (rowShare == 0) continue;
      for (int j = columns.first; j < columns.last; j++) {
        const float share = rowShare * shareOf(tables.columns[j], at.column);
        if (share == 0) continue;
        const auto slopes = load<WIDTH>(dy + out.offsetOf(at.image, i, j, at.channel));
        CU_UNROLL
        for (int k = 0; k < WIDTH; k++) sum[k] += share * slopes[k];
      }
    }
    store(dx + element * WIDTH, sum);
  });
}

template <typename T, int WIDTH>
void repeatNearest(Form<T, WIDTH> form, const ResizeInts& p, const void* xData, void* yData) {
  const T* x = form.of(xData);
  T* y = form.of(yData);
  const Tables tables = tablesOf(p, Sampling::kNearest, false);
  const Map map = mapOf(p);
  const MapVectors<WIDTH> vectors(outMapOf(p));
  forEach(vectors.count(), [=] __device__(int64_t i) {
    const MapPlace at = vectors.placeOf(i);
    const int row = tables.rows[at.row].low, column = tables.columns[at.column].low;
    store(y + i * WIDTH, load<WIDTH>(x + map.offsetOf(at.image, row, column, at.channel)));
  });
}

}  // namespace

void resizeBilinear(const ResizeInts& p, const float* x, float* y) {
  inVectors(0, p.channels, [&](auto form) { interpolate(form, p, x, y); });
}

void resizeBilinearGrad(const ResizeInts& p, const float* dy, float* dx) {
  inVectors(0, p.channels, [&](auto form) { collect(form, p, Sampling::kLinear, dy, dx); });
}

void resizeNearest(const ResizeInts& p, const void* x, void* y) {
  const auto repeat = [&](auto form) { repeatNearest(form, p, x, y); };
  if (cuda::narrow(0)) return inVectorsOf<uint16_t>(p.channels, repeat);
  inVectorsOf<uint32_t>(p.channels, repeat);
}

void resizeNearestGrad(const ResizeInts& p, const float* dy, float* dx) {
  inVectors(0, p.channels, [&](auto form) { collect(form, p, Sampling::kNearest, dy, dx); });
}

}  // namespace limbeck::kernels
