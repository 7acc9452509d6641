// SPDX-License-Identifier: MIT OR Apache-2.0
// Reads its settings and writes to the log as wasi:config and wasi:logging have it, and asks for what WASI gives
// without a name: "get KEY", "flood KEY" (gets it for ever), "all", "log TEXT", "wall", "monotonic", "secure",
// "insecure", "seed".
#include <airssys/guest.h>

#ifdef OLDER
#define CONFIG "wasi:config/runtime@0.2.0-draft"
#define LOGGING "wasi:logging/logging"
#else
#define CONFIG "wasi:config/store@0.2.0-rc.1"
#define LOGGING "wasi:logging/logging@0.1.0-draft"
#endif

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

IMPORT(CONFIG, "get") void config_get(const uint8_t *key, size_t len, void *ret);
IMPORT(CONFIG, "get-all") void config_all(void *ret);
IMPORT(LOGGING, "log") void log_line(int level, const uint8_t *, size_t, const uint8_t *, size_t);
IMPORT("wasi:clocks/wall-clock@0.2.0", "now") void wall_now(void *ret);
IMPORT("wasi:clocks/monotonic-clock@0.2.0", "now") uint64_t monotonic_now(void);
IMPORT("wasi:random/random@0.2.0", "get-random-u64") uint64_t random_secure(void);
IMPORT("wasi:random/insecure@0.2.0", "get-insecure-random-u64") uint64_t random_insecure(void);
IMPORT("wasi:random/insecure-seed@0.2.0", "insecure-seed") void random_seed(void *ret);

/// `result<option<string>, error>`: with each level its case, then what belongs to it.
static union {
    uint32_t words[5];
    uint64_t longs[2];
} ret;

static airs_bytes text_at(const uint32_t *words)
{
    return (airs_bytes){(const uint8_t *)words[0], words[1]};
}

static airs_result get(airs_bytes key)
{
    config_get(key.data, key.len, &ret);
    if ((ret.words[0] & 0xff) != 0)
        return airs_answer(airs_join(airs_text("error "), text_at(&ret.words[2])));
    if ((ret.words[1] & 0xff) == 0)
        return airs_answer(airs_text("none"));
    return airs_answer(airs_join(airs_text("is "), text_at(&ret.words[2])));
}

static airs_result all(void)
{
    airs_bytes list = airs_text("all");
    config_all(&ret);
    const uint32_t *item = (const uint32_t *)ret.words[1];
    for (uint32_t i = 0; i < ret.words[2]; i++, item += 4)
        list = airs_join(list, airs_text(" "), text_at(item), airs_text("="), text_at(item + 2));
    return airs_answer(list);
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    if (airs_equal(verb, airs_text("get")))
        return get(rest);
    while (airs_equal(verb, airs_text("flood")))
        config_get(rest.data, rest.len, &ret);
    if (airs_equal(verb, airs_text("all")))
        return all();
    if (airs_equal(verb, airs_text("log")))
        log_line(3, (const uint8_t *)"here", 4, rest.data, rest.len);
    else if (airs_equal(verb, airs_text("wall")))
        wall_now(&ret);
    else if (airs_equal(verb, airs_text("monotonic")))
        (void)monotonic_now();
    else if (airs_equal(verb, airs_text("secure")))
        (void)random_secure();
    else if (airs_equal(verb, airs_text("insecure")))
        (void)random_insecure();
    else if (airs_equal(verb, airs_text("seed")))
        random_seed(&ret);
    else
        return airs_error(airs_text("what?"));
    return airs_answer(airs_text("done"));
}
