// What the tensor cores multiply: element types, and how tiles of them lie in shared memory so that neither the copies
// into it nor the reads of fragments meet in a bank.
#pragma once

#include "cu.h"
#include "storage.h"

namespace limbeck::cuda {

// 16 bytes: what an asynchronous copy moves.
template <typename T>
constexpr int kChunk = 16 / sizeof(T);

// Fragments of a warp's mma: four registers hold 16 rows of A at a step of the depth, or 16 columns of B (two registers
// for eight of them). In "deep" tiles the depth is the contiguous axis, 64 bytes of it a row; in "wide" tiles it is the
// rows or columns, and each line is a depth.
struct Bf16Operands {
  using Element = Bf16;
  static constexpr int kStep = 16;  // depth of an mma

  // Lines of wide tiles, in chunks; which chunk of a line an element's chunk lies at.
  static constexpr int widePitch(int chunks) { return chunks; }
  CU_FN static int wideChunk(int line, int chunk) { return chunk ^ (line & 7); }

  CU_FN static void prepare(uint32_t (&)[4]) {}
  CU_FN static void multiply(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) { multiplyBf16(c, a, b); }

  CU_FN static void wideRows(uint32_t (&fragment)[4], const uint4* tile, int pitch, int line, int row) {
    const int lane = threadIdx.x % kWarp, matrix = lane / 8;
    load(fragment, tile, pitch, line + matrix / 2 * 8 + lane % 8, row / 8 + matrix % 2);
  }
  CU_FN static void wideColumns(uint32_t (&fragment)[4], const uint4* tile, int pitch, int line, int column) {
    const int lane = threadIdx.x % kWarp, matrix = lane / 8;
    load(fragment, tile, pitch, line + matrix % 2 * 8 + lane % 8, column / 8 + matrix / 2);
  }

 private:
  CU_FN static void load(uint32_t (&fragment)[4], const uint4* tile, int pitch, int line, int chunk) {
    loadMatricesTransposed(fragment, tile + line * pitch + wideChunk(line, chunk));
  }
};

struct Tf32Operands {
  using Element = float;
  static constexpr int kStep = 8;

  // Eight floats more than a multiple of the banks: the four depths and eight rows that a warp reads are 32 banks.
  static constexpr int widePitch(int chunks) { return chunks + 2; }
  CU_FN static int wideChunk(int, int chunk) { return chunk; }

  CU_FN static void prepare(uint32_t (&fragment)[4]) {
    CU_UNROLL
    for (uint32_t& value : fragment) value = toTf32(__uint_as_float(value));
  }
  CU_FN static void multiply(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) { multiplyTf32(c, a, b); }

  CU_FN static void wideRows(uint32_t (&fragment)[4], const uint4* tile, int pitch, int line, int row) {
    const int lane = threadIdx.x % kWarp;
    const auto at = [&](int depth, int place) { return read(tile, pitch, line + lane % 4 + depth, row + lane / 4 + place); };
    fragment[0] = at(0, 0), fragment[1] = at(0, 8), fragment[2] = at(4, 0), fragment[3] = at(4, 8);
  }
  CU_FN static void wideColumns(uint32_t (&fragment)[4], const uint4* tile, int pitch, int line, int column) {
    const int lane = threadIdx.x % kWarp;
    const auto at = [&](int depth, int place) { return read(tile, pitch, line + lane % 4 + depth, column + lane / 4 + place); };
    fragment[0] = at(0, 0), fragment[1] = at(4, 0), fragment[2] = at(0, 8), fragment[3] = at(4, 8);
  }

 private:
  CU_FN static uint32_t read(const uint4* tile, int pitch, int line, int place) {
    return __float_as_uint(reinterpret_cast<const float*>(tile + line * pitch)[place]);
  }
};

// Rows of deep tiles are four chunks; the chunks of eight rows that are read together lie in different banks.
constexpr int kDeepChunks = 4;
CU_FN int deepChunk(int row, int chunk) { return row * kDeepChunks + (chunk ^ (row >> 1 & 3)); }

// What a block and a warp compute, and how many tiles are under way.
template <int ROWS, int COLUMNS, int WARP_ROWS, int WARP_COLUMNS, int STAGES>
struct TensorTile {
  static constexpr int kRows = ROWS, kColumns = COLUMNS, kStages = STAGES;
  static constexpr int kWarpRows = WARP_ROWS, kWarpColumns = WARP_COLUMNS;
  static constexpr int kThreads = ROWS / WARP_ROWS * (COLUMNS / WARP_COLUMNS) * kWarp;
};

// Among four lanes: lane k gets the k-th value of each, in their order.
CU_FN void transposeInFours(uint32_t (&value)[4]) {
  CU_UNROLL
  for (int distance = 1; distance <= 2; distance *= 2) {
    const bool upper = threadIdx.x & distance;
    CU_UNROLL
    for (int i = 0; i < 4; i++) {
      if (i & distance) continue;
      uint32_t& low = value[i];
      uint32_t& high = value[i + distance];
      const uint32_t got = __shfl_xor_sync(kFullMask, upper ? low : high, distance);
      upper ? low = got : high = got;
    }
  }
}

// The sums of a warp: 16 × 8 of each mma, as PTX spreads them over its lanes.
template <class Tile>
struct WarpSums {
  static constexpr int kRowBlocks = Tile::kWarpRows / 16, kColumnBlocks = Tile::kWarpColumns / 8;
  float at[kRowBlocks][kColumnBlocks][4] = {};

