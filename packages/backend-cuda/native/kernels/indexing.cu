#include "cu.h"
#include "kernels/sort.h"
#include "limbeck/kernels.h"

namespace limbeck::kernels {

namespace {

using cuda::forEach;

template <typename T>
void gatherOf(const GatherInts& p, const void* xData, const int32_t* indices, void* yData) {
  const T* x = static_cast<const T*>(xData);
  T* y = static_cast<T*>(yData);
  const int64_t inner = p.inner;
  const int count = p.count, outer = p.outer, length = p.length;
  forEach(static_cast<int64_t>(p.batch) * outer * count * inner, [=] __device__(int64_t i) {
    const int64_t line = i / inner, stack = line / count;
    const int32_t index = indices[stack / outer * count + line % count];
    y[i] = index >= 0 && index < length ? x[(stack * length + index) * inner + i % inner] : T{0};
  });
}

}  // namespace

void gather(const GatherInts& p, const void* x, const int32_t* indices, void* y) {
  if (p.elementBytes == 1) return gatherOf<uint8_t>(p, x, indices, y);
  gatherOf<uint32_t>(p, x, indices, y);
}

namespace {

// Where the slice of an index begins, in elements; −1 outside.
CU_FN int64_t placeOf(const NdInts& p, const int32_t* index) {
  int64_t place = 0;
  for (int d = 0; d < p.depth; d++) {
    if (index[d] < 0 || index[d] >= p.dims[d]) return -1;
    place += static_cast<int64_t>(index[d]) * p.strides[d];
  }
  return place;
}

template <typename T>
void gatherNdOf(const NdInts& p, const void* xData, const int32_t* indices, void* yData) {
  const T* x = static_cast<const T*>(xData);
  T* y = static_cast<T*>(yData);
  forEach(static_cast<int64_t>(p.count) * p.slice, [=] __device__(int64_t i) {
    const int64_t place = placeOf(p, indices + i / p.slice * p.depth);
    y[i] = place < 0 ? T{0} : x[place + i % p.slice];
  });
}

// Updates are sorted by place, so that those of one place lie side by side in their order: the thread of the first takes
// them all. Nothing depends on which thread comes first.
template <typename T>
void scatterOf(const NdInts& p, const int32_t* indices, const void* updatesData, void* yData) {
  if (p.count == 0) return;
  const T* updates = static_cast<const T*>(updatesData);
  T* y = static_cast<T*>(yData);
  // places are below this, which stands for outside
  const int64_t outside = p.depth > 0 ? static_cast<int64_t>(p.dims[0]) * p.strides[0] : 1;
  KeySorter sorter(p.count);
  uint32_t* keys = sorter.keys();
  int32_t* numbers = sorter.values();
  forEach(p.count, [=] __device__(int64_t i) {
    const int64_t place = placeOf(p, indices + i * p.depth);
    keys[i] = static_cast<uint32_t>(place < 0 ? outside : place);
    numbers[i] = static_cast<int32_t>(i);
  });
  sorter.sort(bitsBelow(outside + 1));
  const uint32_t* places = sorter.keys();
  const int32_t* order = sorter.values();
  forEach(static_cast<int64_t>(p.count) * p.slice, [=] __device__(int64_t i) {
    const int64_t first = i / p.slice, k = i % p.slice;
    const uint32_t place = places[first];
    if (place == outside || (first > 0 && places[first - 1] == place)) return;
    T value = y[place + k];
    for (int64_t j = first; j < p.count && places[j] == place; j++) {
      const T update = updates[p.single ? 0 : static_cast<int64_t>(order[j]) * p.slice + k];
      value = p.add ? static_cast<T>(value + update) : update;
    }
    y[place + k] = value;
  });
}

}  // namespace

void gatherNd(const NdInts& p, const void* x, const int32_t* indices, void* y) {
  if (p.dtype == Dtype::kBool) return gatherNdOf<uint8_t>(p, x, indices, y);
  gatherNdOf<uint32_t>(p, x, indices, y);
}

void scatterNd(const NdInts& p, const int32_t* indices, const void* updates, void* y) {
  if (p.dtype == Dtype::kFloat32) return scatterOf<float>(p, indices, updates, y);
  if (p.dtype == Dtype::kInt32) return scatterOf<uint32_t>(p, indices, updates, y);
  scatterOf<uint8_t>(p, indices, updates, y);
}

namespace {

template <typename T>
void oneHotOf(const OneHotInts& p, const OneHotReals& r, const int32_t* indices, void* yData) {
  T* y = static_cast<T*>(yData);
  const T on = static_cast<T>(r.on), off = static_cast<T>(r.off);
  const int depth = p.depth;
  forEach(static_cast<int64_t>(p.count) * depth, [=] __device__(int64_t i) {
    y[i] = indices[i / depth] == static_cast<int32_t>(i % depth) ? on : off;
  });
}

}  // namespace

void oneHot(const OneHotInts& p, const OneHotReals& r, const int32_t* indices, void* y) {
  if (p.dtype == Dtype::kFloat32) return oneHotOf<float>(p, r, indices, y);
  if (p.dtype == Dtype::kInt32) return oneHotOf<int32_t>(p, r, indices, y);
  oneHotOf<uint8_t>(p, r, indices, y);
}

}  // namespace limbeck::kernels
