// The module that Node loads: { open }.
#include <node_api.h>

#include "environment.h"
#include "napi-call.h"

namespace {

napi_value initialise(napi_env env, napi_value exports) {
  try {
    return limbeck::Environment::initialise(env, exports);
  } catch (const limbeck::PendingException&) {
  } catch (const limbeck::DeviceError& error) {
    napi_throw_error(env, error.code.c_str(), error.what());
  }
  return exports;
}

}  // namespace

NAPI_MODULE_INIT() { return initialise(env, exports); }
