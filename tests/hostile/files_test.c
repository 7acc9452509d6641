// SPDX-License-Identifier: MIT OR Apache-2.0
/// Files and bytes that are no component, or none for this runtime.
#include "attack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wasm/requests.h"

static void refuse_file(attack *self, const char *path, airs_status status, const char *text)
{
    airs_component *component = NULL;
    airs_error error = {0};
    assert_int_equal(airs_component_load_file(self->system, path, &component, &error), status);
    assert_null(component);
    assert_int_equal(error.status, status);
    attack_assert_text(error.text, text);
}

static void refuse_guest(attack *self, const char *guest, airs_status status, const char *text)
{
    size_t len;
    uint8_t *bytes = attack_read(guest, &len);
    airs_component *component = NULL;
    airs_error error = {0};
    assert_int_equal(airs_component_load(self->system, bytes, len, &component, &error), status);
    assert_null(component);
    attack_assert_text(error.text, text);
    free(bytes);
}

static void files_that_are_none(void **user)
{
    (void)user;
    attack *self = attack_begin();
    char folder[] = "/tmp/airs-hostile-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[64];
    refuse_file(self, "no/such/file.wasm", AIRS_E_NOT_FOUND, "no such file: no/such/file.wasm");
    refuse_file(self, folder, AIRS_E_IO, "a folder, not a file: /tmp/airs-hostile-*");
    (void)snprintf(path, sizeof path, "%s/pipe", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    refuse_file(self, path, AIRS_E_IO, "not a regular file: */pipe");
    assert_int_equal(unlink(path), 0);
    refuse_file(self, "/dev/zero", AIRS_E_IO, "not a regular file: /dev/zero");
    (void)snprintf(path, sizeof path, "%s/empty.wasm", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    refuse_file(self, path, AIRS_E_COMPONENT, "*/empty.wasm: no WebAssembly: it is empty");
    // Longer than `component_max`, without using that much of the disk.
    assert_int_equal(ftruncate(fileno(file), (64l << 20) + 1), 0);
    refuse_file(self, path, AIRS_E_TOO_LARGE, "larger than 67108864 bytes: */empty.wasm");
    (void)fclose(file);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    attack_end(self);
}

static void bytes_that_are_none(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const struct {
        const char *bytes;
        size_t len;
        const char *text;
    } cases[] = {
        {"", 0, "no WebAssembly: it is empty"},
        {"hello, world", 12, "no WebAssembly: it does not begin with \\0asm (at offset 0x0)"},
        {"\x7f"
         "ELF",
         4, "no WebAssembly: it does not begin with \\0asm (at offset 0x0)"},
        {"\0", 1, "*offset 0x*"},
        {"\0asm", 4, "*offset 0x*"},
        {"\0asm\x0d\0\1", 7, "*offset 0x*"},
        // A version of the format that there is none of.
        {"\0asm\x63\0\1\0", 8, "*offset 0x*"},
        {"\0asm\x0d\0\x09\0", 8, "*offset 0x*"},
        // Nothing in it.
        {"\0asm\x0d\0\1\0", 8, "exports no contract known here: *"},
        {"\0asm\1\0\0\0", 8, "a core module, not a component: *airssys build*"},
        {"\0asm\1\0\0\0\x0a\xff\xff\xff\xff\x0f", 14, "a core module that is not valid: *offset 0x*"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        airs_component *component = NULL;
        airs_error error = {0};
        airs_status status = airs_component_load(self->system, cases[i].bytes, cases[i].len, &component, &error);
        assert_true(status == AIRS_E_COMPONENT || status == AIRS_E_UNSUPPORTED);
        attack_assert_text(error.text, cases[i].text);
    }
    attack_end(self);
}

static void components_for_another_host(void **user)
{
    (void)user;
    attack *self = attack_begin();
    refuse_guest(self, "core-module", AIRS_E_COMPONENT,
                 "a core module, not a component: make one of it with `airssys build`, or `wasm-tools component new`");
    refuse_guest(self, "stranger", AIRS_E_UNSUPPORTED,
                 "exports no contract known here: none of child,* of airssys:actor@0.1.0, nor wasi:cli/run*");
    refuse_guest(self, "telepathy", AIRS_E_UNSUPPORTED, "*imports test:telepathy/minds@1.2.0: not offered*");
    refuse_guest(self, "telepathy", AIRS_E_UNSUPPORTED,
                 "*imports wasi:clocks/monotonic-clock@0.9.0: not offered, "
                 "nearest is wasi:clocks/monotonic-clock@0.2.*");
    attack_end(self);
}

/// What a text quotes from a file is as hostile as the file.
static void names_that_drive_terminals(void **user)
{
    (void)user;
    attack *self = attack_begin();
    size_t len;
    uint8_t *bytes = attack_read("misbehaves", &len);
    uint8_t *name = memmem(bytes, len, "too-large", 9);
    assert_non_null(name);
    name[2] = '\x1b';
    airs_component *component = NULL;
    airs_error error = {0};
    assert_int_equal(airs_component_load(self->system, bytes, len, &component, &error), AIRS_E_COMPONENT);
    attack_assert_text(error.text, "*`to -large`*offset 0x*");
    free(bytes);
    attack_end(self);
}

/// For thousands of files that are hardly compiled at all: a process for each would be most of the test.
static attack *begin_without_compiler(void)
{
    airs_system_options options = {.workers = 2, .instances_max = 32, .max_restarts = 256, .compiler_path = ""};
    return attack_begin_with(&options);
}

/// Each prefix is refused, and says where.
static void truncate_guest(attack *self, const char *guest)
{
    size_t len;
    uint8_t *bytes = attack_read(guest, &len);
    size_t valid = 0;
    for (size_t cut = 0; cut < len; cut += 64) {
        // Behind the end of what is given there is nothing to read: a sanitizer would tell.
        uint8_t *part = malloc(cut > 0 ? cut : 1);
        assert_non_null(part);
        memcpy(part, bytes, cut);
        airs_component *component = NULL;
        airs_error error = {0};
        airs_status status = airs_component_load(self->system, part, cut, &component, &error);
        free(part);
        if (status == AIRS_OK) {
            // Only custom sections are missing.
            airs_component_release(component);
            valid++;
            continue;
        }
        assert_true(status == AIRS_E_COMPONENT || status == AIRS_E_UNSUPPORTED);
        attack_assert_text(error.text, "*");
        if (status == AIRS_E_COMPONENT && cut > 0 && strstr(error.text, "out of bounds (bound = ") == NULL)
            attack_assert_text(error.text, "*offset 0x*");
    }
    print_message("    %s: %zu bytes, %zu prefixes are whole components\n", guest, len, valid);
    assert_true(valid <= 8);
    free(bytes);
}

static void truncated_at_every_64th_byte(void **user)
{
    (void)user;
    attack *self = begin_without_compiler();
    truncate_guest(self, "counts");
    truncate_guest(self, "raw-actor");
    truncate_guest(self, "prints");
    attack_end(self);
}

/// The same sequence in each run.
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/// What still loads is run: it may do what it likes, but only to itself.
static bool run_flipped(attack *self, const uint8_t *bytes, size_t len)
{
    airs_component *component = NULL;
    airs_error error = {0};
    airs_status status = airs_component_load(self->system, bytes, len, &component, &error);
    if (status != AIRS_OK) {
        assert_true(status == AIRS_E_COMPONENT || status == AIRS_E_UNSUPPORTED);
        attack_assert_text(error.text, "*");
        return false;
    }
    airs_spawn_options options = {
        .restart = AIRS_RESTART_TEMPORARY,
        .limits = {.max_execution_ms = 20, .max_park_ms = 20, .start_timeout_ms = 50, .stop_timeout_ms = 50},
    };
    airs_actor_id id = {0};
    status = airs_spawn_component(self->system, component, &options, &id, &error);
    airs_component_release(component);
    if (status != AIRS_OK) {
        attack_assert_text(error.text, "*");
        return true;
    }
    airs_buffer reply = {0};
    // It may have ended at any time.
    status = airs_ask(self->system, id, "add", 3, 200, &reply, NULL);
    airs_buffer_free(&reply);
    status = airs_stop(self->system, id);
    assert_true(status == AIRS_OK || status == AIRS_E_GONE);
    attack_wait_gone(self, id);
    return true;
}

static void flip_guest(attack *self, const char *guest, uint32_t rounds)
{
    size_t len;
    uint8_t *bytes = attack_read(guest, &len);
    uint64_t random = 88172645463325252u;
    uint32_t loaded = 0;
    for (uint32_t i = 0; i < rounds; i++) {
        size_t at = next_random(&random) % len;
        uint8_t mask = (uint8_t)(1u << next_random(&random) % 8);
        bytes[at] ^= mask;
        loaded += run_flipped(self, bytes, len);
        bytes[at] ^= mask;
        if (i % 32 == 0)
            attack_check(self);
    }
    print_message("    %s: %u bits flipped, %u still loaded\n", guest, rounds, loaded);
    free(bytes);
}

static void flipped_bits(void **user)
{
    (void)user;
    attack *self = begin_without_compiler();
    flip_guest(self, "counts", 500);
    flip_guest(self, "misbehaves-actor", 200);
    flip_guest(self, "blocks", 40);
    attack_end(self);
}

/// Code in the cache that somebody has changed is not run.
static void a_cache_that_was_changed(void **user)
{
    (void)user;
    char folder[] = "/tmp/airs-hostile-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char command[128];
    for (int round = 0; round < 3; round++) {
        airs_system_options options = {.workers = 1, .instances_max = 4, .cache_dir = folder};
        attack_end(attack_begin_with(&options));
        // The middle of each entry becomes zeroes; then its end goes.
        (void)snprintf(command, sizeof command,
                       round == 0 ? "for f in %s/*.code; do dd if=/dev/zero of=$f bs=1 seek=9000 count=64 "
                                    "conv=notrunc status=none; done"
                                  : "truncate -s -100 %s/*.code",
                       folder);
        assert_int_equal(system(command), 0);
    }
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

/// A good component with sections behind it that are to say what it asks for.
static void refuse_requests(attack *self, const char *const *texts, size_t count, size_t fill, const char *text)
{
    size_t len;
    uint8_t *good = attack_read("counts", &len);
    uint8_t *bytes = realloc(good, len + count * (WASM_REQUESTS_HEAD_MAX + WASM_REQUESTS_MAX + fill));
    assert_non_null(bytes);
    for (size_t i = 0; i < count; i++) {
        size_t text_len = fill > 0 ? fill : strlen(texts[i]);
        len += wasm_requests_head(bytes + len, text_len);
        if (fill > 0)
            memset(bytes + len, ' ', text_len);
        else
            memcpy(bytes + len, texts[i], text_len);
        len += text_len;
    }
    airs_component *component = NULL;
    airs_error error = {0};
    assert_int_equal(airs_component_load(self->system, bytes, len, &component, &error),
                     text == NULL ? AIRS_OK : AIRS_E_COMPONENT);
    if (text != NULL)
        attack_assert_text(error.text, text);
    airs_component_release(component);
    free(bytes);
}

static void requests_that_are_none(void **user)
{
    (void)user;
    attack *self = attack_begin();
    refuse_requests(self, (const char *const[]){"clock.wall\n", ""}, 2, 0, "two sections airssys-requests");
    refuse_requests(self, (const char *const[]){"clock.wall \"\xff\"\n"}, 1, 0,
                    "the section airssys-requests is not UTF-8");
    refuse_requests(self, (const char *const[]){""}, 1, WASM_REQUESTS_MAX + 1,
                    "the section airssys-requests has 65537 bytes*");
    refuse_requests(self, (const char *const[]){""}, 1, WASM_REQUESTS_MAX, NULL);
    // What it asks for is read by who wants to know: it gives nothing.
    refuse_requests(self, (const char *const[]){"files.eat \x1b[2J"}, 1, 0, NULL);
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_are_none),          cmocka_unit_test(bytes_that_are_none),
        cmocka_unit_test(components_for_another_host),  cmocka_unit_test(names_that_drive_terminals),
        cmocka_unit_test(truncated_at_every_64th_byte), cmocka_unit_test(flipped_bits),
        cmocka_unit_test(a_cache_that_was_changed),     cmocka_unit_test(requests_that_are_none),
    };
    return cmocka_run_group_tests_name("hostile files", tests, NULL, NULL);
}
