#include "fiber.h"

#include <pthread.h>

#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#if !defined(__x86_64__)
#error "the emulation of CUDA needs a change of stacks for this processor"
#endif

// Saves the registers that calls keep, and changes stacks.
extern "C" void cuemu_change_stack(void** saved, void* next);
__asm__(R"(
.text
.local cuemu_change_stack
.type cuemu_change_stack,@function
cuemu_change_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");

namespace cuemu {

namespace {

constexpr size_t kPage = 4096, kSavedRegisters = 6;
// Instrumented frames are larger.
constexpr size_t kStackBytes = size_t{CUEMU_ASAN || CUEMU_TSAN ? 256 : 64} << 10;

}  // namespace

Fiber Fiber::ofThisThread() { return Fiber(Borrowed{}); }

Fiber::Fiber(Borrowed) {
#if CUEMU_ASAN
  pthread_attr_t attributes;
  pthread_getattr_np(pthread_self(), &attributes);
  void* stack;
  pthread_attr_getstack(&attributes, &stack, &bytes_);
  pthread_attr_destroy(&attributes);
  stack_ = static_cast<char*>(stack);
#endif
#if CUEMU_TSAN
  context_ = __tsan_get_current_fiber();
#endif
}

Fiber::Fiber() : stack_(static_cast<char*>(std::aligned_alloc(kPage, kStackBytes))), bytes_(kStackBytes), owned_(true) {
  if (!stack_) throw std::bad_alloc();
#if CUEMU_TSAN
  context_ = __tsan_create_fiber(0);
#endif
}

Fiber::Fiber(Fiber&& other) noexcept
    : pointer_(other.pointer_), stack_(other.stack_), bytes_(other.bytes_), owned_(std::exchange(other.owned_, false)),
      fakeStack_(other.fakeStack_), context_(other.context_) {}

Fiber::~Fiber() {
  if (!owned_) return;
#if CUEMU_TSAN
  __tsan_destroy_fiber(context_);
#endif
  std::free(stack_);
}

void Fiber::begin(void (*entry)()) {
  const Unwatched own;
#if CUEMU_ASAN
  __asan_unpoison_memory_region(stack_, bytes_);
#endif
  void** top = reinterpret_cast<void**>(stack_ + bytes_);
  *--top = nullptr;  // where `entry` would return to: it keeps the stack aligned as after a call
  *--top = reinterpret_cast<void*>(entry);
  for (size_t i = 0; i < kSavedRegisters; i++) *--top = nullptr;
  pointer_ = top;
}

void Fiber::changeTo(Fiber& other, [[maybe_unused]] bool last) {
#if CUEMU_ASAN
  __sanitizer_start_switch_fiber(last ? nullptr : &fakeStack_, other.stack_, other.bytes_);
#endif
#if CUEMU_TSAN
  constexpr unsigned kNoOrder = 1;
  __tsan_switch_to_fiber(other.context_, kNoOrder);
#endif
  cuemu_change_stack(&pointer_, other.pointer_);
#if CUEMU_ASAN
  __sanitizer_finish_switch_fiber(fakeStack_, nullptr, nullptr);
#endif
}

void Fiber::arrived() {
#if CUEMU_ASAN
  __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
}

}  // namespace cuemu
