// An index space of several axes, whose operands move on by strides of their own.
#pragma once

#include "cu.h"
#include "divisor.h"
#include "limbeck/params.h"

namespace limbeck::kernels {

// Tensors have fewer than 2^31 elements: 32 bits hold every offset.
template <int Operands>
class Strided {
 public:
  // WIDTH neighbours along the last axis are one element of the space.
  template <typename... Strides>
  Strided(int width, int rank, const int32_t* lengths, const Strides*... strides) : last_(rank - 1) {
    const int32_t* of[] = {strides...};
    count_ = 1;
    for (int axis = 0; axis < rank; axis++) {
      const int neighbours = axis == last_ ? width : 1;
      lengths_[axis] = cuda::Divisor(lengths[axis] / neighbours);
      count_ *= lengths[axis] / neighbours;
      for (int k = 0; k < Operands; k++) strides_[k][axis] = of[k][axis] * neighbours;
    }
  }

  int64_t count() const { return count_; }

  // Where element `i`, row-major, lies in each operand.
  CU_FN void locate(int64_t i, int (&offsets)[Operands]) const {
    CU_UNROLL
    for (int k = 0; k < Operands; k++) offsets[k] = 0;
    unsigned rest = static_cast<unsigned>(i);
    for (int axis = last_; axis > 0; axis--) {
      const auto [above, index] = lengths_[axis].divide(rest);
      rest = above;
      CU_UNROLL
      for (int k = 0; k < Operands; k++) offsets[k] += static_cast<int>(index) * strides_[k][axis];
    }
    CU_UNROLL
    for (int k = 0; k < Operands; k++) offsets[k] += static_cast<int>(rest) * strides_[k][0];
  }

  // Whether an operand has one value for all neighbours along the last axis.
  CU_FN bool isRepeated(int operand) const { return strides_[operand][last_] == 0; }

 private:
  int last_;
  int64_t count_;
  cuda::Divisor lengths_[kMaxRank];
  int32_t strides_[Operands][kMaxRank];
};

// Whether `width` neighbours along the last axis are one access, for every element of the space.
inline bool liesInVectors(int width, int rank, const int32_t* lengths, const int32_t* strides, int offset = 0) {
  for (int axis = 0; axis < rank - 1; axis++) {
    if (strides[axis] % width != 0) return false;
  }
  return lengths[rank - 1] % width == 0 && strides[rank - 1] == 1 && offset % width == 0;
}

// The same, or one value for all of them.
inline bool liesInVectorsOrRepeats(int width, int rank, const int32_t* lengths, const int32_t* strides) {
  return (lengths[rank - 1] % width == 0 && strides[rank - 1] == 0) || liesInVectors(width, rank, lengths, strides);
}

}  // namespace limbeck::kernels
