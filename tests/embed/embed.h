// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the tests of a node in a program share: a folder to work in, apps written into it, and nodes.
#ifndef TESTS_EMBED_H
#define TESTS_EMBED_H

#include "base/testing.h"

#include "airssys/node.h"

/// Makes and removes the folder: for cmocka.
int embed_set_up(void **state);
int embed_tear_down(void **state);

/// `NAME` in the folder. Valid until the test ends.
const char *embed_path(const char *name);

/// Writes the app NAME, a folder with a manifest: each actor is "NAME=GUEST". `extra` follows the last one.
void embed_write_app(const char *name, const char *const *actors, const char *extra);

/// What all nodes of the tests are made with: compiled code is kept in the folder.
airs_node_options embed_options(void);

/// Creates one with such options; `state` names a state folder, NULL: none.
airs_node *embed_create(const char *state);
/// Adds an app of the folder; starts.
void embed_add(airs_node *node, const char *app);
void embed_start(airs_node *node);

/// Does a request that goes well. The result is freed with `airs_buffer_free`.
airs_buffer embed_ask(airs_node *node, const char *app, const char *request);
/// The same, and the result has to contain a text.
void embed_ask_for(airs_node *node, const char *app, const char *request, const char *text);
/// One that does not: the status, and a text that the error contains.
void embed_refused(airs_node *node, const char *app, const char *request, airs_status status, const char *text);

/// An error has to have a status, and contain a text.
void embed_check(airs_status got, const airs_error *error, airs_status wanted, const char *text);

#endif
