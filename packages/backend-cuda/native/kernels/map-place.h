// Elements of NHWC maps. Tensors have fewer than 2^31 elements: 32 bits hold every index.
#pragma once

#include "cu.h"
#include "divisor.h"

namespace limbeck::kernels {

struct MapPlace {
  int image, row, column, channel;
};

struct Map {
  int batch, height, width, channels;

  CU_FN int offsetOf(int image, int row, int column, int channel) const {
    return ((image * height + row) * width + column) * channels + channel;
  }
};

// A map of which each thread takes WIDTH channels of a pixel.
template <int WIDTH>
class MapVectors {
 public:
  explicit MapVectors(const Map& map)
      : count_(static_cast<int64_t>(map.batch) * map.height * map.width * (map.channels / WIDTH)),
        vectors_(map.channels / WIDTH),
        columns_(map.width),
        rows_(map.height) {}

  int64_t count() const { return count_; }

  // Of the first channel.
  CU_FN MapPlace placeOf(int64_t i) const {
    const auto [pixel, vector] = vectors_.divide(static_cast<unsigned>(i));
    const auto [line, column] = columns_.divide(pixel);
    const auto [image, row] = rows_.divide(line);
    return {static_cast<int>(image), static_cast<int>(row), static_cast<int>(column), static_cast<int>(vector) * WIDTH};
  }

 private:
  int64_t count_;
  cuda::Divisor vectors_, columns_, rows_;
};

// `p` has batch, height, width and channels, and the size of what becomes of the map.
template <typename Ints>
Map mapOf(const Ints& p) {
  return {p.batch, p.height, p.width, p.channels};
}
template <typename Ints>
Map outMapOf(const Ints& p) {
  return {p.batch, p.outHeight, p.outWidth, p.channels};
}

}  // namespace limbeck::kernels
