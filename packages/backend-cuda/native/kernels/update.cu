#include <algorithm>
#include <cmath>
#include <vector>

#include "cu.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::forEach;
using cuda::scratchOf;
using cuda::uploadedOf;

constexpr int kThreads = 256;
constexpr int kStretch = 1 << 13;  // elements of one tensor that one block takes

// All tensors of a list in one launch: block b takes `stretches[b]`.
struct Stretch {
  int tensor, begin, end;
};
struct Stretches {
  int count;
  const Stretch* list;  // on the device

  Stretches(int tensors, const int32_t* counts) {
    std::vector<Stretch> all;
    for (int k = 0; k < tensors; k++) {
      for (int64_t at = 0; at < counts[k]; at += kStretch) {
        all.push_back({k, static_cast<int>(at), static_cast<int>(std::min<int64_t>(at + kStretch, counts[k]))});
      }
    }
    count = static_cast<int>(all.size());
    list = count ? uploadedOf(all.data(), all.size()) : nullptr;
  }
};

template <typename Update>
__global__ void __launch_bounds__(kThreads) updateStretches(const Stretch* __restrict__ list, Update update) {
  const Stretch stretch = list[blockIdx.x];
  for (int i = stretch.begin + static_cast<int>(threadIdx.x); i < stretch.end; i += kThreads) update(stretch.tensor, i);
}

// update(tensor, element) for all of them.
template <typename Update>
void eachElement(const Stretches& stretches, const Update& update) {
  if (!stretches.count) return;
  const Stretch* list = stretches.list;
  CU_LAUNCH((updateStretches<Update>), stretches.count, kThreads, 0, list, update);
}

__global__ void __launch_bounds__(kThreads)
    squareStretches(const Stretch* __restrict__ list, const float* const* __restrict__ tensors, double* __restrict__ sums) {
  const Stretch stretch = list[blockIdx.x];
  const float* x = tensors[stretch.tensor];
  double sum = 0;
  for (int i = stretch.begin + static_cast<int>(threadIdx.x); i < stretch.end; i += kThreads) {
    sum += static_cast<double>(x[i]) * x[i];
  }
  sum = cuda::blockSum<kThreads>(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

__global__ void __launch_bounds__(kThreads) rootOfSum(const double* __restrict__ sums, int count, float* __restrict__ y) {
  double sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += kThreads) sum += sums[i];
  sum = cuda::blockSum<kThreads>(sum);
  if (threadIdx.x == 0) *y = static_cast<float>(sqrt(sum));
}

// The optional last buffer: a factor of all gradients, on the device.
const float* gradScaleOf(const Arguments& arguments) {
  return static_cast<const float*>(arguments.buffers[arguments.bufferCount - 1]);
}

}  // namespace

void lerp(const LerpInts& p, const LerpReals& r, float* target, const float* source) {
  const float rate = static_cast<float>(r.rate), scale = static_cast<float>(r.scale);
  forEach(p.count, [=] __device__(int64_t i) { target[i] += rate * (scale * source[i] - target[i]); });
}

void globalNorm(const Arguments& arguments) {
  const int tensors = arguments.ints[0];
  const Stretches stretches(tensors, arguments.ints + 1);
  const auto* x = uploadedOf(reinterpret_cast<const float* const*>(arguments.buffers), tensors);
  double* sums = scratchOf<double>(stretches.count);
  float* y = static_cast<float*>(arguments.buffers[tensors]);
  const int count = stretches.count;
  const Stretch* list = stretches.list;
  if (count) CU_LAUNCH(squareStretches, count, kThreads, 0, list, x, sums);
  CU_LAUNCH(rootOfSum, 1, kThreads, 0, sums, count, y);
}

namespace {

struct SgdTensor {
  float* param;
  const float* grad;
  float* momentum;  // null without
  float rate, decay;
};
struct AdamTensor {
  float* param;
  const float* grad;
  float *mean, *square;
  float rate, pull, kept;
};

}  // namespace

