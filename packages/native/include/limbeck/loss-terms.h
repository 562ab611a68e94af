// The scalar parts of the softmax losses, written once: focal factors, the modulators of focal distillation, overlap.
// `Math` brings exp, log, expm1, fabs and pow of `Real`.
#pragma once

#include "function.h"
#include "params.h"

namespace limbeck {

// (1 − p)^gamma and its derivative by log p, from log p. Below gamma 1 the base counts as at least kSmallestBase, where
// it has no slope.
template <typename Real>
struct Factor {
  Real value, slope;
};
template <typename Math, typename Real>
LIMBECK_FN Factor<Real> focalFactor(Real logP, Real gamma) {
  if (gamma == 0) return {1, 0};
  const Real missing = -Math::expm1(logP);  // 1 − p without cancellation
  if (gamma < 1 && missing < Real(kSmallestBase)) return {Math::pow(Real(kSmallestBase), gamma), 0};
  return {Math::pow(missing, gamma), -gamma * Math::exp(logP) * Math::pow(missing, gamma - 1)};
}

// g(q − p)^gamma and its derivative by p.
template <typename Math, typename Real>
LIMBECK_FN Factor<Real> modulation(Real difference, Modulator modulator, Real gamma) {
  if (modulator == Modulator::kNone || gamma == 0) return {1, 0};
  const Real base = modulator == Modulator::kAbs    ? Math::fabs(difference)
                    : modulator == Modulator::kRelu ? (difference > 0 ? difference : Real(0))
                                                    : difference;
  if (gamma < 1 && base < Real(kSmallestBase)) return {Math::pow(Real(kSmallestBase), gamma), 0};
  // d base / d difference; at 0 neither |·| nor the positive part has a slope
  const Real direction = modulator == Modulator::kRaw ? Real(1)
                         : difference > 0             ? Real(1)
                         : modulator == Modulator::kAbs && difference < 0 ? Real(-1)
                                                                          : Real(0);
  return {Math::pow(base, gamma), direction == 0 ? Real(0) : -direction * gamma * Math::pow(base, gamma - 1)};
}

// The unmodulated term of a teacher class: −q log p, or q (log q − log p); 0 where q is 0.
template <typename Real>
LIMBECK_FN Real divergenceGap(Real q, Real logQ, Real logP, DivergenceForm form) {
  if (q == 0) return 0;
  return form == DivergenceForm::kKullbackLeibler ? q * (logQ - logP) : -q * logP;
}

// x^gamma of the overlap loss, and its derivative.
template <typename Math, typename Real>
LIMBECK_FN Real overlapPower(Real x, Real gamma) {
  if (gamma >= 1) return Math::pow(x, gamma);
  return x > 0 ? Math::pow(x > Real(kSmallestBase) ? x : Real(kSmallestBase), gamma) : Real(0);
}
template <typename Math, typename Real>
LIMBECK_FN Real overlapPowerSlope(Real x, Real gamma) {
  if (gamma == 1) return 1;
  return gamma < 1 && x < Real(kSmallestBase) ? Real(0) : gamma * Math::pow(x, gamma - 1);
}

}  // namespace limbeck
