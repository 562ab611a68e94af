// Convolutions as products.
#pragma once

#include "kernels/product/product.h"
#include "limbeck/params.h"

namespace limbeck::cuda {

// The windows of x [batch, height, width, inChannels] that the output pixels read, of the first group.
template <bool depthInner>
GatheredMap<float, depthInner> windowsOf(const ConvInts& p, const float* x) {
  const int depth = p.inChannels / p.groups;
  GatheredMap<float, depthInner> map{};
  map.first = x;
  map.count = static_cast<unsigned>(p.batch) * p.height * p.width * p.inChannels;
  map.height = p.height;
  map.width = p.width;
  map.imagePitch = p.height * p.width * p.inChannels;
  map.rowPitch = p.width * p.inChannels;
  map.pixelPitch = p.inChannels;
  map.firstRow = -p.padTop;
  map.firstColumn = -p.padLeft;
  map.stepHeight = p.strideHeight;
  map.stepWidth = p.strideWidth;
  map.tapHeight = p.dilationHeight;
  map.tapWidth = p.dilationWidth;
  map.pixels = p.batch * p.outHeight * p.outWidth;
  map.window = p.filterHeight * p.filterWidth * depth;
  map.outHeight = Divisor(p.outHeight);
  map.outWidth = Divisor(p.outWidth);
  map.channels = Divisor(depth);
  map.tapColumns = Divisor(p.filterWidth);
  return map;
}

// A whole map [batch, height, width, channels].
inline Output outputOf(float* y, int batch, int height, int width, int channels) {
  return {y,
          nullptr,
          height * width * channels,
          width * channels,
          channels,
          Divisor(height),
          Divisor(width),
          static_cast<unsigned>(batch) * height * width * channels};
}

}  // namespace limbeck::cuda