void sgd(const Arguments& arguments) {
  const auto& p = *reinterpret_cast<const SgdInts*>(arguments.ints);
  const auto& r = *reinterpret_cast<const SgdReals*>(arguments.reals);
  const double* learningRates = arguments.reals + sizeof(SgdReals) / sizeof(double);
  const double* weightDecays = learningRates + p.tensors;
  std::vector<SgdTensor> tensors(p.tensors);
  for (int k = 0; k < p.tensors; k++) {
    void* const* of = arguments.buffers + 3 * k;
    tensors[k] = {static_cast<float*>(of[0]), static_cast<const float*>(of[1]), static_cast<float*>(of[2]),
                  static_cast<float>(learningRates[k]), static_cast<float>(weightDecays[k])};
  }
  const SgdTensor* list = uploadedOf(tensors.data(), tensors.size());
  const float* gradScale = gradScaleOf(arguments);
  const float momentum = static_cast<float>(r.momentum);
  const bool nesterov = p.nesterov != 0, isFirst = p.first != 0;
  const auto update = [=] __device__(int tensor, int i) {
    const SgdTensor t = list[tensor];
    const float slope = t.grad[i] * (gradScale ? *gradScale : 1.0f) + t.decay * t.param[i];
    float direction = slope;
    if (t.momentum) {
      const float velocity = isFirst ? slope : momentum * t.momentum[i] + slope;
      t.momentum[i] = velocity;
      direction = nesterov ? slope + momentum * velocity : velocity;
    }
    t.param[i] -= t.rate * direction;
  };
  eachElement(Stretches(p.tensors, arguments.ints + sizeof(SgdInts) / sizeof(int32_t)), update);
}

void adam(const Arguments& arguments) {
  const auto& p = *reinterpret_cast<const AdamInts*>(arguments.ints);
  const auto& r = *reinterpret_cast<const AdamReals*>(arguments.reals);
  const double* learningRates = arguments.reals + sizeof(AdamReals) / sizeof(double);
  const double* weightDecays = learningRates + p.tensors;
  std::vector<AdamTensor> tensors(p.tensors);
  for (int k = 0; k < p.tensors; k++) {
    void* const* of = arguments.buffers + 4 * k;
    tensors[k] = {static_cast<float*>(of[0]),
                  static_cast<const float*>(of[1]),
                  static_cast<float*>(of[2]),
                  static_cast<float*>(of[3]),
                  static_cast<float>(learningRates[k] / r.correction1),
                  p.decoupled ? 0 : static_cast<float>(weightDecays[k]),
                  p.decoupled ? static_cast<float>(1 - learningRates[k] * weightDecays[k]) : 1};
  }
  const AdamTensor* list = uploadedOf(tensors.data(), tensors.size());
  const float* gradScale = gradScaleOf(arguments);
  const float beta1 = static_cast<float>(r.beta1), rest1 = static_cast<float>(1 - r.beta1);
  const float beta2 = static_cast<float>(r.beta2), rest2 = static_cast<float>(1 - r.beta2);
  const float epsilon = static_cast<float>(r.epsilon), rootCorrection = static_cast<float>(1 / std::sqrt(r.correction2));
  const auto update = [=] __device__(int tensor, int i) {
    const AdamTensor t = list[tensor];
    const float slope = t.grad[i] * (gradScale ? *gradScale : 1.0f) + t.pull * t.param[i];
    const float mean = beta1 * t.mean[i] + rest1 * slope, square = beta2 * t.square[i] + rest2 * slope * slope;
    t.mean[i] = mean;
    t.square[i] = square;
    t.param[i] = t.kept * t.param[i] - t.rate * mean / (sqrtf(square) * rootCorrection + epsilon);
  };
  eachElement(Stretches(p.tensors, arguments.ints + sizeof(AdamInts) / sizeof(int32_t)), update);
}

}  // namespace limbeck::kernels
