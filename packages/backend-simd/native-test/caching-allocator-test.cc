#include "limbeck/caching-allocator.h"

#include <cstdlib>
#include <new>
#include <random>
#include <set>
#include <vector>

#include "harness.h"

using limbeck::CachingAllocator;
using limbeck::DeviceError;
using limbeck::MemorySource;
using limbeck::test::expect;

namespace {

thread_local int allocations = 0;

}  // namespace

// Counts what is allocated in C++.
void* operator new(size_t bytes) {
  allocations++;
  if (void* block = std::malloc(bytes ? bytes : 1)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }

namespace {

constexpr size_t kMebibyte = size_t{1} << 20;

// Gives addresses without much behind them: the allocator looks at none.
class CountingSource : public MemorySource {
 public:
  explicit CountingSource(size_t limit = SIZE_MAX) : limit_(limit) {}
  void* take(size_t bytes) override {
    if (held_ + bytes > limit_) return nullptr;
    held_ += bytes;
    waited_ = false;
    taken_++;
    return std::malloc(1);
  }
  void waitForWork() noexcept override { waited_ = true; }
  void giveBack(void* block, size_t bytes) noexcept override {
    expect(waited_, "memory was given back that work may still use");
    held_ -= bytes;
    std::free(block);
  }
  size_t held() const { return held_; }
  int taken() const { return taken_; }

 private:
  size_t limit_, held_ = 0;
  int taken_ = 0;
  bool waited_ = false;
};

}  // namespace

LIMBECK_TEST(allocatorReuses, "a step that asks for the sizes of the step before takes nothing from the system") {
  CountingSource source;
  CachingAllocator allocator(source);
  int afterFirst = 0;
  for (int step = 0; step < 3; step++) {
    std::vector<void*> blocks;
    for (const size_t bytes : {4, 600, 100'000, 3'000'000, 3'000'000, 0}) blocks.push_back(allocator.allocate(bytes));
    expect(std::set<void*>(blocks.begin(), blocks.end()).size() == blocks.size(), "two buffers share a block");
    for (void* block : blocks) allocator.release(block);
    if (step == 0) afterFirst = source.taken();
  }
  expect(source.taken() == afterFirst, "a later step took memory");
}

LIMBECK_TEST(allocatorGivesBack, "memory goes back to the system in the end, and when the system has no more") {
  CountingSource source(1'000'000);
  {
    CachingAllocator allocator(source);
    allocator.release(allocator.allocate(900'000));
    allocator.allocate(100'000);  // no room beside the block in the cache
    expect(source.held() < 200'000, "the cached block was kept");
    bool refused = false;
    try {
      allocator.allocate(2'000'000);
    } catch (const DeviceError& error) {
      refused = error.code == "out-of-memory";
    }
    expect(refused, "more than there is was given out");
  }
  expect(source.held() == 0, "memory was kept");
}

LIMBECK_TEST(allocatorKeepsCount, "bytes in use and their peak are those that were asked for") {
  CountingSource source;
  CachingAllocator allocator(source);
  void* a = allocator.allocate(1000);
  void* b = allocator.allocate(10);
  allocator.release(a);
  expect(allocator.use().liveBytes == 10 && allocator.use().buffers == 1, "live bytes are wrong");
  expect(allocator.use().peakBytes == 1010, "the peak is wrong");
  allocator.resetPeak();
  expect(allocator.use().peakBytes == 10, "the peak was not reset");
  allocator.release(b);
}

LIMBECK_TEST(allocatorBound, "what lies idle is bounded: blocks of former sizes go back, the oldest first") {
  CountingSource source;
  CachingAllocator allocator(source);
  size_t largest = 0;
  for (size_t bytes = 10 * kMebibyte; bytes < 4096 * kMebibyte; bytes += bytes / 4) {
    allocator.release(allocator.allocate(bytes));
    largest = bytes;
    expect(source.held() <= 2 * (largest + kMebibyte) + 256 * kMebibyte, "more is kept than the bound allows");
  }
  const int taken = source.taken();
  allocator.release(allocator.allocate(largest));
  expect(source.taken() == taken, "the block that was used last was given back");
}

LIMBECK_TEST(allocatorLimit, "within a limit, only as much goes back as is needed") {
  CountingSource source;
  CachingAllocator allocator(source, 100 * kMebibyte);
  std::vector<void*> blocks;
  for (const size_t each : {40, 30, 20}) blocks.push_back(allocator.allocate(each * kMebibyte));
  for (void* block : blocks) allocator.release(block);
  blocks = {allocator.allocate(50 * kMebibyte), allocator.allocate(30 * kMebibyte)};
  expect(source.taken() == 4 && source.held() == 100 * kMebibyte, "another block than the oldest was given back");
}

LIMBECK_TEST(allocatorReleases, "to release a block needs no memory") {
  CountingSource source;
  CachingAllocator allocator(source);
  std::vector<void*> blocks;
  for (size_t i = 1; i < 500; i++) blocks.push_back(allocator.allocate(600 * i));
  const int before = allocations;
  for (void* block : blocks) allocator.release(block);
  const bool none = allocations == before;  // a message allocates too
  expect(none, "memory was allocated");
}

LIMBECK_TEST(allocatorAtRandom, "buffers never share a block, and the counts hold, whatever the order") {
  CountingSource source(600 * kMebibyte);
  {
    CachingAllocator allocator(source, 500 * kMebibyte);
    std::mt19937 random(7);
    std::vector<std::pair<void*, size_t>> held;
    std::set<void*> addresses;
    size_t bytes = 0;
    for (int round = 0; round < 5000; round++) {
      if (held.empty() || random() % 2) {
        const size_t asked = random() % (size_t{1} << (random() % 26));
        void* block = allocator.allocate(asked);
        expect(addresses.insert(block).second, "a block was given out twice");
        held.emplace_back(block, asked);
        bytes += asked;
      } else {
        std::swap(held[random() % held.size()], held.back());
        allocator.release(held.back().first);
        addresses.erase(held.back().first);
        bytes -= held.back().second;
        held.pop_back();
      }
      expect(allocator.use().liveBytes == bytes && allocator.use().buffers == held.size(), "the counts are wrong");
      expect(allocator.use().reservedBytes == source.held() && source.held() <= 500 * kMebibyte, "the limit is passed");
    }
  }
  expect(source.held() == 0, "memory was kept");
}
