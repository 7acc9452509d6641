// SPDX-License-Identifier: MIT OR Apache-2.0
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/alloc_fault.h"
#include "base/bytes.h"
#include "base/testing.h"
#include "capability/policy.h"

#define RIGHT(name) CAPABILITY_BIT(CAPABILITY_##name)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const capability_mount data_mount[] = {{"/data", "/srv/data"}, {"/data/in", "/srv/incoming"}};

static capability_policy *policy_of(const capability_grant *grants, size_t count)
{
    capability_policy_options options = {grants, count, data_mount, COUNT(data_mount)};
    capability_policy *policy;
    airs_error error = {0};
    uint32_t wrong;
    if (capability_policy_create(&options, base_allocator_default(), &policy, &wrong, &error) != AIRS_OK)
        fail_msg("grant %u: %s", wrong, error.text);
    return policy;
}

static bool file(const capability_policy *policy, capability_right right, const char *text, capability_decision *answer)
{
    capability_path path;
    assert_int_equal(capability_path_normalize(NULL, base_bytes_of(text), &path, NULL), AIRS_OK);
    return capability_check_file(policy, right, &path, answer);
}

static void an_empty_policy_allows_nothing(void **user)
{
    (void)user;
    capability_policy *policy = policy_of(NULL, 0);
    capability_decision answer;
    assert_false(file(policy, CAPABILITY_FILES_READ, "/data/a", &answer));
    assert_string_equal(answer.text, "no grant: files.read does not match \"/data/a\"");
    assert_int_equal(answer.grant, CAPABILITY_NONE);
    assert_false(file(policy, CAPABILITY_FILES_LIST, "/etc", &answer));
    assert_string_equal(answer.text, "no grant: nothing is mounted at \"/etc\"");
    for (uint32_t right = CAPABILITY_MESSAGING_SEND; right <= CAPABILITY_CONFIG_READ; right++) {
        if (right != CAPABILITY_MESSAGING_PUBLISH && right != CAPABILITY_MESSAGING_SUBSCRIBE)
            assert_false(capability_check_name(policy, (capability_right)right, base_bytes_of("a"), &answer));
    }
    assert_false(capability_check_topic(policy, CAPABILITY_MESSAGING_PUBLISH, base_bytes_of("a"), &answer));
    assert_string_equal(answer.text, "no grant: messaging.publish does not match \"a\"");
    assert_false(capability_check_spawn(policy, base_bytes_of("a"), NULL, NULL, &answer));
    assert_false(capability_check_plain(policy, CAPABILITY_CLOCK_WALL, &answer));
    assert_string_equal(answer.text, "no grant: clock.wall");
    assert_false(capability_check_custom(policy, base_bytes_of("led"), base_bytes_of("red"), &answer));
    assert_string_equal(answer.text, "no grant: custom.led does not match \"red\"");
    capability_policy_release(policy);
}

static void rights_on_files_are_separate(void **user)
{
    (void)user;
    const capability_grant grants[] = {
        {.rights = RIGHT(FILES_READ) | RIGHT(FILES_LIST), .pattern = "/data/**"},
        {.rights = RIGHT(FILES_WRITE), .pattern = "/data/out/*.csv"},
        {.rights = RIGHT(FILES_DELETE) | RIGHT(FILES_CREATE), .pattern = "/data/**"},
    };
    capability_policy *policy = policy_of(grants, COUNT(grants));
    capability_decision answer;
    assert_true(file(policy, CAPABILITY_FILES_READ, "/data/out/a.csv", &answer));
    assert_int_equal(answer.grant, 0);
    assert_true(file(policy, CAPABILITY_FILES_WRITE, "/data/out/a.csv", &answer));
    assert_int_equal(answer.grant, 1);
    assert_false(file(policy, CAPABILITY_FILES_WRITE, "/data/a.csv", &answer));
    assert_true(file(policy, CAPABILITY_FILES_DELETE, "/data/a", &answer));
    assert_int_equal(answer.grant, 2);
    // A mount's own folder is only looked at.
    assert_true(file(policy, CAPABILITY_FILES_LIST, "/data", &answer));
    assert_false(file(policy, CAPABILITY_FILES_DELETE, "/data", &answer));
    assert_false(file(policy, CAPABILITY_FILES_CREATE, "/data/in", &answer));
    assert_false(file(policy, CAPABILITY_FILES_READ, "/database", &answer));
    capability_policy_release(policy);
}

