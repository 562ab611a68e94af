// Convolutions and their gradients against plain loops, in each precision and storage: on small integers bit for bit,
// since there sums and operands are exact in fp32, tf32 and bfloat16 alike; on reals within the bound of their roundings.
#include <array>
#include <cmath>
#include <optional>

#include "harness.h"
#include "limbeck/kernels.h"

using namespace limbeck;
using namespace limbeck::test;
using cuda::Precision;

namespace {

struct Sums {
  std::vector<double> value, absolute;
  explicit Sums(size_t count) : value(count), absolute(count) {}
  void add(size_t i, double product) { value[i] += product, absolute[i] += std::fabs(product); }
};

size_t sizeOfX(const ConvInts& p) { return size_t(p.batch) * p.height * p.width * p.inChannels; }
size_t sizeOfY(const ConvInts& p) { return size_t(p.batch) * p.outHeight * p.outWidth * p.outChannels; }
size_t sizeOfFilter(const ConvInts& p) { return size_t(p.filterHeight) * p.filterWidth * (p.inChannels / p.groups) * p.outChannels; }

// Calls visit(place in x, place in the filter, place in y) for every product.
template <typename Visit>
void eachProduct(const ConvInts& p, const Visit& visit) {
  const int depth = p.inChannels / p.groups, columns = p.outChannels / p.groups;
  for (int n = 0; n < p.batch; n++)
    for (int i = 0; i < p.outHeight; i++)
      for (int j = 0; j < p.outWidth; j++)
        for (int h = 0; h < p.filterHeight; h++)
          for (int w = 0; w < p.filterWidth; w++) {
            const int row = i * p.strideHeight - p.padTop + h * p.dilationHeight;
            const int column = j * p.strideWidth - p.padLeft + w * p.dilationWidth;
            if (row < 0 || row >= p.height || column < 0 || column >= p.width) continue;
            for (int k = 0; k < p.outChannels; k++)
              for (int c = 0; c < depth; c++) {
                visit(((size_t(n) * p.height + row) * p.width + column) * p.inChannels + k / columns * depth + c,
                      (size_t(h * p.filterWidth + w) * depth + c) * p.outChannels + k,
                      ((size_t(n) * p.outHeight + i) * p.outWidth + j) * p.outChannels + k);
              }
          }
}

// How a convolution is done: maps that it reads and maps that it writes may be bfloat16.
struct Way {
  Precision precision;
  bool narrowInputs = false, narrowOutputs = false;
};
constexpr Way kWays[] = {{Precision::kFp32}, {Precision::kTf32}, {Precision::kBf16}, {Precision::kBf16, true, true}};
constexpr Way kMixedWays[] = {{Precision::kBf16, true, false}, {Precision::kBf16, false, true}};

// Relative rounding of a product of two operands.
double roundingOf(Precision precision) {
  return precision == Precision::kBf16 ? std::ldexp(1, -7) : precision == Precision::kTf32 ? std::ldexp(1, -9) : 0;
}

// A map as a kernel takes it, and as the loops see it.
class Map {
 public:
  Map(std::vector<float> values, bool isNarrow) : isNarrow_(isNarrow), values_(std::move(values)) {
    if (isNarrow_) {
      narrow_.emplace(narrowed(values_));
      values_ = widened(narrowed(values_));
    } else {
      wide_.emplace(values_);
    }
  }
  // Yet to be written.
  Map(size_t count, bool isNarrow) : isNarrow_(isNarrow) {
    if (isNarrow_) narrow_.emplace(count);
    else wide_.emplace(count);
  }

  operator float*() const { return isNarrow_ ? asFloats(*narrow_) : static_cast<float*>(*wide_); }
  float operator[](size_t i) const { return values_[i]; }
  std::vector<float> values() const { return isNarrow_ ? widened(narrow_->values()) : wide_->values(); }

