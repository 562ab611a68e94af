// Warp collectives: each lane publishes its value in a slot, meets the lanes of the mask, and looks at the others'.
#pragma once

#include "thread.h"

namespace cuemu {

// Returns the slot to look into. Whole warps alternate between two slots, so that one meeting is enough; other masks
// share a third, and meet once more before they leave it.
int publish(unsigned mask, const void* value, size_t bytes);
void look(int slot, int lane, void* value, size_t bytes);
inline void leave(unsigned mask) {
  if (mask != ~0u) meetWarp(mask);
}

template <typename T>
T shuffle(unsigned mask, T value, int source, bool inside) {
  const int slot = publish(mask, &value, sizeof value);
  if (inside) {
    if (!(mask >> (source & 31) & 1)) fault("shuffle reads lane %d, outside its mask %08x", source & 31, mask);
    look(slot, source & 31, &value, sizeof value);
  }
  leave(mask);
  return value;
}

}  // namespace cuemu

template <typename T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  const int lane = cuemu::thread->lane;
  return cuemu::shuffle(mask, value, (lane & ~(width - 1)) | (source & (width - 1)), true);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned distance, int width = 32) {
  const int lane = cuemu::thread->lane;
  return cuemu::shuffle(mask, value, lane + int(distance), (lane & (width - 1)) + int(distance) < width);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned distance, int width = 32) {
  const int lane = cuemu::thread->lane;
  return cuemu::shuffle(mask, value, lane - int(distance), (lane & (width - 1)) >= int(distance));
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32) {
  const int lane = cuemu::thread->lane, source = lane ^ bits;
  return cuemu::shuffle(mask, value, source, (source & ~(width - 1)) == (lane & ~(width - 1)));
}
inline unsigned __ballot_sync(unsigned mask, int vote) {
  const int slot = cuemu::publish(mask, &vote, sizeof vote);
  unsigned votes = 0;
  for (int lane = 0; lane < 32; lane++) {
    if (!(mask >> lane & 1)) continue;
    int other;
    cuemu::look(slot, lane, &other, sizeof other);
    if (other) votes |= 1u << lane;
  }
  cuemu::leave(mask);
  return votes;
}
inline int __any_sync(unsigned mask, int vote) { return __ballot_sync(mask, vote) != 0; }
inline int __all_sync(unsigned mask, int vote) { return __ballot_sync(mask, vote) == mask; }
