// SPDX-License-Identifier: MIT OR Apache-2.0
// A program that opens /data/file for reading as often as its argument says, and closes it each time.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    for (long i = 0; i < count; i++) {
        int file = open("/data/file", O_RDONLY);
        if (file < 0)
            return 1;
        (void)close(file);
    }
    return count > 0 ? 0 : 1;
}
