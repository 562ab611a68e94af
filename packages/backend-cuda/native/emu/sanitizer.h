// What the sanitizers must be told of fibers. The emulation itself is built without instrumentation, so that they see
// the kernels alone; CUEMU_ASAN and CUEMU_TSAN say with which one the kernels are built.
#pragma once

#include <cstddef>

#ifndef CUEMU_ASAN
#define CUEMU_ASAN 0
#endif
#ifndef CUEMU_TSAN
#define CUEMU_TSAN 0
#endif

#if CUEMU_TSAN
extern "C" {
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
void* __tsan_get_current_fiber(void);
void __tsan_acquire(void* point);
void __tsan_release(void* point);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif
#if CUEMU_ASAN
extern "C" {
void __asan_unpoison_memory_region(void const volatile* region, size_t bytes);
void __sanitizer_start_switch_fiber(void** fakeStack, const void* stack, size_t bytes);
void __sanitizer_finish_switch_fiber(void* fakeStack, const void** oldStack, size_t* oldBytes);
}
#endif

namespace cuemu {

// While one lives, what this thread reads and writes (by intercepted functions such as memcpy) is the emulation's own.
struct Unwatched {
#if CUEMU_TSAN
  Unwatched() {
    AnnotateIgnoreReadsBegin("", 0);
    AnnotateIgnoreWritesBegin("", 0);
  }
  ~Unwatched() {
    AnnotateIgnoreReadsEnd("", 0);
    AnnotateIgnoreWritesEnd("", 0);
  }
#else
  Unwatched() {}
  ~Unwatched() {}
#endif
};

// What comes before `leaving` a point happens before what follows `entering` it.
inline void leaving([[maybe_unused]] void* point) {
#if CUEMU_TSAN
  __tsan_release(point);
#endif
}
inline void entering([[maybe_unused]] void* point) {
#if CUEMU_TSAN
  __tsan_acquire(point);
#endif
}

}  // namespace cuemu
