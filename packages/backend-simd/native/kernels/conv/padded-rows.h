// Some rows of a map with zeros around them, so that inner loops need not ask where the map ends.
#pragma once

#include <cstddef>

#include "tap-conv.h"

namespace limbeck::LIMBECK_TARGET {

// The part of a map that a block of output rows reads: rows `top`…, columns `left`…, both perhaps outside.
struct Window {
  int top, left, rows, columns;
};

// Distance between pixels in a buffer of rows: some more than the channels where a power of two would make neighbours
// compete for the same lines of the cache.
inline int pixelPitch(int channels) { return channels % 128 == 0 ? channels + 16 : channels; }

// Copies a window of one image into a buffer [rows, columns, pitch].
void fillPaddedRows(const float* image, const MapSpan& span, int height, int width, int channels, const Window& window,
                    int pitch, float* buffer);

}  // namespace limbeck::LIMBECK_TARGET
