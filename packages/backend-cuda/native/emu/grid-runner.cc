#include "grid-runner.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace cuemu {

namespace {

class Team {
 public:
  explicit Team(int workers) {
    threads_.reserve(workers);
    for (int i = 0; i < workers; i++) threads_.emplace_back([this, i] { work(i); });
  }

  ~Team() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& each : threads_) each.join();
  }

  void run(const Grid& grid) {
    const std::lock_guard turn(turns_);
    if (grid.blocks() == 1 || threads_.empty()) {
      for (size_t i = 0; i < grid.blocks(); i++) own().run(grid, i);
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      grid_ = &grid;
      nextBlock_ = 0;
      joined_ = 0;
      round_++;
    }
    changed_.notify_all();
    takeBlocks(grid, own(), threads_.size());
    std::unique_lock lock(mutex_);
    // whoever is still asleep is not needed, but for its share of what is watched
    if (kShared) changed_.wait(lock, [this] { return joined_ == threads_.size(); });
    grid_ = nullptr;
    changed_.wait(lock, [this] { return busy_ == 0; });
  }

 private:
  // Of the calling thread, which lends a hand.
  static BlockRunner& own() {
    static thread_local BlockRunner runner;
    return runner;
  }

  // Thread `number` of the team. Blocks that one thread runs are ordered for TSan, which sees races between those of
  // different threads only: there blocks are dealt out, elsewhere it is first come, first served.
  void takeBlocks(const Grid& grid, BlockRunner& runner, size_t number) {
    const size_t count = grid.blocks();
    if (kShared) {
      for (size_t i = number; i < count; i += threads_.size() + 1) runner.run(grid, i);
    } else {
      for (size_t i; (i = nextBlock_.fetch_add(1)) < count;) runner.run(grid, i);
    }
  }

  void work(size_t number) {
    BlockRunner runner;
    unsigned seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stopping_ || round_ != seen; });
      if (stopping_) return;
      seen = round_;
      if (!grid_) continue;
      const Grid& grid = *grid_;
      joined_++;
      busy_++;
      lock.unlock();
      takeBlocks(grid, runner, number);
      lock.lock();
      busy_--;
      changed_.notify_all();
    }
  }

  static constexpr bool kShared = CUEMU_TSAN;

  std::mutex turns_, mutex_;
  std::condition_variable changed_;
  const Grid* grid_ = nullptr;  // while there is work for those who wake up
  std::atomic<size_t> nextBlock_{0};
  size_t joined_ = 0, busy_ = 0;
  unsigned round_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

void runGrid(const Grid& grid) {
  static Team team(settings().threads - 1);
  team.run(grid);
}

}  // namespace cuemu
