// Loops over threads, for kernels. The parts of a loop depend on its length and the number of threads alone, so that
// results do too.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

namespace limbeck {

// Threads of the device whose kernel is running.
int threadCount();

// task(0) … task(count-1) on the device's threads.
void runParts(int count, const std::function<void(int)>& task);

// Calls body(begin, end) on parts of 0…length-1 that are at least `grain` long.
template <typename Body>
void parallelFor(int64_t length, int64_t grain, const Body& body) {
  const int64_t parts = std::clamp<int64_t>(length / std::max<int64_t>(grain, 1), 1, threadCount());
  if (parts == 1) {
    if (length > 0) body(int64_t{0}, length);
    return;
  }
  runParts(static_cast<int>(parts), [&](int part) {
    body(length * part / parts, length * (part + 1) / parts);
  });
}

// Memory for one kernel's own use, at least `bytes` long and 64-byte aligned, until the thread's next call for the
// same slot. Each thread has its own.
void* scratch(int slot, size_t bytes);

template <typename T>
T* scratchOf(int slot, size_t count) {
  return static_cast<T*>(scratch(slot, count * sizeof(T)));
}

}  // namespace limbeck
