// Softmax losses and their gradients against float64 loops; gradients against differences of those loops.
#include <algorithm>
#include <cmath>
#include <functional>

#include "harness.h"
#include "limbeck/kernels.h"

using namespace limbeck;
using namespace limbeck::test;

namespace {

constexpr double kTolerance = 1e-6;      // of values that are rounded to float once
constexpr double kSlopeTolerance = 2e-6;  // of differences of those

using Row = std::vector<double>;

// log p of each group; classes of negative groups have none, and excluded ones no part in the sum.
Row logGroups(const Row& logits, const std::vector<int32_t>& groups, int names) {
  double max = -INFINITY, all = 0;
  for (size_t c = 0; c < logits.size(); c++) {
    if (groups[c] != kExcluded) max = std::fmax(max, logits[c]);
  }
  Row sums(names);
  for (size_t c = 0; c < logits.size(); c++) {
    if (groups[c] == kExcluded) continue;
    all += std::exp(logits[c] - max);
    if (groups[c] >= 0) sums[groups[c]] += std::exp(logits[c] - max);
  }
  for (double& sum : sums) sum = std::log(sum) - std::log(all);
  return sums;
}

std::vector<int32_t> identity(int classes) {
  std::vector<int32_t> groups(classes);
  for (int c = 0; c < classes; c++) groups[c] = c;
  return groups;
}

Row rowOf(const std::vector<float>& values, int row, int classes) {
  return Row(values.begin() + row * classes, values.begin() + (row + 1) * classes);
}

// Σ over rows of slope[row] · d loss(row) / d logit, by differences.
std::vector<double> differences(const std::vector<float>& logits, int rows, int classes, const std::vector<float>& dy,
                                const std::function<double(const Row&, int row)>& loss) {
  constexpr double kStep = 1e-4;
  std::vector<double> slopes(logits.size());
  for (int row = 0; row < rows; row++) {
    Row at = rowOf(logits, row, classes);
    for (int c = 0; c < classes; c++) {
      const double middle = at[c];
      at[c] = middle + kStep;
      const double above = loss(at, row);
      at[c] = middle - kStep;
      slopes[size_t(row) * classes + c] = dy[row] * (above - loss(at, row)) / (2 * kStep);
      at[c] = middle;
    }
  }
  return slopes;
}

struct CrossEntropyCase {
  int rows, classes;
  std::vector<int32_t> groups;
  double gamma, smoothing;
  bool weighted;
};

void checkCrossEntropy(const CrossEntropyCase& c) {
  Numbers numbers(7);
  const int ignored = c.classes;
  const auto logits = numbers.reals(size_t(c.rows) * c.classes, 5), weights = numbers.reals(c.classes), dy = numbers.reals(c.rows);
  const auto labels = numbers.labels(c.rows, -1, c.classes + 2);
  const auto loss = [&](const Row& row, int at) {
    const int32_t label = labels[at];
    if (label < 0 || label >= c.classes || label == ignored || c.groups[label] < 0) return 0.0;
    const Row logP = logGroups(row, c.groups, c.classes);
    const int group = c.groups[label];
    const auto weight = [&](int k) { return c.weighted ? double(weights[k]) : 1.0; };
    double sum = -(1 - c.smoothing) * weight(group) * std::pow(1 - std::exp(logP[group]), c.gamma) * logP[group];
    if (c.smoothing > 0) {
      for (int k = 0; k < c.classes; k++) sum -= c.smoothing / c.classes * weight(k) * logP[k];
    }
    return sum;
  };
  std::vector<double> want(c.rows), wantWeights(c.rows);
  for (int row = 0; row < c.rows; row++) {
    want[row] = loss(rowOf(logits, row, c.classes), row);
    const int32_t label = labels[row];
    const bool counts = label >= 0 && label < c.classes && c.groups[label] >= 0;
    wantWeights[row] = !counts ? 0 : c.weighted ? weights[c.groups[label]] : 1;
  }
  const Buffer<float> x(logits), w(weights), d(dy), y(c.rows), yWeights(c.rows), dx(logits.size());
  const Buffer<int32_t> l(labels);
  const float* const classWeights = c.weighted ? static_cast<float*>(w) : nullptr;
  const auto ints = packed(CrossEntropyInts{c.rows, c.classes, ignored}, c.groups);
  launch(kernels::crossEntropy, {x, l, classWeights, y, yWeights}, ints, {c.gamma, c.smoothing});
  launch(kernels::crossEntropyGrad, {d, x, l, classWeights, dx}, ints, {c.gamma, c.smoothing});
  expectNear("loss", y.values(), want, kTolerance);
  expectNear("weight", yWeights.values(), wantWeights, 0);
  expectNear("dlogits", dx.values(), differences(logits, c.rows, c.classes, dy, loss), kSlopeTolerance);
}

struct DivergenceCase {
  int rows, teacherClasses;
  std::vector<int32_t> groups;
  DivergenceForm form;
  Modulator modulator;
  double gamma, temperature, teacherScale;
};

void checkDivergence(const DivergenceCase& c) {
  Numbers numbers(9);
  const int classes = static_cast<int>(c.groups.size());
  const auto student = numbers.reals(size_t(c.rows) * classes, 4), teacher = numbers.reals(size_t(c.rows) * c.teacherClasses, 4);
  const auto dy = numbers.reals(c.rows);
  const auto loss = [&](const Row& row, int at) {
    Row own = row, other = rowOf(teacher, at, c.teacherClasses);
    for (double& z : own) z /= c.temperature;
    for (double& z : other) z *= c.teacherScale / c.temperature;
    const Row logP = logGroups(own, c.groups, c.teacherClasses), logQ = logGroups(other, identity(c.teacherClasses), c.teacherClasses);
    double sum = 0;
    for (int k = 0; k < c.teacherClasses; k++) {
      const double q = std::exp(logQ[k]), difference = q - std::exp(logP[k]);
      const double base = c.modulator == Modulator::kAbs ? std::fabs(difference) : std::fmax(difference, 0);
      const double factor = c.modulator == Modulator::kNone ? 1 : std::pow(base, c.gamma);
      sum += factor * q * ((c.form == DivergenceForm::kKullbackLeibler ? logQ[k] : 0) - logP[k]);
    }
    return sum;
  };
  std::vector<double> want(c.rows);
  for (int row = 0; row < c.rows; row++) want[row] = loss(rowOf(student, row, classes), row);
  const Buffer<float> s(student), t(teacher), d(dy), y(c.rows), ds(student.size());
  const auto ints = packed(DivergenceInts{c.rows, classes, c.teacherClasses, c.form, c.modulator, 0}, c.groups);
  const std::vector<double> reals{c.temperature, c.teacherScale, c.gamma};
  launch(kernels::divergence, {s, t, y}, ints, reals);
  launch(kernels::divergenceGrad, {d, s, t, ds}, ints, reals);
  expectNear("divergence", y.values(), want, kTolerance);
  expectNear("dstudent", ds.values(), differences(student, c.rows, classes, dy, loss), kSlopeTolerance);
}

void checkRegionSums(const RegionSumsInts& p) {
  Numbers numbers(11);
  const int rows = p.batch * p.pixels, regions = p.batch * p.channels;
  const auto logits = numbers.reals(size_t(rows) * p.channels, 3);
  const auto labels = numbers.labels(rows, -1, p.channels + 1);
  const auto dIntersection = numbers.reals(regions), dPredicted = numbers.reals(regions);
  const auto counts = [&](int row) { return labels[row] != p.ignoreLabel && labels[row] >= 0 && labels[row] < p.channels; };
  // what a pixel adds to Σ dIntersection · intersection + Σ dPredicted · predicted
  const auto share = [&](const Row& row, int at) {
    if (!counts(at)) return 0.0;
    const Row logP = logGroups(row, identity(p.channels), p.channels);
    const int image = at / p.pixels * p.channels;
    double sum = std::exp(logP[labels[at]]) * dIntersection[image + labels[at]];
    for (int c = 0; c < p.channels; c++) sum += std::exp(logP[c] * (p.squared ? 2 : 1)) * dPredicted[image + c];
    return sum;
  };
  std::vector<double> intersection(regions), predicted(regions), actual(regions);
  for (int row = 0; row < rows; row++) {
    if (!counts(row)) continue;
    const Row logP = logGroups(rowOf(logits, row, p.channels), identity(p.channels), p.channels);
    const int image = row / p.pixels * p.channels;
    for (int c = 0; c < p.channels; c++) predicted[image + c] += std::exp(logP[c] * (p.squared ? 2 : 1));
    intersection[image + labels[row]] += std::exp(logP[labels[row]]);
    actual[image + labels[row]] += 1;
  }
  const Buffer<float> x(logits), di(dIntersection), dp(dPredicted), i(regions), s(regions), a(regions), dx(logits.size());
  const Buffer<int32_t> l(labels);
  launch([&] { kernels::regionSums(p, x, l, i, s, a); });
  launch([&] { kernels::regionSumsGrad(p, di, dp, x, l, dx); });
  expectNear("intersection", i.values(), intersection, kTolerance);
  expectNear("predicted", s.values(), predicted, kTolerance);
  expectNear("actual", a.values(), actual, 0);
  expectNear("dlogits", dx.values(), differences(logits, rows, p.channels, std::vector<float>(rows, 1), share), kSlopeTolerance);
}

void checkOverlapLoss(const OverlapLossInts& p, const OverlapLossReals& r) {
  Numbers numbers(13);
  const int regions = p.rows * p.channels;
  auto intersection = numbers.reals(regions), predicted = numbers.reals(regions), actual = numbers.reals(regions);
  for (int i = 0; i < regions; i++) {
    actual[i] = i % 4 == 1 ? 0 : 3 + actual[i];
    predicted[i] = 3 + predicted[i];
    intersection[i] = 1 + 0.5f * intersection[i];
  }
  const auto loss = [&](const std::vector<double>& overlaps, const std::vector<double>& sums) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < regions; i++) {
      if (!p.includeBackground && i % p.channels == 0) continue;
      const bool present = p.absent == AbsentRegion::kCount || actual[i] > 0;
      count += present || p.absent == AbsentRegion::kZero;
      if (!present) continue;
      const double wrong = r.alpha * (sums[i] - overlaps[i]) + r.beta * (actual[i] - overlaps[i]);
      sum += std::pow(wrong / (wrong + overlaps[i] + r.smooth), r.gamma);
    }
    return sum / std::max(count, 1);
  };
  const float dy = 0.7f;
  std::vector<double> overlaps(intersection.begin(), intersection.end()), sums(predicted.begin(), predicted.end());
  const double want = loss(overlaps, sums);
  const auto slopes = [&](std::vector<double>& values) {
    std::vector<double> all(regions);
    for (int i = 0; i < regions; i++) {
      const double middle = values[i];
      values[i] = middle + 1e-5;
      const double above = loss(overlaps, sums);
      values[i] = middle - 1e-5;
      all[i] = dy * (above - loss(overlaps, sums)) / 2e-5;
      values[i] = middle;
    }
    return all;
  };
  const Buffer<float> i(intersection), s(predicted), a(actual), y(1), d(std::vector<float>{dy}), di(regions), ds(regions);
  launch([&] { kernels::overlapLoss(p, r, i, s, a, y); });
  launch([&] { kernels::overlapLossGrad(p, r, d, i, s, a, di, ds); });
  expectNear("loss", y.values(), {want}, kTolerance);
  expectNear("dIntersection", di.values(), slopes(overlaps), kSlopeTolerance);
  expectNear("dPredicted", ds.values(), slopes(sums), kSlopeTolerance);
}

}  // namespace

