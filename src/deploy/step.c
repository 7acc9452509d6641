// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/step.h"

#include "base/assert.h"

static bool goes_back(const deploy_state *self)
{
    return self->stage == DEPLOY_ROLLING_BACK;
}

// ---------------------------------------------------------------- stages

static void enter(deploy_state *self, deploy_stage stage)
{
    self->stage = stage;
    self->failing = false;
    self->shows = stage != DEPLOY_RELEASING && stage != DEPLOY_DONE;
    self->next = stage == DEPLOY_ROLLING_BACK ? self->count : 0;
    self->waits = stage == DEPLOY_PROBATION || stage == DEPLOY_HOLDING;
    // Only what was begun: nobody may be left to be waited for before that.
    self->cancels |= self->waiting;
    self->waiting = false;
}

static bool is_still(const deploy_state *self)
{
    return self->ordered == 0 && self->falling == 0;
}

/// Whether this stage gives an order to a target.
static bool wants(const deploy_state *self, const deploy_place *place)
{
    if (place->gone || place->ordered || place->falling)
        return false;
    switch (self->stage) {
    case DEPLOY_REHEARSING:
    case DEPLOY_PROVING:
        return !self->failing;
    case DEPLOY_TRYING:
        return !self->failing && !place->stays;
    case DEPLOY_SWAPPING:
        return !self->failing && !place->is_new;
    case DEPLOY_ROLLING_BACK:
        return place->is_new || place->is_split;
    case DEPLOY_RELEASING:
        return !place->released;
    default:
        return false;
    }
}

/// The place that is next in the order of this stage; NULL when all were.
static deploy_place *at_next(const deploy_state *self)
{
    if (goes_back(self))
        return self->next == 0 ? NULL : &self->places[self->next - 1];
    return self->next == self->count ? NULL : &self->places[self->next];
}

static void pass(deploy_state *self)
{
    if (goes_back(self))
        self->next--;
    else
        self->next++;
}

/// The target that is to be given an order now; NULL when there is none, or it has to wait for others.
static deploy_place *due(deploy_state *self)
{
    deploy_place *place = at_next(self);
    while (place != NULL && !wants(self, place)) {
        pass(self);
        place = at_next(self);
    }
    if (place == NULL)
        return NULL;
    // The first of another rank waits until the one before is through.
    bool ranks = self->stage == DEPLOY_TRYING || self->stage == DEPLOY_SWAPPING || self->stage == DEPLOY_ROLLING_BACK;
    if (ranks && !is_still(self) && place->rank != self->rank)
        return NULL;
    self->rank = place->rank;
    return place;
}

/// All of this stage is done: what follows.
static void go_on(deploy_state *self)
{
    switch (self->stage) {
    case DEPLOY_REHEARSING:
        enter(self, self->failing || self->dry_run ? DEPLOY_RELEASING : self->canary ? DEPLOY_TRYING : DEPLOY_SWAPPING);
        return;
    case DEPLOY_TRYING:
        enter(self, self->failing ? DEPLOY_ROLLING_BACK : DEPLOY_HOLDING);
        return;
    case DEPLOY_HOLDING:
        enter(self, self->failing || !self->promoted ? DEPLOY_ROLLING_BACK : DEPLOY_SWAPPING);
        return;
    case DEPLOY_SWAPPING:
        enter(self, self->failing ? DEPLOY_ROLLING_BACK : self->has_probation ? DEPLOY_PROBATION : DEPLOY_PROVING);
        return;
    case DEPLOY_PROBATION:
        enter(self, self->failing ? DEPLOY_ROLLING_BACK : DEPLOY_PROVING);
        return;
    case DEPLOY_PROVING:
        // Where nobody has the new version, it is not deployed.
        self->deployed = !self->failing && self->alive > 0;
        enter(self, self->failing ? DEPLOY_ROLLING_BACK : DEPLOY_RELEASING);
        return;
    case DEPLOY_ROLLING_BACK:
        enter(self, DEPLOY_RELEASING);
        return;
    case DEPLOY_RELEASING:
        enter(self, DEPLOY_DONE);
        return;
    case DEPLOY_NEW:
    case DEPLOY_DONE:
        return;
    }
}

