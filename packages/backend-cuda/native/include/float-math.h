// Elementary functions for the shared definitions in `limbeck/functors.h` and `limbeck/loss-terms.h`.
#pragma once

#include <cmath>

#include "cu.h"

namespace limbeck::cuda {

// CUDA's functions of float: within 1 or 2 units of the last place but for pow (4) and the hyperbolic ones (3); never
// the fast intrinsics.
struct FloatMath {
  CU_FN static float infinity() { return __uint_as_float(0x7f800000u); }
  CU_FN static float fabs(float x) { return ::fabsf(x); }
  CU_FN static float ceil(float x) { return ::ceilf(x); }
  CU_FN static float floor(float x) { return ::floorf(x); }
  CU_FN static float rint(float x) { return ::rintf(x); }  // half to even
  CU_FN static float sqrt(float x) { return ::sqrtf(x); }
  CU_FN static float exp(float x) { return ::expf(x); }
  CU_FN static float expm1(float x) { return ::expm1f(x); }
  CU_FN static float log(float x) { return ::logf(x); }
  CU_FN static float log1p(float x) { return ::log1pf(x); }
  CU_FN static float sigmoid(float x) { return 1 / (1 + ::expf(-x)); }
  CU_FN static float tanh(float x) { return ::tanhf(x); }
  CU_FN static float acos(float x) { return ::acosf(x); }
  CU_FN static float acosh(float x) { return ::acoshf(x); }
  CU_FN static float asin(float x) { return ::asinf(x); }
  CU_FN static float asinh(float x) { return ::asinhf(x); }
  CU_FN static float atan(float x) { return ::atanf(x); }
  CU_FN static float atan2(float y, float x) { return ::atan2f(y, x); }
  CU_FN static float atanh(float x) { return ::atanhf(x); }
  CU_FN static float cos(float x) { return ::cosf(x); }
  CU_FN static float cosh(float x) { return ::coshf(x); }
  CU_FN static float erf(float x) { return ::erff(x); }
  CU_FN static float fmod(float a, float b) { return ::fmodf(a, b); }
  // in double: powers of whole numbers come out whole
  CU_FN static float pow(float x, float y) {
    if (y == 1) return x;
    if (y == 2) return x * x;
    return static_cast<float>(::pow(static_cast<double>(x), static_cast<double>(y)));
  }
  CU_FN static double power(double x, double y) { return ::pow(x, y); }
  CU_FN static float sin(float x) { return ::sinf(x); }
  CU_FN static float sinh(float x) { return ::sinhf(x); }
  CU_FN static float tan(float x) { return ::tanf(x); }
};

// The same of double, where one value a launch is computed.
struct DoubleMath {
  CU_FN static double exp(double x) { return ::exp(x); }
  CU_FN static double expm1(double x) { return ::expm1(x); }
  CU_FN static double log(double x) { return ::log(x); }
  CU_FN static double fabs(double x) { return ::fabs(x); }
  CU_FN static double pow(double x, double y) { return y == 1 ? x : y == 2 ? x * x : ::pow(x, y); }
};

}  // namespace limbeck::cuda
