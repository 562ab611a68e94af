#include <algorithm>
#include <vector>

#include "depthwise.h"
#include "device/parallel.h"
#include "kernels/product/blocks.h"
#include "limbeck/kernels.h"
#include "padded-rows.h"

namespace limbeck::LIMBECK_TARGET {

namespace {

constexpr size_t kBlockBytes = size_t{320} << 10;
// Up to this size each thread sums a filter of its own over its share of the rows; larger ones are shared out.
constexpr size_t kOwnFilterBytes = size_t{1} << 20;

enum ScratchSlot { kRowsSlot, kPartialSlot, kSlopesSlot };

// Rows of dfilter that lie one below the other and read x from one place on.
struct Stretch {
  int64_t offset;    // in the padded rows
  int filterRow, rows;
};

// A tile of dfilter: some rows of a stretch, a block of columns.
struct Piece {
  int64_t offset;
  int filterRow, rows;
  ColumnBlock block;
};

struct Layout {
  int pitch, columns, windowRows;  // of the padded rows of one output row
  std::vector<Piece> pieces;
};

Layout layoutOf(const ConvInts& p) {
  const int depth = p.inChannels / p.groups;
  Layout layout;
  layout.pitch = pixelPitch(depth);
  layout.columns = (p.outWidth - 1) * p.strideWidth + (p.filterWidth - 1) * p.dilationWidth + 1;
  layout.windowRows = (p.filterHeight - 1) * p.dilationHeight + 1;
  std::vector<Stretch> stretches;
  for (int h = 0; h < p.filterHeight; h++) {
    for (int w = 0; w < p.filterWidth; w++) {
      const int64_t offset = (static_cast<int64_t>(h) * p.dilationHeight * layout.columns + w * p.dilationWidth) *
                             layout.pitch;
      if (!stretches.empty() && stretches.back().offset + stretches.back().rows == offset) {
        stretches.back().rows += depth;
      } else {
        stretches.push_back({offset, (h * p.filterWidth + w) * depth, depth});
      }
    }
  }
  for (const ColumnBlock& block : columnBlocks(p.outChannels / p.groups)) {
    for (const Stretch& stretch : stretches) {
      const std::vector<int> cuts = evenCuts(stretch.rows, rowsOfTile(block.width));
      for (size_t i = 0; i + 1 < cuts.size(); i++) {
        layout.pieces.push_back({stretch.offset + cuts[i], stretch.filterRow + cuts[i], cuts[i + 1] - cuts[i], block});
      }
    }
  }
  return layout;
}

// A block of columns of some pixels, zeros to the tile's width.
const float* packColumns(const float* from, int channels, int pixels, const ColumnBlock& block) {
  float* packed = scratchOf<float>(kSlopesSlot, static_cast<size_t>(pixels) * block.width);
  from += block.first;
  for (int i = 0; i < pixels; i++, from += channels) {
    float* to = packed + static_cast<ptrdiff_t>(i) * block.width;
    std::copy(from, from + block.columns, to);
    std::fill(to + block.columns, to + block.width, 0.0f);
  }
  return packed;
}

// Adds output rows begin…end-1 (of all images) to some pieces of dfilter, whose sums begin at 0.
void addRows(const ConvInts& p, const Layout& layout, const float* x, const float* dy, int begin, int end,
             const Piece* pieces, int pieceCount, float* dfilter) {
  const int depth = p.inChannels / p.groups;
  const MapSpan span{static_cast<ptrdiff_t>(p.height) * p.width * p.inChannels,
                     static_cast<ptrdiff_t>(p.width) * p.inChannels, p.inChannels};
  const ptrdiff_t rowFloats = static_cast<ptrdiff_t>(layout.columns) * layout.pitch;
  const int budget = static_cast<int>(kBlockBytes / (rowFloats * sizeof(float) + 1));
  const int blockRows = std::max(1, (budget - layout.windowRows) / p.strideHeight + 1);
  bool first = true;
  for (int row = begin; row < end;) {
    const int image = row / p.outHeight, i = row % p.outHeight;
    const int rows = std::min({blockRows, end - row, p.outHeight - i});
    const Window window{i * p.strideHeight - p.padTop, -p.padLeft, (rows - 1) * p.strideHeight + layout.windowRows,
                        layout.columns};
    float* buffer = scratchOf<float>(kRowsSlot, window.rows * rowFloats);
    fillPaddedRows(x + image * span.image, span, p.height, p.width, depth, window, layout.pitch, buffer);
    const int pixels = rows * p.outWidth;
    const float* slopes = nullptr;
    for (int n = 0; n < pieceCount; n++) {
      const Piece& piece = pieces[n];
      if (n == 0 || pieces[n - 1].block.first != piece.block.first) {
        slopes = packColumns(dy + static_cast<ptrdiff_t>(row) * p.outWidth * p.outChannels, p.outChannels, pixels,
                             piece.block);
      }
      const OuterOperands operands{buffer + piece.offset, static_cast<ptrdiff_t>(p.strideWidth) * layout.pitch,
                                   p.strideHeight * rowFloats, slopes, rows, p.outWidth};
      outerTile(piece.rows, piece.block.width)(
          operands, {dfilter + static_cast<ptrdiff_t>(piece.filterRow) * p.outChannels + piece.block.first,
                     p.outChannels, piece.block.columns, first, nullptr});
    }
    first = false;
    row += rows;
  }
}

}  // namespace

void conv2dGradFilter(const ConvInts& p, const float* x, const float* dy, float* dfilter) {
  const int depth = p.inChannels / p.groups, columns = p.outChannels / p.groups;
  if (depth == 1 && columns == 1) return depthwiseGradFilter(p, x, dy, dfilter);
  const int64_t size = static_cast<int64_t>(p.filterHeight) * p.filterWidth * depth * p.outChannels;
  const int allRows = p.batch * p.outHeight;
  if (allRows == 0) return std::fill(dfilter, dfilter + size, 0.0f);
  const Layout layout = layoutOf(p);
  const int pieceCount = static_cast<int>(layout.pieces.size());
  const int threads = std::min(threadCount(), allRows);
  const bool ownFilters = threads > 1 && size * sizeof(float) <= kOwnFilterBytes;
  float* partials = ownFilters ? scratchOf<float>(kPartialSlot, size * (threads - 1)) : nullptr;
  const auto sumsOf = [&](int part) { return part == 0 ? dfilter : partials + (part - 1) * size; };

  for (int group = 0; group < p.groups; group++) {
    const float* xGroup = x + group * depth;
    const float* dyGroup = dy + group * columns;
    if (ownFilters) {
      runParts(threads, [&](int part) {
        const int begin = static_cast<int>(static_cast<int64_t>(allRows) * part / threads);
        const int end = static_cast<int>(static_cast<int64_t>(allRows) * (part + 1) / threads);
        addRows(p, layout, xGroup, dyGroup, begin, end, layout.pieces.data(), pieceCount, sumsOf(part) + group * columns);
      });
    } else {
      parallelFor(pieceCount, 1, [&](int64_t begin, int64_t end) {
        addRows(p, layout, xGroup, dyGroup, 0, allRows, layout.pieces.data() + begin, static_cast<int>(end - begin),
                dfilter + group * columns);
      });
    }
  }
  if (!ownFilters) return;
  parallelFor(size, 1 << 14, [&](int64_t begin, int64_t end) {
    for (int part = 1; part < threads; part++) {
      const float* from = sumsOf(part);
      for (int64_t i = begin; i < end; i++) dfilter[i] += from[i];
    }
  });
}

}  // namespace limbeck::LIMBECK_TARGET
