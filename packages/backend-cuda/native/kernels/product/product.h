// Everything that multiplies and adds is one product: convolutions, their gradients, and plain matrices. A product names
// its operands; the kernels differ in how they fetch and multiply tiles.
#pragma once

#include <cstdint>
#include <vector>

#include "operand.h"

namespace limbeck::cuda {

// Where the rows of a product go, and what is added to them.
struct Output {
  float* y;
  const float* bias;  // [columns] of each group, or null
  int imagePitch, rowPitch, pixelPitch;
  Divisor outHeight, outWidth;
  unsigned count;  // elements of the whole tensor, which the product fills; 0 where it fills a part of it

  bool inVectors(int length) const { return aligned(y, length, imagePitch, rowPitch, pixelPitch); }

  CU_FN unsigned offset(unsigned row) const {
    const auto [line, j] = outWidth.divide(row);
    const auto [image, i] = outHeight.divide(line);
    return image * imagePitch + i * rowPitch + j * pixelPitch;
  }
};

// out = a · b for each group. Distances from group to group are in elements.
template <class A, class B>
struct Product {
  A a;
  B b;
  Output out;
  int rows, columns, depth;
  int groups;
  int64_t aGroup, bGroup, outGroup, biasGroup;

  // Whether operands and output may be read and written four floats at a time.
  bool inVectors() const {
    return a.inVectors(4) && b.inVectors(4) && out.inVectors(4) && columns % 4 == 0 && aGroup % 4 == 0 &&
           bGroup % 4 == 0 && outGroup % 4 == 0 && (!out.bias || aligned(out.bias, 4, biasGroup));
  }
};

// Convolutions, and matrices as they are.
using RowProduct = Product<GatheredMap<float, true>, RowMatrix<float>>;
// Input gradients, and products with a transposed second matrix.
using TapProduct = Product<GatheredMap<float, true>, TapMatrix<float>>;
// Filter gradients, and products with a transposed first matrix.
using OuterProduct = Product<GatheredMap<float, false>, RowMatrix<float>>;

// In the precision that the device is asked for, where the tensor cores' kernels suit the shape.
void multiply(const RowProduct&);
void multiply(const OuterProduct&);
// Several that share the elements of both operands, each with a geometry of its own.
void multiply(const std::vector<TapProduct>&);

}  // namespace limbeck::cuda
