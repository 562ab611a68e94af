#include "cu.h"
#include "kernels/vector.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

constexpr int kThreads = 256;

// `lanes` neighbouring threads share a row: one of few channels has a thread of its own, a longer one a warp.
template <int lanes>
__global__ void __launch_bounds__(kThreads)
    softmaxRows(int64_t rows, int channels, bool logarithm, const Stored<float> x, float* __restrict__ y) {
  const int64_t row = (static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x) / lanes;
  const int lane = static_cast<int>(threadIdx.x) % lanes;
  if (row >= rows) return;  // whole warps, where a warp shares a row
  const Stored<float> from = x.from(row * channels);
  float* to = y + row * channels;
  float max = -INFINITY;
  for (int c = lane; c < channels; c += lanes) max = from[c] > max || from[c] != from[c] ? from[c] : max;
  if constexpr (lanes == cuda::kWarp) max = cuda::warpJoin(max, [](float a, float b) { return b > a || b != b ? b : a; });
  float sum = 0;
  for (int c = lane; c < channels; c += lanes) sum += expf(from[c] - max);
  if constexpr (lanes == cuda::kWarp) sum = cuda::warpSum(sum);
  const float logSum = logf(sum), scale = 1 / sum;
  for (int c = lane; c < channels; c += lanes) {
    to[c] = logarithm ? from[c] - max - logSum : expf(from[c] - max) * scale;
  }
}

}  // namespace

void softmax(const SoftmaxInts& p, const float* xData, float* y) {
  constexpr int kFewChannels = 32;
  const Stored<float> x(xData, 0);
  const bool logarithm = p.logarithm != 0;
  const int channels = p.channels;
  const int64_t rows = p.rows, rowsInBlock = channels <= kFewChannels ? kThreads : kThreads / cuda::kWarp;
  const unsigned blocks = static_cast<unsigned>((rows + rowsInBlock - 1) / rowsInBlock);
  if (channels <= kFewChannels) {
    CU_LAUNCH((softmaxRows<1>), blocks, kThreads, 0, rows, channels, logarithm, x, y);
  } else {
    CU_LAUNCH((softmaxRows<cuda::kWarp>), blocks, kThreads, 0, rows, channels, logarithm, x, y);
  }
}

}  // namespace limbeck::kernels
