// Kernels by number, called with packed arguments; the surface has checked their counts (`kernel-signature.h`).
// Include once per LIMBECK_TARGET.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "kernel-signature.h"

namespace limbeck {

using Kernel = void (*)(const Arguments&);

// Turns `void f(const Ints&, [const Reals&,] T*…)` into a call by `Arguments`.
template <auto F, typename Prototype>
struct Unpacked;

template <auto F, typename Ints, typename... Pointers>
struct Unpacked<F, void (*)(const Ints&, Pointers*...)> {
  template <size_t... I>
  static void call(const Arguments& a, std::index_sequence<I...>) {
    F(*reinterpret_cast<const Ints*>(a.ints), static_cast<Pointers*>(a.buffers[I])...);
  }
  static void run(const Arguments& a) { call(a, std::index_sequence_for<Pointers...>{}); }
};

template <auto F, typename Ints, typename Reals, typename... Pointers>
struct Unpacked<F, void (*)(const Ints&, const Reals&, Pointers*...)> {
  template <size_t... I>
  static void call(const Arguments& a, std::index_sequence<I...>) {
    F(*reinterpret_cast<const Ints*>(a.ints), *reinterpret_cast<const Reals*>(a.reals),
      static_cast<Pointers*>(a.buffers[I])...);
  }
  static void run(const Arguments& a) { call(a, std::index_sequence_for<Pointers...>{}); }
};

template <auto F>
struct Unpacked<F, void (*)(const Arguments&)> {
  static void run(const Arguments& a) { F(a); }
};

namespace LIMBECK_TARGET {

#define LIMBECK_ENTRY(kernel) Unpacked<&kernel, decltype(&kernel)>::run,
inline constexpr Kernel kKernels[] = {LIMBECK_KERNELS(LIMBECK_ENTRY)};
#undef LIMBECK_ENTRY

}  // namespace LIMBECK_TARGET
}  // namespace limbeck
