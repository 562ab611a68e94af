#include "harness.h"

#include <cuda_runtime_api.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <stdexcept>

#include "planted.h"

namespace limbeck {

namespace {

struct Test {
  const char* fact;
  void (*body)();
};
std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

cuda::Precision launchPrecision;
uint32_t launchNarrow;
std::vector<void*> launchScratch;

}  // namespace

// What kernels ask of the device that launches them.
namespace cuda {

cudaStream_t stream() { return nullptr; }
int multiprocessors() { return 4; }
Precision precision() { return launchPrecision; }
bool narrow(int buffer) { return launchNarrow == kAllNarrow || launchNarrow >> buffer & 1; }
void* scratch(size_t bytes) {
  launchScratch.push_back(test::deviceAllocate(bytes));
  return launchScratch.back();
}
const void* uploaded(const void* from, size_t bytes) {
  void* to = scratch(bytes);
  test::toDevice(to, from, bytes);
  return to;
}
void check(cudaError_t error, const char* what) {
  if (error != cudaSuccess) test::fail(std::string(what) + ": " + cudaGetErrorString(error));
}

}  // namespace cuda

namespace test {

using cuda::check;

void fail(const std::string& message) { throw std::runtime_error(message); }

void* deviceAllocate(size_t bytes) {
  void* block = nullptr;
  if (bytes == 0) return block;  // of which CUDA promises nothing
  check(cudaMalloc(&block, bytes), "cudaMalloc");
  static const bool unset = std::getenv("CUDA_TEST_UNSET") != nullptr;  // for initcheck, which takes NaN for a value
  if (!unset) check(cudaMemset(block, 0xff, bytes), "cudaMemset");       // NaN
  return block;
}
void deviceFree(void* block) { check(cudaFree(block), "cudaFree"); }
void toDevice(void* to, const void* from, size_t bytes) {
  if (bytes > 0) check(cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice), "cudaMemcpy");
}
void toHost(void* to, const void* from, size_t bytes) {
  if (bytes > 0) check(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost), "cudaMemcpy");
}

void launch(const std::function<void()>& kernel, cuda::Precision precision, uint32_t narrow) {
  launchPrecision = precision;
  launchNarrow = narrow;
  kernel();
  check(cudaGetLastError(), "launch");
  check(cudaDeviceSynchronize(), "kernel");
  for (void* block : launchScratch) deviceFree(block);
  launchScratch.clear();
}

void call(void (*kernel)(const Arguments&), const std::vector<const void*>& buffers, const std::vector<int32_t>& ints,
          const std::vector<double>& reals) {
  std::vector<void*> addresses;
  for (const void* buffer : buffers) addresses.push_back(const_cast<void*>(buffer));
  kernel({addresses.data(), ints.data(), reals.data(), static_cast<int>(addresses.size()), static_cast<int>(ints.size()),
          static_cast<int>(reals.size()), launchNarrow});
}

void launch(void (*kernel)(const Arguments&), const std::vector<const void*>& buffers, const std::vector<int32_t>& ints,
            const std::vector<double>& reals, uint32_t narrow) {
  launch([&] { call(kernel, buffers, ints, reals); }, cuda::Precision::kFp32, narrow);
}

// By hand, not by what the kernels do: to the nearer of the two neighbours, or the even one.
std::vector<uint16_t> narrowed(const std::vector<float>& values) {
  std::vector<uint16_t> result;
  for (const float value : values) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const uint32_t below = bits >> 16, rest = bits & 0xffff;
    const bool up = rest > 0x8000 || (rest == 0x8000 && below % 2 == 1);
    result.push_back(static_cast<uint16_t>(std::isnan(value) ? 0x7fff : below + up));
  }
  return result;
}
std::vector<float> widened(const std::vector<uint16_t>& narrow) {
  std::vector<float> values(narrow.size());
  for (size_t i = 0; i < narrow.size(); i++) {
    const uint32_t bits = uint32_t{narrow[i]} << 16;
    std::memcpy(&values[i], &bits, sizeof bits);
  }
  return values;
}