static void the_longest_mount_counts(void **user)
{
    (void)user;
    capability_policy *policy = policy_of(NULL, 0);
    static const struct {
        const char *path;
        uint32_t mount;
        const char *rest;
    } cases[] = {{"/data", 0, ""}, {"/data/a/b", 0, "a/b"}, {"/data/in/b", 1, "b"}, {"/data/inn", 0, "inn"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        capability_path path;
        uint32_t mount;
        const char *rest;
        assert_int_equal(capability_path_normalize(NULL, base_bytes_of(cases[i].path), &path, NULL), AIRS_OK);
        assert_true(capability_policy_locate(policy, &path, &mount, &rest));
        assert_int_equal(mount, cases[i].mount);
        assert_string_equal(rest, cases[i].rest);
    }
    capability_policy_release(policy);
}

static void names_keys_and_topics(void **user)
{
    (void)user;
    const capability_grant grants[] = {
        {.rights = RIGHT(MESSAGING_SEND) | RIGHT(MESSAGING_ASK), .pattern = "stock*"},
        {.rights = RIGHT(MESSAGING_SUBSCRIBE), .pattern = "orders.*"},
        {.rights = RIGHT(ENV_READ), .pattern = "APP_*"},
        {.rights = RIGHT(CONFIG_READ), .pattern = "currency"},
        {.rights = RIGHT(STDIO_OUT) | RIGHT(STDIO_ERR)},
        {.rights = RIGHT(CUSTOM_USE), .custom = "led", .pattern = "red/*"},
    };
    capability_policy *policy = policy_of(grants, COUNT(grants));
    capability_decision answer;
    assert_true(capability_check_name(policy, CAPABILITY_MESSAGING_ASK, base_bytes_of("stock:1"), &answer));
    assert_false(capability_check_name(policy, CAPABILITY_MESSAGING_REGISTER, base_bytes_of("stock:1"), &answer));
    assert_true(capability_check_topic(policy, CAPABILITY_MESSAGING_SUBSCRIBE, base_bytes_of("orders.*"), &answer));
    assert_false(capability_check_topic(policy, CAPABILITY_MESSAGING_SUBSCRIBE, base_bytes_of("orders.>"), &answer));
    assert_false(capability_check_topic(policy, CAPABILITY_MESSAGING_SUBSCRIBE, base_bytes_of("orders."), &answer));
    assert_false(capability_check_topic(policy, CAPABILITY_MESSAGING_PUBLISH, base_bytes_of("orders.a"), &answer));
    assert_true(capability_check_name(policy, CAPABILITY_ENV_READ, base_bytes_of("APP_HOME"), &answer));
    assert_false(capability_check_name(policy, CAPABILITY_ENV_READ, base_bytes_of("HOME"), &answer));
    assert_true(capability_check_name(policy, CAPABILITY_CONFIG_READ, base_bytes_of("currency"), &answer));
    assert_false(
        capability_check_name(policy, CAPABILITY_CONFIG_READ, (airs_bytes){(const uint8_t *)"currency\0", 9}, &answer));
    assert_true(capability_check_plain(policy, CAPABILITY_STDIO_ERR, &answer));
    assert_int_equal(answer.grant, 4);
    assert_false(capability_check_plain(policy, CAPABILITY_STDIO_IN, &answer));
    assert_true(capability_check_custom(policy, base_bytes_of("led"), base_bytes_of("red/1"), &answer));
    assert_false(capability_check_custom(policy, base_bytes_of("led"), base_bytes_of("blue/1"), &answer));
    assert_false(capability_check_custom(policy, base_bytes_of("le"), base_bytes_of("red/1"), &answer));
    capability_policy_release(policy);
}

/// A name of another app is one text, `app/name`; who is granted it must have named the app.
static void another_app_has_to_be_named(void **user)
{
    (void)user;
    const capability_grant grants[] = {
        {.rights = RIGHT(MESSAGING_SEND), .pattern = "*"},
        {.rights = RIGHT(MESSAGING_SEND), .pattern = "bill*/ledger"},
        {.rights = RIGHT(MESSAGING_SEND), .pattern = "billing/l*"},
        {.rights = RIGHT(MESSAGING_ASK), .pattern = "billing/ledger"},
        {.rights = RIGHT(MESSAGING_ASK), .pattern = "billing*"},
    };
    const struct {
        capability_right right;
        const char *name;
        uint32_t grant;
    } questions[] = {
        {CAPABILITY_MESSAGING_SEND, "billing/ledger", 2},
        {CAPABILITY_MESSAGING_SEND, "billing/l", 2},
        {CAPABILITY_MESSAGING_ASK, "billing/ledger", 3},
        {CAPABILITY_MESSAGING_SEND, "billing/x", CAPABILITY_NONE},
        {CAPABILITY_MESSAGING_ASK, "billing/x", CAPABILITY_NONE},
        {CAPABILITY_MESSAGING_SEND, "billings/ledger", CAPABILITY_NONE},
        {CAPABILITY_MESSAGING_SEND, "shop/ledger", CAPABILITY_NONE},
        {CAPABILITY_MESSAGING_SEND, "billing/x/ledger", CAPABILITY_NONE},
        {CAPABILITY_MESSAGING_REGISTER, "billing/ledger", CAPABILITY_NONE},
    };
    capability_policy *policy = policy_of(grants, COUNT(grants));
    for (size_t i = 0; i < COUNT(questions); i++) {
        capability_decision answer;
        size_t app_len = strcspn(questions[i].name, "/");
        bool allowed =
            capability_check_far_name(policy, questions[i].right, base_bytes_of(questions[i].name), app_len, &answer);
        assert_int_equal(allowed, questions[i].grant != CAPABILITY_NONE);
        assert_int_equal(answer.grant, questions[i].grant);
    }
    capability_decision answer;
    (void)capability_check_far_name(policy, CAPABILITY_MESSAGING_SEND, base_bytes_of("shop/x"), 4, &answer);
    assert_string_equal(answer.text,
                        "no grant: messaging.send has to name the app of \"shop/x\", a \"*\" takes no other one");
    (void)capability_check_far_name(policy, CAPABILITY_MESSAGING_ASK, base_bytes_of("shop/x"), 4, &answer);
    assert_string_equal(answer.text, "no grant: messaging.ask does not match \"shop/x\"");
    capability_policy_release(policy);
}

static uint32_t alive_of(void *user, uint32_t grant)
{
    return ((const uint32_t *)user)[grant];
}

static void children_are_counted_by_grant(void **user)
{
    (void)user;
    const capability_grant grants[] = {
        {.rights = RIGHT(SPAWN_START), .pattern = "worker", .count_max = 2},
        {.rights = RIGHT(SPAWN_START), .pattern = "work*", .count_max = 1},
    };
    capability_policy *policy = policy_of(grants, COUNT(grants));
    capability_decision answer;
    uint32_t alive[] = {1, 0};
    assert_true(capability_check_spawn(policy, base_bytes_of("worker"), alive_of, alive, &answer));
    assert_int_equal(answer.grant, 0);
    alive[0] = 2;
    assert_true(capability_check_spawn(policy, base_bytes_of("worker"), alive_of, alive, &answer));
    assert_int_equal(answer.grant, 1);
    alive[1] = 1;
    assert_false(capability_check_spawn(policy, base_bytes_of("worker"), alive_of, alive, &answer));
    assert_string_equal(answer.text, "spawn.start \"work*\" allows 1 children, which are alive");
    assert_false(capability_check_spawn(policy, base_bytes_of("other"), alive_of, alive, &answer));
    capability_policy_release(policy);
}

// ---------------------------------------------------------------- network

typedef struct network_world {
    capability_policy *policy;
    capability_resolved resolved;
    capability_decision answer;
} network_world;

static bool reach(network_world *world, capability_right right, const char *host, const char *address, uint16_t port)
{
    capability_host name;
    capability_address where;
    capability_target target = {.scheme = CAPABILITY_SCHEME_TCP, .port = port, .resolved = &world->resolved};
    if (host != NULL) {
        assert_int_equal(capability_host_normalize(base_bytes_of(host), &name, NULL), AIRS_OK);
        target.host = &name;
    }
    if (address != NULL) {
        assert_true(capability_address_parse(base_bytes_of(address), &where));
        target.address = &where;
    }
    return capability_check_target(world->policy, right, &target, &world->answer);
}

static void resolve(network_world *world, const char *host, const char *address)
{
    capability_host name;
    capability_address where;
    assert_int_equal(capability_host_normalize(base_bytes_of(host), &name, NULL), AIRS_OK);
    assert_true(capability_address_parse(base_bytes_of(address), &where));
    assert_int_equal(capability_resolved_add(&world->resolved, &name, &where, 1, 1000), AIRS_OK);
}

static void names_allow_what_they_resolved_to(void **user)
{
    (void)user;
    const capability_grant grants[] = {
        {.rights = RIGHT(NETWORK_CONNECT) | RIGHT(NETWORK_LOOKUP), .pattern = "tcp://*.example.org:443"},
        {.rights = RIGHT(NETWORK_CONNECT), .pattern = "db.local:5432", .zones = CAPABILITY_ZONE_PRIVATE},
        {.rights = RIGHT(NETWORK_CONNECT), .pattern = "localhost:80"},
    };
    network_world world = {.policy = policy_of(grants, COUNT(grants))};
    capability_resolved_init(&world.resolved, base_allocator_default());
    assert_true(reach(&world, CAPABILITY_NETWORK_CONNECT, "api.example.org", NULL, 443));
    assert_true(reach(&world, CAPABILITY_NETWORK_CONNECT, "api.example.org", "8.8.8.8", 443));
    assert_false(reach(&world, CAPABILITY_NETWORK_CONNECT, "api.example.org", "8.8.8.8", 80));
    assert_false(reach(&world, CAPABILITY_NETWORK_CONNECT, "example.org", NULL, 443));
    // By address alone only after it was resolved.
    assert_false(reach(&world, CAPABILITY_NETWORK_CONNECT, NULL, "8.8.8.8", 443));
    assert_string_equal(world.answer.text, "no grant: network.connect does not match tcp://8.8.8.8:443");
    resolve(&world, "api.example.org", "8.8.8.8");
    assert_true(reach(&world, CAPABILITY_NETWORK_CONNECT, NULL, "8.8.8.8", 443));
    assert_true(reach(&world, CAPABILITY_NETWORK_CONNECT, NULL, "::ffff:8.8.8.8", 443));
    assert_false(reach(&world, CAPABILITY_NETWORK_CONNECT, NULL, "8.8.8.8", 5432));
    // A name that turns out to lead inside.
    resolve(&world, "evil.example.org", "127.0.0.1");
    assert_false(reach(&world, CAPABILITY_NETWORK_CONNECT, NULL, "127.0.0.1", 443));
    assert_string_equal(world.answer.text, "no grant: network.connect names the loopback zone of 127.0.0.1");
    assert_false(reach(&world, CAPABILITY_NETWORK_CONNECT, "evil.example.org", "::ffff:169.254.169.254", 443));
    assert_true(reach(&world, CAPABILITY_NETWORK_CONNECT, "db.local", "10.0.0.5", 5432));
    assert_false(reach(&world, CAPABILITY_NETWORK_CONNECT, "db.local", "127.0.0.1", 5432));
    assert_true(reach(&world, CAPABILITY_NETWORK_CONNECT, "localhost", "::1", 80));
    assert_false(reach(&world, CAPABILITY_NETWORK_CONNECT, "localhost", "10.0.0.1", 80));
    capability_host host;
    assert_int_equal(capability_host_normalize(base_bytes_of("a.example.org"), &host, NULL), AIRS_OK);
    assert_true(capability_check_lookup(world.policy, &host, &world.answer));
    assert_int_equal(capability_host_normalize(base_bytes_of("db.local"), &host, NULL), AIRS_OK);
    assert_false(capability_check_lookup(world.policy, &host, &world.answer));
    capability_resolved_fini(&world.resolved);
    capability_policy_release(world.policy);
}

static void ranges_name_their_zone(void **user)
{
    (void)user;
    const capability_grant grants[] = {
        {.rights = RIGHT(NETWORK_CONNECT), .pattern = "0.0.0.0/0:80"},
        {.rights = RIGHT(NETWORK_CONNECT), .pattern = "10.1.0.0/16:81"},
        {.rights = RIGHT(NETWORK_CONNECT), .pattern = "169.254.0.0/16:82"},
        {.rights = RIGHT(NETWORK_CONNECT), .pattern = "169.254.169.254:83"},
        {.rights = RIGHT(NETWORK_CONNECT), .pattern = "*:84", .zones = CAPABILITY_ZONE_LOOPBACK},
        {.rights = RIGHT(NETWORK_BIND), .pattern = "127.0.0.0/8:8000-8010"},
        {.rights = RIGHT(NETWORK_BIND), .pattern = "*:9000"},
    };
    network_world world = {.policy = policy_of(grants, COUNT(grants))};
    static const struct {
        const char *address;
        uint16_t port;
        bool allowed;
    } connects[] = {
        {"8.8.8.8", 80, true},
        {"10.1.0.1", 80, false},
        {"::ffff:8.8.8.8", 80, true},
        {"2a00::1", 80, false},
        {"10.1.2.3", 81, true},
        {"10.2.2.3", 81, false},
        {"169.254.1.1", 82, true},
        {"169.254.169.254", 82, false},
        {"169.254.169.254", 83, true},
        {"127.0.0.1", 84, true},
        {"::1", 84, true},
        {"2a00::1", 84, true},
        {"10.0.0.1", 84, false},
        {"0.0.0.0", 84, false},
        {"64:ff9b::7f00:1", 84, false},
    };
    for (size_t i = 0; i < COUNT(connects); i++) {
        if (reach(&world, CAPABILITY_NETWORK_CONNECT, NULL, connects[i].address, connects[i].port) !=
            connects[i].allowed)
            fail_msg("%s:%u", connects[i].address, connects[i].port);
    }
    assert_true(reach(&world, CAPABILITY_NETWORK_BIND, NULL, "127.0.0.1", 8010));
    assert_false(reach(&world, CAPABILITY_NETWORK_BIND, NULL, "127.0.0.1", 8011));
    assert_false(reach(&world, CAPABILITY_NETWORK_BIND, NULL, "0.0.0.0", 9000));
    assert_true(reach(&world, CAPABILITY_NETWORK_BIND, NULL, "8.8.8.8", 9000));
    capability_policy_release(world.policy);
}

// ---------------------------------------------------------------- what is refused

static void what_is_no_grant_is_refused(void **user)
{
    (void)user;
    static const capability_grant wrong[] = {
        {.rights = 0, .pattern = "/data"},
        {.rights = 1u << CAPABILITY_RIGHTS, .pattern = "/data"},
        {.rights = RIGHT(FILES_READ) | RIGHT(ENV_READ), .pattern = "/data"},
        {.rights = RIGHT(FILES_READ)},
        {.rights = RIGHT(FILES_READ), .pattern = "data"},
        {.rights = RIGHT(FILES_READ), .pattern = "/data/["},
        {.rights = RIGHT(FILES_READ), .pattern = "/etc/*"},
        {.rights = RIGHT(FILES_READ), .pattern = "/database"},
        {.rights = RIGHT(FILES_READ), .pattern = "/data", .zones = 1},
        {.rights = RIGHT(FILES_READ), .pattern = "/data", .count_max = 1},
        {.rights = RIGHT(FILES_READ), .pattern = "/data", .custom = "a"},
        {.rights = RIGHT(NETWORK_CONNECT), .pattern = "example.org"},
        {.rights = RIGHT(NETWORK_CONNECT), .pattern = "example.org:1", .zones = 128},
        {.rights = RIGHT(NETWORK_BIND), .pattern = "example.org:1"},
        {.rights = RIGHT(NETWORK_LOOKUP), .pattern = "example.org:1"},
        {.rights = RIGHT(NETWORK_LOOKUP), .pattern = "10.0.0.1"},
        {.rights = RIGHT(MESSAGING_SEND) | RIGHT(MESSAGING_PUBLISH), .pattern = "a"},
        {.rights = RIGHT(MESSAGING_SEND), .pattern = "a b"},
        {.rights = RIGHT(MESSAGING_SEND), .pattern = ""},
        {.rights = RIGHT(MESSAGING_PUBLISH), .pattern = "a..b"},
        {.rights = RIGHT(MESSAGING_PUBLISH), .pattern = "a.>.b"},
        {.rights = RIGHT(SPAWN_START), .pattern = "a"},
        {.rights = RIGHT(ENV_READ), .pattern = "a\nb"},
        {.rights = RIGHT(ENV_READ), .pattern = "\xff"},
        {.rights = RIGHT(CLOCK_WALL), .pattern = "*"},
        {.rights = RIGHT(CUSTOM_USE), .pattern = "*"},
        {.rights = RIGHT(CUSTOM_USE), .pattern = "*", .custom = "a*"},
        {.rights = RIGHT(CUSTOM_USE), .pattern = "*", .custom = ""},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        const capability_grant grants[] = {{.rights = RIGHT(CLOCK_WALL)}, wrong[i]};
        capability_policy_options options = {grants, 2, data_mount, COUNT(data_mount)};
        capability_policy *policy = NULL;
        airs_error error = {0};
        uint32_t which = 0;
        if (capability_policy_create(&options, base_allocator_default(), &policy, &which, &error) != AIRS_E_INVALID ||
            which != 1 || policy != NULL || error.text[0] == '\0')
            fail_msg("wrong grant %zu: %u %s", i, which, error.text);
    }
}

static void contradictions_are_refused(void **user)
{
    (void)user;
    const capability_grant twice[] = {
        {.rights = RIGHT(SPAWN_START), .pattern = "a", .count_max = 1},
        {.rights = RIGHT(SPAWN_START), .pattern = "a", .count_max = 2},
    };
    const capability_mount mounts[] = {{"/a", "/x"}, {"/a", "/y"}};
    const capability_mount crooked[] = {{"/a/", "/x"}};
    capability_policy *policy = NULL;
    uint32_t which = 0;
    airs_error error;
    capability_policy_options options = {twice, 2, NULL, 0};
    assert_int_equal(capability_policy_create(&options, base_allocator_default(), &policy, &which, &error),
                     AIRS_E_INVALID);
    assert_int_equal(which, 1);
    assert_string_equal(error.text, "another grant allows 1 of the same");
    options = (capability_policy_options){NULL, 0, mounts, 2};
    assert_int_equal(capability_policy_create(&options, base_allocator_default(), &policy, &which, &error),
                     AIRS_E_INVALID);
    assert_int_equal(which, 1);
    options = (capability_policy_options){NULL, 0, crooked, 1};
    assert_int_equal(capability_policy_create(&options, base_allocator_default(), &policy, NULL, NULL), AIRS_E_INVALID);
    options = (capability_policy_options){NULL, CAPABILITY_GRANTS_MAX + 1, NULL, 0};
    assert_int_equal(capability_policy_create(&options, base_allocator_default(), &policy, NULL, NULL), AIRS_E_LIMIT);
    assert_null(policy);
}

// ---------------------------------------------------------------- changing, children, memory

static void grants_keep_their_numbers(void **user)
{
    (void)user;
    const capability_grant grants[] = {
        {.rights = RIGHT(ENV_READ), .pattern = "A"},
        {.rights = RIGHT(ENV_READ), .pattern = "B"},
    };
    const capability_grant added = {.rights = RIGHT(ENV_READ), .pattern = "C"};
    const capability_grant bad = {.rights = RIGHT(FILES_READ), .pattern = "A"};
    capability_policy *policy = policy_of(grants, 2);
    capability_policy *changed;
    capability_decision answer;
    uint32_t none = 2;
    uint32_t first = 0;
    uint32_t wrong = 7;
    capability_change change = {.revoked = &none, .revoked_count = 1};
    assert_int_equal(capability_policy_change(policy, &change, &changed, &wrong, NULL), AIRS_E_NOT_FOUND);
    change = (capability_change){.added = &bad, .added_count = 1};
    assert_int_equal(capability_policy_change(policy, &change, &changed, &wrong, NULL), AIRS_E_INVALID);
    assert_int_equal(wrong, 0);
    change = (capability_change){.revoked = &first, .revoked_count = 1, .added = &added, .added_count = 1};
    assert_int_equal(capability_policy_change(policy, &change, &changed, &wrong, NULL), AIRS_OK);
    capability_policy_release(policy);
    assert_false(capability_check_name(changed, CAPABILITY_ENV_READ, base_bytes_of("A"), &answer));
    assert_true(capability_check_name(changed, CAPABILITY_ENV_READ, base_bytes_of("B"), &answer));
    assert_int_equal(answer.grant, 1);
    assert_true(capability_check_name(changed, CAPABILITY_ENV_READ, base_bytes_of("C"), &answer));
    assert_int_equal(answer.grant, 2);
    assert_true(capability_policy_grant(changed, 0)->revoked);
    assert_int_equal(capability_policy_grant_count(changed), 3);
    assert_null(capability_policy_grant(changed, 3));
    char text[64];
    assert_string_equal(capability_grant_format(text, sizeof text, capability_policy_grant(changed, 2)),
                        "env.read \"C\"");
    capability_policy_release(changed);
}

static const capability_grant of_parent[] = {
    {.rights = RIGHT(FILES_READ) | RIGHT(FILES_LIST), .pattern = "/data/**"},
    {.rights = RIGHT(NETWORK_CONNECT), .pattern = "0.0.0.0/0:*"},
    {.rights = RIGHT(MESSAGING_SEND), .pattern = "stock*"},
    {.rights = RIGHT(SPAWN_START), .pattern = "worker*", .count_max = 5},
    {.rights = RIGHT(CLOCK_WALL)},
};

static const capability_grant of_child[] = {
    {.rights = RIGHT(FILES_READ) | RIGHT(FILES_WRITE), .pattern = "/data/out/*"},
    {.rights = RIGHT(NETWORK_CONNECT), .pattern = "8.8.8.8:53"},
    {.rights = RIGHT(NETWORK_CONNECT), .pattern = "10.0.0.0/8:53"},
    {.rights = RIGHT(MESSAGING_SEND), .pattern = "stock:*"},
    {.rights = RIGHT(MESSAGING_SEND), .pattern = "*"},
    {.rights = RIGHT(SPAWN_START), .pattern = "worker", .count_max = 6},
    {.rights = RIGHT(CLOCK_WALL) | RIGHT(CLOCK_MONOTONIC)},
};

static void children_get_no_more(void **user)
{
    (void)user;
    capability_policy *parent = policy_of(of_parent, COUNT(of_parent));
    capability_policy *wanted = policy_of(of_child, COUNT(of_child));
    capability_policy *child;
    uint32_t missing;
    assert_false(capability_policy_covers(parent, wanted, &missing));
    assert_int_equal(missing, 0);
    assert_int_equal(capability_policy_attenuate(parent, wanted, &child, NULL), AIRS_OK);
    assert_true(capability_policy_covers(parent, child, NULL));
    assert_true(capability_policy_covers(parent, parent, NULL));
    char text[100];
    static const char *const left[] = {"files.read \"/data/out/*\"", "network.connect \"8.8.8.8:53\"",
                                       "messaging.send \"stock:*\"", "clock.wall",
                                       // All names were wanted: so many are the parent's.
                                       "messaging.send \"stock*\""};
    assert_int_equal(capability_policy_grant_count(child), COUNT(left));
    for (uint32_t i = 0; i < COUNT(left); i++)
        assert_string_equal(capability_grant_format(text, sizeof text, capability_policy_grant(child, i)), left[i]);
    assert_int_equal(capability_policy_mount_count(child), 2);
    capability_policy_release(child);
    capability_policy_release(wanted);
    capability_policy_release(parent);
}

/// What a child gets that wants `wanted` of what its parent has, as text, one behind the other.
static void expect_child(const capability_grant *has, size_t has_count, const capability_grant *wants,
                         size_t wants_count, const char *expected)
{
    capability_policy *parent = policy_of(has, has_count);
    capability_policy *wanted = policy_of(wants, wants_count);
    capability_policy *child;
    assert_int_equal(capability_policy_attenuate(parent, wanted, &child, NULL), AIRS_OK);
    char all[500] = "";
    for (uint32_t i = 0; i < capability_policy_grant_count(child); i++) {
        char text[100];
        const capability_grant *grant = capability_policy_grant(child, i);
        size_t len = strlen(all);
        (void)snprintf(all + len, sizeof all - len, "%s%s%s", i == 0 ? "" : "; ",
                       capability_grant_format(text, sizeof text, grant), grant->revoked ? " revoked" : "");
    }
    assert_string_equal(all, expected);
    assert_true(capability_policy_covers(parent, child, NULL));
    capability_policy_release(child);
    capability_policy_release(wanted);
    capability_policy_release(parent);
}

static void children_get_what_is_narrower(void **user)
{
    (void)user;
    const capability_grant parent[] = {
        {.rights = RIGHT(FILES_READ) | RIGHT(FILES_WRITE), .pattern = "/data/in/**"},
        {.rights = RIGHT(MESSAGING_SEND), .pattern = "db-*"},
        {.rights = RIGHT(MESSAGING_SEND), .pattern = "old", .revoked = true},
        {.rights = RIGHT(SPAWN_START), .pattern = "worker", .count_max = 3},
    };
    const capability_grant wider[] = {
        {.rights = RIGHT(FILES_READ), .pattern = "/data/**"},
        {.rights = RIGHT(MESSAGING_SEND) | RIGHT(MESSAGING_ASK), .pattern = "*"},
        {.rights = RIGHT(SPAWN_START), .pattern = "*", .count_max = 9},
    };
    expect_child(parent, 4, wider, 3,
                 "files.read \"/data/in/**\"; messaging.send \"db-*\"; spawn.start \"worker\" max=3");
    // Not twice, and of the same templates no other number.
    expect_child(parent, 4, parent, 4,
                 "files.read,write \"/data/in/**\"; messaging.send \"db-*\"; spawn.start \"worker\" max=3");
    const capability_grant fewer[] = {wider[2], {.rights = RIGHT(SPAWN_START), .pattern = "worker", .count_max = 2}};
    expect_child(parent, 4, fewer, 2, "spawn.start \"worker\" max=2");
    // Of patterns that overlap only, neither is the other's.
    const capability_grant begins = {.rights = RIGHT(ENV_READ), .pattern = "A*"};
    const capability_grant ends = {.rights = RIGHT(ENV_READ), .pattern = "*A"};
    expect_child(&begins, 1, &ends, 1, "");
}

static void children_keep_no_more_than_their_parent(void **user)
{
    (void)user;
    const capability_grant has[] = {
        {.rights = RIGHT(FILES_READ), .pattern = "/data/**"},
        {.rights = RIGHT(MESSAGING_SEND), .pattern = "a"},
        {.rights = RIGHT(ENV_READ), .pattern = "OLD", .revoked = true},
    };
    const capability_grant of[] = {
        {.rights = RIGHT(FILES_READ) | RIGHT(FILES_WRITE), .pattern = "/data/x"},
        {.rights = RIGHT(MESSAGING_SEND), .pattern = "a"},
        {.rights = RIGHT(MESSAGING_SEND), .pattern = "b"},
        {.rights = RIGHT(ENV_READ), .pattern = "OLD"},
    };
    static const char *const left[] = {"files.read,write \"/data/x\" revoked", "messaging.send \"a\"",
                                       "messaging.send \"b\" revoked", "env.read \"OLD\" revoked",
                                       "files.read \"/data/x\""};
    capability_policy *parent = policy_of(has, COUNT(has));
    capability_policy *child = policy_of(of, COUNT(of));
    capability_policy *rest;
    assert_int_equal(capability_policy_restrict(parent, child, &rest, NULL), AIRS_OK);
    assert_int_equal(capability_policy_grant_count(rest), COUNT(left));
    for (uint32_t i = 0; i < COUNT(left); i++) {
        char text[100];
        const capability_grant *grant = capability_policy_grant(rest, i);
        (void)capability_grant_format(text, sizeof text, grant);
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof text - len, "%s", grant->revoked ? " revoked" : "");
        assert_string_equal(text, left[i]);
    }
    assert_true(capability_policy_covers(parent, rest, NULL));
    capability_policy_release(rest);
    capability_policy_release(child);
    capability_policy_release(parent);
}

