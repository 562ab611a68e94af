#include <type_traits>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/functors.h"
#include "limbeck/kernels.h"
#include "simd/math.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

// `count` neighbours; a and b are the operation's parameters.
using MapLine = void (*)(int64_t count, const void* x, void* y, double a, double b);

template <typename From, typename To, typename F>
inline void mapLine(int64_t count, const void* x, void* y, const F& f) {
  const From* from = static_cast<const From*>(x);
  To* to = static_cast<To*>(y);
  for (int64_t i = 0; i < count; i++) to[i] = f(from[i]);
}

constexpr bool isTest(UnaryOp op) {
  return op == UnaryOp::isFinite || op == UnaryOp::isInf || op == UnaryOp::isNan || op == UnaryOp::logicalNot;
}

template <UnaryOp op>
void floatLine(int64_t count, const void* x, void* y, double a, double b) {
  if constexpr (op == UnaryOp::logicalNot) {
    mapLine<uint8_t, uint8_t>(count, x, y, [](uint8_t v) -> uint8_t { return v == 0; });
  } else if constexpr (isTest(op)) {
    mapLine<float, uint8_t>(count, x, y, [](float v) -> uint8_t { return unaryTest<FloatMath, op>(v); });
  } else {
    const float p = static_cast<float>(a), q = static_cast<float>(b);
    mapLine<float, float>(count, x, y, [=](float v) { return unaryValue<FloatMath, op>(v, p, q); });
  }
}

template <UnaryOp op>
void intLine(int64_t count, const void* x, void* y, double a, double b) {
  mapLine<int32_t, int32_t>(count, x, y, [=](int32_t v) { return unaryValue<op>(v, a, b); });
}

template <UnaryOp op>
MapLine lineOf(Dtype from) {
  using O = UnaryOp;
  constexpr bool kOfInts = op == O::abs || op == O::ceil || op == O::clip || op == O::floor || op == O::neg || op == O::relu ||
                           op == O::relu6 || op == O::round || op == O::sign || op == O::square || op == O::step;
  if constexpr (kOfInts) {
    if (from == Dtype::kInt32) return intLine<op>;
  }
  return floatLine<op>;
}

MapLine lineOf(UnaryOp op, Dtype from) {
  switch (op) {
#define LIMBECK_CASE(name) \
  case UnaryOp::name:      \
    return lineOf<UnaryOp::name>(from);
    LIMBECK_UNARY_OPS(LIMBECK_CASE)
#undef LIMBECK_CASE
  }
  return nullptr;
}

int64_t bytesOf(Dtype dtype) { return dtype == Dtype::kBool ? 1 : 4; }

void mapAll(MapLine line, int64_t count, const void* x, Dtype from, void* y, Dtype to, double a, double b) {
  parallelFor(count, kElements, [&](int64_t begin, int64_t end) {
    line(end - begin, static_cast<const char*>(x) + begin * bytesOf(from), static_cast<char*>(y) + begin * bytesOf(to), a, b);
  });
}

}  // namespace

void unary(const UnaryInts& p, const UnaryReals& r, const void* x, void* y) {
  mapAll(lineOf(p.op, p.from), p.count, x, p.from, y, p.to, r.a, r.b);
}

namespace {

// To int32 towards 0; what does not fit becomes 0.
template <typename From, typename To>
void convertLine(int64_t count, const void* x, void* y, double, double) {
  mapLine<From, To>(count, x, y, [](From v) -> To {
    if constexpr (std::is_same_v<From, float> && std::is_same_v<To, int32_t>) {
      return v >= -2147483648.0f && v < 2147483648.0f ? static_cast<To>(v) : 0;
    } else if constexpr (std::is_same_v<To, uint8_t>) {
      return v != 0;
    } else {
      return static_cast<To>(v);
    }
  });
}

template <typename From>
MapLine conversionFrom(Dtype to) {
  if (to == Dtype::kFloat32) return convertLine<From, float>;
  if (to == Dtype::kInt32) return convertLine<From, int32_t>;
  return convertLine<From, uint8_t>;
}

MapLine conversion(Dtype from, Dtype to) {
  if (from == Dtype::kFloat32) return conversionFrom<float>(to);
  if (from == Dtype::kInt32) return conversionFrom<int32_t>(to);
  return conversionFrom<uint8_t>(to);
}

}  // namespace

void cast(const CastInts& p, const void* x, void* y) {
  mapAll(conversion(p.from, p.to), p.count, x, p.from, y, p.to, 0, 0);
}

}  // namespace limbeck::LIMBECK_TARGET
