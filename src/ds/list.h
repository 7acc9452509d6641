// SPDX-License-Identifier: MIT OR Apache-2.0
/// Doubly linked lists through nodes embedded in what is listed. One thread at a time.
#ifndef AIRS_DS_LIST_H
#define AIRS_DS_LIST_H

#include <stdbool.h>
#include <stddef.h>

/// The object that `node` is the `member` of.
#define ds_container_of(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

/// A node, and also a list: its head. A node in no list points to itself.
typedef struct ds_list {
    struct ds_list *next;
    struct ds_list *prev;
} ds_list;

static inline void ds_list_init(ds_list *list)
{
    list->next = list;
    list->prev = list;
}

/// Whether a list has no node; of a node, whether it is in no list.
static inline bool ds_list_empty(const ds_list *list)
{
    return list->next == list;
}

static inline void ds_list_insert_before(ds_list *place, ds_list *node)
{
    node->next = place;
    node->prev = place->prev;
    place->prev->next = node;
    place->prev = node;
}

static inline void ds_list_push_back(ds_list *list, ds_list *node)
{
    ds_list_insert_before(list, node);
}

static inline void ds_list_push_front(ds_list *list, ds_list *node)
{
    ds_list_insert_before(list->next, node);
}

/// Nothing happens to a node in no list.
static inline void ds_list_remove(ds_list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    ds_list_init(node);
}

/// NULL when the list is empty.
static inline ds_list *ds_list_front(const ds_list *list)
{
    return ds_list_empty(list) ? NULL : list->next;
}

static inline ds_list *ds_list_pop_front(ds_list *list)
{
    ds_list *node = ds_list_front(list);
    if (node != NULL)
        ds_list_remove(node);
    return node;
}

/// Moves all nodes of `from` to the end of `to`.
static inline void ds_list_append(ds_list *to, ds_list *from)
{
    if (ds_list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    ds_list_init(from);
}

/// Visits each node; the list must not change meanwhile, but for the removal of the visited node.
#define ds_list_each(node, list)                                                  \
    for (ds_list *node = (list)->next, *node##_next = node->next; node != (list); \
         node = node##_next, node##_next = node->next)

#endif
