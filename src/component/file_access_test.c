// SPDX-License-Identifier: MIT OR Apache-2.0
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/testing.h"
#include "component/file_access.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define READ CAPABILITY_BIT(CAPABILITY_FILES_READ)
#define WRITE CAPABILITY_BIT(CAPABILITY_FILES_WRITE)
#define CREATE CAPABILITY_BIT(CAPABILITY_FILES_CREATE)
#define DELETE CAPABILITY_BIT(CAPABILITY_FILES_DELETE)
#define LIST CAPABILITY_BIT(CAPABILITY_FILES_LIST)
#define ALL (READ | WRITE | CREATE | DELETE | LIST)

static const capability_mount mounts[] = {{"/data", "/srv/data"}, {"/data/in", "/srv/incoming"}, {"/tmp", "/srv/tmp"}};

/// What each test has: a policy over the mounts, and what was told.
typedef struct bench {
    file_access access;
    engine_file_answer answer;
    /// One line a decision.
    char told[1000];
    bool refuses_to_tell;
    /// Who is told decides beside the grants, and refuses.
    bool decides;
} bench;

static bool tell(void *user, capability_decision *decision, airs_bytes object)
{
    bench *self = user;
    size_t len = strlen(self->told);
    (void)snprintf(self->told + len, sizeof self->told - len, "%s%s %.*s;", decision->allowed ? "+" : "-",
                   capability_right_name(decision->right), (int)object.len, (const char *)object.data);
    if (self->decides)
        decision->grant = CAPABILITY_NONE;
    return !self->refuses_to_tell && !self->decides;
}

static void bench_begin(bench *self, const capability_grant *grants, size_t count)
{
    *self = (bench){.access = {.epoch = 7, .open_max = 2, .tell = tell, .user = self}};
    capability_policy_options options = {grants, count, mounts, COUNT(mounts)};
    capability_policy *policy;
    airs_error error = {0};
    if (capability_policy_create(&options, base_allocator_default(), &policy, NULL, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    self->access.policy = policy;
}

static void bench_end(bench *self)
{
    capability_policy_release(self->access.policy);
}

static engine_bytes text(const char *text)
{
    return (engine_bytes){(const uint8_t *)text, strlen(text)};
}

static engine_file_verdict decide(bench *self, const engine_file_question *question)
{
    self->told[0] = '\0';
    self->answer = (engine_file_answer){.verdict = ENGINE_FILE_FAILED};
    file_access_decide(&self->access, question, &self->answer);
    return self->answer.verdict;
}

static engine_file_verdict ask(bench *self, engine_file_operation operation, const char *path)
{
    return decide(self, &(engine_file_question){.operation = operation, .base = text("/data"), .path = text(path)});
}

static engine_file_verdict open_for(bench *self, uint32_t wants, const char *path)
{
    return decide(self, &(engine_file_question){
                            .operation = ENGINE_FILE_OPEN, .wants = wants, .base = text("/data"), .path = text(path)});
}

static engine_file_verdict ask_two(bench *self, engine_file_operation operation, const char *path, const char *other)
{
    return decide(self, &(engine_file_question){.operation = operation,
                                                .base = text("/data"),
                                                .path = text(path),
                                                .other_base = text("/data"),
                                                .other_path = text(other)});
}

static bool is(engine_bytes bytes, const char *expected)
{
    return bytes.len == strlen(expected) && memcmp(bytes.data, expected, bytes.len) == 0;
}

// ---------------------------------------------------------------- one name

static void a_granted_file_is_opened_beneath_its_mount(void **user)
{
    (void)user;
    const capability_grant grants[] = {{.rights = READ, .pattern = "/data/**"}};
    bench self;
    bench_begin(&self, grants, 1);
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "a/./b//c.txt"), ENGINE_FILE_ALLOWED);
    assert_true(is(self.answer.place.root, "/srv/data") && is(self.answer.place.rest, "a/b/c.txt"));
    assert_true(is(self.answer.place.path, "/data/a/b/c.txt"));
    assert_true(self.answer.files && !self.answer.folders && !self.answer.place.folder);
    assert_int_equal(self.answer.epoch, 7);
    assert_string_equal(self.told, "+read /data/a/b/c.txt;");
    // Of the mount that lies deeper, although the descriptor is of the other.
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "x/../in/c.txt"), ENGINE_FILE_ALLOWED);
    assert_true(is(self.answer.place.root, "/srv/incoming") && is(self.answer.place.rest, "c.txt"));
    assert_int_equal(self.answer.place.mount, 1);
    bench_end(&self);
}

