#include "instruction-set.h"

#include <cstdlib>

#include "limbeck/device.h"

namespace limbeck {

// Defined by kernels/table.cc, compiled once for each instruction set; the build says which there are.
#ifdef LIMBECK_HAS_AVX512
namespace avx512 { extern const Kernel* const table; }
#endif
#ifdef LIMBECK_HAS_AVX2
namespace avx2 { extern const Kernel* const table; }
#endif
#ifdef LIMBECK_HAS_NEON
namespace neon { extern const Kernel* const table; }
#endif
#ifdef LIMBECK_HAS_PORTABLE
namespace portable { extern const Kernel* const table; }
#endif

std::string namesOfInstructionSets() {
  std::string names;
  for (const auto& set : instructionSets()) {
    names += (names.empty() ? "" : ", ") + std::string(set.name) + (set.works() ? "" : " (not on this processor)");
  }
  return names;
}

const std::vector<InstructionSet>& instructionSets() {
  static const std::vector<InstructionSet> sets = {
#ifdef LIMBECK_HAS_AVX512
      {"avx512", avx512::table,
       [] { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"); }},
#endif
#ifdef LIMBECK_HAS_AVX2
      {"avx2", avx2::table, [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }},
#endif
#ifdef LIMBECK_HAS_NEON
      {"neon", neon::table, [] { return true; }},
#endif
#ifdef LIMBECK_HAS_PORTABLE
      {"portable", portable::table, [] { return true; }},
#endif
  };
  return sets;
}

const InstructionSet& chooseInstructionSet() {
  const auto& sets = instructionSets();
  const char* asked = std::getenv("LIMBECK_SIMD_ISA");
  for (const auto& set : sets) {
    if (asked && *asked ? set.name == std::string(asked) && set.works() : set.works()) return set;
  }
  const std::string what = asked && *asked ? "LIMBECK_SIMD_ISA=" + std::string(asked) + " cannot be used"
                                           : "this processor has no instruction set of this build";
  throw DeviceError("backend/instruction-set", what + "; this build has " + namesOfInstructionSets());
}

}  // namespace limbeck
