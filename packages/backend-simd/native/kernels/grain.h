// How much work is worth another thread: waking one costs a few microseconds.
#pragma once

#include <algorithm>
#include <cstdint>

namespace limbeck::LIMBECK_TARGET {

// Elements that are read, changed a little and written.
constexpr int64_t kElements = 1 << 14;

// Items of a loop of which each touches `elements`, and spends `cost` times as long on one as a plain copy.
inline int64_t grainOf(int64_t elements, int64_t cost = 1) {
  return std::max<int64_t>(1, kElements / std::max<int64_t>(elements * cost, 1));
}

}  // namespace limbeck::LIMBECK_TARGET
