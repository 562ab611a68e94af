#include "device/options.h"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "limbeck/device.h"

namespace limbeck::cuda {

namespace {

[[noreturn]] void refuse(const char* variable, const char* expected, const std::string& received) {
  throw DeviceError("wrong-option", std::string(variable) + " expects " + expected + ", received \"" + received + "\"");
}

std::string textOf(const char* variable) {
  const char* text = std::getenv(variable);
  return text ? text : "";
}

long numberOf(const char* variable, long otherwise, long least, const char* expected) {
  const std::string text = textOf(variable);
  if (text.empty()) return otherwise;
  char* end = nullptr;
  const long number = std::strtol(text.c_str(), &end, 10);
  if (*end || number < least) refuse(variable, expected, text);
  return number;
}

Precision precisionAsked() {
  constexpr const char* kVariable = "LIMBECK_CUDA_PRECISION";
  const std::string text = textOf(kVariable);
  for (const Precision each : {Precision::kFp32, Precision::kTf32, Precision::kBf16}) {
    if (text == nameOf(each)) return each;
  }
  if (!text.empty()) refuse(kVariable, "fp32, tf32 or bf16", text);
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
  const long mebibytes = numberOf("LIMBECK_CUDA_MEMORY_LIMIT", 0, 1, "a number of MiB");
  return {static_cast<int>(numberOf("LIMBECK_CUDA_INDEX", 0, 0, "the number of a GPU, from 0 on")),
          mebibytes ? static_cast<size_t>(mebibytes) << 20 : SIZE_MAX, precisionAsked(),
          textOf("LIMBECK_CUDA_SYNC") == "1"};
}

}  // namespace limbeck::cuda
