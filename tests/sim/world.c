// SPDX-License-Identifier: MIT OR Apache-2.0
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "component/host.h"

/// Polls after which a world that does not come to rest never will.
#define STEPS_MAX 2000000u

/// What everybody was doing.
static void describe(const world *self)
{
    uint32_t cursor = 0;
    ds_handle handle;
    for (const actor *cell; (cell = ds_slotmap_next(&self->space.actors, &cursor, &handle)) != NULL;) {
        fprintf(stderr, "  %-6s %-9s %-10s task %u, mailbox %u, incarnation %u", actor_name(cell), cell->component_name,
                airs_actor_state_name(cell->life.state), base_atomic_load_relaxed(&cell->task.state),
                inbox_len(&cell->inbox), cell->incarnation);
        if (cell->kind->kind == AIRS_KIND_COMPONENT) {
            const component_actor *component = component_actor_of((actor *)(uintptr_t)cell);
            fprintf(stderr, ", exports %#x, %s, waits %d", component->component->exports,
                    component->calling ? "calling" : "at rest", (int)component->wait);
        }
        fprintf(stderr, "\n");
    }
}

void world_fail(const world *self, const char *format, ...)
{
    fprintf(stderr, "at %.3f ms: ", (double)sched_sim_now_ns(self->sim) / 1e6);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n");
    describe(self);
    // The handler of SIGABRT says with which seed.
    abort();
}

uint32_t world_below(world *self, uint32_t bound)
{
    return (uint32_t)(((sched_sim_random(self->sim) >> 32) * bound) >> 32);
}

bool world_one_in(world *self, uint32_t of)
{
    return world_below(self, of) == 0;
}

mind *world_mind(world *self, uint64_t id)
{
    for (uint32_t i = 0; i < self->minds_count; i++) {
        if (self->minds[i].id == id)
            return &self->minds[i];
    }
    return NULL;
}

mind *world_mind_of_name(world *self, const char *name)
{
    if (name == NULL || (name[0] != 'a' && name[0] != 'b') || name[1] == '\0')
        return NULL;
    uint32_t index = (uint32_t)strtoul(name + 1, NULL, 10);
    return index < MINDS_MAX && strcmp(self->minds[index].name, name) == 0 ? &self->minds[index] : NULL;
}

void world_signal(world *self, uint64_t id, actor_signal signal)
{
    sched_read read = sched_read_enter(sched_sim_sched(self->sim));
    actor *target = actor_find(&self->space, id);
    if (target != NULL && world_mind(self, id) != NULL)
        actor_signal_send(target, signal);
    sched_read_leave(sched_sim_sched(self->sim), read);
}

// ---------------------------------------------------------------- participants

static void on_started(void *user, airs_status status, const char *text)
{
    mind *self = user;
    (void)text;
    self->started_calls++;
    self->world->tally->failed_starts += status == AIRS_E_FAILED;
    sched_sim_note(self->world->sim, (uint64_t)self->index << 8 | (uint64_t)status);
}

static airs_limits draw_limits(world *self)
{
    airs_limits limits = {0};
    if (plan_has(&self->plan, FEATURE_SMALL_MAILBOXES)) {
        limits.mailbox_max = 1 + world_below(self, 6);
        limits.mailbox_policy =
            world_one_in(self, 2) ? AIRS_MAILBOX_PARK_SENDER : (airs_mailbox_policy)world_below(self, 3);
    }
    if (plan_has(&self->plan, FEATURE_SHORT_LIMITS)) {
        limits.max_execution_ms = 5 + world_below(self, 50);
        limits.max_park_ms = 1 + world_below(self, 300);
        limits.start_timeout_ms = 1 + world_below(self, 100);
        limits.stop_timeout_ms = 1 + world_below(self, 100);
    }
    return limits;
}

static void forget(world *self, mind *made)
{
    *made = (mind){0};
    self->minds_count--;
}

