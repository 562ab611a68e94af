// The runtime API: memory, streams and events. Work runs when it is asked for, or, with CUEMU_LAZY_STREAMS=1, when
// someone waits for it, which catches host memory that is reused and device memory that is freed too early.
//
// A kernel that breaks off (CUEMU_FAULT) is reported as CUDA does it: by the next call that waits, and from then on by
// every call, since the context is lost.
#include "runtime-api.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "grid-runner.h"

#undef threadIdx
#undef blockIdx
#undef blockDim
#undef gridDim

struct cuemuStream {
  std::deque<std::function<void()>> work;
  bool running = false;
};
struct cuemuEvent {
  bool done = true;
  cuemuStream* stream = nullptr;
};

namespace {

constexpr size_t kMemory = size_t{2} << 30;
constexpr size_t kDefaultDynamicShared = 48 << 10, kMostDynamicShared = 227 << 10;
constexpr int kUnset = 0xff;

// Everything below is under one lock; a callback may call the API again.
std::recursive_mutex api;
cuemuStream defaultStream;
std::vector<cuemuStream*> streams;
std::unordered_map<const void*, size_t> dynamicShared;  // by kernel, where more than the default is allowed
thread_local cudaError_t lastError = cudaSuccess;

// The launches that CUEMU_FAULT counts, whether one of them broke off, and whether that has been reported.
int countedLaunches = 0;
std::atomic<bool> brokenOff{false}, lost{false};

cudaError_t failed(cudaError_t error) { return lastError = error; }

// What a call gives that has done its part.
cudaError_t status() { return lost ? failed(cudaErrorIllegalAddress) : cudaSuccess; }

// The same for a call that has waited.
cudaError_t statusAfterWaiting() {
  if (brokenOff) lost = true;
  return status();
}

// After a fault nothing runs any more.
void perform(const std::function<void()>& work) {
  if (!brokenOff) work();
}

cuemuStream& streamOf(cudaStream_t stream) { return stream ? *stream : defaultStream; }

// Until `until`, or to the end.
void drain(cuemuStream& stream, const bool* until = nullptr) {
  const std::lock_guard lock(api);
  if (stream.running) return;
  stream.running = true;
  while (!stream.work.empty() && !(until && *until)) {
    const auto work = std::move(stream.work.front());
    stream.work.pop_front();
    perform(work);
  }
  stream.running = false;
}

void drainAll() {
  const std::lock_guard lock(api);
  drain(defaultStream);
  for (cuemuStream* stream : streams) drain(*stream);
}

cudaError_t enqueue(cudaStream_t stream, std::function<void()> work) {
  const std::lock_guard lock(api);
  if (cuemu::settings().lazyStreams) {
    streamOf(stream).work.push_back(std::move(work));
  } else {
    perform(work);
  }
  return status();
}

bool isFaulty(const std::string& kernel) {
  const cuemu::Settings& settings = cuemu::settings();
  if (settings.faultyLaunch == 0 || kernel.find(settings.faultyKernel) == std::string::npos) return false;
  const std::lock_guard lock(api);
  return ++countedLaunches == settings.faultyLaunch;
}

cudaError_t allocate(void** block, size_t bytes) {
  constexpr size_t kAlignment = 256;
  if (lost) return status();
  if (bytes > kMemory || posix_memalign(block, kAlignment, std::max<size_t>(bytes, 1))) {
    *block = nullptr;
    return failed(cudaErrorMemoryAllocation);
  }
  std::memset(*block, kUnset, bytes);
  return cudaSuccess;
}

}  // namespace

cudaError_t cuemu::allowDynamicShared(const void* kernel, int bytes) {
  if (bytes < 0 || size_t(bytes) > kMostDynamicShared) return failed(cudaErrorInvalidValue);
  const std::lock_guard lock(api);
  dynamicShared[kernel] = bytes;
  return cudaSuccess;
}

void cuemu::launch(const char* name, const void* kernel, dim3 grid, dim3 block, size_t sharedBytes, cudaStream_t stream,
                   std::function<void()> body) {
  const size_t threads = size_t(block.x) * block.y * block.z, blocks = size_t(grid.x) * grid.y * grid.z;
  if (threads < 1 || threads > 1024 || block.z > 64 || blocks < 1 || grid.x > 2147483647u || grid.y > 65535 ||
      grid.z > 65535) {
    failed(cudaErrorInvalidConfiguration);
    return;
  }
  {
    const std::lock_guard lock(api);
    const auto allowed = dynamicShared.find(kernel);
    if (sharedBytes > (allowed == dynamicShared.end() ? kDefaultDynamicShared : allowed->second)) {
      failed(cudaErrorInvalidValue);
      return;
    }
  }
  if (isFaulty(name)) {
    enqueue(stream, [] { brokenOff = true; });
  } else {
    enqueue(stream, [=] { runGrid({name, grid, block, sharedBytes, body}); });
  }
}

