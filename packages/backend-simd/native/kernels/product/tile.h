// The register tiles that all products are made of. Sums stay in registers over the whole inner loop: each step
// multiplies a few broadcast values with one or more vectors of columns.
#pragma once

#include <cstddef>
#include <cstdint>

namespace limbeck::LIMBECK_TARGET {

// Where a product's sums start, and where they go: c[row · step + column].
struct Sums {
  float* c;
  ptrdiff_t step;
  int columns;         // at most the tile's width
  bool first;          // false: the sums go on from what is in c
  const float* start;  // what they start from, one a column; null: 0
};

// A run of the inner index: `depth` neighbours in memory, `offset` floats from where the row begins.
struct Run {
  int64_t offset;
  int depth;
};

// c[r][n] (+)= Σ a[r · aStep + k] b[k][n], k over the runs; b is packed, rows as wide as the tile.
using GatheredTile = void (*)(const float* a, ptrdiff_t aStep, const Run* runs, int runCount, const float* b,
                              const Sums& sums);

// c[r][n] (+)= Σ a[i · aRow + j · aPixel + r] b[i · pixels + j][n], over `rows` i and `pixels` j: the product with the
// transposed, over pixels; b is packed, rows as wide as the tile.
struct OuterOperands {
  const float* a;
  ptrdiff_t aPixel, aRow;
  const float* b;
  int rows, pixels;
};
using OuterTile = void (*)(const OuterOperands&, const Sums& sums);

// Columns of a product from `first` on, in a tile that is `width` wide.
struct ColumnBlock {
  int first, columns, width;
};

// The most rows of a tile that is `width` wide.
int rowsOfTile(int width);

// The tile for a number of rows (1…rowsOfTile) and a width that `columnBlocks` chose.
GatheredTile gatheredTile(int rows, int width);
OuterTile outerTile(int rows, int width);

}  // namespace limbeck::LIMBECK_TARGET
