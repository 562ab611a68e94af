#include "device/thread-pool.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "harness.h"

using limbeck::ThreadPool;
using limbeck::test::expect;

LIMBECK_TEST(everyIndexOnce, "a pool calls every index of a loop once, and is done when `run` returns") {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 500; round++) {
      const int count = round % 23;
      std::vector<int> calls(count);  // plain: a race would be one of the pool
      pool.run(count, [&](int index) { calls[index]++; });
      for (const int times : calls) expect(times == 1, "an index was called " + std::to_string(times) + " times");
    }
  }
}

LIMBECK_TEST(poolWakes, "a pool whose threads sleep wakes for the next loop") {
  ThreadPool pool(3);
  for (int round = 0; round < 10; round++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::vector<int> calls(7);
    pool.run(7, [&](int index) { calls[index]++; });
    expect(calls == std::vector<int>(7, 1), "a loop after a pause was not done");
  }
}

LIMBECK_TEST(poolSeesWrites, "a loop sees what the loop before it wrote") {
  ThreadPool pool(4);
  std::vector<int> values(64);
  for (int round = 0; round < 1000; round++) {
    pool.run(64, [&](int index) { values[(index + round) % 64] += 1; });
  }
  expect(values == std::vector<int>(64, 1000), "a write was lost");
}

LIMBECK_TEST(poolStops, "a pool stops at once, also when it was never used") {
  for (int round = 0; round < 20; round++) ThreadPool pool(4);
}

LIMBECK_TEST(poolThrows, "what a task throws on any thread reaches the caller of `run`, after all the others are done") {
  ThreadPool pool(3);
  for (int round = 0; round < 100; round++) {
    std::atomic<int> done{0};
    bool thrown = false;
    try {
      pool.run(20, [&](int index) {
        if (index % 5 == 0) throw std::runtime_error("this one");
        done++;
      });
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    expect(thrown && done == 16, "thrown: " + std::to_string(thrown) + ", done: " + std::to_string(done));
    pool.run(20, [&](int) { done++; });
    expect(done == 36, "the next loop was not done");
  }
}
