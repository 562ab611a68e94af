#include "limbeck/kernels.h"

#include "kernels/product/narrow.h"
#include "kernels/product/product.h"

namespace limbeck::kernels {

namespace {

using namespace cuda;

// A matrix [rows, columns] as a map of one row of pixels, seen through one tap.
template <bool depthInner>
GatheredMap<float, depthInner> matrixOf(const float* first, int rows, int columns, int64_t batch) {
  GatheredMap<float, depthInner> map{};
  map.first = first;
  map.count = static_cast<unsigned>(batch) * rows * columns;
  map.height = 1;
  map.width = map.pixels = rows;
  map.imagePitch = map.rowPitch = rows * columns;
  map.pixelPitch = map.window = columns;
  map.outHeight = map.tapColumns = Divisor(1);
  map.stepHeight = map.stepWidth = 1;
  map.outWidth = Divisor(rows);
  map.channels = Divisor(columns);
  return map;
}

TapMatrix<float> transposedMatrixOf(const float* first, int columns, int depth, int64_t batch) {
  TapMatrix<float> matrix{};
  matrix.first = first;
  matrix.count = static_cast<unsigned>(batch) * columns * depth;
  matrix.columns = columns;
  matrix.window = matrix.pitch = depth;
  matrix.channels = Divisor(depth);
  matrix.tapColumns = Divisor(1);
  return matrix;
}

template <class A, class B>
Product<A, B> batchOf(const MatmulInts& p, const A& a, const B& b, int64_t aGroup, float* y) {
  const int64_t size = static_cast<int64_t>(p.m) * p.n;
  const Output out{y, nullptr, static_cast<int>(size), static_cast<int>(size), p.n, Divisor(1), Divisor(p.m),
                   static_cast<unsigned>(p.batch * size)};
  return {a, b, out, p.m, p.n, p.k, p.batch, aGroup, p.bBatchStride, size, 0};
}

}  // namespace

// The matrices of a batch are the groups of a product.
void matmul(const MatmulInts& p, const float* a, const float* b, float* y) {
  const int64_t aBatch = p.aBatchStride ? p.batch : 1, bBatch = p.bBatchStride ? p.batch : 1;
  const RowMatrix<float> rows{b, static_cast<unsigned>(bBatch) * p.k * p.n, p.k, p.n, p.n};
  if (p.transposeB) {
    // a transposed first matrix is turned: no kernel reads the first along, and the second across, the depth
    const float* turned = p.transposeA ? columnsOf<float>({a, 0, p.k, p.m, p.m}, static_cast<int>(aBatch), p.aBatchStride) : a;
    const auto first = matrixOf<true>(turned, p.m, p.k, aBatch);
    multiply(std::vector{batchOf(p, first, transposedMatrixOf(b, p.n, p.k, bBatch), p.aBatchStride, y)});
  } else if (p.transposeA) {
    multiply(batchOf(p, matrixOf<false>(a, p.k, p.m, aBatch), rows, p.aBatchStride, y));
  } else {
    multiply(batchOf(p, matrixOf<true>(a, p.m, p.k, aBatch), rows, p.aBatchStride, y));
  }
}

}  // namespace limbeck::kernels
