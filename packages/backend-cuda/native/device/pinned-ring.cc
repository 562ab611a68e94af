#include "device/pinned-ring.h"

#include <algorithm>
#include <cstring>

#include "device/launch.h"

namespace limbeck::cuda {

namespace {

constexpr size_t kRingBytes = size_t{16} << 20, kMostPiece = kRingBytes / 4, kAlignment = 256;

}  // namespace

PinnedRing::PinnedRing() {
  void* memory;
  check(cudaMallocHost(&memory, kRingBytes), "pinned memory for uploads");
  memory_ = static_cast<char*>(memory);
}

PinnedRing::~PinnedRing() {
  for (const Piece& piece : pieces_) {
    cudaEventSynchronize(piece.copied);
    cudaEventDestroy(piece.copied);
  }
  for (cudaEvent_t event : idle_) cudaEventDestroy(event);
  cudaFreeHost(memory_);
}

void PinnedRing::waitForOldest() {
  const Piece oldest = pieces_.front();
  check(cudaEventSynchronize(oldest.copied), "an upload");
  tail_ = oldest.end;
  pieces_.pop_front();
  idle_.push_back(oldest.copied);
}

char* PinnedRing::reserve(size_t bytes) {
  const size_t start = head_ % kRingBytes;
  if (start + bytes > kRingBytes) head_ += kRingBytes - start;
  while (!pieces_.empty() && head_ + bytes - tail_ > kRingBytes) waitForOldest();
  return memory_ + head_ % kRingBytes;
}

void PinnedRing::upload(void* to, const void* from, size_t bytes, cudaStream_t stream) {
  for (size_t at = 0; at < bytes; at += kMostPiece) {
    const size_t length = std::min(kMostPiece, bytes - at);
    char* const piece = reserve(length);
    if (idle_.empty()) {  // before the copy: one that is under way must not be forgotten
      cudaEvent_t event;
      check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "an event");
      idle_.push_back(event);
    }
    std::memcpy(piece, static_cast<const char*>(from) + at, length);
    check(cudaMemcpyAsync(static_cast<char*>(to) + at, piece, length, cudaMemcpyHostToDevice, stream), "an upload");
    const cudaEvent_t copied = idle_.back();
    idle_.pop_back();
    head_ += (length + kAlignment - 1) / kAlignment * kAlignment;
    pieces_.push_back({head_, copied});
    check(cudaEventRecord(copied, stream), "an upload");
  }
}

}  // namespace limbeck::cuda
