// Work in the order in which it was asked for, on a thread of its own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "limbeck/kernel-table.h"

namespace limbeck {

// One thread puts commands in, the queue's own thread carries them out. A full queue makes the first wait.
class CommandQueue {
 public:
  // `began` runs on the queue's thread, before the first command.
  explicit CommandQueue(std::function<void()> began);
  // Carries out what is in the queue, then stops.
  ~CommandQueue();
  CommandQueue(const CommandQueue&) = delete;
  CommandQueue& operator=(const CommandQueue&) = delete;

  // Copies the arguments.
  void launch(Kernel kernel, const Arguments& arguments);
  void call(std::function<void()> function);
  // Waits until everything before is done.
  void finish();

 private:
  // A command as it lies in the queue; its vectors keep their memory from one use to the next.
  struct Command {
    Kernel kernel = nullptr;  // null: `function`
    std::vector<void*> buffers;
    std::vector<int32_t> ints;
    std::vector<double> reals;
    std::function<void()> function;
  };

  Command& nextFree();
  void publish();
  void work();
  static void carryOut(Command& command);

  static constexpr uint64_t kCapacity = 1024;
  std::vector<Command> ring_{kCapacity};
  std::atomic<uint64_t> asked_{0}, done_{0};
  std::atomic<bool> workerAsleep_{false}, askerAsleep_{false}, stopping_{false};
  std::mutex mutex_;
  std::condition_variable wakeWorker_, wakeAsker_;
  std::function<void()> began_;
  std::thread worker_;
};

}  // namespace limbeck
