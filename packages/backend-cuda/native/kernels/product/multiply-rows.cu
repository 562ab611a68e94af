#include "fp32-product.h"
#include "narrow.h"
#include "tensor-product.h"

namespace limbeck::cuda {

namespace {

// The second matrix is turned, so that both are read along the depth.
template <class Operands>
bool onTensorCores(const RowProduct& p) {
  using T = typename Operands::Element;
  constexpr int kLength = kChunk<T>;
  if (!p.a.inVectors(kLength) || p.aGroup % kLength != 0) return false;
  const T* columns = columnsOf<T>(p.b, p.groups, p.bGroup);
  TapGeometry geometry{};
  geometry.columns = p.columns;
  geometry.window = geometry.pitch = p.depth;
  geometry.channels = Divisor(p.depth);
  const unsigned count = static_cast<unsigned>(p.columns) * p.depth;
  tensorProduct<Operands>({{p.a, narrowed<T>(p.a.first, p.a.count), p.a.count},
                           {geometry, columns, count * p.groups},
                           p.out, p.rows, p.columns, p.depth, p.groups, p.aGroup, count, p.outGroup, p.biasGroup});
  return true;
}

}  // namespace

void multiply(const RowProduct& p) {
  if (precision() == Precision::kBf16 && onTensorCores<Bf16Operands>(p)) return;
  if (precision() == Precision::kTf32 && onTensorCores<Tf32Operands>(p)) return;
  fp32Multiply(p);
}

}  // namespace limbeck::cuda
