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
};

}  // namespace limbeck
