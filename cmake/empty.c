// SPDX-License-Identifier: MIT OR Apache-2.0
// The shared library is made of the rooms' objects; CMake wants at least one source besides them.
typedef int airs_empty;