static void mounts_are_inherited_whole(void **user)
{
    (void)user;
    const capability_grant all = {.rights = RIGHT(FILES_READ), .pattern = "/**"};
    const capability_mount elsewhere[] = {{"/data", "/etc"}};
    capability_policy_options lone = {&all, 1, data_mount, 1};
    capability_policy_options other = {&all, 1, elsewhere, 1};
    capability_policy *parent = policy_of(&all, 1);
    capability_policy *hides;
    capability_policy *moved;
    capability_policy *child;
    assert_int_equal(capability_policy_create(&lone, base_allocator_default(), &hides, NULL, NULL), AIRS_OK);
    assert_int_equal(capability_policy_create(&other, base_allocator_default(), &moved, NULL, NULL), AIRS_OK);
    // Without the second mount it would see what the parent does not: the folder below it.
    uint32_t missing;
    assert_false(capability_policy_covers(parent, hides, &missing));
    assert_int_equal(missing, 1);
    assert_int_equal(capability_policy_attenuate(parent, hides, &child, NULL), AIRS_OK);
    assert_int_equal(capability_policy_mount_count(child), 2);
    capability_policy_release(child);
    assert_int_equal(capability_policy_attenuate(parent, moved, &child, NULL), AIRS_OK);
    assert_int_equal(capability_policy_mount_count(child), 0);
    assert_int_equal(capability_policy_grant_count(child), 0);
    capability_policy_release(child);
    capability_policy_release(moved);
    capability_policy_release(hides);
    capability_policy_release(parent);
}

