// Convolution and its two gradients against loops over their definition, exactly: sums of products of small integers
// are the same in any order.
#include <cmath>
#include <limits>

#include "harness.h"
#include "limbeck/params.h"

using namespace limbeck;
using test::Bench;
using test::Numbers;

namespace {

struct Sizes {
  size_t x, filter, y;
};

Sizes sizesOf(const ConvInts& p) {
  return {static_cast<size_t>(p.batch) * p.height * p.width * p.inChannels,
          static_cast<size_t>(p.filterHeight) * p.filterWidth * (p.inChannels / p.groups) * p.outChannels,
          static_cast<size_t>(p.batch) * p.outHeight * p.outWidth * p.outChannels};
}

// Calls visit(place in x, in the filter, in y) for each product of the convolution.
template <typename Visit>
void forEachProduct(const ConvInts& p, Visit visit) {
  const int depth = p.inChannels / p.groups, columns = p.outChannels / p.groups;
  for (int n = 0; n < p.batch; n++) {
    for (int i = 0; i < p.outHeight; i++) {
      for (int j = 0; j < p.outWidth; j++) {
        for (int h = 0; h < p.filterHeight; h++) {
          for (int w = 0; w < p.filterWidth; w++) {
            const int row = i * p.strideHeight - p.padTop + h * p.dilationHeight;
            const int column = j * p.strideWidth - p.padLeft + w * p.dilationWidth;
            if (row < 0 || column < 0 || row >= p.height || column >= p.width) continue;
            const size_t pixel = ((static_cast<size_t>(n) * p.height + row) * p.width + column) * p.inChannels;
            const size_t tap = (static_cast<size_t>(h) * p.filterWidth + w) * depth;
            const size_t outPixel = ((static_cast<size_t>(n) * p.outHeight + i) * p.outWidth + j) * p.outChannels;
            for (int o = 0; o < p.outChannels; o++) {
              for (int k = 0; k < depth; k++) {
                visit(pixel + o / columns * depth + k, (tap + k) * p.outChannels + o, outPixel + o);
              }
            }
          }
        }
      }
    }
  }
}

// A convolution of any kind that is small enough for loops; false where its window is larger than its map.
bool draw(Numbers& numbers, ConvInts& p) {
  const auto between = [&](int low, int high) { return numbers.between(low, high); };
  p.batch = between(1, 3);
  p.height = between(1, 12);
  p.width = between(1, numbers.oneIn(4) ? 40 : 12);
  p.groups = numbers.oneIn(4) ? between(2, 3) : 1;
  int depth = between(1, numbers.oneIn(5) ? 140 : 20);
  int columns = between(1, numbers.oneIn(3) ? 100 : 24);
  if (numbers.oneIn(6)) {  // depthwise
    p.groups = between(1, 40);
    depth = columns = 1;
  }
  p.inChannels = depth * p.groups;
  p.outChannels = columns * p.groups;
  p.filterHeight = between(1, 4);
  p.filterWidth = between(1, 4);
  p.strideHeight = between(1, 3);
  p.strideWidth = between(1, 3);
  p.dilationHeight = between(1, 3);
  p.dilationWidth = between(1, 3);
  p.padTop = between(0, 3);
  p.padLeft = between(0, 3);
  const int height = p.height + p.padTop + between(0, 3), width = p.width + p.padLeft + between(0, 3);
  const int windowHeight = (p.filterHeight - 1) * p.dilationHeight + 1;
  const int windowWidth = (p.filterWidth - 1) * p.dilationWidth + 1;
  p.outHeight = (height - windowHeight) / p.strideHeight + 1;
  p.outWidth = (width - windowWidth) / p.strideWidth + 1;
  return height >= windowHeight && width >= windowWidth;
}

std::string describe(const ConvInts& p) {
  const auto pair = [](int a, int b) { return std::to_string(a) + "×" + std::to_string(b); };
  return std::to_string(p.batch) + " maps " + pair(p.height, p.width) + " " + std::to_string(p.inChannels) + " → " +
         pair(p.outHeight, p.outWidth) + " " + std::to_string(p.outChannels) + ", filter " +
         pair(p.filterHeight, p.filterWidth) + ", stride " + pair(p.strideHeight, p.strideWidth) + ", dilation " +
         pair(p.dilationHeight, p.dilationWidth) + ", padding " + pair(p.padTop, p.padLeft) + ", groups " +
         std::to_string(p.groups);
}

void expectSame(const char* what, const std::vector<float>& got, const std::vector<double>& want, const ConvInts& p) {
  for (size_t i = 0; i < want.size(); i++) {
    if (got[i] == want[i]) continue;
    test::fail(std::string(what) + "[" + std::to_string(i) + "] = " + std::to_string(got[i]) + ", expected " +
               std::to_string(want[i]) + ": " + describe(p));
  }
}

void checkConvolution(Bench& bench, const ConvInts& p, Numbers& numbers) {
  const Sizes sizes = sizesOf(p);
  const auto x = numbers.integers(sizes.x), filter = numbers.integers(sizes.filter), dy = numbers.integers(sizes.y);
  const auto bias = numbers.integers(p.outChannels);
  const bool biased = numbers.oneIn(2);
  std::vector<double> y(sizes.y), dx(sizes.x), dfilter(sizes.filter);
  for (size_t i = 0; biased && i < y.size(); i++) y[i] = bias[i % p.outChannels];
  forEachProduct(p, [&](size_t in, size_t tap, size_t out) {
    y[out] += x[in] * filter[tap];
    dx[in] += dy[out] * filter[tap];
    dfilter[tap] += dy[out] * x[in];
  });
  const float unset = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> gotY(sizes.y, unset), gotDx(sizes.x, unset), gotDfilter(sizes.filter, unset);
  bench.run("conv2d", {x.data(), filter.data(), biased ? bias.data() : nullptr, gotY.data()}, p);
  bench.run("conv2dGradInput", {dy.data(), filter.data(), gotDx.data()}, p);
  bench.run("conv2dGradFilter", {x.data(), dy.data(), gotDfilter.data()}, p);
  expectSame("y", gotY, y, p);
  expectSame("dx", gotDx, dx, p);
  expectSame("dfilter", gotDfilter, dfilter, p);
}

}  // namespace

