// Neighbouring elements that a thread reads and writes in one access. Kernels that wait for memory are written for any
// width: the widest accesses keep the most bytes under way, and an index is computed once for all of one.
#pragma once

#include <type_traits>

#include "cu.h"
#include "storage.h"

namespace limbeck::kernels {

constexpr int kWidestAccess = 16;  // bytes

template <typename T, int WIDTH>
struct alignas(sizeof(T) * WIDTH < kWidestAccess ? sizeof(T) * WIDTH : kWidestAccess) Vector {
  T elements[WIDTH];
  CU_FN T& operator[](int k) { return elements[k]; }
  CU_FN const T& operator[](int k) const { return elements[k]; }
};

template <int WIDTH, typename T>
CU_FN Vector<T, WIDTH> filled(T value) {
  Vector<T, WIDTH> vector;
  CU_UNROLL
  for (int k = 0; k < WIDTH; k++) vector[k] = value;
  return vector;
}

// From and to addresses that are multiples of WIDTH elements.
template <int WIDTH, typename T>
CU_FN Vector<T, WIDTH> load(const T* from) {
  return *reinterpret_cast<const Vector<T, WIDTH>*>(from);
}
template <int WIDTH, typename T>
CU_FN void store(T* to, const Vector<T, WIDTH>& vector) {
  *reinterpret_cast<Vector<T, WIDTH>*>(to) = vector;
}

// Of floats that are stored as bfloat16.
template <int WIDTH>
CU_FN Vector<float, WIDTH> load(const cuda::Bf16* from) {
  Vector<float, WIDTH> vector;
  if constexpr (WIDTH == 1) {
    vector[0] = cuda::load(from, 0);
  } else {
    const auto pairs = load<WIDTH / 2>(reinterpret_cast<const uint32_t*>(from));
    CU_UNROLL
    for (int k = 0; k < WIDTH / 2; k++) {
      vector[2 * k] = cuda::lowOfBf16Pair(pairs[k]);
      vector[2 * k + 1] = cuda::highOfBf16Pair(pairs[k]);
    }
  }
  return vector;
}
template <int WIDTH>
CU_FN void store(cuda::Bf16* to, const Vector<float, WIDTH>& vector) {
  if constexpr (WIDTH == 1) {
    cuda::store(to, 0, vector[0]);
  } else {
    Vector<uint32_t, WIDTH / 2> pairs;
    CU_UNROLL
    for (int k = 0; k < WIDTH / 2; k++) pairs[k] = cuda::toBf16Pair(vector[2 * k], vector[2 * k + 1]);
    store(reinterpret_cast<uint32_t*>(to), pairs);
  }
}

// How a launch takes its buffers: as T, WIDTH elements at a time.
template <typename T, int WIDTH>
struct Form {
  static const T* of(const void* buffer) { return static_cast<const T*>(buffer); }
  static T* of(void* buffer) { return static_cast<T*>(buffer); }
};

// Calls run(Form<T, WIDTH>{}) with as many elements as an access holds; with one where `length`, along which elements lie
// side by side, is no multiple of that.
template <typename T, typename Run>
void inVectorsOf(int64_t length, const Run& run) {
  constexpr int kWidth = kWidestAccess / sizeof(T);
  if (length % kWidth == 0) return run(Form<T, kWidth>{});
  run(Form<T, 1>{});
}

// The same of floats, as the launch stores them in a buffer, by its number.
template <typename Run>
void inVectors(int buffer, int64_t length, const Run& run) {
  if (cuda::narrow(buffer)) return inVectorsOf<cuda::Bf16>(length, run);
  inVectorsOf<float>(length, run);
}

}  // namespace limbeck::kernels
