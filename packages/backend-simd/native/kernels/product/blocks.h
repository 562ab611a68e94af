// How products are cut: columns into tiles, rows into even parts.
#pragma once

#include <algorithm>
#include <vector>

#include "simd/vector.h"
#include "tile.h"

namespace limbeck::LIMBECK_TARGET {

// Wide tiles, then narrower ones, each filled but for less than a vector; the rest in single vectors, the last perhaps
// half.
inline std::vector<ColumnBlock> columnBlocks(int columns) {
  std::vector<ColumnBlock> blocks;
  int first = 0;
  if (kWideTileRows > 0) {
    for (; columns - first > kWideTileColumns - kLanes; first += kWideTileColumns) {
      blocks.push_back({first, std::min(columns - first, kWideTileColumns), kWideTileColumns});
    }
  }
  for (; columns - first > kTileColumns - kLanes; first += kTileColumns) {
    blocks.push_back({first, std::min(columns - first, kTileColumns), kTileColumns});
  }
  for (; columns - first > 0; first += kLanes) {
    const int left = columns - first;
    blocks.push_back({first, std::min(left, kLanes), kLanes >= 8 && left <= kLanes / 2 ? kLanes / 2 : kLanes});
  }
  return blocks;
}

// Cuts 0…length-1 into the fewest parts of at most `most`, all of about one size: the bounds, first to last.
inline std::vector<int> evenCuts(int length, int most) {
  const int parts = std::max(1, (length + most - 1) / most);
  std::vector<int> cuts(parts + 1);
  for (int part = 0; part <= parts; part++) cuts[part] = static_cast<int>(static_cast<int64_t>(length) * part / parts);
  return cuts;
}

}  // namespace limbeck::LIMBECK_TARGET
