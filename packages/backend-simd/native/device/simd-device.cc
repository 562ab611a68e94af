// The processor as a device: kernels run in order on a thread of their own, which leads a team of threads, so that
// JavaScript goes on meanwhile.
#ifdef __linux__
#include <sys/mman.h>
#endif

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <thread>

#include "command-queue.h"
#include "instruction-set.h"
#include "limbeck/caching-allocator.h"
#include "limbeck/variables.h"
#include "parallel.h"
#include "thread-pool.h"

namespace limbeck {

namespace {

constexpr size_t kAlignment = 64, kHugePage = size_t{2} << 20;

class HostMemory : public MemorySource {
 public:
  explicit HostMemory(CommandQueue& queue) : queue_(queue) {}

  void* take(size_t bytes) override {
    const size_t alignment = bytes >= kHugePage ? kHugePage : kAlignment;
    void* block = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
#ifdef MADV_HUGEPAGE
    if (block && bytes >= kHugePage) madvise(block, bytes, MADV_HUGEPAGE);
#endif
    return block;
  }
  void waitForWork() noexcept override { queue_.wait(); }
  void giveBack(void* block, size_t) noexcept override { std::free(block); }

 private:
  CommandQueue& queue_;
};

// LIMBECK_THREADS, or one thread for each processor.
int threadsAsked() {
  const int processors = std::max(1u, std::thread::hardware_concurrency());
  return static_cast<int>(numberVariable("LIMBECK_THREADS", processors, 1, 1024, "a number from 1 to 1024"));
}

// The team of the device whose queue this thread is; kernels find it by `runParts`.
thread_local ThreadPool* team = nullptr;

// A piece of memory that grows and is kept, for each thread and slot.
struct ScratchMemory {
  void* block = nullptr;
  size_t bytes = 0;
  ~ScratchMemory() { std::free(block); }
};
constexpr int kScratchSlots = 4;
thread_local ScratchMemory scratchMemory[kScratchSlots];

class SimdDevice : public Device {
 public:
  std::vector<std::pair<std::string, std::string>> describe() const override {
    return {{"instruction set", std::string(set_.name) + " (this build has " + namesOfInstructionSets() + ")"},
            {"threads", std::to_string(pool_.size())}};
  }

  void* allocate(size_t bytes) override { return allocator_.allocate(bytes); }
  void release(void* buffer) noexcept override { allocator_.release(buffer); }
  MemoryUse memory() const override { return allocator_.use(); }
  void resetPeak() override { allocator_.resetPeak(); }

  void upload(void* to, const void* from, size_t bytes) override {
    std::vector<char> copy(static_cast<const char*>(from), static_cast<const char*>(from) + bytes);
    queue_.call([to, copy = std::move(copy)] { std::memcpy(to, copy.data(), copy.size()); });
  }

  void launch(int kernel, const Arguments& arguments) override { queue_.launch(set_.kernels[kernel], arguments); }

  void download(void* to, const void* from, size_t bytes) override {
    queue_.finish();
    std::memcpy(to, from, bytes);
  }

  void downloadLater(void* to, const void* from, size_t bytes,
                     std::function<void(const std::string&, const std::string&)> done) override {
    queue_.call([=] {
      if (const auto& failure = queue_.failure()) return done(failure->code, failure->what());
      std::memcpy(to, from, bytes);
      done("", "");
    });
  }

 private:
  const InstructionSet& set_ = chooseInstructionSet();
  ThreadPool pool_{threadsAsked()};
  CommandQueue queue_{[this] { team = &pool_; }};
  HostMemory source_{queue_};
  // last: it ends first, when the work on its memory is done
  CachingAllocator allocator_{source_, memoryVariable("LIMBECK_SIMD_MEMORY_LIMIT")};
};

}  // namespace

int threadCount() { return team ? team->size() : 1; }

void runParts(int count, const std::function<void(int)>& task) {
  if (team) return team->run(count, task);
  for (int part = 0; part < count; part++) task(part);
}

void* scratch(int slot, size_t bytes) {
  ScratchMemory& memory = scratchMemory[slot];
  if (memory.bytes < bytes) {
    std::free(memory.block);
    memory.bytes = 0;
    const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    memory.block = std::aligned_alloc(kAlignment, rounded);
    if (!memory.block) throw std::bad_alloc();
    memory.bytes = rounded;
  }
  return memory.block;
}

std::unique_ptr<Device> openDevice() { return std::make_unique<SimdDevice>(); }

}  // namespace limbeck
