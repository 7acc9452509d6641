// SPDX-License-Identifier: MIT OR Apache-2.0
/// A hundred hostile guests and more, one a row: each is an actor of its own, made for one attack, which its name and
/// message say. It is held that
///   - it is refused: its answer, or how its incarnation ends;
///   - it is in the log: the audit log has the decision about what it tried, or, where a limit ends it, the failure is
///     told with the name of the limit;
///   - it harms nobody: after each one the witness has kept its count and answers, the same number of actors, instances
///     and memories is there, and no file that it may not touch has changed.
/// What takes more than one guest, or time, is in the other files of this folder.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "airssys/audit.h"
#include "base/bytes.h"
#include "capability/pattern.h"
#include "mounted.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
/// As docs/explanation/security-model.md lists them.
#define ATTACKS 130u

typedef enum proof {
    /// A refusal in the audit log.
    REFUSED,
    /// The operation was allowed and recorded, and then the system refused it: a link, a pipe, a device.
    TRIED,
    /// The incarnation ends with a limit, which the failure names: `object` is its text.
    ENDED,
} proof;

/// What a guest has: see `spawn`.
typedef enum holds {
    /// The tree of mounted.h.
    FILES,
    /// connect to all hosts and ports, and look up names in test; no zones.
    NETWORK,
    /// connect to one name, and to one port of one address of it.
    NAMED,
    /// send, publish, subscribe and register nothing.
    NOTHING,
    /// send to `silent`, send to and ask `louder*`, publish on `news.*`, subscribe to `news.*`, register `mine-*`.
    SOME,
    /// All settings but `password`; clocks, random numbers and standard streams not.
    SETTINGS,
    /// Templates `kid`, of which it may spawn one.
    CHILDREN,
    /// Small limits.
    LIMITED,
} holds;

typedef struct row {
    const char *what;
    holds has;
    const char *guest;
    const char *message;
    /// A pattern of the answer. NULL: it fails.
    const char *answer;
    proof proof;
    /// As "files.read", and a pattern of the object.
    const char *right;
    const char *object;
} row;

#define FILE_ROW(what, message, answer, right, object)                                  \
    {                                                                                   \
        what, FILES, "files", message, "error " answer, REFUSED, "files." right, object \
    }
#define LINK_ROW(what, message, answer, right, object)                                \
    {                                                                                 \
        what, FILES, "files", message, "error " answer, TRIED, "files." right, object \
    }
#define NET_ROW(what, message, right, object)                                             \
    {                                                                                     \
        what, NETWORK, "sockets", message, "refused *", REFUSED, "network." right, object \
    }
#define NAME_ROW(what, message, right, object)                                          \
    {                                                                                   \
        what, NAMED, "sockets", message, "refused *", REFUSED, "network." right, object \
    }
#define TALK_ROW(what, has, message, right, object)                                \
    {                                                                              \
        what, has, "holds", message, "not: *", REFUSED, "messaging." right, object \
    }
#define RIGHT_ROW(what, message, right)                               \
    {                                                                 \
        what, SETTINGS, "settings", message, NULL, REFUSED, right, "" \
    }
#define END_ROW(what, guest, message, text)                    \
    {                                                          \
        what, LIMITED, guest, message, NULL, ENDED, NULL, text \
    }

