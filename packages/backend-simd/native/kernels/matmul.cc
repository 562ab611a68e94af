#include "limbeck/kernels.h"

#include "conv/tap-conv.h"
#include "device/parallel.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

enum ScratchSlot { kTransposedSlot = 2 };

// a [k, m] → [m, k]
const float* transposed(const float* a, int m, int k) {
  float* to = scratchOf<float>(kTransposedSlot, static_cast<size_t>(m) * k);
  parallelFor(m, 64, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      for (int j = 0; j < k; j++) to[i * k + j] = a[static_cast<int64_t>(j) * m + i];
    }
  });
  return to;
}

}  // namespace

// A product is a convolution by one tap of a map that is one pixel wide: its rows are the rows of a.
void matmul(const MatmulInts& p, const float* a, const float* b, float* y) {
  TapConv conv{};
  conv.batch = 1;
  conv.height = conv.outHeight = 1;
  conv.width = conv.outWidth = p.m;
  conv.channels = p.k;
  conv.columns = p.n;
  conv.xSpan = {0, 0, p.k};
  conv.ySpan = {0, 0, p.n};
  conv.stepHeight = conv.stepWidth = 1;
  conv.filterRow = p.transposeB ? 1 : p.n;
  conv.filterColumn = p.transposeB ? p.k : 1;
  for (int i = 0; i < p.batch; i++) {
    const float* rows = a + static_cast<int64_t>(i) * p.aBatchStride;
    conv.x = p.transposeA ? transposed(rows, p.m, p.k) : rows;
    conv.taps = {{0, 0, b + static_cast<int64_t>(i) * p.bBatchStride}};
    conv.y = y + static_cast<int64_t>(i) * p.m * p.n;
    tapConv(conv);
  }
}

}  // namespace limbeck::LIMBECK_TARGET
