#include <algorithm>
#include <type_traits>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/functors.h"
#include "limbeck/kernels.h"
#include "simd/math.h"
#include "strided.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

// One row of results; operands move on by their steps.
using CombineRow = void (*)(int64_t length, const void* a, int64_t aStep, const void* b, int64_t bStep, void* y);

constexpr bool isCheap(BinaryOp op) {
  using O = BinaryOp;
  return op == O::add || op == O::sub || op == O::multiply || op == O::realDiv || op == O::maximum || op == O::minimum ||
         op == O::reluGrad || op == O::squaredDifference || op == O::greater || op == O::notEqual || op == O::equal;
}

constexpr bool isTest(BinaryOp op) {
  using O = BinaryOp;
  return op == O::equal || op == O::greater || op == O::greaterEqual || op == O::less || op == O::lessEqual ||
         op == O::logicalAnd || op == O::logicalOr || op == O::notEqual;
}

template <BinaryOp op, typename From>
inline auto valueOf(From a, From b) {
  if constexpr (isTest(op)) {
    return static_cast<uint8_t>(binaryTest<op>(a, b));
  } else {
    return binaryValue<FloatMath, op>(a, b);
  }
}

// Cheap operations of float get loops that become vectors, for operands that move on by 1 or stay where they are; the
// rest is left to one plain loop, which keeps the build short.
template <BinaryOp op, typename From>
void combineRow(int64_t length, const void* aData, int64_t aStep, const void* bData, int64_t bStep, void* yData) {
  const From* a = static_cast<const From*>(aData);
  const From* b = static_cast<const From*>(bData);
  auto* y = static_cast<decltype(valueOf<op, From>(0, 0))*>(yData);
  if constexpr (isCheap(op) && std::is_same_v<From, float>) {
    if (aStep == 1 && bStep == 1) {
      for (int64_t i = 0; i < length; i++) y[i] = valueOf<op>(a[i], b[i]);
      return;
    }
    if (aStep == 1 && bStep == 0) {
      const From constant = *b;
      for (int64_t i = 0; i < length; i++) y[i] = valueOf<op>(a[i], constant);
      return;
    }
    if (aStep == 0 && bStep == 1) {
      const From constant = *a;
      for (int64_t i = 0; i < length; i++) y[i] = valueOf<op>(constant, b[i]);
      return;
    }
  }
  for (int64_t i = 0; i < length; i++) y[i] = valueOf<op>(a[i * aStep], b[i * bStep]);
}

template <BinaryOp op>
CombineRow rowOf(Dtype from) {
  if (from == Dtype::kFloat32) return combineRow<op, float>;
  if (from == Dtype::kInt32) return combineRow<op, int32_t>;
  if constexpr (isTest(op)) return combineRow<op, uint8_t>;
  return nullptr;
}

CombineRow rowOf(BinaryOp op, Dtype from) {
  switch (op) {
#define LIMBECK_CASE(name) \
  case BinaryOp::name:     \
    return rowOf<BinaryOp::name>(from);
    LIMBECK_BINARY_OPS(LIMBECK_CASE)
#undef LIMBECK_CASE
  }
  return nullptr;
}

int64_t bytesOf(Dtype dtype) { return dtype == Dtype::kBool ? 1 : 4; }

}  // namespace

void binary(const BinaryInts& p, const void* aData, const void* bData, void* yData) {
  const CombineRow combine = rowOf(p.op, p.from);
  const int64_t from = bytesOf(p.from), to = bytesOf(p.to);
  const char* a = static_cast<const char*>(aData);
  const char* b = static_cast<const char*>(bData);
  char* y = static_cast<char*>(yData);
  const int last = p.rank - 1;
  const int64_t length = p.shape[last], aStep = p.aStrides[last], bStep = p.bStrides[last];
  const Rows<2> rows(p.rank, p.shape, {p.aStrides, p.bStrides});
  if (rows.count() == 1) {
    return parallelFor(length, kElements, [&](int64_t begin, int64_t end) {
      combine(end - begin, a + begin * aStep * from, aStep, b + begin * bStep * from, bStep, y + begin * to);
    });
  }
  parallelFor(rows.count(), grainOf(length), [&](int64_t begin, int64_t end) {
    rows.each(begin, end, [&](int64_t row, const std::array<int64_t, 2>& at) {
      combine(length, a + at[0] * from, aStep, b + at[1] * from, bStep, y + row * length * to);
    });
  });
}

namespace {

template <typename T>
void choose(const SelectInts& p, const uint8_t* test, const void* aData, const void* bData, void* yData) {
  const T* a = static_cast<const T*>(aData);
  const T* b = static_cast<const T*>(bData);
  T* y = static_cast<T*>(yData);
  const int last = p.rank - 1;
  const int64_t length = p.shape[last];
  const int64_t testStep = p.testStrides[last], aStep = p.aStrides[last], bStep = p.bStrides[last];
  const Rows<3> rows(p.rank, p.shape, {p.testStrides, p.aStrides, p.bStrides});
  parallelFor(rows.count(), grainOf(length), [&](int64_t begin, int64_t end) {
    rows.each(begin, end, [&](int64_t row, const std::array<int64_t, 3>& at) {
      for (int64_t i = 0; i < length; i++) {
        y[row * length + i] = test[at[0] + i * testStep] ? a[at[1] + i * aStep] : b[at[2] + i * bStep];
      }
    });
  });
}

}  // namespace

void select(const SelectInts& p, const uint8_t* test, const void* a, const void* b, void* y) {
  if (p.elementBytes == 1) return choose<uint8_t>(p, test, a, b, y);
  choose<uint32_t>(p, test, a, b, y);
}

void addN(const Arguments& arguments) {
  const int64_t count = arguments.ints[1];
  const int inputs = arguments.ints[0];
  float* y = static_cast<float*>(arguments.buffers[inputs]);
  parallelFor(count, kElements, [&](int64_t begin, int64_t end) {
    constexpr int64_t kBlock = 4096;  // floats that stay in the first-level cache
    for (int64_t at = begin; at < end; at += kBlock) {
      const int64_t stop = std::min(at + kBlock, end);
      std::copy(static_cast<const float*>(arguments.buffers[0]) + at, static_cast<const float*>(arguments.buffers[0]) + stop, y + at);
      for (int k = 1; k < inputs; k++) {
        const float* x = static_cast<const float*>(arguments.buffers[k]);
        for (int64_t i = at; i < stop; i++) y[i] += x[i];
      }
    }
  });
}

}  // namespace limbeck::LIMBECK_TARGET
