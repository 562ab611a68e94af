#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/kernels.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

// How the rows of a stack are shared out, which depends on the shape alone. Rows are summed in float, while they are in
// the cache, before they enter sums of double. Several narrow rows count as one wide one, so that inner loops are long.
struct RowParts {
  int64_t rows, channels, perPart;
  int count;
  int repeats;    // narrow rows in a wide one
  int64_t width;  // floats of a wide row

  RowParts(int64_t rows, int64_t channels)
      : rows(rows), channels(channels), repeats(static_cast<int>(std::max<int64_t>(1, kWide / channels))),
        width(repeats * channels) {
    perPart = std::max<int64_t>(1, kElements / width) * repeats;
    count = static_cast<int>((rows + perPart - 1) / perPart);
  }

  // visit(part, first row, rows) on all threads.
  template <typename Visit>
  void each(const Visit& visit) const {
    parallelFor(count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; part++) {
        visit(static_cast<int>(part), part * perPart, std::min(perPart, rows - part * perPart));
      }
    });
  }

  // visit(place, floats) for the wide rows of a part, the last perhaps not full.
  template <typename Visit>
  void eachWideRow(int64_t first, int64_t partRows, const Visit& visit) const {
    const int64_t end = (first + partRows) * channels;
    for (int64_t at = first * channels; at < end; at += width) visit(at, std::min(width, end - at));
  }

  // One value a channel, as often as a wide row holds it.
  template <typename T>
  std::vector<float> widened(const T* values) const {
    std::vector<float> wide(width);
    for (int64_t i = 0; i < width; i++) wide[i] = static_cast<float>(values[i % channels]);
    return wide;
  }

  // Sums of a wide row's columns to sums of channels.
  void narrow(const float* wide, float* sums) const {
    std::fill(sums, sums + channels, 0.0f);
    for (int64_t i = 0; i < width; i++) sums[i % channels] += wide[i];
  }

  static constexpr int64_t kWide = 512;
};

// Loops over a wide row. They are functions of their own, not inlined, because only parameters keep `__restrict`,
// without which these loops would not become vectors.
#define LIMBECK_ROW [[gnu::noinline]] static void

LIMBECK_ROW addRow(const float* __restrict x, float* __restrict sum, int64_t width) {
  for (int64_t i = 0; i < width; i++) sum[i] += x[i];
}

LIMBECK_ROW addSquares(const float* __restrict x, const float* __restrict mean, float* __restrict sum, int64_t width) {
  for (int64_t i = 0; i < width; i++) sum[i] += (x[i] - mean[i]) * (x[i] - mean[i]);
}

LIMBECK_ROW normaliseRow(const float* __restrict x, const float* __restrict mean, const float* __restrict factor,
                         const float* __restrict offset, float* __restrict y, int64_t width) {
  for (int64_t i = 0; i < width; i++) y[i] = (x[i] - mean[i]) * factor[i] + offset[i];
}

LIMBECK_ROW cutRow(float* __restrict y, int64_t width) {
  for (int64_t i = 0; i < width; i++) y[i] = y[i] < 0 ? 0 : y[i];
}

// What the gradient knows of a channel, as often as a wide row holds it.
struct WideChannels {
  std::vector<float> mean, rstd, scale, offset;
};

LIMBECK_ROW addSlopes(const float* __restrict dy, const float* __restrict x, const float* __restrict mean,
                      const float* __restrict rstd, const float* __restrict scale, const float* __restrict offset,
                      float* __restrict scaleSum, float* __restrict offsetSum, int64_t width) {
  for (int64_t i = 0; i < width; i++) {
    const float normal = (x[i] - mean[i]) * rstd[i];
    const float slope = normal * scale[i] + offset[i] <= 0 ? 0 : dy[i];
    offsetSum[i] += slope;
    scaleSum[i] += slope * normal;
  }
}

LIMBECK_ROW writeGradient(const float* __restrict dy, const float* __restrict x, const float* __restrict mean,
                          const float* __restrict rstd, const float* __restrict scale, const float* __restrict offset,
                          const float* __restrict scaleShare, const float* __restrict offsetShare, float* __restrict dx,
                          int64_t width) {
  for (int64_t i = 0; i < width; i++) {
    const float normal = (x[i] - mean[i]) * rstd[i];
    const float slope = normal * scale[i] + offset[i] <= 0 ? 0 : dy[i];
    dx[i] = scale[i] * rstd[i] * (slope - offsetShare[i] - normal * scaleShare[i]);
  }
}

#undef LIMBECK_ROW

// Mean and biased variance of each channel: each part by itself in two passes, then joined (Chan et al., 1983), so
// that a large mean costs no digits and memory is read once.
void moments(const float* x, const RowParts& parts, std::vector<double>& mean, std::vector<double>& variance) {
  const int64_t channels = parts.channels;
  float* means = scratchOf<float>(0, parts.count * channels);
  float* squares = scratchOf<float>(1, parts.count * channels);
  parts.each([&](int part, int64_t first, int64_t rows) {
    float* partMean = means + part * channels;
    std::vector<float> sums(parts.width);
    parts.eachWideRow(first, rows, [&](int64_t at, int64_t width) { addRow(x + at, sums.data(), width); });
    parts.narrow(sums.data(), partMean);
    for (int64_t c = 0; c < channels; c++) partMean[c] /= static_cast<float>(rows);
    const std::vector<float> centre = parts.widened(partMean);
    std::fill(sums.begin(), sums.end(), 0.0f);
    parts.eachWideRow(first, rows, [&](int64_t at, int64_t width) {
      addSquares(x + at, centre.data(), sums.data(), width);
    });
    parts.narrow(sums.data(), squares + part * channels);
  });
  mean.assign(channels, 0);
  variance.assign(channels, 0);
  int64_t seen = 0;
  for (int part = 0; part < parts.count; part++) {
    const int64_t rows = std::min(parts.perPart, parts.rows - part * parts.perPart);
    const double share = static_cast<double>(rows) / static_cast<double>(seen + rows);
    for (int64_t c = 0; c < channels; c++) {
      const double distance = means[part * channels + c] - mean[c];
      mean[c] += distance * share;
      variance[c] += squares[part * channels + c] + distance * distance * share * static_cast<double>(seen);
    }
    seen += rows;
  }
  for (double& value : variance) value /= static_cast<double>(parts.rows);
}

