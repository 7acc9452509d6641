// SPDX-License-Identifier: MIT OR Apache-2.0
#include "attack.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "capability/pattern.h"
#include "node/system.h"
#include "os/clock.h"

#define POLL_MS 1u

// ---------------------------------------------------------------- time

uint64_t attack_now_ms(void)
{
    return os_clock_now_ns() / 1000000u;
}

void attack_sleep_ms(uint32_t ms)
{
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)nanosleep(&wait, NULL);
}

// ---------------------------------------------------------------- what is told

/// Takes as much stack as formatting a line does: a guest's lines are logged on the guest's stack.
static __attribute__((noinline)) void use_stack(void)
{
    volatile char block[16u << 10];
    for (size_t i = 0; i < sizeof block; i += 512)
        block[i] = (char)i;
    (void)block[0];
}

static void on_log(void *user, const airs_log_record *record)
{
    attack *self = user;
    use_stack();
    os_mutex_lock(&self->lock);
    if (self->lines_count < ATTACK_LINES_MAX) {
        attack_line *line = &self->lines[self->lines_count++];
        line->level = record->level;
        base_text_copy(line->actor, sizeof line->actor, base_bytes_of(record->actor));
        base_text_copy(line->source, sizeof line->source, base_bytes_of(record->source));
        line->text = strdup(record->text);
    }
    os_mutex_unlock(&self->lock);
}

static void on_event(void *user, const airs_event *event)
{
    attack *self = user;
    os_mutex_lock(&self->lock);
    if (event->kind == AIRS_EVENT_FAILED) {
        self->failed = event->actor;
        self->reason = event->reason;
        base_text_copy(self->text, sizeof self->text, base_bytes_of(event->text));
        self->failures++;
    }
    self->escalations += event->kind == AIRS_EVENT_ESCALATED;
    os_mutex_unlock(&self->lock);
}

size_t attack_lines_with(attack *self, const char *source, const char *text)
{
    size_t count = 0;
    os_mutex_lock(&self->lock);
    for (size_t i = 0; i < self->lines_count; i++)
        count += strcmp(self->lines[i].source, source) == 0 && strstr(self->lines[i].text, text) != NULL;
    os_mutex_unlock(&self->lock);
    return count;
}

void attack_assert_text(const char *text, const char *pattern)
{
    airs_bytes bytes = base_bytes_of(text);
    bool clear = bytes.len > 0 && base_utf8_valid(bytes);
    for (size_t at = 0; clear && at < bytes.len; at += base_utf8_next(bytes, at)) {
        bool c1 = bytes.data[at] == 0xc2 && bytes.data[at + 1] < 0xa0;
        clear = bytes.data[at] >= 0x20 && bytes.data[at] != 0x7f && !c1;
    }
    if (!clear || !capability_pattern_matches(pattern, text))
        fail_msg("the text is     \"%s\"\n           expected was    \"%s\"", text, pattern);
}

// ---------------------------------------------------------------- begin and end

static engine_live live_now(attack *self)
{
    engine *machine = NULL;
    assert_int_equal(system_engine(self->system, &machine, NULL), AIRS_OK);
    engine_live live;
    engine_live_counts(machine, &live);
    return live;
}

/// The engine sets its handlers once in a process; cmocka puts its own on top before each test.
static void keep_signal_handlers(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    static struct sigaction handlers[4];
    static bool kept;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        assert_int_equal(sigaction(signals[i], kept ? &handlers[i] : NULL, kept ? NULL : &handlers[i]), 0);
    kept = true;
}

attack *attack_begin_with(const airs_system_options *options)
{
    return attack_begin_deciding(options, NULL, NULL);
}

