// SPDX-License-Identifier: MIT OR Apache-2.0
/// One level of the trie of topics. Writers hold the lock of the topics; readers are in a read section.
#ifndef ROUTE_TOPIC_NODE_H
#define ROUTE_TOPIC_NODE_H

#include <stdbool.h>

#include "airssys/status.h"
#include "base/atomics.h"
#include "base/hash.h"
#include "base/retire.h"

typedef struct topic_node topic_node;
struct topic_group;

typedef struct topic_subscription {
    uint64_t id;
    uint64_t actor;
    topic_node *node;
    /// NULL without a group.
    struct topic_group *group;
    /// Its pattern ends with `>`.
    bool rest;
    base_retired retired;
    const airs_allocator *allocator;
} topic_subscription;

/// Subscriptions in the order of their making. Grows by being replaced; one that has ended leaves a NULL.
typedef struct topic_list {
    /// Slots in use, those of ended ones included.
    BASE_ATOMIC(uint32_t) count;
    /// Whether there has been one with a group.
    BASE_ATOMIC(bool) grouped;
    // The writer's.
    uint32_t capacity;
    uint32_t live;
    base_retired retired;
    const airs_allocator *allocator;
    BASE_ATOMIC(topic_subscription *) slots[];
} topic_list;

/// Children by name: open addressing, at most half full of children and stones of removed ones.
typedef struct topic_table {
    uint32_t mask;
    /// Slots that are not empty.
    uint32_t used;
    base_retired retired;
    const airs_allocator *allocator;
    BASE_ATOMIC(topic_node *) slots[];
} topic_table;

struct topic_node {
    topic_node *parent;
    /// NULL without children.
    BASE_ATOMIC(topic_table *) table;
    /// The child `*`.
    BASE_ATOMIC(topic_node *) star;
    /// Subscriptions whose pattern ends here, and those with `>` behind here; NULL without any.
    BASE_ATOMIC(topic_list *) exact;
    BASE_ATOMIC(topic_list *) rest;
    uint32_t children;
    base_retired retired;
    const airs_allocator *allocator;
    uint32_t name_len;
    uint8_t name[];
};

/// NULL when there is no memory.
topic_node *topic_node_create(const airs_allocator *allocator, topic_node *parent, airs_bytes name);

/// With all below it. No reader is left.
void topic_node_destroy(topic_node *node, const airs_allocator *allocator);

/// The child of a name, `*` included; NULL when there is none. A reader's or a writer's.
topic_node *topic_node_child(const topic_node *node, base_hash_key key, airs_bytes name);

/// A new child; NULL when there is no memory.
topic_node *topic_node_add_child(topic_node *node, base_hash_key key, airs_bytes name, const airs_allocator *allocator,
                                 base_retirer retirer);
void topic_node_remove_child(topic_node *node, topic_node *child, base_hash_key key, base_retirer retirer);

/// Whether nothing hangs on it.
bool topic_node_is_empty(const topic_node *node);

/// Errors: E_NOMEM.
airs_status topic_node_add_subscription(topic_node *node, topic_subscription *added, const airs_allocator *allocator,
                                        base_retirer retirer);

/// Takes it out; readers may still be looking at it.
void topic_node_remove_subscription(topic_node *node, topic_subscription *removed, base_retirer retirer);

#endif
