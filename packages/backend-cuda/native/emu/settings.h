// How the emulation behaves, by environment variables; read once.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <thread>

namespace cuemu {

// In which order the threads of a block run.
enum class Order { kForward = 0, kBackward = 1, kRandom = 2 };

struct Settings {
  Order order;
  int threads;       // of the system
  bool lazyCopies;   // cp.async copies when it is waited for
  bool lazyStreams;  // streams hold work back until someone waits for it
  int driver;        // the newest CUDA that the driver knows, such as 12040; 0: there is no driver
  int devices;       // how many there are
  std::string faultyKernel;  // the launch that breaks off: of the kernels whose names contain this …
  int faultyLaunch;          // … the one of this number, from 1; 0: none
};

// The CUDA that this stands in for.
constexpr int kRuntimeVersion = 13000;

// CUEMU_ORDER, CUEMU_THREADS, CUEMU_LAZY_COPIES, CUEMU_LAZY_STREAMS, CUEMU_DRIVER, CUEMU_DEVICES, CUEMU_FAULT=kernel:n.
inline const Settings& settings() {
  static const Settings instance = [] {
    const auto number = [](const char* name, int otherwise) {
      const char* text = std::getenv(name);
      return text && *text ? std::atoi(text) : otherwise;
    };
    const int processors = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    const char* const fault = std::getenv("CUEMU_FAULT");
    const std::string text = fault ? fault : "";
    const size_t colon = text.find(':');
    return Settings{static_cast<Order>(number("CUEMU_ORDER", 0)),
                    std::max(1, number("CUEMU_THREADS", processors)),
                    number("CUEMU_LAZY_COPIES", 1) != 0,
                    number("CUEMU_LAZY_STREAMS", 0) != 0,
                    number("CUEMU_DRIVER", kRuntimeVersion),
                    number("CUEMU_DEVICES", 1),
                    text.substr(0, colon),
                    text.empty() ? 0 : colon == std::string::npos ? 1 : std::atoi(text.c_str() + colon + 1)};
  }();
  return instance;
}

}  // namespace cuemu
