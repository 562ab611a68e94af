// A test program without a framework: tests register themselves, kernels are called as functions. Every buffer is an
// allocation of its own, so that a sanitizer sees an overrun of one element, and begins as NaN.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "device/launch.h"
#include "limbeck/arguments.h"

namespace limbeck::test {

// Throws what the program reports as the failure of a test.
[[noreturn]] void fail(const std::string& message);

// Memory of the device.
void* deviceAllocate(size_t bytes);
void deviceFree(void* block);
void toDevice(void* to, const void* from, size_t bytes);
void toHost(void* to, const void* from, size_t bytes);

template <typename T>
class Buffer {
 public:
  explicit Buffer(size_t count) : data_(static_cast<T*>(deviceAllocate(count * sizeof(T)))), count_(count) {}
  explicit Buffer(const std::vector<T>& values) : Buffer(values.size()) {
    toDevice(data_, values.data(), count_ * sizeof(T));
  }
  ~Buffer() { deviceFree(data_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  operator T*() const { return data_; }
  std::vector<T> values() const {
    std::vector<T> values(count_);
    toHost(values.data(), data_, count_ * sizeof(T));
    return values;
  }

 private:
  T* data_;
  size_t count_;
};

// The bits of bfloat16, half to even; NaN stays NaN. And back.
std::vector<uint16_t> narrowed(const std::vector<float>& values);
std::vector<float> widened(const std::vector<uint16_t>& bits);

// A buffer that a kernel declares as float and takes as bfloat16.
inline float* asFloats(const Buffer<uint16_t>& narrow) { return reinterpret_cast<float*>(static_cast<uint16_t*>(narrow)); }

// Runs a kernel function as a device would, and waits for it.
void launch(const std::function<void()>& kernel, cuda::Precision precision = cuda::Precision::kFp32, uint32_t narrow = 0);

// Calls a kernel whose parameters have a tail; within `launch`.
void call(void (*kernel)(const Arguments&), const std::vector<const void*>& buffers, const std::vector<int32_t>& ints,
          const std::vector<double>& reals = {});

// Both.
void launch(void (*kernel)(const Arguments&), const std::vector<const void*>& buffers, const std::vector<int32_t>& ints,
            const std::vector<double>& reals = {}, uint32_t narrow = 0);

// Numbers that depend on the seed alone.
class Numbers {
 public:
  explicit Numbers(uint32_t seed) : state_(seed) {}
  uint32_t below(uint32_t bound) {
    state_ = state_ * 1664525u + 1013904223u;
    return static_cast<uint32_t>((uint64_t{state_} * bound) >> 32);
  }
  double real() { return below(1u << 24) / double(1u << 23) - 1; }  // in [-1, 1)
  std::vector<float> reals(size_t count, double scale = 1);
  std::vector<float> integers(size_t count, int limit);  // in -limit…limit
  std::vector<int32_t> labels(size_t count, int low, int high);  // in low…high-1

 private:
  uint32_t state_;
};

void expectEqual(const char* what, const std::vector<float>& got, const std::vector<double>& want);
void expectEqual(const char* what, const std::vector<int32_t>& got, const std::vector<int32_t>& want);
// |got − want| ≤ bound, element by element.
void expectWithin(const char* what, const std::vector<float>& got, const std::vector<double>& want,
                  const std::vector<double>& bound);
// |got − want| ≤ tolerance · (1 + |want|).
void expectNear(const char* what, const std::vector<float>& got, const std::vector<double>& want, double tolerance);

// The same of bfloat16, which was rounded once more: half a unit of it is a 256th of the number at most.
void expectStoredNear(const char* what, const std::vector<uint16_t>& got, const std::vector<double>& want, double tolerance);

enum class Stored { kFloat, kBf16 };

// A tensor of floats on the device, stored either way: given numbers are rounded to it.
class StoredBuffer {
 public:
  StoredBuffer(Stored stored, const std::vector<float>& values)
      : stored_(stored), floats_(values), narrow_(narrowed(values)) {}
  StoredBuffer(Stored stored, size_t count) : stored_(stored), floats_(count), narrow_(count) {}

  operator float*() const { return stored_ == Stored::kBf16 ? asFloats(narrow_) : static_cast<float*>(floats_); }
  std::vector<float> values() const { return stored_ == Stored::kBf16 ? widened(narrow_.values()) : floats_.values(); }
  // |got − want| ≤ tolerance · (1 + |want|), and half a unit of bfloat16 where it was rounded to that.
  void expectNear(const char* what, const std::vector<double>& want, double tolerance) const {
    if (stored_ == Stored::kBf16) return expectStoredNear(what, narrow_.values(), want, tolerance);
    test::expectNear(what, floats_.values(), want, tolerance);
  }

 private:
  Stored stored_;
  Buffer<float> floats_;
  Buffer<uint16_t> narrow_;
};

struct Registration {
  Registration(const char* fact, void (*body)());
};

// LIMBECK_TEST(name, "a fact") { … }: fails when it throws.
#define LIMBECK_TEST(name, fact)                                             \
  static void name();                                                        \
  static const ::limbeck::test::Registration name##Registration(fact, name); \
  static void name()

// int32 parameters with a tail, and reals, as a launch packs them.
template <typename Ints>
std::vector<int32_t> packed(const Ints& head, const std::vector<int32_t>& tail) {
  std::vector<int32_t> ints(sizeof(Ints) / sizeof(int32_t));
  std::memcpy(ints.data(), &head, sizeof(Ints));
  ints.insert(ints.end(), tail.begin(), tail.end());
  return ints;
}

}  // namespace limbeck::test
