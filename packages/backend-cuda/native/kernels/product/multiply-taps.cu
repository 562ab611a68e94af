#include "fp32-product.h"
#include "narrow.h"
#include "tensor-product.h"

namespace limbeck::cuda {

namespace {

template <class Operands>
bool onTensorCores(const std::vector<TapProduct>& parts) {
  using T = typename Operands::Element;
  const TapProduct& any = parts[0];
  const Run run = runOf<T>(any.a.channels.value());
  if (!worthPadding(run, any.groups, any.a.elements) || !worthPadding(run, any.groups, any.b.elements)) return false;
  const T* a = laid<T>(any.a.elements, run);
  const T* b = laid<T>(any.b.elements, run);
  for (const TapProduct& p : parts) {
    tensorProduct<Operands>({{padded(p.a, run), a}, {padded(p.b, run), b}, p.out, p.rows, p.columns, run.scaled(p.depth),
                             p.groups, run.scaled(p.aGroup), run.scaled(p.bGroup), p.outGroup, p.biasGroup});
  }
  return true;
}

}  // namespace

void multiplyTaps(const std::vector<TapProduct>& parts) {
  if (parts.empty()) return;
  if (precision() == Precision::kBf16 && onTensorCores<Bf16Operands>(parts)) return;
  if (precision() == Precision::kTf32 && onTensorCores<Tf32Operands>(parts)) return;
  const float* a = laid<float>(parts[0].a.elements);
  const float* b = laid<float>(parts[0].b.elements);
  const FloatOutput out(parts[0].out);
  for (const TapProduct& p : parts) fp32Multiply(out.of(typed<GatheredMap<float, true>, TapMatrix<float>>(p, a, b)));
  out.finish();
}

}  // namespace limbeck::cuda
