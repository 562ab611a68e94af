// Batch normalisation against float64 loops; its gradients against the formula of Ioffe & Szegedy, 2015.
#include <cmath>
#include <functional>

#include "harness.h"
#include "limbeck/kernels.h"

using namespace limbeck;
using namespace limbeck::test;

namespace {

constexpr double kEpsilon = 1e-3, kTolerance = 5e-6;

void checkBatchNorm(int rows, int channels, int relu, double mean, Stored stored) {
  Numbers numbers(31);
  auto x = numbers.reals(size_t(rows) * channels), dy = numbers.reals(x.size());
  for (float& value : x) value += static_cast<float>(mean);
  if (stored == Stored::kBf16) x = widened(narrowed(x)), dy = widened(narrowed(dy));
  const auto scale = numbers.reals(channels), offset = numbers.reals(channels);
  std::vector<double> means(channels), variances(channels), y(x.size()), dx(x.size()), dscale(channels), doffset(channels);
  for (int c = 0; c < channels; c++) {
    for (int row = 0; row < rows; row++) means[c] += double(x[size_t(row) * channels + c]) / rows;
    for (int row = 0; row < rows; row++) variances[c] += std::pow(x[size_t(row) * channels + c] - means[c], 2) / rows;
    const double rstd = 1 / std::sqrt(variances[c] + kEpsilon);
    const auto normal = [&](int row) { return (x[size_t(row) * channels + c] - means[c]) * rstd; };
    const auto slope = [&](int row) { return relu && normal(row) * scale[c] + offset[c] <= 0 ? 0.0 : double(dy[size_t(row) * channels + c]); };
    for (int row = 0; row < rows; row++) {
      const double value = normal(row) * scale[c] + offset[c];
      y[size_t(row) * channels + c] = relu ? std::fmax(value, 0) : value;
      dscale[c] += slope(row) * normal(row);
      doffset[c] += slope(row);
    }
    for (int row = 0; row < rows; row++) {
      dx[size_t(row) * channels + c] = scale[c] * rstd * (slope(row) - doffset[c] / rows - normal(row) * dscale[c] / rows);
    }
  }
  const BatchNormInts p{rows, channels, relu};
  const BatchNormReals r{kEpsilon};
  const StoredBuffer xs(stored, x), dys(stored, dy), ys(stored, x.size()), dxs(stored, x.size()), again(stored, x.size());
  const Buffer<float> scales(scale), offsets(offset), m(channels), v(channels), dscales(channels), doffsets(channels);
  const auto run = [&](uint32_t maps, const std::function<void()>& kernel) {
    launch(kernel, cuda::Precision::kFp32, stored == Stored::kBf16 ? maps : 0);
  };
  run(0b1001, [&] { kernels::batchNormTrain(p, r, xs, scales, offsets, ys, m, v); });
  run(0b1000011, [&] { kernels::batchNormTrainGrad(p, r, dys, xs, scales, offsets, m, v, dxs, dscales, doffsets); });
  const double tolerance = kTolerance * (1 + std::fabs(mean));  // x itself is rounded
  expectNear("mean", m.values(), means, 1e-6);
  expectNear("variance", v.values(), variances, tolerance);
  ys.expectNear("y", y, tolerance);
  dxs.expectNear("dx", dx, 2 * tolerance);
  expectNear("dscale", dscales.values(), dscale, tolerance);
  expectNear("doffset", doffsets.values(), doffset, tolerance);
  run(0b100001, [&] { kernels::batchNorm(p, r, xs, m, v, scales, offsets, again); });
  again.expectNear("y of given moments", y, tolerance);
}

void checkBatchNorm(int rows, int channels, int relu, double mean) {
  for (const Stored stored : {Stored::kFloat, Stored::kBf16}) checkBatchNorm(rows, channels, relu, mean, stored);
}

}  // namespace

LIMBECK_TEST(batchNormOfFewRows, "batch normalisation of few rows and its gradients are those of plain loops") {
  checkBatchNorm(3, 5, 0, 0);
}
LIMBECK_TEST(batchNormOfManyRows, "batch normalisation of many rows adds every row once") {
  checkBatchNorm(3000, 3, 0, 0);
}
LIMBECK_TEST(batchNormInVectors, "batch normalisation cuts at 0 where asked, and so do its gradients") {
  for (const int channels : {4, 8, 20, 64}) checkBatchNorm(500, channels, 1, 0);
}
LIMBECK_TEST(batchNormOfManyChannels, "batch normalisation has room for many channels") {
  checkBatchNorm(20, 300, 1, 0);
  checkBatchNorm(20, 520, 0, 0);
}
LIMBECK_TEST(batchNormOfNoRows, "no rows have no moments, and are not read") {
  const BatchNormInts p{0, 3, 0};
  const BatchNormReals r{kEpsilon};
  const Buffer<float> ones(std::vector<float>{1, 1, 1}), mean(3), variance(3), dscale(3), doffset(3);
  launch([&] { kernels::batchNormTrain(p, r, nullptr, ones, ones, nullptr, mean, variance); });
  expectEqual("mean", mean.values(), {NAN, NAN, NAN});
  expectEqual("variance", variance.values(), {NAN, NAN, NAN});
  launch([&] { kernels::batchNormTrainGrad(p, r, nullptr, nullptr, ones, ones, mean, variance, nullptr, dscale, doffset); });
  expectEqual("dscale", dscale.values(), {0, 0, 0});
  expectEqual("doffset", doffset.values(), {0, 0, 0});
}
LIMBECK_TEST(batchNormOfNaN, "a channel that holds NaN or infinity spoils no other one") {
  const int rows = 100, channels = 8;
  auto x = Numbers(32).reals(rows * channels);
  x[1] = NAN, x[2 * channels + 5] = INFINITY;
  const Buffer<float> xs(x), one(std::vector<float>(channels, 1)), y(x.size()), mean(channels), variance(channels);
  launch([&] { kernels::batchNormTrain({rows, channels, 0}, {kEpsilon}, xs, one, one, y, mean, variance); });
  const auto values = y.values();
  for (size_t i = 0; i < values.size(); i++) {
    if (std::isnan(values[i]) != (i % channels == 1 || i % channels == 5)) fail("y[" + std::to_string(i) + "] = " + std::to_string(values[i]));
  }
}
LIMBECK_TEST(batchNormOfALargeMean, "a large mean costs batch normalisation no digits of the variance") {
  checkBatchNorm(400, 8, 0, 100);
}
