// The part of the emulation that host code sees.
#pragma once

#define CUEMU 1

#include "runtime-api.h"
