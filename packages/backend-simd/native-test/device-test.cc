#include <atomic>
#include <cstdlib>
#include <thread>

#include "harness.h"
#include "limbeck/params.h"

using namespace limbeck;
using test::Bench;
using test::expect;

namespace {

// y[0 … count-1] = value, not waited for.
void fill(Device& device, void* y, int count, double value) {
  const FillInts ints{Dtype::kFloat32, count};
  const FillReals reals{value};
  device.launch(test::kernelNumber("fill"), {&y, reinterpret_cast<const int32_t*>(&ints), &reals.value, 1, 2, 1});
}

std::string codeOf(const char* variable, const char* value) {
  setenv(variable, value, 1);
  std::string code;
  try {
    openDevice();
  } catch (const DeviceError& error) {
    code = error.code;
  }
  unsetenv(variable);
  return code;
}

}  // namespace

LIMBECK_TEST(memoryInOrder, "memory that is released is not written to before work that was asked for has read it") {
  Bench bench(*test::usableSets().front(), 2);
  Device& device = bench.device();
  constexpr int kCount = 50'000;
  std::vector<float> seen(kCount);
  std::atomic<int> reads{0};
  for (int round = 0; round < 20; round++) {
    void* x = device.allocate(kCount * sizeof(float));
    fill(device, x, kCount, round);
    std::vector<float> now(kCount);
    device.downloadLater(seen.data(), x, kCount * sizeof(float), [&](const std::string& code, const std::string&) {
      reads += code.empty() && seen.front() == round && seen.back() == round;
    });
    device.release(x);
    void* again = device.allocate(kCount * sizeof(float));
    fill(device, again, kCount, -1);
    device.download(now.data(), again, kCount * sizeof(float));
    expect(now.front() == -1 && now.back() == -1, "a later kernel did not write");
    device.release(again);
  }
  expect(reads == 20, std::to_string(reads) + " of 20 reads saw what was there when they were asked for");
}

LIMBECK_TEST(uploadCopies, "what is uploaded may change as soon as the call returns") {
  Bench bench(*test::usableSets().front(), 2);
  void* x = bench.device().allocate(4000);
  std::vector<float> values(1000, 1), got(1000);
  bench.device().upload(x, values.data(), 4000);
  values.assign(1000, 2);
  bench.device().download(got.data(), x, 4000);
  expect(got == std::vector<float>(1000, 1), "the upload saw the change");
}

LIMBECK_TEST(devicesSideBySide, "devices of several threads do not disturb each other") {
  std::vector<std::unique_ptr<Bench>> benches;
  for (int i = 0; i < 3; i++) benches.push_back(std::make_unique<Bench>(*test::usableSets().front(), 2));
  std::vector<std::vector<float>> results(benches.size(), std::vector<float>(40'000));
  std::vector<std::thread> threads;
  for (size_t i = 0; i < benches.size(); i++) {
    threads.emplace_back([&, i] {
      Device& device = benches[i]->device();
      void* x = device.allocate(160'000);
      for (int round = 0; round < 50; round++) fill(device, x, 40'000, 100.0 * i + round);
      device.download(results[i].data(), x, 160'000);
    });
  }
  for (auto& thread : threads) thread.join();
  for (size_t i = 0; i < results.size(); i++) {
    expect(results[i] == std::vector<float>(40'000, 100.0f * i + 49), "a device has another's values");
  }
}

LIMBECK_TEST(deviceEndsBusy, "a device that ends with work in its queue does it first") {
  std::vector<float> y(100'000);
  {
    Bench bench(*test::usableSets().front(), 2);
    for (int value = 0; value < 100; value++) fill(bench.device(), y.data(), 100'000, value);
  }
  expect(y.front() == 99 && y.back() == 99, "work was left undone");
}

LIMBECK_TEST(badVariables, "an instruction set, a number of threads or a limit of memory that cannot be is an error with its code") {
  for (const char* threads : {"0", "-1", "two", "2.5", "1025", "99999999999999999999"}) {
    expect(codeOf("LIMBECK_THREADS", threads) == "wrong-option", std::string(threads) + " threads were taken");
  }
  for (const char* limit : {"0", "-1", "2GB", "99999999999999999999"}) {
    expect(codeOf("LIMBECK_SIMD_MEMORY_LIMIT", limit) == "wrong-option", std::string(limit) + " MiB were taken");
  }
  expect(codeOf("LIMBECK_SIMD_ISA", "sse9") == "backend/instruction-set", "sse9 was taken");
  expect(codeOf("LIMBECK_SIMD_ISA", "") == "" && codeOf("LIMBECK_THREADS", "") == "", "an empty variable was refused");
}
