#include <algorithm>

#include "cu.h"
#include "kernels/vector.h"
#include "limbeck/function.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::forEach;
using cuda::scratchOf;

constexpr int kThreads = 256;

// Rows are cut into parts, which depend on the shape alone.
struct RowParts {
  int rows, channels;
  int perPart, count;

  RowParts(int rows, int channels) : rows(rows), channels(channels) {
    constexpr int kChannelsTogether = 32, kFewestRows = 64, kEnoughBlocks = 1024;
    const int wanted = std::max(1, kEnoughBlocks / std::max(1, (channels + kChannelsTogether - 1) / kChannelsTogether));
    perPart = std::max((rows + wanted - 1) / wanted, kFewestRows);
    count = std::max(1, (rows + perPart - 1) / perPart);
  }

  size_t sums() const { return static_cast<size_t>(count) * channels; }
  CU_FN int begin(int part) const { return part * perPart; }
  CU_FN int end(int part) const { return min(rows, (part + 1) * perPart); }
  CU_FN int rowsOf(int part) const { return end(part) - begin(part); }
};

// A block takes neighbouring channels of one part: a thread WIDTH of them, of each row of its share. So what belongs to a
// channel stays in registers.
template <int WIDTH>
struct Blocks : RowParts {
  int across, shares;  // threads side by side, and one above the other

  explicit Blocks(const RowParts& parts) : RowParts(parts), across(1) {
    while (across < cuda::kWarp && across * WIDTH < channels) across *= 2;
    shares = kThreads / across;
  }

  LIMBECK_FN int channelsInBlock() const { return across * WIDTH; }
  dim3 grid() const {
    return dim3(static_cast<unsigned>(count), static_cast<unsigned>((channels + channelsInBlock() - 1) / channelsInBlock()));
  }
  dim3 block() const { return dim3(static_cast<unsigned>(across), static_cast<unsigned>(shares)); }

  CU_FN int part() const { return static_cast<int>(blockIdx.x); }
  CU_FN int firstOfBlock() const { return static_cast<int>(blockIdx.y) * channelsInBlock(); }
  CU_FN int channel() const { return firstOfBlock() + static_cast<int>(threadIdx.x) * WIDTH; }

  // Calls visit(element) for the thread's first channel of each of its rows: several at a time, so that their reads
  // overlap; no more than there are registers for.
  template <typename Visit>
  CU_FN void eachRow(const Visit& visit) const {
    constexpr int kTogether = WIDTH > 4 ? 2 : 4;
    const int c = channel(), last = end(part());
    if (c >= channels) return;
    int row = begin(part()) + static_cast<int>(threadIdx.y);
    for (; row + (kTogether - 1) * shares < last; row += kTogether * shares) {
      CU_UNROLL
      for (int k = 0; k < kTogether; k++) visit((row + k * shares) * channels + c);
    }
    for (; row < last; row += shares) visit(row * channels + c);
  }
};

struct TwoSums {
  double first, second;
};
CU_FN TwoSums operator+(const TwoSums& a, const TwoSums& b) { return {a.first + b.first, a.second + b.second}; }

// Adds up the shares of a block, and calls write(channel, sums) for each of its channels.
template <int WIDTH, typename Write>
CU_FN void joinShares(const Blocks<WIDTH>& blocks, const Vector<TwoSums, WIDTH>& own, const Write& write) {
  CU_SHARED(TwoSums, sums, [kThreads * WIDTH]);
  const int width = blocks.channelsInBlock();
  const int thread = static_cast<int>(threadIdx.y) * blocks.across + static_cast<int>(threadIdx.x);
  CU_UNROLL
  for (int k = 0; k < WIDTH; k++) sums[thread * WIDTH + k] = own[k];
  __syncthreads();
  const int channel = blocks.firstOfBlock() + thread;
  if (thread >= width || channel >= blocks.channels) return;
  TwoSums total = sums[thread];
  for (int share = 1; share < blocks.shares; share++) total = total + sums[share * width + thread];
  write(channel, total);
}