void world_spawn(world *self)
{
    if (self->minds_count == MINDS_MAX)
        return;
    uint32_t index = self->minds_count++;
    mind *made = &self->minds[index];
    *made = (mind){.world = self, .index = index, .asking = NONE, .sending = NONE, .letter = NONE, .alive = true};
    made->reply = made->letter_again = made->reply_again = NONE;
    made->component = plan_has(&self->plan, FEATURE_COMPONENTS) && !world_one_in(self, 3);
    const written *before = disk_of(self, index);
    made->component |= before != NULL;
    made->restricted = made->component && plan_has(&self->plan, FEATURE_GRANTS) && world_one_in(self, 2);
    (void)snprintf(made->name, sizeof made->name, "%c%u", world_one_in(self, 3) ? 'b' : 'a', index);
    char number[16];
    airs_setting setting = {"deployment", number};
    if (before != NULL)
        (void)snprintf(made->name, sizeof made->name, "%s", before->name);
    if (before != NULL)
        (void)snprintf(number, sizeof number, "%u", before->setting);
    actor_options options = {
        .name = made->name,
        .supervisor = self->overseers[world_below(self, self->overseers_count)].id,
        .restart = (airs_restart)world_below(self, 3),
        .significant = self->overseers_count > 1 && world_one_in(self, 30),
        .limits = draw_limits(self),
        .config = &setting,
        .config_count = before != NULL && before->setting != NONE,
        .started_fn = on_started,
        .started_user = made,
    };
    if (plan_has(&self->plan, FEATURE_RETRIES))
        options.on_failure = (airs_on_failure){.retries = world_below(self, 3),
                                               .drop_message = world_one_in(self, 3),
                                               .clear_mailbox = world_one_in(self, 4)};
    made->retries = options.on_failure.retries;
    made->drops = options.on_failure.drop_message;
    made->max_park_ms = options.limits.max_park_ms;
    made->supervisor = options.supervisor;
    airs_status status = made->component ? guest_mind_spawn(made, &options) : native_mind_spawn(made, &options);
    if (status != AIRS_OK) {
        MUST(self, made->started_calls == 0);
        MUST(self, status == AIRS_E_NOMEM || status == AIRS_E_GONE || status == AIRS_E_STOPPING);
        forget(self, made);
    }
}

static airs_status spawn_overseer(world *self, uint32_t max_restarts, uint32_t window_ms)
{
    uint32_t index = self->overseers_count;
    overseer *made = &self->overseers[index];
    *made = (overseer){.max_restarts = max_restarts, .window_ms = window_ms};
    (void)snprintf(made->name, sizeof made->name, index == 0 ? "root" : "s%u", index);
    supervisor_options options = {
        .name = made->name,
        .supervisor = index == 0 ? 0 : self->overseers[world_below(self, index)].id,
        .max_restarts = max_restarts,
        .window_ms = window_ms,
    };
    made->supervisor = options.supervisor;
    airs_status status = supervisor_spawn(&self->space, &options, &made->id, NULL);
    self->overseers_count += status == AIRS_OK;
    return status;
}

// ---------------------------------------------------------------- making and ending

static void on_dead_letter(actor_space *space, const actor *receiver, envelope *mail, airs_drop_reason reason,
                           const char *text)
{
    world *self = ds_container_of(space, world, space);
    books_dead_letter(self, receiver, mail, reason);
    self->router_dead_letter(space, receiver, mail, reason, text);
}

static airs_status make_system(world *self)
{
    base_log log = {rules_on_log, self, AIRS_LOG_INFO};
    airs_status status =
        actor_space_init(&self->space, sched_sim_sched(self->sim), 1u << 16, &self->fault.allocator, &log);
    self->space_made = status == AIRS_OK;
    if (status == AIRS_OK)
        status = router_init(&self->router, &self->space);
    self->router_made = status == AIRS_OK;
    if (status != AIRS_OK)
        return status;
    // Where a name lies in a table says when the table grows, and so when memory is asked for.
    self->space.names.key = self->router.topics.key = (base_hash_key){self->plan.seed, 1};
    self->router_dead_letter = self->space.dead_letter;
    self->space.dead_letter = on_dead_letter;
    self->space.event_fn = rules_on_event;
    self->space.event_user = self;
    self->components = (component_space){.actors = &self->space, .ticker = &self->ticker};
    if (!template_versions_init(&self->components.versions, self->space.allocator))
        return AIRS_E_NOMEM;
    engine_host host;
    component_host_init(&self->components, &host);
    (void)engine_create(NULL, &host, &self->machine, NULL);
    // There is room for some of those that are made ready for a swap, or for all of them, or for none.
    static const uint32_t rooms[] = {0, 12, 1000};
    self->components.room =
        (component_room){.engine = self->machine, .instances_max = rooms[self->plan.seed % 3], .memory_max = 8 * 65536};
    guest_use(self);
    status = spawn_overseer(self, 256, 5000);
    for (uint32_t i = 0; status == AIRS_OK && i < self->plan.supervisors; i++) {
        uint32_t max_restarts = world_below(self, 5);
        status = spawn_overseer(self, max_restarts, 1 + world_below(self, 3000));
    }
    return status;
}

