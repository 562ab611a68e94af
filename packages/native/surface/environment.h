// What one JavaScript environment (the main thread, or a worker thread) holds: its device, its buffers and the block
// that launches read.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <node_api.h>

#include <limbeck/device.h>

#include "handle-table.h"
#include "reader.h"

namespace limbeck {

// Room for Adam on two thousand tensors. JavaScript refuses a launch that needs more.
constexpr size_t kMaxBuffers = 8192, kMaxInts = 8192, kMaxReals = 8192;

class Environment {
 public:
  // The first call opens the device; throws DeviceError when it cannot.
  static napi_value open(napi_env env, napi_callback_info info);

  // Puts `open` on the module's exports.
  static napi_value initialise(napi_env env, napi_value exports);

 private:
  explicit Environment(napi_env env) : env_(env) {}

  static Environment& of(napi_env env);
  static void close(void* environment) noexcept;

  // Methods of the opened addon; `addon.ts` says what they take and give.
  static napi_value allocate(napi_env env, napi_callback_info info);
  static napi_value release(napi_env env, napi_callback_info info);
  static napi_value upload(napi_env env, napi_callback_info info);
  static napi_value launch(napi_env env, napi_callback_info info);
  static napi_value download(napi_env env, napi_callback_info info);
  static napi_value downloadLater(napi_env env, napi_callback_info info);
  static napi_value memory(napi_env env, napi_callback_info info);
  static napi_value resetPeak(napi_env env, napi_callback_info info);
  static napi_value describe(napi_env env, napi_callback_info info);

  Device& device();
  const void* source(Handle handle, size_t bytes) const;
  napi_value makeAddon(const Device& device);
  napi_value makeArguments();
  char* argumentBlock() const;

  napi_env env_;
  HandleTable buffers_;
  std::vector<void*> addresses_ = std::vector<void*>(kMaxBuffers);
  napi_ref block_ = nullptr;  // the ArrayBuffer behind `arguments`
  napi_ref addon_ = nullptr;  // what `open` gave
  std::unique_ptr<Reader> reader_;  // outlives the device, whose threads end reads
  std::unique_ptr<Device> device_;
};

}  // namespace limbeck
