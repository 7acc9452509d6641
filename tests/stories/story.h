// SPDX-License-Identifier: MIT OR Apache-2.0
/// A story as text: who there is, what is done to them, and what happens.
///
///     # A sentence or two about what this shows.
///     tree
///       root one_for_one max_restarts 3 window 5s
///         a permanent backoff exponential 100ms factor 2 max 1s
///         pool one_for_all transient
///           b temporary significant start_timeout 100ms
///     do
///       crash a
///       wait 100ms
///     expect
///       > crash a
///            0 ms  a failed (failed): crashed
///       ...
///
/// The tree is up before the story begins. After each line of `do` everything happens that happens at that moment.
/// What `do` may say is in README.md.
#ifndef STORIES_STORY_H
#define STORIES_STORY_H

#include <stdbool.h>
#include <stddef.h>

/// Plays the story in `text`. What happened is written to `ret_trace`, as it would stand under `expect`. False: the
/// story can't be read or does not end; `ret_trace` says why.
bool story_play(const char *text, char *ret_trace, size_t size);

/// What stands under `expect`, NULL when that is missing.
const char *story_expectation(const char *text);

#endif
