// Environment variables, as devices read them when they are opened.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include "device.h"

namespace limbeck {

// Empty where the variable is not set.
inline std::string variable(const char* name) {
  const char* const text = std::getenv(name);
  return text ? text : "";
}

[[noreturn]] inline void refuseVariable(const char* name, const char* expected) {
  throw DeviceError("wrong-option", std::string(name) + " expects " + expected + ", received \"" + variable(name) + "\"");
}

// A whole number from `least` to `most`; `otherwise` where the variable is not set. `expected` says it in words.
inline long numberVariable(const char* name, long otherwise, long least, long most, const char* expected) {
  const std::string text = variable(name);
  if (text.empty()) return otherwise;
  char* end = nullptr;
  const long number = std::strtol(text.c_str(), &end, 10);  // the nearest long where it is none
  if (*end || number < least || number > most) refuseVariable(name, expected);
  return number;
}

// A number of MiB in bytes; all there are where the variable is not set.
inline size_t memoryVariable(const char* name) {
  constexpr long kMost = static_cast<long>(SIZE_MAX >> 21);
  const long mebibytes = numberVariable(name, 0, 1, kMost, "a number of MiB");
  return mebibytes ? static_cast<size_t>(mebibytes) << 20 : SIZE_MAX;
}

}  // namespace limbeck
