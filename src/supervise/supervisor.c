// SPDX-License-Identifier: MIT OR Apache-2.0
#include "supervise/supervisor_impl.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"

static supervisor *of(actor *cell)
{
    return ds_container_of(cell, supervisor, cell);
}

static const supervisor *of_const(const actor *cell)
{
    return (const supervisor *)(const void *)cell;
}

// ---------------------------------------------------------------- reports

/// The next child with reports; `*ret_reports` is taken from it. NULL when there is none.
static actor *take_reporter(supervisor *self, uint32_t *ret_reports, bool *ret_yield)
{
    *ret_yield = false;
    for (;;) {
        ds_mailbox_node *node;
        switch (ds_mailbox_pop(&self->reports, &node)) {
        case DS_MAILBOX_NODE: {
            actor *child = ds_container_of(node, actor, report_node);
            *ret_reports = base_atomic_exchange_acq_rel(&child->reports, 0u);
            return child;
        }
        case DS_MAILBOX_BUSY:
            *ret_yield = true;
            return NULL;
        case DS_MAILBOX_EMPTY:
            if (ds_mailbox_sleep(&self->reports))
                return NULL;
            break;
        }
    }
}

static void forget(supervisor *self, actor *child)
{
    supervise_wait_no_more(self, child);
    supervise_controls_answer(&self->controls, child, AIRS_E_GONE, "");
    (void)base_atomic_fetch_sub_relaxed(&self->children, 1u);
    actor_release(child);
}

static void on_ended(supervisor *self, actor *child)
{
    actor_failure end = supervise_end_of(child);
    supervise_event event = {.kind = SUPERVISE_ON_ENDED, .child = &child->place, .end = {end.reason, end.verdict}};
    supervise_tell(self, event);
}

/// An old timer may have fired just when it was cancelled and started anew.
static void on_due(supervisor *self, actor *child)
{
    if (child->backoff_due_ns == 0 || supervise_now_ns(self) < child->backoff_due_ns)
        return;
    child->backoff_due_ns = 0;
    supervise_tell_of(self, SUPERVISE_ON_DUE, child);
}

/// How the child is started again: as it is known to others, from now on also to the machine.
static void take_terms_of(supervisor *self, actor *child)
{
    actor_child *place = &child->place;
    os_mutex_lock(&child->info_lock);
    place->restart = child->restart;
    place->significant = child->significant;
    place->own_backoff = child->backoff;
    os_mutex_unlock(&child->info_lock);
    place->backoff = place->own_backoff.kind == AIRS_BACKOFF_INHERIT ? &self->backoff : &place->own_backoff;
}

/// In the order in which it happened: a child is started again only after its end was taken in. One that is gone by now
/// needs no decision any more.
static void take_in(supervisor *self, actor *child, uint32_t reports)
{
    if (reports & ACTOR_REPORT_ADD)
        supervise_tell_of(self, SUPERVISE_ON_ADD, child);
    if (reports & ACTOR_REPORT_TERMS)
        take_terms_of(self, child);
    if (reports & ACTOR_REPORT_GONE) {
        supervise_tell_of(self, SUPERVISE_ON_GONE, child);
        forget(self, child);
        return;
    }
    if (reports & ACTOR_REPORT_READY)
        supervise_tell_of(self, SUPERVISE_ON_READY, child);
    if (reports & ACTOR_REPORT_ENDED)
        on_ended(self, child);
    if (reports & ACTOR_REPORT_DUE)
        on_due(self, child);
}

static void take_control(supervisor *self, supervise_verb verb, actor *child)
{
    static const supervise_event_kind events[] = {
        SUPERVISE_ON_RESTART,
        SUPERVISE_ON_QUARANTINE,
        SUPERVISE_ON_RELEASE,
    };
    if (child->place.place == ACTOR_PLACE_GONE)
        supervise_controls_answer_last(&self->controls, AIRS_E_GONE);
    else if (verb == SUPERVISE_VERB_RELEASE && !supervise_is_held(&child->place))
        supervise_controls_answer_last(&self->controls, AIRS_E_INVALID);
    else
        supervise_tell_of(self, events[verb], child);
    actor_release(child);
}

