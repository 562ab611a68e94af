// The elementwise operations, by name and number; `functors.h` defines each once, for every device.
#pragma once

#include <cstdint>

namespace limbeck {

// float32 → float32 unless said otherwise. int32 → int32: abs ceil clip floor neg relu relu6 round sign square step.
// → bool: isFinite isInf isNan (of float32), logicalNot (of bool).
#define LIMBECK_UNARY_OPS(X) \
  X(abs) X(acos) X(acosh) X(asin) X(asinh) X(atan) X(atanh) X(ceil) X(clip) X(cos) X(cosh) X(elu) X(erf) X(exp) \
  X(expm1) X(floor) X(isFinite) X(isInf) X(isNan) X(leakyRelu) X(log) X(log1p) X(logicalNot) X(neg) X(reciprocal) \
  X(relu) X(relu6) X(round) X(rsqrt) X(selu) X(sigmoid) X(sign) X(sin) X(sinh) X(softplus) X(sqrt) X(square) \
  X(step) X(tan) X(tanh)

// float32 and int32 alike, to the same type; comparisons and logic to bool, `equal` and `notEqual` also of bool.
// float32 only: atan2 eluGrad prelu realDiv reluGrad.
#define LIMBECK_BINARY_OPS(X) \
  X(add) X(atan2) X(eluGrad) X(equal) X(floorDiv) X(greater) X(greaterEqual) X(less) X(lessEqual) X(logicalAnd) \
  X(logicalOr) X(maximum) X(minimum) X(mod) X(multiply) X(notEqual) X(pow) X(prelu) X(realDiv) X(reluGrad) \
  X(squaredDifference) X(sub)

#define LIMBECK_NUMBER(op) op,
enum class UnaryOp : int32_t { LIMBECK_UNARY_OPS(LIMBECK_NUMBER) };
enum class BinaryOp : int32_t { LIMBECK_BINARY_OPS(LIMBECK_NUMBER) };
#undef LIMBECK_NUMBER

}  // namespace limbeck
