#include "device/parallel.h"
#include "folded-softmax.h"
#include "grain.h"
#include "limbeck/kernels.h"

namespace limbeck::LIMBECK_TARGET {

void softmax(const SoftmaxInts& p, const float* x, float* y) {
  const int channels = p.channels;
  parallelFor(p.rows, grainOf(channels, 16), [&](int64_t begin, int64_t end) {
    std::vector<PixelRow> values(channels);
    eachPixelBlock(begin, end, [&](int64_t first, int pixels) {
      const float* from = x + first * channels;
      float* to = y + first * channels;
      PixelRow max = FoldedSoftmax::filled(-kInfinity), sum = FoldedSoftmax::filled(0);
      for (int c = 0; c < channels; c++) {
        for (int i = 0; i < kPixels; i++) values[c].at[i] = i < pixels ? from[static_cast<int64_t>(i) * channels + c] : 0;
        for (int i = 0; i < kPixels; i++) {
          const double z = values[c].at[i];
          max.at[i] = z > max.at[i] || z != z ? z : max.at[i];
        }
      }
      for (int c = 0; c < channels; c++) {
        for (int i = 0; i < kPixels; i++) sum.at[i] += exp64(values[c].at[i] - max.at[i]);
      }
      for (int i = 0; i < kPixels; i++) max.at[i] += log64(sum.at[i]);  // log Σ exp
      for (int c = 0; c < channels; c++) {
        PixelRow result;
        for (int i = 0; i < kPixels; i++) result.at[i] = values[c].at[i] - max.at[i];
        if (!p.logarithm) {
          for (int i = 0; i < kPixels; i++) result.at[i] = exp64(result.at[i]);
        }
        for (int i = 0; i < pixels; i++) to[static_cast<int64_t>(i) * channels + c] = static_cast<float>(result.at[i]);
      }
    });
  });
}

}  // namespace limbeck::LIMBECK_TARGET
