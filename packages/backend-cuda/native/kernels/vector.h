// Neighbouring elements that a thread reads and writes in one access. Kernels that wait for memory are written for any
// width: the widest accesses keep the most bytes under way, and an index is computed once for all of one.
#pragma once

#include <type_traits>

#include "cu.h"
#include "storage.h"

namespace limbeck::kernels {

constexpr int kWidestAccess = 16;  // bytes

template <typename T>
constexpr int kWidthOf = kWidestAccess / sizeof(T);

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

// Slopes of x² become those of x, which begins here.
template <int WIDTH, typename T>
CU_FN void timesSlopeOfSquare(Vector<float, WIDTH>& slopes, const T* x) {
  const auto values = load<WIDTH>(x);
  CU_UNROLL
  for (int k = 0; k < WIDTH; k++) slopes[k] *= 2 * values[k];
}

// A buffer of a launch, by its number. How it stores floats is asked at every access, by all threads alike: elementwise
// kernels, of which there are many, need no instance for each mixture of storages, nor do those that compute much more
// than they read.
template <typename T>
class Stored {
 public:
  Stored(const void* data, int) : data_(static_cast<T*>(const_cast<void*>(data))) {}

  template <int WIDTH>
  CU_FN Vector<T, WIDTH> load(int64_t at) const {
    return kernels::load<WIDTH>(data_ + at);
  }
  template <int WIDTH>
  CU_FN void store(int64_t at, const Vector<T, WIDTH>& vector) const {
    kernels::store(data_ + at, vector);
  }

 private:
  T* data_;
};
template <>
class Stored<float> {
 public:
  Stored(const void* data, int buffer) : data_(const_cast<void*>(data)), narrow_(cuda::narrow(buffer)) {}

  template <int WIDTH>
  CU_FN Vector<float, WIDTH> load(int64_t at) const {
    return narrow_ ? kernels::load<WIDTH>(static_cast<const cuda::Bf16*>(data_) + at)
                   : kernels::load<WIDTH>(static_cast<const float*>(data_) + at);
  }
  CU_FN float operator[](int64_t at) const { return load<1>(at)[0]; }
  // The elements from this one on.
  CU_FN Stored from(int64_t first) const {
    Stored rest = *this;
    rest.data_ = static_cast<char*>(data_) + first * static_cast<int64_t>(narrow_ ? sizeof(cuda::Bf16) : sizeof(float));
    return rest;
  }
  template <int WIDTH>
  CU_FN void store(int64_t at, const Vector<float, WIDTH>& vector) const {
    if (narrow_) return kernels::store(static_cast<cuda::Bf16*>(data_) + at, vector);
    kernels::store(static_cast<float*>(data_) + at, vector);
  }

 private:
  void* data_;
  bool narrow_;
};

// How a launch takes its buffers: as T, WIDTH elements at a time.
template <typename T, int WIDTH>
struct Form {
  static const T* of(const void* buffer) { return static_cast<const T*>(buffer); }
  static T* of(void* buffer) { return static_cast<T*>(buffer); }
};

// Calls run(Form<T, WIDTH>{}) with as many elements as an access holds, or with four; with one where `length`, along which
// elements lie side by side, is no multiple of that.
template <typename T, typename Run>
void inVectorsOf(int64_t length, const Run& run) {
  constexpr int kWidest = kWidthOf<T>, kFour = 4;
  if (length % kWidest == 0) return run(Form<T, kWidest>{});
  if constexpr (kWidest > kFour) {
    if (length % kFour == 0) return run(Form<T, kFour>{});
  }
  run(Form<T, 1>{});
}

// The same of floats, as the launch stores them in a buffer, by its number.
template <typename Run>
void inVectors(int buffer, int64_t length, const Run& run) {
  if (cuda::narrow(buffer)) return inVectorsOf<cuda::Bf16>(length, run);
  inVectorsOf<float>(length, run);
}

}  // namespace limbeck::kernels
