// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/learned.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/alloc_fault.h"
#include "base/bytes.h"
#include "base/testing.h"

static airs_status add(learned_set *set, capability_right right, const char *object)
{
    capability_decision decision = {.right = right, .children = 1};
    return learned_set_add(set, &decision, base_bytes_of(object));
}

static airs_status look(learned_set *set, const char *path)
{
    capability_decision decision = {.right = CAPABILITY_FILES_LIST, .look = true};
    return learned_set_add(set, &decision, base_bytes_of(path));
}

/// All grants as text, one a line.
static void assert_grants(learned_set *set, const char *expected)
{
    char all[4096] = "";
    size_t len = 0;
    airs_grant *grants;
    size_t count;
    assert_int_equal(learned_set_grants(set, &grants, &count), AIRS_OK);
    for (size_t i = 0; i < count; i++) {
        char text[256];
        len += (size_t)snprintf(all + len, sizeof all - len, "%s\n",
                                capability_grant_format(text, sizeof text, &grants[i]));
    }
    learned_grants_free(set, grants);
    assert_string_equal(all, expected);
}

static void test_exact(void **state)
{
    (void)state;
    learned_set set;
    learned_set_init(&set, base_allocator_default());
    for (int times = 0; times < 3; times++) {
        assert_int_equal(add(&set, CAPABILITY_FILES_READ, "/data/a"), AIRS_OK);
        assert_int_equal(add(&set, CAPABILITY_FILES_WRITE, "/data/a"), AIRS_OK);
        assert_int_equal(add(&set, CAPABILITY_FILES_READ, "/data/[a]*?"), AIRS_OK);
        assert_int_equal(add(&set, CAPABILITY_NETWORK_CONNECT, "tcp://[::1]:80"), AIRS_OK);
        assert_int_equal(add(&set, CAPABILITY_NETWORK_BIND, "tcp://127.0.0.1:0"), AIRS_OK);
        assert_int_equal(add(&set, CAPABILITY_NETWORK_BIND, "udp://[::1]:80"), AIRS_OK);
        assert_int_equal(add(&set, CAPABILITY_NETWORK_LOOKUP, "example.org"), AIRS_OK);
        assert_int_equal(add(&set, CAPABILITY_MESSAGING_SUBSCRIBE, "orders.>"), AIRS_OK);
        assert_int_equal(add(&set, CAPABILITY_CLOCK_WALL, ""), AIRS_OK);
        assert_int_equal(add(&set, CAPABILITY_CUSTOM_USE, "led red 1"), AIRS_OK);
    }
    assert_int_equal(set.count, 10);
    assert_grants(&set, "files.read \"/data/[[]a][*][?]\"\nfiles.read \"/data/a\"\nfiles.write \"/data/a\"\n"
                        "network.connect \"tcp://[::1]:80\"\nnetwork.bind \"tcp://127.0.0.1:*\"\n"
                        "network.bind \"udp://[::1]:80\"\nnetwork.lookup \"example.org\"\n"
                        "messaging.subscribe \"orders.>\"\nclock.wall\ncustom.led \"red 1\"\n");
    learned_set_fini(&set);
}

static void test_what_no_grant_allows(void **state)
{
    (void)state;
    learned_set set;
    learned_set_init(&set, base_allocator_default());
    char path[1200] = "/";
    memset(path + 1, 'a', sizeof path - 2);
    path[sizeof path - 1] = '\0';
    assert_int_equal(add(&set, CAPABILITY_FILES_READ, path), AIRS_E_INVALID);
    assert_int_equal(add(&set, CAPABILITY_FILES_READ, "../up"), AIRS_E_INVALID);
    assert_int_equal(add(&set, CAPABILITY_FILES_READ, "/a\\b"), AIRS_E_INVALID);
    assert_int_equal(add(&set, CAPABILITY_FILES_READ, ""), AIRS_E_INVALID);
    assert_int_equal(add(&set, CAPABILITY_MESSAGING_SEND, "#12"), AIRS_E_INVALID);
    assert_int_equal(add(&set, CAPABILITY_MESSAGING_PUBLISH, "a b"), AIRS_E_INVALID);
    assert_int_equal(add(&set, CAPABILITY_CUSTOM_USE, " led"), AIRS_E_INVALID);
    assert_int_equal(add(&set, CAPABILITY_CUSTOM_USE, "led"), AIRS_E_INVALID);
    assert_int_equal(add(&set, CAPABILITY_CONFIG_READ, "a\nb"), AIRS_E_INVALID);
    assert_int_equal(add(&set, CAPABILITY_NETWORK_CONNECT, ""), AIRS_E_INVALID);
    capability_decision nul = {.right = CAPABILITY_CONFIG_READ};
    assert_int_equal(learned_set_add(&set, &nul, (airs_bytes){(const uint8_t *)"a\0b", 3}), AIRS_E_INVALID);
    assert_int_equal(set.count, 0);
    assert_grants(&set, "");
    learned_set_fini(&set);
}

static void test_siblings(void **state)
{
    (void)state;
    learned_set set;
    learned_set_init(&set, base_allocator_default());
    char path[64];
    for (unsigned i = 0; i < LEARNED_SIBLINGS; i++) {
        (void)snprintf(path, sizeof path, "/many/%u", i);
        assert_int_equal(add(&set, CAPABILITY_FILES_READ, path), AIRS_OK);
        (void)snprintf(path, sizeof path, "/many/deep/%u", i);
        if (i > 0)
            assert_int_equal(add(&set, CAPABILITY_FILES_READ, path), AIRS_OK);
        (void)snprintf(path, sizeof path, "/%u", i);
        assert_int_equal(add(&set, CAPABILITY_FILES_LIST, path), AIRS_OK);
    }
    assert_grants(&set, "files.read \"/many/*\"\nfiles.read \"/many/deep/1\"\nfiles.read \"/many/deep/2\"\n"
                        "files.read \"/many/deep/3\"\nfiles.read \"/many/deep/4\"\nfiles.read \"/many/deep/5\"\n"
                        "files.read \"/many/deep/6\"\nfiles.read \"/many/deep/7\"\nfiles.list \"/*\"\n");
    learned_set_fini(&set);
}

