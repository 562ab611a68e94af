#include "harness.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "limbeck/kernel-signature.h"

namespace limbeck::test {

namespace {

struct Test {
  const char* fact;
  void (*body)();
};

std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

// Whether the test passed; says so.
bool pass(const Test& test) {
  const auto start = std::chrono::steady_clock::now();
  std::string failure;
  try {
    test.body();
  } catch (const std::exception& error) {
    failure = std::string(": ") + error.what();
  }
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
  std::printf("%s %s (%.0f ms)%s\n", failure.empty() ? "ok  " : "FAIL", test.fact, spent.count(), failure.c_str());
  std::fflush(stdout);
  return failure.empty();
}

}  // namespace

Registration::Registration(const char* name, void (*body)()) { tests().push_back({name, body}); }

void fail(const std::string& message) { throw std::runtime_error(message); }

void expect(bool holds, const std::string& message) {
  if (!holds) fail(message);
}

std::vector<const InstructionSet*> usableSets() {
  std::vector<const InstructionSet*> usable;
  for (const InstructionSet& set : instructionSets()) {
    if (set.works()) usable.push_back(&set);
  }
  return usable;
}

int kernelNumber(const char* name) {
  for (int number = 0; number < kKernelCount; number++) {
    if (std::strcmp(kKernelSignatures[number].name, name) == 0) return number;
  }
  fail(std::string("no kernel is called ") + name);
}

Bench::Bench(const InstructionSet& set, int threads) {
  setenv("LIMBECK_SIMD_ISA", set.name, 1);
  setenv("LIMBECK_THREADS", std::to_string(threads).c_str(), 1);
  device_ = openDevice();
}

void Bench::run(const char* kernel, const std::vector<const void*>& buffers, const int32_t* ints, int intCount,
                const double* reals, int realCount) {
  std::vector<void*> addresses;
  for (const void* buffer : buffers) addresses.push_back(const_cast<void*>(buffer));
  device_->launch(kernelNumber(kernel),
                  {addresses.data(), ints, reals, static_cast<int>(addresses.size()), intCount, realCount});
  const char from = 0;
  char to;
  device_->download(&to, &from, 1);  // waits
}

int Numbers::between(int low, int high) {
  state_ = state_ * 1664525u + 1013904223u;
  return low + static_cast<int>((uint64_t{state_} * static_cast<uint32_t>(high - low + 1)) >> 32);
}

std::vector<float> Numbers::integers(size_t count) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(between(-4, 4));
  return values;
}

}  // namespace limbeck::test

// simd_test [part of a fact]…
int main(int count, char** words) {
  using namespace limbeck::test;
  int run = 0, failed = 0;
  for (const Test& test : tests()) {
    bool chosen = count < 2;
    for (int i = 1; i < count; i++) chosen |= std::string(test.fact).find(words[i]) != std::string::npos;
    if (!chosen) continue;
    run++;
    failed += !pass(test);
  }
  std::printf("%d of %d passed on", run - failed, run);
  for (const auto* set : usableSets()) std::printf(" %s", set->name);
  std::printf("\n");
  return run == 0 || failed > 0;
}
