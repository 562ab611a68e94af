// Elements of NHWC maps.
#pragma once

#include "cu.h"

namespace limbeck::kernels {

struct MapPlace {
  int image, row, column, channel;
};

// Of element `i`. Tensors have fewer than 2^31 elements: 32 bits divide faster.
CU_FN MapPlace mapPlaceOf(int64_t i, int height, int width, int channels) {
  const uint32_t at = static_cast<uint32_t>(i), pixel = at / channels, line = pixel / width;
  return {static_cast<int>(line / height), static_cast<int>(line % height), static_cast<int>(pixel % width),
          static_cast<int>(at % channels)};
}

// `p` has batch, height, width and channels.
template <typename Ints>
int64_t mapElements(const Ints& p) {
  return static_cast<int64_t>(p.batch) * p.height * p.width * p.channels;
}
template <typename Ints>
int64_t outElements(const Ints& p) {
  return static_cast<int64_t>(p.batch) * p.outHeight * p.outWidth * p.channels;
}

}  // namespace limbeck::kernels
