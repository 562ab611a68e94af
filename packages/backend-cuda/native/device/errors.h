// A GPU that is lost stays lost. `check`, which finds it out, is in `launch.h`.
#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "limbeck/device.h"

namespace limbeck::cuda {

// A kernel broke off (an illegal address, a failed assertion, …). A context of CUDA does not survive that: in this
// process the GPU does nothing any more. `code` is "lost".
class GpuLost : public DeviceError {
 public:
  GpuLost(const std::string& message, cudaError_t reason) : DeviceError("lost", message), reason(reason) {}
  const cudaError_t reason;
};

// Throws GpuLost if the GPU is lost, from any thread.
void requireGpu();

// For launches that are waited for: keeps for all messages to come which kernel it was that lost the GPU, and gives
// the error for this one, with CUDA's own name as code.
DeviceError lostIn(const std::string& kernel, cudaError_t reason);

}  // namespace limbeck::cuda
