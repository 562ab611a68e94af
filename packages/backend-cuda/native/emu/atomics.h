// Atomic operations and fences of CUDA.
#pragma once

#include <atomic>
#include <type_traits>

namespace cuemu {

template <typename T, typename Change>
T exchange(T* place, Change change) {
  T old;
  __atomic_load(place, &old, __ATOMIC_RELAXED);
  for (;;) {
    T next = change(old);
    if (__atomic_compare_exchange(place, &old, &next, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) return old;
  }
}

}  // namespace cuemu

template <typename T>
T atomicAdd(T* place, std::common_type_t<T> value) {
  return cuemu::exchange(place, [=](T old) { return T(old + value); });
}
template <typename T>
T atomicMax(T* place, std::common_type_t<T> value) {
  return cuemu::exchange(place, [=](T old) { return old > value ? old : value; });
}
template <typename T>
T atomicMin(T* place, std::common_type_t<T> value) {
  return cuemu::exchange(place, [=](T old) { return old < value ? old : value; });
}
template <typename T>
T atomicOr(T* place, std::common_type_t<T> value) {
  return cuemu::exchange(place, [=](T old) { return T(old | value); });
}
template <typename T>
T atomicExch(T* place, std::common_type_t<T> value) {
  return cuemu::exchange(place, [=](T) { return value; });
}
template <typename T>
T atomicCAS(T* place, std::common_type_t<T> expected, std::common_type_t<T> value) {
  __atomic_compare_exchange(place, &expected, &value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return expected;
}

inline void __threadfence() { std::atomic_thread_fence(std::memory_order_seq_cst); }
inline void __threadfence_block() {}
