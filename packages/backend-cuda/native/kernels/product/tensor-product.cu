#include "tensor-product.h"

#include "split.h"

namespace limbeck::cuda {

namespace {

template <class Operands>
using DeepProduct = Product<GatheredMap<typename Operands::Element, true>, TapMatrix<typename Operands::Element>>;

// blockIdx as in fp32Product. A ring of tiles in shared memory: while one is multiplied, the next ones are on their way.
template <class Operands, class Tile>
__global__ void __launch_bounds__(Tile::kThreads)
    tensorProductKernel(const DeepProduct<Operands> p, const Divisor columnTiles, int partDepth, int firstGroup) {
  using T = typename Operands::Element;
  constexpr int kThreads = Tile::kThreads, kStages = Tile::kStages, kDepth = kDeepChunks * kChunk<T>;
  constexpr int kAChunks = Tile::kRows * kDeepChunks, kBChunks = Tile::kColumns * kDeepChunks;
  constexpr int kAShare = kAChunks / kThreads, kBShare = kBChunks / kThreads, kRowStep = kThreads / kDeepChunks;
  static_assert(kAShare >= 1 && kBShare >= 1);
  CU_DYNAMIC_SHARED(uint4, tiles);
  uint4* const aTiles = tiles;
  uint4* const bTiles = tiles + kStages * kAChunks;

  const auto [rowTile, columnTile] = columnTiles.divide(blockIdx.x);
  const unsigned firstRow = rowTile * Tile::kRows, firstColumn = columnTile * Tile::kColumns;
  const int group = firstGroup + static_cast<int>(blockIdx.z);
  const int begin = static_cast<int>(blockIdx.y) * partDepth, end = min(p.depth, begin + partDepth);
  const int steps = (end - begin + kDepth - 1) / kDepth;
  const T* const a = p.a.first + group * p.aGroup;
  const T* const b = p.b.first + group * p.bGroup;

  // the rows of both tiles of which this thread copies a chunk
  const int row = threadIdx.x / kDeepChunks, chunk = threadIdx.x % kDeepChunks;
  typename GatheredMap<T, true>::Place aRows[kAShare];
  typename TapMatrix<T>::Place bRows[kBShare];
  CU_UNROLL
  for (int i = 0; i < kAShare; i++) aRows[i] = p.a.outer(firstRow + row + i * kRowStep);
  CU_UNROLL
  for (int i = 0; i < kBShare; i++) bRows[i] = p.b.outer(firstColumn + row + i * kRowStep);

  const auto copy = [&](int step) {
    const int stage = step % kStages;
    const unsigned depth = begin + step * kDepth + chunk * kChunk<T>;
    const auto aPlace = p.a.inner(depth);
    CU_UNROLL
    for (int i = 0; i < kAShare; i++) {
      const Found found = p.a.find(aRows[i], aPlace);
      copyAsync16(aTiles + stage * kAChunks + deepChunk(row + i * kRowStep, chunk), found.inside ? a + found.offset : a,
                  found.inside);
    }
    const auto bPlace = p.b.inner(depth);
    CU_UNROLL
    for (int i = 0; i < kBShare; i++) {
      const Found found = p.b.find(bRows[i], bPlace);
      copyAsync16(bTiles + stage * kBChunks + deepChunk(row + i * kRowStep, chunk), found.inside ? b + found.offset : b,
                  found.inside);
    }
  };

  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
  constexpr int kWarpsDown = Tile::kRows / Tile::kWarpRows;
  const int warpRow = warp % kWarpsDown * Tile::kWarpRows, warpColumn = warp / kWarpsDown * Tile::kWarpColumns;
  WarpSums<Tile> sums;
  CU_UNROLL
  for (int step = 0; step < kStages - 1; step++) {
    if (step < steps) copy(step);
    commitCopies();
  }
  for (int step = 0; step < steps; step++) {
    waitForCopies<kStages - 2>();
    __syncthreads();  // everybody's copies of this step are there, and nobody reads the tile of the last one any more
    if (step + kStages - 1 < steps) copy(step + kStages - 1);
    commitCopies();
    const uint4* const aTile = aTiles + step % kStages * kAChunks;
    const uint4* const bTile = bTiles + step % kStages * kBChunks;
    CU_UNROLL
    for (int half = 0; half < 2; half++) {  // an mma takes two chunks
      sums.template add<Operands>(
          [&](uint32_t(&fragment)[4], int i) {
            loadMatrices(fragment, aTile + deepChunk(warpRow + i + lane % 16, half * 2 + lane / 16));
          },
          [&](uint32_t(&fragment)[4], int j) {
            loadMatrices(fragment, bTile + deepChunk(warpColumn + j + lane % 8 + lane / 16 * 8, half * 2 + lane / 8 % 2));
          });
    }
  }
  sums.write(p, group * p.outGroup + static_cast<int64_t>(blockIdx.y) * p.out.count,
             p.out.bias ? p.out.bias + group * p.biasGroup : nullptr, firstRow + warpRow,
             static_cast<int>(firstColumn) + warpColumn);
}

template <class Operands, class Tile>
void launchTensorProduct(const DeepProduct<Operands>& p) {
  using T = typename Operands::Element;
  constexpr int kSharedBytes = Tile::kStages * (Tile::kRows + Tile::kColumns) * kDeepChunks * int{sizeof(uint4)};
  const auto kernel = tensorProductKernel<Operands, Tile>;
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kSharedBytes), "tensorProduct");
  launchTiles<Tile>(p, kDeepChunks * kChunk<T>, [](const DeepProduct<Operands>& part, const TileGrid& grid) {
    CU_LAUNCH((tensorProductKernel<Operands, Tile>), grid.size, Tile::kThreads, kSharedBytes, part, grid.columnTiles,
              grid.partDepth, grid.firstGroup);
  });
}

}  // namespace

template <class Operands>
void tensorProduct(const DeepProduct<Operands>& p) {
  if (p.columns <= 32) return launchTensorProduct<Operands, TensorTile<128, 32, 32, 32, 4>>(p);
  if (p.columns > 64) return launchTensorProduct<Operands, TensorTile<128, 128, 64, 32, 4>>(p);
  launchTensorProduct<Operands, TensorTile<128, 64, 32, 32, 4>>(p);
}
template void tensorProduct<Bf16Operands>(const DeepProduct<Bf16Operands>&);
template void tensorProduct<Tf32Operands>(const DeepProduct<Tf32Operands>&);

}  // namespace limbeck::cuda
