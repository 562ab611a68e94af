// Reading back without waiting: the device copies when it gets there, a promise is kept on the JavaScript thread.
#pragma once

#include <exception>
#include <memory>
#include <string>

#include <node_api.h>

#include <limbeck/device.h>

#include "napi-call.h"

namespace limbeck {

class Reader {
 public:
  explicit Reader(napi_env env) : env_(env) {
    check(env, napi_create_threadsafe_function(env, nullptr, nullptr, stringOf(env, "limbeck:read"), 0, 1, nullptr,
                                               nullptr, this, &Reader::settle, &queue_));
    check(env, napi_unref_threadsafe_function(env, queue_));  // an idle device keeps no process alive
  }

  // Only when no read can end any more.
  ~Reader() { napi_release_threadsafe_function(queue_, napi_tsfn_abort); }

  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // A promise of `typedArray`, filled with the first of the buffer's bytes.
  napi_value read(Device& device, const void* from, napi_value typedArray) {
    const Bytes to = bytesOf(env_, typedArray);
    auto pending = std::make_unique<Pending>();
    napi_value promise;
    check(env_, napi_create_promise(env_, &pending->deferred, &promise));
    check(env_, napi_create_reference(env_, typedArray, 1, &pending->array));
    if (count_++ == 0) check(env_, napi_ref_threadsafe_function(env_, queue_));
    Pending* const read = pending.release();
    const auto done = [this, read](const std::string& code, const std::string& message) {
      read->code = code;
      read->message = message;
      // from any thread; refused when the environment closes, and then nobody waits
      if (napi_call_threadsafe_function(queue_, read, napi_tsfn_nonblocking) != napi_ok) delete read;
    };
    try {
      device.downloadLater(to.data, from, to.length, done);
    } catch (const DeviceError& error) {
      done(error.code, error.what());
    } catch (const std::exception& error) {
      done("internal", error.what());
    }
    return promise;
  }

 private:
  struct Pending {
    napi_deferred deferred;
    napi_ref array;
    std::string code, message;
  };

  // On the JavaScript thread; without an environment when it closes.
  static void settle(napi_env env, napi_value, void* reader, void* data) {
    const std::unique_ptr<Pending> read(static_cast<Pending*>(data));
    if (!env) return;
    auto* const self = static_cast<Reader*>(reader);
    if (--self->count_ == 0) napi_unref_threadsafe_function(env, self->queue_);
    napi_value value;
    napi_get_reference_value(env, read->array, &value);
    napi_delete_reference(env, read->array);
    if (read->message.empty()) {
      napi_resolve_deferred(env, read->deferred, value);
      return;
    }
    napi_value code, message, error;
    napi_create_string_utf8(env, read->code.data(), read->code.size(), &code);
    napi_create_string_utf8(env, read->message.data(), read->message.size(), &message);
    napi_create_error(env, code, message, &error);
    napi_reject_deferred(env, read->deferred, error);
  }

  napi_env env_;
  napi_threadsafe_function queue_;
  size_t count_ = 0;
};

}  // namespace limbeck