LIMBECK_TEST(crossEntropyOfTwoClasses, "cross-entropy of two classes and its gradient are those of plain loops") {
  checkCrossEntropy({300, 2, identity(2), 0, 0, false});
}
LIMBECK_TEST(crossEntropyByEightThreadsAPixel, "cross-entropy by eight threads a pixel is weighted by class") {
  checkCrossEntropy({67, 19, identity(19), 0, 0, true});
}
LIMBECK_TEST(crossEntropyWithFocus, "the focal factor has its own gradient") {
  checkCrossEntropy({40, 5, identity(5), 2, 0, true});
}
LIMBECK_TEST(crossEntropyOfFoldedClasses, "folded classes share a probability, excluded ones have none") {
  checkCrossEntropy({40, 12, {0, 0, 1, 2, 0, 3, kUnmatched, 1, kExcluded, 3, 3, 2}, 1.5, 0, false});
}
LIMBECK_TEST(crossEntropySmoothed, "smoothing spreads the target over all classes") {
  checkCrossEntropy({33, 6, identity(6), 0, 0.1, true});
  checkCrossEntropy({33, 11, identity(11), 0, 0.3, false});
}
LIMBECK_TEST(crossEntropyOfFarLogits, "logits of ten thousand neither overflow nor lose a loss") {
  const Buffer<float> x(std::vector<float>{1e4f, -1e4f, 0, 1e4f}), y(2), weight(2);
  const Buffer<int32_t> labels(std::vector<int32_t>{1, 1});
  launch(kernels::crossEntropy, {x, labels, nullptr, y, weight}, packed(CrossEntropyInts{2, 2, -1}, {0, 1}), {0, 0});
  expectEqual("loss", y.values(), {2e4, 0});
}

