#include "planted.h"

#include <cuda_runtime.h>

#include <algorithm>
#include <vector>

#include "cu.h"
#include "harness.h"

namespace limbeck::test {

namespace {

constexpr int kThreads = 64;

// Turns x around by way of shared memory.
enum class Fault { kNone, kRace, kOverrun, kUnset };

template <Fault fault>
__global__ void turnAround(float* x) {
  CU_SHARED(float, copy, [kThreads]);
  const int i = threadIdx.x;
  if (fault != Fault::kUnset || i % 2 == 0) copy[i] = x[i];
  if (fault != Fault::kRace) __syncthreads();
  x[i + (fault == Fault::kOverrun && i == kThreads - 1)] = copy[kThreads - 1 - i];
}

template <Fault fault>
bool turnsAround() {
  std::vector<float> numbers(kThreads);
  for (int i = 0; i < kThreads; i++) numbers[i] = static_cast<float>(i);
  const Buffer<float> x(numbers);
  float* const data = x;
  launch([&] { CU_LAUNCH((turnAround<fault>), 1, kThreads, 0, data); });
  std::reverse(numbers.begin(), numbers.end());
  return x.values() == numbers;
}

}  // namespace

bool runPlanted(const std::string& name) {
  if (name == "none") return turnsAround<Fault::kNone>();
  if (name == "race") return turnsAround<Fault::kRace>();
  if (name == "overrun") return turnsAround<Fault::kOverrun>();
  if (name == "unset") return turnsAround<Fault::kUnset>();
  fail("no such fault");
}

}  // namespace limbeck::test
