#include "device/reader.h"

#include <algorithm>
#include <cstring>

#include "device/launch.h"
#include "limbeck/device.h"

namespace limbeck::cuda {

namespace {

constexpr size_t kSmallestLanding = 4096;
constexpr size_t kMostIdle = 8;  // landings kept for the next reads

void discard(void* memory, cudaEvent_t event) {
  cudaEventDestroy(event);
  cudaFreeHost(memory);
}

}  // namespace

Reader::~Reader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  for (const Landing& landing : idle_) discard(landing.memory, landing.copied);
}

Reader::Landing Reader::take(size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    const auto fits = std::find_if(idle_.begin(), idle_.end(), [&](const Landing& each) { return each.bytes >= bytes; });
    if (fits != idle_.end()) {
      const Landing landing = *fits;
      idle_.erase(fits);
      return landing;
    }
  }
  Landing landing{nullptr, std::max(bytes, kSmallestLanding), nullptr};
  check(cudaMallocHost(&landing.memory, landing.bytes), "pinned memory for a read");
  const cudaError_t error = cudaEventCreateWithFlags(&landing.copied, cudaEventDisableTiming | cudaEventBlockingSync);
  if (error != cudaSuccess) cudaFreeHost(landing.memory);
  check(error, "an event");
  return landing;
}

void Reader::read(void* to, const void* from, size_t bytes, cudaStream_t stream, ReadDone done) {
  const Landing landing = take(bytes);
  cudaError_t error = cudaMemcpyAsync(landing.memory, from, bytes, cudaMemcpyDeviceToHost, stream);
  if (error == cudaSuccess) error = cudaEventRecord(landing.copied, stream);
  if (error != cudaSuccess) discard(landing.memory, landing.copied);
  check(error, "a read");
  {
    const std::lock_guard lock(mutex_);
    reads_.push_back({to, bytes, landing, std::move(done)});
  }
  changed_.notify_all();
}

void Reader::work(int device) {
  cudaSetDevice(device);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !reads_.empty(); });
    if (reads_.empty()) return;
    const Read read = std::move(reads_.front());
    reads_.pop_front();
    lock.unlock();
    try {
      check(cudaEventSynchronize(read.landing.copied), "a read");
      std::memcpy(read.to, read.landing.memory, read.bytes);
      read.done("", "");
    } catch (const DeviceError& error) {
      read.done(error.code, error.what());
    }
    lock.lock();
    if (idle_.size() < kMostIdle) {
      idle_.push_back(read.landing);
    } else {
      discard(read.landing.memory, read.landing.copied);
    }
  }
}

}  // namespace limbeck::cuda
