#include <algorithm>
#include <cmath>
#include <vector>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/kernels.h"

namespace limbeck::LIMBECK_TARGET {

void lerp(const LerpInts& p, const LerpReals& r, float* target, const float* source) {
  const float rate = static_cast<float>(r.rate), scale = static_cast<float>(r.scale);
  parallelFor(p.count, kElements, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) target[i] += rate * (scale * source[i] - target[i]);
  });
}

void globalNorm(const Arguments& arguments) {
  const int tensors = arguments.ints[0];
  const int32_t* counts = arguments.ints + 1;
  double sum = 0;
  for (int k = 0; k < tensors; k++) {
    const float* g = static_cast<const float*>(arguments.buffers[k]);
    constexpr int kSide = 16;
    double side[kSide] = {};
    int i = 0;
    for (; i + kSide <= counts[k]; i += kSide) {
      for (int l = 0; l < kSide; l++) side[l] += static_cast<double>(g[i + l]) * g[i + l];
    }
    for (int l = 0; i < counts[k]; i++, l++) side[l] += static_cast<double>(g[i]) * g[i];
    for (const double part : side) sum += part;
  }
  *static_cast<float*>(arguments.buffers[tensors]) = static_cast<float>(std::sqrt(sum));
}

namespace {

// A stretch of one parameter, small enough that threads share the work evenly.
constexpr int64_t kStretch = 1 << 14;

// Calls update(tensor, begin, end) over stretches of all tensors.
template <typename Update>
void eachStretch(int tensors, const int32_t* counts, const Update& update) {
  struct Stretch {
    int tensor;
    int64_t begin, end;
  };
  std::vector<Stretch> stretches;
  for (int k = 0; k < tensors; k++) {
    for (int64_t at = 0; at < counts[k]; at += kStretch) {
      stretches.push_back({k, at, std::min<int64_t>(at + kStretch, counts[k])});
    }
  }
  parallelFor(static_cast<int64_t>(stretches.size()), 2, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) update(stretches[i].tensor, stretches[i].begin, stretches[i].end);
  });
}

float gradScaleOf(const Arguments& arguments) {
  const float* scale = static_cast<const float*>(arguments.buffers[arguments.bufferCount - 1]);
  return scale ? *scale : 1;
}

}  // namespace

void sgd(const Arguments& arguments) {
  const auto& p = *reinterpret_cast<const SgdInts*>(arguments.ints);
  const int32_t* counts = arguments.ints + sizeof(SgdInts) / sizeof(int32_t);
  const auto& r = *reinterpret_cast<const SgdReals*>(arguments.reals);
  const double* learningRates = arguments.reals + sizeof(SgdReals) / sizeof(double);
  const double* weightDecays = learningRates + p.tensors;
  const float scale = gradScaleOf(arguments), momentum = static_cast<float>(r.momentum);
  eachStretch(p.tensors, counts, [&](int k, int64_t begin, int64_t end) {
    float* param = static_cast<float*>(arguments.buffers[3 * k]);
    const float* grad = static_cast<const float*>(arguments.buffers[3 * k + 1]);
    float* buffer = static_cast<float*>(arguments.buffers[3 * k + 2]);
    const float rate = static_cast<float>(learningRates[k]), decay = static_cast<float>(weightDecays[k]);
    for (int64_t i = begin; i < end; i++) {
      const float slope = grad[i] * scale + decay * param[i];
      float direction = slope;
      if (buffer) {
        const float velocity = p.first ? slope : momentum * buffer[i] + slope;
        buffer[i] = velocity;
        direction = p.nesterov ? slope + momentum * velocity : velocity;
      }
      param[i] -= rate * direction;
    }
  });
}

namespace {

// One parameter's share of Adam, in float.
struct AdamStep {
  float gradScale, pull, kept, rate, beta1, beta2, rest1, rest2, rootCorrection2, epsilon;
};

// Not inlined, because only parameters keep `__restrict`, without which the loop would not become vectors.
[[gnu::noinline]] void adamStretch(const AdamStep& s, const float* __restrict grad, float* __restrict param,
                                   float* __restrict mean, float* __restrict square, int64_t count) {
  const AdamStep step = s;
  for (int64_t i = 0; i < count; i++) {
    const float slope = grad[i] * step.gradScale + step.pull * param[i];
    mean[i] = step.beta1 * mean[i] + step.rest1 * slope;
    square[i] = step.beta2 * square[i] + step.rest2 * slope * slope;
    param[i] = step.kept * param[i] - step.rate * mean[i] / (std::sqrt(square[i]) * step.rootCorrection2 + step.epsilon);
  }
}

}  // namespace

void adam(const Arguments& arguments) {
  const auto& p = *reinterpret_cast<const AdamInts*>(arguments.ints);
  const int32_t* counts = arguments.ints + sizeof(AdamInts) / sizeof(int32_t);
  const auto& r = *reinterpret_cast<const AdamReals*>(arguments.reals);
  const double* learningRates = arguments.reals + sizeof(AdamReals) / sizeof(double);
  const double* weightDecays = learningRates + p.tensors;
  AdamStep common{};
  common.gradScale = gradScaleOf(arguments);
  common.beta1 = static_cast<float>(r.beta1);
  common.beta2 = static_cast<float>(r.beta2);
  common.rest1 = static_cast<float>(1 - r.beta1);
  common.rest2 = static_cast<float>(1 - r.beta2);
  common.rootCorrection2 = static_cast<float>(1 / std::sqrt(r.correction2));
  common.epsilon = static_cast<float>(r.epsilon);
  eachStretch(p.tensors, counts, [&](int k, int64_t begin, int64_t end) {
    AdamStep step = common;
    step.pull = p.decoupled ? 0 : static_cast<float>(weightDecays[k]);
    step.kept = p.decoupled ? static_cast<float>(1 - learningRates[k] * weightDecays[k]) : 1;
    step.rate = static_cast<float>(learningRates[k] / r.correction1);
    void* const* tensors = arguments.buffers + 4 * k;
    adamStretch(step, static_cast<const float*>(tensors[1]) + begin, static_cast<float*>(tensors[0]) + begin,
                static_cast<float*>(tensors[2]) + begin, static_cast<float*>(tensors[3]) + begin, end - begin);
  });
}

}  // namespace limbeck::LIMBECK_TARGET
