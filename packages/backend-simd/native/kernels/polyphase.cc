#include <algorithm>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/kernels.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

struct Polyphase {
  const PolyphaseInts& p;
  const int32_t* pairs;
  int rows, columns;

  explicit Polyphase(const Arguments& arguments)
      : p(*reinterpret_cast<const PolyphaseInts*>(arguments.ints)),
        pairs(arguments.ints + sizeof(PolyphaseInts) / sizeof(int32_t)),
        rows((p.height + (p.pad == PolyphasePad::kCrop ? 0 : 1)) / 2),
        columns((p.width + (p.pad == PolyphasePad::kCrop ? 0 : 1)) / 2) {}

  // Where a row (or column) of the padded map lies in the map itself; −1 for one of zeros.
  int sourceOf(int at, int length) const {
    return at < length ? at : p.pad == PolyphasePad::kZero ? -1 : length - 1;
  }

  // Calls add(result pixel, source pixel) for every result pixel of an image and each of the two that it adds up.
  template <typename Add>
  void eachTerm(int image, const Add& add) const {
    for (int pair = 0; pair < p.pairCount; pair++) {
      for (int side = 0; side < 2; side++) {
        const int part = pairs[2 * pair + side];
        for (int i = 0; i < rows; i++) {
          const int row = sourceOf(2 * i + (part >> 1), p.height);
          if (row < 0) continue;
          for (int j = 0; j < columns; j++) {
            const int column = sourceOf(2 * j + (part & 1), p.width);
            if (column < 0) continue;
            add(((static_cast<int64_t>(pair) * p.batch + image) * rows + i) * columns + j,
                (static_cast<int64_t>(image) * p.height + row) * p.width + column);
          }
        }
      }
    }
  }

  int64_t imageFloats() const { return static_cast<int64_t>(p.height) * p.width * p.channels; }
};

}  // namespace

void polyphase(const Arguments& arguments) {
  const Polyphase phases(arguments);
  const PolyphaseInts& p = phases.p;
  const float* x = static_cast<const float*>(arguments.buffers[0]);
  float* y = static_cast<float*>(arguments.buffers[1]);
  const int64_t resultFloats = static_cast<int64_t>(phases.rows) * phases.columns * p.channels;
  parallelFor(p.batch, grainOf(phases.imageFloats(), p.pairCount), [&](int64_t begin, int64_t end) {
    for (int64_t image = begin; image < end; image++) {
      for (int pair = 0; pair < p.pairCount; pair++) {
        float* to = y + (static_cast<int64_t>(pair) * p.batch + image) * resultFloats;
        std::fill(to, to + resultFloats, 0.0f);
      }
      phases.eachTerm(static_cast<int>(image), [&](int64_t result, int64_t source) {
        float* to = y + result * p.channels;
        const float* from = x + source * p.channels;
        if (p.square) {
          for (int c = 0; c < p.channels; c++) to[c] += from[c] * from[c];
        } else {
          for (int c = 0; c < p.channels; c++) to[c] += from[c];
        }
      });
    }
  });
}

void polyphaseGrad(const Arguments& arguments) {
  const Polyphase phases(arguments);
  const PolyphaseInts& p = phases.p;
  const float* dy = static_cast<const float*>(arguments.buffers[0]);
  const float* x = static_cast<const float*>(arguments.buffers[1]);
  float* dx = static_cast<float*>(arguments.buffers[2]);
  parallelFor(p.batch, grainOf(phases.imageFloats(), p.pairCount), [&](int64_t begin, int64_t end) {
    std::fill(dx + begin * phases.imageFloats(), dx + end * phases.imageFloats(), 0.0f);
    for (int64_t image = begin; image < end; image++) {
      phases.eachTerm(static_cast<int>(image), [&](int64_t result, int64_t source) {
        const float* slopes = dy + result * p.channels;
        const float* from = x + source * p.channels;
        float* to = dx + source * p.channels;
        if (p.square) {
          for (int c = 0; c < p.channels; c++) to[c] += 2 * from[c] * slopes[c];
        } else {
          for (int c = 0; c < p.channels; c++) to[c] += slopes[c];
        }
      });
    }
  });
}

}  // namespace limbeck::LIMBECK_TARGET
