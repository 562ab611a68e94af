// Elementwise kernels and data movement: small whole numbers, bit for bit.
#include <cmath>

#include "harness.h"
#include "limbeck/kernels.h"

using namespace limbeck;
using namespace limbeck::test;

LIMBECK_TEST(functionsOfEachElement, "functions apply to each element") {
  const auto x = Numbers(51).reals(1001, 3);
  const Buffer<float> xs(x), y(x.size());
  std::vector<double> relu, sigmoid;
  for (const float value : x) relu.push_back(std::fmax(value, 0)), sigmoid.push_back(1 / (1 + std::exp(-double(value))));
  launch([&] { kernels::unary({UnaryOp::relu, Dtype::kFloat32, Dtype::kFloat32, 1001}, {0, 0}, xs, y); });
  expectEqual("relu", y.values(), relu);
  launch([&] { kernels::unary({UnaryOp::sigmoid, Dtype::kFloat32, Dtype::kFloat32, 1001}, {0, 0}, xs, y); });
  expectNear("sigmoid", y.values(), sigmoid, 1e-6);
}

LIMBECK_TEST(broadcastArithmetic, "operands are broadcast by strides of 0") {
  const auto a = Numbers(52).integers(7 * 5, 9), b = Numbers(53).integers(5, 9);
  const Buffer<float> as(a), bs(b), y(7 * 3 * 5);
  std::vector<double> want;
  for (int i = 0; i < 7; i++)
    for (int j = 0; j < 3; j++)
      for (int k = 0; k < 5; k++) want.push_back(a[i * 5 + k] - b[k]);
  launch([&] {
    kernels::binary({BinaryOp::sub, Dtype::kFloat32, Dtype::kFloat32, 3, {7, 3, 5, 1, 1, 1, 1, 1}, {5, 0, 1}, {0, 0, 1}}, as, bs, y);
  });
  expectEqual("y", y.values(), want);
}

LIMBECK_TEST(casts, "casts to int32 truncate, and make 0 of what is no number") {
  const std::vector<float> x{-2.7f, 0, 1.9f, NAN, INFINITY, 300};
  const Buffer<float> xs(x);
  const Buffer<int32_t> y(x.size());
  launch([&] { kernels::cast({Dtype::kFloat32, Dtype::kInt32, 6}, xs, y); });
  expectEqual("y", y.values(), {-2, 0, 1, 0, 0, 300});
}

LIMBECK_TEST(stridedCopies, "copies transpose and reverse by strides") {
  const auto x = Numbers(54).integers(6 * 7, 9);
  const Buffer<float> xs(x), y(7 * 6);
  std::vector<double> turned(7 * 6);
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 7; j++) turned[(6 - j) * 6 + i] = x[i * 7 + j];  // transposed, upside down
  launch([&] { kernels::copy({4, 2, {7, 6, 1, 1, 1, 1, 1, 1}, {-1, 7}, {6, 1}, 6, 0}, xs, y); });
  expectEqual("y", y.values(), turned);
}

LIMBECK_TEST(choicesBetweenTwo, "a choice takes from one or the other, element by element") {
  const Buffer<uint8_t> test(std::vector<uint8_t>{1, 0, 1});
  const Buffer<float> a(std::vector<float>{1, 2, 3}), b(std::vector<float>{9}), y(3);
  launch([&] { kernels::select({4, 1, {3, 1, 1, 1, 1, 1, 1, 1}, {1}, {1}, {0}}, test, a, b, y); });
  expectEqual("y", y.values(), {1, 9, 3});
}

LIMBECK_TEST(numbersFromNothing, "constants and ranges fill a tensor") {
  const Buffer<float> y(1000);
  launch([&] { kernels::fill({Dtype::kFloat32, 1000}, {2.5}, y); });
  expectEqual("fill", y.values(), std::vector<double>(1000, 2.5));
  std::vector<double> range;
  for (int i = 0; i < 1000; i++) range.push_back(3 - 2.0 * i);
  launch([&] { kernels::range({Dtype::kFloat32, 1000}, {3, -2}, y); });
  expectEqual("range", y.values(), range);
}

LIMBECK_TEST(sumsOfManyTensors, "sums of many tensors go element by element") {
  Numbers numbers(55);
  const auto a = numbers.integers(777, 9), b = numbers.integers(777, 9), c = numbers.integers(777, 9);
  const Buffer<float> as(a), bs(b), cs(c), y(777);
  std::vector<double> want;
  for (int i = 0; i < 777; i++) want.push_back(a[i] + b[i] + c[i]);
  launch(kernels::addN, {as, bs, cs, y}, packed(TensorListInts{3}, {777, 777, 777}));
  expectEqual("y", y.values(), want);
}