std::vector<float> Numbers::reals(size_t count, double scale) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(real() * scale);
  return values;
}
std::vector<float> Numbers::integers(size_t count, int limit) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(below(2 * limit + 1)) - static_cast<float>(limit);
  return values;
}
std::vector<int32_t> Numbers::labels(size_t count, int low, int high) {
  std::vector<int32_t> values(count);
  for (int32_t& value : values) value = low + static_cast<int32_t>(below(high - low));
  return values;
}

void expectWithin(const char* what, const std::vector<float>& got, const std::vector<double>& want,
                  const std::vector<double>& bound) {
  if (got.size() != want.size()) fail(std::string(what) + ": lengths differ");
  for (size_t i = 0; i < want.size(); i++) {
    const bool same = got[i] == want[i] || (std::isnan(want[i]) && std::isnan(got[i]));
    if (same || std::fabs(got[i] - want[i]) <= bound[i]) continue;
    char text[160];
    std::snprintf(text, sizeof text, "%s[%zu] = %.9g, expected %.9g ± %.3g", what, i, got[i], want[i], bound[i]);
    fail(text);
  }
}
void expectEqual(const char* what, const std::vector<float>& got, const std::vector<double>& want) {
  expectWithin(what, got, want, std::vector<double>(want.size(), 0.0));
}
void expectEqual(const char* what, const std::vector<int32_t>& got, const std::vector<int32_t>& want) {
  for (size_t i = 0; i < want.size(); i++) {
    if (got[i] != want[i]) {
      fail(std::string(what) + "[" + std::to_string(i) + "] = " + std::to_string(got[i]) + ", expected " + std::to_string(want[i]));
    }
  }
}
void expectNear(const char* what, const std::vector<float>& got, const std::vector<double>& want, double tolerance) {
  std::vector<double> bound(want.size());
  for (size_t i = 0; i < want.size(); i++) bound[i] = tolerance * (1 + std::fabs(want[i]));
  expectWithin(what, got, want, bound);
}

void expectStoredNear(const char* what, const std::vector<uint16_t>& got, const std::vector<double>& want, double tolerance) {
  std::vector<double> bound(want.size());
  for (size_t i = 0; i < want.size(); i++) {
    const double computed = tolerance * (1 + std::fabs(want[i]));
    bound[i] = computed + (std::fabs(want[i]) + computed) / 256;
  }
  expectWithin(what, widened(got), want, bound);
}

Registration::Registration(const char* fact, void (*body)()) { tests().push_back({fact, body}); }

}  // namespace test
}  // namespace limbeck

// cuda_test [part of a fact]…, or cuda_test --share I/N: every N-th test from the I-th on; 1 when one failed.
// cuda_test --planted FAULT (planted.cu): 1 when the fault was caught.
int main(int count, char** words) {
  using namespace limbeck;
  if (count == 3 && std::string(words[1]) == "--planted") {
    const bool caught = !test::runPlanted(words[2]);
    std::printf("planted %s: %s\n", words[2], caught ? "caught" : "not caught");
    return caught ? 1 : 0;
  }
  int share = 0, shares = 1;
  if (count == 3 && std::string(words[1]) == "--share") {
    if (std::sscanf(words[2], "%d/%d", &share, &shares) != 2 || shares < 1) return 2;
    count = 1;
  }
  int failed = 0, run = 0, index = 0;
  for (const Test& one : tests()) {
    if (index++ % shares != share) continue;
    bool chosen = count < 2;
    for (int i = 1; i < count; i++) chosen |= std::string(one.fact).find(words[i]) != std::string::npos;
    if (!chosen) continue;
    run++;
    const auto start = std::chrono::steady_clock::now();
    std::string failure;
    try {
      one.body();
    } catch (const std::exception& error) {
      failure = error.what();
    }
    const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    std::printf("%s %s (%.0f ms)%s%s\n", failure.empty() ? "ok  " : "FAIL", one.fact, ms,
                failure.empty() ? "" : ": ", failure.c_str());
    std::fflush(stdout);
    failed += !failure.empty();
  }
  std::printf("%d of %d passed\n", run - failed, run);
  return failed > 0 || run == 0;
}
