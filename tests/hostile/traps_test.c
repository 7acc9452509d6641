// SPDX-License-Identifier: MIT OR Apache-2.0
/// What is told of a trap: functions' names and, where the guest has DWARF, file and line; and DWARF that lies.

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attack.h"

#define BACKTRACE_SIZE 16384u

typedef struct told {
    uint64_t count;
    airs_exit reason;
    char backtrace[BACKTRACE_SIZE];
    char text[256];
} told;

static bool keep_last(void *user, const airs_failure *failure)
{
    told *last = user;
    last->reason = failure->reason;
    (void)snprintf(last->backtrace, sizeof last->backtrace, "%s", failure->backtrace);
    (void)snprintf(last->text, sizeof last->text, "%s", failure->text);
    return true;
}

static told last_of(attack *self, airs_actor_id id)
{
    told last = {0};
    last.count = airs_actor_failures(self->system, id, keep_last, &last);
    return last;
}

static size_t lines_in(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

/// Line `number` of a text, from 0; the text is cut for it.
static const char *line_of(char *text, size_t number)
{
    for (char *end; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        *end = '\0';
        if (number-- == 0)
            return text;
    }
    return "";
}

static airs_actor_id trap(attack *self, const char *guest, const char *message)
{
    airs_spawn_options options = {.name = "victim"};
    airs_actor_id id = attack_spawn(self, guest, &options);
    assert_int_equal(attack_ask(self, id, message, NULL), AIRS_E_FAILED);
    attack_wait_restarted(self, id, 1);
    return id;
}

static void a_trap_has_file_and_line(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const char *const guests[] = {"lines", "lines-5", "lines-tables", "lines-wasi"};
    for (size_t i = 0; i < sizeof guests / sizeof *guests; i++) {
        print_message("    %s\n", guests[i]);
        airs_actor_id id = trap(self, guests[i], "divide");
        told last = last_of(self, id);
        assert_string_equal(airs_exit_name(last.reason), "trap");
        attack_assert_text(last.text, "*integer divide by zero in divide");
        attack_assert_text(line_of(last.backtrace, 0), "divide at *lines.c:102:*");
        last = last_of(self, id);
        attack_assert_text(line_of(last.backtrace, 1), "actor_handle at *lines.c:116:*");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        attack_check(self);
    }
    attack_end(self);
}

/// As many frames as are kept, each a line of its own.
static void a_deep_trap_has_its_innermost_frames(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id id = trap(self, "lines", "sum");
    told last = last_of(self, id);
    assert_int_equal(lines_in(last.backtrace), ENGINE_FRAMES_MAX);
    char copy[BACKTRACE_SIZE];
    memcpy(copy, last.backtrace, sizeof copy);
    attack_assert_text(line_of(copy, 1), "sum at *lines.c:109:*");
    attack_assert_text(line_of(last.backtrace, 2), "sum at *lines.c:110:*");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void without_debug_information_there_are_names(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id id = trap(self, "lines-bare", "divide");
    told last = last_of(self, id);
    assert_true(lines_in(last.backtrace) >= 2);
    assert_string_equal(line_of(last.backtrace, 0), "divide");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    // What is no trap has no backtrace.
    airs_spawn_options options = {.name = "victim"};
    id = attack_spawn(self, "family", &options);
    attack_expect(self, id, "leave in anger", "bye");
    attack_wait_restarted(self, id, 1);
    last = last_of(self, id);
    assert_string_equal(last.text, "in anger");
    assert_string_equal(last.backtrace, "");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

typedef struct asker {
    attack *self;
    airs_actor_id id;
    told last;
} asker;

static void *ask(void *user)
{
    asker *it = user;
    for (uint32_t round = 0; round < 20; round++)
        it->last = last_of(it->self, it->id);
    return NULL;
}

/// Asked for from many threads while it goes on to fail: the last 16 are there, each told.
static void many_ask_at_once(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id id = trap(self, "lines", "divide");
    asker askers[4];
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        askers[i] = (asker){.self = self, .id = id};
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &askers[i]), 0);
    }
    for (uint64_t traps = 2; traps <= 40; traps++) {
        assert_int_equal(attack_ask(self, id, traps % 2 == 0 ? "sum" : "divide", NULL), AIRS_E_FAILED);
        attack_wait_restarted(self, id, traps);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        attack_assert_text(line_of(askers[i].last.backtrace, 0), "divide at *lines.c:102:*");
    }
    assert_int_equal(last_of(self, id).count, 40);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static uint64_t random_state = 88172645463325252u;

static uint8_t any_byte(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint8_t)(random_state >> 32);
}

/// The bytes of `.debug_line` behind its name, in a component's file; and how many there are.
static uint8_t *debug_line_in(uint8_t *wasm, size_t len, size_t *ret_len)
{
    static const char name[] = ".debug_line";
    uint8_t *at = memmem(wasm, len, name, sizeof name - 1);
    assert_non_null(at);
    // The section's size stands before the name's length, as a LEB of which the last byte has no high bit.
    const uint8_t *size = at - 2;
    while (size > wasm && (size[-1] & 0x80) != 0)
        size--;
    size_t bytes = 0;
    for (unsigned shift = 0; size < at - 1; shift += 7)
        bytes |= (size_t)(*size++ & 0x7f) << shift;
    *ret_len = bytes - sizeof name;
    return at + sizeof name - 1;
}

static airs_actor_id spawn_bytes(attack *self, const uint8_t *wasm, size_t len)
{
    airs_component *component = NULL;
    airs_error error = {0};
    if (airs_component_load(self->system, wasm, len, &component, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    airs_actor_id id = {0};
    airs_spawn_options options = {.name = "victim"};
    assert_int_equal(airs_spawn_component(self->system, component, &options, &id, NULL), AIRS_OK);
    airs_component_release(component);
    return id;
}

/// DWARF is the guest's own: whatever stands there, the trap is told by its name, soon, and nobody else is harmed.
static void lines_that_lie(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (uint32_t round = 0; round < 24; round++) {
        size_t len, lines_len;
        uint8_t *wasm = attack_read("lines", &len);
        uint8_t *lines = debug_line_in(wasm, len, &lines_len);
        assert_true(lines_len > 100);
        // All of it, or some bytes of it, or one byte everywhere.
        for (size_t i = 0; i < lines_len; i++) {
            if (round % 3 == 0 || (round % 3 == 1 && any_byte() < 4))
                lines[i] = any_byte();
            else if (round % 3 == 2 && i > 12)
                lines[i] = (uint8_t)(round * 11);
        }
        airs_actor_id id = spawn_bytes(self, wasm, len);
        free(wasm);
        assert_int_equal(attack_ask(self, id, "divide", NULL), AIRS_E_FAILED);
        attack_wait_restarted(self, id, 1);
        uint64_t began = attack_now_ms();
        told last = last_of(self, id);
        assert_true(attack_now_ms() - began < ATTACK_PATIENCE_MS);
        attack_assert_text(line_of(last.backtrace, 0), "divide*");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
    }
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trap_has_file_and_line),
        cmocka_unit_test(a_deep_trap_has_its_innermost_frames),
        cmocka_unit_test(without_debug_information_there_are_names),
        cmocka_unit_test(many_ask_at_once),
        cmocka_unit_test(lines_that_lie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
