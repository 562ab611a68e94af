// Batch normalisation against float64 loops; its gradients against the formula of Ioffe & Szegedy, 2015.
#include <cmath>

#include "harness.h"
#include "limbeck/kernels.h"

using namespace limbeck;
using namespace limbeck::test;

namespace {

constexpr double kEpsilon = 1e-3, kTolerance = 5e-6;

void checkBatchNorm(int rows, int channels, int relu, double mean) {
  Numbers numbers(31);
  auto x = numbers.reals(size_t(rows) * channels);
  for (float& value : x) value += static_cast<float>(mean);
  const auto dy = numbers.reals(x.size()), scale = numbers.reals(channels), offset = numbers.reals(channels);
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
  const Buffer<float> xs(x), dys(dy), scales(scale), offsets(offset), ys(x.size()), m(channels), v(channels);
  const Buffer<float> dxs(x.size()), dscales(channels), doffsets(channels), again(x.size());
  launch([&] { kernels::batchNormTrain(p, r, xs, scales, offsets, ys, m, v); });
  launch([&] { kernels::batchNormTrainGrad(p, r, dys, xs, scales, offsets, m, v, dxs, dscales, doffsets); });
  const double tolerance = kTolerance * (1 + std::fabs(mean));  // x itself is rounded
  expectNear("mean", m.values(), means, 1e-6);
  expectNear("variance", v.values(), variances, tolerance);
  expectNear("y", ys.values(), y, tolerance);
  expectNear("dx", dxs.values(), dx, 2 * tolerance);
  expectNear("dscale", dscales.values(), dscale, tolerance);
  expectNear("doffset", doffsets.values(), doffset, tolerance);
  if (relu) return;
  launch([&] { kernels::batchNorm(p, r, xs, m, v, scales, offsets, again); });
  expectNear("y of given moments", again.values(), y, tolerance);
}

}  // namespace

LIMBECK_TEST(batchNormOfFewRows, "batch normalisation of few rows and its gradients are those of plain loops") {
  checkBatchNorm(3, 5, 0, 0);
}
LIMBECK_TEST(batchNormOfManyRows, "batch normalisation of many rows adds every row once") {
  checkBatchNorm(3000, 3, 0, 0);
}
LIMBECK_TEST(batchNormInVectors, "batch normalisation cuts at 0 where asked, and so do its gradients") {
  checkBatchNorm(500, 64, 1, 0);
}
LIMBECK_TEST(batchNormOfManyChannels, "batch normalisation has room for many channels") {
  checkBatchNorm(20, 300, 1, 0);
}
LIMBECK_TEST(batchNormOfALargeMean, "a large mean costs batch normalisation no digits of the variance") {
  checkBatchNorm(400, 8, 0, 100);
}
