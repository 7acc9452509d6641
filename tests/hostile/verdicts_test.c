// SPDX-License-Identifier: MIT OR Apache-2.0
/// A message that goes wrong between others: whatever the hook on_error says of it, and wherever it is in the list that
/// the guest has taken, each message is begun as often as it should be, in its order, and each asker is told once. The
/// guest is tests/guests/judged.c.
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "airssys/supervision.h"
#include "attack.h"

#define MESSAGES 5
#define RECORD_MAX 128

/// What one asker was told.
typedef struct asker {
    _Atomic int told;
    airs_status status;
} asker;

typedef struct scene {
    attack *attack;
    airs_actor_id recorder, group, id;
    airs_error_verdict verdict;
    asker askers[MESSAGES];
    os_mutex lock;
    // Under the lock: the numbers of the messages that were begun, one after the other.
    char record[RECORD_MAX];
    size_t record_len;
} scene;

static scene here;

/// A row of the table.
typedef struct trial {
    const char *guest;
    const char *way;
    airs_error_verdict verdict;
    int position;
    bool asks;
    uint32_t retries;
} trial;

static airs_status record(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    if (message->request.raw != 0)
        return airs_context_reply(context, message->request, NULL, 0);
    os_mutex_lock(&here.lock);
    if (here.record_len + message->payload.len < RECORD_MAX) {
        memcpy(here.record + here.record_len, message->payload.data, message->payload.len);
        here.record_len += message->payload.len;
    }
    os_mutex_unlock(&here.lock);
    return AIRS_OK;
}

static airs_error_verdict on_error(const airs_hook_info *info, airs_exit reason, const char *text)
{
    (void)info;
    (void)reason;
    (void)text;
    return here.verdict;
}

static const airs_hooks hooks = {.on_error = on_error, .timeout_ms = 60000};

static void begin(void)
{
    static const airs_actor_fns fns = {.handle = record};
    static const airs_native native = {.kind = "recorder", .actor = &fns};
    here = (scene){.attack = attack_begin()};
    airs_spawn_options options = {.name = "recorder"};
    assert_int_equal(airs_spawn_native(here.attack->system, &native, &options, &here.recorder, NULL), AIRS_OK);
    here.attack->actors++;
}

static void end(void)
{
    assert_int_equal(airs_stop(here.attack->system, here.recorder), AIRS_OK);
    here.attack->actors--;
    attack_end(here.attack);
}

static void on_told(void *user, const airs_reply *reply)
{
    asker *self = user;
    self->status = reply->status;
    self->told++;
}

static void spawn(const trial *it)
{
    airs_supervisor_options group = {.name = "group", .max_restarts = 100, .window_ms = 60000};
    assert_int_equal(airs_spawn_supervisor(here.attack->system, &group, &here.group, NULL), AIRS_OK);
    static const char *const recorder[] = {"recorder"};
    airs_spawn_options options = {.name = "victim",
                                  .supervisor = here.group,
                                  .may_send = recorder,
                                  .may_send_count = 1,
                                  .hooks = &hooks,
                                  .limits.max_message = 1024,
                                  .on_failure.retries = it->retries};
    here.id = attack_spawn(here.attack, it->guest, &options);
}

/// All at once: the guest gets them as one list.
static void send_all(const trial *it)
{
    airs_system *system = here.attack->system;
    assert_int_equal(airs_pause(system, here.id), AIRS_OK);
    for (int i = 0; i < MESSAGES; i++) {
        char text[32];
        bool bad = i == it->position;
        int len = snprintf(text, sizeof text, "%d %s", i, bad ? it->way : "well");
        here.askers[i] = (asker){.told = 0};
        if (bad && !it->asks)
            assert_int_equal(airs_send(system, here.id, text, (size_t)len), AIRS_OK);
        else
            assert_int_equal(
                airs_ask_async(system, here.id, text, (size_t)len, ATTACK_PATIENCE_MS, on_told, &here.askers[i]),
                AIRS_OK);
    }
    assert_int_equal(airs_resume(system, here.id), AIRS_OK);
}

static bool ends_incarnation(const trial *it)
{
    return strcmp(it->way, "trap") == 0 || it->verdict > AIRS_ERROR_RESUME;
}

