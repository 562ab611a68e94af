// Division by a number that is known when a kernel is launched, by a multiplication and a shift in place of some twenty
// instructions: Granlund & Montgomery, Division by Invariant Integers using Multiplication, 1994.
#pragma once

#include <cstdint>

#include "limbeck/function.h"

namespace limbeck::cuda {

struct Division {
  unsigned quotient, remainder;
};

// Divides 0…2^31-1 by 1…2^31-1. A divisor of 0 is taken as 1: extents of empty tensors divide nothing.
class Divisor {
 public:
  Divisor() = default;
  explicit Divisor(int divisor) : divisor_(divisor > 0 ? static_cast<uint32_t>(divisor) : 1) {
    while ((uint32_t{1} << shift_) < divisor_) shift_++;
    const uint64_t power = uint64_t{1} << shift_;
    multiplier_ = static_cast<uint32_t>(((power - divisor_) << 32) / divisor_ + 1);
  }

  LIMBECK_FN Division divide(unsigned n) const {
    const uint32_t high = static_cast<uint32_t>((uint64_t{n} * multiplier_) >> 32);
    const uint32_t quotient = (high + n) >> shift_;
    return {quotient, n - quotient * divisor_};
  }

  LIMBECK_FN int value() const { return static_cast<int>(divisor_); }

 private:
  uint32_t divisor_ = 1, multiplier_ = 1, shift_ = 0;
};

}  // namespace limbeck::cuda
