#include "block-runner.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "shared-memory.h"
#include "tensor-core.h"
#include "warp.h"

// the members of BlockView have the names of built-in variables' parts, not of the variables
#undef threadIdx
#undef blockIdx
#undef blockDim
#undef gridDim

namespace cuemu {

__thread BlockView* block = nullptr;
__thread ThreadView* thread = nullptr;

namespace {

thread_local BlockRunner* runner = nullptr;

constexpr unsigned kWholeWarp = ~0u;
constexpr int kUnset = 0xff;  // makes NaN of floats
constexpr size_t kSharedAlignment = 128;

void* allocated(size_t alignment, size_t bytes) {
  void* place;
  if (posix_memalign(&place, alignment, bytes)) fault("no memory");
  return place;
}

}  // namespace

void fault(const char* format, ...) {
  std::fprintf(stderr, "cuemu: ");
  if (thread) {
    const uint3 &b = block->index, &t = thread->index;
    std::fprintf(stderr, "%s, block (%u,%u,%u), thread (%u,%u,%u): ", block->kernel, b.x, b.y, b.z, t.x, t.y, t.z);
  }
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fprintf(stderr, "\n");
  std::abort();
}

BlockRunner::BlockRunner() : scheduler_(Fiber::ofThisThread()) {
  if (CUEMU_TSAN) arena_ = static_cast<char*>(allocated(kSharedAlignment, kMostStaticShared + (16 << 10)));
}

BlockRunner::~BlockRunner() {
  for (Fiber* fiber : fibers_) delete fiber;
  std::free(arena_);
}

BlockRunner& BlockRunner::current() { return *runner; }

Fiber* BlockRunner::takeFiber() {
  const Unwatched own;
  Fiber* fiber;
  if (fibers_.empty()) {
    fiber = new Fiber;
  } else {
    fiber = fibers_.back();
    fibers_.pop_back();
  }
  fiber->begin(&BlockRunner::entry);
  return fiber;
}

// A fiber of TSan keeps the order of what it did, so that it serves one thread a block.
void BlockRunner::keepFiber(Fiber* fiber) {
  const Unwatched own;
  (CUEMU_TSAN ? retired_ : fibers_).push_back(fiber);
}

void BlockRunner::prepare(const Grid& grid, size_t index) {
  const int count = grid.threads();
  const dim3 &size = grid.blockSize, &blocks = grid.size;
  threads_.resize(count);
  warps_.resize((count + kWarpLanes - 1) / kWarpLanes);
  for (int i = 0; i < count; i++) {
    Thread& each = threads_[i];
    each.index = {i % size.x, i / size.x % size.y, i / size.x / size.y};
    each.linear = i;
    each.lane = i % kWarpLanes;
    each.warp = i / kWarpLanes;
    each.stage = Stage::kNew;
    each.fiber = nullptr;
    each.slot = 0;
  }
  for (Warp& each : warps_) each.meetingCount = each.exited = 0;
  view_.index = {unsigned(index % blocks.x), unsigned(index / blocks.x % blocks.y), unsigned(index / blocks.x / blocks.y)};
  view_.blockSize = size;
  view_.gridSize = blocks;
  view_.kernel = grid.kernel;
  view_.dynamicShared = nullptr;
  dynamicBytes_ = grid.dynamicBytes;
  if (dynamicBytes_) {
    view_.dynamicShared = allocated(kSharedAlignment, dynamicBytes_);
    std::memset(view_.dynamicShared, kUnset, dynamicBytes_);
  }
  body_ = &grid.body;
  live_ = count;
  arrived_ = phase_ = votes_[0] = votes_[1] = 0;
  sharedBytes_ = 0;
  random_ = static_cast<unsigned>(index) * 2654435761u + 12345u;
  if (CUEMU_TSAN) {  // made here: a fiber starts ordered after its maker, which must be no thread of the kernel
    const Unwatched own;
    while (fibers_.size() < static_cast<size_t>(count)) fibers_.push_back(new Fiber);
  }
}

void BlockRunner::run(const Grid& grid, size_t index) {
  prepare(grid, index);
  runner = this;
  block = &view_;
  const int first = settings().order == Order::kBackward ? static_cast<int>(threads_.size()) - 1 : 0;
  threads_[first].fiber = takeFiber();
  leaving(&begin_);
  enter(first);
  scheduler_.changeTo(*threads_[first].fiber, false);
  entering(&end_);
  finish();
}

void BlockRunner::finish() {
  runner = nullptr;
  self_ = nullptr;
  block = nullptr;
  thread = nullptr;
  fibers_.insert(fibers_.end(), retired_.begin(), retired_.end());
  retired_.clear();
  if (!CUEMU_TSAN) {
    for (const Variable& variable : variables_) std::free(variable.place);
  }
  variables_.clear();
  if (dynamicBytes_) std::free(view_.dynamicShared);
}

void BlockRunner::enter(int index) {
  self_ = &threads_[index];
  thread = self_;
}

int BlockRunner::next() {
  const int count = static_cast<int>(threads_.size());
  int start = self_->linear;
  if (settings().order == Order::kRandom) {
    random_ = random_ * 1664525u + 1013904223u;
    start = static_cast<int>(random_ >> 8) % count;
  }
  const bool backward = settings().order == Order::kBackward;
  for (int i = 1; i <= count; i++) {
    int index = backward ? start - i : start + i;
    if (index < 0) index += count;
    if (index >= count) index -= count;
    if (threads_[index].stage <= Stage::kReady) return index;
  }
  return -1;
}

void BlockRunner::resumeOther(Fiber& from, bool last) {
  const int index = next();
  if (index < 0) {
    int atBlock = 0, atWarp = 0, done = 0;
    for (const Thread& each : threads_) {
      atBlock += each.stage == Stage::kAtBlockBarrier;
      atWarp += each.stage == Stage::kAtWarpBarrier;
      done += each.stage == Stage::kDone;
    }
    fault("deadlock: of %zu threads %d wait at __syncthreads, %d at a warp collective, %d have exited", threads_.size(),
          atBlock, atWarp, done);
  }
  if (threads_[index].stage == Stage::kNew) threads_[index].fiber = takeFiber();
  enter(index);
  from.changeTo(*self_->fiber, last);
}

void BlockRunner::releaseBlockBarrier() {
  if (arrived_ == 0 || arrived_ != live_) return;
  arrived_ = 0;
  votesOut_ = votes_[phase_ & 1];
  phase_++;
  votes_[phase_ & 1] = 0;
  for (Thread& each : threads_) {
    if (each.stage == Stage::kAtBlockBarrier) each.stage = Stage::kReady;
  }
}

void BlockRunner::entry() {
  Fiber::arrived();
  for (;;) current().runThread();
}

// Runs the current thread to its end, then goes on elsewhere; returns when this fiber is to run another thread.
void BlockRunner::runThread() {
  self_->stage = Stage::kReady;
  entering(&begin_);
  (*body_)();
  leaving(&end_);
  if (!self_->open.empty() || !self_->groups.empty()) {
    const Unwatched own;
    self_->open.clear();
    self_->groups.clear();
  }
  self_->stage = Stage::kDone;
  live_--;
  warp().exited |= 1u << self_->lane;
  releaseBlockBarrier();
  Fiber* const fiber = self_->fiber;
  if (live_ == 0) {
    {
      const Unwatched own;
      retired_.push_back(fiber);
    }
    fiber->changeTo(scheduler_, true);
  }
  if (!CUEMU_TSAN) {  // threads that never wait follow each other on one stack
    const int index = next();
    if (index >= 0 && threads_[index].stage == Stage::kNew) {
      threads_[index].fiber = fiber;
      return enter(index);
    }
  }
  keepFiber(fiber);
  resumeOther(*fiber, true);
}

int BlockRunner::meetBlock(bool vote) {
  char* const point = &barriers_[phase_ & 1];
  leaving(point);
  votes_[phase_ & 1] += vote;
  arrived_++;
  Thread& self = *self_;
  self.stage = Stage::kAtBlockBarrier;
  releaseBlockBarrier();
  if (self.stage != Stage::kReady) resumeOther(*self.fiber, false);
  entering(point);
  return votesOut_;
}

void BlockRunner::meetWarp(unsigned mask) {
  Thread& self = *self_;
  Warp& w = warp();
  const int lanes = std::min<int>(kWarpLanes, static_cast<int>(threads_.size()) - self.warp * kWarpLanes);
  const unsigned present = lanes == kWarpLanes ? kWholeWarp : (1u << lanes) - 1;
  if (!(mask >> self.lane & 1)) fault("warp collective called by a lane outside its mask %08x", mask);
  if (mask & ~present) fault("warp collective with mask %08x in a warp of %d lanes", mask, lanes);
  if (w.exited & mask) fault("warp collective waits for lanes %08x that have exited", w.exited & mask);
  int i = 0;
  while (i < w.meetingCount && w.meetings[i].mask != mask) i++;
  if (i == w.meetingCount) w.meetings[w.meetingCount++] = {mask, 0};
  char* const point = &w.order[w.phase & 1];
  leaving(point);
  w.meetings[i].arrived |= 1u << self.lane;
  self.stage = Stage::kAtWarpBarrier;
  if (w.meetings[i].arrived == mask) {
    w.meetings[i] = w.meetings[--w.meetingCount];
    w.phase++;
    for (unsigned rest = mask; rest; rest &= rest - 1) {
      Thread& each = threads_[self.warp * kWarpLanes + __builtin_ctz(rest)];
      if (each.stage == Stage::kAtWarpBarrier) each.stage = Stage::kReady;
    }
  } else {
    resumeOther(*self.fiber, false);
  }
  entering(point);
}

int BlockRunner::slotOf(unsigned mask) { return mask == kWholeWarp ? static_cast<int>(self_->slot ^= 1) : 2; }

int BlockRunner::publish(unsigned mask, const void* value, size_t bytes) {
  if (bytes > kMostCollectiveBytes) fault("collective on a value of %zu bytes", bytes);
  const int slot = slotOf(mask);
  {
    const Unwatched own;
    std::memcpy(warp().values[slot][self_->lane], value, bytes);
  }
  meetWarp(mask);
  return slot;
}

void BlockRunner::look(int slot, int lane, void* value, size_t bytes) {
  const Unwatched own;
  std::memcpy(value, warp().values[slot][lane], bytes);
}

float* BlockRunner::matrixOperands() { return warp().operands[slotOf(kWholeWarp)]; }

void* BlockRunner::sharedVariable(const void* key, size_t bytes, size_t alignment) {
  for (const Variable& variable : variables_) {
    if (variable.key == key) return variable.place;
  }
  const Unwatched own;
  const size_t reserved = (bytes + kSharedAlignment - 1) / kSharedAlignment * kSharedAlignment;
  if (sharedBytes_ + bytes > kMostStaticShared) fault("more than %zu KiB of static shared memory", kMostStaticShared >> 10);
  void* const place = CUEMU_TSAN ? arena_ + sharedBytes_ : allocated(std::max<size_t>(alignment, 16), bytes);
  sharedBytes_ += reserved;
  std::memset(place, kUnset, bytes);
  variables_.push_back({key, place});
  return place;
}

void BlockRunner::Copy::make() const {
  if (valid) {
    std::memcpy(to, from, bytes);
  } else {
    std::memset(to, 0, bytes);
  }
}

void BlockRunner::copyAsync(void* to, const void* from, unsigned bytes, bool valid) {
  if ((reinterpret_cast<uintptr_t>(to) | reinterpret_cast<uintptr_t>(from)) & (bytes - 1)) {
    fault("cp.async: an address is not aligned to %u bytes", bytes);
  }
  const Copy copy{to, from, bytes, valid};
  if (!settings().lazyCopies) return copy.make();
  const Unwatched own;
  self_->open.push_back(copy);
}

void BlockRunner::commitCopies() {
  const Unwatched own;
  self_->groups.push_back(std::move(self_->open));
  self_->open.clear();
}

void BlockRunner::waitForCopies(int kept) {
  auto& groups = self_->groups;
  while (static_cast<int>(groups.size()) > kept) {
    for (const Copy& copy : groups.front()) copy.make();
    const Unwatched own;
    groups.pop_front();
  }
}

int meetBlock(bool vote) { return BlockRunner::current().meetBlock(vote); }
void meetWarp(unsigned mask) { BlockRunner::current().meetWarp(mask); }
int publish(unsigned mask, const void* value, size_t bytes) { return BlockRunner::current().publish(mask, value, bytes); }
void look(int slot, int lane, void* value, size_t bytes) { BlockRunner::current().look(slot, lane, value, bytes); }
float* matrixOperands() { return BlockRunner::current().matrixOperands(); }
void* sharedVariable(const void* key, size_t bytes, size_t alignment) {
  return BlockRunner::current().sharedVariable(key, bytes, alignment);
}
void copyAsync(void* to, const void* from, unsigned bytes, bool valid) {
  BlockRunner::current().copyAsync(to, from, bytes, valid);
}
void commitCopies() { BlockRunner::current().commitCopies(); }
void waitForCopies(int kept) { BlockRunner::current().waitForCopies(kept); }

}  // namespace cuemu
