#include <cstring>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/kernels.h"
#include "strided.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

constexpr int64_t kShortRow = 256;  // elements for which a loop in place beats a call

template <typename T>
void copyStrided(const CopyInts& p, const void* xData, void* yData) {
  const T* x = static_cast<const T*>(xData) + p.xOffset;
  T* y = static_cast<T*>(yData) + p.yOffset;
  const int last = p.rank - 1;
  const int64_t length = p.shape[last], xStep = p.xStrides[last], yStep = p.yStrides[last];
  const Rows<2> rows(p.rank, p.shape, {p.xStrides, p.yStrides});
  const auto copyRow = [=](const T* __restrict from, T* __restrict to, int64_t count) {
    if (xStep == 1 && yStep == 1 && count < kShortRow) {
      for (int64_t i = 0; i < count; i++) to[i] = from[i];
    } else if (xStep == 1 && yStep == 1) {
      std::memcpy(to, from, count * sizeof(T));
    } else if (xStep == 0 && yStep == 1) {
      std::fill(to, to + count, *from);
    } else {
      for (int64_t i = 0; i < count; i++) to[i * yStep] = from[i * xStep];
    }
  };
  if (rows.count() == 1) {
    return parallelFor(length, kElements, [&](int64_t begin, int64_t end) {
      copyRow(x + begin * xStep, y + begin * yStep, end - begin);
    });
  }
  parallelFor(rows.count(), grainOf(length), [&](int64_t begin, int64_t end) {
    rows.each(begin, end, [&](int64_t, const std::array<int64_t, 2>& at) { copyRow(x + at[0], y + at[1], length); });
  });
}

template <typename T, typename F>
void generate(int64_t count, void* y, const F& f) {
  T* to = static_cast<T*>(y);
  parallelFor(count, kElements, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) to[i] = static_cast<T>(f(i));
  });
}

template <typename F>
void generate(const FillInts& p, void* y, const F& f) {
  if (p.dtype == Dtype::kFloat32) return generate<float>(p.count, y, f);
  if (p.dtype == Dtype::kInt32) return generate<int32_t>(p.count, y, f);
  generate<uint8_t>(p.count, y, f);
}

}  // namespace

void copy(const CopyInts& p, const void* x, void* y) {
  if (p.elementBytes == 1) return copyStrided<uint8_t>(p, x, y);
  copyStrided<uint32_t>(p, x, y);
}

void fill(const FillInts& p, const FillReals& r, void* y) {
  generate(p, y, [value = r.value](int64_t) { return value; });
}

void range(const FillInts& p, const RangeReals& r, void* y) {
  generate(p, y, [=](int64_t i) { return r.start + i * r.step; });
}

}  // namespace limbeck::LIMBECK_TARGET
