// Kernels that are linear in the map that they read, and their gradients, against the sum of their terms: pools, resizing,
// polyphase parts, strips.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "harness.h"
#include "limbeck/kernels.h"

using namespace limbeck;
using namespace limbeck::test;

namespace {

constexpr double kTolerance = 2e-6;

// visit(pixel of y, pixel of x, weight)
using Visit = std::function<void(size_t, size_t, double)>;
using Terms = std::function<void(const Visit&)>;
// Calls the kernel, all of whose maps are stored alike.
using Run = std::function<void(const float* from, const float* x, float* to)>;

// y = Σ weight · x and dx = Σ weight · dy, pixel by pixel and channel by channel; of squares of x where `square`.
struct Linear {
  size_t xPixels, yPixels;
  int channels;
  bool square;
  Terms terms;
  std::vector<double> y, dx;

  void compute(const std::vector<float>& x, const std::vector<float>& dy) {
    y.assign(yPixels * channels, 0), dx.assign(xPixels * channels, 0);
    terms([&](size_t to, size_t from, double weight) {
      for (int c = 0; c < channels; c++) {
        const double value = x[from * channels + c];
        y[to * channels + c] += weight * (square ? value * value : value);
        dx[from * channels + c] += weight * dy[to * channels + c] * (square ? 2 * value : 1);
      }
    });
  }
};

// Where y is no map, it is always float.
void checkLinear(size_t xPixels, size_t yPixels, int channels, bool square, const Terms& terms, const Run& forward,
                 const Run& backward, bool yIsMap = true) {
  Linear linear{xPixels, yPixels, channels, square, terms, {}, {}};
  Numbers numbers(21);
  const auto x = numbers.reals(xPixels * channels), dy = numbers.reals(yPixels * channels);
  linear.compute(x, dy);
  const Buffer<float> xs(x), dys(dy), ys(dy.size()), dxs(x.size());
  launch([&] { forward(xs, xs, ys); });
  launch([&] { backward(dys, xs, dxs); });
  expectNear("y", ys.values(), linear.y, kTolerance);
  expectNear("dx", dxs.values(), linear.dx, kTolerance);

  const auto xBits = narrowed(x), dyBits = narrowed(dy);
  const Buffer<uint16_t> narrowX(xBits), narrowDy(dyBits), narrowY(dy.size()), narrowDx(x.size());
  if (!yIsMap) {
    linear.compute(widened(xBits), dy);
    launch([&] { forward(asFloats(narrowX), asFloats(narrowX), ys); }, cuda::Precision::kFp32, 0b01);
    launch([&] { backward(dys, asFloats(narrowX), asFloats(narrowDx)); }, cuda::Precision::kFp32, 0b110);
    expectNear("y of a map of bfloat16", ys.values(), linear.y, kTolerance);
    expectStoredNear("dx of bfloat16", narrowDx.values(), linear.dx, kTolerance);
    return;
  }
  linear.compute(widened(xBits), widened(dyBits));
  launch([&] { forward(asFloats(narrowX), asFloats(narrowX), asFloats(narrowY)); }, cuda::Precision::kFp32, kAllNarrow);
  launch([&] { backward(asFloats(narrowDy), asFloats(narrowX), asFloats(narrowDx)); }, cuda::Precision::kFp32, kAllNarrow);
  expectStoredNear("y of bfloat16", narrowY.values(), linear.y, kTolerance);
  expectStoredNear("dx of bfloat16", narrowDx.values(), linear.dx, kTolerance);
}

size_t mapPixels(const PoolInts& p) { return size_t(p.batch) * p.height * p.width; }
size_t windows(const PoolInts& p) { return size_t(p.batch) * p.outHeight * p.outWidth; }

// Calls visit(window, its pixels) for each window.
void eachWindow(const PoolInts& p, const std::function<void(size_t, const std::vector<size_t>&)>& visit) {
  for (size_t at = 0; at < windows(p); at++) {
    const int j = at % p.outWidth, i = at / p.outWidth % p.outHeight, n = static_cast<int>(at / p.outWidth / p.outHeight);
    std::vector<size_t> pixels;
    for (int h = 0; h < p.filterHeight; h++)
      for (int w = 0; w < p.filterWidth; w++) {
        const int row = i * p.strideHeight - p.padTop + h * p.dilationHeight, column = j * p.strideWidth - p.padLeft + w * p.dilationWidth;
        if (row < 0 || row >= p.height || column < 0 || column >= p.width) continue;
        pixels.push_back((size_t(n) * p.height + row) * p.width + column);
      }
    visit(at, pixels);
  }
}

constexpr PoolInts kPools[] = {{2, 6, 8, 5, 2, 2, 3, 4, 2, 2, 0, 0, 1, 1},
                               {1, 7, 7, 64, 3, 3, 4, 4, 2, 2, 1, 1, 1, 1},
                               {1, 9, 8, 3, 3, 2, 9, 7, 1, 1, 2, 0, 2, 1},
                               {1, 5, 5, 4, 5, 5, 1, 1, 7, 7, 0, 0, 1, 1}};

}  // namespace

