#include <algorithm>

#include "cu.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::forEach;
using cuda::scratchOf;

constexpr int kThreads = 256;

// Rows are cut into parts, which depend on the shape alone; a block takes some neighbouring channels of one part.
struct RowParts {
  int rows, channels;
  int channelsInBlock, sharesInBlock;  // threads side by side, and one above the other
  int perPart, count;

  RowParts(int rows, int channels) : rows(rows), channels(channels) {
    constexpr int kWidest = 32, kFewestRows = 64, kEnoughBlocks = 1024;
    channelsInBlock = 1;
    while (channelsInBlock < kWidest && channelsInBlock < channels) channelsInBlock *= 2;
    sharesInBlock = kThreads / channelsInBlock;
    const int wanted = std::max(1, kEnoughBlocks / channelBlocks());
    perPart = std::max((rows + wanted - 1) / wanted, kFewestRows);
    count = std::max(1, (rows + perPart - 1) / perPart);
  }

  int channelBlocks() const { return (channels + channelsInBlock - 1) / channelsInBlock; }
  dim3 grid() const { return dim3(static_cast<unsigned>(count), static_cast<unsigned>(channelBlocks())); }
  dim3 block() const { return dim3(static_cast<unsigned>(channelsInBlock), static_cast<unsigned>(sharesInBlock)); }
  size_t sums() const { return static_cast<size_t>(count) * channels; }

  // Calls visit(element) for this thread's share of channel `c`.
  template <typename Visit>
  CU_FN void eachElement(int part, int c, const Visit& visit) const {
    const int end = min(rows, (part + 1) * perPart);
    for (int row = part * perPart + static_cast<int>(threadIdx.y); row < end; row += sharesInBlock) {
      visit(static_cast<int64_t>(row) * channels + c);
    }
  }
  CU_FN int rowsOf(int part) const { return min(rows, (part + 1) * perPart) - part * perPart; }
};

// Adds up two sums over the shares of a block; the threads of the first row get them.
struct TwoSums {
  double first, second;
};
CU_FN TwoSums overShares(TwoSums own, const RowParts& parts) {
  CU_SHARED(TwoSums, shares, [kThreads]);
  const int width = parts.channelsInBlock, at = static_cast<int>(threadIdx.y) * width + static_cast<int>(threadIdx.x);
  shares[at] = own;
  __syncthreads();
  if (threadIdx.y > 0) return own;
  for (int share = 1; share < parts.sharesInBlock; share++) {
    own.first += shares[share * width + at].first;
    own.second += shares[share * width + at].second;
  }
  return own;
}

// Mean, and sum of squared distances from it, of each part and channel. Distances from the part's first element are
// summed, so that a large mean costs no digits; an infinite one is no place to measure from.
struct Moments {
  double mean, squares;
};
__global__ void __launch_bounds__(kThreads)
    momentsOfParts(RowParts parts, const float* __restrict__ x, Moments* __restrict__ moments) {
  const int part = static_cast<int>(blockIdx.x), c = static_cast<int>(blockIdx.y * parts.channelsInBlock + threadIdx.x);
  const bool present = c < parts.channels;
  const float first = present ? x[static_cast<int64_t>(part) * parts.perPart * parts.channels + c] : 0;
  const float pivot = fabsf(first) < INFINITY ? first : 0;
  TwoSums sums{0, 0};
  if (present) {
    parts.eachElement(part, c, [&](int64_t i) {
      const double distance = static_cast<double>(x[i]) - pivot;
      sums.first += distance;
      sums.second += distance * distance;
    });
  }
  sums = overShares(sums, parts);
  if (threadIdx.y > 0 || !present) return;
  const double rows = parts.rowsOf(part), shift = sums.first / rows;
  moments[static_cast<int64_t>(part) * parts.channels + c] = {pivot + shift, sums.second - sums.first * shift};
}

// Of the whole, from its parts: mean, biased variance, and scale / √(variance + ε).
void joinMoments(const RowParts& parts, const Moments* moments, double epsilon, const float* scale, float* mean,
                 float* variance, float* factor) {
  forEach(parts.channels, [=] __device__(int64_t c) {
    double sum = 0;
    for (int part = 0; part < parts.count; part++) {
      sum += parts.rowsOf(part) * moments[static_cast<int64_t>(part) * parts.channels + c].mean;
    }
    const double center = sum / parts.rows;
    double squares = 0;
    for (int part = 0; part < parts.count; part++) {
      const Moments of = moments[static_cast<int64_t>(part) * parts.channels + c];
      const double distance = of.mean - center;
      squares += of.squares + parts.rowsOf(part) * distance * distance;
    }
    const double spread = squares / parts.rows;
    mean[c] = static_cast<float>(center);
    variance[c] = static_cast<float>(spread);
    factor[c] = static_cast<float>(scale[c] / sqrt(spread + epsilon));
  });
}