static void names_that_are_none_are_told_apart(void **user)
{
    (void)user;
    const capability_grant grants[] = {{.rights = ALL, .pattern = "/data/**"}};
    char long_name[300], long_path[5000];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    for (size_t i = 0; i < sizeof long_path; i++)
        long_path[i] = i % 2 == 0 ? 'a' : '/';
    long_path[sizeof long_path - 1] = '\0';
    bench self;
    bench_begin(&self, grants, 1);
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, ""), ENGINE_FILE_NO_ENTRY);
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "/etc/passwd"), ENGINE_FILE_OUTSIDE);
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "/data/a"), ENGINE_FILE_OUTSIDE);
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, ".."), ENGINE_FILE_OUTSIDE);
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "../tmp/a"), ENGINE_FILE_OUTSIDE);
    // It is an attempt: told as it was given.
    assert_string_equal(self.told, "-read ../tmp/a;");
    assert_int_equal(ask(&self, ENGINE_FILE_UNLINK, "../tmp/a"), ENGINE_FILE_OUTSIDE);
    assert_string_equal(self.told, "-delete ../tmp/a;");
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "a", "../b"), ENGINE_FILE_OUTSIDE);
    assert_string_equal(self.told, "-create ../b;");
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "a/../../data/a"), ENGINE_FILE_OUTSIDE);
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, long_name), ENGINE_FILE_TOO_LONG);
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, long_path), ENGINE_FILE_TOO_LONG);
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "a\xff"), ENGINE_FILE_INVALID);
    engine_file_question nul = {
        .operation = ENGINE_FILE_STAT, .base = text("/data"), .path = {(const uint8_t *)"a\0b", 3}};
    assert_int_equal(decide(&self, &nul), ENGINE_FILE_INVALID);
    assert_string_equal(self.told, "");
    bench_end(&self);
}

static void each_way_to_open_takes_its_rights(void **user)
{
    (void)user;
    const capability_grant grants[] = {
        {.rights = READ, .pattern = "/data/r"},          {.rights = WRITE, .pattern = "/data/w"},
        {.rights = READ | WRITE, .pattern = "/data/rw"}, {.rights = CREATE | WRITE, .pattern = "/data/cw"},
        {.rights = LIST, .pattern = "/data/l"},
    };
    const struct {
        const char *path;
        uint32_t wants;
        bool allowed;
    } cases[] = {
        {"r", ENGINE_FILE_READ, true},
        {"r", ENGINE_FILE_WRITE, false},
        {"r", ENGINE_FILE_READ | ENGINE_FILE_WRITE, false},
        {"r", ENGINE_FILE_READ | ENGINE_FILE_CREATE, false},
        {"r", ENGINE_FILE_LIST, false},
        {"w", ENGINE_FILE_WRITE, true},
        {"w", ENGINE_FILE_READ, false},
        {"rw", ENGINE_FILE_READ | ENGINE_FILE_WRITE, true},
        {"rw", ENGINE_FILE_WRITE | ENGINE_FILE_CREATE, false},
        {"cw", ENGINE_FILE_WRITE | ENGINE_FILE_CREATE, true},
        {"cw", ENGINE_FILE_READ | ENGINE_FILE_CREATE, false},
        {"l", ENGINE_FILE_LIST, true},
        {"l", ENGINE_FILE_READ | ENGINE_FILE_WRITE, false},
        {"l/", ENGINE_FILE_READ, true},
        {"r/", ENGINE_FILE_READ, false},
        {"cw/", ENGINE_FILE_WRITE | ENGINE_FILE_CREATE, false},
        {"other", ENGINE_FILE_READ, false},
    };
    bench self;
    bench_begin(&self, grants, COUNT(grants));
    for (size_t i = 0; i < COUNT(cases); i++) {
        if ((open_for(&self, cases[i].wants, cases[i].path) == ENGINE_FILE_ALLOWED) != cases[i].allowed)
            fail_msg("case %zu: %s for %x", i, cases[i].path, cases[i].wants);
    }
    // What can be listed and not read may be opened, should it be a folder.
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "l"), ENGINE_FILE_ALLOWED);
    assert_true(self.answer.folders && !self.answer.files);
    assert_string_equal(self.told, "+list /data/l;");
    bench_end(&self);
}

