#include "cu.h"
#include "kernels/map-place.h"
#include "limbeck/kernels.h"
#include "limbeck/sampling.h"

namespace limbeck::kernels {

namespace {

using cuda::forEach;

// How one axis is sampled.
struct Axis {
  int input, output;
  double scale;
  bool alignCorners, halfPixelCenters;

  CU_FN LinearSample linear(int i) const { return linearSample(i, input, scale, halfPixelCenters); }
  CU_FN int nearest(int i) const { return nearestSample(i, input, scale, alignCorners, halfPixelCenters); }

  // Output samples first…last-1, among which are all that may read an input sample, and few others.
  struct Readers {
    int first, last;
  };
  CU_FN Readers readersOf(int sample) const {
    if (!(scale > 0)) return {0, output};
    const double first = (sample - 1) / scale - 2, last = (sample + 2) / scale + 2;
    return {sample == 0 || first < 0 ? 0 : static_cast<int>(first),
            sample == input - 1 || last > output ? output : static_cast<int>(last)};
  }
};
Axis axisOf(int input, int output, const ResizeInts& p) {
  return {input, output, resizeScale(input, output, p.alignCorners), p.alignCorners != 0, p.halfPixelCenters != 0};
}

// How much of an output sample an input sample gives.
CU_FN float shareOf(const LinearSample& sample, int own) {
  return (sample.low == own ? 1 - sample.weight : 0) + (sample.high == own ? sample.weight : 0);
}

}  // namespace

void resizeBilinear(const ResizeInts& p, const float* x, float* y) {
  const Axis rows = axisOf(p.height, p.outHeight, p), columns = axisOf(p.width, p.outWidth, p);
  forEach(outElements(p), [=] __device__(int64_t i) {
    const MapPlace at = mapPlaceOf(i, p.outHeight, p.outWidth, p.channels);
    const LinearSample v = rows.linear(at.row), h = columns.linear(at.column);
    const float* image = x + static_cast<int64_t>(at.image) * p.height * p.width * p.channels + at.channel;
    const auto pixel = [&](int row, int column) { return image[(static_cast<int64_t>(row) * p.width + column) * p.channels]; };
    const float a = (1 - v.weight) * (1 - h.weight), b = (1 - v.weight) * h.weight;
    const float c = v.weight * (1 - h.weight), d = v.weight * h.weight;
    y[i] = a * pixel(v.low, h.low) + b * pixel(v.low, h.high) + c * pixel(v.high, h.low) + d * pixel(v.high, h.high);
  });
}

void resizeBilinearGrad(const ResizeInts& p, const float* dy, float* dx) {
  const Axis rows = axisOf(p.height, p.outHeight, p), columns = axisOf(p.width, p.outWidth, p);
  forEach(mapElements(p), [=] __device__(int64_t element) {
    const MapPlace at = mapPlaceOf(element, p.height, p.width, p.channels);
    const Axis::Readers rowReaders = rows.readersOf(at.row), columnReaders = columns.readersOf(at.column);
    const float* slopes = dy + static_cast<int64_t>(at.image) * p.outHeight * p.outWidth * p.channels + at.channel;
    float sum = 0;
    for (int i = rowReaders.first; i < rowReaders.last; i++) {
      const float rowShare = shareOf(rows.linear(i), at.row);
      if (rowShare == 0) continue;
      for (int j = columnReaders.first; j < columnReaders.last; j++) {
        const float share = rowShare * shareOf(columns.linear(j), at.column);
        if (share != 0) sum += share * slopes[(static_cast<int64_t>(i) * p.outWidth + j) * p.channels];
      }
    }
    dx[element] = sum;
  });
}

void resizeNearest(const ResizeInts& p, const void* xData, void* yData) {
  const Axis rows = axisOf(p.height, p.outHeight, p), columns = axisOf(p.width, p.outWidth, p);
  const uint32_t* x = static_cast<const uint32_t*>(xData);
  uint32_t* y = static_cast<uint32_t*>(yData);
  forEach(outElements(p), [=] __device__(int64_t i) {
    const MapPlace at = mapPlaceOf(i, p.outHeight, p.outWidth, p.channels);
    const int64_t row = static_cast<int64_t>(at.image) * p.height + rows.nearest(at.row);
    y[i] = x[(row * p.width + columns.nearest(at.column)) * p.channels + at.channel];
  });
}

void resizeNearestGrad(const ResizeInts& p, const float* dy, float* dx) {
  const Axis rows = axisOf(p.height, p.outHeight, p), columns = axisOf(p.width, p.outWidth, p);
  forEach(mapElements(p), [=] __device__(int64_t element) {
    const MapPlace at = mapPlaceOf(element, p.height, p.width, p.channels);
    const Axis::Readers rowReaders = rows.readersOf(at.row), columnReaders = columns.readersOf(at.column);
    const float* slopes = dy + static_cast<int64_t>(at.image) * p.outHeight * p.outWidth * p.channels + at.channel;
    float sum = 0;
    for (int i = rowReaders.first; i < rowReaders.last; i++) {
      if (rows.nearest(i) != at.row) continue;
      for (int j = columnReaders.first; j < columnReaders.last; j++) {
        if (columns.nearest(j) == at.column) sum += slopes[(static_cast<int64_t>(i) * p.outWidth + j) * p.channels];
      }
    }
    dx[element] = sum;
  });
}

}  // namespace limbeck::kernels
