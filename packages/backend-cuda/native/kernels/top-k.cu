#include "cu.h"
#include "kernels/sort.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::forEach;

constexpr int kThreads = 256;
constexpr int kMostInBlock = 2048;  // elements that one block sorts in its shared memory
constexpr int kMostForBlock = 1 << 16;  // elements that one block reads in good time, where no other rows keep the GPU busy
constexpr int kEnoughRows = 64;

// Numbers in whose order larger elements come first; NaN counts as infinite.
CU_FN uint32_t keyOf(int32_t x) { return ~(static_cast<uint32_t>(x) ^ 0x80000000u); }
CU_FN uint32_t keyOf(float x) {
  if (x != x) return ~0xff800000u;          // as of infinity
  const uint32_t bits = __float_as_uint(x + 0.0f);  // one zero only
  return bits & 0x80000000u ? bits : ~(bits | 0x80000000u);
}

// Key and index in one number: all differ, and equal keys are in the order of their indices.
CU_FN uint64_t entryOf(uint32_t key, int index) { return static_cast<uint64_t>(key) << 32 | static_cast<uint32_t>(index); }
constexpr uint64_t kNoEntry = ~uint64_t{0};

// Sorts `size` entries, a power of 2, by the block's threads (Batcher, 1968).
CU_FN void sortEntries(uint64_t* entries, int size) {
  for (int run = 2; run <= size; run *= 2) {
    for (int distance = run / 2; distance > 0; distance /= 2) {
      __syncthreads();
      for (int i = static_cast<int>(threadIdx.x); i < size / 2; i += kThreads) {
        const int low = 2 * i - (i & (distance - 1)), high = low + distance;
        const uint64_t a = entries[low], b = entries[high];
        const bool ascending = (low & run) == 0;
        if ((a > b) == ascending) {
          entries[low] = b;
          entries[high] = a;
        }
      }
    }
  }
  __syncthreads();
}

template <typename T>
CU_FN void writeFirst(const uint64_t* entries, const T* row, int k, T* values, int32_t* indices) {
  for (int i = static_cast<int>(threadIdx.x); i < k; i += kThreads) {
    const int index = static_cast<int>(entries[i] & 0xffffffffu);
    values[i] = row[index];
    indices[i] = index;
  }
}

// Short rows: sorted whole, one block each.
template <typename T>
__global__ void __launch_bounds__(kThreads)
    sortShortRows(const T* __restrict__ x, int length, int size, int k, T* __restrict__ values, int32_t* __restrict__ indices) {
  CU_SHARED(uint64_t, entries, [kMostInBlock]);
  const int64_t row = blockIdx.x;
  const T* from = x + row * length;
  for (int i = static_cast<int>(threadIdx.x); i < size; i += kThreads) {
    entries[i] = i < length ? entryOf(keyOf(from[i]), i) : kNoEntry;
  }
  sortEntries(entries, size);
  writeFirst(entries, from, k, values + row * k, indices + row * k);
}

// The key of the k-th element, found digit by digit, and how many of the elements with that very key are wanted.
struct Threshold {
  uint32_t key;
  int equal;
};
template <typename T>
CU_FN Threshold selectKey(const T* row, int length, int k) {
  constexpr int kDigits = 256;
  CU_SHARED(int, counts, [kDigits]);
  CU_SHARED(int, choice, [2]);
  uint32_t prefix = 0, mask = 0;
  int wanted = k;
  for (int shift = 24; shift >= 0; shift -= 8) {
    for (int digit = static_cast<int>(threadIdx.x); digit < kDigits; digit += kThreads) counts[digit] = 0;
    __syncthreads();
    for (int i = static_cast<int>(threadIdx.x); i < length; i += kThreads) {
      const uint32_t key = keyOf(row[i]);
      if ((key & mask) == prefix) atomicAdd(&counts[key >> shift & 255], 1);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      int left = wanted, digit = 0;
      while (digit < kDigits - 1 && counts[digit] < left) left -= counts[digit++];
      choice[0] = digit;
      choice[1] = left;
    }
    __syncthreads();
    prefix |= static_cast<uint32_t>(choice[0]) << shift;
    mask |= 255u << shift;
    wanted = choice[1];
    __syncthreads();
  }
  return {prefix, wanted};
}

