// Elementwise kernels and data movement: small whole numbers, bit for bit.
#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "harness.h"
#include "limbeck/kernels.h"

using namespace limbeck;
using namespace limbeck::test;

namespace {

constexpr Stored kStorages[] = {Stored::kFloat, Stored::kBf16};
constexpr auto kFp32 = cuda::Precision::kFp32;

uint32_t maskOf(std::initializer_list<Stored> buffers) {
  uint32_t mask = 0, bit = 1;
  for (const Stored stored : buffers) mask |= stored == Stored::kBf16 ? bit : 0, bit *= 2;
  return mask;
}

}  // namespace

LIMBECK_TEST(functionsOfEachElement, "functions apply to each element, however many there are and however they are stored") {
  for (const Stored stored : kStorages)
    for (const int count : {1001, 1004, 1008}) {
      const StoredBuffer x(stored, Numbers(51).reals(count, 3)), y(stored, count);
      std::vector<double> relu, sigmoid, sine;
      for (const double value : x.values()) {
        relu.push_back(std::fmax(value, 0)), sigmoid.push_back(1 / (1 + std::exp(-value))), sine.push_back(std::sin(value));
      }
      const auto apply = [&](UnaryOp op) {
        launch([&] { kernels::unary({op, Dtype::kFloat32, Dtype::kFloat32, count}, {0, 0}, x, y); }, kFp32, maskOf({stored, stored}));
      };
      apply(UnaryOp::relu);
      y.expectNear("relu", relu, 0);
      apply(UnaryOp::sigmoid);
      y.expectNear("sigmoid", sigmoid, 1e-6);
      apply(UnaryOp::sin);
      y.expectNear("sin", sine, 1e-6);
    }
}

LIMBECK_TEST(mixedArithmetic, "operands of any storage are broadcast over channels, over pixels and from one number") {
  const int pixels = 21;
  for (const int channels : {5, 4, 12})
    for (int mixture = 0; mixture < 8; mixture++) {
      const auto stored = [&](int buffer) { return kStorages[mixture >> buffer & 1]; };
      Numbers numbers(62);
      const auto full = numbers.integers(pixels * channels, 9), perChannel = numbers.integers(channels, 9), perPixel = numbers.integers(pixels, 9);
      struct Operand {
        const std::vector<float>& values;
        std::vector<int32_t> strides;
      };
      const Operand operands[] = {{full, {channels, 1}}, {perChannel, {0, 1}}, {perPixel, {1, 0}}, {perPixel, {0, 0}}};
      for (const Operand& left : operands)
        for (const Operand& right : operands) {
          const StoredBuffer a(stored(0), left.values), b(stored(1), right.values), y(stored(2), full.size());
          std::vector<double> want;
          for (int i = 0; i < pixels; i++)
            for (int c = 0; c < channels; c++) {
              const auto at = [&](const Operand& o) { return double(o.values[i * o.strides[0] + c * o.strides[1]]); };
              want.push_back(at(left) * at(right));
            }
          BinaryInts p{BinaryOp::multiply, Dtype::kFloat32, Dtype::kFloat32, 2, {pixels, channels, 1, 1, 1, 1, 1, 1}, {}, {}};
          std::copy(left.strides.begin(), left.strides.end(), p.aStrides);
          std::copy(right.strides.begin(), right.strides.end(), p.bStrides);
          launch([&] { kernels::binary(p, a, b, y); }, kFp32, static_cast<uint32_t>(mixture));
          y.expectNear("y", want, 0);
        }
    }
}

