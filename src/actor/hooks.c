// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/hooks.h"

#include <inttypes.h>
#include <stdio.h>

#include "actor/log.h"
#include "base/alloc.h"
#include "base/bytes.h"

#define MS UINT64_C(1000000)
#define TIMEOUT_MS_DEFAULT 100u
/// Calls of on_message wake the task that looks through the slots at most so often; the others each time.
#define WATCH_EVERY_NS (50 * MS)
/// Of what on_message says.
#define REASON_SIZE 128u

/// A call that is under way. Written by its worker, read by the task.
typedef struct hook_slot {
    /// 0: none. Release when it begins; acquire by the task, which then reads the others.
    BASE_ATOMIC(uint64_t) since_ns;
    BASE_ATOMIC(uint64_t) limit_ns;
    BASE_ATOMIC(const char *) name;
    BASE_ATOMIC(uint64_t) actor;
    /// The `since_ns` of the call that was reported last; the task's.
    uint64_t reported_ns;
    char pad[BASE_CACHE_LINE - 5 * sizeof(uint64_t)];
} hook_slot;

typedef struct actor_hook_watch {
    actor_space *space;
    sched_task task;
    sched_timer timer;
    /// When a call of on_message wakes the task again.
    BASE_ATOMIC(uint64_t) next_ns;
    /// One for each worker.
    hook_slot *slots;
} actor_hook_watch;

// ---------------------------------------------------------------- calls that do not return

static void report_running(actor_hook_watch *watch, hook_slot *slot, uint64_t since_ns, uint64_t now_ns)
{
    uint64_t id = base_atomic_load_relaxed(&slot->actor);
    uint64_t limit_ns = base_atomic_load_relaxed(&slot->limit_ns);
    const char *name = base_atomic_load_relaxed(&slot->name);
    // Else it has returned meanwhile, and another one may have begun.
    if (base_atomic_load_acquire(&slot->since_ns) != since_ns)
        return;
    slot->reported_ns = since_ns;
    actor_space *space = watch->space;
    sched_read read = sched_read_enter(space->sched);
    const actor *called = actor_find(space, id);
    base_log_write(&space->log, AIRS_LOG_ERROR, called == NULL ? NULL : actor_name(called),
                   "hook %s of actor %016" PRIx64 " has been running for %" PRIu64 " ms, its limit is %" PRIu64
                   " ms; it holds a worker",
                   name, id, (now_ns - since_ns) / MS, limit_ns / MS);
    sched_read_leave(space->sched, read);
}

/// Looks through the slots, and comes back when the next call may be past its limit.
static sched_verdict poll_watch(sched_task *task)
{
    actor_hook_watch *watch = ds_container_of(task, actor_hook_watch, task);
    sched *scheduler = watch->space->sched;
    uint64_t now_ns = sched_now_ns(scheduler);
    uint64_t due_ns = UINT64_MAX;
    for (uint32_t i = 0; i < sched_worker_count(scheduler); i++) {
        hook_slot *slot = &watch->slots[i];
        uint64_t since_ns = base_atomic_load_acquire(&slot->since_ns);
        if (since_ns == 0 || since_ns == slot->reported_ns)
            continue;
        uint64_t end_ns = since_ns + base_atomic_load_relaxed(&slot->limit_ns);
        if (now_ns > end_ns)
            report_running(watch, slot, since_ns, now_ns);
        else
            due_ns = end_ns < due_ns ? end_ns : due_ns;
    }
    (void)sched_timer_cancel(scheduler, &watch->timer);
    if (due_ns != UINT64_MAX)
        sched_timer_start(scheduler, &watch->timer, due_ns + 1);
    return SCHED_POLL_IDLE;
}

static void on_timer(sched_timer *timer)
{
    actor_hook_watch *watch = timer->user;
    sched_wake(watch->space->sched, &watch->task);
}

