// Shared memory of the running block, and asynchronous copies into it (cp.async).
#pragma once

#include <cstddef>

#include "thread.h"

namespace cuemu {

// The block's variable of that key; new ones hold 0xff bytes (NaN), so that a read before a write shows.
void* sharedVariable(const void* key, size_t bytes, size_t alignment);
inline void* dynamicShared() { return block->dynamicShared; }

// Copies happen when they are waited for, so that a missing wait shows (CUEMU_LAZY_COPIES=0: at once).
void copyAsync(void* to, const void* from, unsigned bytes, bool valid);
void commitCopies();
void waitForCopies(int kept);

}  // namespace cuemu
