// Everything that multiplies and adds is one product: convolutions, their gradients, and plain matrices. A product names
// its operands; the kernels differ in how they fetch and multiply tiles.
#pragma once

#include <cstdint>
#include <vector>

#include "operand.h"

namespace limbeck::cuda {

// Where the rows of a product go, and what is added to them.
struct Output {
  void* y;  // float, or bfloat16 where `narrow`
  bool narrow;
  const float* bias;  // [columns] of each group, or null
  unsigned first;     // where the first row begins
  int imagePitch, rowPitch, pixelPitch;
  Divisor outHeight, outWidth;
  unsigned count;  // elements of the whole tensor
  bool whole;      // whether the product fills it
  // Rows come in runs, of which only the first so many are written: the others are padding.
  Divisor run;
  int kept = 1;

  // Whether rows may be written `length` elements at a time.
  template <typename T>
  LIMBECK_FN bool inVectors(int length) const {
    return aligned(static_cast<const T*>(y), length, first, imagePitch, rowPitch, pixelPitch);
  }

  CU_FN unsigned offset(unsigned row) const {
    const auto [line, j] = outWidth.divide(row);
    const auto [image, i] = outHeight.divide(line);
    return first + image * imagePitch + i * rowPitch + j * pixelPitch;
  }

  struct Row {
    unsigned offset;
    bool written;
  };
  CU_FN Row find(unsigned row) const {
    const auto [number, place] = run.divide(row);
    const bool written = place < static_cast<unsigned>(kept);
    return {written ? offset(number * kept + place) : 0, written};
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
    return a.inVectors(4) && b.inVectors(4) && out.inVectors<float>(4) && columns % 4 == 0 && aGroup % 4 == 0 &&
           bGroup % 4 == 0 && outGroup % 4 == 0 && (!out.bias || aligned(out.bias, 4, biasGroup));
  }
};

using RowProduct = Product<Given<WindowGeometry>, Given<RowGeometry>>;
using TapProduct = Product<Given<WindowGeometry>, Given<TapGeometry>>;

// In the precision that the device is asked for, where the tensor cores gain by it.
//
// Convolutions, and matrices as they are: the sum goes over the windows.
void multiplyRows(const RowProduct&);
// Filter gradients, and products with a transposed first matrix: over the pixels.
void multiplyOuter(const RowProduct&);
// Input gradients, and products with a transposed second matrix: several that share the elements of both operands and the
// output, each with a geometry of its own.
void multiplyTaps(const std::vector<TapProduct>&);

}  // namespace limbeck::cuda