airs_status actor_hooks_init(actor_space *space)
{
    os_mutex_lock(&space->hooks_lock);
    if (space->hook_watch == NULL) {
        actor_hook_watch *made = base_alloc_zeroed(space->allocator, sizeof *made);
        size_t slots_size = sched_worker_count(space->sched) * sizeof(hook_slot);
        if (made != NULL) {
            made->space = space;
            sched_task_init(&made->task, poll_watch);
            sched_timer_init(&made->timer, on_timer, made);
            made->slots = base_alloc_aligned(space->allocator, slots_size, BASE_CACHE_LINE);
        }
        if (made != NULL && made->slots == NULL)
            base_free(space->allocator, made);
        else
            space->hook_watch = made;
    }
    airs_status status = space->hook_watch == NULL ? AIRS_E_NOMEM : AIRS_OK;
    os_mutex_unlock(&space->hooks_lock);
    return status;
}

void actor_hooks_fini(actor_space *space)
{
    if (space->hook_watch == NULL)
        return;
    base_free_aligned(space->allocator, space->hook_watch->slots);
    base_free(space->allocator, space->hook_watch);
    space->hook_watch = NULL;
}

// ---------------------------------------------------------------- a call

typedef struct hook_call {
    const char *name;
    uint64_t since_ns;
    uint64_t limit_ns;
    airs_hook_info info;
    airs_error error;
} hook_call;

static void begin_call(actor *self, const char *name, bool rare, hook_call *ret)
{
    actor_space *space = self->space;
    const airs_hooks *hooks = self->hooks;
    actor_hook_watch *watch = space->hook_watch;
    ret->name = name;
    ret->limit_ns = (hooks->timeout_ms == 0 ? TIMEOUT_MS_DEFAULT : hooks->timeout_ms) * MS;
    ret->info = (airs_hook_info){
        .id = {self->id},
        .name = actor_name(self),
        .kind = self->kind->kind,
        .component = self->component_name,
        .version = self->component_version,
        .restarts = base_atomic_load_relaxed(&self->restarts),
        .actor_user = self->user,
        .user = hooks->user,
    };
    ret->error.status = AIRS_OK;
    ret->error.text[0] = '\0';
    // It is polled on a worker, or by who runs a driven system.
    hook_slot *slot = &watch->slots[actor_space_cache(space)];
    ret->since_ns = sched_now_ns(space->sched);
    base_atomic_store_relaxed(&slot->name, name);
    base_atomic_store_relaxed(&slot->actor, self->id);
    base_atomic_store_relaxed(&slot->limit_ns, ret->limit_ns);
    base_atomic_store_release(&slot->since_ns, ret->since_ns);
    if (rare || ret->since_ns >= base_atomic_load_relaxed(&watch->next_ns)) {
        base_atomic_store_relaxed(&watch->next_ns, ret->since_ns + WATCH_EVERY_NS);
        sched_wake_last(space->sched, &watch->task);
    }
}

/// True when it was within its limit.
static bool end_call(actor *self, const hook_call *call)
{
    actor_space *space = self->space;
    uint64_t took_ns = sched_now_ns(space->sched) - call->since_ns;
    base_atomic_store_release(&space->hook_watch->slots[actor_space_cache(space)].since_ns, 0u);
    if (took_ns <= call->limit_ns)
        return true;
    actor_log(self, actor_message_in_hand(self), AIRS_LOG_WARN,
              "hook %s took %" PRIu64 " ms, its limit is %" PRIu64 " ms", call->name, took_ns / MS,
              call->limit_ns / MS);
    return false;
}

static const char *error_text(const hook_call *call, airs_status status)
{
    return call->error.text[0] == '\0' ? airs_status_text(status) : call->error.text;
}

static void log_error(actor *self, const hook_call *call, airs_status status)
{
    if (status == AIRS_OK)
        return;
    char text[sizeof call->error.text];
    (void)snprintf(text, sizeof text, "%s", error_text(call, status));
    base_text_tidy(text);
    actor_log(self, actor_message_in_hand(self), AIRS_LOG_WARN, "hook %s: %s", call->name, text);
}

