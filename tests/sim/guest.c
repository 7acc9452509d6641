// SPDX-License-Identifier: MIT OR Apache-2.0
/// Participants that are components: the brain of the scripted engine.
#include <stdio.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/bytes.h"
#include "component/exchange.h"
#include "world.h"

static mind *mind_of(void *user, void *actor_pointer)
{
    component_actor *component = actor_pointer;
    mind *found = world_mind_of_name(user, component->cell.name);
    AIRS_ASSERT(found != NULL);
    sides_look(found, component);
    return found;
}

static void tick_passes(void *user)
{
    world *here = user;
    (void)base_atomic_fetch_add_relaxed(&here->ticker.ticks, 1u);
    if (plan_has(&here->plan, FEATURE_TIME_PASSES))
        sched_sim_pass(here->sim, WASM_TICK_NS);
}

static bool copies_slowly(void *user)
{
    world *here = user;
    return plan_has(&here->plan, FEATURE_SLOW_COPIES) && world_one_in(here, 4);
}

static void begins(void *user, void *actor_pointer, script_call call)
{
    mind *self = mind_of(user, actor_pointer);
    // Of what a component exports, the first call there is begins its incarnation.
    const component_actor *component = actor_pointer;
    bool upgrading = component->cell.life.state == AIRS_ACTOR_UPGRADING;
    if (call == SCRIPT_INSTANTIATE && !upgrading)
        books_incarnation_begins(self);
    else if (call == SCRIPT_INSTANTIATE)
        sides_bring_up(self, component);
    else
        sides_take_spare(self, component);
    if (call == SCRIPT_LOAD)
        sides_loads(self, component);
    if (call == SCRIPT_RUN && self->leaves)
        self->leaves = self->exits = false;
    if (upgrading)
        return;
    if (call == SCRIPT_STOP)
        self->in_event = false;
    self->letter = NONE;
    self->in_hand = (debt){0};
}

static void sees(void *user, void *actor_pointer, const engine_message *message, const engine_reply *reply,
                 uint64_t knew)
{
    mind *self = mind_of(user, actor_pointer);
    sides_take_spare(self, actor_pointer);
    if (message != NULL) {
        sides_know(self, actor_pointer, knew);
        airs_message seen = {.sender = {message->sender},
                             .request = {message->request},
                             .topic = exchange_from_engine(message->topic),
                             .payload = exchange_from_engine(message->payload)};
        MUST(self->world, message->has_topic == (message->topic.data != NULL));
        books_sees_message(self, &seen);
    } else if (reply != NULL) {
        static const airs_status failures[] = {AIRS_E_GONE, AIRS_E_TIMEOUT, AIRS_E_DEADLOCK, AIRS_E_FAILED, AIRS_OK};
        airs_reply seen = {{reply->request}, failures[reply->outcome.tag], exchange_from_engine(reply->outcome.data)};
        books_sees_reply(self, &seen);
    } else {
        // `none`: it is to return from `run`.
        self->ops_left = 0;
        self->leaves |= !self->exits;
        self->exits = true;
    }
}

static bool may_fail_to_start(mind *self, script_call call)
{
    return call == SCRIPT_START && plan_has(&self->world->plan, FEATURE_FAILING_STARTS) && world_one_in(self->world, 8);
}

/// What stands at the end of an event: of a guest with `batch` the wish for the next one.
static void end_event(mind *self, script_call call, op *ret)
{
    bool in_event = self->in_event;
    if (in_event)
        books_settled(self, ret);
    if (call != SCRIPT_RUN) {
        if (!in_event)
            ret->settle = may_fail_to_start(self, call) ? SETTLE_ERROR : SETTLE_DONE;
        return;
    }
    // Now and then it leaves `run` of its own accord.
    if (!self->exits && !(ret->settle == SETTLE_DONE && world_one_in(self->world, 30)))
        ret->kind = OP_NEXT;
}

static void note_waiting(mind *self, const op *decided)
{
    if (decided->kind == OP_ASK)
        self->asking = decided->question;
    if (decided->kind == OP_SEND)
        self->sending = decided->letter;
}

static void decide(void *user, void *actor_pointer, script_call call, uint32_t version, op *ret)
{
    mind *self = mind_of(user, actor_pointer);
    const component_actor *component = actor_pointer;
    if (steps_decide(self, component, call, version, ret)) {
        note_waiting(self, ret);
        return;
    }
    // The worst of them fall now and then.
    uint32_t one_in = steps_wants_back(self->world) ? 1 : 6;
    if (version > VERSIONS_GOOD && self->in_event && !steps_are_calm(self->world) &&
        world_one_in(self->world, one_in)) {
        ret->kind = OP_TRAP;
        // Just then it is told to go back.
        if (world_one_in(self->world, 4))
            (void)deploys_abort(self);
        return;
    }
    if (call == SCRIPT_INSTANTIATE) {
        ret->kind = OP_RETURN;
        return;
    }
    mind_decide(self, ret);
    note_waiting(self, ret);
    if (ret->kind == OP_RETURN)
        end_event(self, call, ret);
}

