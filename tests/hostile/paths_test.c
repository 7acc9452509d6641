// SPDX-License-Identifier: MIT OR Apache-2.0
/// Files under grants: no name, link, rename, race or descriptor leads to what is not granted.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/atomics.h"
#include "mounted.h"
#include "os/thread.h"

/// What the guest tries, and what it is told.
typedef struct trick {
    const char *command;
    const char *answer;
} trick;

static void try_all(mounted *self, airs_actor_id id, const trick *tricks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        attack_expect(self->attack, id, tricks[i].command, tricks[i].answer);
}

#define TRY(self, id, ...) \
    try_all(self, id, (const trick[]){__VA_ARGS__}, sizeof((const trick[]){__VA_ARGS__}) / sizeof(trick))

// ---------------------------------------------------------------- names

static void what_is_granted_works(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    airs_actor_id id = mounted_spawn(&self, "guest", NULL);
    TRY(&self, id, {"mounts", "ok /data /data/nested"}, {"open 0 in/a.csv r", "ok 2"}, {"read 2 100 0", "ok a,b"},
        {"open 0 out/new.txt rw cx", "ok 3"}, {"write 3 0 hello", "ok 5"}, {"read 3 100 1", "ok ello"},
        {"names 0", "error access"}, {"open 0 in r d", "ok 4"}, {"names 4", "ok * * *"}, {"open 4 a.csv r", "ok 5"},
        {"mkdir 0 out/sub", "ok"}, {"open 0 out/sub/x w c", "ok 6"}, {"rename 0 out/sub/x 0 out/y", "ok"},
        {"link 0 out/y 0 out/z", "ok"}, {"unlink 0 out/y", "ok"}, {"rmdir 0 out/sub", "ok"},
        {"symlink 0 out/way z", "ok"}, {"readlink 0 out/way", "ok z"}, {"open 1 n.txt r", "ok 7"},
        {"open 0 nested/n.txt r", "ok 8"}, {"read 8 100 0", "ok nested"}, {"same 7 8", "ok yes"},
        {"touch-at 0 out/z", "ok"}, {"open 0 wo/w.txt w", "ok 9"}, {"write 9 0 W", "ok 1"},
        {"unlink 0 del/d.txt", "ok"}, {"look 0 in/a.csv", "ok regular-file 3 1"});
    assert_string_equal(mounted_read(&self, "data/wo/w.txt"), "Written");
    assert_string_equal(mounted_read(&self, "data/out/new.txt"), "hello");
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

static void names_lead_nowhere_else(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    airs_actor_id id = mounted_spawn(&self, "guest", NULL);
    TRY(&self, id, {"open 0 ../outside.txt r", "error not-permitted"}, {"open 0 .. r d", "error not-permitted"},
        {"open 0 in/../../outside.txt r", "error not-permitted"},
        {"open 0 in/../../data/in/a.csv r", "error not-permitted"},
        {"open 0 ./.././outside.txt r", "error not-permitted"}, {"open 0 /etc/passwd r", "error not-permitted"},
        {"open 0 /data/in/a.csv r", "error not-permitted"}, {"open 0 //etc/passwd r", "error not-permitted"},
        {"open 0 in/../secret.txt r", "error access"}, {"open 0 out/../secret.txt r", "error access"},
        {"open 0 in/a.csv/../../secret.txt r", "error access"}, {"open 0 in//..//secret.txt r", "error access"},
        {"open 0 secret.txt r", "error access"}, {"open 0 ./secret.txt r", "error access"},
        {"open 0 secret.txt/ r", "error access"}, {"open 0 secret.txt/. r", "error access"},
        {"open 0 secret.txt%00.csv r", "error invalid"}, {"open 0 in/b.txt%00.csv r", "error invalid"},
        {"open 0 %00 r", "error invalid"}, {"open 0  r", "error no-entry"}, {"open 0 . r", "error access"},
        {"open 0 in/A.csv r", "error no-entry"}, {"open 0 IN/a.csv r", "error access"},
        {"open 0 in/a.CSV r", "error access"}, {"open 0 in/b.txt r", "error access"},
        {"open 0 in/.csv r", "error no-entry"}, {"open 0 in/deep/c.csv r", "error access"},
        {"open 0 in/a.csv/ r", "error access"}, {"open 0 in/a.csv/x r", "error access"},
        {"open 0 in/%*256.csv r", "error name-too-long"}, {"open 0 %*5000 r", "error name-too-long"},
        {"open 0 in/*.csv r", "error no-entry"}, {"open 0 in/[a].csv r", "error no-entry"},
        {"open 0 in%2fb.txt r", "error access"}, {"open 0 in%5ca.csv r", "error access"},
        {"open 0 ..%2foutside.txt r", "error not-permitted"}, {"open 0 %c3%a4/../secret.txt r", "error access"},
        {"open 0 nested/../secret.txt r", "error access"}, {"open 1 ../secret.txt r", "error not-permitted"},
        {"open 0 nested/../../outside.txt r", "error not-permitted"}, {"open 0 nes%0ated/n.txt r", "error access"});
    // From below a descriptor there is no way up either.
    TRY(&self, id, {"open 0 in r d", "ok 2"}, {"open 2 ../secret.txt r", "error not-permitted"},
        {"open 2 deep/../../secret.txt r", "error not-permitted"}, {"open 2 b.txt r", "error access"},
        {"open 2 .. r d", "error not-permitted"});
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

static void rights_are_separate(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    airs_actor_id id = mounted_spawn(&self, "guest", NULL);
    TRY(&self, id, {"open 0 ro/r.txt w", "error access"}, {"open 0 ro/r.txt rw", "error access"},
        {"open 0 ro/r.txt r t", "error access"}, {"open 0 ro/r.txt r c", "error access"},
        {"open 0 ro/r.txt r ct", "error access"}, {"open 0 ro/none r c", "error access"},
        {"open 0 wo/w.txt r", "error access"}, {"open 0 wo/w.txt w c", "error access"},
        {"open 0 wo/w.txt rw", "error access"}, {"unlink 0 ro/r.txt", "error access"},
        {"unlink 0 wo/w.txt", "error access"}, {"open 0 del/d.txt r", "error access"},
        {"open 0 del/d.txt w t", "error access"}, {"unlink 0 in/a.csv", "error access"}, {"open 0 new/x r c", "ok 2"},
        {"write 2 0 x", "error bad-descriptor"}, {"open 0 new/x w", "error access"},
        {"open 0 new/x w c", "error access"}, {"unlink 0 new/x", "error access"}, {"mkdir 0 ro/sub", "error access"},
        {"mkdir 0 del/sub", "error access"}, {"rmdir 0 in/deep", "error access"}, {"rmdir 0 in", "error access"},
        {"rmdir 0 .", "error access"}, {"rmdir 0 nested", "error access"}, {"unlink 0 out", "error is-directory"},
        {"names 0", "error access"}, {"open 0 out r d", "error access"}, {"open 0 ro r d", "error access"},
        {"open 0 nested r d", "error access"}, {"touch-at 0 ro/r.txt", "error access"},
        {"touch-at 0 in/a.csv", "error access"}, {"touch 0", "error access"}, {"look 0 secret.txt", "error access"},
        {"hash 0 secret.txt", "error access"}, {"readlink 0 secret.txt", "error access"},
        {"look 0 in/b.txt", "error access"}, {"look 0 .", "error access"}, {"stat 0", "error access"});
    // A descriptor gives what it was opened for.
    TRY(&self, id, {"open 0 in/a.csv r", "ok 3"}, {"write 3 0 x", "error bad-descriptor"},
        {"size 3 0", "error bad-descriptor"}, {"writer 3", "error bad-descriptor"},
        {"appender 3", "error bad-descriptor"}, {"touch 3", "error bad-descriptor"},
        {"open 3 x r", "error not-directory"}, {"open 0 wo/w.txt w", "ok 4"}, {"read 4 9 0", "error bad-descriptor"},
        {"reader 4", "error bad-descriptor"}, {"lister 4", "error not-directory"});
    assert_string_equal(mounted_read(&self, "data/wo/w.txt"), "written");
    assert_string_equal(mounted_read(&self, "data/del/d.txt"), "deleted");
    assert_string_equal(mounted_read(&self, "data/in/a.csv"), "a,b");
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

// ---------------------------------------------------------------- links and renames

static void a_link_of_the_hosts(mounted *self, const char *to, const char *rest)
{
    assert_int_equal(symlink(to, mounted_path(self, rest)), 0);
}

static void links_are_not_followed(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    a_link_of_the_hosts(&self, "../../outside.txt", "data/out/up");
    a_link_of_the_hosts(&self, "/etc/passwd", "data/out/absolute");
    a_link_of_the_hosts(&self, "../in/b.txt", "data/out/sideways");
    a_link_of_the_hosts(&self, "o.txt", "data/out/allowed");
    a_link_of_the_hosts(&self, "../..", "data/out/dir");
    a_link_of_the_hosts(&self, "..", "data/out/data");
    a_link_of_the_hosts(&self, "round", "data/out/round");
    a_link_of_the_hosts(&self, "/proc/self/fd", "data/out/fds");
    a_link_of_the_hosts(&self, "../secret.txt", "data/in/x.csv");
    airs_actor_id id = mounted_spawn(&self, "guest", NULL);
    TRY(&self, id, {"open 0 out/up r", "error loop"}, {"open 0 out/up r f", "error loop"},
        {"open 0 out/up w", "error loop"}, {"open 0 out/up w t", "error loop"}, {"open 0 out/up w c", "error loop"},
        {"open 0 out/up rw ctf", "error loop"}, {"open 0 out/absolute r", "error loop"},
        {"open 0 out/absolute r f", "error loop"}, {"open 0 out/sideways r f", "error loop"},
        {"open 0 out/allowed r f", "error loop"}, {"open 0 out/round r f", "error loop"},
        {"open 0 out/dir/outside.txt r", "error loop"}, {"open 0 out/data/secret.txt r f", "error loop"},
        {"open 0 out/fds/0 r", "error loop"}, {"open 0 in/x.csv r", "error loop"},
        {"open 0 out/dir/made w c", "error loop"}, {"mkdir 0 out/dir/made", "error loop"},
        {"rmdir 0 out/dir/data", "error loop"}, {"unlink 0 out/dir/outside.txt", "error loop"},
        {"unlink 0 out/data/secret.txt", "error loop"}, {"look 0 out/dir/outside.txt", "error loop"},
        {"follow 0 out/up", "error loop"}, {"hash 0 out/dir/outside.txt", "error loop"},
        {"readlink 0 out/dir/data", "error loop"}, {"touch-at 0 out/dir/outside.txt", "error loop"},
        {"rename 0 out/dir/outside.txt 0 out/mine", "error loop"},
        {"rename 0 out/o.txt 0 out/dir/outside.txt", "error loop"},
        {"link 0 out/data/secret.txt 0 out/mine", "error loop"}, {"link 0 out/o.txt 0 out/dir/other.txt", "error loop"},
        {"symlink 0 out/dir/new o", "error loop"}, {"open 0 out/dir r d", "error access"},
        {"unlink 0 out/up/", "error not-directory"}, {"mkdir 0 out/deep", "ok"},
        {"rename 0 out/up 0 out/deep/up", "error access"}, {"link 0 out/up 0 out/deep/up", "error access"},
        {"link 0 out/up 0 out/higher", "error access"}, {"rename 0 out/up 0 out/higher", "ok"});
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

static void new_names_give_no_rights(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    airs_actor_id id = mounted_spawn(&self, "guest", NULL);
    TRY(&self, id, {"rename 0 secret.txt 0 out/mine", "error access"},
        {"rename 0 in/a.csv 0 out/a.csv", "error access"}, {"rename 0 in/b.txt 0 in/b.csv", "error access"},
        {"rename 0 del/d.txt 0 out/d", "error access"}, {"rename 0 out/o.txt 0 secret.txt", "error access"},
        {"rename 0 out/o.txt 0 in/b.txt", "error access"}, {"rename 0 out/o.txt 0 ro/r.txt", "error access"},
        {"rename 0 out/o.txt 0 new/x", "ok"}, {"rename 0 out/../secret.txt 0 out/mine", "error access"},
        {"rename 0 out/a 0 ../outside.txt", "error not-permitted"},
        {"rename 0 ../outside.txt 0 out/a", "error not-permitted"}, {"rename 1 n.txt 0 out/n.txt", "error access"},
        {"rename 0 out 0 in", "error access"}, {"rename 0 in 0 out/in", "error access"},
        {"rename 0 nested 0 out/nested", "error access"}, {"rename 0 . 0 out/all", "error access"},
        {"link 0 secret.txt 0 out/mine", "error access"}, {"link 0 ro/r.txt 0 out/mine", "error access"},
        {"link 0 wo/w.txt 0 out/mine", "error access"}, {"link 0 del/d.txt 0 out/mine", "error access"},
        {"link 0 in/a.csv 0 out/a", "error access"}, {"link 1 n.txt 0 out/n", "error access"},
        {"symlink 0 out/s ../secret.txt", "error not-permitted"},
        {"symlink 0 out/s /etc/passwd", "error not-permitted"}, {"symlink 0 out/s ../../../x", "error not-permitted"},
        {"symlink 0 out/s ../../outside.txt", "error not-permitted"}, {"symlink 0 ro/s r.txt", "error access"},
        {"symlink 0 out/s ../nested/n.txt", "error not-permitted"}, {"symlink 0 out/s a%00b", "error invalid"});
    assert_string_equal(mounted_read(&self, "data/wo/w.txt"), "written");
    assert_string_equal(mounted_read(&self, "nested/n.txt"), "nested");
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

/// A folder is not the way to move what is below it to where more is allowed.
static void folders_carry_nothing_along(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    static const airs_grant grants[] = {
        {.rights = AIRS_RIGHT_FILES_READ | AIRS_RIGHT_FILES_WRITE | AIRS_RIGHT_FILES_DELETE, .pattern = "/data/in"},
        {.rights = AIRS_RIGHT_FILES_READ | AIRS_RIGHT_FILES_CREATE, .pattern = "/data/out/**"},
    };
    airs_actor_id id = mounted_spawn_with(&self, "guest", grants, 2);
    TRY(&self, id, {"rename 0 in 0 out/in", "error access"}, {"rename 0 in/ 0 out/in", "error access"},
        {"rename 0 in 0 out/in/", "error access"}, {"open 0 out/in/b.txt r", "error no-entry"});
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

// ---------------------------------------------------------------- what is no file

static void what_is_no_file_is_not_touched(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    assert_int_equal(mkfifo(mounted_path(&self, "data/out/fifo"), 0600), 0);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", mounted_path(&self, "data/out/socket"));
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
    (void)close(listener);
    airs_actor_id id = mounted_spawn(&self, "guest", NULL);
    TRY(&self, id, {"open 0 out/fifo r", "error access"}, {"open 0 out/fifo rw", "error access"},
        {"open 0 out/fifo w", "error access"}, {"open 0 out/fifo r c", "error access"},
        {"open 0 out/fifo w ct", "error access"}, {"open 0 out/fifo w cx", "error exist"},
        {"open 0 out/socket r", "error access"}, {"look 0 out/fifo", "ok fifo 0 1"});
    attack_witness_counts(self.attack, ATTACK_PATIENCE_MS);
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

static void the_kernels_own_files_are_no_data(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    static const airs_grant all = {.rights = AIRS_RIGHT_FILES_READ | AIRS_RIGHT_FILES_WRITE | AIRS_RIGHT_FILES_CREATE |
                                             AIRS_RIGHT_FILES_DELETE | AIRS_RIGHT_FILES_LIST,
                                   .pattern = "/**"};
    static const airs_mount mounts[] = {
        {"/proc", "/proc"}, {"/fd", "/dev/fd"}, {"/sys", "/sys"}, {"/dev", "/dev"}, {"/self", "/proc/self"}};
    airs_spawn_options options = {.grants = &all, .grants_count = 1, .mounts = mounts, .mounts_count = 5};
    airs_actor_id id = attack_spawn(self.attack, "files", &options);
    char memory[64];
    (void)snprintf(memory, sizeof memory, "open 0 %d/mem rw", (int)getpid());
    TRY(&self, id, {"open 0 version r", "error access"}, {"open 0 self/mem rw", "error loop"},
        {"open 0 self/environ r", "error loop"}, {"open 0 1/cmdline r", "error access"}, {"names 0", "error access"},
        {"open 1 0 r", "error access"}, {"open 1 0 rw", "error access"}, {"names 1", "error access"},
        {"open 2 kernel/mm r d", "error *"}, {"open 3 null r", "error access"}, {"open 3 zero rw", "error access"},
        {"open 3 fd/0 r", "error loop"}, {"open 3 tty r", "error *"}, {"open 4 mem rw", "error access"},
        {"open 4 fd/0 r", "error *"}, {"open 4 root/etc/passwd r", "error loop"}, {"open 4 cwd r d", "error *"},
        {memory, "error access"});
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

/// A mount is the folder that had its path when the actor was spawned: who changes what is above it leads nobody.
static void a_link_above_the_mount(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    static const char *const folders[] = {"data/out/above", "data/out/above/in", "data/out/evil", "data/out/evil/in"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        assert_int_equal(mkdir(mounted_path(&self, folders[i]), 0700), 0);
    mounted_write(&self, "data/out/above/in/f", "good");
    mounted_write(&self, "data/out/evil/in/f", "evil");
    a_link_of_the_hosts(&self, "above", "data/out/way");
    static const airs_grant all = {.rights = AIRS_RIGHT_FILES_READ, .pattern = "/m/**"};
    airs_mount mount = {"/m", mounted_path(&self, "data/out/way/in")};
    airs_spawn_options options = {.grants = &all, .grants_count = 1, .mounts = &mount, .mounts_count = 1};
    airs_actor_id early = attack_spawn(self.attack, "files", &options);
    airs_actor_id late = attack_spawn(self.attack, "files", &options);
    TRY(&self, early, {"open 0 f r", "ok 1"}, {"read 1 9 0", "ok good"});
    // The link that led there leads elsewhere: nobody looks at it again.
    assert_int_equal(unlink(mounted_path(&self, "data/out/way")), 0);
    a_link_of_the_hosts(&self, "evil", "data/out/way");
    TRY(&self, early, {"open 0 f r", "ok 2"}, {"read 2 9 0", "ok good"});
    // And what was a folder is a link.
    assert_int_equal(rename(mounted_path(&self, "data/out/above"), mounted_path(&self, "data/out/moved")), 0);
    a_link_of_the_hosts(&self, "evil", "data/out/above");
    TRY(&self, late, {"open 0 f r", "error loop"}, {"look 0 f", "error loop"}, {"names 0", "error *"});
    TRY(&self, early, {"open 0 f r", "ok 3"}, {"read 3 9 0", "ok good"});
    attack_stop(self.attack, early, ATTACK_PATIENCE_MS);
    attack_stop(self.attack, late, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

// ---------------------------------------------------------------- races

/// Somebody on the host who goes on changing what a name is.
typedef struct swapper {
    char one[512];
    char other[512];
    BASE_ATOMIC(bool) stop;
    /// Read when it has ended.
    bool failed;
} swapper;

static void swap(void *user)
{
    swapper *self = user;
    while (!base_atomic_load_acquire(&self->stop) && !self->failed)
        self->failed = renameat2(AT_FDCWD, self->one, AT_FDCWD, self->other, RENAME_EXCHANGE) != 0;
}

/// What a name that is changed under one's hands may look like; never what is outside.
static bool is_harmless(const char *answer)
{
    static const char *const errors[] = {"loop", "no-entry", "exist", "access"};
    bool harmless = strncmp(answer, "ok", 2) == 0;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        harmless = harmless || (strncmp(answer, "error ", 6) == 0 && strcmp(answer + 6, errors[i]) == 0);
    return harmless && strstr(answer, "outside") == NULL;
}

/// Repeats the commands while two names change places.
static void try_while_swapped(mounted *self, airs_actor_id id, const char *const names[2], const char *const *commands,
                              size_t count, uint32_t rounds)
{
    swapper other = {0};
    (void)snprintf(other.one, sizeof other.one, "%s", mounted_path(self, names[0]));
    (void)snprintf(other.other, sizeof other.other, "%s", mounted_path(self, names[1]));
    os_thread thread;
    assert_int_equal(os_thread_start(&thread, "swapper", 0, swap, &other), AIRS_OK);
    // Another thread is running: nothing is asserted before it has ended.
    char wrong[400] = "";
    for (uint32_t i = 0; i < rounds * count && wrong[0] == '\0'; i++) {
        char got[256] = "";
        const char *command = commands[i % count];
        if (attack_ask(self->attack, id, command, got) != AIRS_OK || !is_harmless(got))
            (void)snprintf(wrong, sizeof wrong, "\"%s\" is answered \"%.200s\"", command, got);
    }
    base_atomic_store_release(&other.stop, true);
    os_thread_join(&thread);
    assert_false(other.failed);
    if (wrong[0] != '\0')
        fail_msg("%s", wrong);
}

static void a_file_that_becomes_a_link(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    mounted_write(&self, "data/out/f", "inside!");
    a_link_of_the_hosts(&self, "../../outside.txt", "data/out/g");
    static const airs_limits many = {.max_open_files = 10000};
    airs_actor_id id = mounted_spawn(&self, "guest", &many);
    static const char *const names[2] = {"data/out/f", "data/out/g"};
    static const char *const commands[] = {"open 0 out/f rw", "open 0 out/f w t",     "touch-at 0 out/f",
                                           "look 0 out/f",    "link 0 out/f 0 out/h", "open 0 out/f r f",
                                           "unlink 0 out/h"};
    try_while_swapped(&self, id, names, commands, sizeof commands / sizeof *commands, TEST_ROUNDS(300));
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

static void a_folder_that_becomes_a_link(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    assert_int_equal(mkdir(mounted_path(&self, "data/out/d"), 0700), 0);
    mounted_write(&self, "data/out/d/outside.txt", "inside");
    a_link_of_the_hosts(&self, "../..", "data/out/e");
    static const airs_limits many = {.max_open_files = 10000};
    airs_actor_id id = mounted_spawn(&self, "guest", &many);
    static const char *const names[2] = {"data/out/d", "data/out/e"};
    static const char *const commands[] = {"open 0 out/d/outside.txt w t",
                                           "unlink 0 out/d/none",
                                           "mkdir 0 out/d/made",
                                           "open 0 out/d/made2 w c",
                                           "rename 0 out/d/made2 0 out/d/made3",
                                           "touch-at 0 out/d/outside.txt",
                                           "unlink 0 out/d/made3"};
    try_while_swapped(&self, id, names, commands, sizeof commands / sizeof *commands, TEST_ROUNDS(300));
    assert_int_equal(access(mounted_path(&self, "made"), F_OK), -1);
    assert_int_equal(access(mounted_path(&self, "made2"), F_OK), -1);
    assert_int_equal(access(mounted_path(&self, "made3"), F_OK), -1);
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

/// The same between two guests: one renames, makes links and removes in the folder of the other.
static void an_accomplice_helps_nobody(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    airs_actor_id victim = mounted_spawn(&self, "victim", NULL), helper = mounted_spawn(&self, "helper", NULL);
    attack_answers answers = {0};
    for (uint32_t round = 0; round < TEST_ROUNDS(60); round++) {
        // The helper does not wait for the other.
        assert_true(attack_ask_many(self.attack, helper, "symlink 0 out/t o.txt", 1, &answers));
        assert_true(attack_ask_many(self.attack, helper, "rename 0 out/t 0 out/x", 1, &answers));
        assert_true(attack_ask_many(self.attack, helper, "unlink 0 out/x", 1, &answers));
        char got[256];
        static const char *const commands[] = {"open 0 out/x w ct", "rename 0 out/o.txt 0 out/x",
                                               "rename 0 out/x 0 out/o.txt", "look 0 out/x"};
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(attack_ask(self.attack, victim, commands[i], got), AIRS_OK);
    }
    attack_wait_answers(&answers, 3 * TEST_ROUNDS(60));
    attack_stop(self.attack, helper, ATTACK_PATIENCE_MS);
    attack_stop(self.attack, victim, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

// ---------------------------------------------------------------- revocation, quotas, ends

static void what_is_open_is_revoked(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    airs_actor_id id = mounted_spawn(&self, "guest", NULL);
    TRY(&self, id, {"open 0 out/o.txt rw", "ok 2"}, {"reader 2", "ok 3"}, {"writer 2", "ok 4"}, {"appender 2", "ok 5"},
        {"open 0 in r d", "ok 6"}, {"lister 6", "ok 7"}, {"take 3 1", "ok o"});
    mounted_revoke(&self, id);
    TRY(&self, id, {"read 2 9 0", "error access"}, {"write 2 0 x", "error access"}, {"take 3 1", "error failed"},
        {"put 4 x", "error failed"}, {"put 5 x", "error failed"}, {"next 7", "error access"},
        {"size 2 0", "error access"}, {"stat 2", "error access"}, {"sync 2", "error access"},
        {"touch 2", "error access"}, {"reader 2", "error access"}, {"names 6", "error access"},
        {"open 6 a.csv r", "error access"}, {"open 0 out/o.txt r", "error access"},
        {"unlink 0 out/o.txt", "error access"}, {"drop 3", "ok"}, {"drop 2", "ok"},
        {"mounts", "ok /data /data/nested"});
    assert_string_equal(mounted_read(&self, "data/out/o.txt"), "out");
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

static void only_so_many_are_open(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    static const airs_limits few = {.max_open_files = 3};
    airs_actor_id id = mounted_spawn(&self, "guest", &few);
    airs_actor_id neighbour = mounted_spawn(&self, "neighbour", &few);
    TRY(&self, id, {"open 0 in/a.csv r", "ok 2"}, {"open 0 in/a.csv r", "ok 3"}, {"open 0 in/a.csv r", "ok 4"},
        {"open 0 in/a.csv r", "error quota"}, {"open 0 in r d", "error quota"}, {"lister 0", "error *"},
        {"open 0 out/new w c", "error quota"}, {"look 0 in/a.csv", "ok *"});
    // A stream keeps its file open when the descriptor is dropped.
    TRY(&self, id, {"reader 2", "ok 5"}, {"drop 2", "ok"}, {"open 0 in/a.csv r", "error quota"}, {"drop 5", "ok"},
        {"open 0 in/a.csv r", "ok 6"}, {"drop 6", "ok"}, {"open 0 in r d", "ok 7"}, {"lister 7", "ok 8"},
        {"open 0 in/a.csv r", "error quota"}, {"drop 8", "ok"}, {"open 0 in/a.csv r", "ok 9"});
    TRY(&self, neighbour, {"open 0 in/a.csv r", "ok 2"}, {"read 2 9 0", "ok a,b"});
    // A file has one stream of its own; each more counts like a file.
    airs_actor_id streams = mounted_spawn(&self, "streams", &few);
    TRY(&self, streams, {"open 0 out/o.txt rw", "ok 2"}, {"reader 2", "ok 3"}, {"writer 2", "ok 4"},
        {"appender 2", "ok 5"}, {"reader 2", "error quota"}, {"open 0 in/a.csv r", "error quota"}, {"drop 4", "ok"},
        {"reader 2", "ok 6"}, {"take 6 1", "ok o"}, {"drop 3", "ok"}, {"reader 2", "ok 7"}, {"writer 2", "error quota"},
        {"drop 2", "ok"}, {"drop 5", "ok"}, {"drop 6", "ok"}, {"drop 7", "ok"}, {"open 0 in/a.csv r", "ok 8"},
        {"open 0 in/a.csv r", "ok 9"}, {"open 0 in/a.csv r", "ok 10"});
    attack_stop(self.attack, streams, ATTACK_PATIENCE_MS);
    // What a failed open held is given back.
    for (uint32_t i = 0; i < 20; i++)
        TRY(&self, neighbour, {"open 0 in/none.csv r", "error no-entry"});
    TRY(&self, neighbour, {"open 0 in/a.csv r", "ok 3"}, {"open 0 in/a.csv r", "ok 4"});
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    attack_stop(self.attack, neighbour, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

static void reads_and_writes_are_bounded(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    airs_actor_id id = mounted_spawn(&self, "guest", NULL);
    TRY(&self, id, {"open 0 out/big rw c", "ok 2"}, {"size 2 1099511627776", "*"}, {"size 2 1000000000", "ok"},
        {"write 2 9223372036854775807 x", "error *"}, {"write 2 18446744073709551615 x", "error *"},
        {"read 2 18446744073709551615 18446744073709551615", "error *"}, {"reader 2", "ok 3"});
    airs_buffer reply = {0};
    assert_int_equal(
        airs_ask(self.attack->system, id, "read 2 18446744073709551615 0", 29, ATTACK_PATIENCE_MS, &reply, NULL),
        AIRS_OK);
    assert_int_equal(reply.len, 3 + (64u << 10));
    airs_buffer_free(&reply);
    assert_int_equal(
        airs_ask(self.attack->system, id, "take 3 18446744073709551615", 27, ATTACK_PATIENCE_MS, &reply, NULL),
        AIRS_OK);
    assert_true(reply.len <= 3 + (64u << 10));
    airs_buffer_free(&reply);
    attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    mounted_end(&self);
}

/// A guest that ends in the middle of its input and output leaves nothing open.
static void ends_in_the_middle(void **user)
{
    (void)user;
    mounted self;
    mounted_begin(&self);
    for (uint32_t round = 0; round < TEST_ROUNDS(30); round++) {
        airs_actor_id id = mounted_spawn(&self, "guest", NULL);
        attack_answers answers = {0};
        TRY(&self, id, {"open 0 out/o.txt rw", "ok 2"}, {"reader 2", "ok 3"});
        assert_true(attack_ask_many(self.attack, id, "open 0 in/a.csv r", 10, &answers));
        assert_true(attack_ask_many(self.attack, id, "sync 2", 10, &answers));
        assert_int_equal(airs_kill(self.attack->system, id), AIRS_OK);
        attack_wait_answers(&answers, 20);
        attack_wait_restarted(self.attack, id, 1);
        TRY(&self, id, {"mounts", "ok /data /data/nested"});
        attack_stop(self.attack, id, ATTACK_PATIENCE_MS);
    }
    mounted_end(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_granted_works),
        cmocka_unit_test(names_lead_nowhere_else),
        cmocka_unit_test(rights_are_separate),
        cmocka_unit_test(links_are_not_followed),
        cmocka_unit_test(new_names_give_no_rights),
        cmocka_unit_test(folders_carry_nothing_along),
        cmocka_unit_test(what_is_no_file_is_not_touched),
        cmocka_unit_test(the_kernels_own_files_are_no_data),
        cmocka_unit_test(a_link_above_the_mount),
        cmocka_unit_test(a_file_that_becomes_a_link),
        cmocka_unit_test(a_folder_that_becomes_a_link),
        cmocka_unit_test(an_accomplice_helps_nobody),
        cmocka_unit_test(what_is_open_is_revoked),
        cmocka_unit_test(only_so_many_are_open),
        cmocka_unit_test(reads_and_writes_are_bounded),
        cmocka_unit_test(ends_in_the_middle),
    };
    return cmocka_run_group_tests_name("hostile paths", tests, NULL, NULL);
}
