#include "device/command-queue.h"

#include <chrono>
#include <new>
#include <thread>

#include "harness.h"

using limbeck::Arguments;
using limbeck::CommandQueue;
using limbeck::test::expect;

namespace {

// Appends its first number to the vector that is its first buffer.
void append(const Arguments& a) { static_cast<std::vector<int>*>(a.buffers[0])->push_back(a.ints[0]); }

void findNoMemory(const Arguments&) { throw std::bad_alloc(); }

}  // namespace

LIMBECK_TEST(queueKeepsOrder, "commands are carried out in their order, also when more are asked for than fit") {
  std::vector<int> order;
  {
    CommandQueue queue([] {});
    queue.call([] { std::this_thread::sleep_for(std::chrono::milliseconds(2)); });
    for (int i = 0; i < 5000; i++) {
      void* buffer = &order;
      int32_t number = i;
      if (i % 3 == 0) {
        queue.call([&order, i] { order.push_back(i); });
      } else {
        queue.launch(append, {&buffer, &number, nullptr, 1, 1, 0});  // `buffer` and `number` end here: it copies
      }
    }
    queue.finish();
    expect(order.size() == 5000, "`finish` returned after " + std::to_string(order.size()) + " of 5000");
  }
  for (int i = 0; i < 5000; i++) expect(order[i] == i, "command " + std::to_string(i) + " was out of order");
}

LIMBECK_TEST(queueBegins, "what a queue begins with runs on its thread, before the first command") {
  std::thread::id began, worked;
  CommandQueue queue([&] { began = std::this_thread::get_id(); });
  queue.call([&] { worked = std::this_thread::get_id(); });
  queue.finish();
  expect(began == worked && began != std::this_thread::get_id(), "it ran elsewhere");
}

LIMBECK_TEST(queueEmpties, "a queue that ends carries out what is in it") {
  int done = 0;
  {
    CommandQueue queue([] { std::this_thread::sleep_for(std::chrono::milliseconds(2)); });
    for (int i = 0; i < 100; i++) queue.call([&] { done++; });
  }
  expect(done == 100, std::to_string(done) + " of 100 were done");
}

LIMBECK_TEST(queueWakes, "a queue that sleeps wakes for the next command") {
  CommandQueue queue([] {});
  int done = 0;
  for (int i = 0; i < 10; i++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    queue.call([&] { done++; });
    queue.finish();
    expect(done == i + 1, "it did not");
  }
}

LIMBECK_TEST(queueFails, "a kernel that finds no memory is an error of what is asked for next, once, and no kernel follows it") {
  std::vector<int> order;
  void* buffer = &order;
  const int32_t one = 1, two = 2;
  bool told = false;
  CommandQueue queue([] {});
  queue.call([] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
  queue.launch(findNoMemory, {});
  queue.launch(append, {&buffer, &one, nullptr, 1, 1, 0});
  queue.call([&] { told = queue.failure() && queue.failure()->code == "out-of-memory"; });
  queue.wait();
  std::string code;
  try {
    queue.launch(append, {&buffer, &one, nullptr, 1, 1, 0});
  } catch (const limbeck::DeviceError& error) {
    code = error.code;
  }
  expect(code == "out-of-memory", "the launch after it threw \"" + code + "\"");
  expect(told, "a function after it did not see the failure");
  queue.launch(append, {&buffer, &two, nullptr, 1, 1, 0});
  queue.finish();
  expect(order == std::vector<int>{2}, "a kernel ran that follows a failure, or none ran after it was thrown");
}
