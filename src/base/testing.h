// SPDX-License-Identifier: MIT OR Apache-2.0
/// What every test file includes: cmocka and the headers that it wants before it.
#ifndef AIRS_BASE_TESTING_H
#define AIRS_BASE_TESTING_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

/// How often to repeat what is repeated to provoke a race: less where a sanitizer makes each round slow.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define TEST_ROUNDS(count) ((count) / 10)
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define TEST_ROUNDS(count) ((count) / 10)
#endif
#endif
#ifndef TEST_ROUNDS
#define TEST_ROUNDS(count) (count)
#endif

#endif