static const row rows[] = {
    // Names.
    FILE_ROW("climb out", "open 0 ../outside.txt r", "not-permitted", "read", "../outside.txt"),
    FILE_ROW("climb out to write", "open 0 ../outside.txt w", "not-permitted", "write", "../outside.txt"),
    FILE_ROW("climb out to make", "open 0 ../new w c", "not-permitted", "*", "../new"),
    FILE_ROW("list the folder above", "open 0 .. r d", "not-permitted", "list", ".."),
    FILE_ROW("down and up", "open 0 in/../../outside.txt r", "not-permitted", "read", "in/../../outside.txt"),
    FILE_ROW("out and in again", "open 0 in/../../data/in/a.csv r", "not-permitted", "read", "in/../../data/*"),
    FILE_ROW("dots between", "open 0 ./.././outside.txt r", "not-permitted", "read", "./.././outside.txt"),
    FILE_ROW("an absolute path", "open 0 /etc/passwd r", "not-permitted", "read", "/etc/passwd"),
    FILE_ROW("its own absolute path", "open 0 /data/in/a.csv r", "not-permitted", "read", "/data/in/a.csv"),
    FILE_ROW("two slashes", "open 0 //etc/passwd r", "not-permitted", "read", "//etc/passwd"),
    FILE_ROW("an encoded slash", "open 0 ..%2foutside.txt r", "not-permitted", "read", "../outside.txt"),
    FILE_ROW("up through another mount", "open 0 nested/../../outside.txt r", "not-permitted", "read", "nested/*"),
    FILE_ROW("from one mount to another", "open 1 ../secret.txt r", "not-permitted", "read", "../secret.txt"),
    FILE_ROW("beside what is granted", "open 0 secret.txt r", "access", "read", "/data/secret.txt"),
    FILE_ROW("the same with a dot", "open 0 ./secret.txt r", "access", "read", "/data/secret.txt"),
    FILE_ROW("through a granted folder", "open 0 in/../secret.txt r", "access", "read", "/data/secret.txt"),
    FILE_ROW("through a file", "open 0 in/a.csv/../../secret.txt r", "access", "read", "/data/secret.txt"),
    FILE_ROW("empty names between", "open 0 in//..//secret.txt r", "access", "read", "/data/secret.txt"),
    FILE_ROW("a slash behind it", "open 0 secret.txt/ r", "access", "*", "/data/secret.txt"),
    FILE_ROW("another case", "open 0 IN/a.csv r", "access", "read", "/data/IN/a.csv"),
    FILE_ROW("another ending", "open 0 in/a.CSV r", "access", "read", "/data/in/a.CSV"),
    FILE_ROW("what the pattern leaves out", "open 0 in/b.txt r", "access", "read", "/data/in/b.txt"),
    FILE_ROW("deeper than one star", "open 0 in/deep/c.csv r", "access", "read", "/data/in/deep/c.csv"),
    FILE_ROW("a backslash", "open 0 in%5ca.csv r", "access", "read", "/data/in\\a.csv"),
    FILE_ROW("a newline in a name", "open 0 nes%0ated/n.txt r", "access", "read", "/data/nes*ted/n.txt"),
    FILE_ROW("letters that are no ASCII", "open 0 %c3%a4/../secret.txt r", "access", "read", "/data/secret.txt"),
    FILE_ROW("the mount itself", "open 0 . r", "access", "*", "/data"),
    // Rights.
    FILE_ROW("to write what it may read", "open 0 ro/r.txt w", "access", "write", "/data/ro/r.txt"),
    FILE_ROW("to write and read it", "open 0 ro/r.txt rw", "access", "write", "/data/ro/r.txt"),
    FILE_ROW("to empty what it may read", "open 0 ro/r.txt r t", "access", "write", "/data/ro/r.txt"),
    FILE_ROW("to make what it may read", "open 0 ro/none r c", "access", "create", "/data/ro/none"),
    FILE_ROW("to read what it may write", "open 0 wo/w.txt r", "access", "read", "/data/wo/w.txt"),
    FILE_ROW("to make what it may write", "open 0 wo/new w c", "access", "create", "/data/wo/new"),
    FILE_ROW("to delete what it may read", "unlink 0 ro/r.txt", "access", "delete", "/data/ro/r.txt"),
    FILE_ROW("to delete what it may write", "unlink 0 wo/w.txt", "access", "delete", "/data/wo/w.txt"),
    FILE_ROW("to read what it may delete", "open 0 del/d.txt r", "access", "read", "/data/del/d.txt"),
    FILE_ROW("to delete outside", "unlink 0 ../outside.txt", "not-permitted", "delete", "../outside.txt"),
    FILE_ROW("to delete a folder", "rmdir 0 in/deep", "access", "delete", "/data/in/deep"),
    FILE_ROW("to delete its mount", "rmdir 0 .", "access", "delete", "/data"),
    FILE_ROW("to make a folder", "mkdir 0 ro/sub", "access", "create", "/data/ro/sub"),
    FILE_ROW("to make one outside", "mkdir 0 ../sub", "not-permitted", "create", "../sub"),
    FILE_ROW("to list what it may read", "open 0 ro r d", "access", "list", "/data/ro"),
    FILE_ROW("to list its mount", "names 0", "access", "list", "/data"),
    FILE_ROW("to look at what it may not", "look 0 secret.txt", "access", "read", "/data/secret.txt"),
    FILE_ROW("to look outside", "look 0 ../outside.txt", "not-permitted", "read", "../outside.txt"),
    FILE_ROW("to hash it", "hash 0 secret.txt", "access", "read", "/data/secret.txt"),
    FILE_ROW("to read a link", "readlink 0 secret.txt", "access", "read", "/data/secret.txt"),
    FILE_ROW("to set its times", "touch-at 0 ro/r.txt", "access", "write", "/data/ro/r.txt"),
    // Second names.
    FILE_ROW("to move a secret to where it may read", "rename 0 secret.txt 0 out/mine", "access", "delete", "*secret*"),
    FILE_ROW("to move what it may only delete", "rename 0 del/d.txt 0 out/d", "access", "read", "/data/del/d.txt"),
    FILE_ROW("to give a name that is granted", "rename 0 in/b.txt 0 in/b.csv", "access", "delete", "/data/in/b.txt"),
    FILE_ROW("to replace a secret", "rename 0 out/o.txt 0 secret.txt", "access", "create", "/data/secret.txt"),
    FILE_ROW("to replace what it may read", "rename 0 out/o.txt 0 ro/r.txt", "access", "create", "/data/ro/r.txt"),
    FILE_ROW("to move out", "rename 0 out/o.txt 0 ../outside.txt", "not-permitted", "create", "../outside.txt"),
    FILE_ROW("to move in", "rename 0 ../outside.txt 0 out/a", "not-permitted", "delete", "../outside.txt"),
    FILE_ROW("to move a folder of others", "rename 0 in 0 out/in", "access", "delete", "/data/in"),
    FILE_ROW("to move a mount", "rename 0 nested 0 out/nested", "access", "*", "/data/nested"),
    FILE_ROW("to link a secret", "link 0 secret.txt 0 out/mine", "access", "read", "/data/secret.txt"),
    FILE_ROW("to link what it may read", "link 0 ro/r.txt 0 out/mine", "access", "write", "/data/ro/r.txt"),
    FILE_ROW("to link what it may write", "link 0 wo/w.txt 0 out/mine", "access", "read", "/data/wo/w.txt"),
    FILE_ROW("to link out", "link 0 out/o.txt 0 ../mine", "not-permitted", "create", "../mine"),
    FILE_ROW("a link that climbs", "symlink 0 out/s ../secret.txt", "not-permitted", "create", "../secret.txt"),
    FILE_ROW("a link to the host", "symlink 0 out/s /etc/passwd", "not-permitted", "create", "/etc/passwd"),
    FILE_ROW("a link where it may only read", "symlink 0 ro/s r.txt", "access", "create", "/data/ro/s"),
    // What somebody on the host has put there: links, a pipe.
    LINK_ROW("a link that leads out", "open 0 out/up r", "loop", "read", "/data/out/up"),
    LINK_ROW("to write through it", "open 0 out/up w", "loop", "write", "/data/out/up"),
    LINK_ROW("to make through it", "open 0 out/up w c", "loop", "create", "/data/out/up"),
    LINK_ROW("an absolute link", "open 0 out/absolute r", "loop", "read", "/data/out/absolute"),
    LINK_ROW("a link on the way", "open 0 out/dir/outside.txt r", "loop", "read", "/data/out/dir/outside.txt"),
    LINK_ROW("to delete behind a link", "unlink 0 out/dir/outside.txt", "loop", "delete", "/data/out/dir/*"),
    LINK_ROW("to move behind a link", "rename 0 out/o.txt 0 out/dir/outside.txt", "loop", "create", "/data/out/dir/*"),
    LINK_ROW("the descriptors of the node", "open 0 out/fds/0 r", "loop", "read", "/data/out/fds/0"),
    LINK_ROW("a link that matches a pattern", "open 0 in/x.csv r", "loop", "read", "/data/in/x.csv"),
    LINK_ROW("a pipe", "open 0 out/fifo r", "access", "read", "/data/out/fifo"),
    LINK_ROW("to write into a pipe", "open 0 out/fifo w", "access", "write", "/data/out/fifo"),
    // Addresses inside.
    NET_ROW("loopback", "connect 127.0.0.1 80", "connect", "tcp://127.0.0.1:80"),
    NET_ROW("another loopback", "connect 127.255.255.254 80", "connect", "tcp://127.255.255.254:80"),
    NET_ROW("this host", "connect 0.0.0.1 80", "connect", "tcp://0.0.0.1:80"),
    NET_ROW("private", "connect 10.1.2.3 80", "connect", "tcp://10.1.2.3:80"),
    NET_ROW("private too", "connect 172.16.0.1 80", "connect", "tcp://172.16.0.1:80"),
    NET_ROW("private at home", "connect 192.168.1.1 80", "connect", "tcp://192.168.1.1:80"),
    NET_ROW("shared", "connect 100.64.0.1 80", "connect", "tcp://100.64.0.1:80"),
    NET_ROW("link-local", "connect 169.254.1.1 80", "connect", "tcp://169.254.1.1:80"),
    NET_ROW("metadata of a cloud", "connect 169.254.169.254 80", "connect", "tcp://169.254.169.254:80"),
    NET_ROW("metadata of another", "connect 100.100.100.200 80", "connect", "tcp://100.100.100.200:80"),
    NET_ROW("metadata of a third", "connect 168.63.129.16 80", "connect", "tcp://168.63.129.16:80"),
    NET_ROW("loopback of version 6", "connect 0:0:0:0:0:0:0:1 80", "connect", "tcp://[::1]:80"),
    NET_ROW("link-local of version 6", "connect fe80:0:0:0:0:0:0:1 80", "connect", "tcp://[fe80::1]:80"),
    NET_ROW("private of version 6", "connect fc00:0:0:0:0:0:0:1 80", "connect", "tcp://[fc00::1]:80"),
    NET_ROW("metadata of version 6", "connect fd00:ec2:0:0:0:0:0:254 80", "connect", "tcp://[fd00:ec2::254]:80"),
    NET_ROW("loopback translated", "connect 64:ff9b:0:0:0:0:7f00:1 80", "connect", "tcp://[64:ff9b:*]:80"),
    NET_ROW("to look up what is not granted", "resolve localhost", "lookup", "localhost"),
    NET_ROW("a name that only ends so", "resolve service.test.example", "lookup", "service.test.example"),
    NET_ROW("the metadata by name", "resolve metadata.google.internal", "lookup", "metadata.google.internal"),
    NET_ROW("to listen", "listen 127.0.0.1 8080", "bind", "tcp://127.0.0.1:8080"),
    NET_ROW("to listen everywhere", "listen 0.0.0.0 8080", "bind", "tcp://0.0.0.0:8080"),
    NET_ROW("to bind for datagrams", "udp 0.0.0.0 5353", "bind", "udp://0.0.0.0:5353"),
    NAME_ROW("by address when a name is granted", "connect 93.184.216.34 443", "connect", "tcp://93.184.216.34:443"),
    NAME_ROW("another port", "connect 127.0.0.1 22", "connect", "tcp://127.0.0.1:22"),
    NAME_ROW("another address", "connect 127.0.0.2 1", "connect", "tcp://127.0.0.2:1"),
    // Other actors.
    TALK_ROW("to send to who is not granted", NOTHING, "send witness add", "send", "witness"),
    TALK_ROW("to ask it", NOTHING, "ask witness add", "ask", "witness"),
    TALK_ROW("to request of it", NOTHING, "request witness add", "ask", "witness"),
    TALK_ROW("to hand a request on to it", NOTHING, "forward witness add", "send", "witness"),
    TALK_ROW("to have a timer send to it", NOTHING, "after witness add", "send", "witness"),
    TALK_ROW("to have one send for ever", NOTHING, "every witness add", "send", "witness"),
    TALK_ROW("to publish", NOTHING, "publish news.today", "publish", "news.today"),
    TALK_ROW("to subscribe", NOTHING, "subscribe news.today", "subscribe", "news.today"),
    TALK_ROW("to subscribe to all", NOTHING, "subscribe >", "subscribe", ">"),
    TALK_ROW("to take a name", NOTHING, "register boss", "register", "boss"),
    TALK_ROW("to forge the runtime's events", SOME, "publish airssys.dead-letters.gone", "publish", "airssys.*"),
    TALK_ROW("to subscribe to more than granted", SOME, "subscribe news.>", "subscribe", "news.>"),
    TALK_ROW("to publish deeper", SOME, "publish news.a.b", "publish", "news.a.b"),
    TALK_ROW("a name that begins otherwise", SOME, "register yours-1", "register", "yours-1"),
    TALK_ROW("to ask whom it may send to", SOME, "ask silent add", "ask", "silent"),
    // What has no name, and settings.
    RIGHT_ROW("the wall clock", "wall", "clock.wall"),
    RIGHT_ROW("the monotonic clock", "monotonic", "clock.monotonic"),
    RIGHT_ROW("random numbers", "secure", "random.secure"),
    RIGHT_ROW("random numbers that are none", "insecure", "random.insecure"),
    {"a setting", SETTINGS, "settings", "get password", "error no grant: *", REFUSED, "config.read", "password"},
    {"all settings at once", SETTINGS, "settings", "get *", "error no grant: *", REFUSED, "config.read", "[*]"},
    {"a forged line of the log", SETTINGS, "settings", "log a%0aroot: b", "done", REFUSED, "stdio.err", ""},
    {"a template that is not granted", CHILDREN, "family", "spawn other", "not: *", REFUSED, "spawn.start", "other"},
    {"more children than granted", CHILDREN, "family", "spawn-all kid", "1 *", REFUSED, "spawn.start", "kid"},
    // Limits.
    END_ROW("all memory", "memory", "past", "out of memory at max_memory, *"),
    END_ROW("a stack without end", "recursion", "calls", "it used up its stack: *"),
    END_ROW("a loop without end", "loop-handle", "loop", "it ran longer than max_execution, 100 ms"),
    END_ROW("a wait without end", "sleeps", "3600000", "it waited longer than max_park, 60 ms"),
    END_ROW("handles without end", "resources", "forever", "*"),
    END_ROW("refusals without end", "settings", "flood password", "it was refused more often than max_refusals, 5 *"),
};

