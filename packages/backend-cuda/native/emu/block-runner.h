// Runs blocks of a grid, one after another, on one thread of the system.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "fiber.h"
#include "settings.h"
#include "thread.h"

namespace cuemu {

constexpr size_t kMostCollectiveBytes = 32, kMostStaticShared = 48 << 10;
constexpr int kWarpLanes = 32;

struct Grid {
  const char* kernel;
  dim3 size, blockSize;
  size_t dynamicBytes;
  std::function<void()> body;  // of one CUDA thread

  size_t blocks() const { return size_t(size.x) * size.y * size.z; }
  int threads() const { return static_cast<int>(blockSize.x * blockSize.y * blockSize.z); }
};

class BlockRunner {
 public:
  BlockRunner();
  ~BlockRunner();
  BlockRunner(const BlockRunner&) = delete;
  BlockRunner& operator=(const BlockRunner&) = delete;

  void run(const Grid& grid, size_t index);

  // The calling fiber's runner.
  static BlockRunner& current();

  // What the fibers call; see `thread.h`, `warp.h`, `shared-memory.h`, `tensor-core.h`.
  int meetBlock(bool vote);
  void meetWarp(unsigned mask);
  int publish(unsigned mask, const void* value, size_t bytes);
  void look(int slot, int lane, void* value, size_t bytes);
  float* matrixOperands();
  void* sharedVariable(const void* key, size_t bytes, size_t alignment);
  void copyAsync(void* to, const void* from, unsigned bytes, bool valid);
  void commitCopies();
  void waitForCopies(int kept);

 private:
  enum class Stage : uint8_t { kNew, kReady, kAtBlockBarrier, kAtWarpBarrier, kDone };

  struct Copy {
    void* to;
    const void* from;
    unsigned bytes;
    bool valid;
    void make() const;
  };
  struct Thread : ThreadView {
    Stage stage;
    Fiber* fiber;
    unsigned slot;  // of its last collective of a whole warp
    std::deque<std::vector<Copy>> groups;
    std::vector<Copy> open;
  };
  // Lanes that wait for each other.
  struct Meeting {
    unsigned mask, arrived;
  };
  struct Warp {
    Meeting meetings[kWarpLanes];
    int meetingCount;
    unsigned exited, phase;
    char order[2];  // points of TSan
    alignas(16) unsigned char values[3][kWarpLanes][kMostCollectiveBytes];
    alignas(64) float operands[2][16 * 16 + 16 * 8];
  };
  struct Variable {
    const void* key;
    void* place;
  };

  static void entry();

  void prepare(const Grid& grid, size_t index);
  void finish();
  void runThread();
  // The next thread that can run; -1: none.
  int next();
  void enter(int index);
  void resumeOther(Fiber& from, bool last);
  void releaseBlockBarrier();
  int slotOf(unsigned mask);
  Warp& warp() { return warps_[self_->warp]; }
  Fiber* takeFiber();
  void keepFiber(Fiber* fiber);

  BlockView view_{};
  const std::function<void()>* body_ = nullptr;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  Thread* self_ = nullptr;  // that runs now
  int live_ = 0, arrived_ = 0, phase_ = 0;
  int votes_[2] = {0, 0}, votesOut_ = 0;
  unsigned random_ = 1;

  std::vector<Variable> variables_;
  size_t sharedBytes_ = 0, dynamicBytes_ = 0;
  char* arena_ = nullptr;  // of shared variables under TSan, which must lie where they lay in the block before

  std::vector<Fiber*> fibers_;   // free
  std::vector<Fiber*> retired_;  // free with the next block
  Fiber scheduler_;
  char barriers_[2] = {}, begin_ = 0, end_ = 0;  // points of TSan
};

}  // namespace cuemu
