#include <vector>

#include "cu.h"
#include "kernels/map-place.h"
#include "kernels/vector.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::Divisor;
using cuda::forEach;

// A grid of scale × scale cells; each cell gives the means of its rows, then of its columns. The strips of an image follow
// each other in that order, `first` is that of the scale.
struct Scale {
  int scale, first;
  Divisor height, width;  // of a cell

  int strips() const { return scale * scale * stripsOfCell(); }
  LIMBECK_FN int stripsOfCell() const { return height.value() + width.value(); }
};

struct StripPool {
  StripPoolInts p;
  const Scale* scales;  // on the device

  explicit StripPool(const Arguments& arguments) : p(*reinterpret_cast<const StripPoolInts*>(arguments.ints)) {
    const int32_t* numbers = arguments.ints + sizeof(StripPoolInts) / sizeof(int32_t);
    std::vector<Scale> all;
    int first = 0;
    for (int k = 0; k < p.scaleCount; k++) {
      all.push_back({numbers[k], first, Divisor(p.height / numbers[k]), Divisor(p.width / numbers[k])});
      first += all.back().strips();
    }
    scales = cuda::uploadedOf(all.data(), all.size());
  }

  // Pixels of the map: `length` from `first` on, `step` apart.
  struct Strip {
    int first, step, length;
  };
  CU_FN Strip stripAt(int number) const {
    int k = p.scaleCount - 1;
    while (number < scales[k].first) k--;
    const Scale& of = scales[k];
    const int height = of.height.value(), width = of.width.value();
    const int cell = (number - of.first) / of.stripsOfCell(), within = (number - of.first) % of.stripsOfCell();
    const int corner = cell / of.scale * height * p.width + cell % of.scale * width;
    if (within < height) return {corner + within * p.width, 1, width};
    return {corner + within - height, p.width, height};
  }
};

// Maps are T; means, and their slopes, are float.
//
// A block: up to 32 neighbouring vectors of channels, so that warps read whole cache lines, by 8 shares of a strip.
constexpr int kVectors = 32, kShares = 8;

template <typename T, int WIDTH>
__global__ void __launch_bounds__(kVectors* kShares) averageStrips(StripPool pool, const T* __restrict__ x, float* __restrict__ y) {
  using Floats = Vector<float, WIDTH>;
  CU_SHARED(Floats, sums, [kShares][kVectors]);
  const StripPoolInts& p = pool.p;
  const int channel = static_cast<int>(blockIdx.y * blockDim.x + threadIdx.x) * WIDTH;
  const int number = static_cast<int>(blockIdx.x), image = number / p.strips;
  const StripPool::Strip strip = pool.stripAt(number % p.strips);
  auto sum = filled<WIDTH>(0.0f);
  if (channel < p.channels) {
    const T* from = x + static_cast<int64_t>(image * p.height * p.width + strip.first) * p.channels + channel;
    const int step = strip.step * p.channels;
    for (int i = static_cast<int>(threadIdx.y); i < strip.length; i += kShares) {
      const auto values = load<WIDTH>(from + i * step);
      CU_UNROLL
      for (int k = 0; k < WIDTH; k++) sum[k] += p.square ? values[k] * values[k] : values[k];
    }
  }
  sums[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y > 0 || channel >= p.channels) return;
  const float length = static_cast<float>(strip.length);
  Floats mean;
  CU_UNROLL
  for (int k = 0; k < WIDTH; k++) {
    float total = 0;
    CU_UNROLL
    for (int share = 0; share < kShares; share++) total += sums[share][threadIdx.x][k];
    mean[k] = total / length;
  }
  store(y + static_cast<int64_t>(number) * p.channels + channel, mean);
}

template <typename T, int WIDTH>
void average(Form<T, WIDTH> form, const StripPool& pool, const void* xData, void* yData) {
  const T* x = form.of(xData);
  float* y = static_cast<float*>(yData);
  const unsigned vectors = static_cast<unsigned>(pool.p.channels / WIDTH);
  unsigned inBlock = cuda::kWarp / kShares;
  while (inBlock < kVectors && inBlock < vectors) inBlock *= 2;
  const dim3 blocks(static_cast<unsigned>(pool.p.batch * pool.p.strips), (vectors + inBlock - 1) / inBlock);
  CU_LAUNCH((averageStrips<T, WIDTH>), blocks, dim3(inBlock, kShares), 0, pool, x, y);
}

template <typename T, int WIDTH>
void shareOut(Form<T, WIDTH> form, const StripPool& pool, const void* dyData, const void* xData, void* dxData) {
  const float* dy = static_cast<const float*>(dyData);
  const T* x = form.of(xData);
  T* dx = form.of(dxData);
  const MapVectors<WIDTH> vectors(mapOf(pool.p));
  forEach(vectors.count(), [=] __device__(int64_t i) {
    const StripPoolInts& p = pool.p;
    const MapPlace at = vectors.placeOf(i);
    const float* slopes = dy + at.image * p.strips * p.channels + at.channel;
    auto sum = filled<WIDTH>(0.0f);
    for (int k = 0; k < p.scaleCount; k++) {
      const Scale& of = pool.scales[k];
      const auto [cellRow, row] = of.height.divide(static_cast<unsigned>(at.row));
      const auto [cellColumn, column] = of.width.divide(static_cast<unsigned>(at.column));
      if (static_cast<int>(max(cellRow, cellColumn)) >= of.scale) continue;  // the rest is in no cell
      const int cell = static_cast<int>(cellRow) * of.scale + static_cast<int>(cellColumn);
      const int first = of.first + cell * of.stripsOfCell(), height = of.height.value(), width = of.width.value();
      const auto ofRow = load<WIDTH>(slopes + (first + static_cast<int>(row)) * p.channels);
      const auto ofColumn = load<WIDTH>(slopes + (first + height + static_cast<int>(column)) * p.channels);
      CU_UNROLL
      for (int c = 0; c < WIDTH; c++) {
        sum[c] += ofRow[c] / static_cast<float>(width) + ofColumn[c] / static_cast<float>(height);
      }
    }
    if (p.square) timesSlopeOfSquare(sum, x + i * WIDTH);
    store(dx + i * WIDTH, sum);
  });
}

}  // namespace

void stripPool(const Arguments& arguments) {
  const StripPool pool(arguments);
  inVectors(0, pool.p.channels, [&](auto form) { average(form, pool, arguments.buffers[0], arguments.buffers[1]); });
}

void stripPoolGrad(const Arguments& arguments) {
  const StripPool pool(arguments);
  void* const* buffers = arguments.buffers;
  inVectors(2, pool.p.channels, [&](auto form) { shareOut(form, pool, buffers[0], buffers[1], buffers[2]); });
}

}  // namespace limbeck::kernels
