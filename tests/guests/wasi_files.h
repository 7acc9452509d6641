// SPDX-License-Identifier: MIT OR Apache-2.0
// wasi:filesystem 0.2.3 as core WebAssembly sees it, behind a little language: a guest is told what to do in a message,
// and answers with what it got. What is opened gets the next slot, from 0; the mounts are the first ones.
//
//   mounts                          ok /data /tmp
//   open SLOT PATH HOW [FLAGS]      ok SLOT           HOW of r w, FLAGS of c(reate) d(irectory) x t(runcate)
//   read SLOT LEN OFFSET            ok TEXT
//   write SLOT OFFSET TEXT          ok LEN
//   reader|writer|appender|lister SLOT                ok SLOT, a stream
//   take SLOT LEN                   ok TEXT           from a reader
//   put SLOT TEXT                   ok                to a writer or an appender
//   next SLOT                       ok NAME TYPE      from a lister; `ok` at its end
//   names SLOT                      ok NAMES          all of a folder, in some order
//   stat SLOT | look SLOT PATH | follow SLOT PATH     ok TYPE SIZE LINKS
//   type SLOT | sync SLOT | size SLOT N | touch SLOT | touch-at SLOT PATH | hash SLOT PATH
//   mkdir|rmdir|unlink|readlink SLOT PATH
//   rename|link SLOT PATH SLOT PATH | symlink SLOT PATH TEXT
//   same SLOT SLOT                  ok yes
//   drop SLOT                       ok
//
// What fails is `error NAME`. `%HH` in a word stands for that byte, `%*N` for N times `a`.
#ifndef TEST_WASI_FILES_H
#define TEST_WASI_FILES_H

#include <stddef.h>
#include <stdint.h>

#define FILES(name) __attribute__((import_module("wasi:filesystem/types@0.2.3"), import_name(name)))
#define STREAMS(name) __attribute__((import_module("wasi:io/streams@0.2.3"), import_name(name)))
#define SELF(name) FILES("[method]descriptor." name)

__attribute__((import_module("wasi:filesystem/preopens@0.2.3"), import_name("get-directories"))) void files_mounts(
    void *ret);
SELF("open-at")
void files_open(uint32_t self, uint32_t path_flags, const char *path, size_t len, uint32_t oflags, uint32_t flags,
                void *ret);
SELF("read") void files_read(uint32_t self, uint64_t len, uint64_t offset, void *ret);
SELF("write") void files_write(uint32_t self, const char *data, size_t len, uint64_t offset, void *ret);
SELF("read-via-stream") void files_reader(uint32_t self, uint64_t offset, void *ret);
SELF("write-via-stream") void files_writer(uint32_t self, uint64_t offset, void *ret);
SELF("append-via-stream") void files_appender(uint32_t self, void *ret);
SELF("read-directory") void files_lister(uint32_t self, void *ret);
FILES("[method]directory-entry-stream.read-directory-entry") void files_next(uint32_t self, void *ret);
SELF("get-type") void files_type(uint32_t self, void *ret);
SELF("sync") void files_sync(uint32_t self, void *ret);
SELF("set-size") void files_size(uint32_t self, uint64_t size, void *ret);
SELF("set-times")
void files_touch(uint32_t self, int tag, uint64_t s, uint32_t ns, int tag2, uint64_t s2, uint32_t ns2, void *ret);
SELF("set-times-at")
void files_touch_at(uint32_t self, uint32_t flags, const char *path, size_t len, int tag, uint64_t s, uint32_t ns,
                    int tag2, uint64_t s2, uint32_t ns2, void *ret);
SELF("stat") void files_stat(uint32_t self, void *ret);
SELF("stat-at") void files_stat_at(uint32_t self, uint32_t flags, const char *path, size_t len, void *ret);
SELF("metadata-hash-at") void files_hash(uint32_t self, uint32_t flags, const char *path, size_t len, void *ret);
SELF("create-directory-at") void files_mkdir(uint32_t self, const char *path, size_t len, void *ret);
SELF("remove-directory-at") void files_rmdir(uint32_t self, const char *path, size_t len, void *ret);
SELF("unlink-file-at") void files_unlink(uint32_t self, const char *path, size_t len, void *ret);
SELF("readlink-at") void files_readlink(uint32_t self, const char *path, size_t len, void *ret);
SELF("rename-at")
void files_rename(uint32_t self, const char *path, size_t len, uint32_t other, const char *path2, size_t len2,
                  void *ret);
