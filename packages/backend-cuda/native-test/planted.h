// Kernels with faults on purpose: tests of the tests.
#pragma once

#include <string>

namespace limbeck::test {

// Runs the kernel of this name; whether its result is what a correct one would have given. A sanitizer ends the program
// before that.
bool runPlanted(const std::string& name);

}  // namespace limbeck::test