static airs_status make_all(const airs_allocator *allocator)
{
    capability_policy_options of_p = {of_parent, COUNT(of_parent), data_mount, COUNT(data_mount)};
    capability_policy_options of_c = {of_child, COUNT(of_child), data_mount, COUNT(data_mount)};
    capability_policy *parent = NULL;
    capability_policy *wanted = NULL;
    capability_policy *child = NULL;
    airs_status status = capability_policy_create(&of_p, allocator, &parent, NULL, NULL);
    if (status == AIRS_OK)
        status = capability_policy_create(&of_c, allocator, &wanted, NULL, NULL);
    if (status == AIRS_OK)
        status = capability_policy_attenuate(parent, wanted, &child, NULL);
    capability_policy_release(child);
    capability_policy_release(wanted);
    capability_policy_release(parent);
    return status;
}

static void out_of_memory_is_a_status(void **user)
{
    (void)user;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    for (uint64_t at = 1;; at++) {
        base_alloc_fault_arm(&fault, at, 1);
        airs_status status = make_all(&fault.allocator);
        assert_int_equal(base_alloc_fault_live(&fault), 0);
        if (!base_alloc_fault_hit(&fault)) {
            assert_int_equal(status, AIRS_OK);
            break;
        }
        assert_int_equal(status, AIRS_E_NOMEM);
    }
}

