// Host memory that copies to the device start from: what is uploaded is copied here first, so that the caller may reuse
// its own memory at once.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace limbeck::cuda {

class PinnedRing {
 public:
  PinnedRing();
  ~PinnedRing();
  PinnedRing(const PinnedRing&) = delete;
  PinnedRing& operator=(const PinnedRing&) = delete;

  // In the order of the stream; waits only where the ring is full.
  void upload(void* to, const void* from, size_t bytes, cudaStream_t stream);

 private:
  // A copy that may still be reading the ring, up to `end`.
  struct Piece {
    uint64_t end;
    cudaEvent_t copied;
  };

  // Room for `bytes` in a row, once the copies that lay there are done.
  char* reserve(size_t bytes);
  void waitForOldest();

  char* memory_ = nullptr;
  uint64_t head_ = 0, tail_ = 0;  // bytes taken and bytes free again since the beginning
  std::deque<Piece> pieces_;
  std::vector<cudaEvent_t> idle_;
};

}  // namespace limbeck::cuda
