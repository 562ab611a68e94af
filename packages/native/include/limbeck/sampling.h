// Where a resized axis takes its samples from.
#pragma once

#include "function.h"
#include "params.h"

namespace limbeck {

// Steps in the input from one output sample to the next.
LIMBECK_FN double resizeScale(int input, int output, bool alignCorners) {
  return alignCorners && output > 1 ? double(input - 1) / (output - 1) : double(input) / output;
}

// a · b, rounded before anything is added to it. Where a compiler joins the two (FMA), an output sample that lies on an
// input sample comes to lie beside it, and a NaN of the next one spoils it.
LIMBECK_FN double roundedProduct(double a, double b) {
#ifdef __CUDA_ARCH__
  return __dmul_rn(a, b);
#else
  const volatile double product = a * b;
  return product;
#endif
}

// The two input samples that an output sample lies between, and how near it is to the second.
struct LinearSample {
  int low, high;
  float weight;
};
LIMBECK_FN LinearSample linearSample(int i, int input, double scale, bool halfPixelCenters) {
  const double shift = halfPixelCenters ? 0.5 : 0;
  const double asked = roundedProduct(scale, i + shift) - shift;
  const double place = asked > 0 ? asked : 0;
  const int below = static_cast<int>(place);
  const int above = place > below ? below + 1 : below;
  return {below < input - 1 ? below : input - 1, above < input - 1 ? above : input - 1, static_cast<float>(place - below)};
}

// The input sample that an output sample copies; halves go up where corners are aligned.
LIMBECK_FN int nearestSample(int i, int input, double scale, bool alignCorners, bool halfPixelCenters) {
  const double place = roundedProduct(scale, i + (halfPixelCenters ? 0.5 : 0)) + (alignCorners ? 0.5 : 0);
  const int sample = static_cast<int>(place);
  return sample < input - 1 ? sample : input - 1;
}

}  // namespace limbeck
