// Work in the order in which it was asked for, on a thread of its own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "limbeck/device.h"
#include "limbeck/kernel-table.h"

namespace limbeck {

// One thread puts commands in, the queue's own thread carries them out. A full queue makes the first wait.
//
// When a command throws, what it was to write is of no value, nor is what kernels would make of that: kernels are left
// out from then on, until the failure is thrown to whoever asks for the next thing.
class CommandQueue {
 public:
  // `began` runs on the queue's thread, before the first command.
  explicit CommandQueue(std::function<void()> began);
  // Carries out what is in the queue, then stops; a failure is lost.
  ~CommandQueue();
  CommandQueue(const CommandQueue&) = delete;
  CommandQueue& operator=(const CommandQueue&) = delete;

  // Copies the arguments. Throws the DeviceError of a command before that failed, as do the next two.
  void launch(Kernel kernel, const Arguments& arguments);
  void call(std::function<void()> function);
  // Waits until everything before is done.
  void finish();
  // The same, and keeps a failure for later.
  void wait() noexcept;

  // For functions of `call`: the failure of a command before.
  const std::optional<DeviceError>& failure() const { return failure_; }

 private:
  // A command as it lies in the queue; its vectors keep their memory from one use to the next.
  struct Command {
    std::vector<void*> buffers;
    std::vector<int32_t> ints;
    std::vector<double> reals;
    Kernel kernel = nullptr;
    std::function<void()> function;  // where there is one, it is the command
  };

  Command& nextFree();
  void publish();
  void work();
  void carryOut(Command& command) noexcept;

  static constexpr uint64_t kCapacity = 1024;
  std::vector<Command> ring_{kCapacity};
  std::atomic<uint64_t> asked_{0}, done_{0};
  std::atomic<bool> workerAsleep_{false}, askerAsleep_{false}, stopping_{false};
  std::optional<DeviceError> failure_;  // the worker's, and the asker's while the queue is empty
  std::atomic<bool> failed_{false};     // whether there is one
  std::mutex mutex_;
  std::condition_variable wakeWorker_, wakeAsker_;
  std::function<void()> began_;
  std::thread worker_;
};

}  // namespace limbeck
