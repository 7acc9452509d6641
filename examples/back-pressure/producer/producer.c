// SPDX-License-Identifier: MIT OR Apache-2.0
// Sends six messages to consumers that are held up, and have room for four. What becomes of the other two is what
// the policy of their mailbox says.
#include <airssys/guest.h>

static airs_bytes ask(const char *name, const char *what)
{
    airs_bytes answer;
    if (airs_ask(airs_lookup(airs_text_of(name)), airs_text_of(what), 10000, &answer) != AIRS_OK)
        answer = airs_why();
    return answer;
}

static void send_six(const char *name)
{
    airs_actor to = airs_lookup(airs_text_of(name));
    uint64_t taken = 0;
    uint64_t refused = 0;
    for (uint64_t i = 1; i <= 6; i++) {
        airs_status status = airs_send(to, airs_unsigned(i));
        taken += status == AIRS_OK;
        refused += status == AIRS_FULL;
    }
    airs_log(airs_join(airs_text_of(name), airs_text(": taken "), airs_unsigned(taken), airs_text(", refused "),
                       airs_unsigned(refused)));
}

// The gate is opened when all have been sent.
static void fill(const char *name)
{
    (void)ask(name, "hold");
    send_six(name);
    (void)ask("gate", "open");
}

airs_result actor_start(const airs_start_info *info)
{
    return airs_send(info->id, airs_text("begin")) == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

airs_result actor_handle(const airs_message *message)
{
    (void)message;
    fill("refuses");
    fill("drops-oldest");
    fill("drops-newest");

    // The gate is opened while the fifth `airs_send` waits for a place.
    (void)ask("parks", "hold");
    (void)airs_send(airs_lookup(airs_text("gate")), airs_text("open in a while"));
    send_six("parks");
    (void)ask("gate", "open");

    // Here it stays shut: the fifth waits as long as this actor may (max_park), the sixth has no time left.
    fill("parks-in-vain");

    airs_log(airs_join(airs_text("dead letters: "), ask("mourner", "who has died?")));
    airs_exit(airs_ok());
    return airs_ok();
}
