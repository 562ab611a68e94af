#include "cu.h"
#include "kernels/map-place.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::forEach;

// A block: 32 neighbouring channels, so that warps read whole cache lines, by 8 shares of a strip.
constexpr int kChannels = 32, kShares = 8;

// For each scale a grid of scale × scale cells; each cell gives the means of its rows, then of its columns. The strips of
// an image follow each other in that order.
struct StripPool {
  StripPoolInts p;
  const int32_t* scales;  // on the device

  explicit StripPool(const Arguments& arguments)
      : p(*reinterpret_cast<const StripPoolInts*>(arguments.ints)),
        scales(cuda::uploadedOf(arguments.ints + sizeof(StripPoolInts) / sizeof(int32_t), p.scaleCount)) {}

  // Pixels of the map: `length` from `first` on, `step` apart.
  struct Strip {
    int first, step, length;
  };
  CU_FN Strip stripAt(int number) const {
    int k = 0;
    while (number >= stripsOf(scales[k])) number -= stripsOf(scales[k++]);
    const int scale = scales[k], height = p.height / scale, width = p.width / scale;
    const int cell = number / (height + width), within = number % (height + width);
    const int corner = cell / scale * height * p.width + cell % scale * width;
    if (within < height) return {corner + within * p.width, 1, width};
    return {corner + within - height, p.width, height};
  }

  CU_FN int stripsOf(int scale) const { return scale * scale * (p.height / scale + p.width / scale); }
};

__global__ void __launch_bounds__(kChannels* kShares)
    averageStrips(StripPool pool, const float* __restrict__ x, float* __restrict__ y) {
  CU_SHARED(float, sums, [kShares][kChannels]);
  const StripPoolInts& p = pool.p;
  const int channel = static_cast<int>(blockIdx.y * kChannels + threadIdx.x);
  const int64_t number = blockIdx.x, image = number / p.strips;
  const StripPool::Strip strip = pool.stripAt(static_cast<int>(number % p.strips));
  float sum = 0;
  if (channel < p.channels) {
    const float* from = x + (image * p.height * p.width + strip.first) * p.channels + channel;
    const int64_t step = static_cast<int64_t>(strip.step) * p.channels;
    for (int i = static_cast<int>(threadIdx.y); i < strip.length; i += kShares) {
      const float value = from[i * step];
      sum += p.square ? value * value : value;
    }
  }
  sums[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y > 0 || channel >= p.channels) return;
  float total = 0;
  CU_UNROLL
  for (int share = 0; share < kShares; share++) total += sums[share][threadIdx.x];
  y[number * p.channels + channel] = total / static_cast<float>(strip.length);
}

}  // namespace

void stripPool(const Arguments& arguments) {
  const StripPool pool(arguments);
  const StripPoolInts& p = pool.p;
  const float* x = static_cast<const float*>(arguments.buffers[0]);
  float* y = static_cast<float*>(arguments.buffers[1]);
  const dim3 blocks(static_cast<unsigned>(p.batch * p.strips), static_cast<unsigned>((p.channels + kChannels - 1) / kChannels));
  CU_LAUNCH(averageStrips, blocks, dim3(kChannels, kShares), 0, pool, x, y);
}

void stripPoolGrad(const Arguments& arguments) {
  const StripPool pool(arguments);
  const float* dy = static_cast<const float*>(arguments.buffers[0]);
  const float* x = static_cast<const float*>(arguments.buffers[1]);
  float* dx = static_cast<float*>(arguments.buffers[2]);
  forEach(mapElements(pool.p), [=] __device__(int64_t i) {
    const StripPoolInts& p = pool.p;
    const MapPlace at = mapPlaceOf(i, p.height, p.width, p.channels);
    const float* slopes = dy + static_cast<int64_t>(at.image) * p.strips * p.channels + at.channel;
    float sum = 0;
    int first = 0;  // strip of the scale
    for (int k = 0; k < p.scaleCount; k++) {
      const int scale = pool.scales[k], height = p.height / scale, width = p.width / scale;
      if (at.row < scale * height && at.column < scale * width) {  // the rest is in no cell
        const int cell = at.row / height * scale + at.column / width;
        const int64_t rowStrip = first + cell * (height + width) + at.row % height;
        const int64_t columnStrip = first + cell * (height + width) + height + at.column % width;
        sum += slopes[rowStrip * p.channels] / static_cast<float>(width) +
               slopes[columnStrip * p.channels] / static_cast<float>(height);
      }
      first += pool.stripsOf(scale);
    }
    dx[i] = p.square ? 2 * x[i] * sum : sum;
  });
}

}  // namespace limbeck::kernels