LIMBECK_TEST(averagePools, "padding counts in no mean, and means share out their gradient") {
  for (const PoolInts& p : kPools) {
    const Terms terms = [&](const Visit& visit) {
      eachWindow(p, [&](size_t at, const std::vector<size_t>& pixels) {
        for (const size_t pixel : pixels) visit(at, pixel, 1.0 / pixels.size());
      });
    };
    checkLinear(mapPixels(p), windows(p), p.channels, false, terms,
                [&](const float* x, const float*, float* y) { kernels::avgPool(p, x, y); },
                [&](const float* dy, const float*, float* dx) { kernels::avgPoolGrad(p, dy, dx); });
  }
}

LIMBECK_TEST(maximumPools, "the first maximum of a window gets the gradient") {
  for (const PoolInts& p : kPools) {
    Numbers numbers(22);
    const auto x = numbers.integers(mapPixels(p) * p.channels, 6), dy = numbers.integers(windows(p) * p.channels, 6);
    std::vector<double> y(dy.size()), dx(x.size());
    std::vector<int32_t> index(dy.size());
    eachWindow(p, [&](size_t at, const std::vector<size_t>& pixels) {
      for (int c = 0; c < p.channels; c++) {
        const size_t best = *std::max_element(pixels.begin(), pixels.end(), [&](size_t a, size_t b) {
          return x[a * p.channels + c] < x[b * p.channels + c];
        });
        y[at * p.channels + c] = x[best * p.channels + c];
        index[at * p.channels + c] = static_cast<int32_t>(best % (size_t(p.height) * p.width));
        dx[best * p.channels + c] += dy[at * p.channels + c];
      }
    });
    const Buffer<float> xs(x), dys(dy), ys(y.size()), dxs(dx.size());
    const Buffer<int32_t> indices(y.size()), sameIndices(y.size());
    launch([&] { kernels::maxPool(p, xs, ys, indices); });
    launch([&] { kernels::maxPoolGrad(p, dys, indices, dxs); });
    expectEqual("y", ys.values(), y);
    expectEqual("index", indices.values(), index);
    expectEqual("dx", dxs.values(), dx);

    const Buffer<uint16_t> narrowX(narrowed(x)), narrowDy(narrowed(dy)), narrowY(y.size()), narrowDx(dx.size());
    launch([&] { kernels::maxPool(p, asFloats(narrowX), asFloats(narrowY), sameIndices); }, cuda::Precision::kFp32, 0b11);
    launch([&] { kernels::maxPoolGrad(p, asFloats(narrowDy), indices, asFloats(narrowDx)); }, cuda::Precision::kFp32, 0b101);
    expectStoredNear("y of bfloat16", narrowY.values(), y, 0);
    expectEqual("index of bfloat16", sameIndices.values(), index);
    expectStoredNear("dx of bfloat16", narrowDx.values(), dx, 0);
  }
}

