// SPDX-License-Identifier: MIT OR Apache-2.0
// A program that ends with an error.
#include <stdlib.h>

int main(void)
{
    return 3;
}
