// Buffers by number: JavaScript never holds an address, and a number that is used after its release is found out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <limbeck/device.h>

namespace limbeck {

// A handle is generation · 2^21 + place, exact in a double. A place that is used again has a new generation.
// 0 stands for no buffer.
using Handle = double;

class HandleTable {
 public:
  struct Entry {
    void* buffer;
    size_t bytes;
    uint32_t generation;  // odd while the place is taken
  };

  Handle add(void* buffer, size_t bytes) {
    if (free_.empty()) {
      if (entries_.size() == kPlaces) throw DeviceError("too-many-buffers", "2^21 buffers are in use already");
      if (entries_.size() == entries_.capacity()) grow();
      free_.push_back(static_cast<uint32_t>(entries_.size()));
      entries_.push_back({nullptr, 0, 0});
    }
    const uint32_t place = free_.back();
    free_.pop_back();
    Entry& entry = entries_[place];
    entry = {buffer, bytes, entry.generation + 1};
    return double(entry.generation) * kPlaces + place;
  }

  const Entry& at(Handle handle) const {
    const Entry* entry = find(handle);
    if (!entry) throw DeviceError("stale-handle", "a buffer is used that was released, or that never was");
    return *entry;
  }

  void* remove(Handle handle) {
    const Entry* found = find(handle);
    if (!found) throw DeviceError("double-free", "a buffer is released that was released before, or that never was");
    Entry& entry = entries_[found - entries_.data()];
    void* buffer = entry.buffer;
    entry = {nullptr, 0, entry.generation + 1};
    free_.push_back(static_cast<uint32_t>(&entry - entries_.data()));
    return buffer;
  }

 private:
  static constexpr uint32_t kPlaces = 1u << 21;

  // Of both alike, so that a release finds room for its place.
  void grow() {
    const size_t places = std::max<size_t>(64, 2 * entries_.size());
    free_.reserve(places);
    entries_.reserve(places);
  }

  const Entry* find(Handle handle) const {
    if (!(handle >= kPlaces) || handle >= 9007199254740992.0) return nullptr;  // NaN too; 2^53
    const auto number = static_cast<uint64_t>(handle);
    const auto place = static_cast<uint32_t>(number % kPlaces);
    const auto generation = static_cast<uint32_t>(number / kPlaces);
    if (place >= entries_.size() || generation % 2 == 0) return nullptr;
    const Entry& entry = entries_[place];
    return entry.generation == generation ? &entry : nullptr;
  }

  std::vector<Entry> entries_;
  std::vector<uint32_t> free_;
};

}  // namespace limbeck
