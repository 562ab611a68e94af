// What the environment asks of the device.
#pragma once

#include <cstddef>

#include "device/launch.h"

namespace limbeck::cuda {

struct Options {
  int device;            // LIMBECK_CUDA_INDEX
  size_t memoryLimit;    // LIMBECK_CUDA_MEMORY_LIMIT, in MiB; without one, what the device has
  Precision precision;   // LIMBECK_CUDA_PRECISION: fp32, tf32 or bf16
  bool synchronous;      // LIMBECK_CUDA_SYNC=1: waits after each launch, so that an error names its kernel
};

// Throws DeviceError where a variable is wrong.
Options optionsOfEnvironment();

const char* nameOf(Precision precision);

}  // namespace limbeck::cuda