/// Takes in one thing. False when there was nothing: `*ret_progress` is how to go on.
static bool take_one(supervisor *self, actor_progress *ret_progress)
{
    *ret_progress = ACTOR_YIELDED;
    if (self->cell.slice_left == 0)
        return false;
    self->cell.slice_left--;
    uint32_t reports;
    bool yield;
    actor *reporter = take_reporter(self, &reports, &yield);
    if (yield)
        return false;
    if (reporter != NULL) {
        take_in(self, reporter, reports);
        return true;
    }
    supervise_verb verb;
    actor *child;
    if (supervise_controls_take(&self->controls, &verb, &child)) {
        take_control(self, verb, child);
        return true;
    }
    *ret_progress = ACTOR_WAITING;
    return false;
}

/// Goes on until the machine has said something of the supervisor.
static actor_progress go_on(supervisor *self)
{
    actor_progress progress = ACTOR_DONE;
    while (self->outcome == SUPERVISE_OUTCOME_NONE && !self->exits && take_one(self, &progress))
        continue;
    return self->outcome == SUPERVISE_OUTCOME_NONE && !self->exits ? progress : ACTOR_DONE;
}

// ---------------------------------------------------------------- the dual contract

/// A machine that is not down is at work: the first time, without children. The cause says less: one that was halted
/// before it was ready begins a fresh incarnation with those that came meanwhile.
static actor_progress start(actor *cell, airs_start_cause cause, actor_failure *ret_failure)
{
    (void)cause;
    // Set by the machine, in the cell's own.
    (void)ret_failure;
    supervisor *self = of(cell);
    if (!self->state.down)
        return ACTOR_DONE;
    // Told to end while its children come up, it brings down what there is of them: one may hang in its start.
    if (actor_is_told_to_end(cell)) {
        self->comes_up = false;
        self->outcome = SUPERVISE_OUTCOME_NONE;
        return ACTOR_DONE;
    }
    if (!self->comes_up) {
        self->comes_up = true;
        self->outcome = SUPERVISE_OUTCOME_NONE;
        supervise_tell(self, (supervise_event){.kind = SUPERVISE_ON_COME_UP});
    }
    actor_progress progress = go_on(self);
    if (progress != ACTOR_DONE)
        return progress;
    self->comes_up = false;
    bool up = self->outcome == SUPERVISE_OUTCOME_UP;
    self->outcome = SUPERVISE_OUTCOME_NONE;
    return up ? ACTOR_DONE : ACTOR_FAILED;
}

static actor_progress drain(actor *cell, actor_failure *ret_failure)
{
    (void)ret_failure;
    supervisor *self = of(cell);
    actor_progress progress = go_on(self);
    if (progress != ACTOR_WAITING)
        return progress == ACTOR_DONE ? ACTOR_EXITED : progress;
    for (;;) {
        // Messages to a supervisor have no meaning, but must not pile up.
        bool yield;
        envelope *message = actor_take(cell, &yield);
        if (message == NULL)
            return yield ? ACTOR_YIELDED : ACTOR_DONE;
        static const char text[] = "a supervisor takes no messages";
        actor_settle_failed(cell, (airs_bytes){(const uint8_t *)text, sizeof text - 1});
    }
}

/// Brings the children down, the last first. That may become for good on the way; nobody restarts the root.
static actor_progress stop(actor *cell, airs_stop_reason reason, actor_failure *ret_failure)
{
    (void)reason;
    (void)ret_failure;
    supervisor *self = of(cell);
    bool for_good = cell->life.stop_requested || cell->supervisor == NULL;
    if (!self->comes_down || for_good != self->for_good) {
        self->comes_down = true;
        self->for_good = for_good;
        self->outcome = SUPERVISE_OUTCOME_NONE;
        self->exits = false;
        supervise_tell(self, (supervise_event){.kind = SUPERVISE_ON_COME_DOWN, .for_good = for_good});
    }
    return go_on(self);
}

/// Its children go with it, if they have not gone before.
static void destroy(actor *cell, bool failed)
{
    (void)failed;
    supervisor *self = of(cell);
    self->comes_up = false;
    self->comes_down = false;
    self->outcome = SUPERVISE_OUTCOME_NONE;
    self->exits = false;
    supervise_tell(self, (supervise_event){.kind = SUPERVISE_ON_KILLED});
}