// Mean, and sum of squared distances from it, of each part and channel. Distances from the part's first element are
// summed, so that a large mean costs no digits; an infinite one is no place to measure from.
struct Moments {
  double mean, squares;
};
template <typename T, int WIDTH>
__global__ void __launch_bounds__(kThreads)
    momentsOfParts(Blocks<WIDTH> blocks, const T* __restrict__ x, Moments* __restrict__ moments) {
  const auto pivotOf = [](float first) { return fabsf(first) < INFINITY ? first : 0.0f; };
  const T* firstRow = x + static_cast<int64_t>(blocks.begin(blocks.part())) * blocks.channels;
  const bool isEmpty = blocks.rows == 0;  // and perhaps no memory behind it
  auto pivots = filled<WIDTH>(0.0f);
  if (!isEmpty && blocks.channel() < blocks.channels) pivots = load<WIDTH>(firstRow + blocks.channel());
  CU_UNROLL
  for (int k = 0; k < WIDTH; k++) pivots[k] = pivotOf(pivots[k]);
  auto sums = filled<WIDTH>(TwoSums{0, 0});
  blocks.eachRow([&](int at) {
    const auto values = load<WIDTH>(x + at);
    CU_UNROLL
    for (int k = 0; k < WIDTH; k++) {
      const double distance = static_cast<double>(values[k]) - pivots[k];
      sums[k].first += distance;
      sums[k].second += distance * distance;
    }
  });
  joinShares(blocks, sums, [&](int c, const TwoSums& sum) {
    const double rows = blocks.rowsOf(blocks.part()), shift = sum.first / rows;
    const float pivot = isEmpty ? 0 : pivotOf(load<1>(firstRow + c)[0]);
    moments[static_cast<int64_t>(blocks.part()) * blocks.channels + c] = {pivot + shift, sum.second - sum.first * shift};
  });
}

// Joining parts: a block takes 8 channels, its threads above each other take turns at the parts.
constexpr int kJoinedChannels = 8, kJoiners = kThreads / kJoinedChannels;

CU_FN int joinedChannel() { return static_cast<int>(blockIdx.x) * kJoinedChannels + static_cast<int>(threadIdx.x); }

// Σ of(part); every thread of a channel gets it.
template <typename Of>
CU_FN auto sumOfParts(int parts, const Of& of) {
  using Sum = decltype(of(0));
  CU_SHARED(Sum, sums, [kJoiners][kJoinedChannels]);
  Sum own{};
  for (int part = static_cast<int>(threadIdx.y); part < parts; part += kJoiners) own = own + of(part);
  sums[threadIdx.y][threadIdx.x] = own;
  __syncthreads();
  Sum total = sums[0][threadIdx.x];
  for (int joiner = 1; joiner < kJoiners; joiner++) total = total + sums[joiner][threadIdx.x];
  return total;
}

// Of the whole, from its parts: mean, biased variance, and scale / √(variance + ε).
__global__ void __launch_bounds__(kThreads)
    joinMoments(RowParts parts, const Moments* __restrict__ moments, double epsilon, const float* scale, float* mean,
                float* variance, float* factor) {
  const int c = joinedChannel();
  const bool present = c < parts.channels;
  const auto of = [&](int part) {
    return present ? moments[static_cast<int64_t>(part) * parts.channels + c] : Moments{0, 0};
  };
  const double center = sumOfParts(parts.count, [&](int part) { return parts.rowsOf(part) * of(part).mean; }) / parts.rows;
  const double squares = sumOfParts(parts.count, [&](int part) {
    const Moments each = of(part);
    const double distance = each.mean - center;
    return each.squares + parts.rowsOf(part) * distance * distance;
  });
  if (!present || threadIdx.y > 0) return;
  const double spread = squares / parts.rows;
  mean[c] = static_cast<float>(center);
  variance[c] = static_cast<float>(spread);
  factor[c] = static_cast<float>(scale[c] / sqrt(spread + epsilon));
}

dim3 joinBlock() { return dim3(kJoinedChannels, kJoiners); }
dim3 joinGrid(const RowParts& parts) {
  return dim3(static_cast<unsigned>((parts.channels + kJoinedChannels - 1) / kJoinedChannels));
}

// y = (x − mean) · factor + offset, cut at 0 where `relu`.
template <typename T, int WIDTH>
__global__ void __launch_bounds__(kThreads)
    normaliseRows(Blocks<WIDTH> blocks, bool relu, const T* __restrict__ x, const float* __restrict__ mean,
                  const float* __restrict__ factor, const float* __restrict__ offset, T* __restrict__ y) {
  const int c = blocks.channel();
  if (c >= blocks.channels) return;
  const auto means = load<WIDTH>(mean + c), factors = load<WIDTH>(factor + c);
  const auto offsets = offset ? load<WIDTH>(offset + c) : filled<WIDTH>(0.0f);
  blocks.eachRow([&](int at) {
    auto values = load<WIDTH>(x + at);
    CU_UNROLL
    for (int k = 0; k < WIDTH; k++) {
      const float value = (values[k] - means[k]) * factors[k] + offsets[k];
      values[k] = relu && value < 0 ? 0 : value;
    }
    store(y + at, values);
  });
}

