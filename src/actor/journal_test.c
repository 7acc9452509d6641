// SPDX-License-Identifier: MIT OR Apache-2.0
/// What is noted of events: the last 1,000, by their number.
#include "base/testing.h"

#include <stdio.h>
#include <string.h>

#include "actor/journal.h"
#include "base/alloc.h"
#include "base/alloc_fault.h"

static envelope mail_of(uint64_t number, char text[32])
{
    envelope mail = {.kind = ENVELOPE_MESSAGE, .id = number, .sender = 7};
    int len = snprintf(text, 32, "event %llu", (unsigned long long)number);
    mail.len = (uint32_t)len;
    memcpy(mail.bytes, text, (size_t)len);
    return mail;
}

static void add(actor_journal *journal, uint64_t from, uint64_t to)
{
    char text[32];
    for (uint64_t number = from; number <= to; number++) {
        envelope mail = mail_of(number, text);
        actor_journal_add(journal, &mail);
    }
}

static void expect(const actor_journal *journal, uint64_t number)
{
    char text[32];
    (void)mail_of(number, text);
    const actor_journal_entry *entry = actor_journal_get(journal, number);
    assert_int_equal(entry->id, number);
    assert_int_equal(entry->sender, 7);
    assert_int_equal(entry->len, strlen(text));
    assert_memory_equal(entry->head, text, strlen(text));
    assert_string_equal(entry->topic, "");
}

static void the_last_thousand_are_listed(void **user)
{
    (void)user;
    actor_journal *journal = actor_journal_create(base_allocator_default());
    assert_non_null(journal);
    assert_true(actor_journal_oldest(journal) > journal->count);
    uint64_t added = 0;
    for (uint64_t count = 1; count <= 3500; count += 7) {
        add(journal, added + 1, count);
        added = count;
        uint64_t oldest = actor_journal_oldest(journal);
        assert_int_equal(journal->count, count);
        assert_int_equal(oldest, count > 1000 ? count - 999 : 1);
        for (uint64_t number = oldest; number <= count; number += count > 100 ? 97 : 1)
            expect(journal, number);
        expect(journal, count);
    }
    actor_journal_destroy(journal);
    actor_journal_destroy(NULL);
}

static void a_long_payload_is_cut(void **user)
{
    (void)user;
    actor_journal *journal = actor_journal_create(base_allocator_default());
    envelope mail = {.kind = ENVELOPE_REPLY, .id = 3, .len = ENVELOPE_INLINE};
    memset(mail.bytes, 'x', sizeof mail.bytes);
    actor_journal_add(journal, &mail);
    const actor_journal_entry *entry = actor_journal_get(journal, 1);
    assert_int_equal(entry->id, 0);
    assert_int_equal(entry->len, ENVELOPE_INLINE);
    for (size_t i = 0; i < sizeof entry->head; i++)
        assert_int_equal(entry->head[i], 'x');
    actor_journal_destroy(journal);
}

static void without_memory_it_is_counted(void **user)
{
    (void)user;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    actor_journal *journal = actor_journal_create(&fault.allocator);
    base_alloc_fault_arm(&fault, 1, UINT64_MAX);
    add(journal, 1, 5);
    assert_int_equal(journal->count, 5);
    assert_int_equal(actor_journal_oldest(journal), 6);
    base_alloc_fault_arm(&fault, 0, 0);
    add(journal, 6, 9);
    assert_int_equal(actor_journal_oldest(journal), 6);
    for (uint64_t number = 6; number <= 9; number++)
        expect(journal, number);
    actor_journal_destroy(journal);
    assert_int_equal(base_alloc_fault_live(&fault), 0);
    base_alloc_fault_arm(&fault, 1, UINT64_MAX);
    assert_null(actor_journal_create(&fault.allocator));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_thousand_are_listed),
        cmocka_unit_test(a_long_payload_is_cut),
        cmocka_unit_test(without_memory_it_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
