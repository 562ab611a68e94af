// A GPU, or its emulation, as a device: one stream, so that everything happens in the order of the calls and a freed
// block may be given out again at once.
#include <cuda_runtime_api.h>

#include <cstring>
#include <string>
#include <vector>

#include "device/driver.h"
#include "device/errors.h"
#include "device/launch.h"
#include "device/options.h"
#include "device/pinned-ring.h"
#include "device/reader.h"
#include "limbeck/caching-allocator.h"
#include "limbeck/kernel-table.h"

namespace limbeck {

namespace {

using cuda::check;

class GpuMemory : public MemorySource {
 public:
  void* take(size_t bytes) override {
    void* block = nullptr;
    const cudaError_t error = cudaMalloc(&block, bytes);
    if (error == cudaSuccess) return block;
    cudaGetLastError();
    if (error != cudaErrorMemoryAllocation) check(error, "cudaMalloc");
    return nullptr;
  }
  // Waits for all work, of which some may still use the block. Where the GPU is lost, so is the block.
  void giveBack(void* block, size_t) noexcept override { cudaFree(block); }
};

class Stream {
 public:
  Stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "a stream"); }
  ~Stream() { cudaStreamDestroy(stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

// The parameters as the error message shows them: the shapes are among them.
std::string launchText(int kernel, const Arguments& arguments) {
  constexpr int kMostShown = 24;
  std::string text = std::string(kKernelSignatures[kernel].name) + "(";
  for (int i = 0; i < arguments.intCount && i < kMostShown; i++) {
    text += (i ? ", " : "") + std::to_string(arguments.ints[i]);
  }
  return text + (arguments.intCount > kMostShown ? ", …)" : ")");
}

class CudaDevice : public Device {
 public:
  explicit CudaDevice(const cuda::Options& options) : options_(options) {
    check(cudaGetDeviceProperties(&properties_, options.device), "cudaGetDeviceProperties");
  }

  std::vector<std::pair<std::string, std::string>> describe() const override {
    int driver = 0, runtime = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    return {
        {"GPU", properties_.name},
        {"memory", std::to_string(properties_.totalGlobalMem >> 20) + " MiB"},
        {"multiprocessors", std::to_string(properties_.multiProcessorCount)},
        {"compute capability", std::to_string(properties_.major) + "." + std::to_string(properties_.minor)},
        {"precision", nameOf(options_.precision)},
        {"CUDA", cuda::versionText(runtime) + ", the driver supports up to " + cuda::versionText(driver)}};
  }

  bool takesBfloat16() const override { return options_.precision == cuda::Precision::kBf16; }

  void* allocate(size_t bytes) override {
    enter();
    return allocator_.allocate(bytes);
  }
  void release(void* buffer) noexcept override { allocator_.release(buffer); }
  MemoryUse memory() const override { return allocator_.use(); }
  void resetPeak() override { allocator_.resetPeak(); }

  void upload(void* to, const void* from, size_t bytes) override {
    enter();
    ring_.upload(to, from, bytes, stream());
  }

  void launch(int kernel, const Arguments& arguments) override {
    enter();
    const LaunchScope scope(*this, arguments.narrow);
    try {
      kernels::kKernels[kernel](arguments);
      check(cudaGetLastError(), "the launch");
      if (options_.synchronous) check(cudaStreamSynchronize(stream()), "the kernel");
    } catch (const cuda::GpuLost& error) {
      // all before was waited for, so it was this one; else nobody knows which
      if (options_.synchronous) throw cuda::lostIn(launchText(kernel, arguments), error.reason);
      throw;
    } catch (const DeviceError& error) {
      throw DeviceError(error.code, launchText(kernel, arguments) + ": " + error.what());
    }
  }

  void download(void* to, const void* from, size_t bytes) override {
    enter();
    check(cudaStreamSynchronize(stream()), "work before a read");
    check(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost), "a read");
  }

  void downloadLater(void* to, const void* from, size_t bytes, cuda::ReadDone done) override {
    enter();
    reader_.read(to, from, bytes, stream(), std::move(done));
  }

  // For the host side of kernels; `device/launch.h`.
  cudaStream_t stream() const { return stream_.get(); }
  int multiprocessors() const { return properties_.multiProcessorCount; }
  cuda::Precision precision() const { return options_.precision; }
  bool narrow(int buffer) const { return narrow_ == kAllNarrow || narrow_ >> buffer & 1; }
  void* scratch(size_t bytes) {
    void* const block = allocator_.allocate(bytes);
    scratch_.push_back(block);
    return block;
  }
  const void* uploaded(const void* from, size_t bytes) {
    void* const block = scratch(bytes);
    ring_.upload(block, from, bytes, stream());
    return block;
  }

  static CudaDevice& launching() { return *launching_; }

 private:
  // Makes this the device of `launching`, and gives back what the launch took for itself.
  class LaunchScope {
   public:
    LaunchScope(CudaDevice& device, uint32_t narrow) : device_(device) {
      launching_ = &device;
      device.narrow_ = narrow;
    }
    ~LaunchScope() {
      for (void* block : device_.scratch_) device_.allocator_.release(block);
      device_.scratch_.clear();
      launching_ = nullptr;
    }
    LaunchScope(const LaunchScope&) = delete;
    LaunchScope& operator=(const LaunchScope&) = delete;

   private:
    CudaDevice& device_;
  };

  // CUDA's current device belongs to the thread, and other libraries may have changed it.
  void enter() const {
    cuda::requireGpu();
    check(cudaSetDevice(options_.device), "cudaSetDevice");
  }

  static thread_local CudaDevice* launching_;

  const cuda::Options options_;
  cudaDeviceProp properties_;
  GpuMemory source_;
  CachingAllocator allocator_{source_, options_.memoryLimit};
  std::vector<void*> scratch_;  // of the launch that is running
  uint32_t narrow_ = 0;         // likewise
  Stream stream_;
  cuda::PinnedRing ring_;
  cuda::Reader reader_{options_.device};  // last: it ends first
};

thread_local CudaDevice* CudaDevice::launching_ = nullptr;

}  // namespace

namespace cuda {

cudaStream_t stream() { return CudaDevice::launching().stream(); }
int multiprocessors() { return CudaDevice::launching().multiprocessors(); }
Precision precision() { return CudaDevice::launching().precision(); }
bool narrow(int buffer) { return CudaDevice::launching().narrow(buffer); }
void* scratch(size_t bytes) { return CudaDevice::launching().scratch(bytes); }
const void* uploaded(const void* from, size_t bytes) { return CudaDevice::launching().uploaded(from, bytes); }

}  // namespace cuda

std::unique_ptr<Device> openDevice() {
  const cuda::Options options = cuda::optionsOfEnvironment();
  cuda::requireDevice(options.device);
  check(cudaSetDevice(options.device), "cudaSetDevice");
  return std::make_unique<CudaDevice>(options);
}

}  // namespace limbeck
