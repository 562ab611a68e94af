#include "device/options.h"

#include <climits>
#include <string>

#include "limbeck/variables.h"

namespace limbeck::cuda {

namespace {

Precision precisionAsked() {
  constexpr const char* kVariable = "LIMBECK_CUDA_PRECISION";
  const std::string text = variable(kVariable);
  for (const Precision each : {Precision::kFp32, Precision::kTf32, Precision::kBf16}) {
    if (text == nameOf(each)) return each;
  }
  if (!text.empty()) refuseVariable(kVariable, "fp32, tf32 or bf16");
  return Precision::kFp32;
}

}  // namespace

const char* nameOf(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      return "fp32";
    case Precision::kTf32:
      return "tf32";
    case Precision::kBf16:
      return "bf16";
  }
  return "";
}

Options optionsOfEnvironment() {
  return {static_cast<int>(numberVariable("LIMBECK_CUDA_INDEX", 0, 0, INT_MAX, "the number of a GPU, from 0 on")),
          memoryVariable("LIMBECK_CUDA_MEMORY_LIMIT"), precisionAsked(), variable("LIMBECK_CUDA_SYNC") == "1"};
}

}  // namespace limbeck::cuda
