#include <algorithm>
#include <type_traits>

#include "cu.h"
#include "limbeck/kernels.h"
#include "storage.h"

namespace limbeck::kernels {

namespace {

using cuda::Bf16;
using cuda::forEach;
using cuda::scratchOf;

// How a reduction of one type begins, goes on, joins its parts and ends. Sums of floats are kept in double.
template <typename T, typename Total>
struct SumFold {
  using Element = T;
  using Accumulator = Total;
  CU_FN static Total start() { return 0; }
  CU_FN static Total fold(Total sum, T x) { return sum + static_cast<Total>(x); }
  CU_FN static Total join(Total a, Total b) { return a + b; }
  CU_FN static T finish(Total sum, int) { return static_cast<T>(sum); }
};
struct MeanFold : SumFold<float, double> {
  CU_FN static float finish(double sum, int count) { return static_cast<float>(sum / count); }
};
template <typename T, typename Total>
struct ProductFold {
  using Element = T;
  using Accumulator = Total;
  CU_FN static Total start() { return 1; }
  CU_FN static Total fold(Total product, T x) { return product * static_cast<Total>(x); }
  CU_FN static Total join(Total a, Total b) { return a * b; }
  CU_FN static T finish(Total product, int) { return static_cast<T>(product); }
};
// A NaN, once seen, stays. Of no int32: 0.
template <typename T>
struct MaxFold {
  using Element = T;
  using Accumulator = T;
  CU_FN static T start() {
    if constexpr (std::is_same_v<T, float>) return -INFINITY;
    return INT32_MIN;
  }
  CU_FN static T fold(T max, T x) { return x > max || x != x ? x : max; }
  CU_FN static T join(T a, T b) { return fold(a, b); }
  CU_FN static T finish(T max, int count) { return count > 0 || std::is_same_v<T, float> ? max : T{0}; }
};
template <typename T>
struct MinFold : MaxFold<T> {
  CU_FN static T start() {
    if constexpr (std::is_same_v<T, float>) return INFINITY;
    return INT32_MAX;
  }
  CU_FN static T fold(T min, T x) { return x < min || x != x ? x : min; }
  CU_FN static T join(T a, T b) { return fold(a, b); }
};
struct AnyFold {
  using Element = uint8_t;
  using Accumulator = int;
  CU_FN static int start() { return 0; }
  CU_FN static int fold(int any, uint8_t x) { return any | (x != 0); }
  CU_FN static int join(int a, int b) { return a | b; }
  CU_FN static uint8_t finish(int any, int) { return static_cast<uint8_t>(any); }
};
struct AllFold : AnyFold {
  CU_FN static int start() { return 1; }
  CU_FN static int fold(int all, uint8_t x) { return all & (x != 0); }
  CU_FN static int join(int a, int b) { return a & b; }
};

constexpr int kThreads = 256;

// A reduced axis is cut into parts that depend on the shape alone, so that every GPU adds in the same order.
struct Parts {
  int count, length;
  CU_FN int begin(int part) const { return part * length; }
};
Parts partsOf(int length, int64_t lines) {
  constexpr int kShortest = 1024;
  constexpr int64_t kEnoughLines = 1 << 15, kMost = 512;
  const int64_t wanted = std::min<int64_t>({kEnoughLines / std::max<int64_t>(lines, 1), length / kShortest, kMost});
  const int count = static_cast<int>(std::max<int64_t>(wanted, 1));
  const int each = std::max(1, (length + count - 1) / count);
  return {std::max(1, (length + each - 1) / each), each};
}

template <typename T>
CU_FN T elementOf(const T& stored) {
  return stored;
}
CU_FN float elementOf(const Bf16& stored) { return cuda::load(&stored, 0); }

// One block a part of a row of neighbours: results[outer, parts]. X: Fold's element, or Bf16 in place of float.
template <typename Fold, typename X>
__global__ void __launch_bounds__(kThreads)
    foldNeighbours(const X* __restrict__ x, int length, Parts parts, typename Fold::Accumulator* __restrict__ results) {
  const int64_t task = blockIdx.x;
  const int part = static_cast<int>(task % parts.count);
  const X* row = x + task / parts.count * length;
  const int end = min(length, parts.begin(part) + parts.length);
  auto total = Fold::start();
  for (int i = parts.begin(part) + static_cast<int>(threadIdx.x); i < end; i += kThreads) total = Fold::fold(total, elementOf(row[i]));
  total = cuda::blockJoin<kThreads>(total, Fold::start(), [](auto a, auto b) { return Fold::join(a, b); });
  if (threadIdx.x == 0) results[task] = total;
}

// One thread a part of a line: results[outer, parts, inner].
template <typename Fold, typename X>
void foldLines(const ReduceInts& p, const X* x, Parts parts, typename Fold::Accumulator* results) {
  const int64_t inner = p.inner;
  const int length = p.length;
  forEach(static_cast<int64_t>(p.outer) * parts.count * inner, [=] __device__(int64_t task) {
    const int part = static_cast<int>(task / inner % parts.count);
    const auto* line = x + task / inner / parts.count * length * inner + task % inner;
    const int end = min(length, parts.begin(part) + parts.length);
    auto total = Fold::start();
    for (int i = parts.begin(part); i < end; i++) total = Fold::fold(total, elementOf(line[i * inner]));
    results[task] = total;
  });
}

template <typename Fold, typename X = typename Fold::Element>
void reduceBy(const ReduceInts& p, const void* xData, void* yData) {
  using Accumulator = typename Fold::Accumulator;
  constexpr int kLongLine = 64;
  const X* x = static_cast<const X*>(xData);
  auto* y = static_cast<typename Fold::Element*>(yData);
  const int64_t inner = p.inner, lines = p.outer * inner;
  const int length = p.length;
  const Parts parts = partsOf(length, lines);
  Accumulator* results = scratchOf<Accumulator>(static_cast<size_t>(lines) * parts.count);
  if (inner == 1 && length >= kLongLine) {
    CU_LAUNCH((foldNeighbours<Fold, X>), p.outer * parts.count, kThreads, 0, x, length, parts, results);
  } else {
    foldLines<Fold, X>(p, x, parts, results);
  }
  const int count = parts.count;
  forEach(lines, [=] __device__(int64_t line) {
    const Accumulator* from = results + line / inner * count * inner + line % inner;
    Accumulator total = from[0];
    for (int part = 1; part < count; part++) total = Fold::join(total, from[part * inner]);
    y[line] = Fold::finish(total, length);
  });
}

template <typename Fold>
void reduceFloats(const ReduceInts& p, const void* x, void* y) {
  cuda::narrow(0) ? reduceBy<Fold, Bf16>(p, x, y) : reduceBy<Fold>(p, x, y);
}

}  // namespace

void reduce(const ReduceInts& p, const void* x, void* y) {
  const bool isFloat = p.dtype == Dtype::kFloat32;
  switch (p.op) {
    case Reduction::kSum:
      return isFloat ? reduceFloats<SumFold<float, double>>(p, x, y) : reduceBy<SumFold<int32_t, uint32_t>>(p, x, y);
    case Reduction::kMean:
      return reduceFloats<MeanFold>(p, x, y);
    case Reduction::kMax:
      return isFloat ? reduceFloats<MaxFold<float>>(p, x, y) : reduceBy<MaxFold<int32_t>>(p, x, y);
    case Reduction::kMin:
      return isFloat ? reduceFloats<MinFold<float>>(p, x, y) : reduceBy<MinFold<int32_t>>(p, x, y);
    case Reduction::kProd:
      return isFloat ? reduceFloats<ProductFold<float, double>>(p, x, y) : reduceBy<ProductFold<int32_t, uint32_t>>(p, x, y);
    case Reduction::kAny:
      return reduceBy<AnyFold>(p, x, y);
    case Reduction::kAll:
      return reduceBy<AllFold>(p, x, y);
  }
}

namespace {

template <typename T>
struct Candidate {
  T value;
  int32_t index;  // −1: none
};

// The better of two candidates, the earlier one of equals.
template <typename T>
CU_FN Candidate<T> better(Candidate<T> a, Candidate<T> b, bool largest) {
  if (a.index < 0) return b;
  if (b.index < 0) return a;
  if (largest ? b.value > a.value : b.value < a.value) return b;
  if (largest ? a.value > b.value : a.value < b.value) return a;
  return a.index < b.index ? a : b;
}

// One block a line.
template <typename T>
__global__ void __launch_bounds__(kThreads)
    findExtremes(const T* __restrict__ x, int length, int64_t inner, bool largest, int32_t* __restrict__ y) {
  const int64_t lineNumber = blockIdx.x;
  const T* line = x + lineNumber / inner * length * inner + lineNumber % inner;
  Candidate<T> best{T{0}, -1};
  for (int i = static_cast<int>(threadIdx.x); i < length; i += kThreads) {
    best = better(best, Candidate<T>{line[i * inner], i}, largest);
  }
  CU_SHARED(Candidate<T>, candidates, [kThreads]);
  candidates[threadIdx.x] = best;
  __syncthreads();
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      candidates[threadIdx.x] = better(candidates[threadIdx.x], candidates[threadIdx.x + half], largest);
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) y[lineNumber] = candidates[0].index;
}

template <typename T>
void argExtremeOf(const ArgExtremeInts& p, const void* xData, int32_t* y) {
  constexpr int kLongLine = 256;
  const T* x = static_cast<const T*>(xData);
  const int64_t inner = p.inner, lines = p.outer * inner;
  const int length = p.length;
  const bool largest = p.largest != 0;
  if (length >= kLongLine) {
    CU_LAUNCH((findExtremes<T>), static_cast<unsigned>(lines), kThreads, 0, x, length, inner, largest, y);
    return;
  }
  forEach(lines, [=] __device__(int64_t number) {
    const T* line = x + number / inner * length * inner + number % inner;
    int32_t best = 0;
    T value = line[0];
    for (int i = 1; i < length; i++) {
      const T next = line[i * inner];
      if (largest ? next > value : next < value) {
        best = i;
        value = next;
      }
    }
    y[number] = best;
  });
}

struct Times {
  template <typename T>
  CU_FN T operator()(T a, T b) const {
    return a * b;
  }
};

// One block a line: running totals of a stretch within warps, over warps, and on from the stretch before.
template <typename T, typename Total, typename Join>
__global__ void __launch_bounds__(kThreads)
    runTotals(const T* __restrict__ x, int length, int64_t inner, bool exclusive, bool reverse, Total none, Join join,
              T* __restrict__ y) {
  constexpr int kWarps = kThreads / cuda::kWarp;
  CU_SHARED(Total, ofWarps, [kWarps]);
  const int64_t start = blockIdx.x / inner * length * inner + blockIdx.x % inner;
  const int lane = threadIdx.x % cuda::kWarp, warp = threadIdx.x / cuda::kWarp;
  Total before = none;
  for (int first = 0; first < length; first += kThreads) {
    const int i = first + static_cast<int>(threadIdx.x);
    const int64_t at = start + static_cast<int64_t>(reverse ? length - 1 - i : i) * inner;
    Total total = i < length ? static_cast<Total>(x[at]) : none;
    CU_UNROLL
    for (int distance = 1; distance < cuda::kWarp; distance *= 2) {
      const Total earlier = __shfl_up_sync(cuda::kFullMask, total, distance);
      if (lane >= distance) total = join(earlier, total);
    }
    if (lane == cuda::kWarp - 1) ofWarps[warp] = total;
    __syncthreads();
    Total prefix = before;
    for (int k = 0; k < kWarps; k++) {
      if (k < warp) prefix = join(prefix, ofWarps[k]);
      before = join(before, ofWarps[k]);
    }
    __syncthreads();
    const Total previous = __shfl_up_sync(cuda::kFullMask, total, 1);
    if (i < length) y[at] = static_cast<T>(!exclusive ? join(prefix, total) : lane == 0 ? prefix : join(prefix, previous));
  }
}

template <typename T, typename Total, typename Join>
void cumulateBy(const CumulateInts& p, const void* xData, void* yData, Total none, Join join) {
  const T* x = static_cast<const T*>(xData);
  T* y = static_cast<T*>(yData);
  const int64_t inner = p.inner;
  const bool exclusive = p.exclusive != 0, reverse = p.reverse != 0;
  const int length = p.length;
  CU_LAUNCH((runTotals<T, Total, Join>), static_cast<unsigned>(p.outer * inner), kThreads, 0, x, length, inner, exclusive,
            reverse, none, join, y);
}

template <typename T, typename Total>
void cumulateOf(const CumulateInts& p, const void* x, void* y) {
  if (p.op == Reduction::kSum) return cumulateBy<T, Total>(p, x, y, Total{0}, cuda::Add{});
  cumulateBy<T, Total>(p, x, y, Total{1}, Times{});
}

}  // namespace

void argExtreme(const ArgExtremeInts& p, const void* x, int32_t* y) {
  if (p.dtype == Dtype::kFloat32) return argExtremeOf<float>(p, x, y);
  argExtremeOf<int32_t>(p, x, y);
}

void cumulate(const CumulateInts& p, const void* x, void* y) {
  if (p.dtype == Dtype::kFloat32) return cumulateOf<float, double>(p, x, y);
  cumulateOf<int32_t, uint32_t>(p, x, y);
}

}  // namespace limbeck::kernels
