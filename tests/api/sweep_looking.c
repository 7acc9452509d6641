// SPDX-License-Identifier: MIT OR Apache-2.0
/// Words for numbers, buffers, and looking at actors, metrics and dead letters.
#include <stdlib.h>
#include <string.h>

#include "sweep.h"

static const int strange_numbers[] = {-1, 1000, INT32_MIN, INT32_MAX};
#define STRANGE (sizeof strange_numbers / sizeof strange_numbers[0])

static void sweep_airs_status_name(const sweep *self)
{
    EXPECT("the first", strcmp(airs_status_name(AIRS_OK), "OK"), 0);
    EXPECT("the last", strcmp(airs_status_name(AIRS_E_INTERNAL), "E_INTERNAL"), 0);
    for (size_t i = 0; i < STRANGE; i++)
        EXPECT("none", strcmp(airs_status_name((airs_status)strange_numbers[i]), "E_?"), 0);
}

static void sweep_airs_status_text(const sweep *self)
{
    for (int status = AIRS_OK; status <= AIRS_E_INTERNAL; status++)
        EXPECT("a sentence", strlen(airs_status_text((airs_status)status)) > 1, true);
    for (size_t i = 0; i < STRANGE; i++)
        EXPECT("none", strlen(airs_status_text((airs_status)strange_numbers[i])) > 1, true);
}

/// Of a function that gives "?" for what is no number of its own.
#define CHECK_NAMES(function, type, first, first_name)                          \
    do {                                                                        \
        EXPECT("the first", strcmp(function(first), first_name), 0);            \
        for (size_t i = 0; i < STRANGE; i++)                                    \
            EXPECT("none", strcmp(function((type)strange_numbers[i]), "?"), 0); \
    } while (0)

static void sweep_airs_exit_name(const sweep *self)
{
    CHECK_NAMES(airs_exit_name, airs_exit, AIRS_EXIT_NORMAL, "normal");
}

static void sweep_airs_drop_reason_name(const sweep *self)
{
    CHECK_NAMES(airs_drop_reason_name, airs_drop_reason, AIRS_DROP_GONE, "gone");
}

static void sweep_airs_actor_state_name(const sweep *self)
{
    CHECK_NAMES(airs_actor_state_name, airs_actor_state, AIRS_ACTOR_CREATING, "creating");
}

static void sweep_airs_hold_name(const sweep *self)
{
    CHECK_NAMES(airs_hold_name, airs_hold, AIRS_HOLD_NONE, "none");
}

static void sweep_airs_strategy_name(const sweep *self)
{
    CHECK_NAMES(airs_strategy_name, airs_strategy, AIRS_ONE_FOR_ONE, "one_for_one");
}

static void sweep_airs_action_name(const sweep *self)
{
    CHECK_NAMES(airs_action_name, airs_action, AIRS_ACTION_NONE, "none");
}

static void sweep_airs_event_name(const sweep *self)
{
    CHECK_NAMES(airs_event_name, airs_event_kind, AIRS_EVENT_STARTED, "started");
}

static void sweep_airs_route_name(const sweep *self)
{
    CHECK_NAMES(airs_route_name, airs_route, AIRS_ROUTE_ID, "id");
}

static void sweep_airs_outcome_name(const sweep *self)
{
    CHECK_NAMES(airs_outcome_name, airs_outcome, AIRS_OUTCOME_DELIVERED, "delivered");
}

static void sweep_airs_system_get_routes(const sweep *self)
{
    airs_routes routes;
    memset(&routes, 0x5a, sizeof routes);
    airs_routes before = routes;
    airs_system_get_routes(NULL, &routes);
    airs_system_get_routes(self->system, NULL);
    EXPECT("untouched", memcmp(&routes, &before, sizeof routes), 0);
    airs_system_get_routes(self->system, &routes);
    EXPECT("from outside", routes.count[AIRS_ROUTE_OUTSIDE][AIRS_OUTCOME_DELIVERED] > 0, true);
}

static void sweep_airs_version(const sweep *self)
{
    EXPECT("a version", strlen(airs_version()) >= 5, true);
}

static void sweep_airs_buffer_free(const sweep *self)
{
    airs_buffer_free(NULL);
    airs_buffer empty = {0};
    airs_buffer_free(&empty);
    airs_buffer_free(&empty);
    airs_buffer reply = {0};
    airs_status status = airs_ask(self->system, self->echo, "bytes", 5, UINT32_MAX, &reply, NULL);
    EXPECT("a reply", status, sweep_blocking(self, AIRS_OK));
    airs_buffer_free(&reply);
    EXPECT("emptied", reply.data == NULL && reply.len == 0, true);
    airs_buffer_free(&reply);
}

