#include "device/parallel.h"
#include "folded-softmax.h"
#include "grain.h"
#include "limbeck/kernels.h"
#include "limbeck/loss-terms.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

struct CrossEntropy {
  const CrossEntropyInts& p;
  const CrossEntropyReals& r;
  const int32_t* groups;

  explicit CrossEntropy(const Arguments& arguments)
      : p(*reinterpret_cast<const CrossEntropyInts*>(arguments.ints)),
        r(*reinterpret_cast<const CrossEntropyReals*>(arguments.reals)),
        groups(arguments.ints + sizeof(CrossEntropyInts) / sizeof(int32_t)) {}

  // The group of a pixel's label, −1 where the pixel takes no part.
  int32_t groupOf(int32_t label) const {
    return label == p.ignoreLabel || label < 0 || label >= p.channels ? -1 : groups[label];
  }
};

double weightOf(const float* classWeights, int group) { return classWeights ? classWeights[group] : 1.0; }

}  // namespace

void crossEntropy(const Arguments& arguments) {
  const CrossEntropy ce(arguments);
  const int channels = ce.p.channels;
  const auto* logits = static_cast<const float*>(arguments.buffers[0]);
  const auto* labels = static_cast<const int32_t*>(arguments.buffers[1]);
  const auto* classWeights = static_cast<const float*>(arguments.buffers[2]);
  auto* loss = static_cast<float*>(arguments.buffers[3]);
  auto* weight = static_cast<float*>(arguments.buffers[4]);
  const double smoothing = ce.r.smoothing;
  parallelFor(ce.p.rows, grainOf(channels, 16), [&](int64_t begin, int64_t end) {
    FoldedSoftmax softmax(ce.groups, channels, 1);
    eachPixelBlock(begin, end, [&](int64_t first, int pixels) {
      softmax.read(logits + first * channels, pixels);
      for (int i = 0; i < pixels; i++) {
        const int32_t group = ce.groupOf(labels[first + i]);
        if (group < 0) {
          loss[first + i] = weight[first + i] = 0;
          continue;
        }
        const double logP = softmax.logP(group).at[i], w = weightOf(classWeights, group);
        double total = -(1 - smoothing) * w * focalFactor<DoubleMath>(logP, ce.r.gamma).value * logP;
        if (smoothing > 0) {
          for (int c = 0; c < channels; c++) total -= smoothing / channels * weightOf(classWeights, c) * softmax.logP(c).at[i];
        }
        loss[first + i] = static_cast<float>(total);
        weight[first + i] = static_cast<float>(w);
      }
    });
  });
}

// d log p(group) / d logit c = (share of c in its group, if it is that one) − softmax of c.
void crossEntropyGrad(const Arguments& arguments) {
  const CrossEntropy ce(arguments);
  const int channels = ce.p.channels;
  const auto* dy = static_cast<const float*>(arguments.buffers[0]);
  const auto* logits = static_cast<const float*>(arguments.buffers[1]);
  const auto* labels = static_cast<const int32_t*>(arguments.buffers[2]);
  const auto* classWeights = static_cast<const float*>(arguments.buffers[3]);
  auto* dlogits = static_cast<float*>(arguments.buffers[4]);
  const double smoothing = ce.r.smoothing;
  parallelFor(ce.p.rows, grainOf(channels, 16), [&](int64_t begin, int64_t end) {
    FoldedSoftmax softmax(ce.groups, channels, 1);
    eachPixelBlock(begin, end, [&](int64_t first, int pixels) {
      softmax.read(logits + first * channels, pixels);
      PixelRow factor = FoldedSoftmax::filled(0);
      for (int i = 0; i < pixels; i++) {
        const int32_t group = ce.groupOf(labels[first + i]);
        if (group < 0) continue;
        factor.at[i] = dy[first + i];
        const double logP = softmax.logP(group).at[i];
        const Factor<double> focal = focalFactor<DoubleMath>(logP, ce.r.gamma);
        softmax.slope(group).at[i] -= (1 - smoothing) * weightOf(classWeights, group) * (focal.value + focal.slope * logP);
        if (smoothing > 0) {
          for (int c = 0; c < channels; c++) softmax.slope(c).at[i] -= smoothing / channels * weightOf(classWeights, c);
        }
      }
      float* to = dlogits + first * channels;
      softmax.writeGradient(to, factor, pixels);
      // a pixel that takes no part has no gradient, whatever its logits are
      for (int i = 0; i < pixels; i++) {
        if (ce.groupOf(labels[first + i]) < 0) std::fill(to + static_cast<int64_t>(i) * channels, to + static_cast<int64_t>(i + 1) * channels, 0.0f);
      }
    });
  });
}

}  // namespace limbeck::LIMBECK_TARGET
