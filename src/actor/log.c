// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/bytes.h"

bool actor_log_wants(actor *self, airs_log_level level)
{
    const base_log *log = &self->space->log;
    uint32_t own = base_atomic_load_relaxed(&self->log_level);
    return own == 0 ? base_log_wants(log, level) : log->fn != NULL && (uint32_t)level + 1u >= own;
}

void actor_log_set_level(actor *self, const airs_log_level *level)
{
    base_atomic_store_relaxed(&self->log_level, level == NULL ? 0u : (uint32_t)*level + 1u);
}

/// What a line needs of the actor, in `version` and `message_id`, which it points to.
typedef struct line_subject {
    base_log_subject subject;
    char version[sizeof((actor *)NULL)->component_version];
    char message_id[17];
} line_subject;

static void describe(actor *self, uint64_t message, line_subject *ret)
{
    os_mutex_lock(&self->info_lock);
    base_text_copy(ret->version, sizeof ret->version, base_bytes_of(self->component_version));
    os_mutex_unlock(&self->info_lock);
    ret->message_id[0] = '\0';
    if (message != 0)
        (void)snprintf(ret->message_id, sizeof ret->message_id, "%016" PRIx64, message);
    ret->subject = (base_log_subject){actor_name(self), ret->version, ret->message_id};
}

void actor_log(actor *self, uint64_t message, airs_log_level level, const char *format, ...)
{
    if (!actor_log_wants(self, level))
        return;
    line_subject about;
    describe(self, message, &about);
    va_list arguments;
    va_start(arguments, format);
    base_log_line(&self->space->log, level, &about.subject, format, arguments);
    va_end(arguments);
}

void actor_log_guest(actor *self, airs_log_level level, const char *source, airs_bytes line)
{
    if (!actor_log_wants(self, level))
        return;
    line_subject about;
    describe(self, actor_message_in_hand(self), &about);
    base_log_guest(&self->space->log, level, &about.subject, source, line);
}
