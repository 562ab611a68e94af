#include "instruction-set.h"

#include <cstdlib>

#include "limbeck/device.h"

namespace limbeck {

// Defined by kernels/table.cc, compiled once for each instruction set.
#if defined(__x86_64__)
namespace avx512 { extern const Kernel* const table; }
namespace avx2 { extern const Kernel* const table; }
#elif defined(__aarch64__)
namespace neon { extern const Kernel* const table; }
#endif
namespace portable { extern const Kernel* const table; }

namespace {

std::string namesOf(const std::vector<InstructionSet>& sets) {
  std::string names;
  for (const auto& set : sets) names += (names.empty() ? "" : ", ") + std::string(set.name) + (set.works() ? "" : " (not on this processor)");
  return names;
}

}  // namespace

const std::vector<InstructionSet>& instructionSets() {
  static const std::vector<InstructionSet> sets = {
#if defined(__x86_64__)
      {"avx512", avx512::table,
       [] { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"); }},
      {"avx2", avx2::table, [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }},
#elif defined(__aarch64__)
      {"neon", neon::table, [] { return true; }},
#endif
      {"portable", portable::table, [] { return true; }},
  };
  return sets;
}

const InstructionSet& chooseInstructionSet() {
  const auto& sets = instructionSets();
  const char* asked = std::getenv("LIMBECK_SIMD_ISA");
  for (const auto& set : sets) {
    if (asked && *asked ? set.name == std::string(asked) && set.works() : set.works()) return set;
  }
  throw DeviceError("backend/instruction-set",
                    "LIMBECK_SIMD_ISA=" + std::string(asked) + " cannot be used; this build has " + namesOf(sets));
}

}  // namespace limbeck
