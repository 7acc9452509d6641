// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/holding.h"

#include "base/alloc.h"
#include "base/error.h"

#define STEP_MIN_MS 20u
#define STEP_MAX_MS 1000u
/// Of a condition without a window.
#define STEP_MS 100u

static airs_status init_rule(holding_rule *rule, const char *text, const char *what, const airs_allocator *allocator,
                             airs_error *error)
{
    if (text == NULL || text[0] == '\0')
        return AIRS_OK;
    airs_status status = condition_parse(text, what, &rule->condition, error);
    if (status != AIRS_OK || rule->condition.window_ms == 0)
        return status;
    rule->marks = base_alloc_array(allocator, HOLDING_MARKS, sizeof *rule->marks);
    return rule->marks == NULL ? base_error_set(error, AIRS_E_NOMEM, "no memory for %s", what) : AIRS_OK;
}

airs_status holding_init(holding *self, const airs_deploy_options *options, const airs_allocator *allocator,
                         airs_error *error)
{
    *self = (holding){.allocator = allocator};
    airs_status status = init_rule(&self->promote, options->promote_when, "promote_when", allocator, error);
    if (status == AIRS_OK)
        status = init_rule(&self->rollback, options->rollback_when, "rollback_when", allocator, error);
    if (status != AIRS_OK)
        holding_fini(self);
    return status;
}

void holding_fini(holding *self)
{
    base_free(self->allocator, self->promote.marks);
    base_free(self->allocator, self->rollback.marks);
    self->promote.marks = self->rollback.marks = NULL;
}

static uint32_t step_of(const holding_rule *rule)
{
    if (rule->condition.count == 0)
        return STEP_MAX_MS;
    uint64_t step_ms = rule->condition.window_ms == 0 ? STEP_MS : rule->condition.window_ms / HOLDING_STEPS;
    return step_ms < STEP_MIN_MS ? STEP_MIN_MS : step_ms > STEP_MAX_MS ? STEP_MAX_MS : (uint32_t)step_ms;
}

uint32_t holding_step_ms(const holding *self)
{
    if (self->promote.condition.count == 0 && self->rollback.condition.count == 0)
        return 0;
    uint32_t promote = step_of(&self->promote), rollback = step_of(&self->rollback);
    return promote < rollback ? promote : rollback;
}

static void add_mark(holding_rule *rule, const condition_facts *facts, uint64_t now_ns)
{
    rule->marks[rule->count++ % HOLDING_MARKS] = (holding_mark){now_ns, *facts};
}

void holding_begin(holding *self, uint64_t now_ns)
{
    static const condition_facts nothing;
    self->began_ns = now_ns;
    if (self->promote.marks != NULL)
        add_mark(&self->promote, &nothing, now_ns);
    if (self->rollback.marks != NULL)
        add_mark(&self->rollback, &nothing, now_ns);
}

/// The latest mark that lies as far back as the window is long; NULL: the canary is younger than that.
static const holding_mark *find_mark(const holding_rule *rule, uint64_t now_ns)
{
    uint64_t window_ns = rule->condition.window_ms * 1000000u;
    uint64_t oldest = rule->count > HOLDING_MARKS ? rule->count - HOLDING_MARKS : 0;
    for (uint64_t i = rule->count; i > oldest; i--) {
        const holding_mark *mark = &rule->marks[(i - 1) % HOLDING_MARKS];
        if (now_ns - mark->time_ns >= window_ns)
            return mark;
    }
    return NULL;
}

static bool holds(holding_rule *rule, const condition_facts *now, uint64_t now_ns, char *ret_text)
{
    static const condition_facts nothing;
    const condition *it = &rule->condition;
    if (it->count == 0)
        return false;
    if (rule->marks == NULL)
        return condition_holds(it, &nothing, now, ret_text);
    const holding_mark *since = find_mark(rule, now_ns);
    bool result = since != NULL && condition_holds(it, &since->facts, now, ret_text);
    const holding_mark *last = &rule->marks[(rule->count - 1) % HOLDING_MARKS];
    if (now_ns - last->time_ns >= it->window_ms * 1000000u / HOLDING_STEPS)
        add_mark(rule, now, now_ns);
    return result;
}

holding_verdict holding_look(holding *self, const condition_facts *now, uint64_t now_ns, char *ret_text)
{
    if (holds(&self->rollback, now, now_ns, ret_text))
        return HOLDING_ROLL_BACK;
    return holds(&self->promote, now, now_ns, ret_text) ? HOLDING_PROMOTE : HOLDING_GO_ON;
}
