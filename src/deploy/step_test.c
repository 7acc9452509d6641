// SPDX-License-Identifier: MIT OR Apache-2.0
/// The decisions of a deployment, against targets that do what a seed says: they refuse, are late, break, fall on
/// probation and end, at each step of the way there and back.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/testing.h"
#include "deploy/step.h"

#define TARGETS_MAX 12u
#define SEEDS 20000u
#define STEPS_MAX 10000u

/// A target as it really is, beside what the machine thinks.
typedef struct target {
    bool is_new;
    bool is_split;
    bool gone;
    bool released;
    bool falling;
    /// The order that it has.
    bool ordered;
    deploy_action_kind order;
    /// It carries it out; or was told to wait with that.
    bool begun;
    bool waits;
} target;

typedef struct run {
    uint64_t seed;
    base_random random;
    deploy_state state;
    deploy_place places[TARGETS_MAX];
    target targets[TARGETS_MAX];
    /// One in so many times something goes wrong; 0: never.
    uint32_t trouble;
    bool time_runs;
    bool finished;
    /// Somebody has promoted the canary, while it ran.
    bool promoted;
    uint32_t holds;
    uint32_t swaps;
    uint32_t waited;
    uint32_t voided;
    uint32_t shown;
} run;

static run here;

static void holds(bool it_does, int line, const char *what)
{
    if (!it_does)
        fail_msg("seed %" PRIu64 ", line %d: %s", here.seed, line, what);
}

#define HOLDS(expression) holds((expression), __LINE__, #expression)

static uint32_t below(uint32_t bound)
{
    return base_random_below(&here.random, bound);
}

static bool trouble(void)
{
    return here.trouble != 0 && below(here.trouble) == 0;
}

static void tell(deploy_event_kind kind, uint32_t index)
{
    deploy_step(&here.state, &(deploy_event){kind, index});
}

/// Nothing is swapped before all of a smaller rank are, nothing put back before all of a larger one.
static void check_rank(uint32_t index, bool forward)
{
    for (uint32_t i = 0; i < here.state.count; i++) {
        const target *other = &here.targets[i];
        if (other->gone || here.places[i].rank == here.places[index].rank)
            continue;
        bool before = here.places[i].rank < here.places[index].rank;
        bool waits = here.state.stage == DEPLOY_TRYING && here.places[i].stays;
        if (forward && before && !waits)
            HOLDS((other->is_new || (here.state.stage == DEPLOY_TRYING && other->is_split)) && !other->ordered);
        if (!forward && !before)
            HOLDS(!other->is_new && !other->is_split && !other->falling);
    }
}

static void take_order(const deploy_action *action)
{
    target *it = &here.targets[action->target];
    HOLDS(!it->gone && !it->ordered && !it->falling && !it->released);
    if (action->kind == DEPLOY_DO_REHEARSE)
        HOLDS(!it->is_new);
    if (action->kind == DEPLOY_DO_SWAP) {
        HOLDS(!it->is_new && !here.state.dry_run);
        HOLDS(!here.state.canary || here.promoted || !here.places[action->target].stays);
        check_rank(action->target, true);
    }
    if (action->kind == DEPLOY_DO_SPLIT) {
        HOLDS(!it->is_new && !it->is_split && !here.state.dry_run && here.state.canary && !here.promoted);
        HOLDS(here.places[action->target].splits && !here.places[action->target].stays);
        check_rank(action->target, true);
    }
    if (action->kind == DEPLOY_DO_PROVE)
        HOLDS(it->is_new);
    if (action->kind == DEPLOY_DO_REVERT) {
        HOLDS(it->is_new || it->is_split);
        check_rank(action->target, false);
    }
    it->ordered = true;
    it->begun = it->waits = false;
    it->order = action->kind;
}

