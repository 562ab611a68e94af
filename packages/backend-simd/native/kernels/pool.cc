#include <algorithm>
#include <limits>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/kernels.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

// The part of a window along one axis that lies in the map: taps begin…end-1, the first at `start + begin · dilation`.
struct Span {
  int start, begin, end, dilation;
  int at(int tap) const { return start + tap * dilation; }
  int count() const { return end - begin; }
};
Span spanOf(int out, int stride, int pad, int taps, int dilation, int length) {
  const int start = out * stride - pad;
  const int begin = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
  const int end = start >= length ? 0 : std::min(taps, (length - 1 - start) / dilation + 1);
  return {start, begin, std::max(begin, end), dilation};
}
Span rowsOf(const PoolInts& p, int64_t outRow) {
  return spanOf(static_cast<int>(outRow % p.outHeight), p.strideHeight, p.padTop, p.filterHeight, p.dilationHeight, p.height);
}
Span columnsOf(const PoolInts& p, int j) {
  return spanOf(j, p.strideWidth, p.padLeft, p.filterWidth, p.dilationWidth, p.width);
}

// Calls visit(output pixel, rows, columns, first pixel of the image) for output rows begin…end-1.
template <typename Visit>
void eachWindow(const PoolInts& p, int64_t begin, int64_t end, const Visit& visit) {
  for (int64_t row = begin; row < end; row++) {
    const Span rows = rowsOf(p, row);
    const int64_t image = row / p.outHeight * p.height * p.width;
    for (int j = 0; j < p.outWidth; j++) visit(row * p.outWidth + j, rows, columnsOf(p, j), image);
  }
}

// Output rows, shared out.
template <typename Visit>
void everyWindow(const PoolInts& p, const Visit& visit) {
  const int64_t cost = static_cast<int64_t>(p.outWidth) * p.channels * p.filterHeight * p.filterWidth;
  parallelFor(static_cast<int64_t>(p.batch) * p.outHeight, grainOf(cost),
              [&](int64_t begin, int64_t end) { eachWindow(p, begin, end, visit); });
}

// Whole images, shared out: windows of neighbouring rows meet in the map.
template <typename Visit>
void everyWindowByImage(const PoolInts& p, float* dx, const Visit& visit) {
  const int64_t size = static_cast<int64_t>(p.height) * p.width * p.channels;
  parallelFor(p.batch, grainOf(size), [&](int64_t begin, int64_t end) {
    std::fill(dx + begin * size, dx + end * size, 0.0f);
    eachWindow(p, begin * p.outHeight, end * p.outHeight, visit);
  });
}

// Replaces maxima that a pixel beats; a NaN beats any number, and nothing beats a NaN.
inline void takeLarger(const float* __restrict from, int32_t place, int channels, float* __restrict max,
                       int32_t* __restrict chosen) {
  for (int c = 0; c < channels; c++) {
    const bool better = (from[c] > max[c]) | ((from[c] != from[c]) & (max[c] == max[c]));
    max[c] = better ? from[c] : max[c];
    chosen[c] = better ? place : chosen[c];
  }
}

}  // namespace

void avgPool(const PoolInts& p, const float* x, float* y) {
  const int channels = p.channels;
  everyWindow(p, [&](int64_t pixel, const Span& rows, const Span& columns, int64_t image) {
    float* to = y + pixel * channels;
    std::fill(to, to + channels, 0.0f);
    for (int h = rows.begin; h < rows.end; h++) {
      for (int w = columns.begin; w < columns.end; w++) {
        const float* from = x + (image + static_cast<int64_t>(rows.at(h)) * p.width + columns.at(w)) * channels;
        for (int c = 0; c < channels; c++) to[c] += from[c];
      }
    }
    const float count = static_cast<float>(rows.count() * columns.count());
    for (int c = 0; c < channels; c++) to[c] /= count;
  });
}

void avgPoolGrad(const PoolInts& p, const float* dy, float* dx) {
  const int channels = p.channels;
  everyWindowByImage(p, dx, [&](int64_t pixel, const Span& rows, const Span& columns, int64_t image) {
    const float* from = dy + pixel * channels;
    const float count = static_cast<float>(rows.count() * columns.count());
    for (int h = rows.begin; h < rows.end; h++) {
      for (int w = columns.begin; w < columns.end; w++) {
        float* to = dx + (image + static_cast<int64_t>(rows.at(h)) * p.width + columns.at(w)) * channels;
        for (int c = 0; c < channels; c++) to[c] += from[c] / count;
      }
    }
  });
}

void maxPool(const PoolInts& p, const float* x, float* y, int32_t* index) {
  const int channels = p.channels;
  everyWindow(p, [&](int64_t pixel, const Span& rows, const Span& columns, int64_t image) {
    float* to = y + pixel * channels;
    int32_t* chosen = index ? index + pixel * channels : nullptr;
    if (rows.count() == 0 || columns.count() == 0) {
      std::fill(to, to + channels, -std::numeric_limits<float>::infinity());
      if (chosen) std::fill(chosen, chosen + channels, -1);
      return;
    }
    for (int h = rows.begin; h < rows.end; h++) {
      for (int w = columns.begin; w < columns.end; w++) {
        const int32_t place = rows.at(h) * p.width + columns.at(w);
        const float* from = x + (image + place) * channels;
        if (h == rows.begin && w == columns.begin) {
          std::copy(from, from + channels, to);
          if (chosen) std::fill(chosen, chosen + channels, place);
        } else if (chosen) {
          takeLarger(from, place, channels, to, chosen);
        } else {
          for (int c = 0; c < channels; c++) to[c] = from[c] > to[c] || from[c] != from[c] ? from[c] : to[c];
        }
      }
    }
  });
}

void maxPoolGrad(const PoolInts& p, const float* dy, const int32_t* index, float* dx) {
  const int channels = p.channels;
  everyWindowByImage(p, dx, [&](int64_t pixel, const Span& rows, const Span& columns, int64_t image) {
    const float* __restrict from = dy + pixel * channels;
    const int32_t* __restrict chosen = index + pixel * channels;
    // written are the window's places alone, whatever the indices say; and in vectors, which a scatter is not
    for (int h = rows.begin; h < rows.end; h++) {
      for (int w = columns.begin; w < columns.end; w++) {
        const int32_t place = rows.at(h) * p.width + columns.at(w);
        float* __restrict to = dx + (image + place) * channels;
        for (int c = 0; c < channels; c++) to[c] += chosen[c] == place ? from[c] : 0.0f;
      }
    }
  });
}

}  // namespace limbeck::LIMBECK_TARGET