static void one_right_on_one_name(void **user)
{
    (void)user;
    const struct {
        engine_file_operation operation;
        uint32_t right;
        /// What a name that is written as a folder's gets.
        engine_file_verdict as_folder;
    } cases[] = {
        {ENGINE_FILE_SET_TIMES, WRITE, ENGINE_FILE_ALLOWED},
        {ENGINE_FILE_READ_LINK, READ, ENGINE_FILE_NOT_FOLDER},
        {ENGINE_FILE_CREATE_FOLDER, CREATE, ENGINE_FILE_ALLOWED},
        {ENGINE_FILE_REMOVE_FOLDER, DELETE, ENGINE_FILE_ALLOWED},
        {ENGINE_FILE_UNLINK, DELETE, ENGINE_FILE_NOT_FOLDER},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const capability_grant grants[] = {{.rights = cases[i].right, .pattern = "/data/a*"},
                                           {.rights = ALL & ~cases[i].right, .pattern = "/data/**"}};
        bench self;
        bench_begin(&self, grants, 2);
        assert_int_equal(ask(&self, cases[i].operation, "abc"), ENGINE_FILE_ALLOWED);
        assert_int_equal(ask(&self, cases[i].operation, "b/../abc"), ENGINE_FILE_ALLOWED);
        assert_int_equal(ask(&self, cases[i].operation, "abc/"), cases[i].as_folder);
        assert_int_equal(ask(&self, cases[i].operation, "b"), ENGINE_FILE_DENIED);
        assert_int_equal(ask(&self, cases[i].operation, "abc/d"), ENGINE_FILE_DENIED);
        assert_int_equal(ask(&self, cases[i].operation, "Abc"), ENGINE_FILE_DENIED);
        bench_end(&self);
    }
}

static void whoever_may_do_anything_may_look(void **user)
{
    (void)user;
    const uint32_t rights[] = {READ, WRITE, CREATE, DELETE, LIST};
    for (size_t i = 0; i < COUNT(rights); i++) {
        const capability_grant grants[] = {{.rights = rights[i], .pattern = "/data/a"}};
        bench self;
        bench_begin(&self, grants, 1);
        assert_int_equal(ask(&self, ENGINE_FILE_STAT, "a"), ENGINE_FILE_ALLOWED);
        assert_int_equal(ask(&self, ENGINE_FILE_STAT, "b"), ENGINE_FILE_DENIED);
        assert_string_equal(self.told, "-read /data/b;");
        bench_end(&self);
    }
}

static void a_mounts_own_folder_stays(void **user)
{
    (void)user;
    const capability_grant grants[] = {{.rights = ALL, .pattern = "/data/**"}};
    bench self;
    bench_begin(&self, grants, 1);
    assert_int_equal(ask(&self, ENGINE_FILE_REMOVE_FOLDER, "in"), ENGINE_FILE_DENIED);
    assert_int_equal(ask(&self, ENGINE_FILE_REMOVE_FOLDER, "."), ENGINE_FILE_DENIED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "in", "out"), ENGINE_FILE_DENIED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "a", "in"), ENGINE_FILE_DENIED);
    assert_int_equal(ask(&self, ENGINE_FILE_STAT, "."), ENGINE_FILE_ALLOWED);
    assert_true(is(self.answer.place.rest, ""));
    bench_end(&self);
}

