#include "device/driver.h"

#include "device/errors.h"

namespace limbeck::cuda {

std::string versionText(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

void requireDevice(int device) {
  requireGpu();
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaSuccess && device < count) return;
  cudaGetLastError();  // or the next launch would report it
  int driver = 0, runtime = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  if (driver == 0) throw DeviceError("no-driver", "no NVIDIA driver found (libcuda.so.1 does not load)");
  if (driver < runtime) {
    throw DeviceError("old-driver", "the NVIDIA driver supports CUDA " + versionText(driver) + ", this build needs " +
                                        versionText(runtime) + ": update the driver");
  }
  if (error != cudaSuccess && error != cudaErrorNoDevice) {
    throw DeviceError(cudaGetErrorName(error), std::string("no GPU can be used: ") + cudaGetErrorString(error));
  }
  throw DeviceError("no-device", count == 0 ? "the NVIDIA driver sees no GPU"
                                            : "there is no GPU " + std::to_string(device) + ": the driver sees " +
                                                  std::to_string(count));
}

}  // namespace limbeck::cuda
