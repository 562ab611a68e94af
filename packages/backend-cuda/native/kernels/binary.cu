#include "cu.h"
#include "float-math.h"
#include "limbeck/functors.h"
#include "limbeck/kernels.h"
#include "kernels/strided.h"

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

template <typename Operation, typename From>
void combine(const BinaryInts& p, const void* aData, const void* bData, void* yData) {
  const Strided<2> space(p.rank, p.shape, p.aStrides, p.bStrides);
  const From* a = static_cast<const From*>(aData);
  const From* b = static_cast<const From*>(bData);
  auto* y = static_cast<typename Operation::Result*>(yData);
  forEach(space.count(), [=] __device__(int64_t i) {
    int64_t at[2];
    space.locate(i, at);
    y[i] = Operation::of(a[at[0]], b[at[1]]);
  });
}

using Combine = void (*)(const BinaryInts&, const void* a, const void* b, void* y);

template <BinaryOp op>
Combine combineOf(Dtype from) {
  if constexpr (isTest(op)) {
    if (from == Dtype::kFloat32) return combine<Tested<op, float>, float>;
    if (from == Dtype::kInt32) return combine<Tested<op, int32_t>, int32_t>;
    return combine<Tested<op, uint8_t>, uint8_t>;
  } else {
    if (from == Dtype::kFloat32) return combine<Combined<op, float>, float>;
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

template <typename T>
void choose(const SelectInts& p, const uint8_t* test, const void* aData, const void* bData, void* yData) {
  const Strided<3> space(p.rank, p.shape, p.testStrides, p.aStrides, p.bStrides);
  const T* a = static_cast<const T*>(aData);
  const T* b = static_cast<const T*>(bData);
  T* y = static_cast<T*>(yData);
  forEach(space.count(), [=] __device__(int64_t i) {
    int64_t at[3];
    space.locate(i, at);
    y[i] = test[at[0]] ? a[at[1]] : b[at[2]];
  });
}

}  // namespace

void select(const SelectInts& p, const uint8_t* test, const void* a, const void* b, void* y) {
  if (p.elementBytes == 1) return choose<uint8_t>(p, test, a, b, y);
  choose<uint32_t>(p, test, a, b, y);
}

void addN(const Arguments& arguments) {
  const int inputs = arguments.ints[0];
  const auto* x = cuda::uploadedOf(reinterpret_cast<const float* const*>(arguments.buffers), inputs);
  float* y = static_cast<float*>(arguments.buffers[inputs]);
  forEach(arguments.ints[1], [=] __device__(int64_t i) {
    float sum = x[0][i];
    for (int k = 1; k < inputs; k++) sum += x[k][i];
    y[i] = sum;
  });
}

}  // namespace limbeck::kernels
