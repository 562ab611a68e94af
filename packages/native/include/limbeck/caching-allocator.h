// Keeps freed blocks for the next tensor of about their size: a training step asks for the same sizes again and again,
// and neither cudaMalloc nor fresh pages are cheap.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

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
//
// A block is one node for all its life, which moves from the set of those in use to that of the idle ones and back: to
// release one allocates nothing.
class CachingAllocator {
 public:
  explicit CachingAllocator(MemorySource& source, size_t limitBytes = SIZE_MAX) : source_(source), limit_(limitBytes) {}
  ~CachingAllocator() {
    emptyCache();
    for (const Block& block : live_) source_.giveBack(block.address, block.bytes);
  }
  CachingAllocator(const CachingAllocator&) = delete;
  CachingAllocator& operator=(const CachingAllocator&) = delete;

  void* allocate(size_t bytes) {
    const size_t size = roundUp(bytes);
    auto node = fromCache(size);
    if (!node) {
      makeRoom(size);
      node = fromSource(size);
    }
    if (!node) {
      emptyCache();
      node = fromSource(size);
    }
    if (!node) throw DeviceError("out-of-memory", shortage(bytes));
    node.value().asked = bytes;
    void* const address = node.value().address;
    live_.insert(std::move(node));
    liveBytes_ += bytes;
    peakBytes_ = std::max(peakBytes_, liveBytes_);
    mostLiveBytes_ = std::max(mostLiveBytes_, liveBytes_);
    return address;
  }

  void release(void* address) noexcept {
    auto node = live_.extract(live_.find(address));
    liveBytes_ -= node.value().asked;
    node.value().released = ++releases_;
    idle_.insert(std::move(node));
  }

  // Gives idle blocks back to the system, once nothing uses them.
  void emptyCache() noexcept {
    source_.waitForWork();
    while (!idle_.empty()) giveBack(idle_.begin());
  }

  MemoryUse use() const { return {liveBytes_, peakBytes_, reservedBytes_, live_.size()}; }
  void resetPeak() { peakBytes_ = liveBytes_; }

 private:
  struct Block {
    void* address;
    size_t bytes;
    size_t asked = 0;       // by whoever holds it
    uint64_t released = 0;  // when, counted in releases
  };
  struct ByAddress {
    using is_transparent = void;
    bool operator()(const Block& a, const Block& b) const { return std::less<>()(a.address, b.address); }
    bool operator()(const Block& a, const void* b) const { return std::less<const void*>()(a.address, b); }
    bool operator()(const void* a, const Block& b) const { return std::less<const void*>()(a, b.address); }
  };
  // Among those of one size, first the one that was used last: it may still be in a cache of the processor.
  struct BySize {
    using is_transparent = void;
    bool operator()(const Block& a, const Block& b) const {
      return a.bytes != b.bytes ? a.bytes < b.bytes : a.released > b.released;
    }
    bool operator()(const Block& a, size_t b) const { return a.bytes < b; }
    bool operator()(size_t a, const Block& b) const { return a < b.bytes; }
  };
  using LiveBlocks = std::set<Block, ByAddress>;
  using IdleBlocks = std::set<Block, BySize>;
  using Node = IdleBlocks::node_type;

  static constexpr size_t kSmallStep = 512, kLargeStep = size_t{64} << 10, kLarge = size_t{1} << 20;
  // What may be reserved beyond twice the most that was ever in use. Steps of one kind find all their blocks idle; more
  // than that are left over from work of other shapes.
  static constexpr size_t kSlack = size_t{256} << 20;

  static size_t roundUp(size_t bytes) {
    const size_t step = bytes < kLarge ? kSmallStep : kLargeStep;
    return std::max<size_t>((bytes + step - 1) / step, 1) * step;
  }

  // The smallest block that is large enough, unless more than an eighth of it would lie idle.
  Node fromCache(size_t size) {
    const auto found = idle_.lower_bound(size);
    if (found == idle_.end() || found->bytes - size > found->bytes / 8) return {};
    return idle_.extract(found);
  }

  Node fromSource(size_t size) {
    if (size > limit_ || reservedBytes_ > limit_ - size) return {};
    IdleBlocks fresh{Block{nullptr, size}};  // first: nothing may fail once the block is there
    Node node = fresh.extract(fresh.begin());
    node.value().address = source_.take(size);
    if (!node.value().address) return {};
    reservedBytes_ += size;
    return node;
  }

  // Keeps what is reserved within bounds once `size` more is: gives back the blocks that have been idle for longest,
  // and an eighth of the bound at least, as each time has to wait for the work under way.
  void makeRoom(size_t size) {
    const size_t most = std::min(limit_, 2 * std::max(mostLiveBytes_, liveBytes_ + size) + kSlack);
    if (reservedBytes_ + size <= most || idle_.empty()) return;
    std::vector<IdleBlocks::iterator> oldest;
    for (auto block = idle_.begin(); block != idle_.end(); ++block) oldest.push_back(block);
    std::sort(oldest.begin(), oldest.end(), [](auto a, auto b) { return a->released < b->released; });
    const size_t goal = most - std::min(most, std::max(size, most / 8));
    source_.waitForWork();
    for (auto block = oldest.begin(); block != oldest.end() && reservedBytes_ > goal; ++block) giveBack(*block);
  }

  void giveBack(IdleBlocks::iterator block) noexcept {
    source_.giveBack(block->address, block->bytes);
    reservedBytes_ -= block->bytes;
    idle_.erase(block);
  }

  std::string shortage(size_t bytes) const {
    const auto mebibytes = [](size_t n) { return std::to_string(n >> 20) + " MiB"; };
    size_t largest = 0;
    for (const Block& block : live_) largest = std::max(largest, block.asked);
    return "no memory for " + mebibytes(bytes) + ": " + std::to_string(live_.size()) + " buffers hold " +
           mebibytes(liveBytes_) + " (largest " + mebibytes(largest) + ", peak " + mebibytes(peakBytes_) + ")" +
           (limit_ == SIZE_MAX ? "" : ", the limit is " + mebibytes(limit_));
  }

  MemorySource& source_;
  const size_t limit_;
  LiveBlocks live_;
  IdleBlocks idle_;
  uint64_t releases_ = 0;
  size_t liveBytes_ = 0, peakBytes_ = 0, mostLiveBytes_ = 0, reservedBytes_ = 0;
};

}  // namespace limbeck
