#include <algorithm>

#include "device/parallel.h"
#include "grain.h"
#include "limbeck/kernels.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

// A cell of one of the grids, and the strips of the output that its rows and columns fill.
struct Cell {
  int top, left, height, width;
  int firstRowStrip, firstColumnStrip;
};

struct StripPool {
  const StripPoolInts& p;
  const int32_t* scales;

  explicit StripPool(const Arguments& arguments)
      : p(*reinterpret_cast<const StripPoolInts*>(arguments.ints)),
        scales(arguments.ints + sizeof(StripPoolInts) / sizeof(int32_t)) {}

  // The cells of all grids in the order of the output.
  template <typename Visit>
  void eachCell(const Visit& visit) const {
    int strips = 0;
    for (int k = 0; k < p.scaleCount; k++) {
      const int scale = scales[k], height = p.height / scale, width = p.width / scale;
      for (int i = 0; i < scale; i++) {
        for (int j = 0; j < scale; j++) {
          visit(Cell{i * height, j * width, height, width, strips, strips + height});
          strips += height + width;
        }
      }
    }
  }

  // Calls visit(pixel, row strip, column strip) for the pixels of a cell: places in one image's map and output.
  template <typename Visit>
  void eachPixel(const Cell& cell, const Visit& visit) const {
    for (int i = 0; i < cell.height; i++) {
      for (int j = 0; j < cell.width; j++) {
        visit(static_cast<int64_t>(cell.top + i) * p.width + cell.left + j, cell.firstRowStrip + i, cell.firstColumnStrip + j);
      }
    }
  }

  int64_t mapFloats() const { return static_cast<int64_t>(p.height) * p.width * p.channels; }
  int64_t stripFloats() const { return static_cast<int64_t>(p.strips) * p.channels; }
  int64_t grain() const { return grainOf(mapFloats(), 2 * p.scaleCount); }
};

}  // namespace

void stripPool(const Arguments& arguments) {
  const StripPool pool(arguments);
  const StripPoolInts& p = pool.p;
  parallelFor(p.batch, pool.grain(), [&](int64_t begin, int64_t end) {
    for (int64_t image = begin; image < end; image++) {
      const float* x = static_cast<const float*>(arguments.buffers[0]) + image * pool.mapFloats();
      float* y = static_cast<float*>(arguments.buffers[1]) + image * pool.stripFloats();
      std::fill(y, y + pool.stripFloats(), 0.0f);
      pool.eachCell([&](const Cell& cell) {
        pool.eachPixel(cell, [&](int64_t pixel, int rowStrip, int columnStrip) {
          const float* from = x + pixel * p.channels;
          float* row = y + static_cast<int64_t>(rowStrip) * p.channels;
          float* column = y + static_cast<int64_t>(columnStrip) * p.channels;
          for (int c = 0; c < p.channels; c++) {
            const float value = p.square ? from[c] * from[c] : from[c];
            row[c] += value;
            column[c] += value;
          }
        });
        const auto divide = [&](int strip, int count, int by) {
          float* to = y + static_cast<int64_t>(strip) * p.channels;
          for (int64_t i = 0; i < static_cast<int64_t>(count) * p.channels; i++) to[i] /= static_cast<float>(by);
        };
        divide(cell.firstRowStrip, cell.height, cell.width);
        divide(cell.firstColumnStrip, cell.width, cell.height);
      });
    }
  });
}

void stripPoolGrad(const Arguments& arguments) {
  const StripPool pool(arguments);
  const StripPoolInts& p = pool.p;
  parallelFor(p.batch, pool.grain(), [&](int64_t begin, int64_t end) {
    for (int64_t image = begin; image < end; image++) {
      const float* dy = static_cast<const float*>(arguments.buffers[0]) + image * pool.stripFloats();
      const float* x = static_cast<const float*>(arguments.buffers[1]) + image * pool.mapFloats();
      float* dx = static_cast<float*>(arguments.buffers[2]) + image * pool.mapFloats();
      std::fill(dx, dx + pool.mapFloats(), 0.0f);
      pool.eachCell([&](const Cell& cell) {
        const float width = static_cast<float>(cell.width), height = static_cast<float>(cell.height);
        pool.eachPixel(cell, [&](int64_t pixel, int rowStrip, int columnStrip) {
          const float* row = dy + static_cast<int64_t>(rowStrip) * p.channels;
          const float* column = dy + static_cast<int64_t>(columnStrip) * p.channels;
          const float* from = x + pixel * p.channels;
          float* to = dx + pixel * p.channels;
          for (int c = 0; c < p.channels; c++) {
            const float slope = row[c] / width + column[c] / height;
            to[c] += p.square ? 2 * from[c] * slope : slope;
          }
        });
      });
    }
  });
}

}  // namespace limbeck::LIMBECK_TARGET
