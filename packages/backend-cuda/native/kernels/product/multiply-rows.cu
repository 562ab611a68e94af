#include "fp32-product.h"
#include "narrow.h"
#include "tensor-product.h"

namespace limbeck::cuda {

namespace {

// The second matrix is turned, so that both are read along the depth.
template <class Operands>
bool onTensorCores(const RowProduct& p) {
  using T = typename Operands::Element;
  const Run run = runOf<T>(p.a.channels.value());
  if (!worthPadding(run, p.groups, p.a.elements)) return false;
  const int depth = run.scaled(p.depth);
  TapGeometry columns{};
  columns.columns = p.columns;
  columns.window = columns.pitch = depth;
  columns.channels = Divisor(depth);
  tensorProduct<Operands>({{padded(p.a, run), laid<T>(p.a.elements, run)},
                           {columns, columnsOf<T>(p.b, p.groups, p.bGroup, run)},
                           p.out, p.rows, p.columns, depth, p.groups, run.scaled(p.aGroup), int64_t{p.columns} * depth,
                           p.outGroup, p.biasGroup});
  return true;
}

}  // namespace

void multiplyRows(const RowProduct& p) {
  if (precision() == Precision::kBf16 && onTensorCores<Bf16Operands>(p)) return;
  if (precision() == Precision::kTf32 && onTensorCores<Tf32Operands>(p)) return;
  const FloatOutput out(p.out);
  fp32Multiply(out.of(typed<GatheredMap<float, true>, RowMatrix<float>>(p, laid<float>(p.a.elements), laid<float>(p.b.elements))));
  out.finish();
}

}  // namespace limbeck::cuda
