// How many buffers, integers and reals a kernel takes, read off its prototype: nothing is linked.
#pragma once

#include "kernels.h"

namespace limbeck {

// What the surface checks before a launch; -1: the kernel checks by itself (its parameters have a tail).
struct KernelSignature {
  const char* name;
  int bufferCount, intCount, realCount;
};

template <typename Prototype>
struct CountsOf;

template <typename Ints, typename... Pointers>
struct CountsOf<void (*)(const Ints&, Pointers*...)> {
  static constexpr int kBuffers = sizeof...(Pointers), kInts = sizeof(Ints) / sizeof(int32_t), kReals = 0;
};

template <typename Ints, typename Reals, typename... Pointers>
struct CountsOf<void (*)(const Ints&, const Reals&, Pointers*...)> {
  static constexpr int kBuffers = sizeof...(Pointers), kInts = sizeof(Ints) / sizeof(int32_t),
                       kReals = sizeof(Reals) / sizeof(double);
};

template <>
struct CountsOf<void (*)(const Arguments&)> {
  static constexpr int kBuffers = -1, kInts = -1, kReals = -1;
};

#define LIMBECK_SIGNATURE(kernel)                                                                    \
  {#kernel, CountsOf<decltype(&LIMBECK_TARGET::kernel)>::kBuffers,                                   \
   CountsOf<decltype(&LIMBECK_TARGET::kernel)>::kInts, CountsOf<decltype(&LIMBECK_TARGET::kernel)>::kReals},
inline constexpr KernelSignature kKernelSignatures[] = {LIMBECK_KERNELS(LIMBECK_SIGNATURE)};
#undef LIMBECK_SIGNATURE

inline constexpr int kKernelCount = sizeof(kKernelSignatures) / sizeof(kKernelSignatures[0]);

}  // namespace limbeck
