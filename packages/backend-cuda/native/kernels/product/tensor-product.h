// Products on the tensor cores: operands in bfloat16 or tf32, sums in fp32. Both operands are read along the depth
// (tensorProduct), or both across it (tensorOuterProduct); elements come 16 bytes at a time, so operands must allow it.
#pragma once

#include "product.h"
#include "tensor-tile.h"

namespace limbeck::cuda {

template <class Operands>
void tensorProduct(const Product<GatheredMap<typename Operands::Element, true>, TapMatrix<typename Operands::Element>>&);

template <class Operands>
void tensorOuterProduct(
    const Product<GatheredMap<typename Operands::Element, false>, RowMatrix<typename Operands::Element>>&);

}  // namespace limbeck::cuda
