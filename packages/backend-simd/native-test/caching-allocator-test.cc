#include "limbeck/caching-allocator.h"

#include <cstdlib>
#include <set>

#include "harness.h"

using limbeck::CachingAllocator;
using limbeck::DeviceError;
using limbeck::MemorySource;
using limbeck::test::expect;

namespace {

class CountingSource : public MemorySource {
 public:
  explicit CountingSource(size_t limit = SIZE_MAX) : limit_(limit) {}
  void* take(size_t bytes) override {
    if (held_ + bytes > limit_) return nullptr;
    held_ += bytes;
    waited_ = false;
    taken_++;
    return std::malloc(bytes);
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
