// ldmatrix and mma.sync with the fragment layouts of PTX, so that swizzles and fragment indices are really tested.
#pragma once

#include <cstdint>

#include "warp.h"

namespace cuemu {

// This warp's operands of the product that its lanes are about to meet for: A[16][depth], then B[8][depth].
float* matrixOperands();

inline const void* alignedRow(const void* row) {
  if (reinterpret_cast<uintptr_t>(row) & 15) fault("ldmatrix: a row is not 16-byte aligned");
  return row;
}

inline void loadMatrices(uint32_t (&fragment)[4], const void* address) {
  const void* row = alignedRow(address);
  const int slot = publish(~0u, &row, sizeof row), lane = thread->lane;
  for (int m = 0; m < 4; m++) {
    const uint32_t* words;
    look(slot, m * 8 + lane / 4, &words, sizeof words);
    fragment[m] = words[lane % 4];
  }
}

inline void loadMatricesTransposed(uint32_t (&fragment)[4], const void* address) {
  const void* row = alignedRow(address);
  const int slot = publish(~0u, &row, sizeof row), lane = thread->lane;
  for (int m = 0; m < 4; m++) {
    fragment[m] = 0;
    for (int half = 0; half < 2; half++) {
      const uint16_t* elements;
      look(slot, m * 8 + lane % 4 * 2 + half, &elements, sizeof elements);
      fragment[m] |= static_cast<uint32_t>(elements[lane / 4]) << half * 16;
    }
  }
}

// c += A·B of 16×depth and depth×8; operand(register, element) are this lane's, registers 0…3 of A and 4, 5 of B.
template <int depth, typename Operand>
void multiplyFragments(float (&c)[4], Operand operand) {
  constexpr int kElements = depth / 8;  // in a register
  const int lane = thread->lane, group = lane / 4, quad = lane % 4;
  float* const a = matrixOperands();
  float* const b = a + 16 * depth;
  for (int r = 0; r < 4; r++) {
    for (int e = 0; e < kElements; e++) {
      a[(group + (r & 1) * 8) * depth + quad * kElements + e + (r >> 1) * 4 * kElements] = operand(r, e);
    }
  }
  for (int r = 0; r < 2; r++) {
    for (int e = 0; e < kElements; e++) b[group * depth + quad * kElements + e + r * 4 * kElements] = operand(4 + r, e);
  }
  meetWarp(~0u);
  for (int i = 0; i < 4; i++) {
    const float* const row = a + (group + i / 2 * 8) * depth;
    const float* const column = b + (quad * 2 + i % 2) * depth;
    float sum = 0;
    for (int k = 0; k < depth; k++) sum += row[k] * column[k];
    c[i] += sum;
  }
}

}  // namespace cuemu