attack *attack_begin_deciding(const airs_system_options *options, airs_decision_fn fn, void *user)
{
    (void)alarm(ATTACK_TEST_MAX_S);
    attack *self = calloc(1, sizeof *self);
    assert_non_null(self);
    airs_system_options complete = *options;
    complete.log = on_log;
    complete.log_user = self;
    airs_error error = {0};
    if (airs_system_create(&complete, &self->system, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    airs_system_on_event(self->system, on_event, self);
    airs_system_on_decision(self->system, fn, user);
    self->counts = attack_load(self, "counts");
    keep_signal_handlers();
    airs_spawn_options witness = {.name = "witness"};
    assert_int_equal(airs_spawn_component(self->system, self->counts, &witness, &self->witness, NULL), AIRS_OK);
    attack_witness_counts(self, ATTACK_PATIENCE_MS);
    self->live = live_now(self);
    self->actors = airs_actor_list(self->system, NULL, 0);
    return self;
}

attack *attack_begin(void)
{
    airs_system_options options = {.workers = 2, .instances_max = 32, .max_restarts = 256};
    return attack_begin_with(&options);
}

/// An asker may know of an actor's end before its supervisor has taken it from the lists.
static void wait_until_as_before(attack *self)
{
    for (uint64_t begin = attack_now_ms(); attack_now_ms() - begin < ATTACK_PATIENCE_MS; attack_sleep_ms(1)) {
        engine_live live = live_now(self);
        if (memcmp(&live, &self->live, sizeof live) == 0 && airs_actor_list(self->system, NULL, 0) == self->actors)
            return;
    }
}

void attack_check(attack *self)
{
    wait_until_as_before(self);
    engine_live live = live_now(self);
    assert_int_equal(live.stores, self->live.stores);
    assert_int_equal(live.component_instances, self->live.component_instances);
    assert_int_equal(live.core_instances, self->live.core_instances);
    assert_int_equal(live.memories, self->live.memories);
    assert_int_equal(live.tables, self->live.tables);
    assert_int_equal(live.stacks, self->live.stacks);
    assert_int_equal(airs_actor_list(self->system, NULL, 0), self->actors);
    airs_metrics metrics;
    airs_system_get_metrics(self->system, &metrics);
    assert_int_equal(metrics.panics, 0);
    attack_witness_counts(self, ATTACK_PATIENCE_MS);
}

static void destroy(attack *self)
{
    airs_component_release(self->counts);
    airs_system_destroy(self->system);
    for (size_t i = 0; i < self->lines_count; i++)
        free(self->lines[i].text);
    free(self);
    (void)alarm(0);
}

void attack_end_stopped(attack *self)
{
    engine_live live = live_now(self);
    assert_int_equal(live.stores + live.component_instances + live.core_instances + live.memories, 0);
    assert_int_equal(live.tables + live.stacks, 0);
    assert_int_equal(airs_actor_list(self->system, NULL, 0), 0);
    destroy(self);
}

void attack_end(attack *self)
{
    attack_check(self);
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(self->system, self->witness, &info), AIRS_OK);
    assert_int_equal(info.restarts, 0);
    destroy(self);
}

// ---------------------------------------------------------------- guests

uint8_t *attack_read(const char *guest, size_t *ret_len)
{
    char path[512];
    (void)snprintf(path, sizeof path, GUESTS "/%s.wasm", guest);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("there is no %s", path);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t len = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(len);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, len, file), len);
    (void)fclose(file);
    *ret_len = len;
    return bytes;
}

