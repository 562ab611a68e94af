#include "padded-rows.h"

#include <algorithm>
#include <cstring>

namespace limbeck::LIMBECK_TARGET {

void fillPaddedRows(const float* image, const MapSpan& span, int height, int width, int channels, const Window& window,
                    int pitch, float* buffer) {
  const auto zero = [&](int row, int from, int to) {
    if (to > from) {
      std::memset(buffer + (static_cast<ptrdiff_t>(row) * window.columns + from) * pitch, 0,
                  static_cast<size_t>(to - from) * pitch * sizeof(float));
    }
  };
  const int first = std::clamp(-window.left, 0, window.columns);
  const int last = std::clamp(width - window.left, first, window.columns);
  for (int r = 0; r < window.rows; r++) {
    const int row = window.top + r;
    if (row < 0 || row >= height) {
      zero(r, 0, window.columns);
      continue;
    }
    zero(r, 0, first);
    zero(r, last, window.columns);
    const float* from = image + row * span.row + (window.left + first) * span.pixel;
    float* to = buffer + (static_cast<ptrdiff_t>(r) * window.columns + first) * pitch;
    if (span.pixel == channels && pitch == channels) {
      std::memcpy(to, from, static_cast<size_t>(last - first) * channels * sizeof(float));
      continue;
    }
    for (int c = first; c < last; c++, from += span.pixel, to += pitch) {
      std::memcpy(to, from, channels * sizeof(float));
    }
  }
}

}  // namespace limbeck::LIMBECK_TARGET