// ---------------------------------------------------------------- guests

/// One row that was run: whose records count.
typedef struct ran {
    airs_actor_id id;
    bool found;
} ran;

typedef struct suite {
    mounted tree;
    airs_component *family;
    char log[64];
    ran ran[COUNT(rows)];
} suite;

static airs_actor_id spawn_some(suite *self, const row *of)
{
    static const char *const sends[] = {"louder*"};
    static const char *const topics[] = {"news.*"};
    static const char *const names[] = {"mine-*"};
    static const airs_grant silent = {.rights = AIRS_RIGHT_MESSAGING_SEND, .pattern = "silent"};
    airs_spawn_options options = {.grants = &silent,
                                  .grants_count = 1,
                                  .may_send = sends,
                                  .may_send_count = 1,
                                  .may_publish = topics,
                                  .may_publish_count = 1,
                                  .may_subscribe = topics,
                                  .may_subscribe_count = 1,
                                  .may_register = names,
                                  .may_register_count = 1};
    return attack_spawn(self->tree.attack, of->guest, &options);
}

static airs_actor_id spawn_settings(suite *self, const row *of, airs_limits limits)
{
    static const airs_setting config[] = {{"password", "p"}, {"name", "n"}};
    static const airs_grant grants[] = {{.rights = AIRS_RIGHT_CONFIG_READ, .pattern = "name"}};
    airs_spawn_options options = {.config = config,
                                  .config_count = 2,
                                  .grants = grants,
                                  .grants_count = 1,
                                  .nothing_by_default = true,
                                  .limits = limits};
    return attack_spawn(self->tree.attack, of->guest, &options);
}

