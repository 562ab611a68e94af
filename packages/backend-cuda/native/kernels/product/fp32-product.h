// Exact products on the ordinary cores: tiles of both operands go through shared memory, each thread sums a block of the
// output in registers while its share of the next tiles is on its way.
#pragma once

#include <type_traits>

#include "cu.h"
#include "product.h"
#include "split.h"

namespace limbeck::cuda {

// What a block of threads computes: ROWS × COLUMNS, DEPTH at a time, THREAD_ROWS × THREAD_COLUMNS a thread.
template <int ROWS, int COLUMNS, int DEPTH, int THREAD_ROWS, int THREAD_COLUMNS>
struct Fp32Tile {
  static constexpr int kRows = ROWS, kColumns = COLUMNS, kDepth = DEPTH;
  static constexpr int kThreadRows = THREAD_ROWS, kThreadColumns = THREAD_COLUMNS;
  static constexpr int kRowThreads = ROWS / THREAD_ROWS, kColumnThreads = COLUMNS / THREAD_COLUMNS;
  static constexpr int kThreads = kRowThreads * kColumnThreads;
};
using LargeTile = Fp32Tile<128, 128, 8, 8, 8>;
using SmallTile = Fp32Tile<64, 64, 16, 8, 4>;
using NarrowTile = Fp32Tile<128, 32, 16, 8, 4>;

// A thread's share of an operand's tile: vectors of VECTOR elements along the operand's inner axis, threads side by side
// along it first, so that neighbours read neighbours. In shared memory a tile is [DEPTH, EXTENT]: what lies that way in
// memory too, and single elements, are copied there asynchronously; vectors along the depth are turned by way of
// registers.
template <class Operand, int EXTENT, int DEPTH, int THREADS, int VECTOR>
class TileShare {
 public:
  static constexpr int kPitch = EXTENT + 4;  // spreads the turning stores over more banks; rows stay aligned

  CU_FN TileShare(const Operand& operand, const float* first, unsigned start)
      : operand_(operand), first_(first), inner_(threadIdx.x % kVectors * VECTOR), outer_(threadIdx.x / kVectors) {
    if constexpr (Operand::kDepthInner) {
      CU_UNROLL
      for (int i = 0; i < kShare; i++) kept_[i] = operand.outer(start + outer_ + i * kOuterStep);
    } else {
      kept_[0] = operand.inner(start + inner_);
    }
  }

  // Begins to bring the share of the tile at this depth; it is there after `finish`, and waitForCopies.
  CU_FN void fetch(unsigned depth, float* tile) {
    if constexpr (Operand::kDepthInner) {
      const Place place = operand_.inner(depth + inner_);
      CU_UNROLL
      for (int i = 0; i < kShare; i++) fetch(i, operand_.find(kept_[i], place), tile);
    } else {
      CU_UNROLL
      for (int i = 0; i < kShare; i++) {
        fetch(i, operand_.find(operand_.outer(depth + outer_ + i * kOuterStep), kept_[0]), tile);
      }
    }
  }

  CU_FN void finish(float* tile) const {
    if constexpr (kTurned) {
      CU_UNROLL
      for (int i = 0; i < kShare; i++) {
        float* const to = tile + inner_ * kPitch + outer_ + i * kOuterStep;
        to[0] = values_[i].x, to[kPitch] = values_[i].y, to[2 * kPitch] = values_[i].z, to[3 * kPitch] = values_[i].w;
      }
    }
  }

 private:
  static_assert(VECTOR == 1 || VECTOR == 4);
  static constexpr bool kTurned = Operand::kDepthInner && VECTOR == 4;
  static constexpr int kVectors = (Operand::kDepthInner ? DEPTH : EXTENT) / VECTOR;
  static constexpr int kOuterStep = THREADS / kVectors;
  static constexpr int kShare = EXTENT * DEPTH / VECTOR / THREADS;
  static_assert(THREADS % kVectors == 0 && kShare >= 1);
  using Place = typename Operand::Place;

  CU_FN void fetch(int i, const Found& found, float* tile) {
    const float* const from = found.inside ? first_ + found.offset : first_;
    const int outer = outer_ + i * kOuterStep;
    if constexpr (kTurned) {
      values_[i] = found.inside ? *reinterpret_cast<const float4*>(from) : make_float4(0, 0, 0, 0);
    } else if constexpr (VECTOR == 4) {
      copyAsync16(tile + outer * kPitch + inner_, from, found.inside);
    } else {
      copyAsync4(tile + (Operand::kDepthInner ? inner_ * kPitch + outer : outer * kPitch + inner_), from, found.inside);
    }
  }

