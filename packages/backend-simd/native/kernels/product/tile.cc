#include "tile.h"

#include <utility>

#include "simd/vector.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

template <int Rows, int Vectors, int Lanes>
inline void begin(Vector<Lanes> (&sums)[Rows][Vectors], const Sums& s) {
  for (int r = 0; r < Rows; r++) {
    const float* from = s.first ? s.start : s.c + r * s.step;
    for (int v = 0; v < Vectors; v++) {
      const int left = s.columns - v * Lanes;
      sums[r][v] = !from || left <= 0 ? Vector<Lanes>{}
                   : left >= Lanes    ? load<Lanes>(from + v * Lanes)
                                      : loadFirst<Lanes>(from + v * Lanes, left);
    }
  }
}

template <int Rows, int Vectors, int Lanes>
inline void end(const Vector<Lanes> (&sums)[Rows][Vectors], const Sums& s) {
  for (int r = 0; r < Rows; r++) {
    for (int v = 0; v < Vectors; v++) {
      float* to = s.c + r * s.step + v * Lanes;
      const int left = s.columns - v * Lanes;
      if (left >= Lanes) {
        store<Lanes>(to, sums[r][v]);
      } else if (left > 0) {
        storeFirst<Lanes>(to, sums[r][v], left);
      }
    }
  }
}

// Three rows share a pointer: row r is at pointer + (r % 3) · aStep, which is one addressing mode.
template <int Rows, int Vectors, int Lanes>
void gathered(const float* a, ptrdiff_t aStep, const Run* runs, int runCount, const float* b, const Sums& s) {
  constexpr int kPointers = (Rows + 2) / 3;
  Vector<Lanes> sums[Rows][Vectors];
  begin<Rows, Vectors, Lanes>(sums, s);
  for (int run = 0; run < runCount; run++) {
    const float* at[kPointers];
    for (int i = 0; i < kPointers; i++) at[i] = a + runs[run].offset + 3 * i * aStep;
    const int depth = runs[run].depth;
#pragma GCC unroll 4
    for (int k = 0; k < depth; k++) {
      Vector<Lanes> columns[Vectors];
      for (int v = 0; v < Vectors; v++) columns[v] = load<Lanes>(b + v * Lanes);
      b += Vectors * Lanes;
#pragma GCC unroll 16
      for (int r = 0; r < Rows; r++) {
        const float value = at[r / 3][(r % 3) * aStep];
        for (int v = 0; v < Vectors; v++) sums[r][v] += columns[v] * value;
      }
#pragma GCC unroll 8
      for (int i = 0; i < kPointers; i++) at[i]++;
    }
  }
  end<Rows, Vectors, Lanes>(sums, s);
}

template <int Rows, int Vectors, int Lanes>
void outer(const OuterOperands& o, const Sums& s) {
  Vector<Lanes> sums[Rows][Vectors];
  begin<Rows, Vectors, Lanes>(sums, s);
  const float* b = o.b;
  for (int i = 0; i < o.rows; i++) {
    const float* a = o.a + i * o.aRow;
#pragma GCC unroll 2
    for (int j = 0; j < o.pixels; j++) {
      Vector<Lanes> columns[Vectors];
      for (int v = 0; v < Vectors; v++) columns[v] = load<Lanes>(b + v * Lanes);
      b += Vectors * Lanes;
#pragma GCC unroll 16
      for (int r = 0; r < Rows; r++) {
        for (int v = 0; v < Vectors; v++) sums[r][v] += columns[v] * a[r];
      }
      a += o.aPixel;
    }
  }
  end<Rows, Vectors, Lanes>(sums, s);
}

template <int Vectors, int Lanes, int... Row>
GatheredTile gatheredOf(int rows, std::integer_sequence<int, Row...>) {
  static constexpr GatheredTile tiles[] = {gathered<Row + 1, Vectors, Lanes>..., nullptr};
  return tiles[rows - 1];
}
template <int Vectors, int Lanes, int... Row>
OuterTile outerOf(int rows, std::integer_sequence<int, Row...>) {
  static constexpr OuterTile tiles[] = {outer<Row + 1, Vectors, Lanes>..., nullptr};
  return tiles[rows - 1];
}

using Rows = std::make_integer_sequence<int, kTileRows>;
using WideRows = std::make_integer_sequence<int, kWideTileRows>;

}  // namespace

int rowsOfTile(int width) { return width == kWideTileColumns ? kWideTileRows : kTileRows; }

GatheredTile gatheredTile(int rows, int width) {
  if (width == kWideTileColumns) return gatheredOf<kWideTileVectors, kLanes>(rows, WideRows{});
  if (width == kTileColumns) return gatheredOf<kTileVectors, kLanes>(rows, Rows{});
  if (width == kLanes) return gatheredOf<1, kLanes>(rows, Rows{});
  return gatheredOf<1, kLanes / 2>(rows, Rows{});
}

OuterTile outerTile(int rows, int width) {
  if (width == kWideTileColumns) return outerOf<kWideTileVectors, kLanes>(rows, WideRows{});
  if (width == kTileColumns) return outerOf<kTileVectors, kLanes>(rows, Rows{});
  if (width == kLanes) return outerOf<1, kLanes>(rows, Rows{});
  return outerOf<1, kLanes / 2>(rows, Rows{});
}

}  // namespace limbeck::LIMBECK_TARGET
