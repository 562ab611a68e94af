#include "cu.h"
#include "float-math.h"
#include "limbeck/kernels.h"
#include "limbeck/loss-terms.h"

namespace limbeck::kernels {

namespace {

using namespace cuda;

constexpr int kThreads = 256;  // of the one block: there are a few regions an image

struct Overlap {
  OverlapLossInts p;
  OverlapLossReals r;
  const float *intersection, *predicted, *actual;

  CU_FN int regions() const { return p.rows * p.channels; }
  CU_FN bool isRegion(int at) const { return p.includeBackground || at % p.channels != 0; }
  // Whether a region has a loss of its own.
  CU_FN bool takesPart(int at) const { return isRegion(at) && (p.absent == AbsentRegion::kCount || actual[at] > 0); }

  CU_FN double wrong(int at) const {
    return r.alpha * (predicted[at] - double{intersection[at]}) + r.beta * (actual[at] - double{intersection[at]});
  }
  CU_FN double size(int at) const { return wrong(at) + intersection[at] + r.smooth; }

  // How many losses the mean divides by; every thread of the block takes part.
  CU_FN double count() const {
    double own = 0;
    for (int at = threadIdx.x; at < regions(); at += kThreads) {
      own += takesPart(at) || (isRegion(at) && p.absent == AbsentRegion::kZero);
    }
    const double all = blockSum<kThreads>(own);
    return all > 1 ? all : 1;
  }
};

__global__ void __launch_bounds__(kThreads) overlapLossKernel(const Overlap overlap, float* y) {
  double own = 0;
  for (int at = threadIdx.x; at < overlap.regions(); at += kThreads) {
    if (overlap.takesPart(at)) own += overlapPower<DoubleMath>(overlap.wrong(at) / overlap.size(at), overlap.r.gamma);
  }
  const double sum = blockSum<kThreads>(own), count = overlap.count();
  if (threadIdx.x == 0) *y = static_cast<float>(sum / count);
}

__global__ void __launch_bounds__(kThreads)
    overlapLossGradKernel(const Overlap overlap, const float* dy, float* dIntersection, float* dPredicted) {
  const OverlapLossReals& r = overlap.r;
  const double factor = *dy / overlap.count();
  for (int at = threadIdx.x; at < overlap.regions(); at += kThreads) {
    double byIntersection = 0, byPredicted = 0;
    if (overlap.takesPart(at)) {
      const double wrong = overlap.wrong(at), size = overlap.size(at);
      const double slope = factor * overlapPowerSlope<DoubleMath>(wrong / size, r.gamma) / (size * size);
      const double right = size - wrong;  // d (W / size) = (right dW − W d(right)) / size²
      byIntersection = -slope * ((r.alpha + r.beta) * right + wrong);
      byPredicted = slope * r.alpha * right;
    }
    dIntersection[at] = static_cast<float>(byIntersection);
    dPredicted[at] = static_cast<float>(byPredicted);
  }
}

}  // namespace

void overlapLoss(const OverlapLossInts& p, const OverlapLossReals& r, const float* intersection, const float* predicted,
                 const float* actual, float* y) {
  CU_LAUNCH(overlapLossKernel, 1, kThreads, 0, Overlap{p, r, intersection, predicted, actual}, y);
}

void overlapLossGrad(const OverlapLossInts& p, const OverlapLossReals& r, const float* dy, const float* intersection,
                     const float* predicted, const float* actual, float* dIntersection, float* dPredicted) {
  const Overlap overlap{p, r, intersection, predicted, actual};
  CU_LAUNCH(overlapLossGradKernel, 1, kThreads, 0, overlap, dy, dIntersection, dPredicted);
}

}  // namespace limbeck::kernels
