// Parameters of the kernels, as the TypeScript table writes them: structs of int32 (…Ints) and of double (…Reals), in
// this order, nothing between. Counts are numbers of elements. `kernels.h` says which kernel takes which.
#pragma once

#include <cstdint>

#include "ops.h"

namespace limbeck {

// How elements lie in memory. float32 and int32 take 4 bytes, bool takes 1.
enum class Dtype : int32_t { kFloat32 = 0, kInt32 = 1, kBool = 2 };

constexpr int kMaxRank = 8;

// Smallest base of a power below 1; beneath it the power has no slope.
constexpr double kSmallestBase = 1e-8;

// A class of the student that stays in the softmax but is matched with no class of the teacher.
constexpr int32_t kUnmatched = -1;
// A class that is no part of the softmax.
constexpr int32_t kExcluded = -2;

struct UnaryInts {
  UnaryOp op;
  Dtype from, to;
  int32_t count;
};
struct UnaryReals {
  double a, b;  // alpha; or the limits of clip
};

struct CastInts {
  Dtype from, to;
  int32_t count;
};

// Operands are broadcast by strides of 0; the result is contiguous. The table merges axes, so that equal shapes have
// rank 1. Unused axes are at the end and have length 1.
struct BinaryInts {
  BinaryOp op;
  Dtype from, to;
  int32_t rank;
  int32_t shape[kMaxRank];
  int32_t aStrides[kMaxRank];
  int32_t bStrides[kMaxRank];
};

// test ? a : b; all three by strides.
struct SelectInts {
  int32_t elementBytes;
  int32_t rank;
  int32_t shape[kMaxRank];
  int32_t testStrides[kMaxRank];
  int32_t aStrides[kMaxRank];
  int32_t bStrides[kMaxRank];
};

// y[yOffset + Σ i·yStrides] = x[xOffset + Σ i·xStrides] for every index i of the shape; strides may be 0 (x) or
// negative.
struct CopyInts {
  int32_t elementBytes;
  int32_t rank;
  int32_t shape[kMaxRank];
  int32_t xStrides[kMaxRank];
  int32_t yStrides[kMaxRank];
  int32_t xOffset, yOffset;
};

struct FillInts {
  Dtype dtype;
  int32_t count;
};
struct FillReals {
  double value;
};
// y[i] = start + i·step, computed in double.
struct RangeReals {
  double start, step;
};

enum class Reduction : int32_t { kSum = 0, kMean, kMax, kMin, kProd, kAny, kAll };

// x [outer, length, inner] → y [outer, inner]; also for cumulate, which keeps the length.
struct ReduceInts {
  Reduction op;
  Dtype dtype;
  int32_t outer, length, inner;
};

struct ArgExtremeInts {
  int32_t largest;  // 1: index of the maximum, 0: of the minimum; the first of equals, and NaN wins
  Dtype dtype;
  int32_t outer, length, inner;
};

struct CumulateInts {
  Reduction op;  // kSum or kProd
  Dtype dtype;
  int32_t outer, length, inner;
  int32_t exclusive, reverse;
};

// x [batch, outer, length, inner], indices [batch, count] → y [batch, outer, count, inner]; an index outside
// 0…length-1 gives 0.
struct GatherInts {
  int32_t elementBytes;
  int32_t batch, outer, length, inner, count;
};

// Slices of `slice` elements by indices [count, depth] into axes of lengths `dims`, `strides` elements apart. An index
// outside gives 0 (gatherNd) or is dropped (scatterNd).
struct NdInts {
  Dtype dtype;
  int32_t count, depth, slice;
  int32_t add;     // scatterNd: 1 adds to y, 0 replaces (the last of equal indices wins)
  int32_t single;  // scatterNd: 1 = one update serves all places
  int32_t dims[kMaxRank];
  int32_t strides[kMaxRank];
};

struct OneHotInts {
  Dtype dtype;
  int32_t count, depth;
};
struct OneHotReals {
  double on, off;
};

// y[b] = op(a[b]) op(b[b]), row-major; m×k times k×n after the transpositions. A batch stride of 0 repeats a matrix.
struct MatmulInts {
  int32_t batch, m, n, k;
  int32_t transposeA, transposeB;
  int32_t aBatchStride, bBatchStride;
};

// x [batch, height, width, inChannels], filter [filterHeight, filterWidth, inChannels / groups, outChannels],
// y [batch, outHeight, outWidth, outChannels]. Padding below and to the right follows from the output's size.
struct ConvInts {
  int32_t batch, height, width, inChannels;
  int32_t filterHeight, filterWidth, outChannels;
  int32_t outHeight, outWidth;
  int32_t strideHeight, strideWidth;
  int32_t padTop, padLeft;
  int32_t dilationHeight, dilationWidth;
  int32_t groups;
};

// x [batch, height, width, channels] → y [batch, outHeight, outWidth, channels]; padding counts in no mean.
struct PoolInts {
  int32_t batch, height, width, channels;
  int32_t filterHeight, filterWidth;
  int32_t outHeight, outWidth;
  int32_t strideHeight, strideWidth;
  int32_t padTop, padLeft;
  int32_t dilationHeight, dilationWidth;
};

struct ResizeInts {
  int32_t batch, height, width, channels;  // of the map that is resized, also for gradients
  int32_t outHeight, outWidth;
  int32_t alignCorners, halfPixelCenters;
};

// x as [rows, channels].
struct BatchNormInts {
  int32_t rows, channels;
  int32_t relu;
};
struct BatchNormReals {
  double epsilon;
};

struct SoftmaxInts {
  int32_t rows, channels;
  int32_t logarithm;
};

// Followed by groups[channels].
struct CrossEntropyInts {
  int32_t rows, channels;
  int32_t ignoreLabel;
};
struct CrossEntropyReals {
  double gamma, smoothing;
};

enum class DivergenceForm : int32_t { kCrossEntropy = 0, kKullbackLeibler = 1 };
enum class Modulator : int32_t { kNone = 0, kAbs = 1, kRelu = 2, kRaw = 3 };

// Followed by groups[channels].
struct DivergenceInts {
  int32_t rows, channels, teacherChannels;
  DivergenceForm form;
  Modulator modulator;
  int32_t detachModulator;
};
struct DivergenceReals {
  double temperature, teacherScale, gamma;
};

struct RegionSumsInts {
  int32_t batch, pixels, channels;
  int32_t ignoreLabel, squared;
};

enum class AbsentRegion : int32_t { kCount = 0, kSkip = 1, kZero = 2 };

struct OverlapLossInts {
  int32_t rows, channels;
  int32_t includeBackground;
  AbsentRegion absent;
};
struct OverlapLossReals {
  double alpha, beta, smooth, gamma;
};

enum class PolyphasePad : int32_t { kReplicate = 0, kZero = 1, kCrop = 2 };

// Followed by pairs[2 · pairCount]: parts 0…3, two by two.
struct PolyphaseInts {
  int32_t batch, height, width, channels;
  PolyphasePad pad;
  int32_t square;
  int32_t pairCount;
};

// Followed by scales[scaleCount].
struct StripPoolInts {
  int32_t batch, height, width, channels;
  int32_t square;
  int32_t strips;  // L, over all scales
  int32_t scaleCount;
};

struct LerpInts {
  int32_t count;
};
struct LerpReals {
  double rate, scale;
};

// Followed by counts[tensors].
struct TensorListInts {
  int32_t tensors;
};

// Followed by counts[tensors].
struct SgdInts {
  int32_t tensors;
  int32_t nesterov, first;
};
// Followed by learningRates[tensors], weightDecays[tensors].
struct SgdReals {
  double momentum;
};

// Followed by counts[tensors].
struct AdamInts {
  int32_t tensors;
  int32_t decoupled;
};
// Followed by learningRates[tensors], weightDecays[tensors].
struct AdamReals {
  double beta1, beta2, epsilon;
  double correction1, correction2;  // 1 - beta^step
};

struct ConfusionInts {
  int32_t count, classes, ignoreLabel;
};

// The k largest of each row, largest first, the first of equals first; NaN counts as largest.
struct TopKInts {
  Dtype dtype;  // float32 or int32
  int32_t rows, length, k;
};

}  // namespace limbeck
