#include "cu.h"
#include "kernels/strided.h"
#include "kernels/vector.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::forEach;

template <typename T, int WIDTH>
void copyVectors(const CopyInts& p, const void* xData, void* yData) {
  const Strided<2> space(WIDTH, p.rank, p.shape, p.xStrides, p.yStrides);
  const T* x = static_cast<const T*>(xData) + p.xOffset;
  T* y = static_cast<T*>(yData) + p.yOffset;
  forEach(space.count(), [=] __device__(int64_t i) {
    int at[2];
    space.locate(i, at);
    store(y + at[1], load<WIDTH>(x + at[0]));
  });
}

template <typename T>
void copyElements(const CopyInts& p, const void* x, void* y) {
  constexpr int kWidth = kWidthOf<T>;
  const bool inVectors = liesInVectors(kWidth, p.rank, p.shape, p.xStrides, p.xOffset) &&
                         liesInVectors(kWidth, p.rank, p.shape, p.yStrides, p.yOffset);
  inVectors ? copyVectors<T, kWidth>(p, x, y) : copyVectors<T, 1>(p, x, y);
}

// start + i·step
template <typename T>
void progress(int64_t count, double start, double step, void* yData) {
  T* y = static_cast<T*>(yData);
  forEach(count, [=] __device__(int64_t i) { y[i] = static_cast<T>(start + static_cast<double>(i) * step); });
}

// The value is not computed: it may be infinite.
template <typename T>
void repeat(int64_t count, double value, void* yData) {
  const Stored<T> y(yData, 0);
  const auto each = filled<1>(static_cast<T>(value));
  forEach(count, [=] __device__(int64_t i) { y.store(i, each); });
}

}  // namespace

void copy(const CopyInts& p, const void* x, void* y) {
  if (cuda::narrow(0)) return copyElements<uint16_t>(p, x, y);
  if (p.elementBytes == 1) return copyElements<uint8_t>(p, x, y);
  copyElements<uint32_t>(p, x, y);
}

void fill(const FillInts& p, const FillReals& r, void* y) {
  if (p.dtype == Dtype::kFloat32) return repeat<float>(p.count, r.value, y);
  if (p.dtype == Dtype::kInt32) return repeat<int32_t>(p.count, r.value, y);
  repeat<uint8_t>(p.count, r.value, y);
}

void range(const FillInts& p, const RangeReals& r, void* y) {
  if (p.dtype == Dtype::kFloat32) return progress<float>(p.count, r.start, r.step, y);
  if (p.dtype == Dtype::kInt32) return progress<int32_t>(p.count, r.start, r.step, y);
  progress<uint8_t>(p.count, r.start, r.step, y);
}

}  // namespace limbeck::kernels
