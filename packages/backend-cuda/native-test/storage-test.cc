// Maps stored as bfloat16: kernels read what was rounded and round what they write, once.
#include <cmath>
#include <functional>
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

std::vector<double> doubles(const std::vector<float>& values) { return {values.begin(), values.end()}; }

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
  expectEqual("wide", wide.values(), doubles(back));
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

LIMBECK_TEST(lossesOf16, "losses read logits of bfloat16 as they read the same numbers in float32, bit for bit") {
  constexpr int kRows = 70, kClasses = 11, kTeacherClasses = 9;
  Numbers numbers(82);
  const auto bits = narrowed(numbers.reals(kRows * kClasses, 4)), teacherBits = narrowed(numbers.reals(kRows * kTeacherClasses, 4));
  const Buffer<float> wide(widened(bits)), wideTeacher(widened(teacherBits)), dy(numbers.reals(kRows));
  const Buffer<uint16_t> narrow(bits), narrowTeacher(teacherBits);
  const Buffer<int32_t> labels(numbers.labels(kRows, -1, kClasses));
  const Buffer<float> dRegions(numbers.reals(kClasses)), y(kRows), weight(kRows), slopes(kRows * kClasses), sums(kClasses),
      predicted(kClasses), actual(kClasses);
  std::vector<int32_t> groups;
  for (int c = 0; c < kClasses; c++) groups.push_back(c < kTeacherClasses ? c : kUnmatched);

  // `run` gets whether logits are bfloat16.
  const auto same = [&](const char* what, const Buffer<float>& result, const std::function<void(bool)>& run) {
    run(false);
    const auto want = result.values();
    toDevice(result, std::vector<float>(want.size(), NAN).data(), want.size() * sizeof(float));
    run(true);
    expectEqual(what, result.values(), doubles(want));
  };
  const auto logits = [&](bool n) { return n ? asFloats(narrow) : static_cast<float*>(wide); };
  const auto teacher = [&](bool n) { return n ? asFloats(narrowTeacher) : static_cast<float*>(wideTeacher); };
  constexpr auto kBf16 = cuda::Precision::kBf16;

  const auto entropy = packed(CrossEntropyInts{kRows, kClasses, 3}, groups);
  same("crossEntropy", y, [&](bool n) {
    launch(kernels::crossEntropy, {logits(n), labels, nullptr, y, weight}, entropy, {2, 0.1}, n ? 0b1 : 0);
  });
  same("crossEntropyGrad", slopes, [&](bool n) {
    launch(kernels::crossEntropyGrad, {dy, logits(n), labels, nullptr, slopes}, entropy, {2, 0.1}, n ? 0b10 : 0);
  });
  const DivergenceInts form{kRows, kClasses, kTeacherClasses, DivergenceForm::kKullbackLeibler, Modulator::kAbs, 0};
  const auto divergence = packed(form, groups);
  same("divergence", y, [&](bool n) {
    launch(kernels::divergence, {logits(n), teacher(n), y}, divergence, {2, 1, 2}, n ? 0b11 : 0);
  });
  same("divergence from a wide teacher", y, [&](bool n) {
    launch(kernels::divergence, {logits(n), wideTeacher, y}, divergence, {2, 1, 2}, n ? 0b1 : 0);
  });
  same("divergenceGrad", slopes, [&](bool n) {
    launch(kernels::divergenceGrad, {dy, logits(n), teacher(n), slopes}, divergence, {2, 1, 2}, n ? 0b110 : 0);
  });
  const RegionSumsInts regions{1, kRows, kClasses, 3, 0};
  same("regionSums", predicted, [&](bool n) {
    launch([&] { kernels::regionSums(regions, logits(n), labels, sums, predicted, actual); }, kBf16, n ? 0b1 : 0);
  });
  same("regionSumsGrad", slopes, [&](bool n) {
    launch([&] { kernels::regionSumsGrad(regions, dRegions, dRegions, logits(n), labels, slopes); }, kBf16, n ? 0b100 : 0);
  });
  same("softmax", slopes, [&](bool n) {
    launch([&] { kernels::softmax({kRows, kClasses, 1}, logits(n), slopes); }, kBf16, n ? 0b1 : 0);
  });
}
