#include <algorithm>
#include <numeric>
#include <vector>

#include "conv-operands.h"
#include "depthwise.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

// The taps of one axis that the input places start, start + stride, … meet: every period-th from the first on. Output
// place o of tap t is (place + pad − t · dilation) / stride.
struct MetTaps {
  int first, period, count;
  int firstOutput;   // that the first place meets by the first tap
  int outputStep;    // from one tap to the next; negative
};

MetTaps metTaps(int start, int pad, int stride, int dilation, int taps) {
  const int period = stride / std::gcd(stride, dilation);
  for (int tap = 0; tap < std::min(period, taps); tap++) {
    const int64_t reach = int64_t{start} + pad - int64_t{tap} * dilation;
    if (reach % stride == 0) {
      return {tap, period, (taps - tap + period - 1) / period, static_cast<int>(reach / stride),
              static_cast<int>(-(int64_t{period} * dilation / stride))};
    }
  }
  return {0, 1, 0, 0, 0};
}

}  // namespace

// Input pixels fall into strideHeight · strideWidth classes, of which each meets taps of its own; a class is a
// convolution of dy with those taps, written to every stride-th pixel. A class that meets no tap gets zeros.
void conv2dGradInput(const ConvInts& p, const float* dy, const float* filter, float* dx) {
  using namespace cuda;
  const int depth = p.inChannels / p.groups, columns = p.outChannels / p.groups;
  if (depth == 1 && columns == 1) return depthwiseGradInput(p, dy, filter, dx);
  const bool whole = p.strideHeight == 1 && p.strideWidth == 1;
  TapProduct product{};
  Given<WindowGeometry>& a = product.a;
  a.elements = elementsOf(0, dy, p.batch, p.outHeight, p.outWidth, p.outChannels);
  a.height = p.outHeight;
  a.width = p.outWidth;
  a.imagePitch = p.outHeight * p.outWidth * p.outChannels;
  a.rowPitch = p.outWidth * p.outChannels;
  a.pixelPitch = p.outChannels;
  a.stepHeight = a.stepWidth = 1;
  a.channels = Divisor(columns);
  Given<TapGeometry>& b = product.b;
  b.elements = elementsOf(1, filter, p.filterHeight, p.filterWidth, depth, p.outChannels);
  b.columns = product.columns = depth;
  b.pitch = p.outChannels;
  b.channels = Divisor(columns);
  product.groups = p.groups;
  product.aGroup = columns;
  product.bGroup = columns;
  product.outGroup = depth;
  const int tapPitch = depth * p.outChannels;
  std::vector<TapProduct> classes;

  for (int top = 0; top < std::min(p.strideHeight, p.height); top++) {
    const MetTaps rows = metTaps(top, p.padTop, p.strideHeight, p.dilationHeight, p.filterHeight);
    const int height = (p.height - top + p.strideHeight - 1) / p.strideHeight;
    for (int left = 0; left < std::min(p.strideWidth, p.width); left++) {
      const MetTaps lines = metTaps(left, p.padLeft, p.strideWidth, p.dilationWidth, p.filterWidth);
      const int width = (p.width - left + p.strideWidth - 1) / p.strideWidth;
      a.firstRow = rows.firstOutput;
      a.firstColumn = lines.firstOutput;
      a.tapHeight = rows.outputStep;
      a.tapWidth = lines.outputStep;
      a.outHeight = Divisor(height);
      a.outWidth = Divisor(width);
      a.tapColumns = b.tapColumns = Divisor(lines.count);
      a.pixels = product.rows = p.batch * height * width;
      a.window = b.window = product.depth = rows.count * lines.count * columns;
      b.firstTap = (rows.first * p.filterWidth + lines.first) * tapPitch;
      b.tapRowPitch = rows.period * p.filterWidth * tapPitch;
      b.tapColumnPitch = lines.period * tapPitch;
      Output& out = product.out = outputOf(2, dx, p.batch, p.height, p.width, p.inChannels);
      out.first = (static_cast<unsigned>(top) * p.width + left) * p.inChannels;
      out.rowPitch *= p.strideHeight;
      out.pixelPitch *= p.strideWidth;
      out.outHeight = a.outHeight;
      out.outWidth = a.outWidth;
      out.whole = whole;
      classes.push_back(product);
    }
  }
  multiplyTaps(classes);
}

}  // namespace limbeck::kernels
