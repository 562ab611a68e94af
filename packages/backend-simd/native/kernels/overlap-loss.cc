#include <algorithm>

#include "limbeck/kernels.h"
#include "limbeck/loss-terms.h"
#include "simd/math.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

// Calls visit(place, error W, denominator) for each region that has a loss; how many losses the mean divides by.
template <typename Visit>
double eachRegion(const OverlapLossInts& p, const OverlapLossReals& r, const float* intersection, const float* predicted,
                  const float* actual, const Visit& visit) {
  int count = 0;
  for (int at = 0; at < p.rows * p.channels; at++) {
    if (at % p.channels == 0 && !p.includeBackground) continue;
    const bool takesPart = p.absent == AbsentRegion::kCount || actual[at] > 0;
    if (takesPart || p.absent == AbsentRegion::kZero) count++;
    if (!takesPart) continue;
    const double overlap = intersection[at];
    const double wrong = r.alpha * (predicted[at] - overlap) + r.beta * (actual[at] - overlap);
    visit(at, wrong, wrong + overlap + r.smooth);
  }
  return std::max(count, 1);
}

}  // namespace

void overlapLoss(const OverlapLossInts& p, const OverlapLossReals& r, const float* intersection, const float* predicted,
                 const float* actual, float* y) {
  double sum = 0;
  const double count = eachRegion(p, r, intersection, predicted, actual, [&](int, double wrong, double size) {
    sum += overlapPower<DoubleMath>(wrong / size, r.gamma);
  });
  *y = static_cast<float>(sum / count);
}

void overlapLossGrad(const OverlapLossInts& p, const OverlapLossReals& r, const float* dy, const float* intersection,
                     const float* predicted, const float* actual, float* dIntersection, float* dPredicted) {
  std::fill(dIntersection, dIntersection + p.rows * p.channels, 0.0f);
  std::fill(dPredicted, dPredicted + p.rows * p.channels, 0.0f);
  const double count = eachRegion(p, r, intersection, predicted, actual, [](int, double, double) {});
  eachRegion(p, r, intersection, predicted, actual, [&](int at, double wrong, double size) {
    const double slope = *dy / count * overlapPowerSlope<DoubleMath>(wrong / size, r.gamma) / (size * size);
    const double right = size - wrong;  // d (W / size) = (right dW − W d(right)) / size²
    dIntersection[at] = static_cast<float>(-slope * ((r.alpha + r.beta) * right + wrong));
    dPredicted[at] = static_cast<float>(slope * r.alpha * right);
  });
}

void confusion(const ConfusionInts& p, const int32_t* predicted, const int32_t* labels, int32_t* y) {
  std::fill(y, y + p.classes * p.classes, 0);
  for (int i = 0; i < p.count; i++) {
    const int32_t label = labels[i], guess = predicted[i];
    if (label == p.ignoreLabel || label < 0 || label >= p.classes || guess < 0 || guess >= p.classes) continue;
    y[label * p.classes + guess]++;
  }
}

}  // namespace limbeck::LIMBECK_TARGET
