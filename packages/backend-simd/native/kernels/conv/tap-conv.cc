#include "tap-conv.h"

#include <algorithm>
#include <tuple>

#include "device/parallel.h"
#include "kernels/product/blocks.h"
#include "padded-rows.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

// What stays in the second-level cache while a block of rows is worked on, and how long an inner loop may be so that
// its packed columns stay there too.
constexpr size_t kBlockBytes = size_t{384} << 10;
constexpr int kDepth = 384;

enum ScratchSlot { kRowsSlot, kFilterSlot };

// Where the taps of a block of output rows find their input: in the map itself, or in a padded copy.
struct Source {
  bool copied;
  int top, left;     // smallest tap
  int rows, columns;  // input rows beyond the steps, and columns of the copy
  ptrdiff_t row, pixel;
};


// Pieces that are multiplied in one go, and where their packed columns begin, in rows of the packed matrix.
struct DepthBlock {
  std::vector<Run> runs;
  int firstRow, depth;
};

Source sourceOf(const TapConv& c) {
  const auto byRow = [](const Tap& a, const Tap& b) { return a.row < b.row; };
  const auto byColumn = [](const Tap& a, const Tap& b) { return a.column < b.column; };
  const auto [top, bottom] = std::minmax_element(c.taps.begin(), c.taps.end(), byRow);
  const auto [left, right] = std::minmax_element(c.taps.begin(), c.taps.end(), byColumn);
  const bool inside = top->row >= 0 && left->column >= 0 &&
                      (c.outHeight - 1) * c.stepHeight + bottom->row < c.height &&
                      (c.outWidth - 1) * c.stepWidth + right->column < c.width;
  Source source;
  source.copied = !inside;
  source.top = top->row;
  source.left = left->column;
  source.rows = bottom->row - top->row + 1;
  source.columns = (c.outWidth - 1) * c.stepWidth + right->column - left->column + 1;
  source.pixel = inside ? c.xSpan.pixel : pixelPitch(c.channels);
  source.row = inside ? c.xSpan.row : source.columns * source.pixel;
  return source;
}

// Neighbouring taps of a row are one run where their channels are neighbours in memory.
std::vector<DepthBlock> depthBlocks(const TapConv& c, const Source& source) {
  std::vector<Run> runs;
  for (const Tap& tap : c.taps) {
    const int64_t offset = (tap.row - source.top) * source.row + (tap.column - source.left) * source.pixel;
    if (!runs.empty() && runs.back().offset + runs.back().depth == offset) {
      runs.back().depth += c.channels;
    } else {
      runs.push_back({offset, c.channels});
    }
  }
  std::vector<DepthBlock> blocks;
  int row = 0;
  for (const Run& run : runs) {
    const std::vector<int> cuts = evenCuts(run.depth, kDepth);
    for (size_t i = 0; i + 1 < cuts.size(); i++) {
      const Run piece{run.offset + cuts[i], cuts[i + 1] - cuts[i]};
      if (blocks.empty() || blocks.back().depth + piece.depth > kDepth) blocks.push_back({{}, row, 0});
      blocks.back().runs.push_back(piece);
      blocks.back().depth += piece.depth;
      row += piece.depth;
    }
  }
  return blocks;
}

// The taps' matrices one below the other, each block of columns on its own, as wide as its tile.
const float* packFilter(const TapConv& c, const std::vector<ColumnBlock>& blocks, std::vector<ptrdiff_t>& starts) {
  const int depth = static_cast<int>(c.taps.size()) * c.channels;
  ptrdiff_t size = 0;
  for (const ColumnBlock& block : blocks) {
    starts.push_back(size);
    size += static_cast<ptrdiff_t>(depth) * block.width;
  }
  float* packed = scratchOf<float>(kFilterSlot, size);
  const int tapCount = static_cast<int>(c.taps.size());
  constexpr int64_t kGrain = 1 << 14;  // elements for which another thread is worth its while
  parallelFor(static_cast<int64_t>(tapCount) * blocks.size(), std::max<int64_t>(1, kGrain / (static_cast<int64_t>(c.channels) * kTileColumns)),
              [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; item++) {
      const size_t b = item / tapCount;
      const int tap = static_cast<int>(item % tapCount);
      const ColumnBlock& block = blocks[b];
      const float* from = c.taps[tap].filter + block.first * c.filterColumn;
      float* to = packed + starts[b] + static_cast<ptrdiff_t>(tap) * c.channels * block.width;
      if (c.filterColumn == 1) {
        for (int k = 0; k < c.channels; k++, from += c.filterRow, to += block.width) {
          std::copy(from, from + block.columns, to);
          std::fill(to + block.columns, to + block.width, 0.0f);
        }
        continue;
      }
      for (int n = 0; n < block.width; n++) {
        for (int k = 0; k < c.channels; k++) {
          to[k * block.width + n] = n < block.columns ? from[n * c.filterColumn + k * c.filterRow] : 0.0f;
        }
      }
    }
  });
  return packed;
}