// ---------------------------------------------------------------- start

typedef airs_status (*start_hook)(const airs_hook_info *info, airs_error *error);

static bool call_start_hook(actor *self, const char *name, start_hook fn, actor_failure *ret_failure)
{
    hook_call call;
    begin_call(self, name, true, &call);
    airs_status status = fn(&call.info, &call.error);
    if (!end_call(self, &call)) {
        (void)actor_fail(ret_failure, AIRS_EXIT_TIMEOUT, "the hook %s took longer than %" PRIu64 " ms", name,
                         call.limit_ns / MS);
        return false;
    }
    if (status == AIRS_OK)
        return true;
    (void)actor_fail(ret_failure, AIRS_EXIT_FAILED, "the hook %s: %.200s", name, error_text(&call, status));
    return false;
}

bool actor_hooks_pre_start(actor *self, actor_failure *ret_failure)
{
    return self->hooks == NULL || self->hooks->pre_start == NULL ||
           call_start_hook(self, "pre_start", self->hooks->pre_start, ret_failure);
}

bool actor_hooks_post_start(actor *self, actor_failure *ret_failure)
{
    return self->hooks == NULL || self->hooks->post_start == NULL ||
           call_start_hook(self, "post_start", self->hooks->post_start, ret_failure);
}

// ---------------------------------------------------------------- stop and restart

void actor_hooks_pre_stop(actor *self, airs_exit reason)
{
    if (self->hooks == NULL || self->hooks->pre_stop == NULL)
        return;
    hook_call call;
    begin_call(self, "pre_stop", true, &call);
    airs_status status = self->hooks->pre_stop(&call.info, reason, &call.error);
    (void)end_call(self, &call);
    log_error(self, &call, status);
}

void actor_hooks_post_stop(actor *self, airs_exit reason)
{
    if (self->hooks == NULL || self->hooks->post_stop == NULL)
        return;
    hook_call call;
    begin_call(self, "post_stop", true, &call);
    airs_status status = self->hooks->post_stop(&call.info, reason, &call.error);
    (void)end_call(self, &call);
    log_error(self, &call, status);
}

void actor_hooks_on_restart(actor *self, airs_exit reason, const char *text)
{
    if (self->hooks == NULL || self->hooks->on_restart == NULL)
        return;
    hook_call call;
    begin_call(self, "on_restart", true, &call);
    self->hooks->on_restart(&call.info, reason, text);
    (void)end_call(self, &call);
}

// ---------------------------------------------------------------- errors and messages

airs_error_verdict actor_hooks_on_error(actor *self, airs_exit reason, const char *text)
{
    if (self->hooks == NULL || self->hooks->on_error == NULL)
        return AIRS_ERROR_DEFAULT;
    hook_call call;
    begin_call(self, "on_error", true, &call);
    airs_error_verdict verdict = self->hooks->on_error(&call.info, reason, text);
    if (!end_call(self, &call) || (unsigned)verdict > AIRS_ERROR_ESCALATE)
        return AIRS_ERROR_DEFAULT;
    return verdict == AIRS_ERROR_RESUME && reason != AIRS_EXIT_NORMAL ? AIRS_ERROR_RESTART : verdict;
}

bool actor_hooks_pass(actor *self, envelope *mail)
{
    airs_message message = {.sender = {mail->sender},
                            .request = {mail->request},
                            .topic = envelope_topic(mail),
                            .payload = envelope_payload(mail)};
    char reason[REASON_SIZE] = "";
    hook_call call;
    begin_call(self, "on_message", false, &call);
    airs_hook_verdict verdict = self->hooks->on_message(&call.info, &message, reason);
    if (!end_call(self, &call) || verdict != AIRS_HOOK_DROP)
        return true;
    reason[sizeof reason - 1] = '\0';
    base_text_tidy(reason);
    actor_drop_for(self->space, self, mail, AIRS_DROP_HOOK, reason);
    return false;
}