LIMBECK_TEST(divergenceOfOneClassEach, "the divergence and its gradient are those of plain loops") {
  checkDivergence({150, 3, identity(3), DivergenceForm::kKullbackLeibler, Modulator::kNone, 0, 2, 1});
  checkDivergence({31, 21, identity(21), DivergenceForm::kCrossEntropy, Modulator::kNone, 0, 1, 1});
}
LIMBECK_TEST(divergenceOfFoldedClasses, "the student's classes fold into the teacher's") {
  checkDivergence({50, 4, {0, 1, 0, 2, kUnmatched, 3, 3, kExcluded, 2, 2}, DivergenceForm::kKullbackLeibler, Modulator::kNone, 0, 1.5, 2});
}
LIMBECK_TEST(divergenceWithFocus, "the modulator of focal distillation has its own gradient") {
  checkDivergence({50, 4, {0, 1, 2, 3, 0, kUnmatched}, DivergenceForm::kKullbackLeibler, Modulator::kAbs, 2, 1, 1});
  checkDivergence({50, 9, identity(9), DivergenceForm::kCrossEntropy, Modulator::kRelu, 2, 1, 1});
}

LIMBECK_TEST(regionSumsOfFewClasses, "region sums of few classes and their gradient are those of plain loops") {
  checkRegionSums({2, 300, 2, -1, 0});
}
LIMBECK_TEST(regionSumsOfManyClasses, "region sums of squares leave out the ignored label") {
  checkRegionSums({1, 70, 30, 3, 1});
}
LIMBECK_TEST(regionSumsOfManyPixels, "region sums in parts add every pixel once") {
  checkRegionSums({1, 4200, 3, -1, 0});
}
LIMBECK_TEST(regionSumsOfMoreClassesThanThreads, "region sums have room for more classes than threads") {
  checkRegionSums({1, 5, 300, -1, 0});
}

LIMBECK_TEST(overlapLossOfEveryRegion, "the overlap loss and its gradient are those of plain loops") {
  checkOverlapLoss({3, 5, 1, AbsentRegion::kCount}, {0.5, 0.5, 1e-5, 1});
}
LIMBECK_TEST(overlapLossWithoutBackground, "regions without pixels leave the mean where they are skipped") {
  checkOverlapLoss({3, 4, 0, AbsentRegion::kSkip}, {0.3, 0.7, 1, 0.75});
}
LIMBECK_TEST(overlapLossOfAbsentRegionsAsZero, "regions without pixels count as 0 where they are asked to") {
  checkOverlapLoss({130, 4, 1, AbsentRegion::kZero}, {1, 1, 0.5, 2});
}
