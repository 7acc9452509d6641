// SPDX-License-Identifier: MIT OR Apache-2.0
/// Draws a supervision tree.
#ifndef AIRS_CLI_DRAW_H
#define AIRS_CLI_DRAW_H

#include "airssys/system.h"

#include <stdio.h>

struct cJSON;

/// Draws actors in the order of `airs_actor_list`, each supervisor before its children: all but the first, which is
/// the root, or with `top` that one too. With `boxes`, lines are drawn with box characters, else in ASCII. A line is
/// the name, the state in one word, what it is, and what is the matter with it. `notes` (may be NULL): what is to be
/// said besides, of each actor; NULL: nothing.
/// False when there was no memory.
bool cli_draw_tree(FILE *stream, const airs_actor_info *actors, const char *const *notes, size_t count, bool top,
                   bool boxes);

/// Whether this environment shows more than ASCII.
bool cli_draw_boxes(void);

/// The state of an actor in one word: why it is held when it is, its health when that is not good, else its state.
const char *cli_actor_word(const airs_actor_info *actor);

/// Room for what an actor is.
#define CLI_WHAT_MAX 264
/// "card 1.0.0", "supervisor one_for_all". Not escaped. Returns `text`.
const char *cli_actor_what(const airs_actor_info *actor, char text[CLI_WHAT_MAX]);

/// Room for what is said of a canary.
#define CLI_CANARY_MAX 192
/// "5% of 2.0.0 by sender for 12 s", of the JSON of an actor on which a canary runs, else "". Not escaped. Returns
/// `text`.
const char *cli_canary_text(char text[CLI_CANARY_MAX], const struct cJSON *actor);
/// Its share alone, in percent; negative when none runs.
double cli_canary_share(const struct cJSON *actor);

#endif
