// Stable sorting by keys of 32 bits.
#pragma once

#include "cu.h"

namespace limbeck::kernels {

// `count` keys and the values that belong to them, in scratch memory of the launch. Whoever has filled both may sort
// them, smallest key first: equal keys keep their order, so that sorting by one key after another sorts by both.
class KeySorter {
 public:
  explicit KeySorter(int count);

  uint32_t* keys() const { return keys_; }
  int32_t* values() const { return values_; }
  // Only the low `bits` of the keys count.
  void sort(int bits);

 private:
  int count_, tiles_;
  uint32_t *keys_, *otherKeys_;
  int32_t *values_, *otherValues_;
  int32_t* counts_;
};

// Bits that numbers below `limit` take.
inline int bitsBelow(int64_t limit) {
  int bits = 0;
  while (bits < 32 && (int64_t{1} << bits) < limit) bits++;
  return bits;
}

}  // namespace limbeck::kernels
