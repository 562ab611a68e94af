#include <algorithm>
#include <vector>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/kernels.h"
#include "limbeck/sampling.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

std::vector<LinearSample> linearSamples(int input, int output, const ResizeInts& p) {
  std::vector<LinearSample> samples(output);
  const double scale = resizeScale(input, output, p.alignCorners);
  for (int i = 0; i < output; i++) samples[i] = linearSample(i, input, scale, p.halfPixelCenters);
  return samples;
}

std::vector<int> nearestSamples(int input, int output, const ResizeInts& p) {
  std::vector<int> samples(output);
  const double scale = resizeScale(input, output, p.alignCorners);
  for (int i = 0; i < output; i++) samples[i] = nearestSample(i, input, scale, p.alignCorners, p.halfPixelCenters);
  return samples;
}

// For each input row, the output rows that read it: so that a thread owns the rows that it adds to.
template <typename Reads>
std::vector<std::vector<int>> readersOf(int input, int output, const Reads& reads) {
  std::vector<std::vector<int>> readers(input);
  for (int i = 0; i < output; i++) reads(i, [&](int row) {
      if (readers[row].empty() || readers[row].back() != i) readers[row].push_back(i);
    });
  return readers;
}

int64_t rowGrain(const ResizeInts& p) { return grainOf(static_cast<int64_t>(p.outWidth) * p.channels, 4); }

}  // namespace

void resizeBilinear(const ResizeInts& p, const float* x, float* y) {
  const auto rows = linearSamples(p.height, p.outHeight, p);
  const auto columns = linearSamples(p.width, p.outWidth, p);
  const int channels = p.channels;
  const int64_t inRow = static_cast<int64_t>(p.width) * channels;
  parallelFor(static_cast<int64_t>(p.batch) * p.outHeight, rowGrain(p), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const LinearSample& v = rows[row % p.outHeight];
      const float* image = x + row / p.outHeight * p.height * inRow;
      const float* top = image + v.low * inRow;
      const float* bottom = image + v.high * inRow;
      float* to = y + row * p.outWidth * channels;
      for (int j = 0; j < p.outWidth; j++, to += channels) {
        const LinearSample& h = columns[j];
        const float a = (1 - v.weight) * (1 - h.weight), b = (1 - v.weight) * h.weight;
        const float c = v.weight * (1 - h.weight), d = v.weight * h.weight;
        const int64_t left = static_cast<int64_t>(h.low) * channels, right = static_cast<int64_t>(h.high) * channels;
        for (int k = 0; k < channels; k++) {
          to[k] = a * top[left + k] + b * top[right + k] + c * bottom[left + k] + d * bottom[right + k];
        }
      }
    }
  });
}

void resizeBilinearGrad(const ResizeInts& p, const float* dy, float* dx) {
  const auto rows = linearSamples(p.height, p.outHeight, p);
  const auto columns = linearSamples(p.width, p.outWidth, p);
  const auto readers = readersOf(p.height, p.outHeight, [&](int i, const auto& add) {
    add(rows[i].low);
    add(rows[i].high);
  });
  const int channels = p.channels;
  const int64_t inRow = static_cast<int64_t>(p.width) * channels, outRow = static_cast<int64_t>(p.outWidth) * channels;
  parallelFor(static_cast<int64_t>(p.batch) * p.height, rowGrain(p), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int own = static_cast<int>(row % p.height);
      float* to = dx + row * inRow;
      std::fill(to, to + inRow, 0.0f);
      for (const int i : readers[own]) {
        const LinearSample& v = rows[i];
        const float share = (v.low == own ? 1 - v.weight : 0) + (v.high == own ? v.weight : 0);
        const float* from = dy + (row / p.height * p.outHeight + i) * outRow;
        for (int j = 0; j < p.outWidth; j++, from += channels) {
          const LinearSample& h = columns[j];
          float* left = to + static_cast<int64_t>(h.low) * channels;
          float* right = to + static_cast<int64_t>(h.high) * channels;
          const float leftShare = share * (1 - h.weight), rightShare = share * h.weight;
          for (int k = 0; k < channels; k++) left[k] += leftShare * from[k];
          if (rightShare == 0) continue;
          for (int k = 0; k < channels; k++) right[k] += rightShare * from[k];
        }
      }
    }
  });
}

void resizeNearest(const ResizeInts& p, const void* xData, void* yData) {
  const auto rows = nearestSamples(p.height, p.outHeight, p);
  const auto columns = nearestSamples(p.width, p.outWidth, p);
  const uint32_t* x = static_cast<const uint32_t*>(xData);
  uint32_t* y = static_cast<uint32_t*>(yData);
  const int channels = p.channels;
  parallelFor(static_cast<int64_t>(p.batch) * p.outHeight, rowGrain(p), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const uint32_t* from =
          x + (row / p.outHeight * p.height + rows[row % p.outHeight]) * static_cast<int64_t>(p.width) * channels;
      uint32_t* to = y + row * p.outWidth * channels;
      for (int j = 0; j < p.outWidth; j++, to += channels) {
        const uint32_t* pixel = from + static_cast<int64_t>(columns[j]) * channels;
        std::copy(pixel, pixel + channels, to);
      }
    }
  });
}

void resizeNearestGrad(const ResizeInts& p, const float* dy, float* dx) {
  const auto rows = nearestSamples(p.height, p.outHeight, p);
  const auto columns = nearestSamples(p.width, p.outWidth, p);
  const auto readers = readersOf(p.height, p.outHeight, [&](int i, const auto& add) { add(rows[i]); });
  const int channels = p.channels;
  const int64_t inRow = static_cast<int64_t>(p.width) * channels, outRow = static_cast<int64_t>(p.outWidth) * channels;
  parallelFor(static_cast<int64_t>(p.batch) * p.height, rowGrain(p), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      float* to = dx + row * inRow;
      std::fill(to, to + inRow, 0.0f);
      for (const int i : readers[row % p.height]) {
        const float* from = dy + (row / p.height * p.outHeight + i) * outRow;
        for (int j = 0; j < p.outWidth; j++, from += channels) {
          float* pixel = to + static_cast<int64_t>(columns[j]) * channels;
          for (int k = 0; k < channels; k++) pixel[k] += from[k];
        }
      }
    }
  });
}

}  // namespace limbeck::LIMBECK_TARGET