bool world_was_starved(const world *self)
{
    return self->starved || base_alloc_fault_hit(&self->fault);
}

void world_starve(world *self, uint64_t at, uint64_t count)
{
    self->starved |= base_alloc_fault_hit(&self->fault);
    base_alloc_fault_arm(&self->fault, at, count);
}

static void inject_faults(world *self)
{
    uint64_t at = 1 + world_below(self, 400);
    world_starve(self, at, world_one_in(self, 3) ? 1 + world_below(self, 60) : 1);
}

static airs_status make(world *self, uint64_t seed, const workload *which)
{
    plan_draw(&self->plan, seed, which);
    steps_aim(self);
    self->ops_left = self->plan.ops;
    base_alloc_fault_init(&self->fault);
    if (sched_sim_create(seed, NULL, &self->sim) != AIRS_OK)
        abort();
    bool starved = plan_has(&self->plan, FEATURE_NO_MEMORY);
    if (starved && world_one_in(self, 4))
        inject_faults(self);
    airs_status status = make_system(self);
    MUST(self, status == AIRS_OK || world_was_starved(self));
    if (starved && status == AIRS_OK)
        inject_faults(self);
    return status;
}

static void add_up(world *self)
{
    const ledger *books = &self->ledger;
    tally *total = self->tally;
    airs_metrics metrics = {0};
    actor_space_metrics(&self->space, &metrics);
    total->letters += books->letters_count;
    total->handled += books->messages_seen;
    total->dead_gone += books->dead_gone;
    total->dead_full += books->dead_full;
    total->dead_poison += books->dead_poison;
    total->dead_refused += books->dead_refused;
    total->announced += books->announced;
    total->questions += books->questions_count;
    for (uint32_t i = 0; i < books->questions_count; i++) {
        total->cancelled += books->questions[i].cancelled;
        total->abandoned += books->questions[i].abandoned;
    }
    total->late_replies += metrics.replies_late;
    total->downs += books->downs_seen;
    total->restarts += metrics.restarts;
    total->failed_allocations += base_atomic_load_relaxed(&self->fault.failed);
    total->stopped_in_middle += plan_has(&self->plan, FEATURE_STOP_IN_MIDDLE);
}

/// All has ended: takes the parts down, and nothing is left of them.
static void unmake(world *self)
{
    deploys_end(self);
    if (self->router_made)
        router_fini(&self->router);
    if (self->space_made)
        actor_space_fini(&self->space);
    engine_destroy(self->machine);
    template_versions_fini(&self->components.versions);
    MUST(self, base_alloc_fault_live(&self->fault) == 0);
    sched_sim_destroy(self->sim);
}

// ---------------------------------------------------------------- running

static void run_some(world *self)
{
    uint64_t until_ns = sched_sim_now_ns(self->sim) + world_below(self, 60) * UINT64_C(1000000);
    (void)sched_sim_run(self->sim, until_ns, 1 + world_below(self, 60));
    if (plan_has(&self->plan, FEATURE_TIME_PASSES) && world_one_in(self, 3))
        sched_sim_pass(self->sim, world_below(self, 30) * UINT64_C(1000000));
}

