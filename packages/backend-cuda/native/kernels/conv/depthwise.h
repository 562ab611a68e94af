// Convolutions of which each output channel reads one input channel, and no two the same: no products of matrices, but
// as many reads as there are taps.
#pragma once

#include "limbeck/params.h"

namespace limbeck::cuda {

void depthwise(const ConvInts&, const float* x, const float* filter, const float* bias /*?*/, float* y);
void depthwiseGradInput(const ConvInts&, const float* dy, const float* filter, float* dx);
void depthwiseGradFilter(const ConvInts&, const float* x, const float* dy, float* dfilter);

}  // namespace limbeck::cuda
