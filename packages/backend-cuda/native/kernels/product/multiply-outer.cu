#include "fp32-product.h"
#include "narrow.h"
#include "tensor-product.h"

namespace limbeck::cuda {

namespace {

template <class Operands>
bool onTensorCores(const OuterProduct& p) {
  using T = typename Operands::Element;
  constexpr int kLength = kChunk<T>;
  if (!p.a.inVectors(kLength) || !p.b.inVectors(kLength) || p.aGroup % kLength != 0 || p.bGroup % kLength != 0) return false;
  tensorOuterProduct<Operands>(
      {{p.a, narrowed<T>(p.a.first, p.a.count), p.a.count},
       {narrowed<T>(p.b.first, p.b.count), p.b.count, p.b.depth, p.b.columns, p.b.pitch},
       p.out, p.rows, p.columns, p.depth, p.groups, p.aGroup, p.bGroup, p.outGroup, p.biasGroup});
  return true;
}

}  // namespace

void multiply(const OuterProduct& p) {
  if (precision() == Precision::kBf16 && onTensorCores<Bf16Operands>(p)) return;
  if (precision() == Precision::kTf32 && onTensorCores<Tf32Operands>(p)) return;
  fp32Multiply(p);
}

}  // namespace limbeck::cuda
