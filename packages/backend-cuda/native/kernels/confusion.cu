#include <algorithm>

#include "cu.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

constexpr int kThreads = 256;
constexpr int kMostInBlock = 12 << 10;  // counters of a block: 48 KiB

// Blocks count by themselves where their counters fit into shared memory. Whole numbers: any order gives the same sums.
__global__ void __launch_bounds__(kThreads)
    countPairs(ConfusionInts p, bool inBlock, const int32_t* __restrict__ predicted, const int32_t* __restrict__ labels,
               int32_t* __restrict__ y) {
  CU_DYNAMIC_SHARED(int32_t, ofBlock);
  const int cells = p.classes * p.classes;
  if (inBlock) {
    for (int cell = static_cast<int>(threadIdx.x); cell < cells; cell += kThreads) ofBlock[cell] = 0;
    __syncthreads();
  }
  int32_t* counts = inBlock ? ofBlock : y;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x; i < p.count;
       i += static_cast<int64_t>(gridDim.x) * kThreads) {
    const int32_t label = labels[i], guess = predicted[i];
    if (label == p.ignoreLabel || label < 0 || label >= p.classes || guess < 0 || guess >= p.classes) continue;
    atomicAdd(&counts[label * p.classes + guess], 1);
  }
  if (!inBlock) return;
  __syncthreads();
  for (int cell = static_cast<int>(threadIdx.x); cell < cells; cell += kThreads) {
    if (ofBlock[cell]) atomicAdd(&y[cell], ofBlock[cell]);
  }
}

}  // namespace

void confusion(const ConfusionInts& p, const int32_t* predicted, const int32_t* labels, int32_t* y) {
  const size_t bytes = static_cast<size_t>(p.classes) * p.classes * sizeof(int32_t);
  const bool inBlock = p.classes * p.classes <= kMostInBlock;
  cuda::check(cudaMemsetAsync(y, 0, bytes, cuda::stream()), "clearing the counts");
  if (p.count == 0) return;
  const int blocks = std::min((p.count + kThreads - 1) / kThreads, 4 * cuda::multiprocessors());
  CU_LAUNCH(countPairs, blocks, kThreads, inBlock ? bytes : 0, p, inBlock, predicted, labels, y);
}

}  // namespace limbeck::kernels