/// Children that are left when it ends for good were halted, or it was killed: they end too, and `unreachable` takes
/// their last reports.
static void ending(actor *cell)
{
    supervisor *self = of(cell);
    supervise_controls_close(&self->controls);
    ds_list_each (link, &self->state.children) {
        actor *child = supervise_cell_of(ds_container_of(link, actor_child, siblings));
        supervise_wait_no_more(self, child);
        actor_signal_send(child, ACTOR_SIGNAL_STOP);
    }
}

/// Lets go of the children: each is forgotten when it is gone, or made an orphan that will give back its own count.
static bool unreachable(actor *cell)
{
    supervisor *self = of(cell);
    uint32_t reports;
    bool yield;
    for (actor *child = take_reporter(self, &reports, &yield); child != NULL;
         child = take_reporter(self, &reports, &yield)) {
        if (reports & ACTOR_REPORT_ADD) {
            ds_list_push_back(&self->state.children, &child->place.siblings);
            actor_signal_send(child, ACTOR_SIGNAL_STOP);
        }
        if (reports & ACTOR_REPORT_GONE) {
            ds_list_remove(&child->place.siblings);
            actor_release(child);
        }
    }
    ds_list_each (link, &self->state.children) {
        // One whose reports are not empty is about to be pushed, or has been just now: the next time, then.
        actor *child = supervise_cell_of(ds_container_of(link, actor_child, siblings));
        uint32_t none = 0;
        if (base_atomic_cas_acq_rel(&child->reports, &none, (uint32_t)ACTOR_REPORT_ORPHAN))
            ds_list_remove(link);
    }
    return !yield && ds_list_empty(&self->state.children);
}

/// Any thread.
static void take_report(actor *cell, actor *child)
{
    if (ds_mailbox_push(&of(cell)->reports, &child->report_node))
        sched_wake(cell->space->sched, &cell->task);
}

/// Any thread, with a count on the cell.
static airs_status admit(actor *cell, actor *child, airs_error *error)
{
    supervisor *self = of(cell);
    uint32_t before = base_atomic_fetch_add_relaxed(&self->children, 1u);
    uint32_t most = base_atomic_load_relaxed(&self->children_max);
    if (most != 0 && before >= most) {
        (void)base_atomic_fetch_sub_relaxed(&self->children, 1u);
        return base_error_set(error, AIRS_E_LIMIT, "\"%s\" has children_max children, %" PRIu32, actor_name(cell),
                              most);
    }
    child->place =
        (actor_child){.restart = child->restart, .significant = child->significant, .own_backoff = child->backoff};
    ds_list_init(&child->place.siblings);
    ds_list_init(&child->place.line);
    child->place.backoff = child->backoff.kind == AIRS_BACKOFF_INHERIT ? &self->backoff : &child->place.own_backoff;
    return AIRS_OK;
}

static void dismiss(actor *cell)
{
    (void)base_atomic_fetch_sub_relaxed(&of(cell)->children, 1u);
}

static void fini(actor *cell)
{
    supervisor *self = of(cell);
    supervise_fini(&self->state);
    if (self->child_template.made != NULL)
        self->child_template.release(self->child_template.made, cell->space->allocator);
}

static const actor_child_fns child_fns = {.start = start, .stop = stop, .destroy = destroy};
static const actor_message_fns message_fns = {.drain = drain};
static const actor_kind supervisor_kind = {
    .kind = AIRS_KIND_SUPERVISOR,
    .child = &child_fns,
    .messages = &message_fns,
    .take_report = take_report,
    .admit = admit,
    .dismiss = dismiss,
    .ending = ending,
    .unreachable = unreachable,
    .take_terms = supervise_take_terms,
    .fini = fini,
};

// ---------------------------------------------------------------- making

airs_status supervise_check(const supervisor_options *options, airs_error *error)
{
    if ((unsigned)options->strategy > AIRS_SIMPLE_ONE_FOR_ONE)
        return base_error_set(error, AIRS_E_INVALID, "strategy %d is none", (int)options->strategy);
    if ((unsigned)options->auto_shutdown > AIRS_AUTO_SHUTDOWN_NEVER)
        return base_error_set(error, AIRS_E_INVALID, "auto_shutdown %d is none", (int)options->auto_shutdown);
    if (options->max_restarts > SUPERVISE_RESTARTS_MAX)
        return base_error_set(error, AIRS_E_INVALID, "max_restarts is %" PRIu32 ", the largest is %u",
                              options->max_restarts, SUPERVISE_RESTARTS_MAX);
    return AIRS_OK;
}

