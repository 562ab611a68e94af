// Products of matrices against plain loops: small integers, bit for bit, in each precision and storage.
#include "harness.h"
#include "limbeck/kernels.h"

using namespace limbeck;
using namespace limbeck::test;
using cuda::Precision;

namespace {

void checkMatmul(const MatmulInts& p, std::initializer_list<Precision> precisions) {
  Numbers numbers(5);
  const auto a = numbers.integers(size_t(p.aBatchStride ? p.batch : 1) * p.m * p.k, 4);
  const auto b = numbers.integers(size_t(p.bBatchStride ? p.batch : 1) * p.n * p.k, 4);
  const int aRow = p.transposeA ? 1 : p.k, aColumn = p.transposeA ? p.m : 1;
  const int bRow = p.transposeB ? 1 : p.n, bColumn = p.transposeB ? p.k : 1;
  std::vector<double> want(size_t(p.batch) * p.m * p.n);
  for (int z = 0; z < p.batch; z++)
    for (int i = 0; i < p.m; i++)
      for (int j = 0; j < p.n; j++) {
        const float* row = a.data() + size_t(z) * p.aBatchStride + i * aRow;
        const float* column = b.data() + size_t(z) * p.bBatchStride + j * bColumn;
        double sum = 0;
        for (int k = 0; k < p.k; k++) sum += double(row[k * aColumn]) * column[k * bRow];
        want[(size_t(z) * p.m + i) * p.n + j] = sum;
      }
  for (const Precision precision : precisions) {
    const Buffer<float> as(a), bs(b), ys(want.size());
    launch([&] { kernels::matmul(p, as, bs, ys); }, precision);
    expectEqual("y", ys.values(), want);
    if (precision != Precision::kBf16) continue;
    const Buffer<uint16_t> narrowA(narrowed(a)), narrowB(narrowed(b));
    const Buffer<float> ofNarrow(want.size());
    launch([&] { kernels::matmul(p, asFloats(narrowA), asFloats(narrowB), ofNarrow); }, precision, 0b11);
    expectEqual("y of bfloat16", ofNarrow.values(), want);
  }
}

void checkTranspositions(int batch, int m, int n, int k, bool oneA, bool oneB) {
  for (int transposed = 0; transposed < 4; transposed++) {
    checkMatmul({batch, m, n, k, transposed & 1, transposed >> 1, oneA ? 0 : m * k, oneB ? 0 : n * k},
                {Precision::kFp32, Precision::kTf32, Precision::kBf16});
  }
}

}  // namespace

LIMBECK_TEST(matmulOfOddSizes, "matrices of odd sizes multiply in every transposition") {
  checkTranspositions(1, 5, 7, 3, false, false);
}
LIMBECK_TEST(matmulOfOddSizesInBatches, "one matrix of odd sizes multiplies many, and many one") {
  checkTranspositions(3, 5, 7, 11, true, false);
  checkTranspositions(3, 5, 7, 11, false, true);
}
LIMBECK_TEST(matmulInVectors, "matrices that are read in vectors multiply in every transposition") {
  checkTranspositions(2, 24, 16, 40, false, false);
}
LIMBECK_TEST(matmulOfOneMatrixTimesMany, "one matrix multiplies many") {
  checkTranspositions(3, 8, 136, 16, true, false);
}
LIMBECK_TEST(matmulOfManyMatricesTimesOne, "many matrices multiply one") {
  checkTranspositions(3, 9, 8, 8, false, true);
}
LIMBECK_TEST(matmulSplitsItsDepth, "a product that splits its depth adds every part once") {
  checkTranspositions(1, 8, 8, 600, false, false);
}
LIMBECK_TEST(matmulOfSingleElements, "matrices of one element multiply") {
  checkTranspositions(2, 1, 1, 1, false, false);
}

LIMBECK_TEST(matmulOfLargeTiles, "products of many large tiles are those of plain loops") {
  checkMatmul({1, 1500, 1405, 3, 0, 0, 0, 0}, {Precision::kFp32});
  checkMatmul({1, 1500, 1404, 4, 0, 1, 0, 0}, {Precision::kFp32});
  checkMatmul({1, 1500, 1404, 4, 1, 0, 0, 0}, {Precision::kFp32});
}

LIMBECK_TEST(matmulOfNoDepthIsZero, "a product of no depth is 0") {
  const Buffer<float> none(size_t{0});
  for (const Precision precision : {Precision::kFp32, Precision::kTf32, Precision::kBf16}) {
    const Buffer<float> y(6);
    launch([&] { kernels::matmul({1, 2, 3, 0, 0, 0, 0, 0}, none, none, y); }, precision);
    expectEqual("y", y.values(), std::vector<double>(6, 0.0));
  }
}
