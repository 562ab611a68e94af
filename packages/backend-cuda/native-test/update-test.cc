// Updates in place, over tensors of many sizes in one launch.
#include <cmath>
#include <memory>

#include "harness.h"
#include "limbeck/kernels.h"

using namespace limbeck;
using namespace limbeck::test;

namespace {

const std::vector<int32_t> kCounts{1, 70000, 33, 4096};
constexpr double kTolerance = 1e-6;

// Several tensors, drawn anew for each name.
struct Tensors {
  std::vector<std::vector<float>> host;
  std::vector<std::unique_ptr<Buffer<float>>> device;

  explicit Tensors(uint32_t seed, double least = -1) {
    Numbers numbers(seed);
    for (const int32_t count : kCounts) {
      host.push_back(numbers.reals(count));
      for (float& value : host.back()) value = static_cast<float>(least < 0 ? value : std::fabs(value) + least);
      device.push_back(std::make_unique<Buffer<float>>(host.back()));
    }
  }

  float* at(size_t k) const { return *device[k]; }
};

const std::vector<double> kRates{0.1, 0.2, 0.3, 0.4}, kDecays{0, 0.01, 0.02, 0.03};

std::vector<double> withRates(std::vector<double> reals) {
  reals.insert(reals.end(), kRates.begin(), kRates.end());
  reals.insert(reals.end(), kDecays.begin(), kDecays.end());
  return reals;
}

}  // namespace

LIMBECK_TEST(exponentialAverages, "a target moves towards its source by the rate") {
  Numbers numbers(41);
  const auto target = numbers.reals(5000), source = numbers.reals(5000);
  std::vector<double> want(5000);
  for (int i = 0; i < 5000; i++) want[i] = target[i] + 0.25 * (2.0 * source[i] - target[i]);
  const Buffer<float> t(target), s(source);
  launch([&] { kernels::lerp({5000}, {0.25, 2}, t, s); });
  expectNear("target", t.values(), want, kTolerance);
}

LIMBECK_TEST(normOfAllTensors, "the global norm is of all tensors together") {
  const Tensors g(42);
  double sum = 0;
  std::vector<const void*> buffers;
  for (size_t k = 0; k < kCounts.size(); k++) {
    for (const float value : g.host[k]) sum += double(value) * value;
    buffers.push_back(g.at(k));
  }
  const Buffer<float> y(1);
  buffers.push_back(static_cast<float*>(y));
  launch(kernels::globalNorm, buffers, packed(TensorListInts{4}, kCounts));
  expectNear("norm", y.values(), {std::sqrt(sum)}, kTolerance);
}

LIMBECK_TEST(stochasticGradientDescent, "SGD with Nesterov's momentum and decay updates every tensor by its own rate") {
  const Tensors p(43), g(44), m(45);
  const Buffer<float> gradScale(std::vector<float>{0.5f});
  std::vector<const void*> buffers;
  for (size_t k = 0; k < kCounts.size(); k++) buffers.insert(buffers.end(), {p.at(k), g.at(k), m.at(k)});
  buffers.push_back(static_cast<float*>(gradScale));
  launch(kernels::sgd, buffers, packed(SgdInts{4, 1, 0}, kCounts), withRates({0.9}));
  for (size_t k = 0; k < kCounts.size(); k++) {
    std::vector<double> param, velocity;
    for (int i = 0; i < kCounts[k]; i++) {
      const double slope = 0.5 * g.host[k][i] + kDecays[k] * p.host[k][i];
      velocity.push_back(0.9 * m.host[k][i] + slope);
      param.push_back(p.host[k][i] - kRates[k] * (slope + 0.9 * velocity[i]));
    }
    expectNear("param", p.device[k]->values(), param, kTolerance);
    expectNear("velocity", m.device[k]->values(), velocity, kTolerance);
  }
}

LIMBECK_TEST(adamSteps, "Adam updates every tensor, with coupled or decoupled decay") {
  for (const int decoupled : {0, 1}) {
    const Tensors p(46), g(47), m(48), v(49, 0.1);
    std::vector<const void*> buffers;
    for (size_t k = 0; k < kCounts.size(); k++) buffers.insert(buffers.end(), {p.at(k), g.at(k), m.at(k), v.at(k)});
    buffers.push_back(nullptr);
    const double correction1 = 1 - std::pow(0.9, 3), correction2 = 1 - std::pow(0.999, 3);
    launch(kernels::adam, buffers, packed(AdamInts{4, decoupled}, kCounts), withRates({0.9, 0.999, 1e-8, correction1, correction2}));
    for (size_t k = 0; k < kCounts.size(); k++) {
      std::vector<double> param, mean, square;
      for (int i = 0; i < kCounts[k]; i++) {
        const double slope = g.host[k][i] + (decoupled ? 0 : kDecays[k] * p.host[k][i]);
        mean.push_back(0.9 * m.host[k][i] + 0.1 * slope);
        square.push_back(0.999 * v.host[k][i] + 0.001 * slope * slope);
        param.push_back((decoupled ? 1 - kRates[k] * kDecays[k] : 1) * p.host[k][i] -
                        kRates[k] / correction1 * mean[i] / (std::sqrt(square[i] / correction2) + 1e-8));
      }
      expectNear("param", p.device[k]->values(), param, 4 * kTolerance);
      expectNear("mean", m.device[k]->values(), mean, kTolerance);
      expectNear("square", v.device[k]->values(), square, kTolerance);
    }
  }
}
