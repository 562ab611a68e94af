#include "fp32-product.h"
#include "narrow.h"
#include "tensor-product.h"

namespace limbeck::cuda {

namespace {

template <typename T>
bool suits(const TapProduct& p) {
  return p.a.inVectors(kChunk<T>) && p.b.inVectors(kChunk<T>) && p.aGroup % kChunk<T> == 0 && p.bGroup % kChunk<T> == 0;
}

template <class Operands>
bool onTensorCores(const std::vector<TapProduct>& parts) {
  using T = typename Operands::Element;
  for (const TapProduct& p : parts) {
    if (!suits<T>(p)) return false;
  }
  const T* a = narrowed<T>(parts[0].a.first, parts[0].a.count);
  const T* b = narrowed<T>(parts[0].b.first, parts[0].b.count);
  for (const TapProduct& p : parts) {
    tensorProduct<Operands>({{p.a, a, p.a.count}, {p.b, b, p.b.count}, p.out, p.rows, p.columns, p.depth, p.groups,
                             p.aGroup, p.bGroup, p.outGroup, p.biasGroup});
  }
  return true;
}

}  // namespace

void multiply(const std::vector<TapProduct>& parts) {
  if (parts.empty()) return;
  if (precision() == Precision::kBf16 && onTensorCores<Bf16Operands>(parts)) return;
  if (precision() == Precision::kTf32 && onTensorCores<Tf32Operands>(parts)) return;
  for (const TapProduct& p : parts) fp32Multiply(p);
}

}  // namespace limbeck::cuda