static void rights_have_names(void **user)
{
    (void)user;
    for (uint32_t i = 0; i < CAPABILITY_RIGHTS; i++) {
        capability_right right = (capability_right)i;
        capability_right found;
        capability_kind kind;
        const char *name = capability_kind_name(capability_right_kind(right));
        assert_true(capability_kind_find(base_bytes_of(name), &kind));
        assert_true(capability_right_find(kind, base_bytes_of(capability_right_name(right)), &found));
        assert_int_equal(found, right);
    }
    capability_kind kind;
    capability_right right;
    assert_false(capability_kind_find(base_bytes_of("file"), &kind));
    assert_false(capability_right_find(CAPABILITY_FILES, base_bytes_of("connect"), &right));
    assert_string_equal(capability_right_name(CAPABILITY_RIGHTS), "?");
}

static void sentences_are_fit_for_terminals(void **user)
{
    (void)user;
    capability_policy *policy = policy_of(NULL, 0);
    capability_decision answer;
    assert_false(file(policy, CAPABILITY_FILES_READ, "/data/\x1b[2J\n", &answer));
    for (const char *c = answer.text; *c != '\0'; c++)
        assert_true((unsigned char)*c >= ' ');
    capability_policy_release(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_policy_allows_nothing),
        cmocka_unit_test(rights_on_files_are_separate),
        cmocka_unit_test(the_longest_mount_counts),
        cmocka_unit_test(names_keys_and_topics),
        cmocka_unit_test(another_app_has_to_be_named),
        cmocka_unit_test(children_are_counted_by_grant),
        cmocka_unit_test(names_allow_what_they_resolved_to),
        cmocka_unit_test(ranges_name_their_zone),
        cmocka_unit_test(what_is_no_grant_is_refused),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(grants_keep_their_numbers),
        cmocka_unit_test(children_get_no_more),
        cmocka_unit_test(children_get_what_is_narrower),
        cmocka_unit_test(children_keep_no_more_than_their_parent),
        cmocka_unit_test(mounts_are_inherited_whole),
        cmocka_unit_test(out_of_memory_is_a_status),
        cmocka_unit_test(rights_have_names),
        cmocka_unit_test(sentences_are_fit_for_terminals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
