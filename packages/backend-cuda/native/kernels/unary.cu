#include <type_traits>

#include "cu.h"
#include "float-math.h"
#include "kernels/vector.h"
#include "limbeck/functors.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::FloatMath;
using cuda::forEach;

using Map = void (*)(int64_t count, const void* x, void* y, double a, double b);

template <UnaryOp op, int WIDTH>
void mapVectors(int64_t count, const void* xData, void* yData, double alpha, double beta) {
  const Stored<float> x(xData, 0), y(yData, 1);
  const float a = static_cast<float>(alpha), b = static_cast<float>(beta);
  forEach(count / WIDTH, [=] __device__(int64_t i) {
    auto values = x.load<WIDTH>(i * WIDTH);
    CU_UNROLL
    for (int k = 0; k < WIDTH; k++) values[k] = unaryValue<FloatMath, op>(values[k], a, b);
    y.store(i * WIDTH, values);
  });
}

// What networks and losses do to whole maps goes through them in vectors; the rest is rare, or computes more than it reads.
constexpr bool goesInVectors(UnaryOp op) {
  using O = UnaryOp;
  return op == O::abs || op == O::clip || op == O::elu || op == O::exp || op == O::leakyRelu || op == O::log ||
         op == O::neg || op == O::relu || op == O::relu6 || op == O::selu || op == O::sigmoid || op == O::softplus ||
         op == O::sqrt || op == O::square || op == O::step || op == O::tanh;
}

template <UnaryOp op>
void mapFloats(int64_t count, const void* x, void* y, double a, double b) {
  if constexpr (goesInVectors(op)) {
    constexpr int kFloats = kWidthOf<float>, kNarrow = kWidthOf<cuda::Bf16>;
    if (cuda::narrow(0) && count % kNarrow == 0) return mapVectors<op, kNarrow>(count, x, y, a, b);
    if (count % kFloats == 0) return mapVectors<op, kFloats>(count, x, y, a, b);
  }
  mapVectors<op, 1>(count, x, y, a, b);
}

template <UnaryOp op>
void mapInts(int64_t count, const void* xData, void* yData, double a, double b) {
  const int32_t* x = static_cast<const int32_t*>(xData);
  int32_t* y = static_cast<int32_t*>(yData);
  forEach(count, [=] __device__(int64_t i) { y[i] = unaryValue<op>(x[i], a, b); });
}

template <UnaryOp op, typename From>
void test(int64_t count, const void* xData, void* yData, double, double) {
  const From* x = static_cast<const From*>(xData);
  uint8_t* y = static_cast<uint8_t*>(yData);
  forEach(count, [=] __device__(int64_t i) { y[i] = unaryTest<FloatMath, op>(static_cast<float>(x[i])); });
}

template <UnaryOp op>
Map mapOf(Dtype from) {
  using O = UnaryOp;
  constexpr bool kOfInts = op == O::abs || op == O::ceil || op == O::clip || op == O::floor || op == O::neg ||
                           op == O::relu || op == O::relu6 || op == O::round || op == O::sign || op == O::square ||
                           op == O::step;
  if constexpr (op == O::logicalNot) return test<op, uint8_t>;
  if constexpr (op == O::isFinite || op == O::isInf || op == O::isNan) return test<op, float>;
  if constexpr (kOfInts) {
    if (from == Dtype::kInt32) return mapInts<op>;
  }
  return mapFloats<op>;
}

Map mapOf(UnaryOp op, Dtype from) {
  switch (op) {
#define LIMBECK_CASE(name) \
  case UnaryOp::name:      \
    return mapOf<UnaryOp::name>(from);
    LIMBECK_UNARY_OPS(LIMBECK_CASE)
#undef LIMBECK_CASE
  }
  return nullptr;
}

}  // namespace

void unary(const UnaryInts& p, const UnaryReals& r, const void* x, void* y) { mapOf(p.op, p.from)(p.count, x, y, r.a, r.b); }

namespace {

// To int32 towards 0; what does not fit becomes 0.
template <typename To, typename From>
CU_FN To converted(From value) {
  if constexpr (std::is_same_v<From, float> && std::is_same_v<To, int32_t>) {
    return value >= -2147483648.0f && value < 2147483648.0f ? static_cast<To>(value) : 0;
  } else if constexpr (std::is_same_v<To, uint8_t>) {
    return value != 0;
  } else {
    return static_cast<To>(value);
  }
}

template <typename From, typename To, int WIDTH>
void convertVectors(int64_t count, const void* xData, void* yData) {
  const Stored<From> x(xData, 0);
  const Stored<To> y(yData, 1);
  forEach(count / WIDTH, [=] __device__(int64_t i) {
    const auto values = x.template load<WIDTH>(i * WIDTH);
    Vector<To, WIDTH> results;
    CU_UNROLL
    for (int k = 0; k < WIDTH; k++) results[k] = converted<To>(values[k]);
    y.store(i * WIDTH, results);
  });
}

template <typename From, typename To>
void convert(int64_t count, const void* x, void* y) {
  if constexpr (std::is_same_v<From, float> && std::is_same_v<To, float>) {  // another storage
    constexpr int kWidth = kWidthOf<cuda::Bf16>;
    if (count % kWidth == 0) return convertVectors<From, To, kWidth>(count, x, y);
  }
  convertVectors<From, To, 1>(count, x, y);
}

template <typename From>
void convertFrom(const CastInts& p, const void* x, void* y) {
  if (p.to == Dtype::kFloat32) return convert<From, float>(p.count, x, y);
  if (p.to == Dtype::kInt32) return convert<From, int32_t>(p.count, x, y);
  convert<From, uint8_t>(p.count, x, y);
}

}  // namespace

void cast(const CastInts& p, const void* x, void* y) {
  if (p.from == Dtype::kFloat32) return convertFrom<float>(p, x, y);
  if (p.from == Dtype::kInt32) return convertFrom<int32_t>(p, x, y);
  convertFrom<uint8_t>(p, x, y);
}

}  // namespace limbeck::kernels
