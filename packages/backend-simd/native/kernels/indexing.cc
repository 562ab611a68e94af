#include <cstring>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/kernels.h"

namespace limbeck::LIMBECK_TARGET {

void gather(const GatherInts& p, const void* xData, const int32_t* indices, void* yData) {
  const char* x = static_cast<const char*>(xData);
  char* y = static_cast<char*>(yData);
  const int64_t bytes = static_cast<int64_t>(p.inner) * p.elementBytes;
  const int64_t lines = static_cast<int64_t>(p.batch) * p.outer * p.count;
  parallelFor(lines, grainOf(bytes / 4 + 1), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; line++) {
      const int64_t k = line % p.count, stack = line / p.count;
      const int32_t index = indices[stack / p.outer * p.count + k];
      if (index >= 0 && index < p.length) {
        std::memcpy(y + line * bytes, x + (stack * p.length + index) * bytes, bytes);
      } else {
        std::memset(y + line * bytes, 0, bytes);
      }
    }
  });
}

namespace {

size_t bytesOf(Dtype dtype) { return dtype == Dtype::kBool ? 1 : 4; }

// Where the slice of an index begins, in elements; −1 outside.
int64_t placeOf(const NdInts& p, const int32_t* index) {
  int64_t place = 0;
  for (int d = 0; d < p.depth; d++) {
    if (index[d] < 0 || index[d] >= p.dims[d]) return -1;
    place += static_cast<int64_t>(index[d]) * p.strides[d];
  }
  return place;
}

// Elements begin…end-1 of every slice: threads share slices out, so that equal places meet in one thread, in order.
template <typename T>
void scatterPart(const NdInts& p, const int32_t* indices, const T* updates, T* y, int64_t begin, int64_t end) {
  for (int64_t i = 0; i < p.count; i++) {
    const int64_t place = placeOf(p, indices + i * p.depth);
    if (place < 0) continue;
    for (int64_t k = begin; k < end; k++) {
      const T value = updates[p.single ? 0 : i * p.slice + k];
      if (p.add) {
        y[place + k] = static_cast<T>(y[place + k] + value);
      } else {
        y[place + k] = value;
      }
    }
  }
}

template <typename T>
void scatterOf(const NdInts& p, const int32_t* indices, const void* updates, void* y) {
  parallelFor(p.slice, grainOf(p.count), [&](int64_t begin, int64_t end) {
    scatterPart(p, indices, static_cast<const T*>(updates), static_cast<T*>(y), begin, end);
  });
}

}  // namespace

void gatherNd(const NdInts& p, const void* xData, const int32_t* indices, void* yData) {
  const int64_t size = static_cast<int64_t>(bytesOf(p.dtype)), bytes = p.slice * size;
  parallelFor(p.count, grainOf(p.slice), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t place = placeOf(p, indices + i * p.depth);
      char* to = static_cast<char*>(yData) + i * bytes;
      if (place < 0) {
        std::memset(to, 0, bytes);
      } else {
        std::memcpy(to, static_cast<const char*>(xData) + place * size, bytes);
      }
    }
  });
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
  parallelFor(p.count, grainOf(p.depth), [&](int64_t begin, int64_t end) {
    std::fill(y + begin * p.depth, y + end * p.depth, static_cast<T>(r.off));
    for (int64_t i = begin; i < end; i++) {
      if (indices[i] >= 0 && indices[i] < p.depth) y[i * p.depth + indices[i]] = static_cast<T>(r.on);
    }
  });
}

}  // namespace

void oneHot(const OneHotInts& p, const OneHotReals& r, const int32_t* indices, void* y) {
  if (p.dtype == Dtype::kFloat32) return oneHotOf<float>(p, r, indices, y);
  if (p.dtype == Dtype::kInt32) return oneHotOf<int32_t>(p, r, indices, y);
  oneHotOf<uint8_t>(p, r, indices, y);
}

}  // namespace limbeck::LIMBECK_TARGET