static void expect_told(const trial *it)
{
    for (int i = 0; i < MESSAGES; i++) {
        bool bad = i == it->position;
        if (bad && !it->asks)
            continue;
        for (uint64_t since = attack_now_ms(); here.askers[i].told == 0; attack_sleep_ms(1)) {
            // Well before the time that its asker waits.
            if (attack_now_ms() - since > ATTACK_PATIENCE_MS / 2)
                fail_msg("the asker of message %d is not told", i);
        }
        bool lost = it->verdict == AIRS_ERROR_STOP && i > it->position;
        airs_status expected = bad || lost ? AIRS_E_FAILED : AIRS_OK;
        airs_status got = here.askers[i].status;
        if (got != expected && !(lost && got == AIRS_E_GONE))
            fail_msg("the asker of message %d is told %s", i, airs_status_name(got));
    }
}

static void expect_record(const trial *it)
{
    char expected[RECORD_MAX] = "";
    size_t len = 0;
    for (int i = 0; i < MESSAGES; i++) {
        bool bad = i == it->position;
        bool lost = it->verdict == AIRS_ERROR_STOP && i > it->position;
        uint32_t times = lost ? 0 : 1;
        if (bad && ends_incarnation(it) && it->verdict != AIRS_ERROR_STOP)
            times += it->retries;
        for (uint32_t n = 0; n < times; n++)
            expected[len++] = (char)('0' + i);
    }
    expected[len] = '\0';
    char got[RECORD_MAX];
    for (uint64_t since = attack_now_ms();; attack_sleep_ms(1)) {
        os_mutex_lock(&here.lock);
        here.record[here.record_len] = '\0';
        memcpy(got, here.record, here.record_len + 1);
        os_mutex_unlock(&here.lock);
        if (strcmp(got, expected) == 0)
            return;
        if (strlen(got) > len || attack_now_ms() - since > ATTACK_PATIENCE_MS / 2)
            fail_msg("begun were %s, expected was %s", got, expected);
    }
}

/// What the guest still had to say has arrived.
static void settle_down(const trial *it)
{
    if (it->verdict == AIRS_ERROR_STOP)
        attack_wait_gone(here.attack, here.id);
    else
        attack_expect(here.attack, here.id, "- well", "-");
    assert_int_equal(attack_ask(here.attack, here.recorder, "?", NULL), AIRS_OK);
}

static void run(const trial *it)
{
    here.verdict = it->verdict;
    here.record_len = 0;
    spawn(it);
    send_all(it);
    expect_told(it);
    expect_record(it);
    settle_down(it);
    os_mutex_lock(&here.lock);
    bool more = here.record_len > MESSAGES + it->retries + 1;
    os_mutex_unlock(&here.lock);
    assert_false(more);
    for (int i = 0; i < MESSAGES; i++)
        assert_true(here.askers[i].told <= 1);
    assert_int_equal(airs_stop(here.attack->system, here.group), AIRS_OK);
    attack_wait_gone(here.attack, here.group);
}

static void run_all(const char *guest, const char *way)
{
    static const int positions[] = {0, MESSAGES / 2, MESSAGES - 1};
    begin();
    for (int verdict = AIRS_ERROR_DEFAULT; verdict <= AIRS_ERROR_ESCALATE; verdict++) {
        for (int at = 0; at < 3 * 2 * 2; at++) {
            trial it = {.guest = guest,
                        .way = way,
                        .verdict = (airs_error_verdict)verdict,
                        .position = positions[at % 3],
                        .asks = at / 3 % 2 == 1,
                        .retries = (uint32_t)(at / 6)};
            // An answer that nobody waits for is never too large.
            if (!it.asks && strcmp(way, "large") == 0)
                continue;
            print_message("%s %s: verdict %d, position %d, %s, retries %u\n", guest, way, verdict, it.position,
                          it.asks ? "asked" : "sent", it.retries);
            run(&it);
        }
    }
    end();
}

static void an_error_in_a_list(void **user)
{
    (void)user;
    run_all("judged", "bad");
}

static void a_trap_in_a_list(void **user)
{
    (void)user;
    run_all("judged", "trap");
}

static void an_answer_that_is_too_large_in_a_list(void **user)
{
    (void)user;
    run_all("judged", "large");
}

static void an_error_in_a_call_of_its_own(void **user)
{
    (void)user;
    run_all("judged-actor", "bad");
}

static void a_trap_in_a_call_of_its_own(void **user)
{
    (void)user;
    run_all("judged-actor", "trap");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_in_a_list),
        cmocka_unit_test(a_trap_in_a_list),
        cmocka_unit_test(an_answer_that_is_too_large_in_a_list),
        cmocka_unit_test(an_error_in_a_call_of_its_own),
        cmocka_unit_test(a_trap_in_a_call_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