LIMBECK_TEST(maximumOfNaN, "the first NaN of a window wins") {
  for (const int channels : {1, 4}) {
    const PoolInts p{1, 1, 4, channels, 1, 4, 1, 1, 1, 1, 0, 0, 1, 1};
    std::vector<float> x(4 * channels, 1);
    x[0] = INFINITY;
    x[2 * channels] = x[3 * channels] = NAN;
    const Buffer<float> xs(x), y(channels);
    const Buffer<int32_t> index(channels);
    launch([&] { kernels::maxPool(p, xs, y, index); });
    std::vector<double> want(channels, 1);
    std::vector<int32_t> places(channels);
    want[0] = NAN, places[0] = 2;
    expectEqual("y", y.values(), want);
    expectEqual("index", index.values(), places);
  }
}

LIMBECK_TEST(bilinearResizing, "bilinear resizing and its gradient are those of plain loops in each convention") {
  struct Case { int height, width, outHeight, outWidth; };
  for (const Case& c : {Case{4, 5, 9, 10}, {8, 6, 3, 4}, {1, 1, 5, 3}, {7, 7, 7, 7}}) {
    for (const auto& [mode, channels] : {std::pair{0, 3}, {1, 3}, {2, 3}, {0, 4}, {0, 8}, {2, 16}}) {
      const ResizeInts p{2, c.height, c.width, channels, c.outHeight, c.outWidth, mode == 1, mode == 2};
      // the samples of one axis: low, high, weight of high
      const auto sample = [&](int i, int input, int output) {
        const double scale = p.alignCorners && output > 1 ? double(input - 1) / (output - 1) : double(input) / output;
        const double place = std::fmax(0, p.halfPixelCenters ? scale * (i + 0.5) - 0.5 : scale * i);
        const int low = std::min(static_cast<int>(place), input - 1);
        return std::make_tuple(low, std::min(low + 1, input - 1), place - std::floor(place));
      };
      const Terms terms = [&](const Visit& visit) {
        for (int n = 0; n < p.batch; n++)
          for (int i = 0; i < p.outHeight; i++)
            for (int j = 0; j < p.outWidth; j++) {
              const auto [top, bottom, down] = sample(i, p.height, p.outHeight);
              const auto [left, right, across] = sample(j, p.width, p.outWidth);
              const size_t to = (size_t(n) * p.outHeight + i) * p.outWidth + j, image = size_t(n) * p.height * p.width;
              visit(to, image + top * p.width + left, (1 - down) * (1 - across));
              visit(to, image + top * p.width + right, (1 - down) * across);
              visit(to, image + bottom * p.width + left, down * (1 - across));
              visit(to, image + bottom * p.width + right, down * across);
            }
      };
      checkLinear(size_t(2) * c.height * c.width, size_t(2) * c.outHeight * c.outWidth, channels, false, terms,
                  [&](const float* x, const float*, float* y) { kernels::resizeBilinear(p, x, y); },
                  [&](const float* dy, const float*, float* dx) { kernels::resizeBilinearGrad(p, dy, dx); });
    }
  }
}

LIMBECK_TEST(bilinearResizingOnSamples, "an output sample that lies on an input sample reads no other") {
  const ResizeInts p{1, 1, 3, 1, 1, 9, 0, 1};  // by 3, which no double divides: samples 1, 4 and 7
  for (int spoilt = 0; spoilt < 3; spoilt++) {
    std::vector<float> x{1, 2, 3};
    x[spoilt] = NAN;
    const Buffer<float> xs(x), ys(9);
    launch([&] { kernels::resizeBilinear(p, xs, ys); });
    const std::vector<float> y = ys.values();
    expectEqual("y", std::vector<float>{y[1], y[4], y[7]}, std::vector<double>(x.begin(), x.end()));
  }
}

