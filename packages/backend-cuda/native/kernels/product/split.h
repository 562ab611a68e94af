// Products of few tiles and much depth: the depth is split among blocks, whose partial sums are added in order. The split
// depends on the shape alone, so a result does not depend on the device.
#pragma once

#include <algorithm>
#include <cstdint>

#include "product.h"

namespace limbeck::cuda {

// Tiles that keep any of today's devices busy, and the depth below which a block is not worth its start.
constexpr int64_t kBusyTiles = 256, kLeastDepth = 256;

struct Split {
  int parts;
  int depth;  // of each, a multiple of the tile's
};

inline Split splitOf(int64_t tiles, int depth, int tileDepth) {
  const int64_t wanted = kBusyTiles / std::max<int64_t>(1, tiles);
  const int64_t parts = std::max<int64_t>(1, std::min(wanted, depth / kLeastDepth));
  const int64_t share = (depth + parts - 1) / parts, even = (share + tileDepth - 1) / tileDepth * tileDepth;
  if (even == 0) return {1, 0};
  return {static_cast<int>((depth + even - 1) / even), static_cast<int>(even)};
}

// out.y[i] = Σ parts[part · count + i] in the order of the parts, and the bias of its column.
void addParts(const float* parts, int partCount, const Output& out);

// A launch over all tiles of some groups.
struct TileGrid {
  dim3 size;  // tiles (columns first, so that blocks at work together share rows), parts of the depth, groups
  Divisor columnTiles;
  int partDepth, firstGroup;
};

// Calls launch(product, grid) for as many groups at a time as a grid holds. A split product writes its parts one behind the
// other; where the output is not filled by this product alone, it is not split.
template <class Tile, class A, class B, class Launch>
void launchTiles(const Product<A, B>& p, int tileDepth, const Launch& launch) {
  constexpr int kMostGroups = 65535;  // blockIdx.z
  const int columnTiles = (p.columns + Tile::kColumns - 1) / Tile::kColumns;
  const int64_t tiles = (int64_t{p.rows} + Tile::kRows - 1) / Tile::kRows * columnTiles;
  const Split split = p.out.whole ? splitOf(tiles * p.groups, p.depth, tileDepth) : Split{1, p.depth};
  Product<A, B> part = p;
  if (split.parts > 1) {
    part.out.y = scratchOf<float>(static_cast<size_t>(p.out.count) * split.parts);
    part.out.narrow = false;
    part.out.bias = nullptr;
  }
  for (int group = 0; group < p.groups; group += kMostGroups) {
    const dim3 size(static_cast<unsigned>(tiles), split.parts, std::min(kMostGroups, p.groups - group));
    launch(part, TileGrid{size, Divisor(columnTiles), split.depth, group});
  }
  if (split.parts > 1) addParts(static_cast<const float*>(part.out.y), split.parts, p.out);
}

}  // namespace limbeck::cuda
