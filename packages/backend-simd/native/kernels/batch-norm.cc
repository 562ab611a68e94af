#include <algorithm>
#include <cmath>
#include <vector>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/kernels.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

// Rows of a stack that are summed in float, while they are in the cache, before they enter sums of double; and how the
// rows are shared out, which depends on the shape alone.
struct RowParts {
  int64_t rows, channels, perPart;
  int count;

  RowParts(int64_t rows, int64_t channels)
      : rows(rows), channels(channels), perPart(std::max<int64_t>(1, kElements / channels)),
        count(static_cast<int>((rows + perPart - 1) / perPart)) {}

  // visit(part, first row, rows) on all threads.
  template <typename Visit>
  void each(const Visit& visit) const {
    parallelFor(count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; part++) {
        visit(static_cast<int>(part), part * perPart, std::min(perPart, rows - part * perPart));
      }
    });
  }
};

// Mean and biased variance of each channel: each part by itself in two passes, then joined (Chan et al., 1983), so
// that a large mean costs no digits and memory is read once.
void moments(const float* x, const RowParts& parts, std::vector<double>& mean, std::vector<double>& variance) {
  const int64_t channels = parts.channels;
  float* means = scratchOf<float>(0, parts.count * channels);
  float* squares = scratchOf<float>(1, parts.count * channels);
  parts.each([&](int part, int64_t first, int64_t rows) {
    float* partMean = means + part * channels;
    float* partSquare = squares + part * channels;
    std::fill(partMean, partMean + channels, 0.0f);
    std::fill(partSquare, partSquare + channels, 0.0f);
    const float* row = x + first * channels;
    for (int64_t i = 0; i < rows; i++, row += channels) {
      for (int64_t c = 0; c < channels; c++) partMean[c] += row[c];
    }
    for (int64_t c = 0; c < channels; c++) partMean[c] /= static_cast<float>(rows);
    row = x + first * channels;
    for (int64_t i = 0; i < rows; i++, row += channels) {
      for (int64_t c = 0; c < channels; c++) partSquare[c] += (row[c] - partMean[c]) * (row[c] - partMean[c]);
    }
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
void normalise(const float* x, const RowParts& parts, const float* mean, const float* factor, const float* offset, bool relu, float* y) {
  const int64_t channels = parts.channels;
  parts.each([&](int, int64_t first, int64_t rows) {
    const float* from = x + first * channels;
    float* to = y + first * channels;
    for (int64_t i = 0; i < rows; i++, from += channels, to += channels) {
      if (relu) {
        for (int64_t c = 0; c < channels; c++) {
          const float value = (from[c] - mean[c]) * factor[c] + offset[c];
          to[c] = value < 0 ? 0 : value;
        }
      } else {
        for (int64_t c = 0; c < channels; c++) to[c] = (from[c] - mean[c]) * factor[c] + offset[c];
      }
    }
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
  const auto slopeAt = [&](float slope, float normal, int64_t c) {
    return p.relu && !(normal * scale[c] + offset[c] > 0) ? 0.0f : slope;
  };

  float* scaleParts = scratchOf<float>(0, parts.count * channels);
  float* offsetParts = scratchOf<float>(1, parts.count * channels);
  parts.each([&](int part, int64_t first, int64_t rows) {
    float* partScale = scaleParts + part * channels;
    float* partOffset = offsetParts + part * channels;
    std::fill(partScale, partScale + channels, 0.0f);
    std::fill(partOffset, partOffset + channels, 0.0f);
    for (int64_t at = first * channels; at < (first + rows) * channels; at += channels) {
      for (int64_t c = 0; c < channels; c++) {
        const float normal = (x[at + c] - mean[c]) * rstd[c];
        const float slope = slopeAt(dy[at + c], normal, c);
        partOffset[c] += slope;
        partScale[c] += slope * normal;
      }
    }
  });
  std::vector<float> scaleShare(channels), offsetShare(channels), factors(channels);
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
    factors[c] = scale[c] * rstd[c];
  }
  parts.each([&](int, int64_t first, int64_t rows) {
    for (int64_t at = first * channels; at < (first + rows) * channels; at += channels) {
      for (int64_t c = 0; c < channels; c++) {
        const float normal = (x[at + c] - mean[c]) * rstd[c];
        dx[at + c] = factors[c] * (slopeAt(dy[at + c], normal, c) - offsetShare[c] - normal * scaleShare[c]);
      }
    }
  });
}

}  // namespace limbeck::LIMBECK_TARGET
