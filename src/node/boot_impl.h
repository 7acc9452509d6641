// SPDX-License-Identifier: MIT OR Apache-2.0
/// What boot*.c have in common.
#ifndef NODE_BOOT_IMPL_H
#define NODE_BOOT_IMPL_H

#include "node/boot.h"

airs_status boot_no_memory(const node_boot *boot, airs_error *error);

/// The actor or template that a version is of.
deploy_actor *boot_actor_at(const node_boot *boot, size_t place);

/// Of each actor and template of the manifest one, without its hash. Errors: E_NOMEM.
AIRS_NODISCARD airs_status boot_make_versions(node_boot *boot, airs_error *error);

/// The hash of a component's file, read now, or for one before. Errors: those of `os_file_read`.
AIRS_NODISCARD airs_status boot_hash_file(const node_boot *boot, size_t place, airs_error *error);

/// The component of the store in the place of what the manifest says. Errors: E_NOMEM.
AIRS_NODISCARD airs_status boot_take_from_store(node_boot *boot, size_t place, airs_error *error);

/// An app of the store with the manifest `text`, in which an actor has been added, of which `said` has the name, and
/// the grants that were said now. Errors: those of `node_boot_stored`, E_MANIFEST; what has been read is the boot's.
AIRS_NODISCARD airs_status boot_read_with(node_boot *boot, const char *app, const deploy_addition *said,
                                          const airs_buffer *text, airs_error *error);

#endif