LIMBECK_TEST(nearestResizing, "nearest resizing and its gradient are those of plain loops") {
  for (const int channels : {5, 4, 8}) {
    const ResizeInts p{2, 4, 3, channels, 9, 7, 0, 0};
    const Terms terms = [&](const Visit& visit) {
      for (int n = 0; n < p.batch; n++)
        for (int i = 0; i < p.outHeight; i++)
          for (int j = 0; j < p.outWidth; j++) {
            visit((size_t(n) * p.outHeight + i) * p.outWidth + j,
                  (size_t(n) * p.height + i * p.height / p.outHeight) * p.width + j * p.width / p.outWidth, 1);
          }
    };
    checkLinear(size_t(2) * 4 * 3, size_t(2) * 9 * 7, channels, false, terms,
                [&](const float* x, const float*, float* y) { kernels::resizeNearest(p, x, y); },
                [&](const float* dy, const float*, float* dx) { kernels::resizeNearestGrad(p, dy, dx); });
  }
}

LIMBECK_TEST(polyphaseParts, "polyphase parts add up in pairs, with every padding") {
  for (const PolyphasePad pad : {PolyphasePad::kReplicate, PolyphasePad::kZero, PolyphasePad::kCrop})
    for (const auto& [square, channels] : {std::pair{0, 5}, {1, 5}, {0, 8}, {1, 16}, {1, 12}}) {
      const std::vector<int32_t> pairs{0, 3, 1, 2, 0, 0};
      const PolyphaseInts p{2, 7, 6, channels, pad, square, 3};
      const int rows = pad == PolyphasePad::kCrop ? 3 : 4, columns = 3;
      const Terms terms = [&](const Visit& visit) {
        for (int k = 0; k < 2 * p.pairCount; k++)
          for (int n = 0; n < p.batch; n++)
            for (int i = 0; i < rows; i++)
              for (int j = 0; j < columns; j++) {
                int row = 2 * i + pairs[k] / 2;
                if (row >= p.height && pad == PolyphasePad::kZero) continue;
                row = std::min(row, p.height - 1);
                visit(((size_t(k / 2) * p.batch + n) * rows + i) * columns + j, (size_t(n) * p.height + row) * p.width + 2 * j + pairs[k] % 2, 1);
              }
      };
      checkLinear(size_t(2) * 7 * 6, size_t(3) * 2 * rows * columns, channels, square, terms,
                  [&](const float* x, const float*, float* y) { call(kernels::polyphase, {x, y}, packed(p, pairs)); },
                  [&](const float* dy, const float* x, float* dx) { call(kernels::polyphaseGrad, {dy, x, dx}, packed(p, pairs)); });
    }
}

LIMBECK_TEST(stripPools, "strips of every scale are means of their cells, and of squares where asked") {
  struct Case { int height, width, channels; std::vector<int32_t> scales; int square; };
  for (const Case& c : {Case{6, 8, 3, {1, 2}, 0}, {9, 7, 40, {1, 2, 4}, 1}, {1, 1, 1, {1}, 0}, {7, 5, 12, {1, 2}, 1}, {40, 33, 5, {1, 3}, 0}}) {
    int strips = 0;
    for (const int scale : c.scales) strips += scale * scale * (c.height / scale + c.width / scale);
    const StripPoolInts p{2, c.height, c.width, c.channels, c.square, strips, static_cast<int32_t>(c.scales.size())};
    const Terms terms = [&](const Visit& visit) {
      for (int n = 0; n < p.batch; n++) {
        int strip = n * strips;
        for (const int scale : c.scales) {
          const int height = p.height / scale, width = p.width / scale;
          for (int cell = 0; cell < scale * scale; cell++, strip += height + width)
            for (int i = 0; i < height; i++)
              for (int j = 0; j < width; j++) {
                const size_t pixel = (size_t(n) * p.height + cell / scale * height + i) * p.width + cell % scale * width + j;
                visit(strip + i, pixel, 1.0 / width);
                visit(strip + height + j, pixel, 1.0 / height);
              }
        }
      }
    };
    checkLinear(size_t(2) * c.height * c.width, size_t(2) * strips, c.channels, c.square, terms,
                [&](const float* x, const float*, float* y) { call(kernels::stripPool, {x, y}, packed(p, c.scales)); },
                [&](const float* dy, const float* x, float* dx) { call(kernels::stripPoolGrad, {dy, x, dx}, packed(p, c.scales)); },
                false);
  }
}