/// Between two events: it asks whether it may begin.
static void ask(uint32_t index)
{
    target *it = &here.targets[index];
    bool in_vain = here.state.failing && here.state.stage != DEPLOY_ROLLING_BACK;
    deploy_leave leave = deploy_may_begin(&here.state, index);
    HOLDS((leave == DEPLOY_LEAVE_VOID) == in_vain);
    it->begun = leave == DEPLOY_LEAVE_BEGIN;
    it->waits = leave == DEPLOY_LEAVE_WAIT;
    it->ordered = leave != DEPLOY_LEAVE_VOID;
    here.waited += it->waits;
    here.voided += !it->ordered;
    uint32_t begun = 0;
    for (uint32_t i = 0; i < here.state.count; i++)
        begun += here.targets[i].ordered && here.targets[i].begun;
    HOLDS(begun <= here.state.parallel_max);
}

/// Whoever waits, waits for somebody who is let in.
static void check_waiters(void)
{
    uint32_t waiters = 0, admitted = 0;
    for (uint32_t i = 0; i < here.state.count; i++) {
        waiters += here.targets[i].ordered && here.targets[i].waits;
        admitted += here.places[i].admitted;
        HOLDS(!here.places[i].admitted || here.targets[i].ordered);
    }
    HOLDS(waiters == here.state.waiters && admitted == here.state.admitted);
    HOLDS(waiters == 0 || admitted >= here.state.parallel_max);
}

static void do_all(void)
{
    deploy_action action;
    for (uint32_t steps = 0; deploy_next(&here.state, &action); steps++) {
        HOLDS(steps < STEPS_MAX && !here.finished);
        switch (action.kind) {
        case DEPLOY_DO_WAIT:
            HOLDS(!here.time_runs);
            here.time_runs = true;
            break;
        case DEPLOY_DO_CANCEL:
            HOLDS(here.time_runs);
            here.time_runs = false;
            break;
        case DEPLOY_DO_SHOW:
            here.shown++;
            break;
        case DEPLOY_DO_FINISH:
            here.finished = true;
            break;
        case DEPLOY_DO_ADMIT:
            HOLDS(here.targets[action.target].ordered && here.targets[action.target].waits);
            here.targets[action.target].waits = false;
            break;
        default:
            take_order(&action);
            break;
        }
    }
    check_waiters();
}

static void end_target(uint32_t index)
{
    target *it = &here.targets[index];
    it->gone = true;
    it->ordered = it->falling = false;
    tell(DEPLOY_ON_GONE, index);
}

/// A target answers its order.
static void answer(uint32_t index)
{
    target *it = &here.targets[index];
    it->ordered = false;
    bool refuses = it->order <= DEPLOY_DO_PROVE && trouble();
    if (refuses) {
        tell((deploy_event_kind)(DEPLOY_ON_REFUSED + below(3)), index);
        return;
    }
    if (it->order == DEPLOY_DO_SWAP) {
        it->is_new = true;
        it->is_split = false;
        here.swaps++;
    } else if (it->order == DEPLOY_DO_SPLIT) {
        it->is_split = true;
    } else if (it->order == DEPLOY_DO_REVERT) {
        it->is_new = it->is_split = false;
    } else if (it->order == DEPLOY_DO_RELEASE) {
        it->released = true;
        tell(DEPLOY_ON_RELEASED, index);
        return;
    }
    tell(DEPLOY_ON_DONE, index);
}

/// A new version fails on probation.
static void fall(uint32_t index)
{
    target *it = &here.targets[index];
    if ((!it->is_new && !it->is_split) || it->falling || it->released || !deploy_may_fall(&here.state))
        return;
    it->falling = true;
    it->ordered = false;
    tell(DEPLOY_ON_FELL, index);
}

static void fall_back(uint32_t index)
{
    here.targets[index].falling = false;
    here.targets[index].is_new = here.targets[index].is_split = false;
    tell(DEPLOY_ON_FELL_BACK, index);
}

