// SPDX-License-Identifier: MIT OR Apache-2.0
/// Traps, and values that are none of the contract, in each place where a guest can give one.
#include "attack.h"

#define ROWS(rows) (rows), sizeof(rows) / sizeof *(rows)
#define TRAPS(guest, prepare, message, text)                          \
    {                                                                 \
        guest, prepare, message, AIRS_E_FAILED, AIRS_EXIT_TRAP, text, \
        {                                                             \
            0                                                         \
        }                                                             \
    }
#define LIVES(guest, message, answer)                            \
    {                                                            \
        guest, NULL, message, AIRS_OK, AIRS_EXIT_NORMAL, answer, \
        {                                                        \
            0                                                    \
        }                                                        \
    }

/// Too long for a list that lies in the result: the guest's allocator is asked.
#define FIFTY "a message of fifty characters, again and again... "
#define LONG_MESSAGE FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY

static void traps(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const attack_row rows[] = {
        TRAPS("trap", NULL, "trap", "*wasm `unreachable` instruction executed*"),
        TRAPS("trap-actor", NULL, "trap", "*wasm `unreachable` instruction executed*"),
        {"trap", NULL, "error", AIRS_E_FAILED, AIRS_EXIT_NORMAL, "only this message failed", {0}},
        {"trap-actor", NULL, "error", AIRS_E_FAILED, AIRS_EXIT_NORMAL, "only this message failed", {0}},
        TRAPS("realloc-trap", "trap", LONG_MESSAGE, "*wasm `unreachable` instruction executed*"),
        TRAPS("raw-actor", "realloc-trap", "hello", "*wasm `unreachable` instruction executed*"),
        TRAPS("raw-actor", NULL, "realloc-trap now", "*wasm `unreachable` instruction executed*"),
        TRAPS("post-return", NULL, "trap", "*wasm `unreachable` instruction executed*"),
        TRAPS("raw-actor", NULL, "post-trap", "*wasm `unreachable` instruction executed*"),
        LIVES("trap-health", "hello", "hello"),
        LIVES("trap-save", "hello", "hello"),
        LIVES("trap-load", "hello", "hello"),
    };
    attack_run_rows(self, ROWS(rows));
    attack_end(self);
}

/// Functions of the guest that may not call out.
static void calls_from_where_none_are_allowed(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const attack_row rows[] = {
        TRAPS("raw-actor", "realloc-call", "hello", "*cannot leave component instance*"),
        TRAPS("raw-actor", NULL, "realloc-call now", "*cannot leave component instance*"),
        TRAPS("raw-actor", NULL, "post-call", "*cannot leave component instance*"),
    };
    attack_run_rows(self, ROWS(rows));
    attack_end(self);
}

static void pointers(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const attack_row rows[] = {
        TRAPS("pointers", NULL, "send-outside", "*"),
        TRAPS("pointers", NULL, "send-wraps", "*"),
        TRAPS("pointers", NULL, "answer-outside", "*"),
        TRAPS("pointers", NULL, "answer-wraps", "*"),
        TRAPS("pointers-actor", NULL, "answer-outside", "*"),
        TRAPS("pointers-actor", NULL, "answer-wraps", "*"),
        TRAPS("raw-actor", NULL, "result-misaligned", "*"),
        TRAPS("raw-actor", NULL, "result-outside", "*"),
        TRAPS("raw-actor", NULL, "result-wraps", "*"),
        TRAPS("raw-actor", NULL, "list-outside", "*"),
        TRAPS("raw-actor", NULL, "list-wraps", "*"),
        TRAPS("raw-actor", NULL, "list-longest", "*"),
        TRAPS("raw-actor", NULL, "text-outside", "*"),
        TRAPS("raw-actor", NULL, "text-wraps", "*"),
        TRAPS("raw-actor", NULL, "call-misaligned", "*"),
        TRAPS("raw-actor", NULL, "call-result-outside", "*"),
        TRAPS("raw-actor", NULL, "call-outside", "*"),
        TRAPS("raw-actor", NULL, "call-wraps", "*"),
        TRAPS("realloc-trap", "wild", LONG_MESSAGE, "*"),
        TRAPS("raw-actor", "realloc-outside", "hello", "*"),
        TRAPS("raw-actor", NULL, "realloc-outside now", "*"),
        TRAPS("raw-actor", "realloc-wraps", "hello", "*"),
        TRAPS("raw-actor", NULL, "realloc-wraps now", "*"),
        TRAPS("raw-batch", "outside", "hello", "*"),
        // Within its own memory a guest may be as wrong as it likes.
        LIVES("raw-actor", "realloc-misaligned now", "r000*"),
        LIVES("post-return", "scribble", "scribble"),
    };
    attack_run_rows(self, ROWS(rows));
    airs_actor_id id = attack_spawn(self, "raw-actor", NULL);
    attack_expect(self, id, "realloc-null now", "*");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void texts(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const attack_row rows[] = {
        TRAPS("pointers", NULL, "error-not-utf8", "*"),       TRAPS("pointers", NULL, "lookup-not-utf8", "*"),
        TRAPS("pointers-actor", NULL, "error-not-utf8", "*"), TRAPS("raw-actor", NULL, "text-not-utf8", "*"),
        TRAPS("raw-actor", NULL, "call-not-utf8", "*"),
    };
    attack_run_rows(self, ROWS(rows));
    // Payloads are bytes.
    airs_actor_id id = attack_spawn(self, "pointers", NULL);
    attack_expect(self, id, "answer-not-utf8", "\xff\xfe");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void cases_that_there_are_none_of(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const attack_row rows[] = {
        TRAPS("raw-actor", NULL, "result-case", "*"), TRAPS("raw-actor", NULL, "option-case", "*"),
        TRAPS("raw-actor", NULL, "call-case", "*"),   TRAPS("raw-actor", NULL, "call-exit-case", "*"),
        TRAPS("raw-batch", NULL, "case", "*"),
    };
    attack_run_rows(self, ROWS(rows));
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traps), cmocka_unit_test(calls_from_where_none_are_allowed), cmocka_unit_test(pointers),
        cmocka_unit_test(texts), cmocka_unit_test(cases_that_there_are_none_of),
    };
    return cmocka_run_group_tests_name("hostile values", tests, NULL, NULL);
}
