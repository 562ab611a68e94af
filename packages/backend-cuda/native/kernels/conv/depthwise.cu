#include "depthwise.h"

#include <algorithm>

#include "cu.h"
#include "divisor.h"
#include "kernels/map-place.h"
#include "storage.h"

namespace limbeck::cuda {

namespace {

using kernels::Map;
using kernels::MapPlace;
using MapElements = kernels::MapVectors<1>;

constexpr int kLanes = 32, kLines = 8;  // channels side by side, and pixels that are summed at once

// Sums of one tap over some output pixels: parts [splits, taps, channels].
template <typename X, typename Dy>
__global__ void __launch_bounds__(kLanes* kLines)
    depthwiseFilterParts(const ConvInts p, const Divisor outHeight, const Divisor outWidth, const X* x, const Dy* dy,
                         int pixels, int partPixels, float* parts) {
  CU_SHARED(float, sums, [kLines][kLanes]);
  const int tap = blockIdx.y, tapRow = tap / p.filterWidth * p.dilationHeight - p.padTop,
            tapColumn = tap % p.filterWidth * p.dilationWidth - p.padLeft;
  const int channel = blockIdx.x * kLanes + threadIdx.x;
  const int begin = blockIdx.z * partPixels, end = min(pixels, begin + partPixels);
  float sum = 0;
  if (channel < p.inChannels) {
    for (int pixel = begin + static_cast<int>(threadIdx.y); pixel < end; pixel += kLines) {
      const auto [line, j] = outWidth.divide(pixel);
      const auto [image, i] = outHeight.divide(line);
      const int row = static_cast<int>(i) * p.strideHeight + tapRow;
      const int column = static_cast<int>(j) * p.strideWidth + tapColumn;
      if (row < 0 || row >= p.height || column < 0 || column >= p.width) continue;
      const int64_t from = (static_cast<int64_t>(image) * p.height + row) * p.width + column;
      sum += load(x, from * p.inChannels + channel) * load(dy, static_cast<int64_t>(pixel) * p.inChannels + channel);
    }
  }
  sums[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y > 0 || channel >= p.inChannels) return;
  sum = 0;
  CU_UNROLL
  for (int line = 0; line < kLines; line++) sum += sums[line][threadIdx.x];
  parts[(static_cast<int64_t>(blockIdx.z) * gridDim.y + tap) * p.inChannels + channel] = sum;
}

template <typename X, typename Y>
void convolve(const ConvInts& p, const X* x, const float* filter, const float* bias, Y* y) {
  const Map map{p.batch, p.height, p.width, p.inChannels};
  const MapElements out({p.batch, p.outHeight, p.outWidth, p.outChannels});
  forEach(out.count(), [=] __device__(int64_t i) {
    const MapPlace place = out.placeOf(i);
    const int top = place.row * p.strideHeight - p.padTop, left = place.column * p.strideWidth - p.padLeft;
    float sum = bias ? bias[place.channel] : 0.0f;
    for (int h = 0; h < p.filterHeight; h++) {
      const int row = top + h * p.dilationHeight;
      if (row < 0 || row >= p.height) continue;
      for (int w = 0; w < p.filterWidth; w++) {
        const int column = left + w * p.dilationWidth;
        if (column < 0 || column >= p.width) continue;
        sum += load(x, map.offsetOf(place.image, row, column, place.channel)) *
               filter[(h * p.filterWidth + w) * p.inChannels + place.channel];
      }
    }
    store(y, i, sum);
  });
}

template <typename Dy, typename Dx>
void gradientOfInput(const ConvInts& p, const Dy* dy, const float* filter, Dx* dx) {
  const Map out{p.batch, p.outHeight, p.outWidth, p.outChannels};
  const MapElements in({p.batch, p.height, p.width, p.inChannels});
  const Divisor strideHeight(p.strideHeight), strideWidth(p.strideWidth);
  forEach(in.count(), [=] __device__(int64_t i) {
    const MapPlace place = in.placeOf(i);
    float sum = 0;
    for (int h = 0; h < p.filterHeight; h++) {
      const int down = place.row + p.padTop - h * p.dilationHeight;
      if (down < 0) break;  // and so are those of the taps below
      const auto [row, rowRest] = strideHeight.divide(down);
      if (rowRest != 0 || row >= static_cast<unsigned>(p.outHeight)) continue;
      for (int w = 0; w < p.filterWidth; w++) {
        const int right = place.column + p.padLeft - w * p.dilationWidth;
        if (right < 0) break;
        const auto [column, columnRest] = strideWidth.divide(right);
        if (columnRest != 0 || column >= static_cast<unsigned>(p.outWidth)) continue;
        const int from = out.offsetOf(place.image, static_cast<int>(row), static_cast<int>(column), place.channel);
        sum += load(dy, from) * filter[(h * p.filterWidth + w) * p.inChannels + place.channel];
      }
    }
    store(dx, i, sum);
  });
}

// In two steps, for the same sum every time: parts of the pixels, then the parts in their order.
template <typename X, typename Dy>
void gradientOfFilter(const ConvInts& p, const X* x, const Dy* dy, float* dfilter) {
  constexpr int kBusyBlocks = 512, kLeastPixels = 256;
  const int taps = p.filterHeight * p.filterWidth, pixels = p.batch * p.outHeight * p.outWidth;
  const int channelBlocks = (p.inChannels + kLanes - 1) / kLanes;
  const int wanted = std::max(1, std::min(kBusyBlocks / (channelBlocks * taps), pixels / kLeastPixels));
  const int partPixels = std::max(1, (pixels + wanted - 1) / wanted);
  const int partCount = std::max(1, (pixels + partPixels - 1) / partPixels), size = taps * p.inChannels;
  float* parts = partCount > 1 ? scratchOf<float>(static_cast<size_t>(partCount) * size) : dfilter;
  CU_LAUNCH((depthwiseFilterParts<X, Dy>), dim3(channelBlocks, taps, partCount), dim3(kLanes, kLines), 0, p,
            Divisor(p.outHeight), Divisor(p.outWidth), x, dy, pixels, partPixels, parts);
  if (partCount == 1) return;
  forEach(size, [=] __device__(int64_t i) {
    float sum = 0;
    for (int part = 0; part < partCount; part++) sum += parts[int64_t{part} * size + i];
    dfilter[i] = sum;
  });
}

// Calls body with two buffers, as each is stored.
template <typename A, typename B, typename Body>
void withMaps(int aNumber, A* a, int bNumber, B* b, const Body& body) {
  withStored(aNumber, a, [&](auto* aStored) { withStored(bNumber, b, [&](auto* bStored) { body(aStored, bStored); }); });
}

}  // namespace

void depthwise(const ConvInts& p, const float* x, const float* filter, const float* bias, float* y) {
  withMaps(0, x, 3, y, [&](auto* from, auto* to) { convolve(p, from, filter, bias, to); });
}

void depthwiseGradInput(const ConvInts& p, const float* dy, const float* filter, float* dx) {
  withMaps(0, dy, 2, dx, [&](auto* from, auto* to) { gradientOfInput(p, from, filter, to); });
}

void depthwiseGradFilter(const ConvInts& p, const float* x, const float* dy, float* dfilter) {
  withMaps(0, x, 1, dy, [&](auto* map, auto* slopes) { gradientOfFilter(p, map, slopes, dfilter); });
}

}  // namespace limbeck::cuda