SELF("link-at")
void files_link(uint32_t self, uint32_t flags, const char *path, size_t len, uint32_t other, const char *path2,
                size_t len2, void *ret);
SELF("symlink-at")
void files_symlink(uint32_t self, const char *text, size_t len, const char *path, size_t len2, void *ret);
SELF("is-same-object") int files_same(uint32_t self, uint32_t other);
FILES("[resource-drop]descriptor") void files_drop(uint32_t self);
FILES("[resource-drop]directory-entry-stream") void files_drop_lister(uint32_t self);
STREAMS("[method]input-stream.blocking-read") void files_take(uint32_t self, uint64_t len, void *ret);
STREAMS("[method]output-stream.blocking-write-and-flush")
void files_put(uint32_t self, const char *data, size_t len, void *ret);
STREAMS("[resource-drop]input-stream") void files_drop_reader(uint32_t self);
STREAMS("[resource-drop]output-stream") void files_drop_writer(uint32_t self);

enum {
    FILES_SLOTS = 8192,
    FILES_REPLY_MAX = 66000
};

typedef struct files_slot {
    uint32_t handle;
    void (*drop)(uint32_t handle);
} files_slot;

static files_slot files_slots[FILES_SLOTS];
static uint32_t files_slots_count;
static char files_reply[FILES_REPLY_MAX];
static size_t files_reply_len;

/// Of the result of a call.
static union files_result {
    uint8_t bytes[112];
    uint32_t words[28];
    uint64_t longs[14];
} files_ret;

static const char *const files_errors[] = {"access",
                                           "would-block",
                                           "already",
                                           "bad-descriptor",
                                           "busy",
                                           "deadlock",
                                           "quota",
                                           "exist",
                                           "file-too-large",
                                           "illegal-byte-sequence",
                                           "in-progress",
                                           "interrupted",
                                           "invalid",
                                           "io",
                                           "is-directory",
                                           "loop",
                                           "too-many-links",
                                           "message-size",
                                           "name-too-long",
                                           "no-device",
                                           "no-entry",
                                           "no-lock",
                                           "insufficient-memory",
                                           "insufficient-space",
                                           "not-directory",
                                           "not-empty",
                                           "not-recoverable",
                                           "unsupported",
                                           "no-tty",
                                           "no-such-device",
                                           "overflow",
                                           "not-permitted",
                                           "pipe",
                                           "read-only",
                                           "invalid-seek",
                                           "text-file-busy",
                                           "cross-device"};

static const char *const files_types[] = {"unknown", "block-device",  "character-device", "directory",
                                          "fifo",    "symbolic-link", "regular-file",     "socket"};

static void files_say_bytes(const char *text, size_t len)
{
    for (size_t i = 0; i < len && files_reply_len < FILES_REPLY_MAX; i++)
        files_reply[files_reply_len++] = text[i];
}

static void files_say(const char *text)
{
    for (; *text != '\0'; text++)
        files_say_bytes(text, 1);
}

static void files_say_number(uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    files_say_bytes(digits + at, sizeof digits - at);
}

// ---------------------------------------------------------------- words of a command

typedef struct files_word {
    const char *text;
    size_t len;
} files_word;

static uint32_t files_hex(char digit)
{
    return (uint32_t)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
}

/// The next word, with what `%` stands for, in memory of its own.
static files_word files_next_word(const char **at, const char *end, char *room)
{
    files_word word = {room, 0};
    while (*at < end && **at != ' ') {
        if (**at != '%') {
            room[word.len++] = *(*at)++;
        } else if ((*at)[1] == '*') {
            uint32_t count = 0;
            for (*at += 2; *at < end && **at >= '0' && **at <= '9'; (*at)++)
                count = count * 10 + (uint32_t)(**at - '0');
            while (count-- > 0)
                room[word.len++] = 'a';
        } else {
            room[word.len++] = (char)(files_hex((*at)[1]) * 16 + files_hex((*at)[2]));
            *at += 3;
        }
    }
    if (*at < end)
        (*at)++;
    return word;
}

static int files_is(files_word word, const char *text)
{
    size_t at = 0;
    while (at < word.len && text[at] != '\0' && word.text[at] == text[at])
        at++;
    return at == word.len && text[at] == '\0';
}

