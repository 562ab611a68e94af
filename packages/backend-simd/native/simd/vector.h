// Vectors of floats by the compiler's vector extension, so that one source serves every instruction set. The build sets
// the widest vector (LIMBECK_VECTOR_BYTES) and the shapes of register tiles that its registers hold: one of two vectors
// and, where there are 32 registers, a flatter one of four.
#pragma once

#ifndef LIMBECK_VECTOR_BYTES  // as for an editor
#define LIMBECK_VECTOR_BYTES 16
#define LIMBECK_TILE_ROWS 6
#define LIMBECK_WIDE_TILE_ROWS 0
#endif

namespace limbeck::LIMBECK_TARGET {

// Floats in a vector.
constexpr int kLanes = LIMBECK_VECTOR_BYTES / 4;

// Register tiles: rows of broadcast values times vectors of columns. Rows of 0: there is no such tile.
constexpr int kTileRows = LIMBECK_TILE_ROWS, kTileVectors = 2;
constexpr int kWideTileRows = LIMBECK_WIDE_TILE_ROWS, kWideTileVectors = 4;
constexpr int kTileColumns = kTileVectors * kLanes, kWideTileColumns = kWideTileVectors * kLanes;

template <int Lanes>
struct VectorOf {
  typedef float Type __attribute__((vector_size(Lanes * 4)));
  typedef float Unaligned __attribute__((vector_size(Lanes * 4), aligned(4), may_alias));
};
template <int Lanes>
using Vector = typename VectorOf<Lanes>::Type;

template <int Lanes>
inline Vector<Lanes> load(const float* from) {
  return *reinterpret_cast<const typename VectorOf<Lanes>::Unaligned*>(from);
}
template <int Lanes>
inline void store(float* to, Vector<Lanes> value) {
  *reinterpret_cast<typename VectorOf<Lanes>::Unaligned*>(to) = value;
}

// The first `count` of a vector's lanes; the others are 0, or stay in memory as they are.
template <int Lanes>
inline Vector<Lanes> loadFirst(const float* from, int count) {
  float lanes[Lanes] = {};
  for (int i = 0; i < count; i++) lanes[i] = from[i];
  return load<Lanes>(lanes);
}
template <int Lanes>
inline void storeFirst(float* to, Vector<Lanes> value, int count) {
  float lanes[Lanes];
  store<Lanes>(lanes, value);
  for (int i = 0; i < count; i++) to[i] = lanes[i];
}

}  // namespace limbeck::LIMBECK_TARGET