template <typename T, int WIDTH>
void normalise(Form<T, WIDTH> form, const BatchNormInts& p, const float* xData, const float* mean, const float* factor,
               const float* offset, float* yData) {
  const Blocks<WIDTH> blocks(RowParts(p.rows, p.channels));
  const T* x = form.of(xData);
  T* y = form.of(yData);
  CU_LAUNCH((normaliseRows<T, WIDTH>), blocks.grid(), blocks.block(), 0, blocks, p.relu != 0, x, mean, factor, offset, y);
}

template <typename T, int WIDTH>
void normaliseByOwnMoments(Form<T, WIDTH> form, const BatchNormInts& p, double epsilon, const float* xData,
                           const float* scale, const float* offset, float* y, float* mean, float* variance) {
  const RowParts parts(p.rows, p.channels);
  const Blocks<WIDTH> blocks(parts);
  const T* x = form.of(xData);
  Moments* moments = scratchOf<Moments>(parts.sums());
  float* factor = scratchOf<float>(p.channels);
  CU_LAUNCH((momentsOfParts<T, WIDTH>), blocks.grid(), blocks.block(), 0, blocks, x, moments);
  CU_LAUNCH(joinMoments, joinGrid(parts), joinBlock(), 0, parts, moments, epsilon, scale, mean, variance, factor);
  normalise(form, p, xData, mean, factor, offset, y);
}

}  // namespace

void batchNorm(const BatchNormInts& p, const BatchNormReals& r, const float* x, const float* mean, const float* variance,
               const float* scale, const float* offset, float* y) {
  float* factor = scratchOf<float>(p.channels);
  const double epsilon = r.epsilon;
  forEach(p.channels, [=] __device__(int64_t c) {
    factor[c] = static_cast<float>((scale ? scale[c] : 1) / sqrt(variance[c] + epsilon));
  });
  inVectors(0, p.channels, [&](auto form) { normalise(form, p, x, mean, factor, offset, y); });
}

void batchNormTrain(const BatchNormInts& p, const BatchNormReals& r, const float* x, const float* scale,
                    const float* offset, float* y, float* mean, float* variance) {
  inVectors(0, p.channels, [&](auto form) {
    normaliseByOwnMoments(form, p, r.epsilon, x, scale, offset, y, mean, variance);
  });
}

namespace {

// What the gradient needs to know of channels, and of their elements.
struct Statistics {
  const float *scale, *offset, *mean, *variance;
  double epsilon;
  bool relu;

  CU_FN float rstd(int c) const { return static_cast<float>(1 / sqrt(variance[c] + epsilon)); }
};

template <int WIDTH>
struct Normalised {
  Vector<float, WIDTH> mean, rstd, scale, offset;
  bool relu;

  CU_FN Normalised(const Statistics& of, int c)
      : mean(load<WIDTH>(of.mean + c)), scale(load<WIDTH>(of.scale + c)), offset(load<WIDTH>(of.offset + c)), relu(of.relu) {
    CU_UNROLL
    for (int k = 0; k < WIDTH; k++) rstd[k] = of.rstd(c + k);
  }

