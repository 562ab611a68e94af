#include "cu.h"
#include "kernels/map-place.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::forEach;

// The taps of a window along one axis that lie in the map: begin…end-1, the first at `start + begin · dilation`.
struct Span {
  int start, begin, end, dilation;
  CU_FN int at(int tap) const { return start + tap * dilation; }
  CU_FN int count() const { return end - begin; }
};
CU_FN Span spanOf(int out, int stride, int pad, int taps, int dilation, int length) {
  const int start = out * stride - pad;
  const int begin = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
  const int end = start >= length ? 0 : min(taps, (length - 1 - start) / dilation + 1);
  return {start, begin, max(begin, end), dilation};
}
CU_FN Span rowsOf(const PoolInts& p, int out) {
  return spanOf(out, p.strideHeight, p.padTop, p.filterHeight, p.dilationHeight, p.height);
}
CU_FN Span columnsOf(const PoolInts& p, int out) {
  return spanOf(out, p.strideWidth, p.padLeft, p.filterWidth, p.dilationWidth, p.width);
}

// The window that reaches a place with one of its taps; −1 where none does.
CU_FN int windowAt(int place, int tap, int stride, int pad, int dilation, int windows) {
  const int start = place + pad - tap * dilation;
  if (start < 0 || start % stride != 0 || start / stride >= windows) return -1;
  return start / stride;
}

// Calls visit(element of the output) for every window that holds a place, in the order of the taps.
template <typename Visit>
CU_FN void eachWindowAround(const PoolInts& p, const MapPlace& at, const Visit& visit) {
  for (int h = 0; h < p.filterHeight; h++) {
    const int row = windowAt(at.row, h, p.strideHeight, p.padTop, p.dilationHeight, p.outHeight);
    if (row < 0) continue;
    for (int w = 0; w < p.filterWidth; w++) {
      const int column = windowAt(at.column, w, p.strideWidth, p.padLeft, p.dilationWidth, p.outWidth);
      if (column < 0) continue;
      visit(row, column,
            ((static_cast<int64_t>(at.image) * p.outHeight + row) * p.outWidth + column) * p.channels + at.channel);
    }
  }
}

}  // namespace

void avgPool(const PoolInts& p, const float* x, float* y) {
  forEach(outElements(p), [=] __device__(int64_t i) {
    const MapPlace at = mapPlaceOf(i, p.outHeight, p.outWidth, p.channels);
    const Span rows = rowsOf(p, at.row), columns = columnsOf(p, at.column);
    const float* image = x + static_cast<int64_t>(at.image) * p.height * p.width * p.channels + at.channel;
    float sum = 0;
    for (int h = rows.begin; h < rows.end; h++) {
      for (int w = columns.begin; w < columns.end; w++) {
        sum += image[(static_cast<int64_t>(rows.at(h)) * p.width + columns.at(w)) * p.channels];
      }
    }
    y[i] = sum / static_cast<float>(rows.count() * columns.count());
  });
}

void avgPoolGrad(const PoolInts& p, const float* dy, float* dx) {
  forEach(mapElements(p), [=] __device__(int64_t i) {
    float sum = 0;
    eachWindowAround(p, mapPlaceOf(i, p.height, p.width, p.channels), [&](int row, int column, int64_t out) {
      sum += dy[out] / static_cast<float>(rowsOf(p, row).count() * columnsOf(p, column).count());
    });
    dx[i] = sum;
  });
}

void maxPool(const PoolInts& p, const float* x, float* y, int32_t* index) {
  forEach(outElements(p), [=] __device__(int64_t i) {
    const MapPlace at = mapPlaceOf(i, p.outHeight, p.outWidth, p.channels);
    const Span rows = rowsOf(p, at.row), columns = columnsOf(p, at.column);
    const float* image = x + static_cast<int64_t>(at.image) * p.height * p.width * p.channels + at.channel;
    float best = -INFINITY;
    int32_t chosen = -1;
    for (int h = rows.begin; h < rows.end; h++) {
      for (int w = columns.begin; w < columns.end; w++) {
        const int32_t place = rows.at(h) * p.width + columns.at(w);
        const float value = image[static_cast<int64_t>(place) * p.channels];
        if (chosen < 0 || value > best || (value != value && best == best)) {
          best = value;
          chosen = place;
        }
      }
    }
    y[i] = best;
    if (index) index[i] = chosen;
  });
}

void maxPoolGrad(const PoolInts& p, const float* dy, const int32_t* index, float* dx) {
  forEach(mapElements(p), [=] __device__(int64_t i) {
    const MapPlace at = mapPlaceOf(i, p.height, p.width, p.channels);
    const int32_t own = at.row * p.width + at.column;
    float sum = 0;
    eachWindowAround(p, at, [&](int, int, int64_t out) {
      if (index[out] == own) sum += dy[out];
    });
    dx[i] = sum;
  });
}

}  // namespace limbeck::kernels
