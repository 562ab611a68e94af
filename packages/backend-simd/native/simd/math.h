// Elementary functions without branches, so that the compiler makes vectors of their loops. They work in double:
// results of float are rounded once.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace limbeck::LIMBECK_TARGET {

template <typename To, typename From>
inline To bitsAs(From from) {
  To to;
  static_assert(sizeof to == sizeof from);
  std::memcpy(&to, &from, sizeof to);
  return to;
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

// 2^n · Taylor's series of e^r to the 13th power, r = x − n ln 2 in ±0.35. Below e^−708: 0.
inline double exp64(double x) {
  constexpr double kMagic = 0x1.8p52;  // adding it rounds to an integer, which stays in the low bits
  constexpr double kLog2E = 1.4426950408889634, kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;
  const double inside = x < -708 ? -708 : x > 709 ? 709 : x;
  const double shifted = inside * kLog2E + kMagic;
  const double n = shifted - kMagic;
  const double r = (inside - n * kLn2High) - n * kLn2Low;
  double p = 1.0 / 6227020800;
  p = p * r + 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1;
  p = p * r + 1;
  const double scale = bitsAs<double>((bitsAs<uint64_t>(shifted) + 1023) << 52);
  const double value = p * scale;
  return x < -708 ? 0 : x > 709.7 ? kInfinity : value;
}

// 2 artanh((m − 1) / (m + 1)) + e ln 2, x = m · 2^e with m in √½…√2. Denormals of double count as 0.
inline double log64(double x) {
  constexpr double kLn2 = 0.693147180559945309;
  const uint64_t bits = bitsAs<uint64_t>(x);
  constexpr uint64_t kOffset = 0x3fe6a09e667f3bcd;  // √½
  const uint64_t shifted = bits - kOffset + (uint64_t{1023} << 52);
  // the exponent as a double, without a conversion that AVX2 lacks
  const double e = bitsAs<double>((shifted >> 52) | 0x4330000000000000) - (0x1p52 + 1023);
  const double m = bitsAs<double>((shifted & 0xfffffffffffff) + kOffset);
  const double f = (m - 1) / (m + 1), s = f * f;
  double p = 2.0 / 21;
  p = p * s + 2.0 / 19;
  p = p * s + 2.0 / 17;
  p = p * s + 2.0 / 15;
  p = p * s + 2.0 / 13;
  p = p * s + 2.0 / 11;
  p = p * s + 2.0 / 9;
  p = p * s + 2.0 / 7;
  p = p * s + 2.0 / 5;
  p = p * s + 2.0 / 3;
  p = p * s + 2;
  const double value = e * kLn2 + p * f;
  const double positive = x > 0x1p-1022 ? (x == kInfinity ? kInfinity : value) : -kInfinity;
  return x >= 0 ? positive : kNotANumber;
}

inline double expm164(double x) {
  const double small = x * (1 + x * (0.5 + x * (1.0 / 6)));
  return std::fabs(x) < 1e-5 ? small : exp64(x) - 1;
}

inline double log1p64(double x) {
  const double small = x * (1 + x * (-0.5 + x * (1.0 / 3)));
  return std::fabs(x) < 1e-5 ? small : log64(1 + x);
}

// Functions of double, for `loss-terms.h`. The base of a power that is a whole number may be negative.
struct DoubleMath {
  static double exp(double x) { return exp64(x); }
  static double expm1(double x) { return expm164(x); }
  static double log(double x) { return log64(x); }
  static double fabs(double x) { return std::fabs(x); }
  static double pow(double x, double y) {
    if (y == 1) return x;
    if (y == 2) return x * x;
    return std::pow(x, y);
  }
};

// Functions of float, for `functors.h`.
struct FloatMath {
  static float infinity() { return std::numeric_limits<float>::infinity(); }
  static float fabs(float x) { return std::fabs(x); }
  static float ceil(float x) { return std::ceil(x); }
  static float floor(float x) { return std::floor(x); }
  static float rint(float x) { return std::rint(x); }  // half to even
  static float sqrt(float x) { return std::sqrt(x); }
  static float exp(float x) { return static_cast<float>(exp64(x)); }
  static float expm1(float x) { return static_cast<float>(expm164(x)); }
  static float log(float x) { return static_cast<float>(log64(x)); }
  static float log1p(float x) { return static_cast<float>(log1p64(x)); }
  static float sigmoid(float x) { return static_cast<float>(1 / (1 + exp64(-x))); }
  static float tanh(float x) {
    const double inside = x > 20 ? 20 : x < -20 ? -20 : x, twice = expm164(2 * inside);
    return static_cast<float>(twice / (twice + 2));
  }
  static float acos(float x) { return static_cast<float>(std::acos(static_cast<double>(x))); }
  static float acosh(float x) { return static_cast<float>(std::acosh(static_cast<double>(x))); }
  static float asin(float x) { return static_cast<float>(std::asin(static_cast<double>(x))); }
  static float asinh(float x) { return static_cast<float>(std::asinh(static_cast<double>(x))); }
  static float atan(float x) { return static_cast<float>(std::atan(static_cast<double>(x))); }
  static float atan2(float y, float x) { return static_cast<float>(std::atan2(static_cast<double>(y), x)); }
  static float atanh(float x) { return static_cast<float>(std::atanh(static_cast<double>(x))); }
  static float cos(float x) { return static_cast<float>(std::cos(static_cast<double>(x))); }
  static float cosh(float x) { return static_cast<float>(std::cosh(static_cast<double>(x))); }
  static float erf(float x) { return static_cast<float>(std::erf(static_cast<double>(x))); }
  static float fmod(float a, float b) { return std::fmod(a, b); }
  static float pow(float x, float y) { return static_cast<float>(std::pow(static_cast<double>(x), y)); }
  static double power(double x, double y) { return std::pow(x, y); }
  static float sin(float x) { return static_cast<float>(std::sin(static_cast<double>(x))); }
  static float sinh(float x) { return static_cast<float>(std::sinh(static_cast<double>(x))); }
  static float tan(float x) { return static_cast<float>(std::tan(static_cast<double>(x))); }
};

}  // namespace limbeck::LIMBECK_TARGET
