// SPDX-License-Identifier: MIT OR Apache-2.0
/// Folders for attacks on files: a tree of the host, mounted for the guest `files` (tests/guests/wasi_files.h).
///
///   outside.txt             nobody may see or change it; nothing of it is mounted
///   data/                   /data
///     in/a.csv b.txt deep/  a.csv may be read, in/ listed
///     out/                  all but listing, with all below
///     ro/r.txt              may be read
///     wo/w.txt              may be written
///     del/d.txt             may be deleted
///     new/                  files may be made there and read
///     secret.txt            no grant
///   nested/                 /data/nested, may be read
///     n.txt
#ifndef HOSTILE_MOUNTED_H
#define HOSTILE_MOUNTED_H

#include "attack.h"

typedef struct mounted {
    attack *attack;
    char root[64];
    /// The descriptors of this process before.
    size_t descriptors;
} mounted;

/// The first and the last thing of a test; the second holds what attack_end does, and that nothing is open and nothing
/// outside has changed.
void mounted_begin(mounted *self);
void mounted_begin_with(mounted *self, const airs_system_options *options);
void mounted_end(mounted *self);

/// The guest with the rights that are said above.
airs_actor_id mounted_spawn(mounted *self, const char *name, const airs_limits *limits);
/// The same with these grants instead.
airs_actor_id mounted_spawn_with(mounted *self, const char *name, const airs_grant *grants, size_t count);

/// The path of something in the tree; valid until the fourth call from then on. One thread.
const char *mounted_path(mounted *self, const char *rest);
void mounted_write(mounted *self, const char *rest, const char *text);
/// What is in it, at most 255 bytes; valid until the next call.
const char *mounted_read(mounted *self, const char *rest);

/// Revokes all grants of an actor.
void mounted_revoke(mounted *self, airs_actor_id id);

#endif
