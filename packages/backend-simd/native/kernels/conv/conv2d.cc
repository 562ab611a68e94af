#include <algorithm>
#include <cstring>

#include "depthwise.h"
#include "device/parallel.h"
#include "limbeck/kernels.h"
#include "tap-conv.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

MapSpan spanOf(int height, int width, int channels) {
  return {static_cast<ptrdiff_t>(height) * width * channels, static_cast<ptrdiff_t>(width) * channels, channels};
}

// Remainder in 0…divisor-1, also of negative numbers.
int positiveRemainder(int value, int divisor) { return (value % divisor + divisor) % divisor; }

}  // namespace

void conv2d(const ConvInts& p, const float* x, const float* filter, const float* bias, float* y) {
  const int depth = p.inChannels / p.groups, columns = p.outChannels / p.groups;
  if (depth == 1 && columns == 1) return depthwise(p, x, filter, bias, y);
  TapConv conv{};
  conv.batch = p.batch;
  conv.height = p.height;
  conv.width = p.width;
  conv.channels = depth;
  conv.xSpan = spanOf(p.height, p.width, p.inChannels);
  conv.outHeight = p.outHeight;
  conv.outWidth = p.outWidth;
  conv.columns = columns;
  conv.ySpan = spanOf(p.outHeight, p.outWidth, p.outChannels);
  conv.stepHeight = p.strideHeight;
  conv.stepWidth = p.strideWidth;
  conv.filterRow = p.outChannels;
  conv.filterColumn = 1;
  for (int group = 0; group < p.groups; group++) {
    conv.x = x + group * depth;
    conv.y = y + group * columns;
    conv.bias = bias ? bias + group * columns : nullptr;
    conv.taps.clear();
    for (int h = 0; h < p.filterHeight; h++) {
      for (int w = 0; w < p.filterWidth; w++) {
        const ptrdiff_t tap = static_cast<ptrdiff_t>(h) * p.filterWidth + w;
        conv.taps.push_back({h * p.dilationHeight - p.padTop, w * p.dilationWidth - p.padLeft,
                             filter + tap * depth * p.outChannels + group * columns});
      }
    }
    tapConv(conv);
  }
}

// Input pixels fall into strideHeight · strideWidth classes, of which each meets taps of its own; a class is a
// convolution of dy with the transposed filter, written to every stride-th pixel.
void conv2dGradInput(const ConvInts& p, const float* dy, const float* filter, float* dx) {
  const int depth = p.inChannels / p.groups, columns = p.outChannels / p.groups;
  if (depth == 1 && columns == 1) return depthwiseGradInput(p, dy, filter, dx);
  const MapSpan span = spanOf(p.height, p.width, p.inChannels);
  TapConv conv{};
  conv.batch = p.batch;
  conv.height = p.outHeight;
  conv.width = p.outWidth;
  conv.channels = columns;
  conv.xSpan = spanOf(p.outHeight, p.outWidth, p.outChannels);
  conv.columns = depth;
  conv.ySpan = {span.image, span.row * p.strideHeight, span.pixel * p.strideWidth};
  conv.stepHeight = conv.stepWidth = 1;
  conv.filterRow = 1;
  conv.filterColumn = p.outChannels;
  bool untouched = false;  // whether some class meets no tap
  for (int top = 0; top < p.strideHeight; top++) {
    for (int left = 0; left < p.strideWidth; left++) {
      bool meets = false;
      for (int h = 0; h < p.filterHeight; h++) {
        for (int w = 0; w < p.filterWidth; w++) {
          meets |= positiveRemainder(top + p.padTop - h * p.dilationHeight, p.strideHeight) == 0 &&
                   positiveRemainder(left + p.padLeft - w * p.dilationWidth, p.strideWidth) == 0;
        }
      }
      untouched |= !meets;
    }
  }
  if (untouched) std::fill(dx, dx + p.batch * span.image, 0.0f);

  for (int group = 0; group < p.groups; group++) {
    conv.x = dy + group * columns;
    for (int top = 0; top < std::min(p.strideHeight, p.height); top++) {
      for (int left = 0; left < std::min(p.strideWidth, p.width); left++) {
        conv.taps.clear();
        for (int h = 0; h < p.filterHeight; h++) {
          for (int w = 0; w < p.filterWidth; w++) {
            const int row = top + p.padTop - h * p.dilationHeight;
            const int column = left + p.padLeft - w * p.dilationWidth;
            if (positiveRemainder(row, p.strideHeight) || positiveRemainder(column, p.strideWidth)) continue;
            const ptrdiff_t tap = static_cast<ptrdiff_t>(h) * p.filterWidth + w;
            conv.taps.push_back({row / p.strideHeight, column / p.strideWidth,
                                 filter + tap * depth * p.outChannels + group * columns});
          }
        }
        if (conv.taps.empty()) continue;
        conv.y = dx + top * span.row + left * span.pixel + group * depth;
        conv.outHeight = (p.height - top + p.strideHeight - 1) / p.strideHeight;
        conv.outWidth = (p.width - left + p.strideWidth - 1) / p.strideWidth;
        tapConv(conv);
      }
    }
  }
}

}  // namespace limbeck::LIMBECK_TARGET