// ---------------------------------------------------------------- two names

static void a_rename_gives_no_right_that_was_not_there(void **user)
{
    (void)user;
    const capability_grant grants[] = {
        {.rights = READ | WRITE | DELETE, .pattern = "/data/mine/*"},
        {.rights = WRITE | DELETE, .pattern = "/data/unread/*"},
        {.rights = READ | DELETE, .pattern = "/data/unwritten/*"},
        {.rights = READ | WRITE, .pattern = "/data/kept/*"},
        {.rights = READ | WRITE | CREATE, .pattern = "/data/new/*"},
        {.rights = CREATE | DELETE, .pattern = "/data/over/*"},
        {.rights = READ | WRITE | DELETE, .pattern = "/data/uncreated/*"},
    };
    bench self;
    bench_begin(&self, grants, COUNT(grants));
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "mine/a", "new/a"), ENGINE_FILE_ALLOWED);
    assert_false(self.answer.replace || self.answer.folders);
    assert_true(is(self.answer.place.rest, "mine/a") && is(self.answer.other.rest, "new/a"));
    assert_string_equal(self.told, "+delete /data/mine/a;+read /data/mine/a;+write /data/mine/a;+create /data/new/a;");
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "mine/a", "over/a"), ENGINE_FILE_ALLOWED);
    assert_true(self.answer.replace);
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "unread/a", "new/a"), ENGINE_FILE_DENIED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "unwritten/a", "new/a"), ENGINE_FILE_DENIED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "kept/a", "new/a"), ENGINE_FILE_DENIED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "mine/a", "uncreated/a"), ENGINE_FILE_DENIED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "mine/a", "../a"), ENGINE_FILE_OUTSIDE);
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "mine/../unread/a", "new/a"), ENGINE_FILE_DENIED);
    bench_end(&self);
}

static void a_folder_is_renamed_by_who_has_all_below_it(void **user)
{
    (void)user;
    const capability_grant grants[] = {
        {.rights = ALL, .pattern = "/tmp/**"},
        {.rights = ALL, .pattern = "/data/all*/**"},
        {.rights = READ | WRITE | CREATE | DELETE, .pattern = "/data/some/**"},
        {.rights = ALL, .pattern = "/data/flat/*"},
        {.rights = ALL, .pattern = "/data/[*]star/**"},
    };
    const struct {
        const char *from;
        const char *to;
        bool folders;
    } cases[] = {
        {"all/x", "all/y", true},   {"all/x", "all2/y", true},  {"some/x", "all/y", false}, {"all/x", "some/y", true},
        {"flat/x", "all/y", false}, {"all/x", "flat/y", false}, {"*star/x", "all/y", true}, {"all/x", "*star/y", true},
    };
    bench self;
    bench_begin(&self, grants, COUNT(grants));
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, cases[i].from, cases[i].to), ENGINE_FILE_ALLOWED);
        if (self.answer.folders != cases[i].folders)
            fail_msg("%s to %s", cases[i].from, cases[i].to);
    }
    bench_end(&self);
}

static void a_link_is_made_by_who_may_read_and_write(void **user)
{
    (void)user;
    const capability_grant grants[] = {
        {.rights = READ | WRITE, .pattern = "/data/mine"},
        {.rights = READ, .pattern = "/data/read"},
        {.rights = WRITE, .pattern = "/data/written"},
        {.rights = ALL, .pattern = "/data/new/**"},
    };
    bench self;
    bench_begin(&self, grants, COUNT(grants));
    assert_int_equal(ask_two(&self, ENGINE_FILE_LINK, "mine", "new/a"), ENGINE_FILE_ALLOWED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_LINK, "read", "new/a"), ENGINE_FILE_DENIED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_LINK, "written", "new/a"), ENGINE_FILE_DENIED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_LINK, "new/a", "mine"), ENGINE_FILE_DENIED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_LINK, "new/a/", "new/b"), ENGINE_FILE_NOT_FOLDER);
    assert_int_equal(ask_two(&self, ENGINE_FILE_LINK, "new/a", "new/b/"), ENGINE_FILE_NOT_FOLDER);
    bench_end(&self);
}

