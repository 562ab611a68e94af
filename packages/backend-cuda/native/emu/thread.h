// What a CUDA thread sees of itself: its place, and the barriers of its block.
#pragma once

#include <cstddef>

#include "vector-types.h"

namespace cuemu {

struct ThreadView {
  uint3 index;
  int linear, lane, warp;
};
struct BlockView {
  uint3 index;
  dim3 blockSize, gridSize;
  const char* kernel;
  void* dynamicShared;
};

// Of the fiber that is running. Initial-exec: these are read for every threadIdx.
extern __thread __attribute__((tls_model("initial-exec"))) BlockView* block;
extern __thread __attribute__((tls_model("initial-exec"))) ThreadView* thread;

// Ends the process with the kernel's name, the thread's place, and what the kernel did wrong.
[[noreturn]] __attribute__((format(printf, 1, 2))) void fault(const char* format, ...);

// A barrier of the block; the number of threads that came with a vote.
int meetBlock(bool vote);
// A barrier of the lanes of `mask`.
void meetWarp(unsigned mask);

}  // namespace cuemu

#define threadIdx (::cuemu::thread->index)
#define blockIdx (::cuemu::block->index)
#define blockDim (::cuemu::block->blockSize)
#define gridDim (::cuemu::block->gridSize)
constexpr int warpSize = 32;

inline void __syncthreads() { cuemu::meetBlock(false); }
inline int __syncthreads_count(int vote) { return cuemu::meetBlock(vote != 0); }
inline int __syncthreads_or(int vote) { return cuemu::meetBlock(vote != 0) > 0; }
inline int __syncthreads_and(int vote) { return cuemu::meetBlock(vote == 0) == 0; }
inline void __syncwarp(unsigned mask = ~0u) { cuemu::meetWarp(mask); }
