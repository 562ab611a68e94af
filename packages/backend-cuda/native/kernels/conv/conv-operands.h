// Convolutions as products.
#pragma once

#include "kernels/product/product.h"
#include "limbeck/params.h"

namespace limbeck::cuda {

// A map [batch, height, width, channels] of which the launch says how it is stored.
inline Elements elementsOf(int buffer, const float* x, int batch, int height, int width, int channels) {
  return {x, static_cast<unsigned>(batch) * height * width * channels, narrow(buffer)};
}

// The windows of x, the launch's first buffer [batch, height, width, inChannels], that the output pixels read, of the
// first group.
inline Given<WindowGeometry> windowsOf(const ConvInts& p, const float* x) {
  const int depth = p.inChannels / p.groups;
  Given<WindowGeometry> map{};
  map.elements = elementsOf(0, x, p.batch, p.height, p.width, p.inChannels);
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

// A whole map likewise.
inline Output outputOf(int buffer, float* y, int batch, int height, int width, int channels) {
  Output out{};
  out.y = y;
  out.narrow = narrow(buffer);
  out.imagePitch = height * width * channels;
  out.rowPitch = width * channels;
  out.pixelPitch = channels;
  out.outHeight = Divisor(height);
  out.outWidth = Divisor(width);
  out.count = static_cast<unsigned>(batch) * height * width * channels;
  out.whole = true;
  return out;
}

}  // namespace limbeck::cuda
