// What the host side of a kernel may ask of the device that launches it. Valid while a kernel function of `kernels.h`
// runs (the device sets it for its thread); a launch that fails is reported by the device, with the kernel's name.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>

namespace limbeck::cuda {

// How convolutions and products multiply: LIMBECK_CUDA_PRECISION. Sums are fp32 in any case.
enum class Precision { kFp32, kTf32, kBf16 };

cudaStream_t stream();
int multiprocessors();
Precision precision();
// Whether a buffer of this launch holds bfloat16 (`Arguments::narrow`); by its number among the kernel's parameters.
bool narrow(int buffer);

// Device memory of this launch, 256-byte aligned, uninitialised: it goes back when the kernel function returns, for
// launches after it.
void* scratch(size_t bytes);

template <typename T>
T* scratchOf(size_t count) {
  return static_cast<T*>(scratch(count * sizeof(T)));
}

// A device copy of host data, for this launch; `from` may be reused at once.
const void* uploaded(const void* from, size_t bytes);

template <typename T>
const T* uploadedOf(const T* from, size_t count) {
  return static_cast<const T*>(uploaded(from, count * sizeof(T)));
}

// Throws DeviceError with CUDA's own name of the error as code, such as "cudaErrorMemoryAllocation", or GpuLost.
void check(cudaError_t error, const char* what);

}  // namespace limbeck::cuda