static void a_symbolic_link_leads_to_what_is_granted(void **user)
{
    (void)user;
    const capability_grant grants[] = {
        {.rights = ALL, .pattern = "/data/new/**"}, {.rights = READ | WRITE, .pattern = "/data/mine"},
        {.rights = READ, .pattern = "/data/read"},  {.rights = ALL, .pattern = "/tmp/**"},
        {.rights = ALL, .pattern = "/data/in/**"},
    };
    bench self;
    bench_begin(&self, grants, COUNT(grants));
    assert_int_equal(ask_two(&self, ENGINE_FILE_SYMLINK, "new/a", "b"), ENGINE_FILE_ALLOWED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_SYMLINK, "new/a", "../mine"), ENGINE_FILE_OUTSIDE);
    assert_int_equal(ask_two(&self, ENGINE_FILE_SYMLINK, "new/a", "c/../b"), ENGINE_FILE_OUTSIDE);
    assert_int_equal(ask_two(&self, ENGINE_FILE_SYMLINK, "new/a", "/etc/passwd"), ENGINE_FILE_OUTSIDE);
    assert_int_equal(ask_two(&self, ENGINE_FILE_SYMLINK, "new/a", "../../../etc/passwd"), ENGINE_FILE_OUTSIDE);
    assert_int_equal(ask_two(&self, ENGINE_FILE_SYMLINK, "new/a", "../../etc/passwd"), ENGINE_FILE_OUTSIDE);
    // On the host these are not where they seem to be.
    assert_int_equal(ask_two(&self, ENGINE_FILE_SYMLINK, "new/a", "../../tmp/a"), ENGINE_FILE_OUTSIDE);
    assert_int_equal(ask_two(&self, ENGINE_FILE_SYMLINK, "new/a", "../in/a"), ENGINE_FILE_OUTSIDE);
    assert_int_equal(ask_two(&self, ENGINE_FILE_SYMLINK, "new/a", ""), ENGINE_FILE_NO_ENTRY);
    assert_int_equal(ask_two(&self, ENGINE_FILE_SYMLINK, "other", "new/a"), ENGINE_FILE_DENIED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_SYMLINK, "new/a/", "b"), ENGINE_FILE_NOT_FOLDER);
    bench_end(&self);
}

// ---------------------------------------------------------------- the rest

static void descriptors_are_asked_about_again(void **user)
{
    (void)user;
    const capability_grant grants[] = {{.rights = READ, .pattern = "/data/a"}};
    engine_file_question use = {.operation = ENGINE_FILE_USE, .wants = ENGINE_FILE_READ, .base = text("/data/a")};
    bench self;
    bench_begin(&self, grants, 1);
    assert_int_equal(decide(&self, &use), ENGINE_FILE_ALLOWED);
    use.wants = ENGINE_FILE_LOOK;
    assert_int_equal(decide(&self, &use), ENGINE_FILE_ALLOWED);
    use.wants = ENGINE_FILE_READ | ENGINE_FILE_WRITE;
    assert_int_equal(decide(&self, &use), ENGINE_FILE_DENIED);
    use.wants = 0;
    assert_int_equal(decide(&self, &use), ENGINE_FILE_DENIED);
    use = (engine_file_question){.operation = ENGINE_FILE_USE, .wants = ENGINE_FILE_READ, .base = text("/data/b")};
    assert_int_equal(decide(&self, &use), ENGINE_FILE_DENIED);
    bench_end(&self);
}

