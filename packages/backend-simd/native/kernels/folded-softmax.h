// The softmax of several pixels side by side, with classes folded into groups: a group's probability is the sum of its
// members'. In logarithms and in double throughout, so that logits of ±1e4 neither overflow nor lose a loss.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "limbeck/params.h"
#include "simd/math.h"

namespace limbeck::LIMBECK_TARGET {

// Pixels side by side: loops over them become vectors.
constexpr int kPixels = 16;
struct PixelRow {
  double at[kPixels];
};

// Pixels begin…end-1 of a loop in blocks of kPixels: visit(first pixel, pixels).
template <typename Visit>
void eachPixelBlock(int64_t begin, int64_t end, const Visit& visit) {
  for (int64_t first = begin; first < end; first += kPixels) {
    visit(first, static_cast<int>(std::min<int64_t>(kPixels, end - first)));
  }
}

class FoldedSoftmax {
 public:
  // Classes in the group kExcluded are no part of the softmax; other negative groups are, but have no name.
  FoldedSoftmax(const int32_t* groups, int classes, double scale)
      : groups_(groups), classes_(classes), scale_(scale),
        names_(std::max(0, *std::max_element(groups, groups + classes) + 1)),
        scaled_(classes), logP_(names_), sums_(names_), slopes_(names_) {}

  int names() const { return names_; }

  // Moves to the `pixels` pixels whose logits begin at `logits`; slopes start at 0.
  void read(const float* logits, int pixels) {
    for (int c = 0; c < classes_; c++) {
      for (int i = 0; i < kPixels; i++) {
        scaled_[c].at[i] = groups_[c] == kExcluded ? -kInfinity : i < pixels ? logits[static_cast<int64_t>(i) * classes_ + c] * scale_ : 0;
      }
    }
    PixelRow max = filled(-kInfinity), sum = filled(0);
    for (const PixelRow& z : scaled_) raise(max, z);
    for (const PixelRow& z : scaled_) addExp(sum, z, max);
    for (int i = 0; i < kPixels; i++) logSum_.at[i] = max.at[i] + log64(sum.at[i]);
    fold();
  }

  // log probabilities of a group at the pixels.
  const PixelRow& logP(int group) const { return logP_[group]; }

  // The derivatives of the loss by log p of a group, to be set.
  PixelRow& slope(int group) { return slopes_[group]; }

  // Writes the derivative of the loss by each logit, times `factor`: with D(k) the slope of group k, s(c) the softmax
  // and p(k) the group's probability, D(k)·s(c)/p(k) − s(c)·ΣD.
  void writeGradient(float* to, const PixelRow& factor, int pixels) const {
    PixelRow total = filled(0);
    for (const PixelRow& slope : slopes_) {
      for (int i = 0; i < kPixels; i++) total.at[i] += slope.at[i];
    }
    for (int c = 0; c < classes_; c++) {
      const int32_t group = groups_[c];
      PixelRow gradient = filled(0), share = filled(0);
      if (group >= 0) {
        for (int i = 0; i < kPixels; i++) {
          share.at[i] = slopes_[group].at[i] * exp64(scaled_[c].at[i] - logSum_.at[i] - logP_[group].at[i]);
        }
      }
      if (group != kExcluded) {
        for (int i = 0; i < kPixels; i++) {
          gradient.at[i] = factor.at[i] * scale_ * (share.at[i] - exp64(scaled_[c].at[i] - logSum_.at[i]) * total.at[i]);
        }
      }
      for (int i = 0; i < pixels; i++) to[static_cast<int64_t>(i) * classes_ + c] = static_cast<float>(gradient.at[i]);
    }
  }

  static PixelRow filled(double value) {
    PixelRow row;
    std::fill(row.at, row.at + kPixels, value);
    return row;
  }

 private:
  // The larger one; a NaN, once seen, stays.
  static void raise(PixelRow& max, const PixelRow& z) {
    for (int i = 0; i < kPixels; i++) max.at[i] = z.at[i] > max.at[i] || z.at[i] != z.at[i] ? z.at[i] : max.at[i];
  }
  static void addExp(PixelRow& sum, const PixelRow& z, const PixelRow& max) {
    for (int i = 0; i < kPixels; i++) sum.at[i] += exp64(z.at[i] - max.at[i]);
  }

  // log p of each group by its own maximum: a group far below the others keeps its digits.
  void fold() {
    std::fill(logP_.begin(), logP_.end(), filled(-kInfinity));
    std::fill(sums_.begin(), sums_.end(), filled(0));
    std::fill(slopes_.begin(), slopes_.end(), filled(0));
    for (int c = 0; c < classes_; c++) {
      if (groups_[c] >= 0) raise(logP_[groups_[c]], scaled_[c]);
    }
    for (int c = 0; c < classes_; c++) {
      if (groups_[c] >= 0) addExp(sums_[groups_[c]], scaled_[c], logP_[groups_[c]]);
    }
    for (int k = 0; k < names_; k++) {
      for (int i = 0; i < kPixels; i++) logP_[k].at[i] += log64(sums_[k].at[i]) - logSum_.at[i];
    }
  }

  const int32_t* groups_;
  int classes_;
  double scale_;
  int names_;
  std::vector<PixelRow> scaled_, logP_, sums_, slopes_;
  PixelRow logSum_;
};

}  // namespace limbeck::LIMBECK_TARGET
