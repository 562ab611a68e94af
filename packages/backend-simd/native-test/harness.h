// A test program without a framework: tests register themselves, kernels run on a device as they do behind JavaScript.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "device/instruction-set.h"
#include "limbeck/device.h"

namespace limbeck::test {

struct Registration {
  Registration(const char* name, void (*body)());
};

// LIMBECK_TEST(name, "a fact") { … }: fails when it throws.
#define LIMBECK_TEST(name, fact)                                          \
  static void name();                                                     \
  static const limbeck::test::Registration name##Registration(fact, name); \
  static void name()

[[noreturn]] void fail(const std::string& message);
void expect(bool holds, const std::string& message);

// Instruction sets of this build that this processor has.
std::vector<const InstructionSet*> usableSets();

// A device of one instruction set with so many threads. Its kernels read and write the tests' own vectors, which end
// where their elements end, so that a sanitizer sees an overrun of one element.
class Bench {
 public:
  Bench(const InstructionSet& set, int threads);

  Device& device() { return *device_; }

  // Runs a kernel and waits for it.
  template <typename Ints>
  void run(const char* kernel, const std::vector<const void*>& buffers, const Ints& ints) {
    static_assert(sizeof(Ints) % sizeof(int32_t) == 0);
    run(kernel, buffers, reinterpret_cast<const int32_t*>(&ints), sizeof(Ints) / sizeof(int32_t), nullptr, 0);
  }
  template <typename Ints, typename Reals>
  void run(const char* kernel, const std::vector<const void*>& buffers, const Ints& ints, const Reals& reals) {
    static_assert(sizeof(Reals) % sizeof(double) == 0);
    run(kernel, buffers, reinterpret_cast<const int32_t*>(&ints), sizeof(Ints) / sizeof(int32_t),
        reinterpret_cast<const double*>(&reals), sizeof(Reals) / sizeof(double));
  }

 private:
  void run(const char* kernel, const std::vector<const void*>& buffers, const int32_t* ints, int intCount,
           const double* reals, int realCount);

  std::unique_ptr<Device> device_;
};

// The number of a kernel by its name.
int kernelNumber(const char* name);

// Numbers that depend on the seed alone.
class Numbers {
 public:
  explicit Numbers(uint32_t seed) : state_(seed) {}
  // low … high
  int between(int low, int high);
  bool oneIn(int times) { return between(1, times) == 1; }
  // Small integers, whose sums and products float32 holds exactly.
  std::vector<float> integers(size_t count);

 private:
  uint32_t state_;
};

}  // namespace limbeck::test
