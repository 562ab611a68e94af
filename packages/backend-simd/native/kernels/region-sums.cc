#include "device/parallel.h"
#include "folded-softmax.h"
#include "grain.h"
#include "limbeck/kernels.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

bool takesPart(int32_t label, const RegionSumsInts& p) {
  return label != p.ignoreLabel && label >= 0 && label < p.channels;
}

// Softmax of pixels side by side, one row a class.
void softmaxOf(const float* logits, int pixels, std::vector<PixelRow>& p) {
  const int channels = static_cast<int>(p.size());
  PixelRow max = FoldedSoftmax::filled(-kInfinity), sum = FoldedSoftmax::filled(0);
  for (int c = 0; c < channels; c++) {
    for (int i = 0; i < kPixels; i++) p[c].at[i] = i < pixels ? logits[static_cast<int64_t>(i) * channels + c] : 0;
    for (int i = 0; i < kPixels; i++) max.at[i] = p[c].at[i] > max.at[i] || p[c].at[i] != p[c].at[i] ? p[c].at[i] : max.at[i];
  }
  for (PixelRow& row : p) {
    for (int i = 0; i < kPixels; i++) row.at[i] = exp64(row.at[i] - max.at[i]);
    for (int i = 0; i < kPixels; i++) sum.at[i] += row.at[i];
  }
  for (PixelRow& row : p) {
    for (int i = 0; i < kPixels; i++) row.at[i] /= sum.at[i];
  }
}

// Pixels of an image that are summed in one go; the order of sums depends on the shape alone.
constexpr int64_t kPartPixels = 4096;

}  // namespace

void regionSums(const RegionSumsInts& p, const float* logits, const int32_t* labels, float* intersection,
                float* predicted, float* actual) {
  const int channels = p.channels;
  const int64_t parts = std::max<int64_t>(1, (p.pixels + kPartPixels - 1) / kPartPixels);
  double* sums = scratchOf<double>(0, p.batch * parts * 3 * channels);
  parallelFor(p.batch * parts, 1, [&](int64_t begin, int64_t end) {
    std::vector<PixelRow> softmax(channels);
    for (int64_t task = begin; task < end; task++) {
      double* own = sums + task * 3 * channels;
      std::fill(own, own + 3 * channels, 0.0);
      const int64_t image = task / parts * p.pixels, start = task % parts * kPartPixels;
      const int64_t stop = std::min<int64_t>(start + kPartPixels, p.pixels);
      eachPixelBlock(image + start, image + stop, [&](int64_t first, int pixels) {
        softmaxOf(logits + first * channels, pixels, softmax);
        for (int i = 0; i < pixels; i++) {
          const int32_t label = labels[first + i];
          if (!takesPart(label, p)) continue;
          own[label] += softmax[label].at[i];
          own[2 * channels + label] += 1;
          for (int c = 0; c < channels; c++) {
            const double value = softmax[c].at[i];
            own[channels + c] += p.squared ? value * value : value;
          }
        }
      });
    }
  });
  for (int64_t image = 0; image < p.batch; image++) {
    for (int c = 0; c < channels; c++) {
      double totals[3] = {};
      for (int64_t part = 0; part < parts; part++) {
        const double* own = sums + (image * parts + part) * 3 * channels;
        for (int k = 0; k < 3; k++) totals[k] += own[k * channels + c];
      }
      intersection[image * channels + c] = static_cast<float>(totals[0]);
      predicted[image * channels + c] = static_cast<float>(totals[1]);
      actual[image * channels + c] = static_cast<float>(totals[2]);
    }
  }
}

void regionSumsGrad(const RegionSumsInts& p, const float* dIntersection, const float* dPredicted, const float* logits,
                    const int32_t* labels, float* dlogits) {
  const int channels = p.channels;
  parallelFor(p.batch, 1, [&](int64_t firstImage, int64_t endImage) {
    std::vector<PixelRow> softmax(channels);
    std::vector<double> slopes(channels);
    for (int64_t image = firstImage; image < endImage; image++) {
      eachPixelBlock(image * p.pixels, (image + 1) * p.pixels, [&](int64_t first, int pixels) {
        softmaxOf(logits + first * channels, pixels, softmax);
        for (int i = 0; i < pixels; i++) {
          const int32_t label = labels[first + i];
          float* to = dlogits + (first + i) * channels;
          if (!takesPart(label, p)) {
            std::fill(to, to + channels, 0.0f);
            continue;
          }
          double mean = 0;
          for (int c = 0; c < channels; c++) {
            const double own = c == label ? dIntersection[image * channels + c] : 0;
            slopes[c] = own + dPredicted[image * channels + c] * (p.squared ? 2 * softmax[c].at[i] : 1);
            mean += slopes[c] * softmax[c].at[i];
          }
          for (int c = 0; c < channels; c++) to[c] = static_cast<float>(softmax[c].at[i] * (slopes[c] - mean));
        }
      });
    }
  });
}

}  // namespace limbeck::LIMBECK_TARGET