LIMBECK_TEST(maximaOfTiesAndNaN, "a maximum with NaN is NaN, in vectors as by element") {
  for (const int count : {7, 8}) {
    std::vector<float> a(count, 1), b(count, 1);
    std::vector<double> want(count, 1);
    a[1] = NAN, b[3] = NAN, want[1] = want[3] = NAN;
    const Buffer<float> as(a), bs(b), y(count);
    const BinaryInts p{BinaryOp::maximum, Dtype::kFloat32, Dtype::kFloat32, 1, {count, 1, 1, 1, 1, 1, 1, 1}, {1}, {1}};
    launch([&] { kernels::binary(p, as, bs, y); });
    expectEqual("y", y.values(), want);
  }
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

LIMBECK_TEST(copiesOfLines, "copies of lines keep to their lines, at any offset and in any width") {
  struct Case { int lines, length, fromStep, toStep, from, to; };
  for (const Case& c : {Case{9, 16, 16, 48, 0, 16}, {9, 16, 32, 16, 16, 0}, {9, 16, 17, 48, 1, 0}, {5, 16, 16, 48, 0, 3}, {7, 6, 6, 20, 0, 2},
                        {3, 32, 64, 70000, 32, 34992}, {4, 16, 0, 16, 16, 0}}) {
    const auto check = [&](auto element, int bytes, uint32_t narrow) {
      using T = decltype(element);
      std::vector<T> x(c.from + (c.lines - 1) * c.fromStep + c.length), want(c.to + (c.lines - 1) * c.toStep + c.length + 5, T(77));
      for (size_t i = 0; i < x.size(); i++) x[i] = static_cast<T>(i * 31 % 251);
      const Buffer<T> xs(x), y(want);
      for (int i = 0; i < c.lines; i++)
        for (int k = 0; k < c.length; k++) want[c.to + i * c.toStep + k] = x[c.from + i * c.fromStep + k];
      launch([&] { kernels::copy({bytes, 2, {c.lines, c.length, 1, 1, 1, 1, 1, 1}, {c.fromStep, 1}, {c.toStep, 1}, c.from, c.to}, xs, y); },
             kFp32, narrow);
      const auto got = y.values();
      expectEqual("y", std::vector<int32_t>(got.begin(), got.end()), std::vector<int32_t>(want.begin(), want.end()));
    };
    check(uint8_t{}, 1, 0);
    check(uint16_t{}, 4, 0b11);  // floats, as the launch stores them
    check(int32_t{}, 4, 0);
  }
}

LIMBECK_TEST(choicesBetweenStorages, "a choice may be stored otherwise than what it chooses from") {
  for (const int channels : {3, 8})
    for (int mixture = 0; mixture < 8; mixture++) {
      const auto stored = [&](int buffer) { return kStorages[mixture >> buffer & 1]; };
      const int pixels = 10;
      Numbers numbers(63);
      const auto a = numbers.integers(pixels * channels, 9), b = numbers.integers(channels, 9);
      std::vector<uint8_t> test;
      std::vector<double> want;
      for (int i = 0; i < pixels; i++) test.push_back(numbers.below(2));
      for (int i = 0; i < pixels * channels; i++) want.push_back(test[i / channels] ? a[i] : b[i % channels]);
      const Buffer<uint8_t> tests(test);
      const StoredBuffer as(stored(0), a), bs(stored(1), b), y(stored(2), a.size());
      const SelectInts p{4, 2, {pixels, channels, 1, 1, 1, 1, 1, 1}, {1, 0}, {channels, 1}, {0, 1}};
      launch([&] { kernels::select(p, tests, as, bs, y); }, kFp32, static_cast<uint32_t>(mixture << 1));
      y.expectNear("y", want, 0);
    }
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
  for (const Stored stored : kStorages)
    for (const int count : {777, 780, 776}) {
      Numbers numbers(55);
      const auto a = numbers.integers(count, 9), b = numbers.integers(count, 9), c = numbers.integers(count, 9);
      const StoredBuffer as(stored, a), bs(stored, b), cs(stored, c), y(stored, count);
      std::vector<double> want;
      for (int i = 0; i < count; i++) want.push_back(a[i] + b[i] + c[i]);
      const std::vector<const void*> buffers{static_cast<float*>(as), static_cast<float*>(bs), static_cast<float*>(cs), static_cast<float*>(y)};
      launch(kernels::addN, buffers, packed(TensorListInts{3}, {count, count, count}), {}, stored == Stored::kBf16 ? kAllNarrow : 0);
      y.expectNear("y", want, 0);
    }
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
