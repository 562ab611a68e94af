// Kernels by number and name, called with packed arguments. Include after `kernels.h`, once per LIMBECK_TARGET.
#pragma once

#include <type_traits>
#include <utility>

#include "kernels.h"

namespace limbeck {

#ifndef LIMBECK_KERNEL_ENTRY
#define LIMBECK_KERNEL_ENTRY
// Counts are what the surface checks before a launch; −1: the kernel checks by itself (its parameters have a tail).
struct Kernel {
  const char* name;
  void (*run)(const Arguments&);
  int bufferCount, intCount, realCount;
};

// Turns `void f(const Ints&, [const Reals&,] T*…)` into a call by `Arguments`.
template <auto F, typename Signature>
struct Unpacked;

template <auto F, typename Ints, typename... Pointers>
struct Unpacked<F, void (*)(const Ints&, Pointers...)> {
  static constexpr int kBuffers = sizeof...(Pointers), kInts = sizeof(Ints) / sizeof(int32_t), kReals = 0;
  template <size_t... I>
  static void call(const Arguments& a, std::index_sequence<I...>) {
    F(*reinterpret_cast<const Ints*>(a.ints), static_cast<Pointers>(a.buffers[I])...);
  }
  static void run(const Arguments& a) { call(a, std::make_index_sequence<kBuffers>{}); }
};

template <auto F, typename Ints, typename Reals, typename... Pointers>
struct Unpacked<F, void (*)(const Ints&, const Reals&, Pointers...)> {
  static constexpr int kBuffers = sizeof...(Pointers), kInts = sizeof(Ints) / sizeof(int32_t),
                       kReals = sizeof(Reals) / sizeof(double);
  template <size_t... I>
  static void call(const Arguments& a, std::index_sequence<I...>) {
    F(*reinterpret_cast<const Ints*>(a.ints), *reinterpret_cast<const Reals*>(a.reals),
      static_cast<Pointers>(a.buffers[I])...);
  }
  static void run(const Arguments& a) { call(a, std::make_index_sequence<kBuffers>{}); }
};

template <auto F>
struct Unpacked<F, void (*)(const Arguments&)> {
  static constexpr int kBuffers = -1, kInts = -1, kReals = -1;
  static void run(const Arguments& a) { F(a); }
};
#endif

namespace LIMBECK_TARGET {

#define LIMBECK_ENTRY(kernel)                                                            \
  {#kernel, Unpacked<&kernel, decltype(&kernel)>::run,                                   \
   Unpacked<&kernel, decltype(&kernel)>::kBuffers, Unpacked<&kernel, decltype(&kernel)>::kInts, \
   Unpacked<&kernel, decltype(&kernel)>::kReals},
inline constexpr Kernel kKernels[] = {LIMBECK_KERNELS(LIMBECK_ENTRY)};
#undef LIMBECK_ENTRY

}  // namespace LIMBECK_TARGET

inline constexpr int kKernelCount = 0
#define LIMBECK_COUNT(kernel) +1
    LIMBECK_KERNELS(LIMBECK_COUNT);
#undef LIMBECK_COUNT

}  // namespace limbeck
