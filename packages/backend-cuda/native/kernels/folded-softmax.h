// The softmax of a pixel, with classes folded into groups: a group's probability is the sum of its members'. In logarithms
// and in double throughout, so that logits of ±1e4 neither overflow nor lose a loss. Nothing is kept but the logarithm of
// the sum: members are listed by group, so a group's probability is found by reading its members once more.
#pragma once

#include <cstdint>

#include "cu.h"
#include "kernels/vector.h"
#include "limbeck/params.h"

namespace limbeck::cuda {

// Classes by group, in device memory.
struct Grouping {
  const int32_t* groups;   // [classes]
  const int32_t* members;  // [participants]: classes of group 0, of group 1, …, unmatched ones; not the excluded ones
  const int32_t* starts;   // [names + 1]: where the members of each group begin
  int classes, names, participants;
};

// For the launch under way. Groups are 0…names-1, some of them perhaps without members.
Grouping groupingOf(const int32_t* groups, int classes, int names);
Grouping eachForItself(int classes);

// The larger one; a NaN, once seen, stays.
CU_FN double larger(double a, double b) { return b > a || b != b ? b : a; }

// Over LANES neighbouring threads, which all take part and get the result.
template <int LANES, typename Join>
CU_FN double lanesJoin(double value, Join join) {
  CU_UNROLL
  for (int distance = LANES / 2; distance > 0; distance /= 2) {
    value = join(value, __shfl_xor_sync(kFullMask, value, distance));
  }
  return value;
}
template <int LANES>
CU_FN double lanesSum(double value) {
  return lanesJoin<LANES>(value, Add{});
}

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

// Of a pixel that LANES threads share.
template <int LANES>
class FoldedSoftmax {
 public:
  CU_FN FoldedSoftmax(const Grouping& grouping, const kernels::Stored<float>& logits, double scale)
      : grouping_(grouping), logits_(logits), scale_(scale) {
    double max = kMinusInfinity, sum = 0;
    for (int i = lane(); i < grouping.participants; i += LANES) max = larger(max, scaled(grouping.members[i]));
    max = lanesJoin<LANES>(max, larger);
    for (int i = lane(); i < grouping.participants; i += LANES) sum += exp(scaled(grouping.members[i]) - max);
    logSum_ = max + log(lanesSum<LANES>(sum));
  }

  CU_FN static int lane() { return threadIdx.x % LANES; }

  // log probabilities of a class, and of a group.
  CU_FN double logS(int c) const { return scaled(c) - logSum_; }
  CU_FN double logP(int group) const {
    const int begin = grouping_.starts[group], end = grouping_.starts[group + 1];
    if (end - begin == 1) return logS(grouping_.members[begin]);
    // by its own maximum: a group far below the others keeps its digits
    double max = kMinusInfinity, sum = 0;
    for (int i = begin; i < end; i++) max = larger(max, scaled(grouping_.members[i]));
    for (int i = begin; i < end; i++) sum += exp(scaled(grouping_.members[i]) - max);
    return max + log(sum) - logSum_;
  }

  // The derivative of a loss by the logit of c: with D the slope of the loss by log p of its group and s the softmax,
  // D · s(c) / p − s(c) · Σ D.
  CU_FN double slopeOf(int c, double slope, double logP, double allSlopes) const {
    const double own = logS(c);
    return scale_ * ((slope == 0 ? 0 : slope * exp(own - logP)) - exp(own) * allSlopes);
  }

 private:
  CU_FN double scaled(int c) const { return logits_[c] * scale_; }

  const Grouping& grouping_;
  const kernels::Stored<float> logits_;
  double scale_, logSum_;
};

// ---- Loops over pixels: alone, or by eight threads each where there are many classes

constexpr int kPixelThreads = 128, kClassesAlone = 8, kLanesOfMany = 8;

template <int LANES, class Body>
__global__ void __launch_bounds__(kPixelThreads, 4) eachPixelKernel(int rows, const Body body) {
  const int64_t pixel = (static_cast<int64_t>(blockIdx.x) * kPixelThreads + threadIdx.x) / LANES;
  const bool exists = pixel < rows;
  // threads without a pixel take part in what the others do together, and write nothing
  body.template run<LANES>(exists ? pixel : rows - 1, exists);
}

template <class Body>
void eachPixel(int rows, int classes, const Body& body) {
  if (rows == 0) return;
  const auto blocks = [&](int lanes) {
    return static_cast<unsigned>((static_cast<int64_t>(rows) * lanes + kPixelThreads - 1) / kPixelThreads);
  };
  if (classes <= kClassesAlone) {
    CU_LAUNCH((eachPixelKernel<1, Body>), blocks(1), kPixelThreads, 0, rows, body);
  } else {
    CU_LAUNCH((eachPixelKernel<kLanesOfMany, Body>), blocks(kLanesOfMany), kPixelThreads, 0, rows, body);
  }
}

}  // namespace limbeck::cuda
