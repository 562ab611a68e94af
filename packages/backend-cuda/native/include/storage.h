// How floats lie in the device's memory: as they are, or as bfloat16, the upper half of their bits. Kernels compute in
// float, and are templates on the type of what they read and write, or ask at each access (`Stored` in kernels/vector.h).
// Their host side takes buffers as float, as `kernels.h` declares them, and learns from the launch which are bfloat16.
#pragma once

#include <type_traits>

#include "cu.h"

namespace limbeck::cuda {

struct Bf16 {
  uint16_t bits;
};

CU_FN float load(const float* from, int64_t i) { return from[i]; }
CU_FN float load(const Bf16* from, int64_t i) { return fromBf16(from[i].bits); }

CU_FN void store(float* to, int64_t i, float value) { to[i] = value; }
// Rounded, half to even; NaN stays NaN.
CU_FN void store(Bf16* to, int64_t i, float value) { to[i].bits = toBf16(value); }

// Calls body(data), of the type as which the running launch stores the buffer of this number.
template <typename Float, typename Body>
void withStored(int buffer, Float* data, const Body& body) {
  using Narrow = std::conditional_t<std::is_const_v<Float>, const Bf16, Bf16>;
  if (narrow(buffer)) return body(reinterpret_cast<Narrow*>(data));
  body(data);
}

}  // namespace limbeck::cuda