// Names, and the texts that CUDA has for those that the emulation gives.
#define CUEMU_ERRORS(X)                                                                             \
  X(cudaSuccess, "no error")                                                                        \
  X(cudaErrorInvalidValue, "invalid argument")                                                      \
  X(cudaErrorMemoryAllocation, "out of memory")                                                     \
  X(cudaErrorInvalidConfiguration, "invalid configuration argument")                                \
  X(cudaErrorInsufficientDriver, "CUDA driver version is insufficient for CUDA runtime version")    \
  X(cudaErrorNoDevice, "no CUDA-capable device is detected")                                        \
  X(cudaErrorInvalidDevice, "invalid device ordinal")                                               \
  X(cudaErrorIllegalAddress, "an illegal memory access was encountered")

const char* cudaGetErrorName(cudaError_t error) {
#define CUEMU_NAME(name, text) \
  if (error == name) return #name;
  CUEMU_ERRORS(CUEMU_NAME)
#undef CUEMU_NAME
  return "cudaErrorUnknown";
}
const char* cudaGetErrorString(cudaError_t error) {
#define CUEMU_TEXT(name, text) \
  if (error == name) return text;
  CUEMU_ERRORS(CUEMU_TEXT)
#undef CUEMU_TEXT
  return "unknown error";
}
cudaError_t cudaGetLastError() { return lost ? cudaErrorIllegalAddress : std::exchange(lastError, cudaSuccess); }

cudaError_t cudaGetDeviceCount(int* count) {
  const cuemu::Settings& settings = cuemu::settings();
  *count = 0;
  if (settings.driver < cuemu::kRuntimeVersion) return failed(cudaErrorInsufficientDriver);
  if (settings.devices == 0) return failed(cudaErrorNoDevice);
  *count = settings.devices;
  return status();
}
cudaError_t cudaSetDevice(int device) {
  return device < cuemu::settings().devices ? status() : failed(cudaErrorInvalidDevice);
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {};
  std::strcpy(properties->name, "emulation on the processor");
  properties->totalGlobalMem = kMemory;
  properties->multiProcessorCount = cuemu::settings().threads;
  properties->major = 8;
  return status();
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = cuemu::settings().driver;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = cuemu::kRuntimeVersion;
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  drainAll();
  return statusAfterWaiting();
}

cudaError_t cudaMalloc(void** block, size_t bytes) { return allocate(block, bytes); }
cudaError_t cudaFree(void* block) {
  drainAll();
  std::free(block);
  return statusAfterWaiting();
}
cudaError_t cudaMallocHost(void** block, size_t bytes) { return allocate(block, bytes); }
cudaError_t cudaFreeHost(void* block) { return cudaFree(block); }
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind) {
  drainAll();
  perform([=] { std::memmove(to, from, bytes); });
  return statusAfterWaiting();
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  return enqueue(stream, [=] { std::memmove(to, from, bytes); });
}
cudaError_t cudaMemset(void* to, int byte, size_t bytes) { return cudaMemsetAsync(to, byte, bytes); }
cudaError_t cudaMemsetAsync(void* to, int byte, size_t bytes, cudaStream_t stream) {
  return enqueue(stream, [=] { std::memset(to, byte, bytes); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  const std::lock_guard lock(api);
  streams.push_back(*stream = new cuemuStream);
  return status();
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const std::lock_guard lock(api);
  drain(*stream);
  streams.erase(std::find(streams.begin(), streams.end(), stream));
  delete stream;
  return status();
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  drain(streamOf(stream));
  return statusAfterWaiting();
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return enqueue(stream, [=] { cudaEventSynchronize(event); });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new cuemuEvent;
  return status();
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return status();
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const std::lock_guard lock(api);
  event->done = false;
  event->stream = &streamOf(stream);
  return enqueue(stream, [=] { event->done = true; });
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const std::lock_guard lock(api);
  if (!event->done) drain(*event->stream, &event->done);
  return statusAfterWaiting();
}
