// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/audit.h"

#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "node/audit_key.h"
#include "node/system.h"
#include "os/clock.h"

#define SYNC_MS 100u
#define SECOND_NS 1000000000u

airs_status node_audit_check(const airs_audit_options *options, airs_error *error)
{
    if ((unsigned)options->mode > AIRS_AUDIT_ALL)
        return base_error_set(error, AIRS_E_INVALID, "audit.mode %d is none", (int)options->mode);
    if ((unsigned)options->on_failure > AIRS_AUDIT_STOP)
        return base_error_set(error, AIRS_E_INVALID, "audit.on_failure %d is none", (int)options->on_failure);
    if (options->mode != AIRS_AUDIT_OFF && (options->folder == NULL || options->key_file == NULL))
        return base_error_set(error, AIRS_E_INVALID, "an audit log needs audit.folder and audit.key_file");
    return AIRS_OK;
}

// ---------------------------------------------------------------- writing

/// The channel of this thread; `ret_locked`: it is the shared one, under its lock. NULL: no memory.
static audit_channel *enter_channel(node_audit *self, bool *ret_locked)
{
    uint32_t worker = sched_worker_index(self->system->sched);
    *ret_locked = worker >= SCHED_WORKERS_MAX;
    if (*ret_locked)
        os_mutex_lock(&self->shared_lock);
    audit_channel **channel = *ret_locked ? &self->shared : &self->channels[worker];
    if (*channel == NULL && audit_channel_open(self->log, channel) != AIRS_OK)
        return NULL;
    return *channel;
}

/// Says how many refusals are not in the log, in front of the next record that is. Those stay counted else.
static void record_missed(node_audit *self, audit_channel *channel)
{
    uint64_t missed = base_atomic_exchange_acq_rel(&self->missed, 0u);
    char text[64];
    if (missed == 0)
        return;
    (void)snprintf(text, sizeof text, "refusals=%" PRIu64, missed);
    audit_record what = {.what = AUDIT_EVENT_MISSED, .object = base_bytes_of(text), .grant = AUDIT_NO_GRANT};
    if (audit_log_write(channel, &what) != AIRS_OK)
        (void)base_atomic_fetch_add_relaxed(&self->missed, missed);
}

static airs_status record(node_audit *self, audit_record *what)
{
    bool locked;
    audit_channel *channel = enter_channel(self, &locked);
    if (channel != NULL && base_atomic_load_relaxed(&self->missed) != 0)
        record_missed(self, channel);
    airs_status status = channel == NULL ? AIRS_E_NOMEM : audit_log_write(channel, what);
    if (locked)
        os_mutex_unlock(&self->shared_lock);
    return status;
}

/// Once a second, however many wait for the disk.
static void say_slow(node_audit *self)
{
    uint64_t now_ns = os_clock_now_ns();
    uint64_t said_ns = base_atomic_load_relaxed(&self->said_slow_ns);
    if ((said_ns == 0 || now_ns - said_ns >= SECOND_NS) &&
        base_atomic_cas_relaxed(&self->said_slow_ns, &said_ns, now_ns))
        base_log_write(&self->system->log, AIRS_LOG_ERROR, NULL,
                       "the audit log did not take a record within %u s: what can't be recorded is refused",
                       AUDIT_WAIT_MAX_MS / 1000u);
}

/// `authority_observer.tell`
static bool tell(void *user, component_actor *who, capability_decision *decision, airs_bytes object, bool first)
{
    node_audit *self = user;
    if (decision->allowed && (self->mode == AIRS_AUDIT_REFUSALS || (self->mode == AIRS_AUDIT_FIRST_USE && !first)))
        return true;
    const actor *cell = &who->cell;
    audit_record what = {.actor = cell->id,
                         .name = base_bytes_of(cell->name == NULL ? "" : cell->name),
                         .what = decision->right,
                         .object = object,
                         .allowed = decision->allowed,
                         .learned = decision->learned,
                         .grant = decision->grant == CAPABILITY_NONE ? AUDIT_NO_GRANT : decision->grant,
                         .epoch = authority_epoch(who),
                         .message = authority_message_of(cell, decision)};
    airs_status status = record(self, &what);
    if (status == AIRS_OK)
        return true;
    if (status == AIRS_E_TIMEOUT)
        say_slow(self);
    if (!decision->allowed)
        (void)base_atomic_fetch_add_relaxed(&self->missed, 1u);
    else
        (void)snprintf(decision->text, sizeof decision->text, "the audit log can't be written: nothing is done");
    return false;
}

