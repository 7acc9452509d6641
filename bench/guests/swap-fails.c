// SPDX-License-Identifier: MIT OR Apache-2.0
#define FAILS
#include "swap.h"
