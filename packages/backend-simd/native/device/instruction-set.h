// Which of the builds of the kernels runs: the best that the processor knows, or the one that is asked for.
#pragma once

#include <string>
#include <vector>

#include "limbeck/kernel-table.h"

namespace limbeck {

struct InstructionSet {
  const char* name;       // "avx512", "avx2", "neon" or "portable"
  const Kernel* kernels;  // by number
  bool (*works)();
};

// Those in this build, best first.
const std::vector<InstructionSet>& instructionSets();

// Their names, with a remark at those that do not work here.
std::string namesOfInstructionSets();

// LIMBECK_SIMD_ISA, or the best that works. Throws DeviceError when the one asked for is unknown or does not work here.
const InstructionSet& chooseInstructionSet();

}  // namespace limbeck
