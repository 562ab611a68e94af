// The matrices that products multiply, none of them made: each says where an element lies. An operand is a matrix
// [outer, inner] whose inner axis is contiguous in memory (for the channels of one tap at least); places along both axes
// are found apart, so that a thread finds those that it keeps once. Tensors hold less than 2^31 elements, so offsets are
// unsigned, and may wrap on their way to a sum that does not.
#pragma once

#include <climits>
#include <cstdint>

#include "cu.h"
#include "divisor.h"

namespace limbeck::cuda {

// Whether an address and some distances are multiples of `length` elements.
template <typename T, typename... Distances>
LIMBECK_FN bool aligned(const T* address, int length, Distances... distances) {
  return reinterpret_cast<uintptr_t>(address) % (length * sizeof(T)) == 0 && ((distances % length == 0) && ...);
}

// A tensor's elements as they lie in memory.
struct Elements {
  const void* first;  // float, or bfloat16 where `narrow`
  unsigned count;
  bool narrow;
};

// An operand as a product is asked for: its elements may have to be narrowed, or moved apart, before they are multiplied.
template <class Geometry>
struct Given : Geometry {
  Elements elements;
};

struct Found {
  unsigned offset;  // in elements from the operand's first
  bool inside;      // whether it is an element at all; a zero otherwise
};

// The windows of a map: one row for each output pixel (outer), one column for each channel at each tap (inner). Elements
// outside the map are zeros.
struct WindowGeometry {
  int height, width;
  int imagePitch, rowPitch, pixelPitch;  // elements from one to the next
  int firstRow, firstColumn;             // that output pixel (0, 0) reads at tap (0, 0)
  int stepHeight, stepWidth;             // from one output pixel to the next
  int tapHeight, tapWidth;               // from one tap to the next; may be negative
  int pixels, window;                    // extents of the matrix
  Divisor outHeight, outWidth, channels, tapColumns;

  struct Place {
    unsigned offset;
    int row, column;
  };

  CU_FN Place outer(unsigned pixel) const {
    if (pixel >= static_cast<unsigned>(pixels)) return outside();
    const auto [line, j] = outWidth.divide(pixel);
    const auto [image, i] = outHeight.divide(line);
    const int row = static_cast<int>(i) * stepHeight + firstRow, column = static_cast<int>(j) * stepWidth + firstColumn;
    return {image * imagePitch + offsetOf(row, column), row, column};
  }

  CU_FN Place inner(unsigned element) const {
    if (element >= static_cast<unsigned>(window)) return outside();
    const auto [tap, channel] = channels.divide(element);
    const auto [i, j] = tapColumns.divide(tap);
    const int row = static_cast<int>(i) * tapHeight, column = static_cast<int>(j) * tapWidth;
    return {offsetOf(row, column) + channel, row, column};
  }

  CU_FN Found find(const Place& pixel, const Place& element) const {
    const bool inside = static_cast<unsigned>(pixel.row + element.row) < static_cast<unsigned>(height) &&
                        static_cast<unsigned>(pixel.column + element.column) < static_cast<unsigned>(width);
    return {pixel.offset + element.offset, inside};
  }

 private:
  // No row of the other place brings it back into the map, not even a second one of its kind.
  CU_FN static Place outside() { return {0, INT_MIN / 2, 0}; }

  CU_FN unsigned offsetOf(int row, int column) const {
    return static_cast<unsigned>(row) * static_cast<unsigned>(rowPitch) +
           static_cast<unsigned>(column) * static_cast<unsigned>(pixelPitch);
  }
};

template <typename T, bool depthInner>
struct GatheredMap : WindowGeometry {
  using Element = T;
  // Whether a product sums over the windows (convolution) or over the pixels (gradient of its filter).
  static constexpr bool kDepthInner = depthInner;

  const T* first;

  // Whether elements may be read `length` at a time.
  bool inVectors(int length) const {
    return aligned(first, length, imagePitch, rowPitch, pixelPitch, channels.value(), window);
  }
};

// Rows one after the other: [depth, columns].
struct RowGeometry {
  int depth, columns, pitch;

  struct Place {
    unsigned offset;
    bool inside;
  };
  CU_FN Place outer(unsigned k) const { return {k * pitch, k < static_cast<unsigned>(depth)}; }
  CU_FN Place inner(unsigned column) const { return {column, column < static_cast<unsigned>(columns)}; }
  CU_FN Found find(const Place& k, const Place& column) const {
    return {k.offset + column.offset, k.inside && column.inside};
  }
};

template <typename T>
struct RowMatrix : RowGeometry {
  using Element = T;
  static constexpr bool kDepthInner = false;

  const T* first;

  bool inVectors(int length) const { return aligned(first, length, columns, pitch); }
};

// One row for each column of the product (outer), the channels of tap after tap beside each other (inner): the taps of a
// filter that an input gradient meets, or a plain transposed matrix as a single tap.
struct TapGeometry {
  int columns, window, pitch;
  int firstTap, tapRowPitch, tapColumnPitch;
  Divisor channels, tapColumns;

  struct Place {
    unsigned offset;
    bool inside;
  };
  CU_FN Place outer(unsigned column) const { return {column * pitch, column < static_cast<unsigned>(columns)}; }
  CU_FN Place inner(unsigned element) const {
    const auto [tap, channel] = channels.divide(element);
    const auto [i, j] = tapColumns.divide(tap);
    return {firstTap + i * tapRowPitch + j * tapColumnPitch + channel, element < static_cast<unsigned>(window)};
  }
  CU_FN Found find(const Place& column, const Place& element) const {
    return {column.offset + element.offset, column.inside && element.inside};
  }
};

template <typename T>
struct TapMatrix : TapGeometry {
  using Element = T;
  static constexpr bool kDepthInner = true;

  const T* first;

  bool inVectors(int length) const {
    return aligned(first, length, pitch, firstTap, tapRowPitch, tapColumnPitch, channels.value(), window);
  }
};

}  // namespace limbeck::cuda
