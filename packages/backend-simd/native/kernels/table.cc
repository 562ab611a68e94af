// The kernels of one instruction set.
#include "limbeck/kernel-table.h"

namespace limbeck::LIMBECK_TARGET {

extern const Kernel* const table;
const Kernel* const table = kKernels;

}  // namespace limbeck::LIMBECK_TARGET
