// How the emulation behaves, by environment variables; read once.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace cuemu {

// In which order the threads of a block run.
enum class Order { kForward = 0, kBackward = 1, kRandom = 2 };

struct Settings {
  Order order;
  int threads;       // of the system
  bool lazyCopies;   // cp.async copies when it is waited for
  bool lazyStreams;  // streams hold work back until someone waits for it
};

// CUEMU_ORDER, CUEMU_THREADS, CUEMU_LAZY_COPIES, CUEMU_LAZY_STREAMS.
inline const Settings& settings() {
  static const Settings instance = [] {
    const auto number = [](const char* name, int otherwise) {
      const char* text = std::getenv(name);
      return text && *text ? std::atoi(text) : otherwise;
    };
    const int processors = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    return Settings{static_cast<Order>(number("CUEMU_ORDER", 0)), std::max(1, number("CUEMU_THREADS", processors)),
                    number("CUEMU_LAZY_COPIES", 1) != 0, number("CUEMU_LAZY_STREAMS", 0) != 0};
  }();
  return instance;
}

}  // namespace cuemu
