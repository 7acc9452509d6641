// SPDX-License-Identifier: MIT OR Apache-2.0
// Has children, and looks on at others. A message is a call and its arguments; the answer says how it went. "downs"
// gives what it was told of ends, one after the other, and forgets it.
#include <airssys/guest.h>

#define TOLD_MAX 2000u

static char told[TOLD_MAX];
static size_t told_len;
static char greeting[32];
static size_t greeting_len;

static void keep(char *to, size_t *len, size_t max, airs_bytes text)
{
    for (size_t i = 0; i < text.len && *len < max; i++)
        to[(*len)++] = (char)text.data[i];
}

airs_result actor_start(const airs_start_info *info)
{
    airs_bytes value;
    if (airs_setting_find(info->config, airs_text("greeting"), &value))
        keep(greeting, &greeting_len, sizeof greeting, value);
    if (airs_setting_find(info->config, airs_text("start"), &value))
        return airs_error(value);
    return airs_ok();
}

airs_result actor_handle_down(const airs_down *down)
{
    static const char *const reasons[] = {"normal", "shutdown", "trap", "limit", "timeout", "killed", "failed"};
    airs_bytes line = airs_join(airs_unsigned(down->monitor), airs_text(" "), airs_text_of(reasons[down->reason]),
                                down->will_restart ? airs_text(" again") : airs_text(" gone"), airs_text(": "),
                                down->text, airs_text(";"));
    keep(told, &told_len, sizeof told, line);
    return airs_ok();
}

static airs_result downs(void)
{
    airs_bytes all = airs_copy((airs_bytes){(const uint8_t *)told, told_len});
    told_len = 0;
    return airs_answer(all);
}

static airs_result spawn(airs_bytes arguments)
{
    airs_bytes name;
    airs_bytes of = airs_cut(arguments, ' ', &name);
    airs_bytes value;
    name = airs_cut(name, ' ', &value);
    airs_setting setting = {airs_text("greeting"), value};
    airs_settings settings = {&setting, value.len > 0 ? 1 : 0};
    airs_actor child;
    airs_status status = airs_spawn(of, name, settings, &child);
    if (status != AIRS_OK)
        return airs_answer(airs_join(airs_text("not: "), airs_unsigned((uint64_t)status), airs_text(" "), airs_why()));
    return airs_answer(airs_unsigned(child));
}

/// Spawns until it is refused; how many, and why no more.
static airs_result spawn_all(airs_bytes of)
{
    uint64_t count = 0;
    airs_actor child;
    while (airs_spawn(of, airs_text(""), (airs_settings){0}, &child) == AIRS_OK)
        count++;
    return airs_answer(airs_join(airs_unsigned(count), airs_text(" "), airs_why()));
}

/// An actor by its id or its name.
static airs_actor actor_of(airs_bytes text)
{
    uint64_t id;
    return airs_parse_unsigned(text, &id) ? id : airs_lookup(text);
}

static airs_result with_actor(airs_bytes verb, airs_bytes arguments)
{
    airs_bytes rest;
    airs_actor whom = actor_of(airs_cut(arguments, ' ', &rest));
    airs_bytes answer = airs_text("ok");
    if (airs_equal(verb, airs_text("stop")))
        return airs_answer(airs_stop_child(whom) ? airs_text("yes") : airs_text("no"));
    if (airs_equal(verb, airs_text("monitor")))
        return airs_answer(airs_unsigned(airs_monitor(whom)));
    if (airs_equal(verb, airs_text("demonitor")))
        return airs_answer(airs_demonitor(whom) ? airs_text("yes") : airs_text("no"));
    if (airs_equal(verb, airs_text("link")))
        airs_link(whom);
    else if (airs_equal(verb, airs_text("unlink")))
        airs_unlink(whom);
    else if (airs_ask(whom, rest, 2000, &answer) != AIRS_OK)
        return airs_answer(airs_join(airs_text("not: "), airs_why()));
    return airs_answer(answer);
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    if (airs_equal(verb, airs_text("die")))
        __builtin_trap();
    if (airs_equal(verb, airs_text("downs")))
        return downs();
    if (airs_equal(verb, airs_text("greeting")))
        return airs_answer((airs_bytes){(const uint8_t *)greeting, greeting_len});
    if (airs_equal(verb, airs_text("spawn")))
        return spawn(rest);
    if (airs_equal(verb, airs_text("spawn-all")))
        return spawn_all(rest);
    if (airs_equal(verb, airs_text("hello")))
        return airs_answer(airs_text("hello"));
    if (airs_equal(verb, airs_text("parent")))
        return airs_answer(airs_unsigned(message->sender));
    if (airs_equal(verb, airs_text("leave"))) {
        airs_exit(rest.len > 0 ? airs_error(rest) : airs_ok());
        return airs_answer(airs_text("bye"));
    }
    return with_actor(verb, rest);
}
