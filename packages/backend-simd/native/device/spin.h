// Waiting awake: cheaper than sleeping when the wait is a few microseconds.
#pragma once

#include <chrono>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace limbeck {

inline void relax() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waits awake until `ready()`, for at most about `patience`; whether it came. Lets others have the core now and then.
template <typename Ready>
bool spinUntil(Ready ready, std::chrono::microseconds patience) {
  for (int i = 0; i < 64; i++) {
    if (ready()) return true;
    relax();
  }
  const auto end = std::chrono::steady_clock::now() + patience;
  do {
    if (ready()) return true;
    std::this_thread::yield();
  } while (std::chrono::steady_clock::now() < end);
  return ready();
}

}  // namespace limbeck
