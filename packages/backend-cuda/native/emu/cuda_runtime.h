// Compiles CUDA kernels as plain C++ and runs them on the processor, so that the very kernels run, under sanitizers too,
// where there is no GPU. This directory stands before CUDA's own in the include path.
//
// A block runs on one thread of the system; its CUDA threads are fibers that change only where they wait
// (__syncthreads, warp collectives). Blocks are spread over the system's threads. Not modelled: registers, occupancy,
// bank conflicts, coalescing, weak memory between blocks, grid-wide barriers.
#pragma once

#define CUEMU 1

#include "atomics.h"
#include "intrinsics.h"
#include "runtime-api.h"
#include "thread.h"
#include "vector-types.h"
#include "warp.h"
