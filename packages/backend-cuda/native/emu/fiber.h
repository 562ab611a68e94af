// Stacks that one thread of the system changes between.
#pragma once

#include <cstddef>

#include "sanitizer.h"

namespace cuemu {

class Fiber {
 public:
  // The thread's own stack, to come back to.
  static Fiber ofThisThread();
  // A stack of its own.
  Fiber();
  ~Fiber();
  Fiber(Fiber&&) noexcept;
  Fiber& operator=(Fiber&&) = delete;

  // The next change to it begins `entry`, which never returns.
  void begin(void (*entry)());
  // `last`: this stack is done with, until it begins anew.
  void changeTo(Fiber& other, bool last);
  // To be called first by an entry.
  static void arrived();

 private:
  struct Borrowed {};
  explicit Fiber(Borrowed);

  void* pointer_ = nullptr;  // of the stack, while another runs
  char* stack_ = nullptr;
  size_t bytes_ = 0;
  bool owned_ = false;
  void* fakeStack_ = nullptr;  // of ASan
  void* context_ = nullptr;    // of TSan
};

}  // namespace cuemu
