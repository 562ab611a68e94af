#include "folded-softmax.h"
#include "float-math.h"
#include "limbeck/kernels.h"
#include "limbeck/loss-terms.h"

namespace limbeck::kernels {

namespace {

using namespace cuda;

struct CrossEntropy {
  CrossEntropyInts p;
  CrossEntropyReals r;
  Grouping grouping;
  Stored<float> logits;
  const int32_t* labels;
  const float* classWeights;  // or null

  // The buffers follow each other in the order of `logits`, `labels`, `classWeights`.
  CrossEntropy(const Arguments& arguments, int firstBuffer)
      : p(*reinterpret_cast<const CrossEntropyInts*>(arguments.ints)),
        r(*reinterpret_cast<const CrossEntropyReals*>(arguments.reals)),
        grouping(groupingOf(arguments.ints + sizeof(CrossEntropyInts) / sizeof(int32_t), p.channels, p.channels)),
        logits(arguments.buffers[firstBuffer], firstBuffer),
        labels(static_cast<const int32_t*>(arguments.buffers[firstBuffer + 1])),
        classWeights(static_cast<const float*>(arguments.buffers[firstBuffer + 2])) {}

  // The group of a pixel's label, negative where the pixel takes no part.
  CU_FN int groupOf(int64_t pixel) const {
    const int32_t label = labels[pixel];
    return label == p.ignoreLabel || label < 0 || label >= p.channels ? -1 : grouping.groups[label];
  }
  CU_FN double weightOf(int group) const { return classWeights ? classWeights[group] : 1.0; }
};

struct CrossEntropyValue : CrossEntropy {
  float *loss, *weight;

  explicit CrossEntropyValue(const Arguments& arguments)
      : CrossEntropy(arguments, 0), loss(static_cast<float*>(arguments.buffers[3])),
        weight(static_cast<float*>(arguments.buffers[4])) {}

  template <int LANES>
  CU_FN void run(int64_t pixel, bool writes) const {
    const FoldedSoftmax<LANES> softmax(grouping, logits.from(pixel * p.channels), 1);
    double spread = 0;  // over all classes, each of which is its own group
    if (r.smoothing > 0) {
      for (int c = softmax.lane(); c < p.channels; c += LANES) spread -= weightOf(c) * softmax.logS(c);
      spread = r.smoothing / p.channels * lanesSum<LANES>(spread);
    }
    if (!writes || softmax.lane() != 0) return;
    const int group = groupOf(pixel);
    if (group < 0) {
      loss[pixel] = weight[pixel] = 0;
      return;
    }
    const double logP = softmax.logP(group), w = weightOf(group);
    loss[pixel] = static_cast<float>(spread - (1 - r.smoothing) * w * focalFactor<DoubleMath>(logP, r.gamma).value * logP);
    weight[pixel] = static_cast<float>(w);
  }
};

struct CrossEntropyGrad : CrossEntropy {
  const float* dy;
  float* dlogits;

  explicit CrossEntropyGrad(const Arguments& arguments)
      : CrossEntropy(arguments, 1), dy(static_cast<const float*>(arguments.buffers[0])),
        dlogits(static_cast<float*>(arguments.buffers[4])) {}

  // d log p(group) / d logit c = (share of c in its group, if it is that one) − softmax of c.
  template <int LANES>
  CU_FN void run(int64_t pixel, bool writes) const {
    const FoldedSoftmax<LANES> softmax(grouping, logits.from(pixel * p.channels), 1);
    double weights = 0;
    if (r.smoothing > 0) {
      for (int c = softmax.lane(); c < p.channels; c += LANES) weights += weightOf(c);
      weights = lanesSum<LANES>(weights);
    }
    if (!writes) return;
    float* to = dlogits + pixel * p.channels;
    const int group = groupOf(pixel);
    if (group < 0) {  // no gradient, whatever the logits are
      for (int c = softmax.lane(); c < p.channels; c += LANES) to[c] = 0;
      return;
    }
    const double factor = dy[pixel], logP = softmax.logP(group), smoothed = r.smoothing / p.channels;
    const Factor<double> focal = focalFactor<DoubleMath>(logP, r.gamma);
    const double slope = -(1 - r.smoothing) * weightOf(group) * (focal.value + focal.slope * logP);
    for (int c = softmax.lane(); c < p.channels; c += LANES) {
      const int own = grouping.groups[c];
      double gradient = 0;
      if (own == group || r.smoothing > 0) {
        const double ofClass = r.smoothing > 0 ? smoothed * weightOf(c) : 0;
        gradient = softmax.slopeOf(c, (own == group ? slope : 0) - ofClass, own == group ? logP : softmax.logS(c),
                                   slope - smoothed * weights);
      } else if (own != kExcluded) {
        gradient = softmax.slopeOf(c, 0, 0, slope);
      }
      to[c] = static_cast<float>(factor * gradient);
    }
  }
};

}  // namespace

void crossEntropy(const Arguments& arguments) {
  const CrossEntropyValue body(arguments);
  eachPixel(body.p.rows, body.p.channels, body);
}

void crossEntropyGrad(const Arguments& arguments) {
  const CrossEntropyGrad body(arguments);
  eachPixel(body.p.rows, body.p.channels, body);
}

}  // namespace limbeck::kernels
