#include "kernels/sort.h"

#include <utility>

namespace limbeck::kernels {

namespace {

// A radix sort by digits of 8 bits, least first. Each pass counts the digits of every tile, adds the counts up, and
// moves each element behind those of a smaller digit, of an earlier tile, or before it in its tile.
constexpr int kDigitBits = 8, kDigits = 1 << kDigitBits;
constexpr int kThreads = 256, kWarps = kThreads / cuda::kWarp, kRounds = 16, kTile = kThreads * kRounds;

CU_FN int digitOf(uint32_t key, int shift) { return static_cast<int>(key >> shift & (kDigits - 1)); }

// counts[digit, tile]
__global__ void __launch_bounds__(kThreads)
    countDigits(const uint32_t* __restrict__ keys, int count, int shift, int tiles, int32_t* __restrict__ counts) {
  CU_SHARED(int, inTile, [kDigits]);
  for (int digit = static_cast<int>(threadIdx.x); digit < kDigits; digit += kThreads) inTile[digit] = 0;
  __syncthreads();
  const int first = static_cast<int>(blockIdx.x) * kTile, end = min(count, first + kTile);
  for (int i = first + static_cast<int>(threadIdx.x); i < end; i += kThreads) atomicAdd(&inTile[digitOf(keys[i], shift)], 1);
  __syncthreads();
  for (int digit = static_cast<int>(threadIdx.x); digit < kDigits; digit += kThreads) {
    counts[digit * tiles + static_cast<int>(blockIdx.x)] = inTile[digit];
  }
}

// Replaces each count by the sum of those before it; one block.
__global__ void __launch_bounds__(kThreads) addUp(int32_t* __restrict__ counts, int length) {
  CU_SHARED(int, ofWarps, [kWarps]);
  const int lane = threadIdx.x % cuda::kWarp, warp = threadIdx.x / cuda::kWarp;
  int before = 0;
  for (int first = 0; first < length; first += kThreads) {
    const int i = first + static_cast<int>(threadIdx.x);
    const int own = i < length ? counts[i] : 0;
    int total = own;
    CU_UNROLL
    for (int distance = 1; distance < cuda::kWarp; distance *= 2) {
      const int earlier = __shfl_up_sync(cuda::kFullMask, total, distance);
      if (lane >= distance) total += earlier;
    }
    if (lane == cuda::kWarp - 1) ofWarps[warp] = total;
    __syncthreads();
    int prefix = before;
    for (int k = 0; k < kWarps; k++) {
      if (k < warp) prefix += ofWarps[k];
      before += ofWarps[k];
    }
    __syncthreads();
    if (i < length) counts[i] = prefix + total - own;
  }
}

__global__ void __launch_bounds__(kThreads)
    moveByDigit(const uint32_t* __restrict__ keys, const int32_t* __restrict__ values, int count, int shift, int tiles,
                const int32_t* __restrict__ starts, uint32_t* __restrict__ movedKeys, int32_t* __restrict__ movedValues) {
  CU_SHARED(int, place, [kDigits]);             // of the tile's next element with that digit
  CU_SHARED(int, ofWarps, [kWarps][kDigits]);   // elements of this round, then those in warps before
  const int thread = static_cast<int>(threadIdx.x), lane = thread % cuda::kWarp, warp = thread / cuda::kWarp;
  for (int digit = thread; digit < kDigits; digit += kThreads) place[digit] = starts[digit * tiles + blockIdx.x];
  const int first = static_cast<int>(blockIdx.x) * kTile, end = min(count, first + kTile);
  for (int round = first; round < end; round += kThreads) {
    for (int i = thread; i < kWarps * kDigits; i += kThreads) ofWarps[i / kDigits][i % kDigits] = 0;
    __syncthreads();
    const int i = round + thread;
    const bool present = i < end;
    const uint32_t key = present ? keys[i] : 0;
    const int digit = digitOf(key, shift);
    // lanes with the same digit
    unsigned peers = __ballot_sync(cuda::kFullMask, present);
    CU_UNROLL
    for (int bit = 0; bit < kDigitBits; bit++) {
      const unsigned set = __ballot_sync(cuda::kFullMask, digit >> bit & 1);
      peers &= digit >> bit & 1 ? set : ~set;
    }
    const int rank = __popc(peers & ((1u << lane) - 1));
    if (present && rank == 0) ofWarps[warp][digit] = __popc(peers);
    __syncthreads();
    for (int each = thread; each < kDigits; each += kThreads) {
      int next = place[each];
      for (int k = 0; k < kWarps; k++) {
        const int here = ofWarps[k][each];
        ofWarps[k][each] = next;
        next += here;
      }
      place[each] = next;
    }
    __syncthreads();
    if (present) {
      const int to = ofWarps[warp][digit] + rank;
      movedKeys[to] = key;
      movedValues[to] = values[i];
    }
    __syncthreads();
  }
}

}  // namespace

KeySorter::KeySorter(int count)
    : count_(count),
      tiles_((count + kTile - 1) / kTile),
      keys_(cuda::scratchOf<uint32_t>(count)),
      otherKeys_(cuda::scratchOf<uint32_t>(count)),
      values_(cuda::scratchOf<int32_t>(count)),
      otherValues_(cuda::scratchOf<int32_t>(count)),
      counts_(cuda::scratchOf<int32_t>(static_cast<size_t>(kDigits) * tiles_)) {}

void KeySorter::sort(int bits) {
  // copies: a launch takes what it is given by value
  const int count = count_, tiles = tiles_;
  int32_t* const counts = counts_;
  for (int shift = 0; shift < bits; shift += kDigitBits) {
    uint32_t *const from = keys_, *const to = otherKeys_;
    int32_t *const fromValues = values_, *const toValues = otherValues_;
    CU_LAUNCH(countDigits, tiles, kThreads, 0, from, count, shift, tiles, counts);
    CU_LAUNCH(addUp, 1, kThreads, 0, counts, kDigits * tiles);
    CU_LAUNCH(moveByDigit, tiles, kThreads, 0, from, fromValues, count, shift, tiles, counts, to, toValues);
    std::swap(keys_, otherKeys_);
    std::swap(values_, otherValues_);
  }
}

}  // namespace limbeck::kernels
