// Operands as the kernels take them: their elements as T, and runs of channels as long as these read at a time.
#pragma once

#include <climits>

#include "product.h"
#include "storage.h"
#include "tensor-tile.h"

namespace limbeck::cuda {

// Channels that lie beside each other in an operand, and how many they are made by zeros behind them. A run is one tap's
// share of a window or filter: all distances in an operand are multiples of it.
struct Run {
  int length, padded;

  int scaled(int distance) const { return distance / length * padded; }
  int64_t scaled(int64_t distance) const { return distance / length * padded; }
};

// As the tensor cores read it, in chunks of 16 bytes.
template <typename T>
Run runOf(int length) {
  return {length, (length + kChunk<T> - 1) / kChunk<T> * kChunk<T>};
}

// Whether the tensor cores gain by multiplying the zeros of a run too: they are some eight times as fast. Short runs of
// many groups fill no tile either.
inline bool worthPadding(const Run& run, int groups, const Elements& elements) {
  const bool few = groups > 1 && run.padded > 4 * run.length;
  return !few && static_cast<int64_t>(elements.count) / run.length * run.padded <= INT_MAX;
}

inline WindowGeometry padded(WindowGeometry map, const Run& run) {
  map.imagePitch = run.scaled(map.imagePitch);
  map.rowPitch = run.scaled(map.rowPitch);
  map.pixelPitch = run.scaled(map.pixelPitch);
  map.window = run.scaled(map.window);
  map.channels = Divisor(run.padded);
  return map;
}
inline RowGeometry padded(const RowGeometry& matrix, const Run& run) {
  return {matrix.depth, run.scaled(matrix.columns), run.scaled(matrix.pitch)};
}
inline TapGeometry padded(TapGeometry matrix, const Run& run) {
  matrix.window = run.scaled(matrix.window);
  matrix.pitch = run.scaled(matrix.pitch);
  matrix.firstTap = run.scaled(matrix.firstTap);
  matrix.tapRowPitch = run.scaled(matrix.tapRowPitch);
  matrix.tapColumnPitch = run.scaled(matrix.tapColumnPitch);
  matrix.channels = Divisor(run.padded);
  return matrix;
}

// All elements of an operand as T, each run padded: where they are so already, they themselves, else in memory of the
// launch. Floats stay as they are where T is float (tf32 is rounded when it is used).
template <typename T>
const T* laid(const Elements& elements, const Run& run);
template <typename T>
const T* laid(const Elements& elements) {
  return laid<T>(elements, {1, 1});
}

// The columns of each group's matrix one after the other, their runs padded: [groups, columns, padded depth].
template <typename T>
const T* columnsOf(const Given<RowGeometry>& matrix, int groups, int64_t groupStep, const Run& run);

// A product of operands as they are now, of types A and B, which is otherwise as it was asked for.
template <class A, class B, class P>
Product<A, B> typed(const P& p, const typename A::Element* a, const typename B::Element* b) {
  return {{p.a, a}, {p.b, b}, p.out, p.rows, p.columns, p.depth, p.groups, p.aGroup, p.bGroup, p.outGroup, p.biasGroup};
}

// Lets products write floats, and stores them as bfloat16 afterwards where that is asked for.
class FloatOutput {
 public:
  explicit FloatOutput(const Output& out)
      : out_(out), y_(out.narrow ? scratchOf<float>(out.count) : static_cast<float*>(out.y)) {}

  template <class P>
  P of(P product) const {
    product.out.y = y_;
    product.out.narrow = false;
    return product;
  }
  void finish() const;

 private:
  const Output& out_;
  float* y_;
};

}  // namespace limbeck::cuda
