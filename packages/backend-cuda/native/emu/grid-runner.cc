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
    for (int i = 0; i < workers; i++) threads_.emplace_back([this] { work(); });
  }

  ~Team() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& each : threads_) each.join();
  }

  void run(const Grid& grid) {
    const std::lock_guard turn(turns_);
    if (grid.blocks() > 1 && !threads_.empty()) {
      {
        const std::lock_guard lock(mutex_);
        grid_ = &grid;
        nextBlock_ = 0;
        busy_ = static_cast<int>(threads_.size());
        round_++;
      }
      wake_.notify_all();
      takeBlocks(grid, own());
      std::unique_lock lock(mutex_);
      done_.wait(lock, [this] { return busy_ == 0; });
    } else {
      for (size_t i = 0; i < grid.blocks(); i++) own().run(grid, i);
    }
  }

 private:
  // Of the calling thread, which lends a hand.
  static BlockRunner& own() {
    static thread_local BlockRunner runner;
    return runner;
  }

  void takeBlocks(const Grid& grid, BlockRunner& runner) {
    const size_t count = grid.blocks();
    for (size_t i; (i = nextBlock_.fetch_add(1)) < count;) runner.run(grid, i);
  }

  void work() {
    BlockRunner runner;
    unsigned seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return stopping_ || round_ != seen; });
      if (stopping_) return;
      seen = round_;
      const Grid& grid = *grid_;
      lock.unlock();
      takeBlocks(grid, runner);
      lock.lock();
      if (--busy_ == 0) done_.notify_all();
    }
  }

  std::mutex turns_, mutex_;
  std::condition_variable wake_, done_;
  const Grid* grid_ = nullptr;
  std::atomic<size_t> nextBlock_{0};
  int busy_ = 0;
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