static airs_actor_id spawn_children(suite *self, const row *of)
{
    const airs_template templates[] = {{.name = "kid", .component = self->family},
                                       {.name = "other", .component = self->family}};
    static const airs_grant one = {.rights = AIRS_RIGHT_SPAWN_START, .pattern = "kid", .count_max = 1};
    airs_spawn_options options = {.templates = templates, .templates_count = 2, .grants = &one, .grants_count = 1};
    return attack_spawn(self->tree.attack, of->guest, &options);
}

static airs_actor_id spawn_limited(suite *self, const row *of)
{
    bool waits = strcmp(of->guest, "sleeps") == 0;
    bool loops = strcmp(of->guest, "loop-handle") == 0;
    airs_spawn_options options = {.limits = {.max_memory = 8u << 20,
                                             .max_park_ms = waits ? 60 : 0,
                                             .max_execution_ms = loops ? 100 : 60000,
                                             .max_refusals = 5}};
    if (strcmp(of->guest, "settings") == 0)
        return spawn_settings(self, of, options.limits);
    return attack_spawn(self->tree.attack, of->guest, &options);
}

static airs_actor_id spawn(suite *self, const row *of)
{
    static const airs_grant network[] = {{.rights = AIRS_RIGHT_NETWORK_CONNECT, .pattern = "*://*:*"},
                                         {.rights = AIRS_RIGHT_NETWORK_LOOKUP, .pattern = "*.test"}};
    static const airs_grant named[] = {
        {.rights = AIRS_RIGHT_NETWORK_CONNECT, .pattern = "tcp://service.test:443"},
        {.rights = AIRS_RIGHT_NETWORK_CONNECT, .pattern = "tcp://127.0.0.1:1", .zones = AIRS_ZONE_LOOPBACK}};
    airs_spawn_options options = {.grants = of->has == NAMED ? named : network, .grants_count = 2};
    switch (of->has) {
    case FILES:
        return mounted_spawn(&self->tree, NULL, NULL);
    case NETWORK:
    case NAMED:
        return attack_spawn(self->tree.attack, of->guest, &options);
    case NOTHING:
        return attack_spawn(self->tree.attack, of->guest, NULL);
    case SOME:
        return spawn_some(self, of);
    case SETTINGS:
        return spawn_settings(self, of, (airs_limits){0});
    case CHILDREN:
        return spawn_children(self, of);
    case LIMITED:
        break;
    }
    return spawn_limited(self, of);
}

