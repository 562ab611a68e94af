// Operands as the tensor cores take them, in memory of the launch.
#pragma once

#include <cstdint>

#include "operand.h"
#include "tensor-tile.h"

namespace limbeck::cuda {

// All elements of an operand as T: bfloat16 rounded, half to even; float as they are (tf32 is rounded when it is used).
template <typename T>
const T* narrowed(const float* from, unsigned count);

// The columns of each group's matrix one after the other: [groups, columns, depth].
template <typename T>
const T* columnsOf(const RowMatrix<float>& matrix, int groups, int64_t groupStep);

}  // namespace limbeck::cuda
