// Spreads the blocks of a grid over threads of the system that stand ready from the first launch on.
#pragma once

#include "block-runner.h"

namespace cuemu {

// Returns when all blocks have run. Grids of several callers run one after another.
void runGrid(const Grid& grid);

}  // namespace cuemu
