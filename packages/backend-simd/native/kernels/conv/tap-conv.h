// Convolution as a sum over taps, without im2col: each output pixel adds up, tap by tap, an input pixel times a matrix.
// Forward passes, input gradients (one call for each class of pixels that a stride makes) and plain matrix products are
// all of this form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace limbeck::LIMBECK_TARGET {

// Output pixel (i, j) reads input pixel (i · stepHeight + row, j · stepWidth + column), which is 0 outside the map.
// The matrix [channels, columns] that it is multiplied with lies at `filter`.
struct Tap {
  int row, column;
  const float* filter;
};

// A stack of maps: distances in floats.
struct MapSpan {
  ptrdiff_t image, row, pixel;
};

struct TapConv {
  int batch;
  const float* x;
  int height, width, channels;
  MapSpan xSpan;
  float* y;
  int outHeight, outWidth, columns;
  MapSpan ySpan;
  int stepHeight, stepWidth;
  std::vector<Tap> taps;
  ptrdiff_t filterRow, filterColumn;  // from one channel, and from one column, to the next
  const float* bias;                  // [columns], or null
};

void tapConv(const TapConv& conv);

}  // namespace limbeck::LIMBECK_TARGET