  // Adds a step of the depth: a(fragment, rows in the warp's tile), b(fragment, columns).
  template <class Operands, class ReadA, class ReadB>
  CU_FN void add(const ReadA& readA, const ReadB& readB) {
    uint32_t a[kRowBlocks][4], b[kColumnBlocks / 2][4];
    CU_UNROLL
    for (int i = 0; i < kRowBlocks; i++) readA(a[i], i * 16), Operands::prepare(a[i]);
    CU_UNROLL
    for (int j = 0; j < kColumnBlocks / 2; j++) readB(b[j], j * 16), Operands::prepare(b[j]);
    CU_UNROLL
    for (int i = 0; i < kRowBlocks; i++) {
      CU_UNROLL
      for (int j = 0; j < kColumnBlocks; j++) {
        const uint32_t pair[2] = {b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]};
        Operands::multiply(at[i][j], a[i], pair);
      }
    }
  }

  // Writes them from `start` of the output on, with the bias where there is one; firstRow and firstColumn are the warp's.
  template <class P>
  CU_FN void write(const P& p, int64_t start, const float* bias, unsigned firstRow, int firstColumn) const {
    if (!p.out.narrow) return writeEach(p, static_cast<float*>(p.out.y) + start, bias, firstRow, firstColumn);
    Bf16* const y = static_cast<Bf16*>(p.out.y) + start;
    if (p.columns % 8 == 0 && p.outGroup % 8 == 0 && p.out.template inVectors<Bf16>(8)) {
      writeChunks(p, y, bias, firstRow, firstColumn);
    } else {
      writeEach(p, y, bias, firstRow, firstColumn);
    }
  }

 private:
  template <class P, typename T>
  CU_FN void writeEach(const P& p, T* y, const float* bias, unsigned firstRow, int firstColumn) const {
    const int lane = threadIdx.x % kWarp;
    CU_UNROLL
    for (int i = 0; i < kRowBlocks; i++) {
      CU_UNROLL
      for (int half = 0; half < 2; half++) {
        const unsigned row = firstRow + i * 16 + half * 8 + lane / 4;
        const auto [offset, written] = p.out.find(row);
        if (row >= static_cast<unsigned>(p.rows) || !written) continue;
        CU_UNROLL
        for (int j = 0; j < kColumnBlocks; j++) {
          const int column = firstColumn + j * 8 + lane % 4 * 2;
          CU_UNROLL
          for (int v = 0; v < 2; v++) {
            if (column + v >= p.columns) continue;
            store(y + offset, column + v, at[i][j][half * 2 + v] + (bias ? bias[column + v] : 0.0f));
          }
        }
      }
    }
  }

  // Sixteen bytes at a time: the four lanes that share a row change pairs, so that each has eight columns in a row.
  template <class P>
  CU_FN void writeChunks(const P& p, Bf16* y, const float* bias, unsigned firstRow, int firstColumn) const {
    static_assert(kColumnBlocks == 4);
    const int lane = threadIdx.x % kWarp, column = firstColumn + lane % 4 * 8;
    CU_UNROLL
    for (int i = 0; i < kRowBlocks; i++) {
      CU_UNROLL
      for (int half = 0; half < 2; half++) {
        uint32_t pairs[4];
        CU_UNROLL
        for (int j = 0; j < kColumnBlocks; j++) {
          const int first = firstColumn + j * 8 + lane % 4 * 2;
          const bool biased = bias && first < p.columns;
          const float low = biased ? bias[first] : 0.0f, high = biased ? bias[first + 1] : 0.0f;
          pairs[j] = toBf16Pair(at[i][j][half * 2] + low, at[i][j][half * 2 + 1] + high);
        }
        transposeInFours(pairs);
        const unsigned row = firstRow + i * 16 + half * 8 + lane / 4;
        const auto [offset, written] = p.out.find(row);
        if (row >= static_cast<unsigned>(p.rows) || !written || column >= p.columns) continue;
        *reinterpret_cast<uint4*>(y + offset + column) = make_uint4(pairs[0], pairs[1], pairs[2], pairs[3]);
      }
    }
  }
};

}  // namespace limbeck::cuda