static void sweep_airs_actor_get_usage(const sweep *self)
{
    airs_usage usage;
    memset(&usage, 0x5a, sizeof usage);
    airs_usage before = usage;
    EXPECT("NULL system", airs_actor_get_usage(NULL, self->echo, &usage), AIRS_E_INVALID);
    EXPECT("NULL ret", airs_actor_get_usage(self->system, self->echo, NULL), AIRS_E_INVALID);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_actor_get_usage(self->system, bad->id, &usage), AIRS_E_GONE);
    EXPECT("untouched", memcmp(&usage, &before, sizeof usage), 0);
    EXPECT("one", airs_actor_get_usage(self->system, self->echo, &usage), self->stopped ? AIRS_E_GONE : AIRS_OK);
    if (!self->stopped)
        EXPECT("complete", usage.limits.mailbox_max > 0 && usage.limits.max_tables > 0, true);
}

static void sweep_airs_actor_get_info(const sweep *self)
{
    airs_actor_info info;
    memset(&info, 0x5a, sizeof info);
    airs_actor_info before = info;
    EXPECT("NULL system", airs_actor_get_info(NULL, self->echo, &info), AIRS_E_INVALID);
    EXPECT("NULL ret", airs_actor_get_info(self->system, self->echo, NULL), AIRS_E_INVALID);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_actor_get_info(self->system, bad->id, &info), AIRS_E_GONE);
    EXPECT("untouched", memcmp(&info, &before, sizeof info), 0);
    EXPECT("one", airs_actor_get_info(self->system, self->echo, &info), self->stopped ? AIRS_E_GONE : AIRS_OK);
    if (!self->stopped)
        EXPECT("it", info.id.raw == self->echo.raw && strcmp(info.name, "echo") == 0, true);
    if (self->inside)
        EXPECT("itself", airs_actor_get_info(self->system, self->self, &info), AIRS_OK);
}

static void sweep_airs_actor_list(const sweep *self)
{
    airs_actor_id ids[64];
    EXPECT("NULL system", airs_actor_list(NULL, ids, 64), 0);
    EXPECT("NULL ids", airs_actor_list(self->system, NULL, 1), 0);
    size_t count = airs_actor_list(self->system, NULL, 0);
    EXPECT("how many", count >= 4, !self->stopped);
    ids[1].raw = 77;
    EXPECT("one of them", airs_actor_list(self->system, ids, 1), count);
    EXPECT("and no more", ids[1].raw, 77);
    EXPECT("all", airs_actor_list(self->system, ids, 64), count);
}

static void sweep_airs_system_get_metrics(const sweep *self)
{
    airs_metrics metrics;
    memset(&metrics, 0x5a, sizeof metrics);
    airs_metrics before = metrics;
    airs_system_get_metrics(NULL, &metrics);
    airs_system_get_metrics(self->system, NULL);
    EXPECT("untouched", memcmp(&metrics, &before, sizeof metrics), 0);
    airs_system_get_metrics(self->system, &metrics);
    EXPECT("workers", metrics.workers, 2);
    EXPECT("actors", metrics.actors > 0, !self->stopped);
}

static void sweep_airs_system_get_usage(const sweep *self)
{
    airs_system_usage usage;
    memset(&usage, 0x5a, sizeof usage);
    airs_system_usage before = usage;
    EXPECT("no system", airs_system_get_usage(NULL, &usage), AIRS_E_INVALID);
    EXPECT("nowhere", airs_system_get_usage(self->system, NULL), AIRS_E_INVALID);
    EXPECT("untouched", memcmp(&usage, &before, sizeof usage), 0);
    EXPECT("a system", airs_system_get_usage(self->system, &usage), AIRS_OK);
    EXPECT("actors", usage.actors > 0, !self->stopped);
    EXPECT("within", usage.actors <= usage.actors_max && usage.instances <= usage.instances_max, true);
}

/// What a visit of dead letters saw.
typedef struct letters_seen {
    uint32_t count;
    uint64_t first;
    bool go_on;
} letters_seen;

static bool see_letter(void *user, const airs_dead_letter *letter)
{
    letters_seen *seen = user;
    if (seen->count++ == 0)
        seen->first = letter->number;
    return seen->go_on;
}