// y = (x − mean) · factor + offset, cut at 0 where `relu`.
void normalise(const float* x, const RowParts& parts, const float* mean, const float* factor, const float* offset,
               bool relu, float* y) {
  const std::vector<float> means = parts.widened(mean), factors = parts.widened(factor), offsets = parts.widened(offset);
  parts.each([&](int, int64_t first, int64_t rows) {
    parts.eachWideRow(first, rows, [&](int64_t at, int64_t width) {
      normaliseRow(x + at, means.data(), factors.data(), offsets.data(), y + at, width);
      if (relu) cutRow(y + at, width);
    });
  });
}

}  // namespace

void batchNorm(const BatchNormInts& p, const BatchNormReals& r, const float* x, const float* mean, const float* variance,
               const float* scale, const float* offset, float* y) {
  std::vector<float> factors(p.channels), offsets(p.channels);
  for (int c = 0; c < p.channels; c++) {
    factors[c] = static_cast<float>((scale ? scale[c] : 1) / std::sqrt(variance[c] + r.epsilon));
    offsets[c] = offset ? offset[c] : 0;
  }
  normalise(x, RowParts(p.rows, p.channels), mean, factors.data(), offsets.data(), p.relu, y);
}

void batchNormTrain(const BatchNormInts& p, const BatchNormReals& r, const float* x, const float* scale,
                    const float* offset, float* y, float* mean, float* variance) {
  const RowParts parts(p.rows, p.channels);
  std::vector<double> means, variances;
  moments(x, parts, means, variances);
  std::vector<float> factors(p.channels);
  for (int c = 0; c < p.channels; c++) {
    mean[c] = static_cast<float>(means[c]);
    variance[c] = static_cast<float>(variances[c]);
    factors[c] = static_cast<float>(scale[c] / std::sqrt(variances[c] + r.epsilon));
  }
  normalise(x, parts, mean, factors.data(), offset, p.relu, y);
}

// With x̂ = (x − mean) · rstd and M rows: doffset = Σ dy, dscale = Σ dy·x̂ and
// dx = scale · rstd · (dy − doffset / M − x̂ · dscale / M), dy being 0 where the activation cut.
void batchNormTrainGrad(const BatchNormInts& p, const BatchNormReals& r, const float* dy, const float* x,
                        const float* scale, const float* offset, const float* mean, const float* variance, float* dx,
                        float* dscale, float* doffset) {
  const int64_t channels = p.channels;
  const RowParts parts(p.rows, channels);
  std::vector<float> rstd(channels);
  for (int64_t c = 0; c < channels; c++) rstd[c] = static_cast<float>(1 / std::sqrt(variance[c] + r.epsilon));
  WideChannels wide{parts.widened(mean), parts.widened(rstd.data()), parts.widened(scale), parts.widened(offset)};
  // without an activation nothing is cut: x̂ · scale + ∞ is not ≤ 0
  if (!p.relu) std::fill(wide.offset.begin(), wide.offset.end(), std::numeric_limits<float>::infinity());

  float* scaleParts = scratchOf<float>(0, parts.count * channels);
  float* offsetParts = scratchOf<float>(1, parts.count * channels);
  parts.each([&](int part, int64_t first, int64_t rows) {
    std::vector<float> scaleSums(parts.width), offsetSums(parts.width);
    parts.eachWideRow(first, rows, [&](int64_t at, int64_t width) {
      addSlopes(dy + at, x + at, wide.mean.data(), wide.rstd.data(), wide.scale.data(), wide.offset.data(),
                scaleSums.data(), offsetSums.data(), width);
    });
    parts.narrow(scaleSums.data(), scaleParts + part * channels);
    parts.narrow(offsetSums.data(), offsetParts + part * channels);
  });

  std::vector<float> scaleShare(channels), offsetShare(channels);
  for (int64_t c = 0; c < channels; c++) {
    double scaleSum = 0, offsetSum = 0;
    for (int part = 0; part < parts.count; part++) {
      scaleSum += scaleParts[part * channels + c];
      offsetSum += offsetParts[part * channels + c];
    }
    dscale[c] = static_cast<float>(scaleSum);
    doffset[c] = static_cast<float>(offsetSum);
    scaleShare[c] = static_cast<float>(scaleSum / p.rows);
    offsetShare[c] = static_cast<float>(offsetSum / p.rows);
  }
  const std::vector<float> scaleShares = parts.widened(scaleShare.data());
  const std::vector<float> offsetShares = parts.widened(offsetShare.data());
  parts.each([&](int, int64_t first, int64_t rows) {
    parts.eachWideRow(first, rows, [&](int64_t at, int64_t width) {
      writeGradient(dy + at, x + at, wide.mean.data(), wide.rstd.data(), wide.scale.data(), wide.offset.data(),
                    scaleShares.data(), offsetShares.data(), dx + at, width);
    });
  });
}

}  // namespace limbeck::LIMBECK_TARGET
