// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ledger.h"

#include <string.h>

#define MAGIC_LETTER 0x4c657474u
#define MAGIC_REPLY 0x5265706cu

uint32_t ledger_letter(ledger *self, letter_kind kind, uint32_t from, uint64_t to)
{
    if (self->letters_count == LETTERS_MAX)
        return NONE;
    self->letters[self->letters_count] = (letter){.kind = kind, .from = from, .to = to, .question = NONE};
    return self->letters_count++;
}

uint32_t ledger_question(ledger *self, request_kind kind, uint32_t number, uint32_t asker, uint32_t incarnation)
{
    if (self->questions_count == QUESTIONS_MAX)
        return NONE;
    self->questions[self->questions_count] = (question){.kind = kind,
                                                        .letter = number,
                                                        .asker = asker,
                                                        .asker_incarnation = incarnation,
                                                        .receiver = self->letters[number].to};
    self->letters[number].question = self->questions_count;
    return self->questions_count++;
}

static uint8_t fill_of(uint32_t number, uint32_t at)
{
    return (uint8_t)(number * 7 + at);
}

void ledger_write(uint8_t *payload, uint32_t len, bool reply, uint32_t number, uint32_t answer)
{
    letter_head head = {reply ? MAGIC_REPLY : MAGIC_LETTER, number, len, answer};
    memcpy(payload, &head, sizeof head);
    for (uint32_t i = sizeof head; i < len; i++)
        payload[i] = fill_of(number, i);
}

bool ledger_read(airs_bytes payload, bool reply, letter_head *ret_head)
{
    if (payload.len < sizeof *ret_head)
        return false;
    memcpy(ret_head, payload.data, sizeof *ret_head);
    if (ret_head->magic != (reply ? MAGIC_REPLY : MAGIC_LETTER) || ret_head->len != payload.len)
        return false;
    for (uint32_t i = sizeof *ret_head; i < ret_head->len; i++) {
        if (payload.data[i] != fill_of(ret_head->letter, i))
            return false;
    }
    return true;
}

uint32_t ledger_answer(ledger *self, uint32_t number)
{
    if (self->questions[number].answers == ANSWERS_MAX)
        return NONE;
    uint32_t answer = self->questions[number].answers++;
    self->questions[number].tried |= 1u << answer;
    return answer;
}