/// Runs until nothing is left to wait for. Each time the clock is about to move, nobody may have been forgotten.
static void run_to_rest(world *self)
{
    for (uint64_t steps = 0;; steps++) {
        sched_sim_end end = sched_sim_run(self->sim, sched_sim_now_ns(self->sim), STEPS_MAX);
        if (end == SCHED_SIM_STEPS || steps > STEPS_MAX)
            world_fail(self, "it does not come to rest");
        rules_check_still(self);
        bool wound_down = deploys_wind_down(self);
        if (end == SCHED_SIM_QUIET && !wound_down)
            return;
        (void)sched_sim_run(self->sim, OS_NEVER, 1);
    }
}

/// Alarms that come again and again would keep the world awake.
static void end_alarms(world *self)
{
    uint32_t cursor = 0;
    ds_handle handle;
    for (actor *cell; (cell = ds_slotmap_next(&self->space.actors, &cursor, &handle)) != NULL;)
        alarms_end(&self->router.alarms, cell);
}

/// Permanent ones whose task is soon done would begin it again and again, seldom enough for their supervisors.
static void end_mains(world *self)
{
    for (uint32_t i = 0; i < self->minds_count; i++) {
        if (self->minds[i].exports == ENGINE_EXPORT_MAIN)
            world_signal(self, self->minds[i].id, ACTOR_SIGNAL_STOP);
    }
}

static void end_pauses(world *self)
{
    for (uint32_t i = 0; i < self->minds_count && plan_has(&self->plan, FEATURE_PAUSES); i++)
        world_signal(self, self->minds[i].id, ACTOR_SIGNAL_RESUME);
}

static void live(world *self)
{
    uint32_t minds = self->is_back ? self->disk->count : self->plan.minds;
    for (uint32_t i = 0; i < minds; i++)
        world_spawn(self);
    if (self->minds_count == 0)
        return;
    uint32_t rounds = self->plan.rounds;
    if (plan_has(&self->plan, FEATURE_DEPLOYS))
        rounds *= steps_are_calm(self) ? 8 : 2;
    for (uint32_t round = 0; round < rounds && !self->killed; round++) {
        for (uint32_t acts = world_below(self, 6); acts > 0 && self->minds_count > 0; acts--)
            host_acts(self);
        run_some(self);
    }
    if (plan_has(&self->plan, FEATURE_STOP_IN_MIDDLE) || self->killed)
        return;
    self->winding_down = true;
    end_pauses(self);
    end_mains(self);
    end_alarms(self);
    run_to_rest(self);
    // Those set in the same moment.
    end_alarms(self);
    run_to_rest(self);
    rules_check_quiet(self);
}

static void end(world *self)
{
    base_atomic_store_release(&self->space.stopping, true);
    sched_read read = sched_read_enter(sched_sim_sched(self->sim));
    actor *root = self->overseers_count == 0 ? NULL : actor_find(&self->space, self->overseers[0].id);
    if (root != NULL)
        actor_signal_send(root, ACTOR_SIGNAL_STOP);
    sched_read_leave(sched_sim_sched(self->sim), read);
    run_to_rest(self);
    rules_check_ended(self);
}

/// From its making to its end. What a killed one does after that is seen by nobody; only, nothing of it may be left.
static uint64_t run_one(world *self, uint64_t seed, const workload *which)
{
    airs_status status = make(self, seed, which);
    if (status == AIRS_OK)
        live(self);
    if (self->router_made) {
        end(self);
        add_up(self);
    }
    uint64_t hash = sched_sim_hash(self->sim);
    unmake(self);
    return hash;
}

uint64_t world_run(uint64_t seed, const workload *which, tally *total)
{
    static world self;
    static disk written_down;
    written_down = (disk){0};
    self = (world){.tally = total, .disk = &written_down};
    uint64_t hash = run_one(&self, seed, which);
    // Killed again and again, it comes back with what is written down.
    for (uint32_t lives = 1; self.killed && lives < 4; lives++) {
        written_down.failing = 0;
        self = (world){.tally = total, .disk = &written_down, .is_back = true};
        hash = hash * 31 + run_one(&self, seed + lives * UINT64_C(1000003), which);
    }
    return hash;
}
