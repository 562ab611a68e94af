#include "split.h"
#include "tensor-product.h"

namespace limbeck::cuda {

namespace {

template <class Operands>
using WideProduct = Product<GatheredMap<typename Operands::Element, false>, RowMatrix<typename Operands::Element>>;

constexpr int kWideSteps = 2;  // mma of the depth in a tile

// The tiles of a stage, in chunks.
template <class Operands, class Tile>
struct WideTiles {
  using T = typename Operands::Element;
  static constexpr int kDepth = kWideSteps * Operands::kStep;
  static constexpr int kAChunks = Tile::kRows / kChunk<T>, kBChunks = Tile::kColumns / kChunk<T>;
  static constexpr int kAPitch = Operands::widePitch(kAChunks), kBPitch = Operands::widePitch(kBChunks);
  static constexpr int kASize = kDepth * kAPitch, kBSize = kDepth * kBPitch;
  static constexpr int kBytes = Tile::kStages * (kASize + kBSize) * int{sizeof(uint4)};
};

// As tensorProductKernel, over tiles of which each line is a pixel.
template <class Operands, class Tile>
__global__ void __launch_bounds__(Tile::kThreads)
    tensorOuterProductKernel(const WideProduct<Operands> p, const Divisor columnTiles, int partDepth, int firstGroup) {
  using T = typename Operands::Element;
  using Tiles = WideTiles<Operands, Tile>;
  constexpr int kThreads = Tile::kThreads, kStages = Tile::kStages;
  constexpr int kAStep = kThreads / Tiles::kAChunks, kBStep = kThreads / Tiles::kBChunks;
  static_assert(kThreads % Tiles::kAChunks == 0 && Tiles::kDepth % kAStep == 0);
  static_assert(kThreads % Tiles::kBChunks == 0 && Tiles::kDepth % kBStep == 0);
  CU_DYNAMIC_SHARED(uint4, tiles);
  uint4* const aTiles = tiles;
  uint4* const bTiles = tiles + kStages * Tiles::kASize;

  const auto [rowTile, columnTile] = columnTiles.divide(blockIdx.x);
  const unsigned firstRow = rowTile * Tile::kRows, firstColumn = columnTile * Tile::kColumns;
  const int group = firstGroup + static_cast<int>(blockIdx.z);
  const int begin = static_cast<int>(blockIdx.y) * partDepth, end = min(p.depth, begin + partDepth);
  const int steps = (end - begin + Tiles::kDepth - 1) / Tiles::kDepth;
  const T* const a = p.a.first + group * p.aGroup;
  const T* const b = p.b.first + group * p.bGroup;

  // the chunk of each line that this thread copies
  const int aChunk = threadIdx.x % Tiles::kAChunks, aLine = threadIdx.x / Tiles::kAChunks;
  const int bChunk = threadIdx.x % Tiles::kBChunks, bLine = threadIdx.x / Tiles::kBChunks;
  const auto aPlace = p.a.inner(firstRow + aChunk * kChunk<T>);
  const auto bPlace = p.b.inner(firstColumn + bChunk * kChunk<T>);

  const auto copy = [&](int step) {
    const int stage = step % kStages;
    const unsigned depth = begin + step * Tiles::kDepth;
    CU_UNROLL
    for (int line = aLine; line < Tiles::kDepth; line += kAStep) {
      const Found found = p.a.find(p.a.outer(depth + line), aPlace);
      copyAsync16(aTiles + stage * Tiles::kASize + line * Tiles::kAPitch + Operands::wideChunk(line, aChunk),
                  found.inside ? a + found.offset : a, found.inside);
    }
    CU_UNROLL
    for (int line = bLine; line < Tiles::kDepth; line += kBStep) {
      const Found found = p.b.find(p.b.outer(depth + line), bPlace);
      copyAsync16(bTiles + stage * Tiles::kBSize + line * Tiles::kBPitch + Operands::wideChunk(line, bChunk),
                  found.inside ? b + found.offset : b, found.inside);
    }
  };

  const int warp = threadIdx.x / kWarp;
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
    __syncthreads();
    if (step + kStages - 1 < steps) copy(step + kStages - 1);
    commitCopies();
    const uint4* const aTile = aTiles + step % kStages * Tiles::kASize;
    const uint4* const bTile = bTiles + step % kStages * Tiles::kBSize;
    CU_UNROLL
    for (int line = 0; line < Tiles::kDepth; line += Operands::kStep) {
      sums.template add<Operands>(
          [&](uint32_t(&fragment)[4], int i) { Operands::wideRows(fragment, aTile, Tiles::kAPitch, line, warpRow + i); },
          [&](uint32_t(&fragment)[4], int j) {
            Operands::wideColumns(fragment, bTile, Tiles::kBPitch, line, warpColumn + j);
          });
    }
  }
  sums.write(p, group * p.outGroup + static_cast<int64_t>(blockIdx.y) * p.out.count,
             p.out.bias ? p.out.bias + group * p.biasGroup : nullptr, firstRow + warpRow,
             static_cast<int>(firstColumn) + warpColumn);
}

template <class Operands, class Tile>
void launchTensorOuterProduct(const WideProduct<Operands>& p) {
  using Tiles = WideTiles<Operands, Tile>;
  const auto kernel = tensorOuterProductKernel<Operands, Tile>;
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, Tiles::kBytes), "tensorOuterProduct");
  launchTiles<Tile>(p, Tiles::kDepth, [](const WideProduct<Operands>& part, const TileGrid& grid) {
    CU_LAUNCH((tensorOuterProductKernel<Operands, Tile>), grid.size, Tile::kThreads, Tiles::kBytes, part, grid.columnTiles,
              grid.partDepth, grid.firstGroup);
  });
}

}  // namespace

template <class Operands>
void tensorOuterProduct(const WideProduct<Operands>& p) {
  if (p.columns > 64 && p.rows > 64) return launchTensorOuterProduct<Operands, TensorTile<128, 128, 64, 32, 4>>(p);
  launchTensorOuterProduct<Operands, TensorTile<64, 64, 32, 32, 4>>(p);
}
template void tensorOuterProduct<Bf16Operands>(const WideProduct<Bf16Operands>&);
template void tensorOuterProduct<Tf32Operands>(const WideProduct<Tf32Operands>&);

}  // namespace limbeck::cuda