// ---------------------------------------------------------------- one attack

static bool is_told(attack *self, airs_actor_id id, const char *failure)
{
    os_mutex_lock(&self->lock);
    bool told = self->failed.raw == id.raw && strcmp(self->text, failure) == 0;
    os_mutex_unlock(&self->lock);
    return told;
}

/// Where it was let fail: who it was that failed, and how that is told.
static void check_failure(attack *self, airs_actor_id id, const row *of)
{
    attack_wait_restarted(self, id, 1);
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(self->system, id, &info), AIRS_OK);
    assert_int_equal(info.last_exit, of->proof == ENDED ? AIRS_EXIT_LIMIT : AIRS_EXIT_TRAP);
    if (of->proof == ENDED)
        attack_assert_text(info.last_failure, of->object);
    for (uint64_t begin = attack_now_ms(); !is_told(self, id, info.last_failure); attack_sleep_ms(1)) {
        if (attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            fail_msg("the failure was not told: %s", info.last_failure);
    }
}

/// Children end with their parent, a moment later.
static void wait_alone(attack *self)
{
    for (uint64_t begin = attack_now_ms(); airs_actor_list(self->system, NULL, 0) > self->actors; attack_sleep_ms(1)) {
        if (attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            fail_msg("somebody is still there");
    }
}

static void run_row(suite *self, size_t number)
{
    const row *of = &rows[number];
    attack *it = self->tree.attack;
    char text[256];
    print_message("    %zu. %s: %s %s\n", number + 1, of->what, of->guest, of->message);
    airs_actor_id id = spawn(self, of);
    self->ran[number].id = id;
    airs_status status = attack_ask(it, id, of->message, text);
    if (of->answer == NULL ? status != AIRS_E_FAILED
                           : status != AIRS_OK || !capability_pattern_matches(of->answer, text))
        fail_msg("it is answered %s \"%s\"", airs_status_name(status), text);
    if (of->answer == NULL)
        check_failure(it, id, of);
    attack_stop(it, id, ATTACK_PATIENCE_MS);
    wait_alone(it);
    attack_check(it);
    assert_string_equal(mounted_read(&self->tree, "outside.txt"), "outside");
    assert_string_equal(mounted_read(&self->tree, "data/secret.txt"), "secret");
    assert_string_equal(mounted_read(&self->tree, "data/ro/r.txt"), "read");
    assert_string_equal(mounted_read(&self->tree, "data/wo/w.txt"), "written");
    assert_string_equal(mounted_read(&self->tree, "data/del/d.txt"), "deleted");
}

// ---------------------------------------------------------------- the log

static bool note_record(void *user, const airs_audit_record *record)
{
    suite *self = user;
    char right[64], object[256];
    (void)snprintf(right, sizeof right, "%s.%s", record->kind, record->right);
    base_text_copy(object, sizeof object, record->object);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const row *of = &rows[i];
        if (of->proof != ENDED && self->ran[i].id.raw == record->actor.raw && record->allowed == (of->proof == TRIED) &&
            capability_pattern_matches(of->right, right) &&
            (of->object[0] == '[' ? strcmp(object, "*") == 0 : capability_pattern_matches(of->object, object)))
            self->ran[i].found = true;
    }
    return true;
}

