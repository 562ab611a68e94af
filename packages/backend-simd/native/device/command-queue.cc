#include "command-queue.h"

#include <new>
#include <utility>

#include "spin.h"

namespace limbeck {

namespace {
constexpr std::chrono::microseconds kPatience{100};

// Waits for `ready`, awake at first, then asleep; `asleep` tells the other side that it has to wake us.
template <typename Ready>
void sleepUntil(Ready ready, std::atomic<bool>& asleep, std::mutex& mutex, std::condition_variable& wake) {
  if (spinUntil(ready, kPatience)) return;
  std::unique_lock lock(mutex);
  asleep.store(true);
  wake.wait(lock, ready);
  asleep.store(false);
}

void wakeUp(std::atomic<bool>& asleep, std::mutex& mutex, std::condition_variable& wake) {
  if (!asleep.load()) return;
  { std::lock_guard lock(mutex); }
  wake.notify_all();
}
}  // namespace

CommandQueue::CommandQueue(std::function<void()> began) : began_(std::move(began)), worker_([this] { work(); }) {}

CommandQueue::~CommandQueue() {
  stopping_.store(true);
  wakeUp(workerAsleep_, mutex_, wakeWorker_);
  worker_.join();
}

CommandQueue::Command& CommandQueue::nextFree() {
  if (failed_.load()) finish();
  sleepUntil([this] { return asked_.load() - done_.load() < kCapacity; }, askerAsleep_, mutex_, wakeAsker_);
  return ring_[asked_.load() % kCapacity];
}

void CommandQueue::publish() {
  asked_.fetch_add(1);
  wakeUp(workerAsleep_, mutex_, wakeWorker_);
}

void CommandQueue::launch(Kernel kernel, const Arguments& a) {
  Command& command = nextFree();
  command.kernel = kernel;
  command.buffers.assign(a.buffers, a.buffers + a.bufferCount);
  command.ints.assign(a.ints, a.ints + a.intCount);
  command.reals.assign(a.reals, a.reals + a.realCount);
  publish();
}

void CommandQueue::call(std::function<void()> function) {
  Command& command = nextFree();
  command.function = std::move(function);
  publish();
}

void CommandQueue::finish() {
  wait();
  if (!failed_.load()) return;
  const DeviceError failure = *failure_;
  failure_.reset();
  failed_.store(false);
  throw failure;
}

void CommandQueue::wait() noexcept {
  const uint64_t last = asked_.load();
  sleepUntil([&] { return done_.load() >= last; }, askerAsleep_, mutex_, wakeAsker_);
}

void CommandQueue::work() {
  began_();
  for (;;) {
    const auto awaited = [this] { return asked_.load() > done_.load() || stopping_.load(); };
    sleepUntil(awaited, workerAsleep_, mutex_, wakeWorker_);
    if (asked_.load() == done_.load()) break;  // stopping, and nothing is left
    carryOut(ring_[done_.load() % kCapacity]);
    done_.fetch_add(1);
    wakeUp(askerAsleep_, mutex_, wakeAsker_);
  }
}

void CommandQueue::carryOut(Command& command) noexcept {
  const auto fail = [this](const char* code, const char* message) {
    if (!failure_) failure_.emplace(code, message);
    failed_.store(true);
  };
  try {
    if (command.function) {
      std::exchange(command.function, nullptr)();
    } else if (!failure_) {
      command.kernel({command.buffers.data(), command.ints.data(), command.reals.data(),
                      static_cast<int>(command.buffers.size()), static_cast<int>(command.ints.size()),
                      static_cast<int>(command.reals.size())});
    }
  } catch (const DeviceError& error) {
    fail(error.code.c_str(), error.what());
  } catch (const std::bad_alloc&) {
    fail("out-of-memory", "a kernel that was launched before found no memory to work in");
  } catch (const std::exception& error) {
    fail("internal", error.what());
  }
}

}  // namespace limbeck