static int files_has(files_word word, char letter)
{
    for (size_t at = 0; at < word.len; at++) {
        if (word.text[at] == letter)
            return 1;
    }
    return 0;
}

static uint64_t files_number(files_word word)
{
    uint64_t number = 0;
    for (size_t at = 0; at < word.len; at++)
        number = number * 10 + (uint64_t)(word.text[at] - '0');
    return number;
}

// ---------------------------------------------------------------- results

/// Says `error NAME` when the result is one; its number stands at byte `at`.
static int files_failed(size_t at)
{
    if (files_ret.bytes[0] == 0) {
        files_say("ok");
        return 0;
    }
    files_say("error ");
    files_say(files_errors[files_ret.bytes[at]]);
    return 1;
}

static void files_keep(void (*drop)(uint32_t))
{
    if (files_failed(4))
        return;
    files_slots[files_slots_count] = (files_slot){files_ret.words[1], drop};
    files_say(" ");
    files_say_number(files_slots_count++);
}

static void files_say_bytes_result(void)
{
    if (files_failed(4))
        return;
    files_say(" ");
    files_say_bytes((const char *)(size_t)files_ret.words[1], files_ret.words[2]);
}

static void files_say_stream_error(void)
{
    files_say(files_ret.bytes[4] == 0 ? "error failed" : "error closed");
}

static void files_say_stat(void)
{
    if (files_failed(8))
        return;
    files_say(" ");
    files_say(files_types[files_ret.bytes[8]]);
    files_say(" ");
    files_say_number(files_ret.longs[3]);
    files_say(" ");
    files_say_number(files_ret.longs[2]);
}

static int files_say_entry(void)
{
    if (files_ret.bytes[0] != 0 || files_ret.bytes[4] == 0)
        return 0;
    files_say(" ");
    files_say_bytes((const char *)(size_t)files_ret.words[3], files_ret.words[4]);
    return 1;
}

// ---------------------------------------------------------------- commands

static void files_begin(void)
{
    if (files_slots_count != 0)
        return;
    files_mounts(&files_ret);
    const uint32_t *list = (const uint32_t *)(size_t)files_ret.words[0];
    for (uint32_t i = 0; i < files_ret.words[1]; i++)
        files_slots[files_slots_count++] = (files_slot){list[i * 3], files_drop};
}

static void files_tell_mounts(void)
{
    files_mounts(&files_ret);
    const uint32_t *list = (const uint32_t *)(size_t)files_ret.words[0];
    files_say("ok");
    for (uint32_t i = 0; i < files_ret.words[1]; i++) {
        files_say(" ");
        files_say_bytes((const char *)(size_t)list[i * 3 + 1], list[i * 3 + 2]);
        files_drop(list[i * 3]);
    }
}

static void files_do_open(uint32_t self, files_word path, files_word how, files_word flags)
{
    uint32_t oflags = (uint32_t)(files_has(flags, 'c') << 0 | files_has(flags, 'd') << 1 | files_has(flags, 'x') << 2 |
                                 files_has(flags, 't') << 3);
    uint32_t access = (uint32_t)(files_has(how, 'r') << 0 | files_has(how, 'w') << 1);
    files_open(self, (uint32_t)files_has(flags, 'f'), path.text, path.len, oflags, access, &files_ret);
    files_keep(files_drop);
}

static void files_do_names(uint32_t self)
{
    files_lister(self, &files_ret);
    if (files_failed(4))
        return;
    uint32_t lister = files_ret.words[1];
    do {
        files_next(lister, &files_ret);
    } while (files_say_entry());
    files_drop_lister(lister);
}

/// Those with one slot and nothing else.
static int files_do_slot(files_word verb, uint32_t slot)
{
    uint32_t self = files_slots[slot].handle;
    if (files_is(verb, "reader"))
        files_reader(self, 0, &files_ret), files_keep(files_drop_reader);
    else if (files_is(verb, "writer"))
        files_writer(self, 0, &files_ret), files_keep(files_drop_writer);
    else if (files_is(verb, "appender"))
        files_appender(self, &files_ret), files_keep(files_drop_writer);
    else if (files_is(verb, "lister"))
        files_lister(self, &files_ret), files_keep(files_drop_lister);
    else if (files_is(verb, "stat"))
        files_stat(self, &files_ret), files_say_stat();
    else if (files_is(verb, "type"))
        files_type(self, &files_ret), files_failed(1), files_say(" "), files_say(files_types[files_ret.bytes[1]]);
    else if (files_is(verb, "sync"))
        files_sync(self, &files_ret), files_failed(1);
    else if (files_is(verb, "touch"))
        files_touch(self, 1, 0, 0, 2, 1000, 5, &files_ret), files_failed(1);
    else if (files_is(verb, "names"))
        files_do_names(self);
    else if (files_is(verb, "next")) {
        files_next(self, &files_ret);
        if (!files_failed(4) && files_say_entry())
            files_say(" "), files_say(files_types[files_ret.bytes[8]]);
    } else if (files_is(verb, "drop"))
        files_slots[slot].drop(self), files_say("ok");
    else
        return 0;
    return 1;
}

