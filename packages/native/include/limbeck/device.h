// What a backend implements besides its kernels: memory, order, and reading back. One device serves one JavaScript
// environment (a worker thread has its own), and its methods are called from that environment's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "arguments.h"

namespace limbeck {

// An error that JavaScript sees with `code`, such as "cudaErrorMemoryAllocation" or "out-of-memory".
class DeviceError : public std::runtime_error {
 public:
  DeviceError(std::string code, const std::string& message) : std::runtime_error(message), code(std::move(code)) {}
  const std::string code;
};

struct MemoryUse {
  size_t liveBytes, peakBytes;  // in buffers that JavaScript holds
  size_t reservedBytes;         // taken from the system, cached blocks included
  size_t buffers;
};

// All work is done in the order of the calls. Calls return before the work is done, but for `download`.
class Device {
 public:
  virtual ~Device() = default;

  // What `limbeck doctor` prints, line by line as name and value.
  virtual std::vector<std::pair<std::string, std::string>> describe() const = 0;

  // Whether kernels take bfloat16 in place of float32 (`Arguments::narrow`), so that maps are stored in half the bytes.
  virtual bool takesBfloat16() const { return false; }

  // Throws DeviceError "out-of-memory" with a table of who holds what.
  virtual void* allocate(size_t bytes) = 0;
  // In the order of the calls: memory that a launch still uses is not given out to work before it.
  virtual void release(void* buffer) noexcept = 0;
  virtual MemoryUse memory() const = 0;
  virtual void resetPeak() = 0;

  // `from` may be reused when this returns.
  virtual void upload(void* to, const void* from, size_t bytes) = 0;
  // The arguments may be reused when this returns.
  virtual void launch(int kernel, const Arguments& arguments) = 0;
  // Waits for everything before.
  virtual void download(void* to, const void* from, size_t bytes) = 0;
  // Calls `done` from any thread once everything before and the copy are done; an empty message means success.
  virtual void downloadLater(void* to, const void* from, size_t bytes,
                             std::function<void(const std::string& code, const std::string& message)> done) = 0;
};

// The device of this build; throws DeviceError when it cannot work here (no driver, an old one, …).
std::unique_ptr<Device> openDevice();

}  // namespace limbeck