airs_component *attack_load(attack *self, const char *guest)
{
    char path[512];
    (void)snprintf(path, sizeof path, GUESTS "/%s.wasm", guest);
    airs_component *component = NULL;
    airs_error error = {0};
    if (airs_component_load_file(self->system, path, &component, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    return component;
}

airs_status attack_spawn_fails(attack *self, const char *guest, const airs_spawn_options *options, airs_error *error)
{
    airs_component *component = attack_load(self, guest);
    airs_actor_id id;
    airs_status status = airs_spawn_component(self->system, component, options, &id, error);
    airs_component_release(component);
    return status;
}

airs_actor_id attack_spawn(attack *self, const char *guest, const airs_spawn_options *options)
{
    airs_component *component = attack_load(self, guest);
    airs_actor_id id = {0};
    airs_error error = {0};
    airs_status status = airs_spawn_component(self->system, component, options, &id, &error);
    airs_component_release(component);
    if (status != AIRS_OK)
        fail_msg("%s does not start: %s", guest, error.text);
    return id;
}

static airs_status say_nothing(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)context;
    (void)message;
    (void)error;
    return AIRS_OK;
}

airs_actor_id attack_spawn_silent(attack *self)
{
    static const airs_actor_fns fns = {.handle = say_nothing};
    static const airs_native native = {.kind = "silent", .actor = &fns};
    airs_spawn_options options = {.name = "silent"};
    airs_actor_id id = {0};
    assert_int_equal(airs_spawn_native(self->system, &native, &options, &id, NULL), AIRS_OK);
    self->actors++;
    return id;
}

void attack_stop_silent(attack *self, airs_actor_id silent)
{
    assert_int_equal(airs_stop(self->system, silent), AIRS_OK);
    self->actors--;
}

// ---------------------------------------------------------------- talking

airs_status attack_ask(attack *self, airs_actor_id to, const char *message, char *ret)
{
    airs_buffer reply = {0};
    airs_error error = {0};
    airs_status status = airs_ask(self->system, to, message, strlen(message), ATTACK_PATIENCE_MS, &reply, &error);
    if (ret != NULL && status == AIRS_OK)
        base_text_copy(ret, 256, (airs_bytes){reply.data, reply.len});
    else if (ret != NULL)
        base_text_copy(ret, 256, base_bytes_of(error.text));
    airs_buffer_free(&reply);
    return status;
}

void attack_expect(attack *self, airs_actor_id to, const char *message, const char *answer)
{
    char got[256];
    airs_status status = attack_ask(self, to, message, got);
    if (status != AIRS_OK || !capability_pattern_matches(answer, got))
        fail_msg("\"%s\" is answered %s \"%s\", expected was \"%s\"", message, airs_status_name(status), got, answer);
}

void attack_witness_counts(attack *self, uint32_t max_ms)
{
    airs_buffer reply = {0};
    uint64_t begin = attack_now_ms();
    assert_int_equal(airs_ask(self->system, self->witness, "add", 3, ATTACK_PATIENCE_MS, &reply, NULL), AIRS_OK);
    uint64_t took = attack_now_ms() - begin;
    char expected[24];
    (void)snprintf(expected, sizeof expected, "%" PRIu64, ++self->count);
    assert_true(base_bytes_are((airs_bytes){reply.data, reply.len}, expected));
    airs_buffer_free(&reply);
    if (took > max_ms)
        fail_msg("the witness took %" PRIu64 " ms to answer, allowed were %" PRIu32, took, max_ms);
}

// ---------------------------------------------------------------- waiting

/// Sleeps a little; the test fails when that goes on for too long.
static void wait_more(uint64_t begin_ms, const char *for_what)
{
    if (attack_now_ms() - begin_ms > ATTACK_PATIENCE_MS)
        fail_msg("waited in vain for %s", for_what);
    attack_sleep_ms(POLL_MS);
}

void attack_wait_restarted(attack *self, airs_actor_id id, uint64_t restarts)
{
    for (uint64_t begin = attack_now_ms();; wait_more(begin, "a restart")) {
        airs_actor_info info;
        airs_status status = airs_actor_get_info(self->system, id, &info);
        if (status != AIRS_OK)
            fail_msg("the actor is %s instead of restarted", airs_status_name(status));
        if (info.state == AIRS_ACTOR_READY && info.restarts >= restarts)
            return;
    }
}

void attack_wait_taken(attack *self, airs_actor_id id)
{
    airs_actor_info info;
    uint64_t begin = attack_now_ms();
    while (airs_actor_get_info(self->system, id, &info) == AIRS_OK && info.mailbox_len > 0)
        wait_more(begin, "a mailbox to be empty");
}

void attack_wait_gone(attack *self, airs_actor_id id)
{
    airs_actor_info info;
    for (uint64_t begin = attack_now_ms(); airs_actor_get_info(self->system, id, &info) != AIRS_E_GONE;)
        wait_more(begin, "the end of an actor");
}

uint64_t attack_escalations(attack *self)
{
    os_mutex_lock(&self->lock);
    uint64_t escalations = self->escalations;
    os_mutex_unlock(&self->lock);
    return escalations;
}

void attack_wait_failure(attack *self, uint64_t failures)
{
    for (uint64_t begin = attack_now_ms();; wait_more(begin, "a failure")) {
        os_mutex_lock(&self->lock);
        bool told = self->failures > failures;
        os_mutex_unlock(&self->lock);
        if (told)
            return;
    }
}

static void on_answer(void *user, const airs_reply *reply)
{
    attack_answers *answers = user;
    if (reply->status == AIRS_OK)
        answers->ok++;
    else if (reply->status == AIRS_E_FAILED)
        answers->failed++;
    else
        answers->others++;
}

bool attack_ask_many(attack *self, airs_actor_id to, const char *message, uint32_t count, attack_answers *answers)
{
    for (uint32_t i = 0; i < count; i++) {
        if (airs_ask_async(self->system, to, message, strlen(message), ATTACK_PATIENCE_MS, on_answer, answers) !=
            AIRS_OK)
            return false;
    }
    return true;
}

void attack_wait_answers(const attack_answers *answers, uint32_t count)
{
    for (uint64_t begin = attack_now_ms(); answers->ok + answers->failed + answers->others < count;)
        wait_more(begin, "answers");
}

void attack_stop(attack *self, airs_actor_id id, uint32_t max_ms)
{
    uint64_t begin = attack_now_ms();
    assert_int_equal(airs_stop(self->system, id), AIRS_OK);
    uint64_t took = attack_now_ms() - begin;
    if (took > max_ms)
        fail_msg("it took %" PRIu64 " ms to stop, allowed were %" PRIu32, took, max_ms);
}

// ---------------------------------------------------------------- tables

static void check_failure(attack *self, airs_actor_id id, const attack_row *row)
{
    attack_wait_restarted(self, id, 1);
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(self->system, id, &info), AIRS_OK);
    assert_string_equal(airs_exit_name(info.last_exit), airs_exit_name(row->reason));
    print_message("        %s: %s\n", airs_exit_name(info.last_exit), info.last_failure);
    attack_assert_text(info.last_failure, row->text);
    assert_int_equal(info.restarts, 1);
    // Whatever it says: it is a new incarnation that says it.
    airs_status status = attack_ask(self, id, "hello", NULL);
    assert_true(status == AIRS_OK || status == AIRS_E_FAILED);
    assert_int_equal(airs_actor_get_info(self->system, id, &info), AIRS_OK);
    assert_int_equal(info.restarts, 1);
}

static void run_row(attack *self, const attack_row *row)
{
    airs_spawn_options options = {.name = "victim", .limits = row->limits};
    airs_actor_id id = attack_spawn(self, row->guest, &options);
    char text[256] = "";
    if (row->prepare != NULL && attack_ask(self, id, row->prepare, text) != AIRS_OK)
        fail_msg("\"%s\" is refused: %s", row->prepare, text);
    airs_status status = attack_ask(self, id, row->message, text);
    if (status != row->status)
        fail_msg("the status is %s (%s), expected was %s", airs_status_name(status), text,
                 airs_status_name(row->status));
    if (row->reason != AIRS_EXIT_NORMAL)
        check_failure(self, id, row);
    else
        attack_assert_text(text, row->text);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_check(self);
}

void attack_run_rows(attack *self, const attack_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        print_message("    %s: %s %s\n", rows[i].guest, rows[i].prepare == NULL ? "" : rows[i].prepare,
                      rows[i].message);
        run_row(self, &rows[i]);
    }
}