/// Something happens to one of them.
static void happen(void)
{
    uint32_t index = below(here.state.count);
    target *it = &here.targets[index];
    if (here.time_runs && below(2 * here.state.count) == 0) {
        here.time_runs = false;
        tell(DEPLOY_ON_TIME, 0);
    } else if (below(3 * here.state.count) == 0) {
        // At any time; it counts while the canary runs only.
        here.promoted |= here.state.stage == DEPLOY_HOLDING && !here.state.failing;
        tell(DEPLOY_ON_PROMOTE, 0);
    } else if (here.trouble != 0 && below(40 * here.trouble) == 0) {
        tell(DEPLOY_ON_ABORT, 0);
    } else if (!it->gone && !it->released && trouble() && below(4) == 0) {
        end_target(index);
    } else if (!it->gone && trouble() && below(2) == 0) {
        fall(index);
    } else if (it->falling) {
        fall_back(index);
    } else if (it->ordered && it->order != DEPLOY_DO_RELEASE && !it->begun && below(8) != 0) {
        // Else it does not run, and there is nothing to be let in for.
        if (!it->waits)
            ask(index);
    } else if (it->ordered) {
        answer(index);
    }
}

static void begin(uint64_t seed)
{
    here = (run){.seed = seed, .random = {seed}};
    uint32_t count = 1 + below(TARGETS_MAX);
    uint32_t rank = 0;
    bool canary = below(2) == 0, splits = below(2) == 0;
    for (uint32_t i = 0; i < count; i++) {
        here.places[i].rank = rank;
        rank += below(3) == 0;
        // One at least has it.
        here.places[i].stays = canary && i > 0 && below(2) == 0;
        here.places[i].splits = canary && splits;
    }
    deploy_init(&here.state, here.places, count);
    here.state.canary = canary;
    here.state.parallel_max = 1 + below(4);
    here.state.dry_run = below(8) == 0;
    here.state.has_probation = below(4) != 0;
    static const uint32_t troubles[] = {0, 200, 60, 20, 6};
    here.trouble = troubles[below(5)];
}

/// All that live have the new version, or all the old one; and each was let go of.
static void check_end(void)
{
    uint32_t alive = 0;
    for (uint32_t i = 0; i < here.state.count; i++) {
        const target *it = &here.targets[i];
        HOLDS(it->gone || it->released);
        HOLDS(it->gone || (it->is_new == here.state.deployed && !it->is_split));
        HOLDS(!it->ordered && !it->falling);
        alive += !it->gone;
    }
    HOLDS(!here.time_runs && here.state.ordered == 0 && here.state.falling == 0 && here.state.alive == alive);
    // Nobody but who has promoted it makes a canary the version of all.
    HOLDS(!here.state.canary || !here.state.deployed || here.promoted);
    if (here.trouble == 0)
        HOLDS(here.state.deployed == !here.state.dry_run && here.swaps == (here.state.dry_run ? 0 : alive));
}

static void each_seed_ends_old_or_new(void **user)
{
    (void)user;
    uint64_t first = getenv("FIRST") == NULL ? 1 : strtoull(getenv("FIRST"), NULL, 10);
    uint64_t seeds = getenv("SEEDS") == NULL ? SEEDS : strtoull(getenv("SEEDS"), NULL, 10);
    uint64_t deployed = 0, rolled_back = 0, fallen = 0, promoted = 0, ended = 0, waited = 0, voided = 0;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        begin(seed);
        tell(DEPLOY_ON_START, 0);
        do_all();
        for (uint32_t steps = 0; !here.finished; steps++) {
            HOLDS(steps < STEPS_MAX);
            happen();
            do_all();
        }
        check_end();
        deployed += here.state.deployed;
        waited += here.waited > 0;
        voided += here.voided > 0;
        rolled_back += !here.state.deployed && here.swaps > 0;
        fallen += here.state.reverted > 0;
        promoted += here.state.canary && here.state.deployed;
        ended += here.state.canary && !here.promoted && here.state.reverted > 0;
    }
    print_message("%" PRIu64 " were deployed, %" PRIu64 " rolled back, %" PRIu64 " of them put back what had swapped\n",
                  deployed, rolled_back, fallen);
    print_message("%" PRIu64 " canaries became the version of all, %" PRIu64 " were put back\n", promoted, ended);
    assert_true(deployed > seeds / 10 && rolled_back > seeds / 10 && fallen > seeds / 10);
    print_message("in %" PRIu64 " some had to wait, in %" PRIu64 " an order was void\n", waited, voided);
    assert_true(promoted > seeds / 20 && ended > seeds / 40 && waited > seeds / 10 && voided > seeds / 20);
}