/// The first row that is not in the log yet; COUNT(rows): all are.
static size_t find_missing(suite *self)
{
    airs_audit_read_options options = {.folder = self->log, .record = note_record, .user = self};
    airs_audit_report report;
    airs_error error = {.text = ""};
    airs_status status = airs_audit_read(&options, &report, &error);
    if (status != AIRS_OK && status != AIRS_E_NOT_FOUND)
        fail_msg("%s", error.text);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].proof != ENDED && !self->ran[i].found)
            return i;
    }
    return COUNT(rows);
}

static void check_log(suite *self)
{
    size_t missing;
    for (uint64_t begin = attack_now_ms(); (missing = find_missing(self)) < COUNT(rows); attack_sleep_ms(20)) {
        if (attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            fail_msg("not in the log: %zu. %s: %s %s", missing + 1, rows[missing].what, rows[missing].right,
                     rows[missing].object);
    }
}

// ---------------------------------------------------------------- all of them

static void put_traps(mounted *self)
{
    static const char *const links[][2] = {{"../../outside.txt", "data/out/up"},
                                           {"/etc/passwd", "data/out/absolute"},
                                           {"../..", "data/out/dir"},
                                           {"/proc/self/fd", "data/out/fds"},
                                           {"../secret.txt", "data/in/x.csv"}};
    for (size_t i = 0; i < COUNT(links); i++)
        assert_int_equal(symlink(links[i][0], mounted_path(self, links[i][1])), 0);
    assert_int_equal(mkfifo(mounted_path(self, "data/out/fifo"), 0600), 0);
}

static void each_attack_is_refused_recorded_and_harmless(void **user)
{
    (void)user;
    static suite self;
    char key[96], cache[96], command[96];
    assert_int_equal(COUNT(rows), ATTACKS);
    (void)snprintf(self.log, sizeof self.log, "/tmp/airssys-attacks-XXXXXX");
    assert_non_null(mkdtemp(self.log));
    (void)snprintf(key, sizeof key, "%s/key", self.log);
    // Each guest is compiled once.
    (void)snprintf(cache, sizeof cache, "%s/cache", self.log);
    (void)snprintf(self.log + strlen(self.log), sizeof self.log - strlen(self.log), "/log");
    airs_system_options options = {.workers = 2,
                                   .instances_max = 32,
                                   .max_restarts = 256,
                                   .cache_dir = cache,
                                   .audit = {.mode = AIRS_AUDIT_ALL, .folder = self.log, .key_file = key}};
    mounted_begin_with(&self.tree, &options);
    put_traps(&self.tree);
    self.family = attack_load(self.tree.attack, "family");
    airs_actor_id silent = attack_spawn_silent(self.tree.attack);
    for (size_t i = 0; i < COUNT(rows); i++)
        run_row(&self, i);
    check_log(&self);
    print_message("    %zu attacks\n", COUNT(rows));
    attack_stop_silent(self.tree.attack, silent);
    airs_component_release(self.family);
    mounted_end(&self.tree);
    (void)snprintf(command, sizeof command, "rm -r %.*s", (int)(strlen(self.log) - strlen("/log")), self.log);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_attack_is_refused_recorded_and_harmless),
    };
    return cmocka_run_group_tests_name("hostile attacks", tests, NULL, NULL);
}