  struct Element {
    float normal, slope;
  };
  // x̂ = (x − mean) · rstd, and dy where the activation did not cut.
  CU_FN Element at(int k, float dy, float x) const {
    const float normal = (x - mean[k]) * rstd[k];
    return {normal, relu && !(normal * scale[k] + offset[k] > 0) ? 0.0f : dy};
  }
};

// Σ dy and Σ dy · x̂ of each part and channel.
template <typename T, int WIDTH>
__global__ void __launch_bounds__(kThreads)
    slopesOfParts(Blocks<WIDTH> blocks, Statistics statistics, const T* __restrict__ dy, const T* __restrict__ x,
                  TwoSums* __restrict__ slopes) {
  auto sums = filled<WIDTH>(TwoSums{0, 0});
  if (blocks.channel() < blocks.channels) {
    const Normalised<WIDTH> of(statistics, blocks.channel());
    blocks.eachRow([&](int at) {
      const auto upper = load<WIDTH>(dy + at), values = load<WIDTH>(x + at);
      CU_UNROLL
      for (int k = 0; k < WIDTH; k++) {
        const auto element = of.at(k, upper[k], values[k]);
        sums[k].first += element.slope;
        sums[k].second += static_cast<double>(element.slope) * element.normal;
      }
    });
  }
  joinShares(blocks, sums, [&](int c, const TwoSums& sum) {
    slopes[static_cast<int64_t>(blocks.part()) * blocks.channels + c] = sum;
  });
}

// What all rows share of a channel's gradient: doffset / M and dscale / M.
struct Shares {
  float *ofOffset, *ofScale;
};

__global__ void __launch_bounds__(kThreads)
    joinSlopes(RowParts parts, const TwoSums* __restrict__ slopes, float* dscale, float* doffset, Shares shares) {
  const int c = joinedChannel();
  const bool present = c < parts.channels;
  const TwoSums sums = sumOfParts(parts.count, [&](int part) {
    return present ? slopes[static_cast<int64_t>(part) * parts.channels + c] : TwoSums{0, 0};
  });
  if (!present || threadIdx.y > 0) return;
  doffset[c] = static_cast<float>(sums.first);
  dscale[c] = static_cast<float>(sums.second);
  shares.ofOffset[c] = static_cast<float>(sums.first / parts.rows);
  shares.ofScale[c] = static_cast<float>(sums.second / parts.rows);
}

template <typename T, int WIDTH>
__global__ void __launch_bounds__(kThreads)
    slopesOfRows(Blocks<WIDTH> blocks, Statistics statistics, Shares shares, const T* __restrict__ dy,
                 const T* __restrict__ x, T* __restrict__ dx) {
  const int c = blocks.channel();
  if (c >= blocks.channels) return;
  const Normalised<WIDTH> of(statistics, c);
  const auto offsetShare = load<WIDTH>(shares.ofOffset + c), scaleShare = load<WIDTH>(shares.ofScale + c);
  blocks.eachRow([&](int at) {
    const auto upper = load<WIDTH>(dy + at), values = load<WIDTH>(x + at);
    Vector<float, WIDTH> slopes;
    CU_UNROLL
    for (int k = 0; k < WIDTH; k++) {
      const auto element = of.at(k, upper[k], values[k]);
      slopes[k] = of.scale[k] * of.rstd[k] * (element.slope - offsetShare[k] - element.normal * scaleShare[k]);
    }
    store(dx + at, slopes);
  });
}

template <typename T, int WIDTH>
void gradients(Form<T, WIDTH> form, const BatchNormInts& p, const Statistics& statistics, const float* dyData,
               const float* xData, float* dxData, float* dscale, float* doffset) {
  const RowParts parts(p.rows, p.channels);
  const Blocks<WIDTH> blocks(parts);
  const T *dy = form.of(dyData), *x = form.of(xData);
  T* dx = form.of(dxData);
  TwoSums* slopes = scratchOf<TwoSums>(parts.sums());
  const Shares shares{scratchOf<float>(p.channels), scratchOf<float>(p.channels)};
  CU_LAUNCH((slopesOfParts<T, WIDTH>), blocks.grid(), blocks.block(), 0, blocks, statistics, dy, x, slopes);
  CU_LAUNCH(joinSlopes, joinGrid(parts), joinBlock(), 0, parts, slopes, dscale, doffset, shares);
  CU_LAUNCH((slopesOfRows<T, WIDTH>), blocks.grid(), blocks.block(), 0, blocks, statistics, shares, dy, x, dx);
}

}  // namespace

// With M rows: doffset = Σ dy, dscale = Σ dy · x̂ and dx = scale · rstd · (dy − doffset / M − x̂ · dscale / M).
void batchNormTrainGrad(const BatchNormInts& p, const BatchNormReals& r, const float* dy, const float* x,
                        const float* scale, const float* offset, const float* mean, const float* variance, float* dx,
                        float* dscale, float* doffset) {
  const Statistics statistics{scale, offset, mean, variance, r.epsilon, p.relu != 0};
  inVectors(0, p.channels, [&](auto form) { gradients(form, p, statistics, dy, x, dx, dscale, doffset); });
}

}  // namespace limbeck::kernels
