#include "fp32-product.h"
#include "narrow.h"
#include "tensor-product.h"

namespace limbeck::cuda {

namespace {

// The rows of the product are runs of channels, padded; those of the output are not.
template <class Operands>
bool onTensorCores(const RowProduct& p) {
  using T = typename Operands::Element;
  const Run rows = runOf<T>(p.a.channels.value()), columns = runOf<T>(p.b.columns);
  if (!worthPadding(rows, p.groups, p.a.elements) || !worthPadding(columns, p.groups, p.b.elements)) return false;
  Output out = p.out;
  out.run = Divisor(rows.padded);
  out.kept = rows.length;
  tensorOuterProduct<Operands>({{padded(p.a, rows), laid<T>(p.a.elements, rows)},
                                {padded(p.b, columns), laid<T>(p.b.elements, columns)},
                                out, rows.scaled(p.rows), p.columns, p.depth, p.groups, rows.scaled(p.aGroup),
                                columns.scaled(p.bGroup), p.outGroup, p.biasGroup});
  return true;
}

}  // namespace

void multiplyOuter(const RowProduct& p) {
  if (precision() == Precision::kBf16 && onTensorCores<Bf16Operands>(p)) return;
  if (precision() == Precision::kTf32 && onTensorCores<Tf32Operands>(p)) return;
  const FloatOutput out(p.out);
  fp32Multiply(out.of(typed<GatheredMap<float, false>, RowMatrix<float>>(p, laid<float>(p.a.elements), laid<float>(p.b.elements))));
  out.finish();
}

}  // namespace limbeck::cuda
