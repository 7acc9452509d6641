// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/decisions.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "capability/grant_text.h"
#include "component/component_actor.h"

/// The name in front of what is told of a custom capability (authority_observer), and the object behind it.
static void split_custom(airs_bytes told, char name[CAPABILITY_CUSTOM_SIZE], airs_bytes *ret_object)
{
    const uint8_t *blank = told.len == 0 ? NULL : memchr(told.data, ' ', told.len);
    size_t len = blank == NULL ? told.len : (size_t)(blank - told.data);
    base_text_copy(name, CAPABILITY_CUSTOM_SIZE, (airs_bytes){told.data, len});
    *ret_object = blank == NULL ? (airs_bytes){0} : (airs_bytes){blank + 1, told.len - len - 1};
}

/// `authority_observer.tell`
static bool tell(void *user, component_actor *who, capability_decision *decision, airs_bytes object, bool first)
{
    const node_decisions *self = user;
    const actor *cell = &who->cell;
    char custom[CAPABILITY_CUSTOM_SIZE];
    bool is_custom = decision->right == CAPABILITY_CUSTOM_USE;
    airs_decision told = {.actor = {cell->id},
                          .name = cell->name == NULL ? "" : cell->name,
                          .right = (airs_right)CAPABILITY_BIT(decision->right),
                          .custom = is_custom ? custom : NULL,
                          .object = object,
                          .allowed = decision->allowed,
                          .grant = decision->allowed && decision->grant != CAPABILITY_NONE ? decision->grant
                                                                                           : AIRS_GRANT_NONE,
                          .why = decision->allowed ? "" : decision->text,
                          .message = authority_message_of(cell, decision)};
    if (is_custom)
        split_custom(object, custom, &told.object);
    if (!self->fn(self->user, &told) && decision->allowed) {
        decision->allowed = false;
        decision->grant = CAPABILITY_NONE;
        (void)snprintf(decision->text, sizeof decision->text, "refused by the program that runs the system: %s.%s",
                       capability_kind_name(capability_right_kind(decision->right)),
                       is_custom ? custom : capability_right_name(decision->right));
    }
    return self->next == NULL || self->next->tell(self->next->user, who, decision, object, first);
}

const authority_observer *node_decisions_set(node_decisions *self, airs_decision_fn fn, void *user,
                                             const authority_observer *next)
{
    *self = (node_decisions){.fn = fn, .user = user, .next = next};
    if (fn == NULL)
        return next;
    self->observer = (authority_observer){.tell = tell, .user = self, .wants_all = true};
    return &self->observer;
}
