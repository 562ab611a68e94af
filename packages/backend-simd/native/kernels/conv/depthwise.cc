#include "depthwise.h"

#include <algorithm>

#include "device/parallel.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

constexpr int64_t kGrain = 1 << 14;  // products for which another thread is worth its while

// The taps h (or w) with 0 ≤ start + tap · dilation < length: first and one past the last.
struct TapRange {
  int begin, end;
};
TapRange tapsInside(int start, int dilation, int taps, int length) {
  const int begin = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
  const int end = start >= length ? 0 : (length - 1 - start) / dilation + 1;
  return {std::min(begin, taps), std::clamp(end, std::min(begin, taps), taps)};
}

// Calls visit(output pixel, tap, input pixel) for every tap of an output row that lies inside the map.
template <typename Visit>
inline void eachTap(const ConvInts& p, int64_t outRow, const Visit& visit) {
  const int64_t image = outRow / p.outHeight;
  const int top = static_cast<int>(outRow % p.outHeight) * p.strideHeight - p.padTop;
  const TapRange rows = tapsInside(top, p.dilationHeight, p.filterHeight, p.height);
  for (int j = 0; j < p.outWidth; j++) {
    const int left = j * p.strideWidth - p.padLeft;
    const TapRange columns = tapsInside(left, p.dilationWidth, p.filterWidth, p.width);
    for (int h = rows.begin; h < rows.end; h++) {
      const int64_t inRow = (image * p.height + top + h * p.dilationHeight) * p.width;
      for (int w = columns.begin; w < columns.end; w++) {
        visit(outRow * p.outWidth + j, h * p.filterWidth + w, inRow + left + w * p.dilationWidth);
      }
    }
  }
}

int64_t rowsFor(const ConvInts& p) {
  return std::max<int64_t>(1, kGrain / (static_cast<int64_t>(p.outWidth) * p.filterHeight * p.filterWidth * p.inChannels + 1));
}

}  // namespace

void depthwise(const ConvInts& p, const float* x, const float* filter, const float* bias, float* y) {
  const int channels = p.inChannels;
  parallelFor(static_cast<int64_t>(p.batch) * p.outHeight, rowsFor(p), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      for (int64_t pixel = row * p.outWidth; pixel < (row + 1) * p.outWidth; pixel++) {
        float* to = y + pixel * channels;
        for (int c = 0; c < channels; c++) to[c] = bias ? bias[c] : 0.0f;
      }
      eachTap(p, row, [&](int64_t outPixel, int tap, int64_t inPixel) {
        const float* from = x + inPixel * channels;
        const float* weights = filter + static_cast<int64_t>(tap) * channels;
        float* to = y + outPixel * channels;
        for (int c = 0; c < channels; c++) to[c] += from[c] * weights[c];
      });
    }
  });
}

// One image a thread: rows of the output meet in rows of the input.
void depthwiseGradInput(const ConvInts& p, const float* dy, const float* filter, float* dx) {
  const int channels = p.inChannels;
  const int64_t image = static_cast<int64_t>(p.height) * p.width * channels;
  parallelFor(p.batch, 1, [&](int64_t begin, int64_t end) {
    std::fill(dx + begin * image, dx + end * image, 0.0f);
    for (int64_t row = begin * p.outHeight; row < end * p.outHeight; row++) {
      eachTap(p, row, [&](int64_t outPixel, int tap, int64_t inPixel) {
        const float* from = dy + outPixel * channels;
        const float* weights = filter + static_cast<int64_t>(tap) * channels;
        float* to = dx + inPixel * channels;
        for (int c = 0; c < channels; c++) to[c] += from[c] * weights[c];
      });
    }
  });
}

// Each thread sums its share of the channels over all pixels.
void depthwiseGradFilter(const ConvInts& p, const float* x, const float* dy, float* dfilter) {
  const int channels = p.inChannels;
  std::fill(dfilter, dfilter + static_cast<int64_t>(p.filterHeight) * p.filterWidth * channels, 0.0f);
  constexpr int kLine = 16;  // floats of a cache line: threads do not share one
  const int64_t lines = (channels + kLine - 1) / kLine;
  parallelFor(lines, 1, [&](int64_t begin, int64_t end) {
    const int first = static_cast<int>(begin) * kLine, last = std::min<int>(channels, static_cast<int>(end) * kLine);
    for (int64_t row = 0; row < static_cast<int64_t>(p.batch) * p.outHeight; row++) {
      eachTap(p, row, [&](int64_t outPixel, int tap, int64_t inPixel) {
        const float* from = x + inPixel * channels;
        const float* slopes = dy + outPixel * channels;
        float* to = dfilter + static_cast<int64_t>(tap) * channels;
        for (int c = first; c < last; c++) to[c] += from[c] * slopes[c];
      });
    }
  });
}

}  // namespace limbeck::LIMBECK_TARGET
