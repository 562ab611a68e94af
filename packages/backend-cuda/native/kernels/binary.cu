#include "cu.h"
#include "float-math.h"
#include "limbeck/functors.h"
#include "kernels/strided.h"
#include "kernels/vector.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::FloatMath;
using cuda::forEach;

constexpr bool isTest(BinaryOp op) {
  using O = BinaryOp;
  return op == O::equal || op == O::greater || op == O::greaterEqual || op == O::less || op == O::lessEqual ||
         op == O::logicalAnd || op == O::logicalOr || op == O::notEqual;
}

template <BinaryOp op, typename From>
struct Combined {
  using Result = From;
  CU_FN static From of(From a, From b) { return binaryValue<FloatMath, op>(a, b); }
};
template <BinaryOp op, typename From>
struct Tested {
  using Result = uint8_t;
  CU_FN static uint8_t of(From a, From b) { return binaryTest<op>(a, b); }
};

// What networks and losses do to whole maps goes through them in vectors; the rest is rare, or computes more than it reads.
constexpr bool goesInVectors(BinaryOp op) {
  using O = BinaryOp;
  return op == O::add || op == O::eluGrad || op == O::greater || op == O::greaterEqual || op == O::less ||
         op == O::lessEqual || op == O::maximum || op == O::minimum || op == O::multiply || op == O::prelu ||
         op == O::realDiv || op == O::reluGrad || op == O::squaredDifference || op == O::sub;
}

// WIDTH neighbours of an operand, or one value for all of them.
template <int WIDTH, typename T>
CU_FN Vector<T, WIDTH> operandAt(const Stored<T>& operand, int at, bool isRepeated) {
  if constexpr (WIDTH == 1) return operand.template load<1>(at);
  return isRepeated ? filled<WIDTH>(operand.template load<1>(at)[0]) : operand.template load<WIDTH>(at);
}

template <typename Operation, typename From, int WIDTH>
void combineVectors(const BinaryInts& p, const void* aData, const void* bData, void* yData) {
  using Result = typename Operation::Result;
  const Strided<2> space(WIDTH, p.rank, p.shape, p.aStrides, p.bStrides);
  const Stored<From> a(aData, 0), b(bData, 1);
  const Stored<Result> y(yData, 2);
  forEach(space.count(), [=] __device__(int64_t i) {
    int at[2];
    space.locate(i, at);
    const auto left = operandAt<WIDTH>(a, at[0], space.isRepeated(0)), right = operandAt<WIDTH>(b, at[1], space.isRepeated(1));
    Vector<Result, WIDTH> results;
    CU_UNROLL
    for (int k = 0; k < WIDTH; k++) results[k] = Operation::of(left[k], right[k]);
    y.store(i * WIDTH, results);
  });
}

template <typename Operation, typename From, bool inVectors = false>
void combine(const BinaryInts& p, const void* a, const void* b, void* y) {
  if constexpr (inVectors) {
    constexpr int kWidth = 4;
    const auto fits = [&](const int32_t* strides) { return liesInVectorsOrRepeats(kWidth, p.rank, p.shape, strides); };
    if (fits(p.aStrides) && fits(p.bStrides)) return combineVectors<Operation, From, kWidth>(p, a, b, y);
  }
  combineVectors<Operation, From, 1>(p, a, b, y);
}

using Combine = void (*)(const BinaryInts&, const void* a, const void* b, void* y);

template <BinaryOp op>
Combine combineOf(Dtype from) {
  if constexpr (isTest(op)) {
    if (from == Dtype::kFloat32) return combine<Tested<op, float>, float, goesInVectors(op)>;
    if (from == Dtype::kInt32) return combine<Tested<op, int32_t>, int32_t>;
    return combine<Tested<op, uint8_t>, uint8_t>;
  } else {
    if (from == Dtype::kFloat32) return combine<Combined<op, float>, float, goesInVectors(op)>;
    return combine<Combined<op, int32_t>, int32_t>;
  }
}

Combine combineOf(BinaryOp op, Dtype from) {
  switch (op) {
#define LIMBECK_CASE(name) \
  case BinaryOp::name:     \
    return combineOf<BinaryOp::name>(from);
    LIMBECK_BINARY_OPS(LIMBECK_CASE)
#undef LIMBECK_CASE
  }
  return nullptr;
}

}  // namespace

void binary(const BinaryInts& p, const void* a, const void* b, void* y) { combineOf(p.op, p.from)(p, a, b, y); }

namespace {

template <typename T, int WIDTH>
void choose(const SelectInts& p, const uint8_t* test, const void* aData, const void* bData, void* yData) {
  const Strided<3> space(WIDTH, p.rank, p.shape, p.testStrides, p.aStrides, p.bStrides);
  const Stored<uint8_t> tests(test, 0);
  const Stored<T> a(aData, 1), b(bData, 2), y(yData, 3);
  forEach(space.count(), [=] __device__(int64_t i) {
    int at[3];
    space.locate(i, at);
    const auto chosen = operandAt<WIDTH>(tests, at[0], space.isRepeated(0));
    auto results = operandAt<WIDTH>(a, at[1], space.isRepeated(1));
    const auto others = operandAt<WIDTH>(b, at[2], space.isRepeated(2));
    CU_UNROLL
    for (int k = 0; k < WIDTH; k++) results[k] = chosen[k] ? results[k] : others[k];
    y.store(i * WIDTH, results);
  });
}

template <typename T>
void choose(const SelectInts& p, const uint8_t* test, const void* a, const void* b, void* y) {
  constexpr int kWidth = 4;
  const auto fits = [&](const int32_t* strides) { return liesInVectorsOrRepeats(kWidth, p.rank, p.shape, strides); };
  if (fits(p.testStrides) && fits(p.aStrides) && fits(p.bStrides)) return choose<T, kWidth>(p, test, a, b, y);
  choose<T, 1>(p, test, a, b, y);
}

}  // namespace

void select(const SelectInts& p, const uint8_t* test, const void* a, const void* b, void* y) {
  if (p.elementBytes == 1) return choose<uint8_t>(p, test, a, b, y);
  if (cuda::narrow(1) || cuda::narrow(2) || cuda::narrow(3)) return choose<float>(p, test, a, b, y);
  choose<uint32_t>(p, test, a, b, y);
}

namespace {

template <typename T, int WIDTH>
void addAll(Form<T, WIDTH> form, int inputs, int64_t count, void* const* buffers) {
  const auto* x = cuda::uploadedOf(reinterpret_cast<const T* const*>(buffers), inputs);
  T* y = form.of(buffers[inputs]);
  forEach(count / WIDTH, [=] __device__(int64_t i) {
    auto sum = load<WIDTH>(x[0] + i * WIDTH);
    for (int input = 1; input < inputs; input++) {
      const auto terms = load<WIDTH>(x[input] + i * WIDTH);
      CU_UNROLL
      for (int k = 0; k < WIDTH; k++) sum[k] += terms[k];
    }
    store(y + i * WIDTH, sum);
  });
}

}  // namespace

void addN(const Arguments& arguments) {
  const int inputs = arguments.ints[0], count = arguments.ints[1];
  inVectors(0, count, [&](auto form) { addAll(form, inputs, count, arguments.buffers); });
}

}  // namespace limbeck::kernels