/// Whether somebody has the new version, beside others or alone.
static bool canary_lives(const deploy_state *self)
{
    for (uint32_t i = 0; i < self->count; i++) {
        if (!self->places[i].gone && (self->places[i].is_new || self->places[i].is_split))
            return true;
    }
    return false;
}

static bool is_through(deploy_state *self)
{
    if (self->stage == DEPLOY_NEW || self->stage == DEPLOY_DONE)
        return false;
    if (self->stage == DEPLOY_PROBATION && !self->failing && self->alive > 0)
        return false;
    if (self->stage == DEPLOY_HOLDING && !self->failing && !self->promoted && canary_lives(self))
        return false;
    return is_still(self) && due(self) == NULL && at_next(self) == NULL;
}

// ---------------------------------------------------------------- events

static void end_order(deploy_state *self, deploy_place *place)
{
    if (!place->ordered)
        return;
    self->admitted -= place->admitted;
    self->waiters -= place->waits;
    place->ordered = place->admitted = place->waits = false;
    self->ordered--;
}

static void on_done(deploy_state *self, deploy_place *place)
{
    bool splits = self->stage == DEPLOY_TRYING && place->splits;
    if (self->stage == DEPLOY_SWAPPING || (self->stage == DEPLOY_TRYING && !splits))
        place->is_new = true;
    if (self->stage == DEPLOY_SWAPPING || self->stage == DEPLOY_TRYING)
        place->is_split = splits;
    if (goes_back(self)) {
        place->is_new = place->is_split = false;
        self->reverted++;
    }
    end_order(self, place);
}

/// It can't do what it was ordered to. On the way back there is nothing of the kind.
static void on_refusal(deploy_state *self, deploy_place *place)
{
    AIRS_ASSERT(!goes_back(self) && self->stage != DEPLOY_RELEASING);
    end_order(self, place);
    self->failing = true;
}

static void on_fell(deploy_state *self, deploy_place *place)
{
    AIRS_ASSERT(deploy_may_fall(self));
    end_order(self, place);
    place->falling = true;
    self->falling++;
    self->failing = true;
}

static void on_fell_back(deploy_state *self, deploy_place *place)
{
    place->falling = false;
    place->is_new = place->is_split = false;
    self->falling--;
    self->reverted++;
}

static void on_gone(deploy_state *self, deploy_place *place)
{
    end_order(self, place);
    self->falling -= place->falling;
    place->falling = false;
    place->gone = true;
    self->alive--;
}

/// Nothing that is done in this stage any more would stay.
static bool is_in_vain(const deploy_state *self)
{
    return self->failing && !goes_back(self);
}

deploy_leave deploy_may_begin(deploy_state *self, uint32_t target)
{
    deploy_place *place = &self->places[target];
    AIRS_ASSERT(place->ordered && self->stage != DEPLOY_RELEASING);
    if (is_in_vain(self)) {
        end_order(self, place);
        return DEPLOY_LEAVE_VOID;
    }
    if (!place->admitted && !place->waits) {
        place->admitted = self->admitted < self->parallel_max;
        place->waits = !place->admitted;
        self->admitted += place->admitted;
        self->waiters += place->waits;
    }
    return place->admitted ? DEPLOY_LEAVE_BEGIN : DEPLOY_LEAVE_WAIT;
}

bool deploy_may_fall(const deploy_state *self)
{
    return self->stage >= DEPLOY_TRYING && self->stage <= DEPLOY_ROLLING_BACK;
}

static void on_abort(deploy_state *self)
{
    if (self->stage == DEPLOY_NEW)
        enter(self, DEPLOY_RELEASING);
    else if (self->stage == DEPLOY_REHEARSING || (deploy_may_fall(self) && !goes_back(self)))
        self->failing = true;
}

void deploy_init(deploy_state *self, deploy_place *places, uint32_t count)
{
    *self = (deploy_state){.places = places, .count = count, .parallel_max = 1, .has_probation = true};
    for (uint32_t i = 0; i < count; i++)
        self->alive += !places[i].gone;
}