LIMBECK_TEST(gatheredLines, "an index outside gathers 0") {
  const auto x = Numbers(56).integers(2 * 3 * 4 * 5, 9);
  const std::vector<int32_t> indices{3, -1, 0, 4, 2, 2};
  const Buffer<float> xs(x), y(2 * 3 * 3 * 5);
  const Buffer<int32_t> i(indices);
  std::vector<double> want;
  for (int batch = 0; batch < 2; batch++)
    for (int outer = 0; outer < 3; outer++)
      for (int k = 0; k < 3; k++)
        for (int inner = 0; inner < 5; inner++) {
          const int index = indices[batch * 3 + k];
          want.push_back(index < 0 || index >= 4 ? 0 : x[((batch * 3 + outer) * 4 + index) * 5 + inner]);
        }
  launch([&] { kernels::gather({4, 2, 3, 4, 5, 3}, xs, i, y); });
  expectEqual("y", y.values(), want);
}

LIMBECK_TEST(scatteredSlices, "the last of equal places wins, or all are added; places outside are dropped") {
  const std::vector<int32_t> indices{1, 2, 0, 0, 1, 2, 9, 0};  // (1, 2) twice, (9, 0) outside
  const auto updates = Numbers(57).integers(4 * 3, 9);
  for (const int add : {0, 1}) {
    const Buffer<float> us(updates), y(std::vector<float>(2 * 4 * 3, 1)), back(4 * 3);
    const Buffer<int32_t> i(indices);
    std::vector<double> want(2 * 4 * 3, 1), wantBack;
    for (int k = 0; k < 3; k++)
      for (int s = 0; s < 3; s++) {
        double& to = want[(indices[2 * k] * 4 + indices[2 * k + 1]) * 3 + s];
        to = (add ? to : 0) + updates[k * 3 + s];
      }
    const NdInts p{Dtype::kFloat32, 4, 2, 3, add, 0, {2, 4}, {12, 3}};
    launch([&] { kernels::scatterNd(p, i, us, y); });
    expectEqual("y", y.values(), want);
    for (int k = 0; k < 4; k++)
      for (int s = 0; s < 3; s++) wantBack.push_back(k == 3 ? 0 : want[(indices[2 * k] * 4 + indices[2 * k + 1]) * 3 + s]);
    launch([&] { kernels::gatherNd(p, y, i, back); });
    expectEqual("gathered", back.values(), wantBack);
  }
}

LIMBECK_TEST(scatteredSumsOfManyEqualPlaces, "thousands of updates of one place are all added") {
  const int count = 5000, places = 7;
  const auto updates = Numbers(58).integers(count, 3);
  const auto indices = Numbers(59).labels(count, 0, places);
  std::vector<double> want(places);
  for (int k = 0; k < count; k++) want[indices[k]] += updates[k];
  const Buffer<float> us(updates), y(std::vector<float>(places, 0));
  const Buffer<int32_t> i(indices);
  launch([&] { kernels::scatterNd({Dtype::kFloat32, count, 1, 1, 1, 0, {places}, {1}}, i, us, y); });
  expectEqual("y", y.values(), want);
}

LIMBECK_TEST(oneHotRows, "an index outside makes a row without its one") {
  const Buffer<int32_t> indices(std::vector<int32_t>{2, -1, 0, 3});
  const Buffer<float> y(4 * 3);
  launch([&] { kernels::oneHot({Dtype::kFloat32, 4, 3}, {5, 1}, indices, y); });
  expectEqual("y", y.values(), {1, 1, 5, 1, 1, 1, 5, 1, 1, 1, 1, 1});
}

LIMBECK_TEST(confusionCounts, "confusion counts leave out what is ignored or no class") {
  const int count = 3001, classes = 5;
  const auto guesses = Numbers(60).labels(count, -1, classes + 1), labels = Numbers(61).labels(count, -1, classes + 1);
  std::vector<int32_t> want(classes * classes);
  for (int i = 0; i < count; i++) {
    if (labels[i] < 0 || labels[i] >= classes || labels[i] == 2 || guesses[i] < 0 || guesses[i] >= classes) continue;
    want[labels[i] * classes + guesses[i]]++;
  }
  const Buffer<int32_t> g(guesses), l(labels), y(want.size());
  launch([&] { kernels::confusion({count, classes, 2}, g, l, y); });
  expectEqual("y", y.values(), want);
}
