// Maps stored as bfloat16: kernels read what was rounded and round what they write, once.
#include <cmath>
#include <limits>

#include "harness.h"
#include "limbeck/kernels.h"

using namespace limbeck;
using namespace limbeck::test;

namespace {

// Ordinary numbers, halves between two neighbours, and what is no number.
std::vector<float> awkward() {
  std::vector<float> values = Numbers(81).reals(1001, 40);
  const float half = std::ldexp(1.0f, -8), infinity = std::numeric_limits<float>::infinity();
  for (const float value : {1 + half, 1 + 3 * half, -1 - half, 3.4e38f, 1e-40f, -0.0f, infinity, -infinity, NAN}) {
    values.push_back(value);
  }
  return values;
}

std::vector<int32_t> bitsOf(const std::vector<uint16_t>& narrow) { return {narrow.begin(), narrow.end()}; }

}  // namespace

LIMBECK_TEST(casts16, "a cast to bfloat16 rounds half to even, keeps NaN and may overflow; a cast back is exact") {
  const auto x = awkward();
  const int count = static_cast<int>(x.size());
  const Buffer<float> xs(x), wide(x.size());
  const Buffer<uint16_t> y(x.size());
  const CastInts floats{Dtype::kFloat32, Dtype::kFloat32, count};
  launch([&] { kernels::cast(floats, xs, y); }, cuda::Precision::kBf16, 0b10);
  const auto want = narrowed(x);
  expectEqual("narrow", bitsOf(y.values()), bitsOf(want));
  launch([&] { kernels::cast(floats, y, wide); }, cuda::Precision::kBf16, 0b01);
  const auto back = widened(want);
  expectEqual("wide", wide.values(), {back.begin(), back.end()});
}

LIMBECK_TEST(castsBetweenIntegersAnd16, "casts go between bfloat16 and the other dtypes") {
  const Buffer<int32_t> integers(std::vector<int32_t>{-3, 0, 257, 300}), back(4);
  const Buffer<uint16_t> y(4);
  launch([&] { kernels::cast({Dtype::kInt32, Dtype::kFloat32, 4}, integers, y); }, cuda::Precision::kBf16, 0b10);
  launch([&] { kernels::cast({Dtype::kFloat32, Dtype::kInt32, 4}, y, back); }, cuda::Precision::kBf16, 0b01);
  expectEqual("back", back.values(), {-3, 0, 256, 300});
}

LIMBECK_TEST(functionsOf16, "functions of bfloat16 are rounded once") {
  const auto x = awkward();
  const auto rounded = widened(narrowed(x));
  const int count = static_cast<int>(x.size());
  const Buffer<uint16_t> xs(narrowed(x)), y(x.size());
  launch([&] { kernels::unary({UnaryOp::relu, Dtype::kFloat32, Dtype::kFloat32, count}, {0, 0}, xs, y); },
         cuda::Precision::kBf16, 0b11);
  std::vector<double> want;
  for (const float value : rounded) want.push_back(std::isnan(value) ? value : std::fmax(value, 0.0f));
  expectEqual("relu", widened(y.values()), want);
}

LIMBECK_TEST(copiesOf16, "bfloat16 is moved and filled in two bytes") {
  const Buffer<uint16_t> x(std::vector<uint16_t>{1, 2, 3, 4, 5, 6}), y(6);
  launch([&] { kernels::fill({Dtype::kFloat32, 6}, {1.0 + 1.0 / 256}, y); }, cuda::Precision::kBf16, 0b1);
  expectEqual("filled", bitsOf(y.values()), std::vector<int32_t>(6, 0x3f80));
  launch([&] { kernels::copy({4, 2, {3, 2, 1, 1, 1, 1, 1, 1}, {1, 3}, {2, 1}, 0, 0}, x, y); }, cuda::Precision::kBf16,
         0b11);
  expectEqual("turned", bitsOf(y.values()), {1, 4, 2, 5, 3, 6});
}
