#include "device/errors.h"

#include <mutex>
#include <optional>

#include "device/launch.h"

namespace limbeck::cuda {

namespace {

// Of the process, as the context is.
struct Loss {
  std::string message;
  cudaError_t reason;
};
std::mutex mutex;
std::optional<Loss> loss;

bool isLoss(cudaError_t error) {
  switch (error) {
    case cudaErrorECCUncorrectable:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
      return true;
    default:
      return false;
  }
}

std::string textOf(cudaError_t error) {
  return std::string(cudaGetErrorName(error)) + ", " + cudaGetErrorString(error);
}

}  // namespace

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // or the next launch would report it
  if (!isLoss(error)) {
    throw DeviceError(cudaGetErrorName(error), std::string(what) + " failed: " + cudaGetErrorString(error));
  }
  {
    const std::lock_guard lock(mutex);
    if (!loss) {
      loss = Loss{"the GPU is lost to this process, since a kernel before this broke off (" + textOf(error) +
                      "); start anew with LIMBECK_CUDA_SYNC=1, which names that kernel",
                  error};
    }
  }
  requireGpu();
}

void requireGpu() {
  const std::lock_guard lock(mutex);
  if (loss) throw GpuLost(loss->message, loss->reason);
}

DeviceError lostIn(const std::string& kernel, cudaError_t reason) {
  const std::lock_guard lock(mutex);
  loss = Loss{"the GPU is lost to this process, since " + kernel + " broke off (" + textOf(reason) + ")", reason};
  return {cudaGetErrorName(reason), kernel + " broke off (" + textOf(reason) + "), and with it the GPU is lost to this process"};
}

}  // namespace limbeck::cuda