airs_status node_audit_event(node_audit *self, audit_event event, airs_bytes object)
{
    if (self->log == NULL)
        return AIRS_OK;
    audit_record what = {.what = event, .object = object, .allowed = true, .grant = AUDIT_NO_GRANT};
    return record(self, &what) == AIRS_OK ? AIRS_OK : AIRS_E_IO;
}

// ---------------------------------------------------------------- failing

/// On the log's thread. What is refused by now is said once, and when it is over.
static void on_failed(void *user, const char *text)
{
    node_audit *self = user;
    airs_system *system = self->system;
    bool stops = system->options.audit.on_failure == AIRS_AUDIT_STOP;
    if (text == NULL) {
        base_log_write(&system->log, AIRS_LOG_WARN, NULL, "the audit log is written again");
        return;
    }
    base_log_write(&system->log, AIRS_LOG_ERROR, NULL, "%s: %s", text,
                   stops ? "the node stops" : "what can't be recorded is refused");
    if (!stops)
        return;
    base_text_copy(self->problem, sizeof self->problem, base_bytes_of(text));
    base_atomic_store_release(&self->stopped, true);
    system_end(system);
}

// ---------------------------------------------------------------- life

static airs_status open_log(node_audit *self, airs_error *error)
{
    const airs_audit_options *asked = &self->system->options.audit;
    uint8_t secret[AUDIT_SECRET_SIZE];
    airs_status status = audit_key_load(asked->key_file, secret, error);
    if (status != AIRS_OK)
        return status;
    uint32_t sync_ms = asked->sync_ms == 0 ? SYNC_MS : asked->sync_ms;
    audit_options options = {.files = audit_folder_files(&self->folder),
                             .allocator = self->system->allocator,
                             .secret = secret,
                             .sync_ms = asked->sync_ms == AIRS_AUDIT_SYNC_EACH ? 0 : sync_ms,
                             .segment_max = asked->segment_max,
                             .segments_max = asked->segments_max,
                             .stop_on_failure = asked->on_failure == AIRS_AUDIT_STOP,
                             .failed = on_failed,
                             .user = self};
    (void)crypto_sign_ed25519_sk_to_pk(self->key, secret);
    status = audit_log_open(&options, &self->log, error);
    sodium_memzero(secret, sizeof secret);
    if (status == AIRS_OK)
        return AIRS_OK;
    base_error_prefix(error, "the audit log in %s", asked->folder);
    // A log that does not verify is no bad argument.
    return status == AIRS_E_INVALID ? AIRS_E_FAILED : status;
}

airs_status node_audit_open(node_audit *self, airs_system *system, airs_error *error)
{
    const airs_audit_options *options = &system->options.audit;
    char path[PATH_MAX];
    if (options->mode == AIRS_AUDIT_OFF)
        return AIRS_OK;
    self->system = system;
    self->mode = options->mode;
    os_mutex_init(&self->shared_lock);
    airs_status status = audit_folder_open(&self->folder, options->folder, true, error);
    if (status != AIRS_OK)
        return status;
    const char *absolute = realpath(options->folder, path) == NULL ? options->folder : path;
    self->path = base_strndup(system->allocator, absolute, strlen(absolute));
    status =
        self->path == NULL ? base_error_set(error, AIRS_E_NOMEM, "no memory for the audit log") : open_log(self, error);
    if (status != AIRS_OK) {
        audit_folder_close(&self->folder);
        base_free(system->allocator, self->path);
        self->path = NULL;
        if (error != NULL)
            error->status = status;
        return status;
    }
    self->observer = (authority_observer){.tell = tell, .user = self, .wants_all = self->mode == AIRS_AUDIT_ALL};
    system->components.observer = &self->observer;
    return AIRS_OK;
}

void node_audit_close(node_audit *self)
{
    airs_error error;
    if (self->log == NULL)
        return;
    if (audit_log_close(self->log, &error) != AIRS_OK)
        base_log_write(&self->system->log, AIRS_LOG_ERROR, NULL, "%s: the last records are lost", error.text);
    audit_folder_close(&self->folder);
    base_free(self->system->allocator, self->path);
    *self = (node_audit){.log = NULL};
}
