// The elementwise operations of `ops.h`, written once. `Math` brings the device's elementary functions of float:
// exp, expm1, log, log1p, tanh and the rest of <cmath>.
#pragma once

#include <cstdint>

#include "function.h"
#include "ops.h"

namespace limbeck {

// SELU's constants (Klambauer et al., 2017), as tfjs has them.
constexpr float kSeluScale = 1.0507009873554805f;
constexpr float kSeluScaleAlpha = 1.7580993408473768f;

// NaN stays NaN, also where a comparison decides.
template <typename Math, UnaryOp op>
LIMBECK_FN float unaryValue(float x, float a, float b) {
  using O = UnaryOp;
  if constexpr (op == O::abs) return Math::fabs(x);
  if constexpr (op == O::acos) return Math::acos(x);
  if constexpr (op == O::acosh) return Math::acosh(x);
  if constexpr (op == O::asin) return Math::asin(x);
  if constexpr (op == O::asinh) return Math::asinh(x);
  if constexpr (op == O::atan) return Math::atan(x);
  if constexpr (op == O::atanh) return Math::atanh(x);
  if constexpr (op == O::ceil) return Math::ceil(x);
  if constexpr (op == O::clip) return x < a ? a : x > b ? b : x;
  if constexpr (op == O::cos) return Math::cos(x);
  if constexpr (op == O::cosh) return Math::cosh(x);
  if constexpr (op == O::elu) return x >= 0 ? x : Math::expm1(x);
  if constexpr (op == O::erf) return Math::erf(x);
  if constexpr (op == O::exp) return Math::exp(x);
  if constexpr (op == O::expm1) return Math::expm1(x);
  if constexpr (op == O::floor) return Math::floor(x);
  if constexpr (op == O::leakyRelu) return x < 0 ? a * x : x;
  if constexpr (op == O::log) return Math::log(x);
  if constexpr (op == O::log1p) return Math::log1p(x);
  if constexpr (op == O::neg) return -x;
  if constexpr (op == O::reciprocal) return 1 / x;
  if constexpr (op == O::relu) return x < 0 ? 0 : x;
  if constexpr (op == O::relu6) return x < 0 ? 0 : x > 6 ? 6 : x;
  if constexpr (op == O::round) return Math::rint(x);
  if constexpr (op == O::rsqrt) return 1 / Math::sqrt(x);
  if constexpr (op == O::selu) return x >= 0 ? kSeluScale * x : kSeluScaleAlpha * Math::expm1(x);
  if constexpr (op == O::sigmoid) return Math::sigmoid(x);
  if constexpr (op == O::sign) return x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f;
  if constexpr (op == O::sin) return Math::sin(x);
  if constexpr (op == O::sinh) return Math::sinh(x);
  if constexpr (op == O::softplus) return (x > 0 ? x : x < 0 ? 0 : x) + Math::log1p(Math::exp(-Math::fabs(x)));
  if constexpr (op == O::sqrt) return Math::sqrt(x);
  if constexpr (op == O::square) return x * x;
  if constexpr (op == O::step) return x > 0 ? 1 : x <= 0 ? a : x;
  if constexpr (op == O::tan) return Math::tan(x);
  if constexpr (op == O::tanh) return Math::tanh(x);
  return 0;
}

// Arithmetic of int32 wraps; it goes through uint32, where that is defined.
LIMBECK_FN int32_t wrappingAdd(int32_t a, int32_t b) { return static_cast<int32_t>(uint32_t(a) + uint32_t(b)); }
LIMBECK_FN int32_t wrappingSub(int32_t a, int32_t b) { return static_cast<int32_t>(uint32_t(a) - uint32_t(b)); }
LIMBECK_FN int32_t wrappingMultiply(int32_t a, int32_t b) { return static_cast<int32_t>(uint32_t(a) * uint32_t(b)); }

template <UnaryOp op>
LIMBECK_FN int32_t unaryValue(int32_t x, double a, double b) {
  using O = UnaryOp;
  if constexpr (op == O::abs) return x < 0 ? wrappingSub(0, x) : x;
  if constexpr (op == O::clip) return x < a ? int32_t(a) : x > b ? int32_t(b) : x;
  if constexpr (op == O::neg) return wrappingSub(0, x);
  if constexpr (op == O::relu) return x < 0 ? 0 : x;
  if constexpr (op == O::relu6) return x < 0 ? 0 : x > 6 ? 6 : x;
  if constexpr (op == O::sign) return x > 0 ? 1 : x < 0 ? -1 : 0;
  if constexpr (op == O::square) return wrappingMultiply(x, x);
  if constexpr (op == O::step) return x > 0 ? 1 : int32_t(a);
  return x;  // ceil, floor, round
}

// Predicates of float32, and of bool for logicalNot.
template <typename Math, UnaryOp op>
LIMBECK_FN bool unaryTest(float x) {
  using O = UnaryOp;
  if constexpr (op == O::isNan) return x != x;
  if constexpr (op == O::isInf) return Math::fabs(x) == Math::infinity();
  if constexpr (op == O::isFinite) return Math::fabs(x) < Math::infinity();
  return x == 0;  // logicalNot
}

// The remainder with the sign of the divisor, as Python and tfjs.
template <typename Math>
LIMBECK_FN float floorModulo(float a, float b) {
  const float rest = Math::fmod(a, b);
  return (a < 0) == (b < 0) ? rest : Math::fmod(rest + b, b);
}

template <typename Math, BinaryOp op>
LIMBECK_FN float binaryValue(float a, float b) {
  using O = BinaryOp;
  if constexpr (op == O::add) return a + b;
  if constexpr (op == O::atan2) return Math::atan2(a, b);
  if constexpr (op == O::eluGrad) return b >= 0 ? a : a * (b + 1);
  if constexpr (op == O::floorDiv) return Math::floor(a / b);
  if constexpr (op == O::maximum) return a > b || a != a ? a : b;
  if constexpr (op == O::minimum) return a < b || a != a ? a : b;
  if constexpr (op == O::mod) return floorModulo<Math>(a, b);
  if constexpr (op == O::multiply) return a * b;
  if constexpr (op == O::pow) return Math::pow(a, b);
  if constexpr (op == O::prelu) return a < 0 ? b * a : a;
  if constexpr (op == O::realDiv) return a / b;
  if constexpr (op == O::reluGrad) return b > 0 ? a : 0;
  if constexpr (op == O::squaredDifference) return (a - b) * (a - b);
  if constexpr (op == O::sub) return a - b;
  return 0;
}

// What does not fit an int32 is what JavaScript's ToInt32 makes of it where the result is a small integer; a division
// by 0 gives 0.
template <typename Math, BinaryOp op>
LIMBECK_FN int32_t binaryValue(int32_t a, int32_t b) {
  using O = BinaryOp;
  if constexpr (op == O::add) return wrappingAdd(a, b);
  if constexpr (op == O::maximum) return a > b ? a : b;
  if constexpr (op == O::minimum) return a < b ? a : b;
  if constexpr (op == O::multiply) return wrappingMultiply(a, b);
  if constexpr (op == O::sub) return wrappingSub(a, b);
  if constexpr (op == O::squaredDifference) return wrappingMultiply(wrappingSub(a, b), wrappingSub(a, b));
  if constexpr (op == O::floorDiv || op == O::mod) {
    if (b == 0) return 0;
    if (b == -1) return op == O::mod ? 0 : wrappingSub(0, a);
    const int32_t rest = a % b;
    const bool down = rest != 0 && (rest < 0) != (b < 0);
    if constexpr (op == O::mod) return down ? rest + b : rest;
    return a / b - down;
  }
  if constexpr (op == O::pow) {
    const double power = Math::power(a, b);
    return power >= -2147483648.0 && power < 2147483648.0 ? int32_t(power) : 0;
  }
  return 0;
}

// Comparisons and logic.
template <BinaryOp op, typename T>
LIMBECK_FN bool binaryTest(T a, T b) {
  using O = BinaryOp;
  if constexpr (op == O::equal) return a == b;
  if constexpr (op == O::greater) return a > b;
  if constexpr (op == O::greaterEqual) return a >= b;
  if constexpr (op == O::less) return a < b;
  if constexpr (op == O::lessEqual) return a <= b;
  if constexpr (op == O::logicalAnd) return a != 0 && b != 0;
  if constexpr (op == O::logicalOr) return a != 0 || b != 0;
  if constexpr (op == O::notEqual) return a != b;
  return false;
}

}  // namespace limbeck
