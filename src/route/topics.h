// SPDX-License-Identifier: MIT OR Apache-2.0
/// Who gets what is published: subscriptions by pattern, as in NATS.
///
/// Topics     are levels between dots, `orders.eu.new`: 1 to TOPIC_LEVELS_MAX of them, TOPIC_LEN_MAX bytes
///            in all, without spaces and control characters. In a pattern `*` stands for one level, and
///            `>` at the end for one or more.
/// Groups     Of all subscriptions in one group that match, one gets each message, in turn.
/// Structure  A trie of levels. Publishing takes no lock: nodes, their tables of children and their
///            lists of subscriptions are read in a read section, and replaced, never changed.
///            Subscribing takes the one lock.
/// Memory     What is replaced goes to the retirer. A node without children and subscriptions is taken out.
#ifndef ROUTE_TOPICS_H
#define ROUTE_TOPICS_H

#include "airssys/status.h"
#include "base/atomics.h"
#include "base/hash.h"
#include "base/retire.h"
#include "capability/topic_pattern.h"
#include "ds/slotmap.h"
#include "os/mutex.h"

#define TOPIC_LEN_MAX CAPABILITY_TOPIC_MAX
#define TOPIC_LEVELS_MAX CAPABILITY_TOPIC_LEVELS_MAX

typedef struct topic_node topic_node;
typedef struct topic_group topic_group;

typedef struct topics {
    const airs_allocator *allocator;
    base_retirer retirer;
    base_hash_key key;
    topic_node *root;
    /// Handles to subscriptions.
    ds_slotmap subscriptions;
    os_mutex lock;
    // Under the lock.
    topic_group *groups;
    uint64_t groups_made;
} topics;

/// At most `max` subscriptions; `key` hashes the names of levels. Errors: E_NOMEM. Ended with `topics_fini`.
airs_status topics_init(topics *self, uint32_t max, base_hash_key key, base_retirer retirer,
                        const airs_allocator *allocator);

/// Nobody uses it any more, and what was retired has run. One that is all zero is allowed.
void topics_fini(topics *self);

/// Whether it may be published on. `error` says what is wrong with it, and where.
airs_status topics_check_topic(airs_bytes topic, airs_error *error);
airs_status topics_check_pattern(airs_bytes pattern, airs_error *error);

/// Subscribes `actor`; with `group` of a length of 0 in no group.
/// Errors: E_INVALID the pattern or the group; E_LIMIT; E_NOMEM. Any thread.
airs_status topics_subscribe(topics *self, uint64_t actor, airs_bytes pattern, airs_bytes group,
                             uint64_t *ret_subscription, airs_error *error);

/// Which of these subscriptions has this pattern and this group (a length of 0: none); 0 when none has. Any thread.
uint64_t topics_find(topics *self, const uint64_t *ids, uint32_t count, airs_bytes pattern, airs_bytes group);

/// Ends a subscription of `actor`; false when it is none of its own. Any thread.
bool topics_unsubscribe(topics *self, uint64_t subscription, uint64_t actor);

/// Ends those subscriptions of `actor` whose patterns `keep` says no to. Any thread.
typedef bool (*topics_keep_fn)(void *user, airs_bytes pattern);
void topics_review(topics *self, uint64_t actor, topics_keep_fn keep, void *user);

/// As what somebody gets a message.
typedef enum topic_share {
    /// For itself.
    TOPIC_OWN,
    /// For its group: when it can't be reached, another member is tried.
    TOPIC_GROUP_TRY,
    /// The same, once more for the last member when none was reached: then the message is lost.
    TOPIC_GROUP_LAST,
} topic_share;

/// Delivers to one subscriber; false when that did not reach it.
typedef bool (*topics_deliver_fn)(void *user, uint64_t actor, topic_share share);

/// Calls `deliver` for each subscription that matches, and for one of each group: for the next one of the group when
/// the first can't be reached. Gives how many it reached. `topic` must have been checked. In a read section.
uint32_t topics_publish(topics *self, airs_bytes topic, topics_deliver_fn deliver, void *user);

/// Subscriptions now. Any thread.
uint32_t topics_count(const topics *self);

#endif
