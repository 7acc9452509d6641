// SPDX-License-Identifier: MIT OR Apache-2.0
// Exports what no contract here knows.
#include <stdint.h>

uint64_t greet(uint64_t number);

__attribute__((export_name("test:stranger/greetings@1.0.0#greet"))) uint64_t greet(uint64_t number)
{
    return number + 1;
}