  const Operand& operand_;
  const float* first_;
  const int inner_, outer_;
  Place kept_[Operand::kDepthInner ? kShare : 1];
  float4 values_[kTurned ? kShare : 1];
};

// blockIdx: TileGrid.
template <class A, class B, class Tile, int VECTOR>
__global__ void __launch_bounds__(Tile::kThreads)
    fp32Product(const Product<A, B> p, const Divisor columnTiles, int partDepth, int firstGroup) {
  using AShare = TileShare<A, Tile::kRows, Tile::kDepth, Tile::kThreads, VECTOR>;
  using BShare = TileShare<B, Tile::kColumns, Tile::kDepth, Tile::kThreads, VECTOR>;
  CU_SHARED(float4, aTiles, [2][Tile::kDepth * AShare::kPitch / 4]);
  CU_SHARED(float4, bTiles, [2][Tile::kDepth * BShare::kPitch / 4]);

  const auto [rowTile, columnTile] = columnTiles.divide(blockIdx.x);
  const unsigned firstRow = rowTile * Tile::kRows, firstColumn = columnTile * Tile::kColumns;
  const int group = firstGroup + static_cast<int>(blockIdx.z);
  const int begin = static_cast<int>(blockIdx.y) * partDepth, end = min(p.depth, begin + partDepth);
  AShare aShare(p.a, p.a.first + group * p.aGroup, firstRow);
  BShare bShare(p.b, p.b.first + group * p.bGroup, firstColumn);

  const int threadRow = threadIdx.x / Tile::kColumnThreads * 4, threadColumn = threadIdx.x % Tile::kColumnThreads * 4;
  float sums[Tile::kThreadRows][Tile::kThreadColumns] = {};
  const auto fetch = [&](int depth, int stage) {
    aShare.fetch(depth, reinterpret_cast<float*>(aTiles[stage]));
    bShare.fetch(depth, reinterpret_cast<float*>(bTiles[stage]));
    commitCopies();
  };
  const auto finish = [&](int stage) {
    aShare.finish(reinterpret_cast<float*>(aTiles[stage]));
    bShare.finish(reinterpret_cast<float*>(bTiles[stage]));
    waitForCopies<0>();
  };
  int now = 0;
  if (begin < end) {
    fetch(begin, 0);
    finish(0);
  }
  __syncthreads();
  for (int depth = begin; depth < end; depth += Tile::kDepth) {
    const bool more = depth + Tile::kDepth < end;
    if (more) fetch(depth + Tile::kDepth, now ^ 1);
    CU_UNROLL
    for (int k = 0; k < Tile::kDepth; k++) {
      // a thread's rows, and its columns, come in fours that lie a tile's share apart: no two threads share a bank
      float a[Tile::kThreadRows], b[Tile::kThreadColumns];
      CU_UNROLL
      for (int i = 0; i < Tile::kThreadRows; i += 4) {
        const float4 v = aTiles[now][(k * AShare::kPitch + i * Tile::kRowThreads + threadRow) / 4];
        a[i] = v.x, a[i + 1] = v.y, a[i + 2] = v.z, a[i + 3] = v.w;
      }
      CU_UNROLL
      for (int j = 0; j < Tile::kThreadColumns; j += 4) {
        const float4 v = bTiles[now][(k * BShare::kPitch + j * Tile::kColumnThreads + threadColumn) / 4];
        b[j] = v.x, b[j + 1] = v.y, b[j + 2] = v.z, b[j + 3] = v.w;
      }
      CU_UNROLL
      for (int i = 0; i < Tile::kThreadRows; i++) {
        CU_UNROLL
        for (int j = 0; j < Tile::kThreadColumns; j++) sums[i][j] += a[i] * b[j];
      }
    }
    if (more) finish(now ^ 1);
    __syncthreads();
    now ^= 1;
  }

  float* y = static_cast<float*>(p.out.y) + group * p.outGroup + static_cast<int64_t>(blockIdx.y) * p.out.count;
  const float* bias = p.out.bias ? p.out.bias + group * p.biasGroup : nullptr;
  CU_UNROLL
  for (int i = 0; i < Tile::kThreadRows; i++) {
    const unsigned row = firstRow + i / 4 * 4 * Tile::kRowThreads + threadRow + i % 4;
    if (row >= static_cast<unsigned>(p.rows)) continue;
    float* to = y + p.out.offset(row);
    CU_UNROLL
    for (int j = 0; j < Tile::kThreadColumns; j += 4) {
      const int column = static_cast<int>(firstColumn) + j * Tile::kColumnThreads + threadColumn;
      if constexpr (VECTOR == 4) {
        if (column >= p.columns) continue;
        const float4 zero = make_float4(0, 0, 0, 0);
        const float4 plus = bias ? *reinterpret_cast<const float4*>(bias + column) : zero;
        *reinterpret_cast<float4*>(to + column) = make_float4(sums[i][j] + plus.x, sums[i][j + 1] + plus.y,
                                                              sums[i][j + 2] + plus.z, sums[i][j + 3] + plus.w);
      } else {
        CU_UNROLL
        for (int v = 0; v < 4; v++) {
          if (column + v < p.columns) to[column + v] = sums[i][j + v] + (bias ? bias[column + v] : 0.0f);
        }
      }
    }
  }
}

template <class Tile, int VECTOR, class A, class B>
void launchFp32Product(const Product<A, B>& p) {
  launchTiles<Tile>(p, Tile::kDepth, [](const Product<A, B>& part, const TileGrid& grid) {
    CU_LAUNCH((fp32Product<A, B, Tile, VECTOR>), grid.size, Tile::kThreads, 0, part, grid.columnTiles, grid.partDepth,
              grid.firstGroup);
  });
}

template <class A, class B>
void fp32Multiply(const Product<A, B>& p) {
  const bool vectors = p.inVectors();
  const auto launch = [&](auto tile) {
    using Tile = decltype(tile);
    vectors ? launchFp32Product<Tile, 4>(p) : launchFp32Product<Tile, 1>(p);
  };
  const int64_t large = ((int64_t{p.rows} + 127) / 128) * ((p.columns + 127) / 128) * p.groups;
  if (p.columns <= NarrowTile::kColumns) return launch(NarrowTile{});
  if (p.columns <= SmallTile::kColumns || p.rows <= SmallTile::kRows || large < kBusyTiles / 2) return launch(SmallTile{});
  launch(LargeTile{});
}

}  // namespace limbeck::cuda
