#include "limbeck/kernels.h"

#include "kernels/product/narrow.h"
#include "kernels/product/product.h"

namespace limbeck::kernels {

namespace {

using namespace cuda;

// A matrix [rows, columns] as a map of one row of pixels, seen through one tap.
Given<WindowGeometry> matrixOf(const Elements& elements, int rows, int columns) {
  Given<WindowGeometry> map{};
  map.elements = elements;
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

Given<TapGeometry> transposedMatrixOf(const Elements& elements, int columns, int depth) {
  Given<TapGeometry> matrix{};
  matrix.elements = elements;
  matrix.columns = columns;
  matrix.window = matrix.pitch = depth;
  matrix.channels = Divisor(depth);
  matrix.tapColumns = Divisor(1);
  return matrix;
}

Output outputOf(const MatmulInts& p, float* y) {
  const int64_t size = static_cast<int64_t>(p.m) * p.n;
  Output out{};
  out.y = y;
  out.imagePitch = out.rowPitch = static_cast<int>(size);
  out.pixelPitch = p.n;
  out.outHeight = Divisor(1);
  out.outWidth = Divisor(p.m);
  out.count = static_cast<unsigned>(p.batch * size);
  out.whole = true;
  return out;
}

template <class B>
Product<Given<WindowGeometry>, B> batchOf(const MatmulInts& p, const Given<WindowGeometry>& a, const B& b, float* y) {
  return {a, b, outputOf(p, y), p.m, p.n, p.k, p.batch, p.aBatchStride, p.bBatchStride, static_cast<int64_t>(p.m) * p.n, 0};
}

}  // namespace

// The matrices of a batch are the groups of a product.
void matmul(const MatmulInts& p, const float* a, const float* b, float* y) {
  const int aBatch = p.aBatchStride ? p.batch : 1, bBatch = p.bBatchStride ? p.batch : 1;
  const Elements first{a, static_cast<unsigned>(aBatch) * p.m * p.k, narrow(0)};
  const Elements second{b, static_cast<unsigned>(bBatch) * p.k * p.n, narrow(1)};
  const Given<RowGeometry> rows{{p.k, p.n, p.n}, second};
  if (p.transposeA && !p.transposeB) return multiplyOuter(batchOf(p, matrixOf(first, p.k, p.m), rows, y));
  if (!p.transposeB) return multiplyRows(batchOf(p, matrixOf(first, p.m, p.k), rows, y));
  // a transposed first matrix is turned: no kernel reads the first along, and the second across, the depth
  const auto turned = [&]() -> Elements {
    return {columnsOf<float>({{p.k, p.m, p.m}, first}, aBatch, p.aBatchStride, {1, 1}), first.count, false};
  };
  const auto map = matrixOf(p.transposeA ? turned() : first, p.m, p.k);
  multiplyTaps({batchOf(p, map, transposedMatrixOf(second, p.n, p.k), y)});
}

}  // namespace limbeck::kernels