/// Two targets of which the first is a canary, up to where it runs.
static void begin_canary(bool splits)
{
    here = (run){0};
    here.places[0].splits = splits;
    here.places[1].stays = true;
    deploy_init(&here.state, here.places, 2);
    here.state.parallel_max = 2;
    here.state.canary = true;
    tell(DEPLOY_ON_START, 0);
    do_all();
    answer(0);
    answer(1);
    do_all();
    HOLDS(here.state.stage == DEPLOY_TRYING && !here.targets[1].ordered);
    answer(0);
    do_all();
    HOLDS(here.state.stage == DEPLOY_HOLDING && here.time_runs && here.targets[0].is_split == splits);
}

static void a_canary_runs_until_somebody_decides(void **user)
{
    (void)user;
    for (int splits = 0; splits < 2; splits++) {
        begin_canary(splits);
        for (int looks = 0; looks < 3; looks++) {
            here.time_runs = false;
            tell(DEPLOY_ON_TIME, 0);
            do_all();
            HOLDS(here.state.stage == DEPLOY_HOLDING && here.time_runs);
        }
        here.promoted = true;
        tell(DEPLOY_ON_PROMOTE, 0);
        do_all();
        HOLDS(here.state.stage == DEPLOY_SWAPPING && !here.time_runs);
        HOLDS(here.targets[0].ordered == splits && here.targets[1].ordered);
        // Who comes too late changes nothing.
        tell(DEPLOY_ON_PROMOTE, 0);
        do_all();
        if (splits)
            answer(0);
        answer(1);
        do_all();
        HOLDS(here.state.stage == DEPLOY_PROBATION && here.targets[0].is_new && here.targets[1].is_new);
    }
}

static void a_canary_that_is_ended_leaves_nothing(void **user)
{
    (void)user;
    for (int way = 0; way < 6; way++) {
        begin_canary(way % 2 == 0);
        if (way < 2)
            tell(DEPLOY_ON_ABORT, 0);
        else if (way < 4)
            fall(0);
        else
            end_target(0);
        do_all();
        if (way < 2)
            answer(0);
        else if (way < 4)
            fall_back(0);
        do_all();
        HOLDS(here.state.stage == DEPLOY_RELEASING && !here.state.deployed);
        if (way < 4)
            answer(0);
        answer(1);
        do_all();
        HOLDS(here.finished && !here.state.deployed && !here.time_runs);
        HOLDS(here.targets[0].gone || (!here.targets[0].is_new && !here.targets[0].is_split));
    }
}

static void after_the_decision_nothing_falls_back(void **user)
{
    (void)user;
    here = (run){0};
    deploy_init(&here.state, here.places, 2);
    here.state.parallel_max = 2;
    here.state.has_probation = false;
    tell(DEPLOY_ON_START, 0);
    do_all();
    for (int round = 0; round < 3; round++) {
        HOLDS(deploy_may_fall(&here.state) == (round > 0));
        answer(0);
        do_all();
        answer(1);
        do_all();
    }
    HOLDS(here.state.stage == DEPLOY_RELEASING && here.state.deployed && !deploy_may_fall(&here.state));
    // Nor does somebody who wants it back get it back.
    tell(DEPLOY_ON_ABORT, 0);
    do_all();
    answer(0);
    answer(1);
    do_all();
    HOLDS(here.finished && here.state.deployed);
}