// y = (x − mean) · factor + offset, cut at 0 where `relu`.
void normalise(const BatchNormInts& p, const float* x, const float* mean, const float* factor, const float* offset, float* y) {
  const int channels = p.channels;
  const bool relu = p.relu != 0;
  forEach(static_cast<int64_t>(p.rows) * channels, [=] __device__(int64_t i) {
    const int c = static_cast<int>(static_cast<uint32_t>(i) % channels);
    const float value = (x[i] - mean[c]) * factor[c] + (offset ? offset[c] : 0.0f);
    y[i] = relu && value < 0 ? 0 : value;
  });
}

}  // namespace

void batchNorm(const BatchNormInts& p, const BatchNormReals& r, const float* x, const float* mean, const float* variance,
               const float* scale, const float* offset, float* y) {
  float* factor = scratchOf<float>(p.channels);
  const double epsilon = r.epsilon;
  forEach(p.channels, [=] __device__(int64_t c) {
    factor[c] = static_cast<float>((scale ? scale[c] : 1) / sqrt(variance[c] + epsilon));
  });
  normalise(p, x, mean, factor, offset, y);
}

void batchNormTrain(const BatchNormInts& p, const BatchNormReals& r, const float* x, const float* scale,
                    const float* offset, float* y, float* mean, float* variance) {
  const RowParts parts(p.rows, p.channels);
  Moments* moments = scratchOf<Moments>(parts.sums());
  float* factor = scratchOf<float>(p.channels);
  CU_LAUNCH(momentsOfParts, parts.grid(), parts.block(), 0, parts, x, moments);
  joinMoments(parts, moments, r.epsilon, scale, mean, variance, factor);
  normalise(p, x, mean, factor, offset, y);
}

namespace {

// What the gradient needs to know of each element.
struct Normalised {
  const float *dy, *x, *scale, *offset, *mean, *rstd;
  bool relu;

  struct Element {
    float normal, slope;
  };
  // x̂ = (x − mean) · rstd, and dy where the activation did not cut.
  CU_FN Element at(int64_t i, int c) const {
    const float normal = (x[i] - mean[c]) * rstd[c];
    return {normal, relu && !(normal * scale[c] + offset[c] > 0) ? 0.0f : dy[i]};
  }
};

// Σ dy and Σ dy · x̂ of each part and channel.
__global__ void __launch_bounds__(kThreads) slopesOfParts(RowParts parts, Normalised of, TwoSums* __restrict__ slopes) {
  const int part = static_cast<int>(blockIdx.x), c = static_cast<int>(blockIdx.y * parts.channelsInBlock + threadIdx.x);
  const bool present = c < parts.channels;
  TwoSums sums{0, 0};
  if (present) {
    parts.eachElement(part, c, [&](int64_t i) {
      const Normalised::Element element = of.at(i, c);
      sums.first += element.slope;
      sums.second += static_cast<double>(element.slope) * element.normal;
    });
  }
  sums = overShares(sums, parts);
  if (threadIdx.y == 0 && present) slopes[static_cast<int64_t>(part) * parts.channels + c] = sums;
}

}  // namespace

// With M rows: doffset = Σ dy, dscale = Σ dy · x̂ and dx = scale · rstd · (dy − doffset / M − x̂ · dscale / M).
void batchNormTrainGrad(const BatchNormInts& p, const BatchNormReals& r, const float* dy, const float* x,
                        const float* scale, const float* offset, const float* mean, const float* variance, float* dx,
                        float* dscale, float* doffset) {
  const RowParts parts(p.rows, p.channels);
  const int channels = p.channels;
  const double epsilon = r.epsilon;
  float* rstd = scratchOf<float>(channels);
  float2* shares = scratchOf<float2>(channels);  // doffset / M and dscale / M
  TwoSums* slopes = scratchOf<TwoSums>(parts.sums());
  const Normalised of{dy, x, scale, offset, mean, rstd, p.relu != 0};
  forEach(channels, [=] __device__(int64_t c) { rstd[c] = static_cast<float>(1 / sqrt(variance[c] + epsilon)); });
  CU_LAUNCH(slopesOfParts, parts.grid(), parts.block(), 0, parts, of, slopes);
  forEach(channels, [=] __device__(int64_t c) {
    TwoSums sums{0, 0};
    for (int part = 0; part < parts.count; part++) {
      const TwoSums next = slopes[static_cast<int64_t>(part) * channels + c];
      sums.first += next.first;
      sums.second += next.second;
    }
    doffset[c] = static_cast<float>(sums.first);
    dscale[c] = static_cast<float>(sums.second);
    shares[c] = make_float2(static_cast<float>(sums.first / parts.rows), static_cast<float>(sums.second / parts.rows));
  });
  forEach(static_cast<int64_t>(p.rows) * channels, [=] __device__(int64_t i) {
    const int c = static_cast<int>(static_cast<uint32_t>(i) % channels);
    const Normalised::Element element = of.at(i, c);
    const float2 share = shares[c];
    dx[i] = of.scale[c] * of.rstd[c] * (element.slope - share.x - element.normal * share.y);
  });
}

}  // namespace limbeck::kernels
