// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/terms.h"

#include "actor/age.h"
#include "actor/health.h"
#include "base/error.h"

#define EXCHANGE(type, a, b) \
    do {                     \
        type before = (a);   \
        (a) = (b);           \
        (b) = before;        \
    } while (0)

// ---------------------------------------------------------------- who gives them

airs_status actor_terms_init(actor_terms *self, actor *of, const actor_options *options, airs_error *error)
{
    airs_limits limits = options->limits;
    airs_backoff backoff = options->backoff;
    airs_status status = actor_limits_complete(&limits, error);
    if (status == AIRS_OK && (unsigned)options->restart > AIRS_RESTART_TEMPORARY)
        status = base_error_set(error, AIRS_E_INVALID, "restart %d is none", (int)options->restart);
    if (status == AIRS_OK)
        status = actor_backoff_complete(&backoff, error);
    if (status != AIRS_OK)
        return status;
    actor_terms made = {.restart = options->restart,
                        .significant = options->significant,
                        .backoff = backoff,
                        .on_failure = options->on_failure,
                        .mailbox_max = limits.mailbox_max,
                        .mailbox_policy = limits.mailbox_policy,
                        .mailbox_age_max_ms = limits.max_mailbox_age_ms,
                        .message_max = limits.max_message,
                        .is_supervisors = of->kind->take_report != NULL};
    status = actor_health_make(of, &options->health, limits.max_message, &made.health, error);
    if (status == AIRS_OK && actor_age_make(of, limits.max_mailbox_age_ms, &made.age) != AIRS_OK) {
        actor_health_destroy(made.health);
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for other settings");
    }
    if (status == AIRS_OK)
        *self = made;
    return status;
}

void actor_terms_fini(actor_terms *self)
{
    actor_health_destroy(self->health);
    actor_age_destroy(self->age);
    self->health = NULL;
    self->age = NULL;
}

airs_status actor_terms_give(actor *self, actor_terms *terms, airs_error *error)
{
    os_mutex_lock(&self->info_lock);
    airs_status status = self->terminated ? AIRS_E_GONE : self->terms != NULL ? AIRS_E_TAKEN : AIRS_OK;
    if (status == AIRS_OK)
        self->terms = terms;
    os_mutex_unlock(&self->info_lock);
    if (status == AIRS_E_TAKEN)
        return base_error_set(error, status, "somebody else changes the settings of actor \"%s\"", actor_name(self));
    if (status != AIRS_OK)
        return base_error_set(error, status, "%s", airs_status_text(status));
    actor_signal_send(self, ACTOR_SIGNAL_TERMS);
    return AIRS_OK;
}

bool actor_terms_take_back(actor *self, actor_terms *terms)
{
    os_mutex_lock(&self->info_lock);
    bool waits = self->terms == terms && !self->terms_taken;
    if (waits)
        self->terms = NULL;
    os_mutex_unlock(&self->info_lock);
    return waits;
}

// ---------------------------------------------------------------- the owner

/// What the mailbox takes, and what is made of messages.
static void exchange_messages(actor *self, actor_terms *terms)
{
    EXCHANGE(airs_on_failure, self->on_failure, terms->on_failure);
    os_mutex_lock(&self->info_lock);
    EXCHANGE(uint32_t, self->limits.mailbox_max, terms->mailbox_max);
    EXCHANGE(airs_mailbox_policy, self->limits.mailbox_policy, terms->mailbox_policy);
    EXCHANGE(uint32_t, self->limits.max_mailbox_age_ms, terms->mailbox_age_max_ms);
    os_mutex_unlock(&self->info_lock);
    uint32_t message_max = base_atomic_load_relaxed(&self->inbox.message_max);
    inbox_change(&self->inbox, self->limits.mailbox_max, self->limits.mailbox_policy, terms->message_max);
    terms->message_max = message_max;
    // There may be more places, or nobody who waits for one.
    actor_wake_parked_senders(self, UINT32_MAX);
    actor_age_exchange(self, &terms->age);
}

/// How it is started again; the supervisor looks for itself.
static void exchange_restart(actor *self, actor_terms *terms)
{
    os_mutex_lock(&self->info_lock);
    EXCHANGE(airs_restart, self->restart, terms->restart);
    EXCHANGE(bool, self->significant, terms->significant);
    if (!terms->is_supervisors)
        EXCHANGE(airs_backoff, self->backoff, terms->backoff);
    os_mutex_unlock(&self->info_lock);
    if (self->supervisor != NULL)
        actor_report_send(self, ACTOR_REPORT_TERMS);
}

/// False: later.
static bool exchange(actor *self, actor_terms *terms)
{
    if (self->kind->take_terms != NULL && !self->kind->take_terms(self, terms->of_kind))
        return false;
    if (!terms->is_supervisors) {
        if (!actor_health_exchange(self, &terms->health))
            return false;
        exchange_messages(self, terms);
    }
    exchange_restart(self, terms);
    return true;
}

void actor_terms_take(actor *self)
{
    os_mutex_lock(&self->info_lock);
    actor_terms *terms = self->terms;
    self->terms_taken = terms != NULL;
    os_mutex_unlock(&self->info_lock);
    bool done = terms == NULL || exchange(self, terms);
    self->terms_wait = !done;
    os_mutex_lock(&self->info_lock);
    self->terms_taken = false;
    if (done)
        self->terms = NULL;
    os_mutex_unlock(&self->info_lock);
    if (terms != NULL && done)
        terms->told(terms, AIRS_OK);
}

void actor_terms_actor_ended(actor *self)
{
    os_mutex_lock(&self->info_lock);
    actor_terms *terms = self->terms;
    self->terms = NULL;
    os_mutex_unlock(&self->info_lock);
    if (terms != NULL)
        terms->told(terms, AIRS_E_GONE);
}
