// An index space of several axes, whose operands move on by strides of their own.
#pragma once

#include "cu.h"
#include "limbeck/params.h"

namespace limbeck::kernels {

template <int Operands>
struct Strided {
  int rank;
  uint32_t shape[kMaxRank];
  int32_t strides[Operands][kMaxRank];

  template <typename... Strides>
  Strided(int rank, const int32_t* lengths, const Strides*... steps) : rank(rank) {
    const int32_t* of[] = {steps...};
    for (int axis = 0; axis < rank; axis++) {
      shape[axis] = static_cast<uint32_t>(lengths[axis]);
      for (int k = 0; k < Operands; k++) strides[k][axis] = of[k][axis];
    }
  }

  int64_t count() const {
    int64_t product = 1;
    for (int axis = 0; axis < rank; axis++) product *= shape[axis];
    return product;
  }

  // Where element `i`, row-major, lies in each operand.
  CU_FN void locate(int64_t i, int64_t (&offsets)[Operands]) const {
    CU_UNROLL
    for (int k = 0; k < Operands; k++) offsets[k] = 0;
    uint32_t rest = static_cast<uint32_t>(i);
    for (int axis = rank - 1; axis > 0; axis--) {
      const uint32_t index = rest % shape[axis];
      rest /= shape[axis];
      CU_UNROLL
      for (int k = 0; k < Operands; k++) offsets[k] += static_cast<int64_t>(index) * strides[k][axis];
    }
    CU_UNROLL
    for (int k = 0; k < Operands; k++) offsets[k] += static_cast<int64_t>(rest) * strides[k][0];
  }
};

}  // namespace limbeck::kernels