// Long rows, few wanted: a radix selection, then a sort of what was selected; one block each.
template <typename T>
__global__ void __launch_bounds__(kThreads)
    selectFromLongRows(const T* __restrict__ x, int length, int size, int k, T* __restrict__ values,
                       int32_t* __restrict__ indices) {
  constexpr int kWarps = kThreads / cuda::kWarp;
  CU_SHARED(uint64_t, entries, [kMostInBlock]);
  CU_SHARED(int, before, [kWarps]);
  CU_SHARED(int, after, [kWarps]);
  const int64_t row = blockIdx.x;
  const T* from = x + row * length;
  const Threshold threshold = selectKey(from, length, k);
  const int lane = threadIdx.x % cuda::kWarp, warp = threadIdx.x / cuda::kWarp;
  const unsigned earlier = (1u << lane) - 1;
  int smaller = 0, equal = 0;  // entries taken so far; the equal ones come behind
  for (int first = 0; first < length; first += kThreads) {
    const int i = first + static_cast<int>(threadIdx.x);
    const uint32_t key = i < length ? keyOf(from[i]) : ~0u;
    const bool isSmaller = i < length && key < threshold.key, isEqual = i < length && key == threshold.key;
    const unsigned smallerLanes = __ballot_sync(cuda::kFullMask, isSmaller);
    const unsigned equalLanes = __ballot_sync(cuda::kFullMask, isEqual);
    if (lane == 0) {
      before[warp] = __popc(smallerLanes);
      after[warp] = __popc(equalLanes);
    }
    __syncthreads();
    int smallerRank = smaller + __popc(smallerLanes & earlier), equalRank = equal + __popc(equalLanes & earlier);
    for (int w = 0; w < kWarps; w++) {
      if (w < warp) {
        smallerRank += before[w];
        equalRank += after[w];
      }
      smaller += before[w];
      equal += after[w];
    }
    if (isSmaller) entries[smallerRank] = entryOf(key, i);
    if (isEqual && equalRank < threshold.equal) entries[k - threshold.equal + equalRank] = entryOf(key, i);
    __syncthreads();
  }
  for (int i = k + static_cast<int>(threadIdx.x); i < size; i += kThreads) entries[i] = kNoEntry;
  sortEntries(entries, size);
  writeFirst(entries, from, k, values + row * k, indices + row * k);
}

// Many wanted, or few but very long rows: all are sorted at once, by their elements and then by row.
template <typename T>
void sortLongRows(const T* x, int rows, int length, int k, T* values, int32_t* indices) {
  const int count = rows * length;
  KeySorter sorter(count);
  uint32_t* keys = sorter.keys();
  int32_t* places = sorter.values();
  forEach(count, [=] __device__(int64_t i) {
    keys[i] = keyOf(x[i]);
    places[i] = static_cast<int32_t>(i);
  });
  sorter.sort(32);
  uint32_t* rowOf = sorter.keys();
  const int32_t* byElement = sorter.values();
  forEach(count, [=] __device__(int64_t i) { rowOf[i] = static_cast<uint32_t>(byElement[i] / length); });
  sorter.sort(bitsBelow(rows));
  const int32_t* sorted = sorter.values();
  forEach(static_cast<int64_t>(rows) * k, [=] __device__(int64_t i) {
    const int64_t row = i / k, place = sorted[row * length + i % k];
    values[i] = x[place];
    indices[i] = static_cast<int32_t>(place - row * length);
  });
}

int powerOfTwoFrom(int least) {
  int power = 1;
  while (power < least) power *= 2;
  return power;
}

template <typename T>
void topKOf(const TopKInts& p, const void* xData, void* valuesData, int32_t* indices) {
  const T* x = static_cast<const T*>(xData);
  T* values = static_cast<T*>(valuesData);
  const int length = p.length, k = p.k;
  if (length <= kMostInBlock) {
    CU_LAUNCH((sortShortRows<T>), p.rows, kThreads, 0, x, length, powerOfTwoFrom(length), k, values, indices);
  } else if (k <= kMostInBlock && (p.rows >= kEnoughRows || length <= kMostForBlock)) {
    CU_LAUNCH((selectFromLongRows<T>), p.rows, kThreads, 0, x, length, powerOfTwoFrom(k), k, values, indices);
  } else {
    sortLongRows(x, p.rows, length, k, values, indices);
  }
}

}  // namespace

void topK(const TopKInts& p, const void* x, void* values, int32_t* indices) {
  if (p.dtype == Dtype::kFloat32) return topKOf<float>(p, x, values, indices);
  topKOf<int32_t>(p, x, values, indices);
}

}  // namespace limbeck::kernels
