// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/learn.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/testing.h"
#include "component/file_access.h"

/// A scratch folder, who learns, and the files of a component that may read below /data.
typedef struct bench {
    char folder[64];
    component_learner learner;
    file_access access;
    engine_file_answer answer;
    char refused[200];
} bench;

/// As `component_learn` does.
static bool tell(void *user, capability_decision *decision, airs_bytes object)
{
    bench *self = user;
    decision->learned = !decision->allowed && decision->learn == CAPABILITY_LEARN_DONE;
    if (!decision->allowed && !decision->learned)
        (void)snprintf(self->refused, sizeof self->refused, "%s %.*s", capability_right_name(decision->right),
                       (int)object.len, (const char *)object.data);
    return decision->allowed || decision->learned;
}

static int begin(void **state)
{
    bench *self = calloc(1, sizeof *self);
    assert_non_null(self);
    (void)snprintf(self->folder, sizeof self->folder, "/tmp/airssys-learn-test-XXXXXX");
    assert_non_null(mkdtemp(self->folder));
    assert_int_equal(learner_init(&self->learner, base_allocator_default(), self->folder, NULL), AIRS_OK);
    capability_grant grants[] = {{.rights = AIRS_RIGHT_FILES_READ, .pattern = "/data/**"}};
    capability_mount mounts[] = {{"/data", "/srv/data"}, {"/", self->folder}};
    capability_policy *policy;
    assert_int_equal(capability_policy_create(&(capability_policy_options){grants, 1, mounts, 2},
                                              base_allocator_default(), &policy, NULL, NULL),
                     AIRS_OK);
    self->access = (file_access){
        .policy = policy, .epoch = 7, .open_max = 9, .tell = tell, .user = self, .learner = &self->learner};
    *state = self;
    return 0;
}

static int end(void **state)
{
    bench *self = *state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", self->folder);
    capability_policy_release(self->access.policy);
    learner_fini(&self->learner);
    int code = system(command);
    free(self);
    return code;
}

static engine_bytes text(const char *from)
{
    return (engine_bytes){(const uint8_t *)from, strlen(from)};
}

static engine_file_verdict decide(bench *self, const engine_file_question *question)
{
    self->refused[0] = '\0';
    self->answer = (engine_file_answer){.verdict = ENGINE_FILE_FAILED};
    file_access_decide(&self->access, question, &self->answer);
    return self->answer.verdict;
}

static engine_file_verdict open_for(bench *self, uint32_t wants, const char *path)
{
    return decide(self, &(engine_file_question){
                            .operation = ENGINE_FILE_OPEN, .wants = wants, .base = text("/"), .path = text(path)});
}

static engine_file_verdict use(bench *self, uint32_t wants, const char *path, uint64_t epoch)
{
    return decide(self, &(engine_file_question){
                            .operation = ENGINE_FILE_USE, .wants = wants, .base = text(path), .epoch = epoch});
}

static void assert_place(const bench *self, const char *root, const char *path, const char *rest)
{
    const engine_file_place *place = &self->answer.place;
    assert_true(base_bytes_are((airs_bytes){place->root.data, place->root.len}, root));
    assert_true(base_bytes_are((airs_bytes){place->path.data, place->path.len}, path));
    assert_true(base_bytes_are((airs_bytes){place->rest.data, place->rest.len}, rest));
}

static bool is_there(const bench *self, const char *path)
{
    char whole[200];
    struct stat about;
    (void)snprintf(whole, sizeof whole, "%s/%s", self->folder, path);
    return lstat(whole, &about) == 0;
}

static void test_what_is_granted_is_the_hosts(void **state)
{
    bench *self = *state;
    assert_int_equal(open_for(self, ENGINE_FILE_READ, "data/a"), ENGINE_FILE_ALLOWED);
    assert_place(self, "/srv/data", "/data/a", "a");
    assert_false(is_there(self, "data"));
}

static void test_what_is_not_is_in_the_scratch_folder(void **state)
{
    bench *self = *state;
    assert_int_equal(open_for(self, ENGINE_FILE_READ | ENGINE_FILE_WRITE, "data/a"), ENGINE_FILE_ALLOWED);
    assert_place(self, self->folder, "//data/a", "data/a");
    assert_false(is_there(self, "data"));
    assert_int_equal(open_for(self, ENGINE_FILE_CREATE | ENGINE_FILE_WRITE, "data/deep/b"), ENGINE_FILE_ALLOWED);
    assert_place(self, self->folder, "//data/deep/b", "data/deep/b");
    assert_true(is_there(self, "data/deep"));
    assert_false(is_there(self, "data/deep/b"));
    assert_int_equal(open_for(self, ENGINE_FILE_LIST, "other/list"), ENGINE_FILE_ALLOWED);
    assert_place(self, self->folder, "/other/list", "other/list");
    assert_true(is_there(self, "other/list"));
}

