#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/kernels.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

// Larger elements first, then earlier ones; NaN counts as infinite.
template <typename T>
struct Before {
  const T* x;
  static T rank(T value) { return value != value ? std::numeric_limits<T>::infinity() : value; }
  bool operator()(int32_t a, int32_t b) const {
    const T left = rank(x[a]), right = rank(x[b]);
    return left != right ? left > right : a < b;
  }
};

template <typename T>
void topKOf(const TopKInts& p, const void* xData, void* valuesData, int32_t* indices) {
  parallelFor(p.rows, grainOf(p.length, 8), [&](int64_t begin, int64_t end) {
    std::vector<int32_t> order(p.length);
    for (int64_t row = begin; row < end; row++) {
      const T* x = static_cast<const T*>(xData) + row * p.length;
      std::iota(order.begin(), order.end(), 0);
      const auto middle = order.begin() + p.k;
      if (p.k < p.length) std::nth_element(order.begin(), middle, order.end(), Before<T>{x});
      std::sort(order.begin(), middle, Before<T>{x});
      for (int i = 0; i < p.k; i++) {
        static_cast<T*>(valuesData)[row * p.k + i] = x[order[i]];
        indices[row * p.k + i] = order[i];
      }
    }
  });
}

}  // namespace

void topK(const TopKInts& p, const void* x, void* values, int32_t* indices) {
  if (p.dtype == Dtype::kFloat32) return topKOf<float>(p, x, values, indices);
  topKOf<int32_t>(p, x, values, indices);
}

}  // namespace limbeck::LIMBECK_TARGET