static void sweep_airs_dead_letters(const sweep *self)
{
    letters_seen seen = {.go_on = false};
    EXPECT("NULL system", airs_dead_letters(NULL, 0, see_letter, &seen), 0);
    uint64_t count = airs_dead_letters(self->system, 0, NULL, NULL);
    EXPECT("there are some", count > 0, true);
    EXPECT("after the last", airs_dead_letters(self->system, UINT64_MAX, see_letter, &seen) >= count, true);
    EXPECT("none of which is seen", seen.count, 0);
    EXPECT("the first", airs_dead_letters(self->system, 0, see_letter, &seen) >= count, true);
    EXPECT("alone", seen.count, 1);
    EXPECT("is number 1", seen.first, 1);
}

static void sweep_airs_dead_letter_resend(const sweep *self)
{
    EXPECT("NULL system", airs_dead_letter_resend(NULL, 1, self->echo), AIRS_E_INVALID);
    EXPECT("number 0", airs_dead_letter_resend(self->system, 0, self->echo), sweep_outside(self, AIRS_E_NOT_FOUND));
    EXPECT("a number that is none yet", airs_dead_letter_resend(self->system, UINT64_MAX, self->echo),
           sweep_outside(self, AIRS_E_NOT_FOUND));
    EXPECT("to who has ended", airs_dead_letter_resend(self->system, 1, (airs_actor_id){0}),
           sweep_outside(self, AIRS_E_GONE));
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_dead_letter_resend(self->system, 1, bad->id), sweep_outside(self, AIRS_E_GONE));
    EXPECT("to another one", airs_dead_letter_resend(self->system, 1, self->echo), sweep_outside(self, AIRS_OK));
}

/// The letter that others send again stays: only what is not there is dropped, and one that was dropped just now.
static void sweep_airs_dead_letter_drop(const sweep *self)
{
    EXPECT("NULL system", airs_dead_letter_drop(NULL, 1), AIRS_E_INVALID);
    EXPECT("number 0", airs_dead_letter_drop(self->system, 0), AIRS_E_NOT_FOUND);
    EXPECT("a number that is none yet", airs_dead_letter_drop(self->system, UINT64_MAX), AIRS_E_NOT_FOUND);
}

static void sweep_airs_system_set_log_level(const sweep *self)
{
    EXPECT("NULL system", airs_system_set_log_level(NULL, AIRS_LOG_INFO), AIRS_E_INVALID);
    EXPECT("no level", airs_system_set_log_level(self->system, (airs_log_level)4), AIRS_E_INVALID);
    EXPECT("a level", airs_system_set_log_level(self->system, AIRS_LOG_DEBUG), AIRS_OK);
}

static void sweep_airs_actor_set_log_level(const sweep *self)
{
    airs_log_level level = AIRS_LOG_WARN;
    airs_log_level none = (airs_log_level)4;
    EXPECT("NULL system", airs_actor_set_log_level(NULL, self->echo, &level), AIRS_E_INVALID);
    EXPECT("no level", airs_actor_set_log_level(self->system, self->echo, &none), AIRS_E_INVALID);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_actor_set_log_level(self->system, bad->id, &level), AIRS_E_GONE);
    airs_status alive = self->stopped ? AIRS_E_GONE : AIRS_OK;
    EXPECT("a level", airs_actor_set_log_level(self->system, self->echo, &level), alive);
    EXPECT("the system's", airs_actor_set_log_level(self->system, self->echo, NULL), alive);
}

const sweep_row sweep_rows_looking[] = {
    SWEEP_ROW(airs_status_name),
    SWEEP_ROW(airs_status_text),
    SWEEP_ROW(airs_exit_name),
    SWEEP_ROW(airs_drop_reason_name),
    SWEEP_ROW(airs_actor_state_name),
    SWEEP_ROW(airs_hold_name),
    SWEEP_ROW(airs_strategy_name),
    SWEEP_ROW(airs_action_name),
    SWEEP_ROW(airs_event_name),
    SWEEP_ROW(airs_route_name),
    SWEEP_ROW(airs_outcome_name),
    SWEEP_ROW(airs_system_get_routes),
    SWEEP_ROW(airs_version),
    SWEEP_ROW(airs_buffer_free),
    SWEEP_ROW(airs_actor_get_info),
    SWEEP_ROW(airs_actor_get_usage),
    SWEEP_ROW(airs_actor_list),
    SWEEP_ROW(airs_system_get_metrics),
    SWEEP_ROW(airs_system_get_usage),
    SWEEP_ROW(airs_dead_letters),
    SWEEP_ROW(airs_dead_letter_resend),
    SWEEP_ROW(airs_dead_letter_drop),
    SWEEP_ROW(airs_system_set_log_level),
    SWEEP_ROW(airs_actor_set_log_level),
    {0},
};
