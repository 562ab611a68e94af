// Keeps freed blocks for the next tensor of about their size: a training step asks for the same sizes again and again,
// and neither cudaMalloc nor fresh pages are cheap.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>

#include "device.h"

namespace limbeck {

// Where an allocator's memory comes from: `take` returns null when there is none left.
class MemorySource {
 public:
  virtual ~MemorySource() = default;
  virtual void* take(size_t bytes) = 0;
  // Called before blocks are given back that work may still use, where `giveBack` does not wait by itself.
  virtual void waitForWork() noexcept {}
  virtual void giveBack(void* block, size_t bytes) noexcept = 0;
};

// Not for several threads at once. A block that is freed may be given out again at once: devices work in order.
class CachingAllocator {
 public:
  explicit CachingAllocator(MemorySource& source, size_t limitBytes = SIZE_MAX) : source_(source), limit_(limitBytes) {}
  ~CachingAllocator() {
    emptyCache();
    for (const auto& [block, size] : live_) source_.giveBack(block, size.reserved);
  }
  CachingAllocator(const CachingAllocator&) = delete;
  CachingAllocator& operator=(const CachingAllocator&) = delete;

  void* allocate(size_t bytes) {
    const size_t size = roundUp(bytes);
    void* block = fromCache(size);
    if (!block) block = fromSource(size);
    if (!block) {
      emptyCache();
      block = fromSource(size);
    }
    if (!block) throw DeviceError("out-of-memory", shortage(bytes));
    auto& entry = live_[block];
    entry.asked = bytes;
    if (!entry.reserved) entry.reserved = size;
    liveBytes_ += bytes;
    peakBytes_ = std::max(peakBytes_, liveBytes_);
    return block;
  }

  void release(void* block) noexcept {
    const auto found = live_.find(block);
    liveBytes_ -= found->second.asked;
    free_.emplace(found->second.reserved, block);
    live_.erase(found);
  }

  // Gives cached blocks back to the system, once nothing uses them.
  void emptyCache() noexcept {
    source_.waitForWork();
    for (const auto& [size, block] : free_) {
      source_.giveBack(block, size);
      reservedBytes_ -= size;
    }
    free_.clear();
  }

  MemoryUse use() const { return {liveBytes_, peakBytes_, reservedBytes_, live_.size()}; }
  void resetPeak() { peakBytes_ = liveBytes_; }

 private:
  struct Sizes {
    size_t asked = 0, reserved = 0;
  };

  static constexpr size_t kSmallStep = 512, kLargeStep = size_t{64} << 10, kLarge = size_t{1} << 20;

  static size_t roundUp(size_t bytes) {
    const size_t step = bytes < kLarge ? kSmallStep : kLargeStep;
    return std::max<size_t>((bytes + step - 1) / step, 1) * step;
  }

  // The smallest block that is large enough, unless more than an eighth of it would lie idle.
  void* fromCache(size_t size) {
    const auto found = free_.lower_bound(size);
    if (found == free_.end() || found->first - size > found->first / 8) return nullptr;
    void* block = found->second;
    live_[block].reserved = found->first;
    free_.erase(found);
    return block;
  }

  void* fromSource(size_t size) {
    if (reservedBytes_ + size > limit_) return nullptr;
    void* block = source_.take(size);
    if (block) reservedBytes_ += size;
    return block;
  }

  std::string shortage(size_t bytes) const {
    const auto mebibytes = [](size_t n) { return std::to_string(n >> 20) + " MiB"; };
    size_t largest = 0;
    for (const auto& [block, size] : live_) largest = std::max(largest, size.asked);
    return "no memory for " + mebibytes(bytes) + ": " + std::to_string(live_.size()) + " buffers hold " +
           mebibytes(liveBytes_) + " (largest " + mebibytes(largest) + ", peak " + mebibytes(peakBytes_) + ")" +
           (limit_ == SIZE_MAX ? "" : ", the limit is " + mebibytes(limit_));
  }

  MemorySource& source_;
  const size_t limit_;
  std::multimap<size_t, void*> free_;  // by size
  std::unordered_map<void*, Sizes> live_;
  size_t liveBytes_ = 0, peakBytes_ = 0, reservedBytes_ = 0;
};

}  // namespace limbeck
