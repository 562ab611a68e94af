#include "split.h"

namespace limbeck::cuda {

void addParts(const float* parts, int partCount, const Output& out) {
  const unsigned count = out.count;
  float* y = out.y;
  const float* bias = out.bias;
  const Divisor channels(out.pixelPitch);
  forEach(count, [=] __device__(int64_t i) {
    float sum = 0;
    for (int part = 0; part < partCount; part++) sum += parts[int64_t{part} * count + i];
    y[i] = bias ? sum + bias[channels.divide(static_cast<unsigned>(i)).remainder] : sum;
  });
}

}  // namespace limbeck::cuda
