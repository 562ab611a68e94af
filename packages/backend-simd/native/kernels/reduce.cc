#include <algorithm>
#include <limits>
#include <type_traits>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/kernels.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

constexpr float kFloatInfinity = std::numeric_limits<float>::infinity();

// How a reduction of one type begins, goes on, joins its parts and ends. Sums of floats are kept in double.
template <typename T, typename Total>
struct SumFold {
  using Element = T;
  using Accumulator = Total;
  static Total start() { return 0; }
  static Total fold(Total sum, T x) { return sum + static_cast<Total>(x); }
  static Total join(Total a, Total b) { return a + b; }
  static T finish(Total sum, int64_t) { return static_cast<T>(sum); }
};
struct MeanFold : SumFold<float, double> {
  static float finish(double sum, int64_t count) { return static_cast<float>(sum / static_cast<double>(count)); }
};
template <typename T, typename Total>
struct ProductFold {
  using Element = T;
  using Accumulator = Total;
  static Total start() { return 1; }
  static Total fold(Total product, T x) { return product * static_cast<Total>(x); }
  static Total join(Total a, Total b) { return a * b; }
  static T finish(Total product, int64_t) { return static_cast<T>(product); }
};
// The largest; a NaN, once seen, stays. Of no int32: 0.
template <typename T>
struct MaxFold {
  using Element = T;
  using Accumulator = T;
  static T start() { return std::is_same_v<T, float> ? static_cast<T>(-kFloatInfinity) : std::numeric_limits<T>::min(); }
  static T fold(T max, T x) { return x > max || x != x ? x : max; }
  static T join(T a, T b) { return fold(a, b); }
  static T finish(T max, int64_t count) { return count > 0 || std::is_same_v<T, float> ? max : T{0}; }
};
template <typename T>
struct MinFold : MaxFold<T> {
  static T start() { return std::is_same_v<T, float> ? static_cast<T>(kFloatInfinity) : std::numeric_limits<T>::max(); }
  static T fold(T min, T x) { return x < min || x != x ? x : min; }
  static T join(T a, T b) { return fold(a, b); }
};
struct AnyFold {
  using Element = uint8_t;
  using Accumulator = uint8_t;
  static uint8_t start() { return 0; }
  static uint8_t fold(uint8_t any, uint8_t x) { return any | (x != 0); }
  static uint8_t join(uint8_t a, uint8_t b) { return a | b; }
  static uint8_t finish(uint8_t any, int64_t) { return any; }
};
struct AllFold : AnyFold {
  static uint8_t start() { return 1; }
  static uint8_t fold(uint8_t all, uint8_t x) { return all & (x != 0); }
  static uint8_t join(uint8_t a, uint8_t b) { return a & b; }
};

constexpr int kSide = 16;         // running results side by side: their loop becomes vectors
constexpr int64_t kPart = 16384;  // elements that one task folds: the order depends on the shape alone
constexpr int64_t kMostParts = 256;

// Neighbours, into one result.
template <typename Fold>
void foldLine(const typename Fold::Element* x, int64_t length, typename Fold::Accumulator* result) {
  typename Fold::Accumulator side[kSide];
  for (auto& one : side) one = Fold::start();
  int64_t i = 0;
  for (; i + kSide <= length; i += kSide) {
    for (int l = 0; l < kSide; l++) side[l] = Fold::fold(side[l], x[i + l]);
  }
  for (int l = 0; i < length; i++, l++) side[l] = Fold::fold(side[l], x[i]);
  *result = side[0];
  for (int l = 1; l < kSide; l++) *result = Fold::join(*result, side[l]);
}

// Rows of `inner` neighbours, each column into a result of its own.
template <typename Fold>
void foldRows(const typename Fold::Element* x, int64_t rows, int64_t inner, typename Fold::Accumulator* results) {
  std::fill(results, results + inner, Fold::start());
  for (int64_t row = 0; row < rows; row++, x += inner) {
    for (int64_t k = 0; k < inner; k++) results[k] = Fold::fold(results[k], x[k]);
  }
}

