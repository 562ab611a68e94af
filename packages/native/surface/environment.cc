#include "environment.h"

#include <cstring>

#include <limbeck/kernel-signature.h>

#include "napi-call.h"

namespace limbeck {

namespace {

// The block: handles and reals as doubles, then ints.
constexpr size_t kHandlesAt = 0, kRealsAt = kMaxBuffers * 8, kIntsAt = kRealsAt + kMaxReals * 8,
                 kBlockBytes = kIntsAt + kMaxInts * 4;

napi_value undefined(napi_env env) {
  napi_value result;
  check(env, napi_get_undefined(env, &result));
  return result;
}

template <typename Items, typename F>
napi_value listOf(napi_env env, const Items& items, F make) {
  napi_value list;
  check(env, napi_create_array(env, &list));
  uint32_t at = 0;
  for (const auto& item : items) check(env, napi_set_element(env, list, at++, make(item)));
  return list;
}

napi_value signatures(napi_env env) {
  return listOf(env, kKernelSignatures, [env](const KernelSignature& kernel) {
    napi_value entry;
    check(env, napi_create_object(env, &entry));
    setProperty(env, entry, "name", stringOf(env, kernel.name));
    setProperty(env, entry, "buffers", numberOf(env, kernel.bufferCount));
    setProperty(env, entry, "ints", numberOf(env, kernel.intCount));
    setProperty(env, entry, "reals", numberOf(env, kernel.realCount));
    return entry;
  });
}

#define LIMBECK_NAME(op) #op,
constexpr const char* kUnaryOps[] = {LIMBECK_UNARY_OPS(LIMBECK_NAME)};
constexpr const char* kBinaryOps[] = {LIMBECK_BINARY_OPS(LIMBECK_NAME)};
#undef LIMBECK_NAME

template <size_t N>
napi_value names(napi_env env, const char* const (&list)[N]) {
  return listOf(env, list, [env](const char* name) { return stringOf(env, name); });
}

void requireCount(const char* kernel, const char* what, int expected, size_t received) {
  if (expected < 0 || size_t(expected) == received) return;
  throw DeviceError("wrong-count", std::string(kernel) + ": expected " + std::to_string(expected) + " " + what +
                                       ", received " + std::to_string(received));
}

}  // namespace

napi_value Environment::initialise(napi_env env, napi_value exports) {
  auto environment = std::unique_ptr<Environment>(new Environment(env));
  check(env, napi_set_instance_data(
                 env, environment.get(),
                 [](napi_env, void* data, void*) { delete static_cast<Environment*>(data); }, nullptr));
  Environment* const self = environment.release();
  // runs before Node ends what the reader's promises need
  check(env, napi_add_env_cleanup_hook(env, &Environment::close, self));
  napi_value open;
  check(env, napi_create_function(env, "open", NAPI_AUTO_LENGTH, guarded<&Environment::open>, nullptr, &open));
  setProperty(env, exports, "open", open);
  return exports;
}

void Environment::close(void* environment) noexcept {
  auto* const self = static_cast<Environment*>(environment);
  self->device_.reset();
  self->reader_.reset();
}

Environment& Environment::of(napi_env env) {
  void* data;
  check(env, napi_get_instance_data(env, &data));
  return *static_cast<Environment*>(data);
}

Device& Environment::device() {
  if (!device_) throw DeviceError("closed", "the device was closed with its environment");
  return *device_;
}

napi_value Environment::open(napi_env env, napi_callback_info) {
  Environment& self = of(env);
  napi_value addon;
  if (self.addon_) {
    check(env, napi_get_reference_value(env, self.addon_, &addon));
    return addon;
  }
  auto device = openDevice();
  auto reader = std::make_unique<Reader>(env);
  addon = self.makeAddon(*device);
  check(env, napi_create_reference(env, addon, 1, &self.addon_));
  self.reader_ = std::move(reader);
  self.device_ = std::move(device);
  return addon;
}

napi_value Environment::makeAddon(const Device& device) {
  napi_value addon;
  check(env_, napi_create_object(env_, &addon));
  setProperty(env_, addon, "arguments", makeArguments());
  setProperty(env_, addon, "kernels", signatures(env_));
  setProperty(env_, addon, "unaryOps", names(env_, kUnaryOps));
  setProperty(env_, addon, "binaryOps", names(env_, kBinaryOps));
  napi_value bfloat16;
  check(env_, napi_get_boolean(env_, device.takesBfloat16(), &bfloat16));
  setProperty(env_, addon, "bfloat16", bfloat16);
  const auto method = [&](const char* name, napi_callback callback) {
    napi_value function;
    check(env_, napi_create_function(env_, name, NAPI_AUTO_LENGTH, callback, nullptr, &function));
    setProperty(env_, addon, name, function);
  };
  method("allocate", guarded<&Environment::allocate>);
  method("release", guarded<&Environment::release>);
  method("upload", guarded<&Environment::upload>);
  method("launch", guarded<&Environment::launch>);
  method("download", guarded<&Environment::download>);
  method("downloadLater", guarded<&Environment::downloadLater>);
  method("memory", guarded<&Environment::memory>);
  method("resetPeak", guarded<&Environment::resetPeak>);
  method("describe", guarded<&Environment::describe>);
  return addon;
}

napi_value Environment::makeArguments() {
  napi_value block, arguments;
  void* data;
  check(env_, napi_create_arraybuffer(env_, kBlockBytes, &data, &block));
  check(env_, napi_create_reference(env_, block, 1, &block_));
  check(env_, napi_create_object(env_, &arguments));
  const auto array = [&](const char* name, napi_typedarray_type type, size_t count, size_t at) {
    napi_value view;
    check(env_, napi_create_typedarray(env_, type, count, block, at, &view));
    setProperty(env_, arguments, name, view);
  };
  array("buffers", napi_float64_array, kMaxBuffers, kHandlesAt);
  array("reals", napi_float64_array, kMaxReals, kRealsAt);
  array("ints", napi_int32_array, kMaxInts, kIntsAt);
  return arguments;
}

// Asked for at each launch: JavaScript may have given the block away (`postMessage` with transfer).
char* Environment::argumentBlock() const {
  napi_value block;
  check(env_, napi_get_reference_value(env_, block_, &block));
  void* data;
  size_t bytes;
  check(env_, napi_get_arraybuffer_info(env_, block, &data, &bytes));
  if (bytes != kBlockBytes) throw DeviceError("arguments-lost", "the block of arguments was transferred away");
  return static_cast<char*>(data);
}

napi_value Environment::allocate(napi_env env, napi_callback_info info) {
  constexpr size_t kMostBytes = size_t(1) << 53;
  const Call<1> call(env, info);
  const size_t bytes = call.count(0, kMostBytes, "bytes");
  Environment& self = of(env);
  void* const buffer = self.device().allocate(bytes);
  try {
    return numberOf(env, self.buffers_.add(buffer, bytes));
  } catch (...) {
    self.device().release(buffer);
    throw;
  }
}

napi_value Environment::release(napi_env env, napi_callback_info info) {
  const Call<1> call(env, info);
  Environment& self = of(env);
  self.device().release(self.buffers_.remove(call.number(0)));
  return undefined(env);
}

napi_value Environment::upload(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  Environment& self = of(env);
  const HandleTable::Entry& to = self.buffers_.at(call.number(0));
  const Bytes from = bytesOf(env, call.value(1));
  if (from.length > to.bytes) {
    throw DeviceError("out-of-bounds", std::to_string(from.length) + " bytes do not fit a buffer of " +
                                           std::to_string(to.bytes));
  }
  self.device().upload(to.buffer, from.data, from.length);
  return undefined(env);
}

const void* Environment::source(Handle handle, size_t bytes) const {
  const HandleTable::Entry& from = buffers_.at(handle);
  if (bytes > from.bytes) {
    throw DeviceError("out-of-bounds", std::to_string(bytes) + " bytes cannot be read from a buffer of " +
                                           std::to_string(from.bytes));
  }
  return from.buffer;
}

napi_value Environment::download(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  Environment& self = of(env);
  const Bytes to = bytesOf(env, call.value(1));
  self.device().download(to.data, self.source(call.number(0), to.length), to.length);
  return call.value(1);
}

napi_value Environment::downloadLater(napi_env env, napi_callback_info info) {
  const Call<2> call(env, info);
  Environment& self = of(env);
  const Bytes to = bytesOf(env, call.value(1));
  return self.reader_->read(self.device(), self.source(call.number(0), to.length), call.value(1));
}

napi_value Environment::launch(napi_env env, napi_callback_info info) {
  const Call<5> call(env, info);
  Environment& self = of(env);
  const size_t kernel = call.count(0, kKernelCount - 1, "kernel");
  const size_t buffers = call.count(1, kMaxBuffers, "buffers");
  const size_t ints = call.count(2, kMaxInts, "ints");
  const size_t reals = call.count(3, kMaxReals, "reals");
  const auto narrow = static_cast<uint32_t>(call.count(4, kAllNarrow, "narrow"));
  const KernelSignature& signature = kKernelSignatures[kernel];
  requireCount(signature.name, "buffers", signature.bufferCount, buffers);
  requireCount(signature.name, "ints", signature.intCount, ints);
  requireCount(signature.name, "reals", signature.realCount, reals);
  if (narrow && !self.device().takesBfloat16()) {
    throw DeviceError("wrong-argument", std::string(signature.name) + ": the device takes no bfloat16");
  }

  const char* const block = self.argumentBlock();
  const auto* const handles = reinterpret_cast<const double*>(block + kHandlesAt);
  for (size_t i = 0; i < buffers; i++) {
    self.addresses_[i] = handles[i] == 0 ? nullptr : self.buffers_.at(handles[i]).buffer;
  }
  self.device().launch(int(kernel), {self.addresses_.data(), reinterpret_cast<const int32_t*>(block + kIntsAt),
                                     reinterpret_cast<const double*>(block + kRealsAt), int(buffers), int(ints),
                                     int(reals), narrow});
  return undefined(env);
}

napi_value Environment::memory(napi_env env, napi_callback_info) {
  const MemoryUse use = of(env).device().memory();
  napi_value result;
  check(env, napi_create_object(env, &result));
  setProperty(env, result, "liveBytes", numberOf(env, double(use.liveBytes)));
  setProperty(env, result, "peakBytes", numberOf(env, double(use.peakBytes)));
  setProperty(env, result, "reservedBytes", numberOf(env, double(use.reservedBytes)));
  setProperty(env, result, "buffers", numberOf(env, double(use.buffers)));
  return result;
}

napi_value Environment::resetPeak(napi_env env, napi_callback_info) {
  of(env).device().resetPeak();
  return undefined(env);
}

napi_value Environment::describe(napi_env env, napi_callback_info) {
  return listOf(env, of(env).device().describe(), [env](const auto& line) {
    napi_value pair;
    check(env, napi_create_array_with_length(env, 2, &pair));
    check(env, napi_set_element(env, pair, 0, stringOf(env, line.first)));
    check(env, napi_set_element(env, pair, 1, stringOf(env, line.second)));
    return pair;
  });
}

}  // namespace limbeck
