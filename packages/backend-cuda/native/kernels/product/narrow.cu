#include "narrow.h"

#include <algorithm>

#include "kernels/vector.h"

namespace limbeck::cuda {

namespace {

constexpr int kSide = 32, kLines = 8;  // of the square that a block turns, and of its threads

using kernels::Vector;

template <typename From, typename T>
void moveInVectors(const From* from, int64_t count, T* to) {
  forEach(count / 4, [=] __device__(int64_t i) { kernels::store(to + 4 * i, kernels::load<4>(from + 4 * i)); });
  forEach(count % 4, [=] __device__(int64_t i) { store(to, count - 1 - i, load(from, count - 1 - i)); });
}

// Chunks of zeros where a run has ended.
template <typename From, typename T>
void moveApart(const From* from, int64_t count, const Run& run, T* to) {
  constexpr int kLength = kChunk<T>;
  const int length = run.length;
  const Divisor chunks(run.padded / kLength);
  forEach(count / kLength, [=] __device__(int64_t i) {
    const auto [number, chunk] = chunks.divide(static_cast<unsigned>(i));
    const int first = static_cast<int>(chunk) * kLength;
    Vector<float, kLength> v;
    CU_UNROLL
    for (int k = 0; k < kLength; k++) {
      v[k] = first + k < length ? load(from, static_cast<int64_t>(number) * length + first + k) : 0.0f;
    }
    kernels::store(to + kLength * i, v);
  });
}

template <typename From, typename T>
const T* moved(const From* from, unsigned count, const Run& run) {
  const int64_t padded = run.scaled(static_cast<int64_t>(count));
  T* to = scratchOf<T>(padded);
  run.padded == run.length ? moveInVectors(from, padded, to) : moveApart(from, padded, run, to);
  return to;
}

template <typename From, typename T>
__global__ void __launch_bounds__(kSide* kLines)
    turn(const From* from, int64_t groupStep, int paddedDepth, int columns, int pitch, int length, const Divisor padded,
         const Divisor squaresDown, T* to, int firstGroup) {
  CU_SHARED(float, square, [kSide][kSide + 1]);
  const int group = firstGroup + static_cast<int>(blockIdx.z);
  const auto [across, down] = squaresDown.divide(blockIdx.x);
  const int firstDepth = static_cast<int>(down) * kSide, firstColumn = static_cast<int>(across) * kSide;
  from += group * groupStep;
  to += static_cast<int64_t>(group) * paddedDepth * columns;
  for (int line = threadIdx.y; line < kSide; line += kLines) {
    const auto [run, place] = padded.divide(firstDepth + line);
    const int column = firstColumn + static_cast<int>(threadIdx.x);
    if (firstDepth + line >= paddedDepth || column >= columns) continue;
    const int64_t k = static_cast<int64_t>(run) * length + place;
    square[line][threadIdx.x] = place < static_cast<unsigned>(length) ? load(from, k * pitch + column) : 0.0f;
  }
  __syncthreads();
  for (int line = threadIdx.y; line < kSide; line += kLines) {
    const int column = firstColumn + line, k = firstDepth + static_cast<int>(threadIdx.x);
    if (k < paddedDepth && column < columns) store(to, static_cast<int64_t>(column) * paddedDepth + k, square[threadIdx.x][line]);
  }
}

template <typename From, typename T>
void turnAll(const From* from, const RowGeometry& matrix, int groups, int64_t groupStep, const Run& run, T* to) {
  constexpr int kMost = 65535;  // blockIdx.z
  const int depth = run.scaled(matrix.depth);
  const int down = (depth + kSide - 1) / kSide, across = (matrix.columns + kSide - 1) / kSide;
  if (down == 0 || across == 0) return;
  for (int group = 0; group < groups; group += kMost) {
    CU_LAUNCH((turn<From, T>), dim3(down * across, 1, std::min(kMost, groups - group)), dim3(kSide, kLines), 0, from,
              groupStep, depth, matrix.columns, matrix.pitch, run.length, Divisor(run.padded), Divisor(down), to, group);
  }
}

}  // namespace

template <typename T>
const T* laid(const Elements& elements, const Run& run) {
  constexpr bool kNarrow = std::is_same_v<T, Bf16>;
  if (elements.narrow == kNarrow && run.padded == run.length) return static_cast<const T*>(elements.first);
  if (elements.narrow) return moved<Bf16, T>(static_cast<const Bf16*>(elements.first), elements.count, run);
  return moved<float, T>(static_cast<const float*>(elements.first), elements.count, run);
}
template const float* laid(const Elements&, const Run&);
template const Bf16* laid(const Elements&, const Run&);

template <typename T>
const T* columnsOf(const Given<RowGeometry>& matrix, int groups, int64_t groupStep, const Run& run) {
  T* to = scratchOf<T>(static_cast<size_t>(groups) * run.scaled(matrix.depth) * matrix.columns);
  const Elements& elements = matrix.elements;
  if (elements.narrow) {
    turnAll(static_cast<const Bf16*>(elements.first), matrix, groups, groupStep, run, to);
  } else {
    turnAll(static_cast<const float*>(elements.first), matrix, groups, groupStep, run, to);
  }
  return to;
}
template const float* columnsOf(const Given<RowGeometry>&, int, int64_t, const Run&);
template const Bf16* columnsOf(const Given<RowGeometry>&, int, int64_t, const Run&);

void FloatOutput::finish() const {
  if (out_.narrow) moveInVectors(static_cast<const float*>(y_), out_.count, static_cast<Bf16*>(out_.y));
}

}  // namespace limbeck::cuda
