// Every kernel of a native backend. A device defines them all, the linker sees to that; the N-API surface finds them by
// name, and unpacks their arguments by their signatures (`kernel-table.h`).
//
// Maps are NHWC, filters HWIO, everything is row-major and contiguous. What a kernel means is written in core's
// `backend/contract.ts`, and `backend-ref` is its exact form. Outputs are not cleared beforehand: a kernel writes every
// element. `?` marks a buffer that may be null. Kernels whose parameters have a tail take `Arguments`; their buffers are
// listed in their order. Floats are bfloat16 in the buffers that the launch says are narrow.
//
// A backend that compiles its kernels several times (one instruction set each) sets LIMBECK_TARGET to a namespace.
#pragma once

#include "arguments.h"
#include "params.h"

#ifndef LIMBECK_TARGET
#define LIMBECK_TARGET kernels
#endif

namespace limbeck::LIMBECK_TARGET {

// Elementwise and data movement.
void unary(const UnaryInts&, const UnaryReals&, const void* x, void* y);
void cast(const CastInts&, const void* x, void* y);
void binary(const BinaryInts&, const void* a, const void* b, void* y);
void select(const SelectInts&, const uint8_t* test, const void* a, const void* b, void* y);
void copy(const CopyInts&, const void* x, void* y);
void fill(const FillInts&, const FillReals&, void* y);
void range(const FillInts&, const RangeReals&, void* y);
// TensorListInts of one count: x0, x1, …, y; float32. y = Σ x.
void addN(const Arguments&);

// Reductions and orders.
void reduce(const ReduceInts&, const void* x, void* y);
void argExtreme(const ArgExtremeInts&, const void* x, int32_t* y);
void cumulate(const CumulateInts&, const void* x, void* y);
void topK(const TopKInts&, const void* x, void* values, int32_t* indices);

// Indexing.
void gather(const GatherInts&, const void* x, const int32_t* indices, void* y);
void gatherNd(const NdInts&, const void* x, const int32_t* indices, void* y);
// In place on y, which the caller has filled.
void scatterNd(const NdInts&, const int32_t* indices, const void* updates, void* y);
void oneHot(const OneHotInts&, const OneHotReals&, const int32_t* indices, void* y);

// Products.
void matmul(const MatmulInts&, const float* a, const float* b, float* y);
void conv2d(const ConvInts&, const float* x, const float* filter, const float* bias /*?*/, float* y);
void conv2dGradInput(const ConvInts&, const float* dy, const float* filter, float* dx);
void conv2dGradFilter(const ConvInts&, const float* x, const float* dy, float* dfilter);

// Pooling and resizing.
void avgPool(const PoolInts&, const float* x, float* y);
void avgPoolGrad(const PoolInts&, const float* dy, float* dx);
// index = row · width + column of the maximum: the first of equals, NaN wins.
void maxPool(const PoolInts&, const float* x, float* y, int32_t* index /*?*/);
void maxPoolGrad(const PoolInts&, const float* dy, const int32_t* index, float* dx);
void resizeBilinear(const ResizeInts&, const float* x, float* y);
void resizeBilinearGrad(const ResizeInts&, const float* dy, float* dx);
void resizeNearest(const ResizeInts&, const void* x, void* y);  // any 4-byte element
void resizeNearestGrad(const ResizeInts&, const float* dy, float* dx);
// PolyphaseInts: x, y.
void polyphase(const Arguments&);
// PolyphaseInts: dy, x, dx.
void polyphaseGrad(const Arguments&);
// StripPoolInts: x, y.
void stripPool(const Arguments&);
// StripPoolInts: dy, x, dx.
void stripPoolGrad(const Arguments&);

// Normalisation.
void batchNorm(const BatchNormInts&, const BatchNormReals&, const float* x, const float* mean, const float* variance,
               const float* scale /*?*/, const float* offset /*?*/, float* y);
void batchNormTrain(const BatchNormInts&, const BatchNormReals&, const float* x, const float* scale,
                    const float* offset, float* y, float* mean, float* variance);
void batchNormTrainGrad(const BatchNormInts&, const BatchNormReals&, const float* dy, const float* x,
                        const float* scale, const float* offset, const float* mean, const float* variance, float* dx,
                        float* dscale, float* doffset);

// Losses.
void softmax(const SoftmaxInts&, const float* x, float* y);
// CrossEntropyInts, CrossEntropyReals: logits, labels (int32), classWeights?, loss, weight.
void crossEntropy(const Arguments&);
// CrossEntropyInts, CrossEntropyReals: dy, logits, labels, classWeights?, dlogits.
void crossEntropyGrad(const Arguments&);
// DivergenceInts, DivergenceReals: student, teacher, y.
void divergence(const Arguments&);
// DivergenceInts, DivergenceReals: dy, student, teacher, dstudent.
void divergenceGrad(const Arguments&);
void regionSums(const RegionSumsInts&, const float* logits, const int32_t* labels, float* intersection,
                float* predicted, float* actual);
void regionSumsGrad(const RegionSumsInts&, const float* dIntersection, const float* dPredicted, const float* logits,
                    const int32_t* labels, float* dlogits);
void overlapLoss(const OverlapLossInts&, const OverlapLossReals&, const float* intersection, const float* predicted,
                 const float* actual, float* y);
void overlapLossGrad(const OverlapLossInts&, const OverlapLossReals&, const float* dy, const float* intersection,
                     const float* predicted, const float* actual, float* dIntersection, float* dPredicted);
void confusion(const ConfusionInts&, const int32_t* predicted, const int32_t* labels, int32_t* y);

// Updates, in place.
void lerp(const LerpInts&, const LerpReals&, float* target, const float* source);
// TensorListInts: g0, g1, …, y (one element).
void globalNorm(const Arguments&);
// SgdInts, SgdReals: for each tensor p, g, m (null without momentum); then gradScale? (one element).
void sgd(const Arguments&);
// AdamInts, AdamReals: for each tensor p, g, m, v; then gradScale? (one element).
void adam(const Arguments&);

}  // namespace limbeck::LIMBECK_TARGET

// The kernels above by name, for tables: LIMBECK_KERNELS(X) makes X(unary) X(cast) …
#define LIMBECK_KERNELS(X) \
  X(unary) X(cast) X(binary) X(select) X(copy) X(fill) X(range) X(addN) \
  X(reduce) X(argExtreme) X(cumulate) X(topK) \
  X(gather) X(gatherNd) X(scatterNd) X(oneHot) \
  X(matmul) X(conv2d) X(conv2dGradInput) X(conv2dGradFilter) \
  X(avgPool) X(avgPoolGrad) X(maxPool) X(maxPoolGrad) \
  X(resizeBilinear) X(resizeBilinearGrad) X(resizeNearest) X(resizeNearestGrad) \
  X(polyphase) X(polyphaseGrad) X(stripPool) X(stripPoolGrad) \
  X(batchNorm) X(batchNormTrain) X(batchNormTrainGrad) \
  X(softmax) X(crossEntropy) X(crossEntropyGrad) X(divergence) X(divergenceGrad) \
  X(regionSums) X(regionSumsGrad) X(overlapLoss) X(overlapLossGrad) X(confusion) \
  X(lerp) X(globalNorm) X(sgd) X(adam)
