// SPDX-License-Identifier: MIT OR Apache-2.0
// Publishes, then asks the listeners what has arrived.
#include <airssys/guest.h>

static void publish(const char *topic, const char *payload)
{
    uint32_t reached;
    airs_bytes outcome = airs_text("not published: ");
    if (airs_publish(airs_text_of(topic), airs_text_of(payload), &reached) == AIRS_OK)
        outcome = airs_join(airs_text("reached "), airs_unsigned(reached));
    else
        outcome = airs_join(outcome, airs_why());
    airs_log(airs_join(airs_text_of(topic), airs_text(": "), outcome));
}

static void ask(const char *name)
{
    airs_bytes answer;
    if (airs_ask(airs_lookup(airs_text_of(name)), airs_text("what have you got?"), 1000, &answer) != AIRS_OK)
        answer = airs_why();
    airs_log(airs_join(airs_text_of(name), airs_text(" has "), answer));
}

airs_result actor_start(const airs_start_info *info)
{
    return airs_send(info->id, airs_text("begin")) == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

airs_result actor_handle(const airs_message *message)
{
    (void)message;
    publish("prices.acme.share", "17");
    publish("prices.acme.bond", "99");
    publish("prices.eu.acme.share", "16");
    publish("orders.new", "buy 1");
    publish("orders.new", "buy 2");
    publish("news.today", "nothing happens");
    publish("weather.berlin", "rain");
    publish("prices..share", "0");

    // Messages of one sender arrive in order: when the answer comes, all before it has been handled.
    ask("shares");
    ask("archive");
    ask("desk-1");
    ask("desk-2");
    airs_exit(airs_ok());
    return airs_ok();
}
