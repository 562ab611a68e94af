#include "narrow.h"

#include <algorithm>

namespace limbeck::cuda {

namespace {

CU_FN void put(float& to, float value) { to = value; }
CU_FN void put(uint16_t& to, float value) { to = toBf16(value); }

constexpr int kSide = 32, kLines = 8;  // of the square that a block turns, and of its threads

template <typename T>
__global__ void __launch_bounds__(kSide* kLines)
    turn(const float* from, int64_t groupStep, int depth, int columns, int pitch, T* to, int firstGroup) {
  CU_SHARED(float, square, [kSide][kSide + 1]);
  const int group = firstGroup + static_cast<int>(blockIdx.z);
  const int firstDepth = blockIdx.x * kSide, firstColumn = blockIdx.y * kSide;
  from += group * groupStep;
  to += static_cast<int64_t>(group) * depth * columns;
  for (int line = threadIdx.y; line < kSide; line += kLines) {
    const int k = firstDepth + line, column = firstColumn + static_cast<int>(threadIdx.x);
    if (k < depth && column < columns) square[line][threadIdx.x] = from[static_cast<int64_t>(k) * pitch + column];
  }
  __syncthreads();
  for (int line = threadIdx.y; line < kSide; line += kLines) {
    const int column = firstColumn + line, k = firstDepth + static_cast<int>(threadIdx.x);
    if (k < depth && column < columns) put(to[static_cast<int64_t>(column) * depth + k], square[threadIdx.x][line]);
  }
}

}  // namespace

template <>
const float* narrowed(const float* from, unsigned) {
  return from;
}

template <>
const uint16_t* narrowed(const float* from, unsigned count) {
  uint16_t* to = scratchOf<uint16_t>(count);
  // operands of the tensor cores are multiples of eight elements
  forEach(count / 4, [=] __device__(int64_t i) {
    const float4 v = reinterpret_cast<const float4*>(from)[i];
    const uint2 pairs = make_uint2(toBf16(v.x) | uint32_t{toBf16(v.y)} << 16, toBf16(v.z) | uint32_t{toBf16(v.w)} << 16);
    reinterpret_cast<uint2*>(to)[i] = pairs;
  });
  return to;
}

template <typename T>
const T* columnsOf(const RowMatrix<float>& matrix, int groups, int64_t groupStep) {
  constexpr int kMost = 65535;  // blockIdx.y and .z
  T* to = scratchOf<T>(static_cast<size_t>(groups) * matrix.depth * matrix.columns);
  const dim3 grid((matrix.depth + kSide - 1) / kSide, (matrix.columns + kSide - 1) / kSide);
  if (grid.x == 0 || grid.y == 0) return to;
  for (int group = 0; group < groups; group += kMost) {
    CU_LAUNCH((turn<T>), dim3(grid.x, grid.y, std::min(kMost, groups - group)), dim3(kSide, kLines), 0, matrix.first,
              groupStep, matrix.depth, matrix.columns, matrix.pitch, to, group);
  }
  return to;
}
template const float* columnsOf(const RowMatrix<float>&, int, int64_t);
template const uint16_t* columnsOf(const RowMatrix<float>&, int, int64_t);

}  // namespace limbeck::cuda