/// The machine's generator comes from the system's secret: a simulation, which sets that, draws the same each time.
static void init_machine(supervisor *self, actor_space *space, const supervisor_options *options)
{
    uint64_t serial = base_atomic_load_relaxed(&space->spawned);
    supervise_settings settings = {
        .strategy = options->strategy,
        .auto_shutdown = options->auto_shutdown,
        .max_restarts = options->max_restarts,
        .window_ms = options->window_ms,
        .seed = base_hash(space->names.key, &serial, sizeof serial),
        .allocator = space->allocator,
    };
    supervise_init(&self->state, &settings);
    base_atomic_init(&self->children_max, options->children_max);
    self->simple = options->strategy == AIRS_SIMPLE_ONE_FOR_ONE;
    self->child_template = options->child_template;
    supervise_controls_init(&self->controls);
    ds_mailbox_init(&self->reports);
}

airs_status supervisor_spawn(actor_space *space, const supervisor_options *options, uint64_t *ret_id, airs_error *error)
{
    airs_backoff backoff = options->backoff;
    airs_status status = supervise_check(options, error);
    if (status == AIRS_OK)
        status = actor_backoff_complete(&backoff, error);
    if (status != AIRS_OK)
        return status;
    supervisor *self = base_alloc_aligned(space->allocator, sizeof *self, BASE_CACHE_LINE);
    if (self == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a supervisor");
    init_machine(self, space, options);
    self->backoff = backoff;
    actor_options cell_options = {
        .name = options->name,
        .supervisor = options->supervisor,
        .restart = options->restart,
        .significant = options->significant,
        .component_name = airs_strategy_name(options->strategy),
        .component_version = "",
        .started_fn = options->started_fn,
        .started_user = options->started_user,
        // Its children have their own limits: it waits for all of them.
        .limits = {.start_timeout_ms = AIRS_TIME_MAX_MS, .stop_timeout_ms = AIRS_TIME_MAX_MS},
    };
    status = actor_spawn(space, &self->cell, &supervisor_kind, &cell_options, ret_id, error);
    if (status != AIRS_OK)
        base_free_aligned(space->allocator, self);
    return status;
}

// ---------------------------------------------------------------- looking, and asking

void *supervisor_template_of(const actor *cell)
{
    return of_const(cell)->child_template.made;
}

bool supervisor_is_simple(const actor *cell)
{
    return of_const(cell)->simple;
}

uint32_t supervisor_children(const actor *cell)
{
    return base_atomic_load_relaxed(&of_const(cell)->children);
}

/// Whether a supervisor above is held, so that nobody would take in a control.
static airs_status check_above(const actor *child, airs_error *error)
{
    for (const actor *it = child->supervisor; it != NULL; it = it->supervisor) {
        if (base_atomic_load_acquire(&it->hold) == AIRS_HOLD_QUARANTINED)
            return base_error_set(error, AIRS_E_FAILED, "\"%s\", above it, is quarantined", actor_name(it));
    }
    return AIRS_OK;
}

static airs_status send_control(actor *child, supervise_control *control, airs_error *error)
{
    actor *over = child->supervisor;
    if (over == NULL)
        return base_error_set(error, AIRS_E_INVALID, "the root has no supervisor");
    airs_status status = check_above(child, error);
    if (status != AIRS_OK)
        return status;
    control->child = child;
    if (!actor_retain(child))
        return base_error_set(error, AIRS_E_GONE, "%s", airs_status_text(AIRS_E_GONE));
    if (!supervise_controls_push(&of(over)->controls, control)) {
        actor_release(child);
        return base_error_set(error, AIRS_E_GONE, "%s", airs_status_text(AIRS_E_GONE));
    }
    sched_wake(child->space->sched, &over->task);
    return AIRS_OK;
}

airs_status supervisor_control(actor_space *space, uint64_t child, supervise_control *control, airs_error *error)
{
    sched_read read = sched_read_enter(space->sched);
    actor *found = actor_find(space, child);
    airs_status status = found == NULL ? base_error_set(error, AIRS_E_GONE, "%s", airs_status_text(AIRS_E_GONE))
                                       : send_control(found, control, error);
    sched_read_leave(space->sched, read);
    return status;
}

bool supervisor_take_back(actor *child, supervise_control *control)
{
    return supervise_controls_take_back(&of(child->supervisor)->controls, control);
}
