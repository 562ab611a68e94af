// Functions that processors and GPUs share.
#pragma once

#ifdef __CUDACC__
#define LIMBECK_FN __host__ __device__ __forceinline__
#else
#define LIMBECK_FN inline
#endif