void deploy_step(deploy_state *self, const deploy_event *event)
{
    deploy_place *place = &self->places[event->target];
    switch (event->kind) {
    case DEPLOY_ON_START:
        enter(self, DEPLOY_REHEARSING);
        break;
    case DEPLOY_ON_DONE:
        on_done(self, place);
        break;
    case DEPLOY_ON_REFUSED:
    case DEPLOY_ON_LATE:
    case DEPLOY_ON_BROKE:
        on_refusal(self, place);
        break;
    case DEPLOY_ON_FELL:
        on_fell(self, place);
        break;
    case DEPLOY_ON_FELL_BACK:
        on_fell_back(self, place);
        break;
    case DEPLOY_ON_GONE:
        on_gone(self, place);
        break;
    case DEPLOY_ON_RELEASED:
        place->released = true;
        end_order(self, place);
        break;
    case DEPLOY_ON_TIME:
        self->waiting = false;
        if (self->stage == DEPLOY_PROBATION && !self->failing)
            enter(self, DEPLOY_PROVING);
        self->waits |= self->stage == DEPLOY_HOLDING && !self->failing && !self->promoted;
        break;
    case DEPLOY_ON_PROMOTE:
        self->promoted |= self->stage == DEPLOY_HOLDING && !self->failing;
        break;
    case DEPLOY_ON_ABORT:
        on_abort(self);
        break;
    }
}

// ---------------------------------------------------------------- actions

static deploy_action_kind order_of(const deploy_state *self, const deploy_place *place)
{
    switch (self->stage) {
    case DEPLOY_REHEARSING:
        return DEPLOY_DO_REHEARSE;
    case DEPLOY_TRYING:
        return place->splits ? DEPLOY_DO_SPLIT : DEPLOY_DO_SWAP;
    case DEPLOY_SWAPPING:
        return DEPLOY_DO_SWAP;
    case DEPLOY_PROVING:
        return DEPLOY_DO_PROVE;
    case DEPLOY_ROLLING_BACK:
        return DEPLOY_DO_REVERT;
    default:
        return DEPLOY_DO_RELEASE;
    }
}

/// What is due beside orders.
static bool take_flag(bool *flag, deploy_action_kind kind, deploy_action *ret_action)
{
    if (!*flag)
        return false;
    *flag = false;
    *ret_action = (deploy_action){.kind = kind};
    return true;
}

/// Lets in who waits, when there is room, or to tell it that there is nothing to wait for. They come in a ring, so that
/// the search for all of them is one round.
static bool admit(deploy_state *self, deploy_action *ret_action)
{
    if (self->waiters == 0 || (self->admitted >= self->parallel_max && !is_in_vain(self)))
        return false;
    while (!self->places[self->next_waiter % self->count].waits)
        self->next_waiter++;
    uint32_t target = self->next_waiter++ % self->count;
    self->places[target].waits = false;
    self->places[target].admitted = true;
    self->waiters--;
    self->admitted++;
    *ret_action = (deploy_action){DEPLOY_DO_ADMIT, target};
    return true;
}

bool deploy_next(deploy_state *self, deploy_action *ret_action)
{
    while (is_through(self)) {
        go_on(self);
        if (self->stage == DEPLOY_DONE)
            self->finishes = true;
        if (self->shows || self->waits || self->cancels)
            break;
    }
    // What was to begin may be over before it has.
    self->waits &= self->stage == DEPLOY_PROBATION || self->stage == DEPLOY_HOLDING;
    if (take_flag(&self->waits, DEPLOY_DO_WAIT, ret_action)) {
        self->waiting = true;
        return true;
    }
    if (take_flag(&self->cancels, DEPLOY_DO_CANCEL, ret_action) ||
        take_flag(&self->shows, DEPLOY_DO_SHOW, ret_action) || take_flag(&self->finishes, DEPLOY_DO_FINISH, ret_action))
        return true;
    if (admit(self, ret_action))
        return true;
    deploy_place *place = due(self);
    if (place == NULL)
        return false;
    place->ordered = true;
    self->ordered++;
    pass(self);
    *ret_action = (deploy_action){order_of(self, place), (uint32_t)(place - self->places)};
    return true;
}