LIMBECK_TEST(convolutions, "convolutions of any kind and their gradients are what their definition says") {
  for (const InstructionSet* set : test::usableSets()) {
    Numbers numbers(1);
    for (const int threads : {1, 3}) {
      Bench bench(*set, threads);
      for (int left = 60; left > 0;) {
        ConvInts p;
        if (!draw(numbers, p)) continue;
        checkConvolution(bench, p, numbers);
        left--;
      }
    }
  }
}

// The largest filters that threads sum apart and the smallest that they share out lie on both sides of this one.
LIMBECK_TEST(deepConvolutions, "deep layers are exact, whichever way threads share them") {
  for (const InstructionSet* set : test::usableSets()) {
    Bench bench(*set, 2);
    Numbers numbers(2);
    for (const int channels : {96, 192}) {
      checkConvolution(bench, {1, 4, 4, channels, 3, 3, 192, 4, 4, 1, 1, 1, 1, 1, 1, 1}, numbers);
    }
  }
}

LIMBECK_TEST(deterministic, "a convolution gives the same bits each time, for a fixed number of threads") {
  const ConvInts p{2, 24, 24, 20, 3, 3, 40, 24, 24, 1, 1, 1, 1, 1, 1, 1};
  const Sizes sizes = sizesOf(p);
  Numbers numbers(3);
  auto x = numbers.integers(sizes.x), dy = numbers.integers(sizes.y);
  for (auto* values : {&x, &dy}) {
    for (float& value : *values) value = std::sin(value) + 0.1f * value;  // no more exact
  }
  for (const InstructionSet* set : test::usableSets()) {
    Bench bench(*set, 3);
    std::vector<float> first(sizes.filter), again(sizes.filter);
    bench.run("conv2dGradFilter", {x.data(), dy.data(), first.data()}, p);
    for (int round = 0; round < 10; round++) {
      bench.run("conv2dGradFilter", {x.data(), dy.data(), again.data()}, p);
      test::expect(first == again, std::string("a filter gradient changed on ") + set->name);
    }
  }
}
