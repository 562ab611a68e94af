// N-API with exceptions: what fails in C++ becomes an Error in JavaScript, with a `code`.
#pragma once

#include <cstddef>
#include <exception>
#include <new>
#include <string>

#include <node_api.h>

#include <limbeck/device.h>

namespace limbeck {

// N-API has left an exception in JavaScript; nothing is to be added.
struct PendingException {};

inline void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);  // before any other call, which would overwrite it
  const std::string reason = info && info->error_message ? info->error_message : "a call of N-API failed";
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (pending) throw PendingException{};
  throw DeviceError("wrong-argument", reason);
}

// The arguments of a call from JavaScript: N of them, each checked when it is read.
template <size_t N>
class Call {
 public:
  Call(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = N;
    check(env, napi_get_cb_info(env, info, &count, values_, nullptr, nullptr));
    if (count < N) throw DeviceError("wrong-argument", "expected " + std::to_string(N) + " arguments");
  }

  double number(size_t i) const {
    double value;
    check(env_, napi_get_value_double(env_, values_[i], &value));
    return value;
  }

  // A whole number from 0 to most.
  size_t count(size_t i, size_t most, const char* what) const {
    const double value = number(i);
    if (value >= 0 && value <= double(most) && value == double(size_t(value))) return size_t(value);
    throw DeviceError("wrong-argument",
                      std::string(what) + ": expected a whole number up to " + std::to_string(most));
  }

  napi_value value(size_t i) const { return values_[i]; }

 private:
  napi_env env_;
  napi_value values_[N];
};

// The bytes behind a typed array.
struct Bytes {
  void* data;
  size_t length;
};

inline Bytes bytesOf(napi_env env, napi_value typedArray) {
  napi_typedarray_type type;
  size_t elements;
  void* data;
  check(env, napi_get_typedarray_info(env, typedArray, &type, &elements, &data, nullptr, nullptr));
  switch (type) {
    case napi_float32_array:
    case napi_int32_array:
      return {data, elements * 4};
    case napi_uint8_array:
      return {data, elements};
    default:
      throw DeviceError("wrong-argument", "expected a Float32Array, an Int32Array or a Uint8Array");
  }
}

inline napi_value numberOf(napi_env env, double value) {
  napi_value result;
  check(env, napi_create_double(env, value, &result));
  return result;
}

inline napi_value stringOf(napi_env env, const std::string& text) {
  napi_value result;
  check(env, napi_create_string_utf8(env, text.data(), text.size(), &result));
  return result;
}

inline void setProperty(napi_env env, napi_value object, const char* name, napi_value value) {
  check(env, napi_set_named_property(env, object, name, value));
}

// A method without exceptions that leave C++.
template <napi_value (*F)(napi_env, napi_callback_info)>
napi_value guarded(napi_env env, napi_callback_info info) noexcept {
  try {
    return F(env, info);
  } catch (const PendingException&) {
  } catch (const DeviceError& error) {
    napi_throw_error(env, error.code.c_str(), error.what());
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, "out-of-memory", "the host has no memory left");
  } catch (const std::exception& error) {
    napi_throw_error(env, "internal", error.what());
  }
  return nullptr;
}

}  // namespace limbeck
