// A standing team of threads that share one loop at a time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace limbeck {

// One loop at a time: the thread that calls `run` takes part, the others wait for the next loop, awake for a moment
// and then asleep.
class ThreadPool {
 public:
  // Throws DeviceError "backend/threads" when the system does not give so many.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(helpers_.size()) + 1; }

  // Calls task(0) … task(count-1), each once, on any thread, and returns when all are done; count < 2^24. Where tasks
  // throw, throws what one of them threw, when all are done.
  void run(int count, const std::function<void(int)>& task);

 private:
  void help();
  void work();
  void carryOut(int index) noexcept;
  void stop();
  bool hasWork() const;

  std::vector<std::thread> helpers_;
  const std::function<void(int)>* task_ = nullptr;
  // The loop in progress in one word, so that a thread takes an index only of the loop that it has seen:
  // 16 bits of the loop's number, 24 of its length, 24 of the next index.
  std::atomic<uint64_t> loop_{0};
  std::atomic<int> left_{0};  // indexes of the loop that are not done
  std::atomic<int> asleep_{0};
  std::atomic<bool> stopping_{false};
  std::exception_ptr failure_;  // of the loop in progress; written under `mutex_`, read when no index is left
  std::mutex mutex_;
  std::condition_variable begun_;
};

}  // namespace limbeck
