#include "thread-pool.h"

#include <string>
#include <system_error>
#include <utility>

#include "limbeck/device.h"
#include "spin.h"

namespace limbeck {

namespace {

// Longer than the gap between two kernels of a training step, shorter than anyone notices.
constexpr std::chrono::microseconds kPatience{200};

constexpr uint64_t kIndexBits = 24, kMask = (uint64_t{1} << kIndexBits) - 1;
constexpr uint64_t nextOf(uint64_t loop) { return loop & kMask; }
constexpr uint64_t countOf(uint64_t loop) { return loop >> kIndexBits & kMask; }
constexpr uint64_t numberOf(uint64_t loop) { return loop >> 2 * kIndexBits; }

}  // namespace

ThreadPool::ThreadPool(int threads) {
  try {
    for (int i = 1; i < threads; i++) helpers_.emplace_back([this] { help(); });
  } catch (const std::system_error&) {
    stop();
    throw DeviceError("backend/threads", "the system does not give " + std::to_string(threads) +
                                             " threads, only " + std::to_string(size()) + "; set LIMBECK_THREADS");
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  begun_.notify_all();
  for (auto& helper : helpers_) helper.join();
}

void ThreadPool::run(int count, const std::function<void(int)>& task) {
  if (count == 1 || helpers_.empty()) {
    for (int i = 0; i < count; i++) task(i);
    return;
  }
  task_ = &task;
  left_.store(count);
  loop_.store((numberOf(loop_.load()) + 1) << 2 * kIndexBits | static_cast<uint64_t>(count) << kIndexBits);
  if (asleep_.load() > 0) {
    // whoever is about to sleep holds the mutex until it does
    { std::lock_guard lock(mutex_); }
    begun_.notify_all();
  }
  work();
  while (!spinUntil([this] { return left_.load() == 0; }, kPatience)) {
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

bool ThreadPool::hasWork() const {
  const uint64_t loop = loop_.load();
  return nextOf(loop) < countOf(loop);
}

void ThreadPool::work() {
  for (uint64_t loop = loop_.load(); nextOf(loop) < countOf(loop);) {
    if (!loop_.compare_exchange_weak(loop, loop + 1)) continue;
    // the loop cannot end, nor `task_` change, before this index is done
    carryOut(static_cast<int>(nextOf(loop)));
    left_.fetch_sub(1);
    loop = loop_.load();
  }
}

void ThreadPool::carryOut(int index) noexcept {
  try {
    (*task_)(index);
  } catch (...) {
    std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
}

void ThreadPool::help() {
  const auto awaited = [this] { return stopping_.load() || hasWork(); };
  while (!stopping_.load()) {
    if (!spinUntil(awaited, kPatience)) {
      std::unique_lock lock(mutex_);
      asleep_.fetch_add(1);
      begun_.wait(lock, awaited);
      asleep_.fetch_sub(1);
    }
    work();
  }
}

}  // namespace limbeck
