#include "cu.h"
#include "kernels/strided.h"
#include "limbeck/kernels.h"
#include "storage.h"

namespace limbeck::kernels {

namespace {

using cuda::Bf16;
using cuda::forEach;

template <typename T>
void copyStrided(const CopyInts& p, const void* xData, void* yData) {
  const Strided<2> space(p.rank, p.shape, p.xStrides, p.yStrides);
  const T* x = static_cast<const T*>(xData) + p.xOffset;
  T* y = static_cast<T*>(yData) + p.yOffset;
  forEach(space.count(), [=] __device__(int64_t i) {
    int64_t at[2];
    space.locate(i, at);
    y[at[1]] = x[at[0]];
  });
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
  T* y = static_cast<T*>(yData);
  const T each = static_cast<T>(value);
  forEach(count, [=] __device__(int64_t i) { y[i] = each; });
}

void repeatNarrow(int64_t count, double value, void* yData) {
  Bf16* y = static_cast<Bf16*>(yData);
  const float each = static_cast<float>(value);
  forEach(count, [=] __device__(int64_t i) { cuda::store(y, i, each); });
}

}  // namespace

void copy(const CopyInts& p, const void* x, void* y) {
  if (cuda::narrow(1)) return copyStrided<Bf16>(p, x, y);
  if (p.elementBytes == 1) return copyStrided<uint8_t>(p, x, y);
  copyStrided<uint32_t>(p, x, y);
}

void fill(const FillInts& p, const FillReals& r, void* y) {
  if (cuda::narrow(0)) return repeatNarrow(p.count, r.value, y);
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
