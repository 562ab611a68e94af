#include "folded-softmax.h"
#include "float-math.h"
#include "limbeck/kernels.h"
#include "limbeck/loss-terms.h"

namespace limbeck::kernels {

namespace {

using namespace cuda;

// The softmax of the student, its classes folded into the teacher's, and that of the teacher.
struct Divergence {
  DivergenceInts p;
  DivergenceReals r;
  Grouping studentGroups, teacherGroups;
  Stored<float> student, teacher;

  Divergence(const Arguments& arguments, int firstBuffer)
      : p(*reinterpret_cast<const DivergenceInts*>(arguments.ints)),
        r(*reinterpret_cast<const DivergenceReals*>(arguments.reals)),
        studentGroups(groupingOf(arguments.ints + sizeof(DivergenceInts) / sizeof(int32_t), p.channels,
                                 p.teacherChannels)),
        teacherGroups(eachForItself(p.teacherChannels)),
        student(arguments.buffers[firstBuffer], firstBuffer),
        teacher(arguments.buffers[firstBuffer + 1], firstBuffer + 1) {}

  template <int LANES>
  CU_FN FoldedSoftmax<LANES> ofStudent(int64_t pixel) const {
    return {studentGroups, student.from(pixel * p.channels), 1 / r.temperature};
  }
  template <int LANES>
  CU_FN FoldedSoftmax<LANES> ofTeacher(int64_t pixel) const {
    return {teacherGroups, teacher.from(pixel * p.teacherChannels), r.teacherScale / r.temperature};
  }
};

struct DivergenceValue : Divergence {
  float* y;

  explicit DivergenceValue(const Arguments& arguments)
      : Divergence(arguments, 0), y(static_cast<float*>(arguments.buffers[2])) {}

  template <int LANES>
  CU_FN void run(int64_t pixel, bool writes) const {
    const auto own = ofStudent<LANES>(pixel), other = ofTeacher<LANES>(pixel);
    double sum = 0;
    for (int k = own.lane(); k < p.teacherChannels; k += LANES) {
      const double logP = own.logP(k), logQ = other.logS(k), q = exp(logQ);
      const auto factor = modulation<DoubleMath>(q - exp(logP), p.modulator, r.gamma);
      sum += factor.value * divergenceGap(q, logQ, logP, p.form);
    }
    sum = lanesSum<LANES>(sum);
    if (writes && own.lane() == 0) y[pixel] = static_cast<float>(sum);
  }
};

struct DivergenceGrad : Divergence {
  const float* dy;
  float* dstudent;

  explicit DivergenceGrad(const Arguments& arguments)
      : Divergence(arguments, 1), dy(static_cast<const float*>(arguments.buffers[0])),
        dstudent(static_cast<float*>(arguments.buffers[3])) {}

  // The derivative by log p of a class of the teacher.
  template <int LANES>
  CU_FN double slope(double logP, double logQ) const {
    const double probability = exp(logP), q = exp(logQ);
    const auto focus = modulation<DoubleMath>(q - probability, p.modulator, r.gamma);
    const double through = p.detachModulator || focus.slope == 0
                               ? 0
                               : focus.slope * probability * divergenceGap(q, logQ, logP, p.form);
    return through - focus.value * q;
  }

  template <int LANES>
  CU_FN void run(int64_t pixel, bool writes) const {
    const auto own = ofStudent<LANES>(pixel), other = ofTeacher<LANES>(pixel);
    double slopes = 0;
    for (int k = own.lane(); k < p.teacherChannels; k += LANES) slopes += slope<LANES>(own.logP(k), other.logS(k));
    slopes = lanesSum<LANES>(slopes);
    if (!writes) return;
    float* to = dstudent + pixel * p.channels;
    const double factor = dy[pixel];
    const auto write = [&](int c, double ofGroup, double logP) {
      to[c] = static_cast<float>(factor * own.slopeOf(c, ofGroup, logP, slopes));
    };
    for (int k = own.lane(); k < p.teacherChannels; k += LANES) {
      const double logP = own.logP(k), ofGroup = slope<LANES>(logP, other.logS(k));
      for (int i = studentGroups.starts[k]; i < studentGroups.starts[k + 1]; i++) write(studentGroups.members[i], ofGroup, logP);
    }
    for (int c = own.lane(); c < p.channels; c += LANES) {
      if (studentGroups.groups[c] == kExcluded) to[c] = 0;
      if (studentGroups.groups[c] == kUnmatched) write(c, 0, 0);
    }
  }
};

}  // namespace

void divergence(const Arguments& arguments) {
  const DivergenceValue body(arguments);
  eachPixel(body.p.rows, body.p.channels, body);
}

void divergenceGrad(const Arguments& arguments) {
  const DivergenceGrad body(arguments);
  eachPixel(body.p.rows, body.p.channels, body);
}

}  // namespace limbeck::kernels
