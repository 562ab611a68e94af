// Whether CUDA works here.
#pragma once

#include <cuda_runtime_api.h>

#include <string>

namespace limbeck::cuda {

// Throws DeviceError that says what is missing: a driver, a newer driver, a GPU, or that very GPU.
void requireDevice(int device);

// A CUDA version such as 13000 as people write it: 13.0.
std::string versionText(int version);

}  // namespace limbeck::cuda
