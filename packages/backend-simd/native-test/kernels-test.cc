// Other kernels at sizes that fill no vector: all instruction sets and numbers of threads agree, and a sanitizer sees
// whoever reads or writes past an end. What they compute is compared with the reference from JavaScript.
#include <cmath>
#include <functional>
#include <limits>

#include "harness.h"
#include "limbeck/params.h"

using namespace limbeck;
using test::Bench;
using test::Numbers;

namespace {

using Values = std::vector<float>;

Values unset(size_t count) { return Values(count, std::numeric_limits<float>::quiet_NaN()); }

// Runs a kernel on every instruction set with one thread and with three; expects the same but for rounding.
void expectAgreement(const std::function<Values(Bench&)>& run) {
  Values first;
  for (const InstructionSet* set : test::usableSets()) {
    for (const int threads : {1, 3}) {
      Bench bench(*set, threads);
      const Values values = run(bench);
      if (first.empty()) first = values;
      for (size_t i = 0; i < values.size(); i++) {
        if (std::fabs(values[i] - first[i]) <= 1e-5f * (1 + std::fabs(first[i]))) continue;  // NaN is not
        test::fail(std::string(set->name) + ": element " + std::to_string(i) + " is " + std::to_string(values[i]) +
                   ", not " + std::to_string(first[i]));
      }
    }
  }
}

}  // namespace

LIMBECK_TEST(matmuls, "matrix products agree, transposed or not") {
  constexpr int kM = 37, kN = 41, kK = 29;
  Numbers numbers(4);
  const Values a = numbers.integers(kM * kK), b = numbers.integers(kK * kN);
  for (const int transposeA : {0, 1}) {
    for (const int transposeB : {0, 1}) {
      expectAgreement([&](Bench& bench) {
        Values y = unset(kM * kN);
        bench.run("matmul", {a.data(), b.data(), y.data()}, MatmulInts{1, kM, kN, kK, transposeA, transposeB, 0, 0});
        return y;
      });
    }
  }
}

LIMBECK_TEST(batchNorms, "batch norm of many rows agrees, and so does its gradient") {
  constexpr int kRows = 6145;
  for (const int channels : {1, 7, 33}) {
    Numbers numbers(5);
    const Values x = numbers.integers(kRows * channels), dy = numbers.integers(kRows * channels);
    const Values scale(channels, 1.5f), offset(channels, 0.25f);
    const BatchNormInts ints{kRows, channels, 1};
    expectAgreement([&](Bench& bench) {
      Values y = unset(x.size()), mean = unset(channels), variance = unset(channels);
      bench.run("batchNormTrain",
                {x.data(), scale.data(), offset.data(), y.data(), mean.data(), variance.data()}, ints,
                BatchNormReals{1e-5});
      Values dx = unset(x.size()), dscale = unset(channels), doffset = unset(channels);
      bench.run("batchNormTrainGrad",
                {dy.data(), x.data(), scale.data(), offset.data(), mean.data(), variance.data(), dx.data(),
                 dscale.data(), doffset.data()},
                ints, BatchNormReals{1e-5});
      dx.insert(dx.end(), y.begin(), y.end());
      return dx;
    });
  }
}

LIMBECK_TEST(softmaxes, "softmax agrees for any number of classes") {
  constexpr int kRows = 4001;
  for (const int channels : {1, 3, 16, 19}) {
    const Values x = Numbers(6).integers(kRows * channels);
    expectAgreement([&](Bench& bench) {
      Values y = unset(x.size());
      bench.run("softmax", {x.data(), y.data()}, SoftmaxInts{kRows, channels, 0});
      return y;
    });
  }
}

LIMBECK_TEST(windows, "pooling and resizing agree on odd maps") {
  constexpr int kHeight = 23, kWidth = 37;
  for (const int channels : {1, 5, 21}) {
    const Values x = Numbers(7).integers(2 * kHeight * kWidth * channels);
    expectAgreement([&](Bench& bench) {
      const PoolInts pool{2, kHeight, kWidth, channels, 3, 3, 12, 19, 2, 2, 1, 1, 1, 1};
      Values y = unset(2 * 12 * 19 * channels);
      bench.run("avgPool", {x.data(), y.data()}, pool);
      const ResizeInts resize{2, kHeight, kWidth, channels, 50, 31, 0, 1};
      Values resized = unset(2 * 50 * 31 * channels), dx = unset(x.size());
      bench.run("resizeBilinear", {x.data(), resized.data()}, resize);
      bench.run("resizeBilinearGrad", {resized.data(), dx.data()}, resize);
      y.insert(y.end(), dx.begin(), dx.end());
      return y;
    });
  }
}
