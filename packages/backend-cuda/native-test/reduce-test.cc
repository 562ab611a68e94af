// Reductions, orders and softmax against plain loops, over short and long axes, with and without inner ones.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness.h"
#include "limbeck/kernels.h"

using namespace limbeck;
using namespace limbeck::test;

namespace {

struct Extents {
  int outer, length, inner;
  size_t count() const { return size_t(outer) * length * inner; }
};
constexpr Extents kExtents[] = {{3, 5, 1}, {2, 3000, 1}, {1, 70000, 1}, {4, 33, 7}, {1, 900, 40}, {300, 2, 3}, {1, 1, 1}};

// Calls visit(result, elements along the length) for each result.
template <typename T, typename Visit>
void eachLine(const Extents& e, const std::vector<T>& x, const Visit& visit) {
  for (int o = 0; o < e.outer; o++)
    for (int i = 0; i < e.inner; i++) {
      std::vector<double> line(e.length);
      for (int k = 0; k < e.length; k++) line[k] = x[(size_t(o) * e.length + k) * e.inner + i];
      visit(size_t(o) * e.inner + i, line);
    }
}

}  // namespace

LIMBECK_TEST(sumMeanAndExtremes, "sums, means and extremes of axes of any length are those of plain loops") {
  for (const Extents& e : kExtents) {
    const auto x = Numbers(1).integers(e.count(), 9);
    const Buffer<float> xs(x);
    const Buffer<uint16_t> narrowX(narrowed(x));
    for (const Reduction op : {Reduction::kSum, Reduction::kMean, Reduction::kMax, Reduction::kMin}) {
      std::vector<double> want(size_t(e.outer) * e.inner);
      eachLine(e, x, [&](size_t at, const std::vector<double>& line) {
        const double sum = std::accumulate(line.begin(), line.end(), 0.0);
        want[at] = op == Reduction::kSum    ? sum
                   : op == Reduction::kMean ? sum / e.length
                   : op == Reduction::kMax  ? *std::max_element(line.begin(), line.end())
                                            : *std::min_element(line.begin(), line.end());
      });
      const Buffer<float> y(want.size()), ofNarrow(want.size());
      const ReduceInts p{op, Dtype::kFloat32, e.outer, e.length, e.inner};
      launch([&] { kernels::reduce(p, xs, y); });
      expectNear("y", y.values(), want, op == Reduction::kMean ? 1e-6 : 0);
      launch([&] { kernels::reduce(p, narrowX, ofNarrow); }, cuda::Precision::kBf16, 0b1);
      expectNear("y of bfloat16", ofNarrow.values(), want, op == Reduction::kMean ? 1e-6 : 0);
    }
  }
}

LIMBECK_TEST(placesOfExtremes, "the first of equal extremes is chosen") {
  for (const Extents& e : kExtents) {
    const auto x = Numbers(2).integers(e.count(), 5);  // ties everywhere: the first one counts
    const Buffer<float> xs(x);
    for (const int largest : {0, 1}) {
      std::vector<int32_t> want(size_t(e.outer) * e.inner);
      eachLine(e, x, [&](size_t at, const std::vector<double>& line) {
        const auto place = largest ? std::max_element(line.begin(), line.end()) : std::min_element(line.begin(), line.end());
        want[at] = static_cast<int32_t>(place - line.begin());
      });
      const Buffer<int32_t> y(want.size());
      launch([&] { kernels::argExtreme({largest, Dtype::kFloat32, e.outer, e.length, e.inner}, xs, y); });
      expectEqual("y", y.values(), want);
    }
  }
}

LIMBECK_TEST(cumulativeSums, "cumulative sums go either way, with the element or without") {
  for (const Extents& e : kExtents) {
    const auto x = Numbers(3).integers(e.count(), 3);
    const Buffer<float> xs(x), y(e.count());
    for (int mode = 0; mode < 4; mode++) {
      const bool exclusive = mode & 1, reverse = mode & 2;
      std::vector<double> want(e.count());
      for (int o = 0; o < e.outer; o++)
        for (int i = 0; i < e.inner; i++) {
          double sum = 0;
          for (int step = 0; step < e.length; step++) {
            const size_t at = (size_t(o) * e.length + (reverse ? e.length - 1 - step : step)) * e.inner + i;
            want[at] = exclusive ? sum : sum + x[at];
            sum += x[at];
          }
        }
      launch([&] { kernels::cumulate({Reduction::kSum, Dtype::kFloat32, e.outer, e.length, e.inner, exclusive, reverse}, xs, y); });
      expectEqual("y", y.values(), want);
    }
  }
}

LIMBECK_TEST(largestOfEachRow, "the largest of a row come in order, the first of equals first") {
  struct Case { int rows, length, k; };
  for (const Case& c : {Case{3, 7, 7}, {2, 1000, 40}, {1, 20000, 300}, {5, 300, 1}}) {
    const auto x = Numbers(4).integers(size_t(c.rows) * c.length, 50);
    std::vector<double> want;
    std::vector<int32_t> wantIndices;
    for (int row = 0; row < c.rows; row++) {
      const float* values = x.data() + size_t(row) * c.length;
      std::vector<int32_t> order(c.length);
      std::iota(order.begin(), order.end(), 0);
      std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return values[a] > values[b]; });
      for (int i = 0; i < c.k; i++) want.push_back(values[order[i]]), wantIndices.push_back(order[i]);
    }
    const Buffer<float> xs(x), values(want.size());
    const Buffer<int32_t> indices(want.size());
    launch([&] { kernels::topK({Dtype::kFloat32, c.rows, c.length, c.k}, xs, values, indices); });
    expectEqual("values", values.values(), want);
    expectEqual("indices", indices.values(), wantIndices);
  }
}

LIMBECK_TEST(softmaxOfRows, "softmax and its logarithm are those of plain loops") {
  for (const int channels : {1, 2, 19, 700}) {
    const int rows = 37;
    const auto x = Numbers(5).reals(size_t(rows) * channels, 6);
    for (const int logarithm : {0, 1}) {
      std::vector<double> want(x.size());
      for (int row = 0; row < rows; row++) {
        double sum = 0;
        for (int c = 0; c < channels; c++) sum += std::exp(double(x[size_t(row) * channels + c]));
        for (int c = 0; c < channels; c++) {
          const double log = x[size_t(row) * channels + c] - std::log(sum);
          want[size_t(row) * channels + c] = logarithm ? log : std::exp(log);
        }
      }
      const Buffer<float> xs(x), y(x.size());
      launch([&] { kernels::softmax({rows, channels, logarithm}, xs, y); });
      expectNear("y", y.values(), want, 2e-6);
    }
  }
}
