#include "conv-operands.h"
#include "depthwise.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

void conv2d(const ConvInts& p, const float* x, const float* filter, const float* bias, float* y) {
  using namespace cuda;
  const int depth = p.inChannels / p.groups, columns = p.outChannels / p.groups;
  if (depth == 1 && columns == 1) return depthwise(p, x, filter, bias, y);
  RowProduct product{};
  product.a = windowsOf(p, x);
  product.rows = product.a.pixels;
  product.columns = columns;
  product.depth = product.a.window;
  product.b = {{product.depth, columns, p.outChannels}, elementsOf(1, filter, 1, 1, product.depth, p.outChannels)};
  product.out = outputOf(3, y, p.batch, p.outHeight, p.outWidth, p.outChannels);
  product.out.bias = bias;
  product.groups = p.groups;
  product.aGroup = depth;
  product.bGroup = product.outGroup = product.biasGroup = columns;
  multiplyRows(product);
}

}  // namespace limbeck::kernels