static void what_nobody_has_is_not_deployed(void **user)
{
    (void)user;
    here = (run){0};
    deploy_init(&here.state, here.places, 2);
    here.state.parallel_max = 2;
    tell(DEPLOY_ON_START, 0);
    do_all();
    answer(0);
    answer(1);
    do_all();
    // One is swapped, the other has ended; on probation that one ends too.
    answer(0);
    end_target(1);
    do_all();
    HOLDS(here.time_runs && here.state.stage == DEPLOY_PROBATION);
    end_target(0);
    do_all();
    HOLDS(here.finished && !here.state.deployed && here.state.alive == 0 && !here.time_runs);
}

/// It gets no order, and does not keep the others from anything.
static void one_that_has_ended_before_the_start(void **user)
{
    (void)user;
    for (uint32_t gone = 1; gone <= 2; gone++) {
        here = (run){0};
        for (uint32_t i = 0; i < gone; i++)
            here.places[i].gone = here.targets[i].gone = true;
        deploy_init(&here.state, here.places, 2);
        here.state.parallel_max = 2;
        here.state.has_probation = false;
        assert_int_equal(here.state.alive, 2 - gone);
        tell(DEPLOY_ON_START, 0);
        do_all();
        for (int i = 0; gone == 1 && i < 4; i++) {
            assert_true(here.targets[1].ordered);
            answer(1);
            do_all();
        }
        assert_int_equal(here.state.stage, DEPLOY_DONE);
        assert_int_equal(here.state.deployed, gone == 1);
    }
}

static void the_gate_lets_so_many_in_at_once(void **user)
{
    (void)user;
    here = (run){0};
    deploy_init(&here.state, here.places, 5);
    here.state.parallel_max = 2;
    tell(DEPLOY_ON_START, 0);
    do_all();
    for (uint32_t i = 0; i < 5; i++)
        HOLDS(here.targets[i].ordered);
    // In the order of their asking, which is not that of their places.
    ask(3);
    ask(1);
    ask(4);
    ask(0);
    do_all();
    HOLDS(here.targets[3].begun && here.targets[1].begun && here.targets[4].waits && here.targets[0].waits);
    answer(3);
    do_all();
    HOLDS(here.targets[4].waits != here.targets[0].waits);
    // The place is kept for who was called.
    ask(2);
    HOLDS(here.targets[2].waits);
    uint32_t called = here.targets[4].waits ? 0 : 4;
    ask(called);
    HOLDS(here.targets[called].begun);
    // Who is let in and ends makes room, and who fails has nobody wait any more.
    end_target(called);
    do_all();
    HOLDS((here.targets[0].waits && here.targets[0].ordered) + (here.targets[4].waits && here.targets[4].ordered) +
              here.targets[2].waits ==
          1);
    tell(DEPLOY_ON_REFUSED, 1);
    here.targets[1].ordered = false;
    do_all();
    for (uint32_t i = 0; i < 5; i++) {
        HOLDS(!here.targets[i].ordered || !here.targets[i].waits);
        if (here.targets[i].ordered && here.state.stage == DEPLOY_REHEARSING)
            ask(i);
        do_all();
    }
    HOLDS(here.state.stage == DEPLOY_RELEASING && here.voided == 2);
}

static void one_that_could_not_begin_lets_go(void **user)
{
    (void)user;
    here = (run){0};
    deploy_init(&here.state, here.places, 2);
    tell(DEPLOY_ON_ABORT, 0);
    do_all();
    answer(0);
    do_all();
    answer(1);
    do_all();
    HOLDS(here.finished && !here.state.deployed && here.swaps == 0);
    here = (run){0};
    deploy_init(&here.state, here.places, 0);
    tell(DEPLOY_ON_ABORT, 0);
    do_all();
    HOLDS(here.finished);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_seed_ends_old_or_new),
        cmocka_unit_test(after_the_decision_nothing_falls_back),
        cmocka_unit_test(what_nobody_has_is_not_deployed),
        cmocka_unit_test(one_that_has_ended_before_the_start),
        cmocka_unit_test(the_gate_lets_so_many_in_at_once),
        cmocka_unit_test(one_that_could_not_begin_lets_go),
        cmocka_unit_test(a_canary_runs_until_somebody_decides),
        cmocka_unit_test(a_canary_that_is_ended_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