/// Those with a slot and a path, or another word.
static int files_do_path(files_word verb, uint32_t self, files_word path)
{
    if (files_is(verb, "look"))
        files_stat_at(self, 0, path.text, path.len, &files_ret), files_say_stat();
    else if (files_is(verb, "follow"))
        files_stat_at(self, 1, path.text, path.len, &files_ret), files_say_stat();
    else if (files_is(verb, "hash"))
        files_hash(self, 0, path.text, path.len, &files_ret), files_failed(8);
    else if (files_is(verb, "mkdir"))
        files_mkdir(self, path.text, path.len, &files_ret), files_failed(1);
    else if (files_is(verb, "rmdir"))
        files_rmdir(self, path.text, path.len, &files_ret), files_failed(1);
    else if (files_is(verb, "unlink"))
        files_unlink(self, path.text, path.len, &files_ret), files_failed(1);
    else if (files_is(verb, "readlink"))
        files_readlink(self, path.text, path.len, &files_ret), files_say_bytes_result();
    else if (files_is(verb, "touch-at"))
        files_touch_at(self, 0, path.text, path.len, 1, 0, 0, 2, 1000, 5, &files_ret), files_failed(1);
    else if (files_is(verb, "size"))
        files_size(self, files_number(path), &files_ret), files_failed(1);
    else if (files_is(verb, "take")) {
        files_take(self, files_number(path), &files_ret);
        if (files_ret.bytes[0] == 0)
            files_say_bytes_result();
        else
            files_say_stream_error();
    } else if (files_is(verb, "put")) {
        files_put(self, path.text, path.len, &files_ret);
        if (files_ret.bytes[0] == 0)
            files_say("ok");
        else
            files_say_stream_error();
    } else
        return 0;
    return 1;
}

/// Does what the command says; the reply is in `files_reply`.
static void files_do(const char *command, size_t len)
{
    static char room[6][20000];
    const char *at = command, *end = command + len;
    files_word word[6];
    for (int i = 0; i < 6; i++)
        word[i] = files_next_word(&at, end, room[i]);
    files_reply_len = 0;
    files_begin();
    uint32_t slot = (uint32_t)files_number(word[1]);
    uint32_t self = files_slots[slot].handle, other = files_slots[(uint32_t)files_number(word[3]) % FILES_SLOTS].handle;
    if (files_is(word[0], "mounts"))
        files_tell_mounts();
    else if (files_is(word[0], "open"))
        files_do_open(self, word[2], word[3], word[4]);
    else if (files_is(word[0], "read"))
        files_read(self, files_number(word[2]), files_number(word[3]), &files_ret), files_say_bytes_result();
    else if (files_is(word[0], "write")) {
        files_write(self, word[3].text, word[3].len, files_number(word[2]), &files_ret);
        if (!files_failed(8))
            files_say(" "), files_say_number(files_ret.longs[1]);
    } else if (files_is(word[0], "rename"))
        files_rename(self, word[2].text, word[2].len, other, word[4].text, word[4].len, &files_ret), files_failed(1);
    else if (files_is(word[0], "link"))
        files_link(self, 0, word[2].text, word[2].len, other, word[4].text, word[4].len, &files_ret), files_failed(1);
    else if (files_is(word[0], "symlink"))
        files_symlink(self, word[3].text, word[3].len, word[2].text, word[2].len, &files_ret), files_failed(1);
    else if (files_is(word[0], "same"))
        files_say(files_same(self, files_slots[files_number(word[2])].handle) ? "ok yes" : "ok no");
    else if (!files_do_slot(word[0], slot) && !files_do_path(word[0], self, word[2]))
        files_say("error what?");
}

#endif