 private:
  bool isNarrow_;
  std::vector<float> values_;
  std::optional<Buffer<float>> wide_;
  std::optional<Buffer<uint16_t>> narrow_;
};

// Bit for bit what was rounded once at most, or within the roundings of a sum of so many products.
void expectSums(const char* what, const Map& got, Sums want, double terms, const Way& way, bool narrowOutput, bool exact) {
  const double sum = exact ? 0 : std::fmin(terms, 6 * std::sqrt(terms)) * std::ldexp(1, -24) + roundingOf(way.precision);
  std::vector<double> bound(want.value.size());
  for (size_t i = 0; i < bound.size(); i++) {
    bound[i] = sum * want.absolute[i];
    if (!narrowOutput) continue;
    if (exact) want.value[i] = widened(narrowed({static_cast<float>(want.value[i])}))[0];
    else bound[i] += std::ldexp(1, -8) * (std::fabs(want.value[i]) + bound[i]);
  }
  expectWithin(what, got.values(), want.value, bound);
}

void checkConvolution(const ConvInts& p, const Way& way, bool integers) {
  Numbers numbers(17);
  const auto draw = [&](size_t count) { return integers ? numbers.integers(count, 4) : numbers.reals(count); };
  const Map x(draw(sizeOfX(p)), way.narrowInputs), filter(draw(sizeOfFilter(p)), false), bias(draw(p.outChannels), false),
      dy(draw(sizeOfY(p)), way.narrowInputs);
  Sums y(sizeOfY(p)), dx(sizeOfX(p)), dfilter(sizeOfFilter(p));
  for (size_t i = 0; i < sizeOfY(p); i++) y.add(i, bias[i % p.outChannels]);
  eachProduct(p, [&](size_t inX, size_t inFilter, size_t inY) {
    y.add(inY, double(x[inX]) * filter[inFilter]);
    dx.add(inX, double(dy[inY]) * filter[inFilter]);
    dfilter.add(inFilter, double(x[inX]) * dy[inY]);
  });

  const Map ys(sizeOfY(p), way.narrowOutputs), dxs(sizeOfX(p), way.narrowOutputs), dfilters(sizeOfFilter(p), false);
  const uint32_t in = way.narrowInputs, out = way.narrowOutputs;
  launch([&] { kernels::conv2d(p, x, filter, bias, ys); }, way.precision, in | out << 3);
  launch([&] { kernels::conv2dGradInput(p, dy, filter, dxs); }, way.precision, in | out << 2);
  launch([&] { kernels::conv2dGradFilter(p, x, dy, dfilters); }, way.precision, in | in << 1);
  const double taps = p.filterHeight * p.filterWidth;
  expectSums("y", ys, y, taps * p.inChannels + 1, way, way.narrowOutputs, integers);
  expectSums("dx", dxs, dx, taps * p.outChannels, way, way.narrowOutputs, integers);
  expectSums("dfilter", dfilters, dfilter, double(p.batch) * p.outHeight * p.outWidth, way, false, integers);
}

struct Shape {
  int batch, height, width, inChannels, filter, outChannels;
  int stride = 1, pad = 0, dilation = 1, groups = 1;
};

ConvInts paramsOf(const Shape& s) {
  const auto extent = [&](int length) { return (length + 2 * s.pad - (s.filter - 1) * s.dilation - 1) / s.stride + 1; };
  return {s.batch, s.height, s.width, s.inChannels, s.filter, s.filter, s.outChannels, extent(s.height), extent(s.width),
          s.stride, s.stride, s.pad, s.pad, s.dilation, s.dilation, s.groups};
}

void checkShape(const Shape& shape) {
  for (const Way& way : kWays) checkConvolution(paramsOf(shape), way, true);
}

}  // namespace

LIMBECK_TEST(convOfThreeChannels, "a convolution of three channels is that of plain loops") {
  checkShape({1, 9, 11, 3, 3, 5, 1, 1});
}
LIMBECK_TEST(convOfOneChannel, "a convolution of one channel, and of 19 outputs, is that of plain loops") {
  checkShape({1, 9, 10, 1, 3, 19, 2, 1});
}
LIMBECK_TEST(convInGroupsOfOddChannels, "channels of a group need not be as many as are read at a time") {
  checkShape({1, 7, 8, 9, 3, 15, 1, 1, 1, 3});
}
LIMBECK_TEST(convInVectors, "a convolution in vectors is that of plain loops") {
  checkShape({2, 4, 5, 16, 3, 72, 1, 1});
}
LIMBECK_TEST(convOfManyColumns, "a convolution of more columns than a tile is that of plain loops") {
  checkShape({1, 12, 11, 8, 1, 136});
}
LIMBECK_TEST(convSplitsItsDepth, "a convolution that splits its depth adds every part once") {
  checkShape({1, 6, 5, 64, 3, 8, 1, 1});
}
LIMBECK_TEST(convByStrideTwo, "a convolution by stride 2 and its gradients are those of plain loops") {
  checkShape({2, 9, 12, 8, 3, 16, 2, 1});
}
LIMBECK_TEST(convByStrideTwoOfOddChannels, "a convolution by stride 2 need not read in vectors") {
  checkShape({1, 8, 9, 5, 2, 3, 2, 0});
}
LIMBECK_TEST(convByStrideThreeDilatedByTwo, "stride and dilation without a common factor meet the right taps") {
  checkShape({1, 14, 13, 8, 3, 8, 3, 2, 2});
}
LIMBECK_TEST(convByStrideAndDilationWithCommonFactor, "stride and dilation with a common factor meet the right taps") {
  checkShape({1, 15, 13, 8, 3, 8, 4, 3, 6});
}
LIMBECK_TEST(convByStrideBeyondItsFilter, "pixels that a large stride passes over have gradient 0") {
  checkShape({1, 17, 16, 8, 2, 8, 7, 0});
}
LIMBECK_TEST(convDilatedBeyondTheMap, "taps outside the map add nothing") { checkShape({1, 6, 6, 8, 3, 8, 1, 9, 9}); }
LIMBECK_TEST(convInGroups, "a convolution in groups reads its own channels only") {
  checkShape({1, 7, 8, 24, 3, 16, 1, 1, 1, 2});
}
LIMBECK_TEST(convInGroupsByStride, "a convolution in groups by stride 2 reads its own channels only") {
  checkShape({1, 7, 8, 16, 3, 32, 2, 1, 1, 2});
}
LIMBECK_TEST(convOfOneChannelToTwo, "each channel may have several filters of its own") {
  checkShape({1, 7, 8, 4, 3, 8, 1, 1, 1, 4});
}
LIMBECK_TEST(convOfNoRoom, "a filter as large as the map has one place") { checkShape({1, 2, 2, 8, 2, 8, 1, 0}); }
LIMBECK_TEST(depthwiseConv, "a depthwise convolution is that of plain loops") {
  checkShape({2, 9, 10, 37, 3, 37, 1, 1, 1, 37});
}
LIMBECK_TEST(depthwiseConvByStrideAndDilation, "a depthwise convolution may have stride and dilation") {
  checkShape({1, 19, 21, 5, 3, 5, 2, 2, 2, 5});
}
LIMBECK_TEST(depthwiseConvOfManyPixels, "a depthwise filter gradient in parts adds every part once") {
  checkShape({1, 30, 30, 3, 2, 3, 1, 0, 1, 3});
}