static void test_looks(void **state)
{
    (void)state;
    learned_set set;
    learned_set_init(&set, base_allocator_default());
    assert_int_equal(look(&set, "/a"), AIRS_OK);
    assert_int_equal(look(&set, "/b"), AIRS_OK);
    assert_int_equal(add(&set, CAPABILITY_FILES_WRITE, "/b"), AIRS_OK);
    assert_int_equal(look(&set, "/c"), AIRS_OK);
    assert_int_equal(add(&set, CAPABILITY_FILES_READ, "/c"), AIRS_OK);
    assert_int_equal(add(&set, CAPABILITY_FILES_CREATE, "/c"), AIRS_OK);
    assert_grants(&set, "files.read \"/a\"\nfiles.read \"/c\"\nfiles.write \"/b\"\nfiles.create \"/c\"\n");
    learned_set_fini(&set);
}

static void test_children(void **state)
{
    (void)state;
    learned_set parent, child;
    learned_set_init(&parent, base_allocator_default());
    learned_set_init(&child, base_allocator_default());
    for (uint32_t alive = 1; alive <= 4; alive++) {
        capability_decision decision = {.right = CAPABILITY_SPAWN_START, .children = alive == 4 ? 2 : alive};
        assert_int_equal(learned_set_add(&parent, &decision, base_bytes_of("guest")), AIRS_OK);
        assert_int_equal(learned_set_add(&child, &decision, base_bytes_of("inner")), AIRS_OK);
    }
    assert_int_equal(add(&child, CAPABILITY_ENV_READ, "HOME"), AIRS_OK);
    assert_int_equal(learned_set_add_child(&parent, &child), AIRS_OK);
    assert_grants(&parent, "spawn.start \"guest\" max=3\nenv.read \"HOME\"\n");
    learned_set_fini(&parent);
    learned_set_fini(&child);
}

static void test_unused(void **state)
{
    (void)state;
    learned_set set;
    learned_set_init(&set, base_allocator_default());
    assert_int_equal(add(&set, CAPABILITY_FILES_READ, "/data/a"), AIRS_OK);
    assert_int_equal(add(&set, CAPABILITY_CUSTOM_USE, "led red"), AIRS_OK);
    airs_grant grant = {.rights = AIRS_RIGHT_FILES_READ, .pattern = "/data/**"};
    assert_true(learned_set_uses(&set, &grant));
    grant.rights = AIRS_RIGHT_FILES_WRITE;
    assert_false(learned_set_uses(&set, &grant));
    grant = (airs_grant){.rights = AIRS_RIGHT_FILES_READ, .pattern = "/other/**"};
    assert_false(learned_set_uses(&set, &grant));
    grant = (airs_grant){.rights = AIRS_RIGHT_CUSTOM_USE, .pattern = "r*", .custom = "led"};
    assert_true(learned_set_uses(&set, &grant));
    grant.custom = "lamp";
    assert_false(learned_set_uses(&set, &grant));
    learned_set_fini(&set);
}

static void test_bounded(void **state)
{
    (void)state;
    learned_set set, all;
    learned_set_init(&set, base_allocator_default());
    learned_set_init(&all, base_allocator_default());
    char path[64];
    for (unsigned i = 0; i < LEARNED_MAX + 10; i++) {
        (void)snprintf(path, sizeof path, "/%u/%u", i, i);
        assert_int_equal(add(&set, CAPABILITY_FILES_READ, path), i < LEARNED_MAX ? AIRS_OK : AIRS_E_LIMIT);
    }
    assert_int_equal(set.cut, 10);
    assert_int_equal(add(&set, CAPABILITY_FILES_READ, "/7/7"), AIRS_OK);
    assert_int_equal(add(&all, CAPABILITY_CLOCK_WALL, ""), AIRS_OK);
    assert_int_equal(learned_set_add_all(&all, &set), AIRS_E_LIMIT);
    assert_int_equal(all.count, LEARNED_MAX);
    learned_set_fini(&set);
    learned_set_fini(&all);
}

static void test_no_memory(void **state)
{
    (void)state;
    for (uint64_t at = 1;; at++) {
        base_alloc_fault fault;
        base_alloc_fault_init(&fault);
        learned_set set;
        learned_set_init(&set, &fault.allocator);
        base_alloc_fault_arm(&fault, at, 1);
        airs_status status = add(&set, CAPABILITY_CUSTOM_USE, "led red");
        airs_grant *grants;
        size_t count;
        if (status == AIRS_OK && learned_set_grants(&set, &grants, &count) == AIRS_OK)
            learned_grants_free(&set, grants);
        bool hit = base_alloc_fault_hit(&fault);
        learned_set_fini(&set);
        assert_int_equal(base_alloc_fault_live(&fault), 0);
        if (!hit)
            return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),    cmocka_unit_test(test_what_no_grant_allows),
        cmocka_unit_test(test_siblings), cmocka_unit_test(test_looks),
        cmocka_unit_test(test_children), cmocka_unit_test(test_unused),
        cmocka_unit_test(test_bounded),  cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
