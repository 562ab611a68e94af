// Elementary functions for the shared definitions in `limbeck/functors.h` and `limbeck/loss-terms.h`.
#pragma once

#include <cmath>

#include "limbeck/function.h"

namespace limbeck::cuda {

// What networks are made of is computed in float by CUDA's own functions (within 1 or 2 units of the last place, never
// the fast intrinsics); the rest in double, rounded once: a pole of tan, or a power of whole numbers, costs no digits.
struct FloatMath {
  LIMBECK_FN static float infinity() { return INFINITY; }
  LIMBECK_FN static float fabs(float x) { return ::fabsf(x); }
  LIMBECK_FN static float ceil(float x) { return ::ceilf(x); }
  LIMBECK_FN static float floor(float x) { return ::floorf(x); }
  LIMBECK_FN static float rint(float x) { return ::rintf(x); }  // half to even
  LIMBECK_FN static float sqrt(float x) { return ::sqrtf(x); }
  LIMBECK_FN static float exp(float x) { return ::expf(x); }
  LIMBECK_FN static float expm1(float x) { return ::expm1f(x); }
  LIMBECK_FN static float log(float x) { return ::logf(x); }
  LIMBECK_FN static float log1p(float x) { return ::log1pf(x); }
  LIMBECK_FN static float sigmoid(float x) { return 1 / (1 + ::expf(-x)); }
  LIMBECK_FN static float tanh(float x) { return ::tanhf(x); }
  LIMBECK_FN static float fmod(float a, float b) { return ::fmodf(a, b); }
  LIMBECK_FN static float pow(float x, float y) {
    if (y == 1) return x;
    if (y == 2) return x * x;
    return static_cast<float>(power(x, y));
  }
  LIMBECK_FN static double power(double x, double y) { return ::pow(x, y); }
  LIMBECK_FN static float acos(float x) { return static_cast<float>(::acos(static_cast<double>(x))); }
  LIMBECK_FN static float acosh(float x) { return static_cast<float>(::acosh(static_cast<double>(x))); }
  LIMBECK_FN static float asin(float x) { return static_cast<float>(::asin(static_cast<double>(x))); }
  LIMBECK_FN static float asinh(float x) { return static_cast<float>(::asinh(static_cast<double>(x))); }
  LIMBECK_FN static float atan(float x) { return static_cast<float>(::atan(static_cast<double>(x))); }
  LIMBECK_FN static float atanh(float x) { return static_cast<float>(::atanh(static_cast<double>(x))); }
  LIMBECK_FN static float cos(float x) { return static_cast<float>(::cos(static_cast<double>(x))); }
  LIMBECK_FN static float cosh(float x) { return static_cast<float>(::cosh(static_cast<double>(x))); }
  LIMBECK_FN static float erf(float x) { return static_cast<float>(::erf(static_cast<double>(x))); }
  LIMBECK_FN static float sin(float x) { return static_cast<float>(::sin(static_cast<double>(x))); }
  LIMBECK_FN static float sinh(float x) { return static_cast<float>(::sinh(static_cast<double>(x))); }
  LIMBECK_FN static float tan(float x) { return static_cast<float>(::tan(static_cast<double>(x))); }
  LIMBECK_FN static float atan2(float y, float x) {
    return static_cast<float>(::atan2(static_cast<double>(y), static_cast<double>(x)));
  }
};

// The same of double, where one value a launch is computed.
struct DoubleMath {
  LIMBECK_FN static double exp(double x) { return ::exp(x); }
  LIMBECK_FN static double expm1(double x) { return ::expm1(x); }
  LIMBECK_FN static double log(double x) { return ::log(x); }
  LIMBECK_FN static double fabs(double x) { return ::fabs(x); }
  LIMBECK_FN static double pow(double x, double y) { return y == 1 ? x : y == 2 ? x * x : ::pow(x, y); }
};

}  // namespace limbeck::cuda
