// SPDX-License-Identifier: MIT OR Apache-2.0
/// Custom capabilities, and a program that decides beside the grants.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"
#include "base/bytes.h"

static airs_actor_id spawn_with(attack *self, const airs_grant *grants, size_t count)
{
    airs_spawn_options options = {.name = "asker", .grants = grants, .grants_count = count, .nothing_by_default = true};
    return attack_spawn(self, "custom", &options);
}

static void a_custom_capability_is_what_its_grants_say(void **user)
{
    (void)user;
    attack *self = attack_begin();
    const airs_grant grants[] = {{.rights = AIRS_RIGHT_CUSTOM_USE, .custom = "led", .pattern = "red/*"},
                                 {.rights = AIRS_RIGHT_CUSTOM_USE, .custom = "all", .pattern = "*"}};
    airs_actor_id id = spawn_with(self, grants, 2);
    attack_expect(self, id, "check led red/1", "yes");
    attack_expect(self, id, "check led red/", "yes");
    attack_expect(self, id, "check all anything at all", "yes");
    attack_expect(self, id, "check all ", "yes");
    attack_expect(self, id, "check led blue", "no grant: custom.led does not match \"blue\"");
    attack_expect(self, id, "check led ", "no grant: custom.led does not match \"\"");
    attack_expect(self, id, "check le red/1", "no grant: custom.le does not match \"red/1\"");
    assert_int_equal(airs_actor_refusals(self->system, id), 3);
    uint32_t number = 0;
    assert_int_equal(airs_grant_revoke(self->system, id, &number, 1, NULL), AIRS_OK);
    attack_expect(self, id, "check led red/1", "no grant: custom.led does not match \"red/1\"");
    attack_expect(self, id, "check all red/1", "yes");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void names_and_objects_are_bounded(void **user)
{
    (void)user;
    static const char *const names[] = {"", "*", "l*", "led\x1b[31m", "l\xc3\xa9", "led,led"};
    attack *self = attack_begin();
    const airs_grant grants[] = {{.rights = AIRS_RIGHT_CUSTOM_USE, .custom = "led", .pattern = "*"}};
    airs_actor_id id = spawn_with(self, grants, 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char message[64];
        (void)snprintf(message, sizeof message, "check %s red", names[i]);
        attack_expect(self, id, message, "the name of a custom capability has 1 to 128*");
    }
    attack_expect(self, id, "long 256", "yes");
    attack_expect(self, id, "long 257", "the object of a custom capability has at most 256 bytes");
    attack_expect(self, id, "long 1000000", "the object of a custom capability has at most 256 bytes");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

// ---------------------------------------------------------------- who decides beside the grants

/// What was seen of "asker", whose calls come one after the other, and are read between them.
typedef struct seen {
    uint32_t count;
    uint32_t allowed;
    airs_right right;
    uint32_t grant;
    char custom[64];
    char object[300];
    char why[256];
    bool wrong;
    /// Answered to each.
    bool answer;
} seen;

static bool see(void *user, const airs_decision *decision)
{
    seen *self = user;
    if (strcmp(decision->name, "asker") != 0)
        return true;
    self->count++;
    self->allowed += decision->allowed;
    self->right = decision->right;
    self->grant = decision->grant;
    self->wrong |= decision->actor.raw == 0 || decision->message == 0;
    self->wrong |= decision->allowed != (decision->why[0] == '\0');
    base_text_copy(self->custom, sizeof self->custom, base_bytes_of(decision->custom ? decision->custom : "(none)"));
    base_text_copy(self->object, sizeof self->object, decision->object);
    base_text_copy(self->why, sizeof self->why, base_bytes_of(decision->why));
    return self->answer;
}

static const airs_system_options two_workers = {.workers = 2, .instances_max = 32, .max_restarts = 256};

static void each_decision_is_seen(void **user)
{
    (void)user;
    seen notes = {.answer = true};
    attack *self = attack_begin_deciding(&two_workers, see, &notes);
    const airs_grant grants[] = {{.rights = AIRS_RIGHT_MESSAGING_SEND, .pattern = "other"},
                                 {.rights = AIRS_RIGHT_CUSTOM_USE, .custom = "led", .pattern = "red"}};
    airs_actor_id other = attack_spawn(self, "counts", &(airs_spawn_options){.name = "other"});
    airs_actor_id id = spawn_with(self, grants, 2);
    attack_expect(self, id, "check led red", "yes");
    assert_int_equal(notes.count, 1);
    assert_int_equal(notes.allowed, 1);
    assert_int_equal(notes.right, AIRS_RIGHT_CUSTOM_USE);
    assert_int_equal(notes.grant, 1);
    assert_string_equal(notes.custom, "led");
    assert_string_equal(notes.object, "red");
    // A refusal stays one, whatever is answered.
    attack_expect(self, id, "check led dark blue", "no grant: custom.led does not match \"dark blue\"");
    assert_int_equal(notes.allowed, 1);
    assert_int_equal(notes.grant, AIRS_GRANT_NONE);
    assert_string_equal(notes.object, "dark blue");
    assert_string_equal(notes.why, "no grant: custom.led does not match \"dark blue\"");
    attack_expect(self, id, "check l*d red", "the name of*");
    assert_string_equal(notes.custom, "");
    assert_string_equal(notes.object, "l*d");
    // Each message is a decision, also of a receiver that was asked about before.
    for (uint32_t i = 0; i < 10; i++)
        attack_expect(self, id, "send other", "ok");
    assert_int_equal(notes.count, 13);
    assert_int_equal(notes.allowed, 11);
    assert_int_equal(notes.right, AIRS_RIGHT_MESSAGING_SEND);
    assert_string_equal(notes.custom, "(none)");
    assert_string_equal(notes.object, "other");
    attack_expect(self, id, "send witness", "denied*");
    assert_string_equal(notes.object, "witness");
    assert_false(notes.wrong);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, other, ATTACK_PATIENCE_MS);
    attack_end(self);
}

typedef struct logged {
    uint32_t allowed;
    uint32_t refused;
    bool custom_named;
} logged;

static bool count_record(void *user, const airs_audit_record *record)
{
    logged *self = user;
    self->allowed += record->allowed;
    self->refused += !record->allowed;
    self->custom_named |= record->object.len == 7 && memcmp(record->object.data, "led red", 7) == 0;
    return true;
}

static void the_program_refuses_what_is_granted(void **user)
{
    (void)user;
    char folder[] = "/tmp/airssys-decisions-XXXXXX";
    char log[64], key[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(log, sizeof log, "%s/log", folder);
    (void)snprintf(key, sizeof key, "%s/key", folder);
    airs_system_options options = two_workers;
    options.audit = (airs_audit_options){.mode = AIRS_AUDIT_FIRST_USE, .folder = log, .key_file = key};
    seen notes = {.answer = false};
    attack *self = attack_begin_deciding(&options, see, &notes);
    const airs_grant grants[] = {{.rights = AIRS_RIGHT_MESSAGING_SEND, .pattern = "wit*"},
                                 {.rights = AIRS_RIGHT_CUSTOM_USE, .custom = "led", .pattern = "red"}};
    airs_actor_id id = spawn_with(self, grants, 2);
    attack_expect(self, id, "check led red", "refused by the program that runs the system: custom.led");
    attack_expect(self, id, "check led red", "refused by the program that runs the system: custom.led");
    attack_expect(self, id, "send witness", "denied*");
    assert_int_equal(notes.count, 3);
    assert_int_equal(airs_actor_refusals(self->system, id), 3);
    // What was refused is no use of its grant: the first one that is done is in the log.
    notes.answer = true;
    attack_expect(self, id, "check led red", "yes");
    attack_expect(self, id, "check led red", "yes");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
    logged counted = {0};
    airs_audit_filter filter = {.name = "asker"};
    airs_audit_read_options read = {.folder = log, .filter = &filter, .record = count_record, .user = &counted};
    airs_audit_report report;
    airs_error error = {.text = ""};
    if (airs_audit_read(&read, &report, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_int_equal(counted.refused, 3);
    assert_int_equal(counted.allowed, 1);
    assert_true(counted.custom_named);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

// ---------------------------------------------------------------- a native actor asks about who has sent it a message

/// What it was told about the sender of the last message; it is only read when nobody sends.
typedef struct gate {
    _Atomic uint32_t count;
    airs_status status;
    char why[256];
} gate;

static airs_status gate_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    gate *self = airs_context_user(context);
    airs_error why = {.text = ""};
    self->status = airs_context_sender_allowed(context, "door", message->payload.data, message->payload.len, &why);
    base_text_copy(self->why, sizeof self->why, base_bytes_of(why.text));
    self->count++;
    return AIRS_OK;
}

static void send_to_gate(attack *self, airs_actor_id id, gate *at)
{
    uint32_t before = at->count;
    attack_expect(self, id, "send gate", "ok");
    for (uint64_t begin = attack_now_ms(); at->count == before; attack_sleep_ms(1))
        assert_true(attack_now_ms() - begin < ATTACK_PATIENCE_MS);
}

static void a_native_actor_asks_about_the_sender(void **user)
{
    (void)user;
    static const airs_actor_fns fns = {.handle = gate_handle};
    seen notes = {.answer = true};
    gate at = {.count = 0};
    attack *self = attack_begin_deciding(&two_workers, see, &notes);
    const airs_native kind = {.kind = "gate", .actor = &fns, .user = &at};
    airs_actor_id gate_id;
    assert_int_equal(airs_spawn_native(self->system, &kind, &(airs_spawn_options){.name = "gate"}, &gate_id, NULL),
                     AIRS_OK);
    const airs_grant grants[] = {{.rights = AIRS_RIGHT_MESSAGING_SEND, .pattern = "gate"},
                                 {.rights = AIRS_RIGHT_CUSTOM_USE, .custom = "door", .pattern = "add"}};
    airs_actor_id id = spawn_with(self, grants, 2);
    // Who is no component is not asked about.
    assert_int_equal(airs_send(self->system, gate_id, "front", 5), AIRS_OK);
    for (uint64_t begin = attack_now_ms(); at.count == 0; attack_sleep_ms(1))
        assert_true(attack_now_ms() - begin < ATTACK_PATIENCE_MS);
    assert_int_equal(at.status, AIRS_OK);
    assert_int_equal(notes.count, 0);
    send_to_gate(self, id, &at);
    assert_int_equal(at.status, AIRS_OK);
    assert_int_equal(notes.count, 2);
    assert_int_equal(notes.right, AIRS_RIGHT_CUSTOM_USE);
    assert_string_equal(notes.custom, "door");
    assert_string_equal(notes.object, "add");
    assert_int_equal(notes.grant, 1);
    // By the grants that hold now.
    uint32_t number = 1;
    assert_int_equal(airs_grant_revoke(self->system, id, &number, 1, NULL), AIRS_OK);
    send_to_gate(self, id, &at);
    assert_int_equal(at.status, AIRS_E_DENIED);
    assert_string_equal(at.why, "no grant: custom.door does not match \"add\"");
    assert_false(notes.wrong);
    assert_int_equal(airs_actor_refusals(self->system, id), 1);
    send_to_gate(self, id, &at);
    assert_int_equal(airs_actor_refusals(self->system, id), 2);
    // The program may refuse it beside the grants.
    const airs_grant again = {.rights = AIRS_RIGHT_CUSTOM_USE, .custom = "door", .pattern = "*"};
    assert_int_equal(airs_grant_add(self->system, id, &again, 1, NULL, NULL), AIRS_OK);
    send_to_gate(self, id, &at);
    assert_int_equal(at.status, AIRS_OK);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, gate_id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void who_is_refused_elsewhere_without_end_ends(void **user)
{
    (void)user;
    static const airs_actor_fns fns = {.handle = gate_handle};
    gate at = {.count = 0};
    attack *self = attack_begin();
    const airs_native kind = {.kind = "gate", .actor = &fns, .user = &at};
    airs_actor_id gate_id;
    assert_int_equal(airs_spawn_native(self->system, &kind, &(airs_spawn_options){.name = "gate"}, &gate_id, NULL),
                     AIRS_OK);
    const airs_grant grant = {.rights = AIRS_RIGHT_MESSAGING_SEND, .pattern = "gate"};
    airs_spawn_options options = {.name = "asker",
                                  .grants = &grant,
                                  .grants_count = 1,
                                  .nothing_by_default = true,
                                  .restart = AIRS_RESTART_TEMPORARY,
                                  .limits = {.max_refusals = 1}};
    airs_actor_id id = attack_spawn(self, "custom", &options);
    airs_status status = AIRS_OK;
    for (uint32_t i = 0; i < 10000 && status == AIRS_OK; i++) {
        airs_buffer reply;
        status = airs_ask(self->system, id, "send gate", 9, ATTACK_PATIENCE_MS, &reply, NULL);
        if (status == AIRS_OK)
            airs_buffer_free(&reply);
    }
    assert_int_not_equal(status, AIRS_OK);
    attack_stop(self, gate_id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_custom_capability_is_what_its_grants_say),
        cmocka_unit_test(names_and_objects_are_bounded),
        cmocka_unit_test(each_decision_is_seen),
        cmocka_unit_test(the_program_refuses_what_is_granted),
        cmocka_unit_test(a_native_actor_asks_about_the_sender),
        cmocka_unit_test(who_is_refused_elsewhere_without_end_ends),
    };
    return cmocka_run_group_tests_name("hostile decisions", tests, NULL, NULL);
}
