#include <algorithm>

#include "divisor.h"
#include "folded-softmax.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using namespace cuda;

CU_FN bool takesPart(int32_t label, const RegionSumsInts& p) {
  return label != p.ignoreLabel && label >= 0 && label < p.channels;
}

constexpr int kThreads = 256;
constexpr int kPartPixels = 4096;  // that a block sums; the order of sums depends on the shape alone
constexpr int kSums = 3;           // intersection, predicted, actual

// Sums over a part of an image: parts [image, part, kSums, channels]. The threads of a block first find the softmax's
// normaliser of a pixel each, then sum columns: classes side by side, as many pixels at a time as there are threads left.
// blockIdx: part, image, kThreads classes.
__global__ void __launch_bounds__(kThreads)
    sumParts(const RegionSumsInts p, const Divisor columns, const Stored<float> logits, const int32_t* labels, double* parts) {
  CU_SHARED(double, maxima, [kThreads]);
  CU_SHARED(double, normalisers, [kThreads]);
  CU_SHARED(int32_t, owners, [kThreads]);
  CU_SHARED(double, partial, [kSums][kThreads]);
  const int thread = threadIdx.x, width = columns.value(), lines = kThreads / width;
  const auto [line, column] = columns.divide(thread);
  const int channel = blockIdx.z * kThreads + column;
  const bool sums = static_cast<int>(line) < lines && channel < p.channels;
  const int64_t image = static_cast<int64_t>(blockIdx.y) * p.pixels;
  const int begin = blockIdx.x * kPartPixels, end = min(p.pixels, begin + kPartPixels);

  double intersection = 0, predicted = 0, actual = 0;
  for (int first = begin; first < end; first += kThreads) {
    __syncthreads();  // the columns of the pixels before have been read
    const int pixel = first + thread;
    owners[thread] = -1;
    if (pixel < end && takesPart(labels[image + pixel], p)) {
      const Stored<float> row = logits.from((image + pixel) * p.channels);
      double max = kMinusInfinity, sum = 0;
      for (int c = 0; c < p.channels; c++) max = larger(max, row[c]);
      for (int c = 0; c < p.channels; c++) sum += exp(row[c] - max);
      owners[thread] = labels[image + pixel];
      maxima[thread] = max;
      normalisers[thread] = sum;
    }
    __syncthreads();
    if (!sums) continue;
    for (int i = static_cast<int>(line); i < min(kThreads, end - first); i += lines) {
      if (owners[i] < 0) continue;
      const double s = exp(logits[(image + first + i) * p.channels + channel] - maxima[i]) / normalisers[i];
      predicted += p.squared ? s * s : s;
      if (owners[i] == channel) intersection += s, actual += 1;
    }
  }
  partial[0][thread] = intersection, partial[1][thread] = predicted, partial[2][thread] = actual;
  __syncthreads();
  if (!sums || line > 0) return;
  double* to = parts + (static_cast<int64_t>(blockIdx.y) * gridDim.x + blockIdx.x) * kSums * p.channels;
  for (int k = 0; k < kSums; k++) {
    double sum = 0;
    for (int i = 0; i < lines; i++) sum += partial[k][i * width + column];
    to[k * p.channels + channel] = sum;
  }
}

struct RegionSumsGrad {
  RegionSumsInts p;
  Grouping grouping;
  const float *dIntersection, *dPredicted;
  Stored<float> logits;
  const int32_t* labels;
  float* dlogits;

  template <int LANES>
  CU_FN void run(int64_t pixel, bool writes) const {
    const FoldedSoftmax<LANES> softmax(grouping, logits.from(pixel * p.channels), 1);
    const int32_t label = labels[pixel];
    const int64_t image = pixel / p.pixels * p.channels;
    const auto slope = [&](int c, double s) {
      return (c == label ? dIntersection[image + c] : 0.0) + dPredicted[image + c] * (p.squared ? 2 * s : 1);
    };
    double mean = 0;
    for (int c = softmax.lane(); c < p.channels; c += LANES) {
      const double s = exp(softmax.logS(c));
      mean += slope(c, s) * s;
    }
    mean = lanesSum<LANES>(mean);
    if (!writes) return;
    const bool counts = takesPart(label, p);
    for (int c = softmax.lane(); c < p.channels; c += LANES) {
      const double s = exp(softmax.logS(c));
      dlogits[pixel * p.channels + c] = counts ? static_cast<float>(s * (slope(c, s) - mean)) : 0;
    }
  }
};

}  // namespace

void regionSums(const RegionSumsInts& p, const float* logits, const int32_t* labels, float* intersection,
                float* predicted, float* actual) {
  const int partCount = std::max(1, (p.pixels + kPartPixels - 1) / kPartPixels), channels = p.channels;
  double* parts = scratchOf<double>(static_cast<size_t>(p.batch) * partCount * kSums * channels);
  const dim3 grid(partCount, p.batch, (channels + kThreads - 1) / kThreads);
  const Divisor together(std::min(channels, kThreads)), columns(channels);
  const Stored<float> stored(logits, 0);
  CU_LAUNCH(sumParts, grid, kThreads, 0, p, together, stored, labels, parts);
  forEach(static_cast<int64_t>(p.batch) * channels, [=] __device__(int64_t i) {
    const auto [image, c] = columns.divide(static_cast<unsigned>(i));
    double sums[kSums] = {};
    for (int part = 0; part < partCount; part++) {
      const double* from = parts + (static_cast<int64_t>(image) * partCount + part) * kSums * channels + c;
      CU_UNROLL
      for (int k = 0; k < kSums; k++) sums[k] += from[static_cast<int64_t>(k) * channels];
    }
    intersection[i] = static_cast<float>(sums[0]);
    predicted[i] = static_cast<float>(sums[1]);
    actual[i] = static_cast<float>(sums[2]);
  });
}

void regionSumsGrad(const RegionSumsInts& p, const float* dIntersection, const float* dPredicted, const float* logits,
                    const int32_t* labels, float* dlogits) {
  const RegionSumsGrad body{p, eachForItself(p.channels), dIntersection, dPredicted, Stored<float>(logits, 2), labels, dlogits};
  eachPixel(p.batch * p.pixels, p.channels, body);
}

}  // namespace limbeck::kernels