static void test_an_open_file_stays_where_it_is(void **state)
{
    bench *self = *state;
    // Of the scratch folder, whatever is asked, and whatever was granted since.
    assert_int_equal(use(self, ENGINE_FILE_WRITE, "//out/a", 0), ENGINE_FILE_ALLOWED);
    assert_int_equal(use(self, ENGINE_FILE_LOOK, "//out/a", 3), ENGINE_FILE_ALLOWED);
    // Of the host: what was allowed since the grants have changed last, or is granted. Nothing is only learned.
    assert_int_equal(use(self, ENGINE_FILE_READ, "/data/a", 7), ENGINE_FILE_ALLOWED);
    assert_int_equal(use(self, ENGINE_FILE_READ, "/data/a", 3), ENGINE_FILE_ALLOWED);
    assert_int_equal(use(self, ENGINE_FILE_WRITE, "/data/a", 3), ENGINE_FILE_DENIED);
    assert_string_equal(self->refused, "write /data/a");
    assert_int_equal(use(self, ENGINE_FILE_WRITE, "/data/a", 0), ENGINE_FILE_DENIED);
    // The next question is none of a descriptor's.
    assert_int_equal(open_for(self, ENGINE_FILE_WRITE, "data/a"), ENGINE_FILE_ALLOWED);
}

static void test_nothing_leads_out(void **state)
{
    bench *self = *state;
    assert_int_equal(open_for(self, ENGINE_FILE_READ, "../etc/passwd"), ENGINE_FILE_OUTSIDE);
    assert_string_equal(self->refused, "read ../etc/passwd");
    // What a guest has made a link of is no folder on the way.
    char link[128];
    char outside[128];
    (void)snprintf(outside, sizeof outside, "%s-outside", self->folder);
    (void)snprintf(link, sizeof link, "%s/link", self->folder);
    assert_int_equal(mkdir(outside, 0700), 0);
    assert_int_equal(symlink(outside, link), 0);
    assert_int_equal(open_for(self, ENGINE_FILE_CREATE, "link/made/file"), ENGINE_FILE_ALLOWED);
    assert_int_equal(open_for(self, ENGINE_FILE_LIST, "link/made"), ENGINE_FILE_ALLOWED);
    assert_int_equal(rmdir(outside), 0);
}

static void test_a_new_name_may_be_anothers(void **state)
{
    bench *self = *state;
    engine_file_question question = {.operation = ENGINE_FILE_RENAME,
                                     .base = text("/"),
                                     .path = text("out/new"),
                                     .other_base = text("/"),
                                     .other_path = text("out/old")};
    assert_int_equal(decide(self, &question), ENGINE_FILE_ALLOWED);
    assert_false(self->answer.replace);
    assert_true(is_there(self, "out"));
    char path[128];
    (void)snprintf(path, sizeof path, "%s/out/old", self->folder);
    assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
    assert_int_equal(decide(self, &question), ENGINE_FILE_ALLOWED);
    assert_true(self->answer.replace);
}

static void test_entries_are_bounded(void **state)
{
    bench *self = *state;
    char name[32];
    for (unsigned i = 0; i < LEARN_ENTRIES_MAX; i++) {
        (void)snprintf(name, sizeof name, "a%u", i);
        assert_non_null(learner_enter(&self->learner, NULL, name, NULL));
    }
    assert_null(learner_enter(&self->learner, NULL, "one more", NULL));
    assert_non_null(learner_enter(&self->learner, NULL, "a7", NULL));
    assert_int_equal(self->learner.cut, 1);
}

static void test_a_parent_has_what_its_children_need(void **state)
{
    bench *self = *state;
    learn_entry *parent = learner_enter(&self->learner, NULL, "desk", NULL);
    learn_entry *child = learner_enter(&self->learner, parent, NULL, "kid");
    learn_entry *grandchild = learner_enter(&self->learner, child, "named", "kid");
    learn_entry *other = learner_enter(&self->learner, NULL, "kid", NULL);
    const struct {
        learn_entry *entry;
        const char *key;
    } uses[] = {{parent, "a"}, {child, "b"}, {grandchild, "c"}, {other, "d"}};
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        capability_decision decision = {.right = CAPABILITY_CONFIG_READ};
        assert_int_equal(learned_set_add(&uses[i].entry->uses, &decision, base_bytes_of(uses[i].key)), AIRS_OK);
    }
    learned_set all;
    assert_int_equal(learner_collect(&self->learner, "desk", false, &all), AIRS_OK);
    assert_int_equal(all.count, 3);
    learned_set_fini(&all);
    assert_int_equal(learner_collect(&self->learner, "kid", true, &all), AIRS_OK);
    assert_int_equal(all.count, 2);
    learned_set_fini(&all);
    assert_int_equal(learner_collect(&self->learner, "kid", false, &all), AIRS_OK);
    assert_int_equal(all.count, 1);
    learned_set_fini(&all);
    assert_true(learner_knows(&self->learner, "kid", true));
    assert_false(learner_knows(&self->learner, "desk", true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_granted_is_the_hosts, begin, end),
        cmocka_unit_test_setup_teardown(test_what_is_not_is_in_the_scratch_folder, begin, end),
        cmocka_unit_test_setup_teardown(test_an_open_file_stays_where_it_is, begin, end),
        cmocka_unit_test_setup_teardown(test_nothing_leads_out, begin, end),
        cmocka_unit_test_setup_teardown(test_a_new_name_may_be_anothers, begin, end),
        cmocka_unit_test_setup_teardown(test_entries_are_bounded, begin, end),
        cmocka_unit_test_setup_teardown(test_a_parent_has_what_its_children_need, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