template <typename Fold>
void reduceBy(const ReduceInts& p, const void* xData, void* yData) {
  using Accumulator = typename Fold::Accumulator;
  const auto* x = static_cast<const typename Fold::Element*>(xData);
  auto* y = static_cast<typename Fold::Element*>(yData);
  const int64_t length = p.length, inner = p.inner;
  const int64_t parts = std::clamp<int64_t>(std::min(length, length * inner / kPart), 1, kMostParts);
  Accumulator* results = scratchOf<Accumulator>(0, p.outer * parts * inner);
  parallelFor(p.outer * parts, grainOf(length * inner / parts), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t part = task % parts, first = length * part / parts, last = length * (part + 1) / parts;
      const auto* from = x + (task / parts * length + first) * inner;
      if (inner == 1) {
        foldLine<Fold>(from, last - first, results + task);
      } else {
        foldRows<Fold>(from, last - first, inner, results + task * inner);
      }
    }
  });
  parallelFor(p.outer, grainOf(parts * inner), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; o++) {
      for (int64_t k = 0; k < inner; k++) {
        Accumulator total = results[o * parts * inner + k];
        for (int64_t part = 1; part < parts; part++) total = Fold::join(total, results[(o * parts + part) * inner + k]);
        y[o * inner + k] = Fold::finish(total, length);
      }
    }
  });
}

}  // namespace

void reduce(const ReduceInts& p, const void* x, void* y) {
  const bool isFloat = p.dtype == Dtype::kFloat32;
  switch (p.op) {
    case Reduction::kSum:
      return isFloat ? reduceBy<SumFold<float, double>>(p, x, y) : reduceBy<SumFold<int32_t, uint32_t>>(p, x, y);
    case Reduction::kMean:
      return reduceBy<MeanFold>(p, x, y);
    case Reduction::kMax:
      return isFloat ? reduceBy<MaxFold<float>>(p, x, y) : reduceBy<MaxFold<int32_t>>(p, x, y);
    case Reduction::kMin:
      return isFloat ? reduceBy<MinFold<float>>(p, x, y) : reduceBy<MinFold<int32_t>>(p, x, y);
    case Reduction::kProd:
      return isFloat ? reduceBy<ProductFold<float, double>>(p, x, y) : reduceBy<ProductFold<int32_t, uint32_t>>(p, x, y);
    case Reduction::kAny:
      return reduceBy<AnyFold>(p, x, y);
    case Reduction::kAll:
      return reduceBy<AllFold>(p, x, y);
  }
}

namespace {

template <typename T, typename Beats>
void firstThatNoneBeats(const ArgExtremeInts& p, const void* xData, int32_t* y, const Beats& beats) {
  const T* x = static_cast<const T*>(xData);
  parallelFor(static_cast<int64_t>(p.outer) * p.inner, grainOf(p.length), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; line++) {
      const T* from = x + line / p.inner * p.length * p.inner + line % p.inner;
      int32_t best = 0;
      for (int32_t i = 1; i < p.length; i++) {
        if (beats(from[static_cast<int64_t>(i) * p.inner], from[static_cast<int64_t>(best) * p.inner])) best = i;
      }
      y[line] = best;
    }
  });
}

template <typename T>
void argExtremeOf(const ArgExtremeInts& p, const void* x, int32_t* y) {
  if (p.largest) return firstThatNoneBeats<T>(p, x, y, [](T value, T best) { return value > best; });
  firstThatNoneBeats<T>(p, x, y, [](T value, T best) { return value < best; });
}

template <typename T, typename Total, typename Add>
void runningTotals(const CumulateInts& p, const void* xData, void* yData, Total initial, const Add& add) {
  const T* x = static_cast<const T*>(xData);
  T* y = static_cast<T*>(yData);
  parallelFor(static_cast<int64_t>(p.outer) * p.inner, grainOf(p.length), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; line++) {
      const int64_t start = line / p.inner * p.length * p.inner + line % p.inner;
      Total total = initial;
      for (int32_t i = 0; i < p.length; i++) {
        const int64_t at = start + static_cast<int64_t>(p.reverse ? p.length - 1 - i : i) * p.inner;
        const Total after = add(total, static_cast<Total>(x[at]));
        y[at] = static_cast<T>(p.exclusive ? total : after);
        total = after;
      }
    }
  });
}

template <typename T, typename Total>
void cumulateOf(const CumulateInts& p, const void* x, void* y) {
  if (p.op == Reduction::kSum) return runningTotals<T, Total>(p, x, y, 0, [](Total a, Total b) { return a + b; });
  runningTotals<T, Total>(p, x, y, 1, [](Total a, Total b) { return a * b; });
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

}  // namespace limbeck::LIMBECK_TARGET
