// SPDX-License-Identifier: MIT OR Apache-2.0
/// The wheel sees times as numbers of 11 digits to the base 64. A node stands at the level of the highest digit in
/// which its deadline differs from `now`, in the slot of its deadline's digit there.
///
/// Invariants
///   1. A deadline in a slot is later than `now` and agrees with it in all digits above its level; so its slot is after
///      `now`'s on that level, and all of a level is due before anything of the levels above.
///   2. When `now` reaches the first moment of a slot, the slot is emptied: what is due then has expired, the rest
///      moves down. Between such moments `now` may jump, and (1) still holds.
#include "ds/timer_wheel.h"

#include "base/assert.h"

void ds_timer_wheel_init(ds_timer_wheel *wheel, uint64_t now)
{
    wheel->now = now;
    wheel->count = 0;
    for (uint32_t level = 0; level < DS_WHEEL_LEVELS; level++) {
        wheel->occupied[level] = 0;
        for (uint32_t slot = 0; slot < DS_WHEEL_SLOTS; slot++)
            ds_list_init(&wheel->slots[level][slot]);
    }
    ds_list_init(&wheel->moving);
    ds_list_init(&wheel->expired);
}

void ds_wheel_node_init(ds_wheel_node *node)
{
    ds_list_init(&node->link);
    node->deadline = 0;
    node->place = 0;
    node->pending = false;
}

// Puts a node that is in no list where its deadline belongs.
static void wheel_place(ds_timer_wheel *wheel, ds_wheel_node *node)
{
    if (node->deadline <= wheel->now) {
        ds_list_push_back(&wheel->expired, &node->link);
        return;
    }
    uint32_t highest_bit = 63u - (uint32_t)__builtin_clzll(node->deadline ^ wheel->now);
    uint32_t level = highest_bit / DS_WHEEL_BITS;
    uint32_t slot = (uint32_t)(node->deadline >> (level * DS_WHEEL_BITS)) % DS_WHEEL_SLOTS;
    node->place = (uint16_t)(level * DS_WHEEL_SLOTS + slot);
    ds_list_push_back(&wheel->slots[level][slot], &node->link);
    wheel->occupied[level] |= UINT64_C(1) << slot;
}

void ds_timer_wheel_insert(ds_timer_wheel *wheel, ds_wheel_node *node, uint64_t deadline)
{
    AIRS_ASSERT(!node->pending);
    node->deadline = deadline;
    node->pending = true;
    wheel->count++;
    wheel_place(wheel, node);
}

bool ds_timer_wheel_cancel(ds_timer_wheel *wheel, ds_wheel_node *node)
{
    if (!node->pending)
        return false;
    ds_list_remove(&node->link);
    node->pending = false;
    wheel->count--;
    // The slot may have been emptied already, with the node on its way to another place; clearing the bit of
    // an empty slot does no harm.
    uint32_t level = node->place / DS_WHEEL_SLOTS;
    uint32_t slot = node->place % DS_WHEEL_SLOTS;
    if (ds_list_empty(&wheel->slots[level][slot]))
        wheel->occupied[level] &= ~(UINT64_C(1) << slot);
    return true;
}

// The first slot that has nodes: when it begins, and where it is. False when there is none.
static bool wheel_first_slot(const ds_timer_wheel *wheel, uint64_t *ret_time, uint32_t *ret_level, uint32_t *ret_slot)
{
    for (uint32_t level = 0; level < DS_WHEEL_LEVELS; level++) {
        if (wheel->occupied[level] == 0)
            continue;
        uint32_t shift = level * DS_WHEEL_BITS;
        uint32_t slot = (uint32_t)__builtin_ctzll(wheel->occupied[level]);
        // The digits of `now` above this level, this slot's digit, and zeros.
        uint64_t above =
            shift + DS_WHEEL_BITS >= 64 ? 0 : wheel->now >> (shift + DS_WHEEL_BITS) << (shift + DS_WHEEL_BITS);
        *ret_time = above | (uint64_t)slot << shift;
        *ret_level = level;
        *ret_slot = slot;
        return true;
    }
    return false;
}

// Goes on to the first slot that begins by `now` and empties it. False when there is none: the time is `now` then.
static bool wheel_advance(ds_timer_wheel *wheel, uint64_t now)
{
    uint64_t time;
    uint32_t level;
    uint32_t slot;
    if (!wheel_first_slot(wheel, &time, &level, &slot) || time > now) {
        if (now > wheel->now)
            wheel->now = now;
        return false;
    }
    wheel->now = time;
    wheel->occupied[level] &= ~(UINT64_C(1) << slot);
    // On the lowest level a slot is one tick: all of it is due.
    ds_list_append(level == 0 ? &wheel->expired : &wheel->moving, &wheel->slots[level][slot]);
    return true;
}

ds_wheel_node *ds_timer_wheel_pop(ds_timer_wheel *wheel, uint64_t now, uint32_t *work)
{
    for (; *work > 0; (*work)--) {
        ds_list *link = ds_list_pop_front(&wheel->expired);
        if (link != NULL) {
            ds_wheel_node *node = ds_container_of(link, ds_wheel_node, link);
            node->pending = false;
            wheel->count--;
            return node;
        }
        link = ds_list_pop_front(&wheel->moving);
        if (link != NULL)
            wheel_place(wheel, ds_container_of(link, ds_wheel_node, link));
        else if (!wheel_advance(wheel, now))
            return NULL;
    }
    return NULL;
}

uint64_t ds_timer_wheel_next(const ds_timer_wheel *wheel)
{
    uint64_t time;
    uint32_t level;
    uint32_t slot;
    if (!ds_list_empty(&wheel->expired) || !ds_list_empty(&wheel->moving))
        return wheel->now;
    return wheel_first_slot(wheel, &time, &level, &slot) ? time : DS_WHEEL_NEVER;
}
