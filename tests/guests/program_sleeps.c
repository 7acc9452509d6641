// SPDX-License-Identifier: MIT OR Apache-2.0
// A program that sleeps for an hour.
#include <time.h>

int main(void)
{
    struct timespec hour = {.tv_sec = 3600};
    return nanosleep(&hour, NULL);
}
