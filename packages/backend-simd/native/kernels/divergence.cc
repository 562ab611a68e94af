#include <numeric>

#include "device/parallel.h"
#include "folded-softmax.h"
#include "grain.h"
#include "limbeck/kernels.h"
#include "limbeck/loss-terms.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

// The softmax of the student, its classes folded into the teacher's, and that of the teacher.
struct Divergence {
  const DivergenceInts& p;
  const DivergenceReals& r;
  const int32_t* groups;
  std::vector<int32_t> identity;

  explicit Divergence(const Arguments& arguments)
      : p(*reinterpret_cast<const DivergenceInts*>(arguments.ints)),
        r(*reinterpret_cast<const DivergenceReals*>(arguments.reals)),
        groups(arguments.ints + sizeof(DivergenceInts) / sizeof(int32_t)), identity(p.teacherChannels) {
    std::iota(identity.begin(), identity.end(), 0);
  }

  FoldedSoftmax student() const { return {groups, p.channels, 1 / r.temperature}; }
  FoldedSoftmax teacher() const { return {identity.data(), p.teacherChannels, r.teacherScale / r.temperature}; }
  int64_t grain() const { return grainOf(p.channels + p.teacherChannels, 16); }
};

}  // namespace

void divergence(const Arguments& arguments) {
  const Divergence d(arguments);
  const auto* student = static_cast<const float*>(arguments.buffers[0]);
  const auto* teacher = static_cast<const float*>(arguments.buffers[1]);
  auto* y = static_cast<float*>(arguments.buffers[2]);
  parallelFor(d.p.rows, d.grain(), [&](int64_t begin, int64_t end) {
    FoldedSoftmax p = d.student(), q = d.teacher();
    eachPixelBlock(begin, end, [&](int64_t first, int pixels) {
      p.read(student + first * d.p.channels, pixels);
      q.read(teacher + first * d.p.teacherChannels, pixels);
      PixelRow sum = FoldedSoftmax::filled(0);
      for (int k = 0; k < d.p.teacherChannels; k++) {
        const PixelRow &logP = p.logP(k), &logQ = q.logP(k);
        for (int i = 0; i < kPixels; i++) {
          const double probability = exp64(logQ.at[i]);
          const auto factor = modulation<DoubleMath>(probability - exp64(logP.at[i]), d.p.modulator, d.r.gamma);
          sum.at[i] += factor.value * divergenceGap(probability, logQ.at[i], logP.at[i], d.p.form);
        }
      }
      for (int i = 0; i < pixels; i++) y[first + i] = static_cast<float>(sum.at[i]);
    });
  });
}

void divergenceGrad(const Arguments& arguments) {
  const Divergence d(arguments);
  const auto* dy = static_cast<const float*>(arguments.buffers[0]);
  const auto* student = static_cast<const float*>(arguments.buffers[1]);
  const auto* teacher = static_cast<const float*>(arguments.buffers[2]);
  auto* dstudent = static_cast<float*>(arguments.buffers[3]);
  parallelFor(d.p.rows, d.grain(), [&](int64_t begin, int64_t end) {
    FoldedSoftmax p = d.student(), q = d.teacher();
    eachPixelBlock(begin, end, [&](int64_t first, int pixels) {
      p.read(student + first * d.p.channels, pixels);
      q.read(teacher + first * d.p.teacherChannels, pixels);
      PixelRow factor = FoldedSoftmax::filled(0);
      for (int i = 0; i < pixels; i++) factor.at[i] = dy[first + i];
      for (int k = 0; k < d.p.teacherChannels; k++) {
        const PixelRow &logP = p.logP(k), &logQ = q.logP(k);
        PixelRow& slope = p.slope(k);
        for (int i = 0; i < kPixels; i++) {
          const double probability = exp64(logQ.at[i]), own = exp64(logP.at[i]);
          const auto focus = modulation<DoubleMath>(probability - own, d.p.modulator, d.r.gamma);
          const double through = d.p.detachModulator || focus.slope == 0
                                     ? 0
                                     : focus.slope * own * divergenceGap(probability, logQ.at[i], logP.at[i], d.p.form);
          slope.at[i] += through - focus.value * probability;
        }
      }
      p.writeGradient(dstudent + first * d.p.channels, factor, pixels);
    });
  });
}

}  // namespace limbeck::LIMBECK_TARGET
