// How floats lie in the device's memory: as they are, or as bfloat16, the upper half of their bits. Kernels compute in
// float; they are templates on the type of what they read and write.
//
// `withStored` chooses the instance: the host side of a kernel takes buffers as float, as `kernels.h` declares them, and
// learns from the launch which of them are bfloat16.
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

// N floats side by side, moved in accesses of 16 bytes, or one of 8: addresses are multiples of that.
template <int N>
struct Floats {
  static_assert(N == 4 || N == 8);
  float at[N];
};

template <int N>
CU_FN Floats<N> loadVector(const float* from, int64_t i) {
  Floats<N> v;
  CU_UNROLL
  for (int k = 0; k < N; k += 4) {
    const float4 four = *reinterpret_cast<const float4*>(from + i + k);
    v.at[k] = four.x, v.at[k + 1] = four.y, v.at[k + 2] = four.z, v.at[k + 3] = four.w;
  }
  return v;
}
template <int N>
CU_FN void storeVector(float* to, int64_t i, const Floats<N>& v) {
  CU_UNROLL
  for (int k = 0; k < N; k += 4) {
    *reinterpret_cast<float4*>(to + i + k) = make_float4(v.at[k], v.at[k + 1], v.at[k + 2], v.at[k + 3]);
  }
}

template <int N>
CU_FN Floats<N> loadVector(const Bf16* from, int64_t i) {
  Floats<N> v;
  uint32_t pairs[N / 2];
  if constexpr (N == 4) {
    const uint2 two = *reinterpret_cast<const uint2*>(from + i);
    pairs[0] = two.x, pairs[1] = two.y;
  } else {
    const uint4 four = *reinterpret_cast<const uint4*>(from + i);
    pairs[0] = four.x, pairs[1] = four.y, pairs[2] = four.z, pairs[3] = four.w;
  }
  CU_UNROLL
  for (int k = 0; k < N / 2; k++) v.at[2 * k] = lowOfBf16Pair(pairs[k]), v.at[2 * k + 1] = highOfBf16Pair(pairs[k]);
  return v;
}
template <int N>
CU_FN void storeVector(Bf16* to, int64_t i, const Floats<N>& v) {
  uint32_t pairs[N / 2];
  CU_UNROLL
  for (int k = 0; k < N / 2; k++) pairs[k] = toBf16Pair(v.at[2 * k], v.at[2 * k + 1]);
  if constexpr (N == 4) {
    *reinterpret_cast<uint2*>(to + i) = make_uint2(pairs[0], pairs[1]);
  } else {
    *reinterpret_cast<uint4*>(to + i) = make_uint4(pairs[0], pairs[1], pairs[2], pairs[3]);
  }
}

// Floats whose storage is found out at each load: for kernels that compute much more than they read.
struct StoredFloats {
  const void* data;
  bool isNarrow;

  CU_FN float operator[](int64_t i) const {
    return isNarrow ? load(static_cast<const Bf16*>(data), i) : static_cast<const float*>(data)[i];
  }
  CU_FN StoredFloats from(int64_t first) const {
    const int64_t bytes = first * static_cast<int64_t>(isNarrow ? sizeof(Bf16) : sizeof(float));
    return {static_cast<const char*>(data) + bytes, isNarrow};
  }
};
// A buffer of the running launch.
inline StoredFloats storedFloats(int buffer, const void* data) { return {data, narrow(buffer)}; }

// Calls body(Stored<T>{}), T as the buffer of this number is stored in the running launch: what a kernel takes narrow
// together (`narrowForms`) is one call.
template <typename T>
struct Stored {
  using Type = T;
};
template <typename Body>
void withStored(int buffer, const Body& body) {
  if (narrow(buffer)) return body(Stored<Bf16>{});
  body(Stored<float>{});
}

// The same of one buffer: calls body(data), of its true type.
template <typename Float, typename Body>
void withStored(int buffer, Float* data, const Body& body) {
  using Narrow = std::conditional_t<std::is_const_v<Float>, const Bf16, Bf16>;
  if (narrow(buffer)) return body(reinterpret_cast<Narrow*>(data));
  body(data);
}

}  // namespace limbeck::cuda
