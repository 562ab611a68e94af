// What a launch carries: buffers by address, integers, and real numbers.
#pragma once

#include <cstdint>

namespace limbeck {

// Valid during the call only. JavaScript has checked shapes and types; C++ checks the counts.
struct Arguments {
  void* const* buffers;  // null where an optional tensor is absent
  const int32_t* ints;
  const double* reals;
  int bufferCount;
  int intCount;
  int realCount;
  // Bit i: buffer i, float32 to JavaScript, holds bfloat16; kAllNarrow: so does each of a list. Only where the device asks
  // for it (`Device::takesBfloat16`), and only what `narrowForms` in native-kernels.ts names.
  uint32_t narrow = 0;
};

constexpr uint32_t kAllNarrow = 0xffffffffu;

}  // namespace limbeck
