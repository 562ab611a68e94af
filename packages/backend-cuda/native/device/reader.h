// Reads back while JavaScript goes on: copies into pinned memory in the order of the stream, and a thread that waits
// for them. No thread of libuv's pool is held.
#pragma once

#include <cuda_runtime_api.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace limbeck::cuda {

using ReadDone = std::function<void(const std::string& code, const std::string& message)>;

class Reader {
 public:
  explicit Reader(int device) : thread_([this, device] { work(device); }) {}
  // Ends after every read that was asked for.
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Copies to `to`, then calls `done` from the waiting thread.
  void read(void* to, const void* from, size_t bytes, cudaStream_t stream, ReadDone done);

 private:
  // Pinned memory and the event of one read.
  struct Landing {
    void* memory;
    size_t bytes;
    cudaEvent_t copied;
  };
  struct Read {
    void* to;
    size_t bytes;
    Landing landing;
    ReadDone done;
  };

  Landing take(size_t bytes);
  void work(int device);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Read> reads_;
  std::vector<Landing> idle_;
  bool stopping_ = false;
  std::thread thread_;  // last: it begins when all else is there
};

}  // namespace limbeck::cuda
