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
// Input channels that are worked on at a time: few, so that a block holds many pixels and the sums, which do not fit
// into a cache, are read and written seldom; and neighbouring pixels lie on one page.
constexpr int kChunkChannels = 96;

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

// Some input channels, and what they contribute to.
struct Chunk {
  int firstChannel, channels, pitch;  // pitch: of pixels of the padded rows
  std::vector<Piece> pieces;
};

struct Layout {
  int columns, windowRows;  // of the padded rows of one output row
  std::vector<Chunk> chunks;
};

std::vector<Piece> piecesOf(const ConvInts& p, const Layout& layout, const Chunk& chunk) {
  const int depth = p.inChannels / p.groups;
  std::vector<Stretch> stretches;
  for (int h = 0; h < p.filterHeight; h++) {
    for (int w = 0; w < p.filterWidth; w++) {
      const int64_t offset = (static_cast<int64_t>(h) * p.dilationHeight * layout.columns + w * p.dilationWidth) *
                             chunk.pitch;
      const int filterRow = (h * p.filterWidth + w) * depth + chunk.firstChannel;
      if (!stretches.empty() && stretches.back().offset + stretches.back().rows == offset &&
          stretches.back().filterRow + stretches.back().rows == filterRow) {
        stretches.back().rows += chunk.channels;
      } else {
        stretches.push_back({offset, filterRow, chunk.channels});
      }
    }
  }
  std::vector<Piece> pieces;
  for (const ColumnBlock& block : columnBlocks(p.outChannels / p.groups)) {
    for (const Stretch& stretch : stretches) {
      const std::vector<int> cuts = evenCuts(stretch.rows, rowsOfTile(block.width));
      for (size_t i = 0; i + 1 < cuts.size(); i++) {
        pieces.push_back({stretch.offset + cuts[i], stretch.filterRow + cuts[i], cuts[i + 1] - cuts[i], block});
      }
    }
  }
  return pieces;
}

Layout layoutOf(const ConvInts& p) {
  Layout layout;
  layout.columns = (p.outWidth - 1) * p.strideWidth + (p.filterWidth - 1) * p.dilationWidth + 1;
  layout.windowRows = (p.filterHeight - 1) * p.dilationHeight + 1;
  const std::vector<int> cuts = evenCuts(p.inChannels / p.groups, kChunkChannels);
  for (size_t i = 0; i + 1 < cuts.size(); i++) {
    Chunk chunk{cuts[i], cuts[i + 1] - cuts[i], pixelPitch(cuts[i + 1] - cuts[i]), {}};
    chunk.pieces = piecesOf(p, layout, chunk);
    layout.chunks.push_back(std::move(chunk));
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

// Adds output rows begin…end-1 (of all images) to some pieces of a chunk, whose sums begin at 0.
void addRows(const ConvInts& p, const Layout& layout, const Chunk& chunk, const float* x, const float* dy, int begin,
             int end, const Piece* pieces, int pieceCount, float* dfilter) {
  const MapSpan span{static_cast<ptrdiff_t>(p.height) * p.width * p.inChannels,
                     static_cast<ptrdiff_t>(p.width) * p.inChannels, p.inChannels};
  const ptrdiff_t rowFloats = static_cast<ptrdiff_t>(layout.columns) * chunk.pitch;
  const int budget = static_cast<int>(kBlockBytes / (rowFloats * sizeof(float) + 1));
  const int blockRows = std::max(1, (budget - layout.windowRows) / p.strideHeight + 1);
  bool first = true;
  for (int row = begin; row < end;) {
    const int image = row / p.outHeight, i = row % p.outHeight;
    const int rows = std::min({blockRows, end - row, p.outHeight - i});
    const Window window{i * p.strideHeight - p.padTop, -p.padLeft, (rows - 1) * p.strideHeight + layout.windowRows,
                        layout.columns};
    float* buffer = scratchOf<float>(kRowsSlot, window.rows * rowFloats);
    fillPaddedRows(x + image * span.image + chunk.firstChannel, span, p.height, p.width, chunk.channels, window,
                   chunk.pitch, buffer);
    const int pixels = rows * p.outWidth;
    const float* slopes = nullptr;
    for (int n = 0; n < pieceCount; n++) {
      const Piece& piece = pieces[n];
      if (n == 0 || pieces[n - 1].block.first != piece.block.first) {
        slopes = packColumns(dy + static_cast<ptrdiff_t>(row) * p.outWidth * p.outChannels, p.outChannels, pixels,
                             piece.block);
      }
      const OuterOperands operands{buffer + piece.offset, static_cast<ptrdiff_t>(p.strideWidth) * chunk.pitch,
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
  const int threads = std::min(threadCount(), allRows);
  const bool ownFilters = threads > 1 && size * sizeof(float) <= kOwnFilterBytes;
  float* partials = ownFilters ? scratchOf<float>(kPartialSlot, size * (threads - 1)) : nullptr;
  const auto sumsOf = [&](int part) { return part == 0 ? dfilter : partials + (part - 1) * size; };

  for (int group = 0; group < p.groups; group++) {
    const float* xGroup = x + group * depth;
    const float* dyGroup = dy + group * columns;
    for (const Chunk& chunk : layout.chunks) {
      const Piece* pieces = chunk.pieces.data();
      const int pieceCount = static_cast<int>(chunk.pieces.size());
      if (ownFilters) {
        runParts(threads, [&](int part) {
          const int begin = static_cast<int>(static_cast<int64_t>(allRows) * part / threads);
          const int end = static_cast<int>(static_cast<int64_t>(allRows) * (part + 1) / threads);
          addRows(p, layout, chunk, xGroup, dyGroup, begin, end, pieces, pieceCount, sumsOf(part) + group * columns);
        });
      } else {
        parallelFor(pieceCount, 1, [&](int64_t begin, int64_t end) {
          addRows(p, layout, chunk, xGroup, dyGroup, 0, allRows, pieces + begin, static_cast<int>(end - begin),
                  dfilter + group * columns);
        });
      }
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
