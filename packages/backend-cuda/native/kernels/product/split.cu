#include "split.h"

#include "storage.h"

namespace limbeck::cuda {

namespace {

template <typename T>
void addPartsTo(T* y, const float* parts, int partCount, const Output& out) {
  const unsigned count = out.count;
  const float* bias = out.bias;
  const Divisor channels(out.pixelPitch);
  forEach(count, [=] __device__(int64_t i) {
    float sum = 0;
    for (int part = 0; part < partCount; part++) sum += parts[int64_t{part} * count + i];
    store(y, i, bias ? sum + bias[channels.divide(static_cast<unsigned>(i)).remainder] : sum);
  });
}

}  // namespace

void addParts(const float* parts, int partCount, const Output& out) {
  if (out.narrow) return addPartsTo(static_cast<Bf16*>(out.y), parts, partCount, out);
  addPartsTo(static_cast<float*>(out.y), parts, partCount, out);
}

}  // namespace limbeck::cuda