static void done(void *user, void *actor_pointer, const op *finished, const op_result *result)
{
    books_done(mind_of(user, actor_pointer), finished, result);
}

static void dropped(void *user, void *actor_pointer, const op *pending)
{
    mind *self = mind_of(user, actor_pointer);
    const component_actor *component = actor_pointer;
    const envelope *in_hand = component->cell.in_hand;
    if (pending != NULL)
        books_dropped(self, pending);
    else if (in_hand != NULL && in_hand->kind == ENVELOPE_REPLY) {
        self->world->ledger.replies_unseen++;
        self->missed_reply = true;
    }
}

static void saves(void *user, void *actor_pointer, script_state state)
{
    sides_saved(mind_of(user, actor_pointer), actor_pointer, state);
}

static void loads(void *user, void *actor_pointer, script_state state)
{
    sides_loaded(mind_of(user, actor_pointer), actor_pointer, state);
}

void guest_use(world *self)
{
    static script_brain brain;
    brain = (script_brain){
        .sched = sched_sim_sched(self->sim),
        .tick_passes = tick_passes,
        .copies_slowly = copies_slowly,
        .begins = begins,
        .sees = sees,
        .decide = decide,
        .saves = saves,
        .loads = loads,
        .done = done,
        .dropped = dropped,
        .user = self,
    };
    script_use(&brain);
}

/// One that calls, one that batches, or one that only runs.
static uint32_t draw_exports(world *here)
{
    if (plan_has(&here->plan, FEATURE_MAINS) && world_one_in(here, 8))
        return ENGINE_EXPORT_MAIN;
    uint32_t exports = ENGINE_EXPORT_ACTOR | ENGINE_EXPORT_REPLIES;
    bool leaves = plan_has(&here->plan, FEATURE_DEPLOYS) && steps_wants_leaving(here);
    if (leaves || (plan_has(&here->plan, FEATURE_BATCH) && world_one_in(here, 2)))
        exports |= ENGINE_EXPORT_BATCH;
    if (!world_one_in(here, 3))
        exports |= ENGINE_EXPORT_CHILD;
    // What is begun in a list is known to the host only later, so the books could not tell a second try.
    if ((exports & ENGINE_EXPORT_BATCH) != 0 && world_one_in(here, 2) && !plan_has(&here->plan, FEATURE_RETRIES))
        exports |= SCRIPT_TAKES_LISTS;
    if (plan_has(&here->plan, FEATURE_DEPLOYS))
        exports |=
            (world_one_in(here, 5) ? 0u : ENGINE_EXPORT_STATE) | (world_one_in(here, 2) ? ENGINE_EXPORT_HEALTH : 0u);
    return exports;
}

uint32_t guest_version(const airs_component *of)
{
    return (uint32_t)strtoul(of->metadata.version, NULL, 10);
}

airs_status guest_load(world *here, uint32_t exports, uint32_t version, airs_component **ret)
{
    uint32_t says = exports | version * SCRIPT_VERSION;
    uint8_t wasm[4] = {(uint8_t)says, (uint8_t)(says >> 8), (uint8_t)(says >> 16), (uint8_t)(says >> 24)};
    wasm_cache off = {.folder = -1};
    wasm_compiler within = {.allocator = here->space.allocator, .path = ""};
    airs_status status = wasm_component_load(here->machine, &off, &within, (airs_bytes){wasm, sizeof wasm}, ret, NULL);
    if (status == AIRS_OK)
        (void)snprintf((*ret)->metadata.version, sizeof(*ret)->metadata.version, "%u.0.0", version);
    return status;
}

airs_status guest_mind_spawn(mind *self, const actor_options *options)
{
    world *here = self->world;
    static const char *const all[] = {"*"}, *const some[] = {"a*", "root", "s*"}, *const everything[] = {">"};
    airs_spawn_options granted = {
        .may_send = self->restricted ? some : all,
        .may_send_count = self->restricted ? 3 : 1,
        .may_publish = everything,
        .may_publish_count = 1,
        .may_subscribe = everything,
        .may_subscribe_count = 1,
        .may_register = all,
        .may_register_count = 1,
    };
    const written *before = disk_of(here, self->index);
    self->exports = before != NULL ? before->exports : draw_exports(here);
    // Every other one is told its settings while it runs.
    if (plan_has(&here->plan, FEATURE_DEPLOYS) && (self - here->minds) % 2 == 0)
        self->exports |= ENGINE_EXPORT_RECONFIGURE;
    uint32_t version = before != NULL ? before->version : 0;
    airs_component *component;
    airs_status status = guest_load(here, self->exports, version, &component);
    if (status != AIRS_OK)
        return status;
    status = component_actor_spawn(&here->components, component, options, &granted, NULL, &self->id, NULL);
    airs_component_release(component);
    if (status == AIRS_OK)
        disk_add(self, self->exports, version);
    return status;
}