static void a_component_begins_with_its_mounts(void **user)
{
    (void)user;
    bench self;
    bench_begin(&self, NULL, 0);
    for (uint32_t i = 0; i < COUNT(mounts); i++) {
        assert_int_equal(decide(&self, &(engine_file_question){.operation = ENGINE_FILE_PREOPEN, .index = i}),
                         ENGINE_FILE_ALLOWED);
        assert_true(is(self.answer.place.path, mounts[i].guest) && is(self.answer.place.root, mounts[i].host));
    }
    assert_int_equal(decide(&self, &(engine_file_question){.operation = ENGINE_FILE_PREOPEN, .index = COUNT(mounts)}),
                     ENGINE_FILE_DENIED);
    // They give no right.
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "a"), ENGINE_FILE_DENIED);
    assert_int_equal(ask(&self, ENGINE_FILE_STAT, "."), ENGINE_FILE_DENIED);
    bench_end(&self);
}

static void so_many_files_and_no_more(void **user)
{
    (void)user;
    const capability_grant grants[] = {{.rights = ALL, .pattern = "/data/**"}};
    bench self;
    bench_begin(&self, grants, 1);
    self.access.open = 1;
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "a"), ENGINE_FILE_ALLOWED);
    self.access.open = 2;
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "a"), ENGINE_FILE_QUOTA);
    assert_int_equal(ask(&self, ENGINE_FILE_STAT, "a"), ENGINE_FILE_ALLOWED);
    bench_end(&self);
}

static void what_can_not_be_told_is_not_done(void **user)
{
    (void)user;
    const capability_grant grants[] = {{.rights = ALL, .pattern = "/data/**"}};
    bench self;
    bench_begin(&self, grants, 1);
    self.refuses_to_tell = true;
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "a"), ENGINE_FILE_FAILED);
    assert_int_equal(ask(&self, ENGINE_FILE_UNLINK, "a"), ENGINE_FILE_FAILED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "a", "b"), ENGINE_FILE_FAILED);
    assert_int_equal(ask(&self, (engine_file_operation)99, "a"), ENGINE_FILE_FAILED);
    bench_end(&self);
}

static void what_is_refused_beside_the_grants_is_as_without_them(void **user)
{
    (void)user;
    const capability_grant grants[] = {{.rights = ALL, .pattern = "/data/**"}};
    bench self;
    bench_begin(&self, grants, 1);
    self.decides = true;
    assert_int_equal(open_for(&self, ENGINE_FILE_READ, "a"), ENGINE_FILE_DENIED);
    assert_string_equal(self.told, "+read /data/a;");
    assert_int_equal(ask(&self, ENGINE_FILE_UNLINK, "a"), ENGINE_FILE_DENIED);
    assert_int_equal(ask_two(&self, ENGINE_FILE_RENAME, "a", "b"), ENGINE_FILE_DENIED);
    bench_end(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_granted_file_is_opened_beneath_its_mount),
        cmocka_unit_test(names_that_are_none_are_told_apart),
        cmocka_unit_test(each_way_to_open_takes_its_rights),
        cmocka_unit_test(one_right_on_one_name),
        cmocka_unit_test(whoever_may_do_anything_may_look),
        cmocka_unit_test(a_mounts_own_folder_stays),
        cmocka_unit_test(a_rename_gives_no_right_that_was_not_there),
        cmocka_unit_test(a_folder_is_renamed_by_who_has_all_below_it),
        cmocka_unit_test(a_link_is_made_by_who_may_read_and_write),
        cmocka_unit_test(a_symbolic_link_leads_to_what_is_granted),
        cmocka_unit_test(descriptors_are_asked_about_again),
        cmocka_unit_test(a_component_begins_with_its_mounts),
        cmocka_unit_test(so_many_files_and_no_more),
        cmocka_unit_test(what_can_not_be_told_is_not_done),
        cmocka_unit_test(what_is_refused_beside_the_grants_is_as_without_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