LIMBECK_TEST(convPaddedUnevenly, "padding, stride, dilation and filter may differ between rows and columns") {
  for (const Way& way : kWays) checkConvolution({1, 6, 9, 8, 2, 3, 16, 7, 5, 1, 2, 2, 0, 1, 1, 1}, way, true);
}

LIMBECK_TEST(convOfReals, "convolutions of reals stay within the bound of their roundings") {
  for (const Way& way : kWays) {
    checkConvolution(paramsOf({1, 8, 9, 16, 3, 24, 1, 1}), way, false);
    checkConvolution(paramsOf({1, 8, 9, 16, 3, 24, 2, 1}), way, false);
  }
}

LIMBECK_TEST(convOfMixedStorage, "a convolution may read one storage and write another") {
  for (const Way& way : kMixedWays) {
    checkConvolution(paramsOf({1, 8, 9, 3, 3, 19, 1, 1}), way, false);
    checkConvolution(paramsOf({1, 8, 9, 6, 3, 6, 1, 1, 1, 6}), way, false);
    checkConvolution(paramsOf({1, 6, 5, 64, 3, 8, 2, 1}), way, true);
  }
}

LIMBECK_TEST(convRepeatsItsBits, "a filter gradient has the same bits every time") {
  const ConvInts p = paramsOf({2, 20, 20, 8, 3, 8, 1, 1});
  Numbers numbers(3);
  const Buffer<float> x(numbers.reals(sizeOfX(p))), dy(numbers.reals(sizeOfY(p)));
  std::vector<float> first;
  for (int round = 0; round < 2; round++) {
    const Buffer<float> dfilter(sizeOfFilter(p));
    launch([&] { kernels::conv2dGradFilter(p, x, dy, dfilter); });
    if (round == 0) first = dfilter.values();
    if (dfilter.values() != first) fail("two runs differ");
  }
}

LIMBECK_TEST(narrowPrecisionIsUsed, "operands are rounded as the precision asks, however many channels there are") {
  for (const auto& [channels, outputs, groups] : {std::array{8, 8, 1}, {3, 5, 1}, {1, 19, 1}, {9, 6, 3}}) {
    const ConvInts p = paramsOf({1, 4, 4, channels, 1, outputs, 1, 0, 1, groups});
    const float most = 1.0f + 1.0f / 4096;  // rounds to 1
    const Buffer<float> x(std::vector<float>(sizeOfX(p), most)), dy(std::vector<float>(sizeOfY(p), most)),
        filter(std::vector<float>(sizeOfFilter(p), 1.0f)), y(sizeOfY(p)), dx(sizeOfX(p)), dfilter(sizeOfFilter(p));
    for (const Precision precision : {Precision::kFp32, Precision::kTf32, Precision::kBf16}) {
      launch([&] { kernels::conv2d(p, x, filter, nullptr, y); }, precision);
      launch([&] { kernels::conv2dGradInput(p, dy, filter, dx); }, precision);
      launch([&] { kernels::conv2dGradFilter(p, x, dy, dfilter); }, precision);
      const bool rounded[] = {y.values()[0] == channels / groups, dx.values()[0] == outputs / groups,
                              dfilter.values()[0] == 16};
      for (const bool each : rounded) {
        if (each == (precision == Precision::kFp32)) fail("an operand is not rounded as asked");
      }
    }
  }
}

LIMBECK_TEST(convOfNoChannelsIsTheBias, "a convolution of no channels is its bias") {
  const Buffer<float> none(size_t{0}), bias(std::vector<float>{1, 2, 3});
  for (const Precision precision : {Precision::kFp32, Precision::kTf32, Precision::kBf16}) {
    const Buffer<float> y(4 * 3);
    launch([&] { kernels::conv2d({1, 2, 2, 0, 1, 1, 3, 2, 2, 1, 1, 0, 0, 1, 1, 1}, none, none, bias, y); }, precision);
    expectEqual("y", y.values(), {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3});
  }
}