int rowsOfBlock(const TapConv& c, const Source& source) {
  const size_t rowBytes = std::max<size_t>(1, static_cast<size_t>(source.columns) * c.channels * sizeof(float));
  const int budget = static_cast<int>(kBlockBytes / rowBytes);
  const int fitting = std::max(1, (budget - source.rows) / c.stepHeight + 1);
  // at least two blocks a thread, where there are rows for them
  const int64_t all = static_cast<int64_t>(c.batch) * c.outHeight;
  const int shared = static_cast<int>(std::max<int64_t>(1, all / (2 * threadCount())));
  return std::min({fitting, shared, c.outHeight});
}

}  // namespace

void tapConv(const TapConv& asked) {
  TapConv c = asked;
  std::sort(c.taps.begin(), c.taps.end(),
            [](const Tap& a, const Tap& b) { return std::tie(a.row, a.column) < std::tie(b.row, b.column); });
  const Source source = sourceOf(c);
  const std::vector<DepthBlock> depths = depthBlocks(c, source);
  const std::vector<ColumnBlock> columns = columnBlocks(c.columns);
  std::vector<ptrdiff_t> starts;
  const float* packed = packFilter(c, columns, starts);
  const int blockRows = rowsOfBlock(c, source);
  const int blocksPerImage = (c.outHeight + blockRows - 1) / blockRows;
  // a single row (a matrix product) is shared out by its tiles
  const bool single = c.batch * c.outHeight == 1 && !source.copied;
  const int sharesOfRow = single ? std::clamp(c.outWidth / kTileRows, 1, 2 * threadCount()) : 1;

  runParts(c.batch * blocksPerImage * sharesOfRow, [&](int part) {
    const int share = part % sharesOfRow, place = part / sharesOfRow;
    const int firstPixel = static_cast<int>(static_cast<int64_t>(c.outWidth) * share / sharesOfRow);
    const int endPixel = static_cast<int>(static_cast<int64_t>(c.outWidth) * (share + 1) / sharesOfRow);
    const int image = place / blocksPerImage;
    const int firstRow = place % blocksPerImage * blockRows;
    const int rows = std::min(blockRows, c.outHeight - firstRow);
    const float* from = c.x + image * c.xSpan.image;
    const int top = firstRow * c.stepHeight + source.top;
    if (source.copied) {
      const Window window{top, source.left, (rows - 1) * c.stepHeight + source.rows, source.columns};
      float* buffer = scratchOf<float>(kRowsSlot, window.rows * source.row);
      fillPaddedRows(from, c.xSpan, c.height, c.width, c.channels, window, static_cast<int>(source.pixel), buffer);
      from = buffer;
    } else {
      from += top * c.xSpan.row + source.left * c.xSpan.pixel;
    }
    for (size_t b = 0; b < columns.size(); b++) {
      const ColumnBlock& block = columns[b];
      const std::vector<int> cuts = evenCuts(endPixel - firstPixel, rowsOfTile(block.width));
      for (const DepthBlock& depth : depths) {
        const float* filter = packed + starts[b] + static_cast<ptrdiff_t>(depth.firstRow) * block.width;
        for (int i = 0; i < rows; i++) {
          const float* row = from + i * c.stepHeight * source.row;
          float* to = c.y + image * c.ySpan.image + (firstRow + i) * c.ySpan.row + block.first;
          for (size_t t = 0; t + 1 < cuts.size(); t++) {
            const int j = firstPixel + cuts[t];
            const Sums sums{to + j * c.ySpan.pixel, c.ySpan.pixel, block.columns, depth.firstRow == 0,
                            c.bias ? c.bias + block.first : nullptr};
            gatheredTile(cuts[t + 1] - cuts[t], block.width)(row + j * c.stepWidth * source.pixel,
                                                         c.stepWidth * source.pixel, depth.runs.data(),
                                                         static_cast<int>(depth.runs.size()), filter, sums);
          }
        }
      }
    }
  });
}

}  // namespace limbeck::LIMBECK_TARGET
