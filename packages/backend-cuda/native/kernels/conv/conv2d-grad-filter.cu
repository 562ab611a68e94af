#include "conv-operands.h"
#include "depthwise.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

// dfilter [window, outChannels] is the windows' matrix, transposed, times dy; the sum goes over all output pixels.
void conv2dGradFilter(const ConvInts& p, const float* x, const float* dy, float* dfilter) {
  using namespace cuda;
  const int depth = p.inChannels / p.groups, columns = p.outChannels / p.groups;
  if (depth == 1 && columns == 1) return depthwiseGradFilter(p, x, dy, dfilter);
  RowProduct product{};
  product.a = windowsOf(p, x);
  product.rows = product.a.window;
  product.columns = columns;
  product.depth = product.a.pixels;
  product.b = {{product.depth, columns, p.outChannels}, elementsOf(1, dy, 1, 1, product.depth, p.outChannels)};
  product.out = outputOf(2, dfilter, 1, 1, product.rows, p.outChannels);
  product.groups = p.groups;
  product.aGroup = depth;
  product.bGroup = product.outGroup = columns;
  multiplyOuter(product);
}

}  // namespace limbeck::kernels
