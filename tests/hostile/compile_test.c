// SPDX-License-Identifier: MIT OR Apache-2.0
/// Compiling: components that are hard to compile, compilers that do not behave, and neighbours of both.
#include "attack.h"
#include "bombs.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/event.h"
#include "os/thread.h"
#include "wasm/compiler_wire.h"

#include <cmocka.h>

// ---------------------------------------------------------------- what there is of it outside

/// The first child of this process that is a compiler; 0: none.
static pid_t find_compiler(void)
{
    DIR *processes = opendir("/proc");
    assert_non_null(processes);
    pid_t found = 0;
    for (struct dirent *entry = readdir(processes); entry != NULL && found == 0; entry = readdir(processes)) {
        int pid = (int)strtol(entry->d_name, NULL, 10);
        char path[64], text[512] = "";
        (void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
        FILE *file = pid > 0 ? fopen(path, "re") : NULL;
        if (file == NULL)
            continue;
        int parent = 0;
        if (fscanf(file, "%*d (%*[^)]) %*c %d", &parent) != 1 || parent != getpid())
            pid = 0;
        (void)fclose(file);
        (void)snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
        file = pid > 0 ? fopen(path, "re") : NULL;
        if (file == NULL)
            continue;
        size_t len = fread(text, 1, sizeof text - 1, file);
        (void)fclose(file);
        if (memmem(text, len, WASM_COMPILER_VERB, strlen(WASM_COMPILER_VERB)) != NULL)
            found = pid;
    }
    (void)closedir(processes);
    return found;
}

static size_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    size_t count = 0;
    while (readdir(folder) != NULL)
        count++;
    (void)closedir(folder);
    return count;
}

// ---------------------------------------------------------------- loading on a thread of its own

typedef struct loading {
    airs_system *system;
    const uint8_t *wasm;
    size_t len;
    airs_status status;
    airs_error error;
    os_thread thread;
    os_event done;
} loading;

static void load(void *user)
{
    loading *self = user;
    airs_component *component;
    self->status = airs_component_load(self->system, self->wasm, self->len, &component, &self->error);
    if (self->status == AIRS_OK)
        airs_component_release(component);
    os_event_set(&self->done);
}

static void begin_loading(loading *self, airs_system *system, const uint8_t *wasm, size_t len)
{
    *self = (loading){.system = system, .wasm = wasm, .len = len};
    assert_int_equal(os_thread_start(&self->thread, "loader", 0, load, self), AIRS_OK);
}

static pid_t wait_for_compiler(void)
{
    for (uint32_t i = 0; i < ATTACK_PATIENCE_MS; i++) {
        pid_t pid = find_compiler();
        if (pid != 0)
            return pid;
        attack_sleep_ms(1);
    }
    fail_msg("no compiler was started");
    return 0;
}

// ---------------------------------------------------------------- bombs

typedef struct bomb_row {
    const char *name;
    bomb (*make)(uint32_t);
    uint32_t size;
    airs_status status;
    const char *text;
} bomb_row;

static bomb long_function(uint32_t size)
{
    return bomb_long_function(size);
}

/// Each is refused by the name of a limit, in the time that the limit says and a grace for its end; meanwhile the
/// witness is asked on and on, and has never to wait long.
static void bombs_are_refused_and_harm_nobody(void **user)
{
    (void)user;
    static const bomb_row rows[] = {
        {"a function of 7 MB", long_function, 7000000, AIRS_E_LIMIT, "compiling it takes * than compile_*"},
        {"400,000 functions", bomb_many_functions, 400000, AIRS_E_LIMIT, "compiling it takes * than compile_*"},
        {"1,000,000 blocks in blocks", bomb_deep_blocks, 1000000, AIRS_E_LIMIT, "compiling it takes * than compile_*"},
        {"80 tables of 65,000 branches", bomb_branch_tables, 80, AIRS_E_LIMIT, "compiling it takes * than compile_*"},
        {"60,000 types of 1,000", bomb_large_types, 60000, AIRS_E_LIMIT, "compiling it takes * than compile_*"},
    };
    airs_system_options options = {
        .workers = 2, .instances_max = 32, .compile_memory_max = 48u << 20, .compile_timeout_ms = 3000};
    attack *self = attack_begin_with(&options);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bomb made = rows[i].make(rows[i].size);
        loading at;
        uint64_t began_ms = attack_now_ms();
        begin_loading(&at, self->system, made.data, made.len);
        uint64_t asked = 0, longest_ms = 0;
        while (!os_event_is_set(&at.done)) {
            uint64_t sent_ms = attack_now_ms();
            attack_witness_counts(self, ATTACK_PATIENCE_MS);
            uint64_t took_ms = attack_now_ms() - sent_ms;
            longest_ms = took_ms > longest_ms ? took_ms : longest_ms;
            asked++;
        }
        os_thread_join(&at.thread);
        uint64_t took_ms = attack_now_ms() - began_ms;
        print_message(
            "    %s, %zu bytes: %s after %llu ms; the witness answered %llu times, the longest wait %llu ms\n",
            rows[i].name, made.len, at.error.text, (unsigned long long)took_ms, (unsigned long long)asked,
            (unsigned long long)longest_ms);
        bomb_free(&made);
        assert_int_equal(at.status, rows[i].status);
        attack_assert_text(at.error.text, rows[i].text);
        assert_true(took_ms < options.compile_timeout_ms + ATTACK_PATIENCE_MS);
        assert_true(asked > 0);
        assert_int_equal(find_compiler(), 0);
        attack_check(self);
    }
    attack_end(self);
}

static void one_that_is_too_long_for_any(void **user)
{
    (void)user;
    attack *self = attack_begin();
    bomb made = bomb_large_types(70000);
    airs_component *component;
    airs_error error = {0};
    assert_int_equal(airs_component_load(self->system, made.data, made.len, &component, &error), AIRS_E_TOO_LARGE);
    attack_assert_text(error.text, "the component has * bytes, the limit is 67108864");
    bomb_free(&made);
    attack_end(self);
}

// ---------------------------------------------------------------- ends

/// One that takes its time, whatever it ends with.
static bomb slow_bomb(void)
{
    return bomb_long_function(7000000);
}

static void one_that_is_killed_from_outside(void **user)
{
    (void)user;
    attack *self = attack_begin();
    bomb made = slow_bomb();
    loading at;
    begin_loading(&at, self->system, made.data, made.len);
    assert_int_equal(kill(wait_for_compiler(), SIGKILL), 0);
    os_thread_join(&at.thread);
    bomb_free(&made);
    assert_int_equal(at.status, AIRS_E_INTERNAL);
    attack_assert_text(at.error.text, "the compiler was ended by signal 9 *");
    attack_end(self);
}

/// One that is stopped as by a debugger is still ended at its time.
static void one_that_stands_still(void **user)
{
    (void)user;
    airs_system_options options = {.workers = 2, .instances_max = 32};
    attack *self = attack_begin_with(&options);
    options.compile_timeout_ms = 1000;
    airs_system *hasty;
    assert_int_equal(airs_system_create(&options, &hasty, NULL), AIRS_OK);
    bomb made = slow_bomb();
    loading at;
    begin_loading(&at, hasty, made.data, made.len);
    // It may be over already, on a slow machine.
    for (uint32_t i = 0; i < 500 && !os_event_is_set(&at.done); i++) {
        pid_t pid = find_compiler();
        if (pid != 0) {
            (void)kill(pid, SIGSTOP);
            break;
        }
        attack_sleep_ms(1);
    }
    os_thread_join(&at.thread);
    bomb_free(&made);
    assert_int_equal(at.status, AIRS_E_LIMIT);
    attack_assert_text(at.error.text, "compiling it takes longer than compile_time, 1000 ms");
    assert_int_equal(find_compiler(), 0);
    airs_system_destroy(hasty);
    attack_end(self);
}

static void a_system_that_stops_does_not_wait_for_it(void **user)
{
    (void)user;
    airs_system_options options = {.workers = 1, .compile_timeout_ms = 1000000, .compile_memory_max = 8ull << 30};
    airs_system *system;
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    bomb made = slow_bomb();
    loading at;
    begin_loading(&at, system, made.data, made.len);
    (void)wait_for_compiler();
    airs_system_stop(system);
    os_thread_join(&at.thread);
    bomb_free(&made);
    assert_int_equal(at.status, AIRS_E_STOPPING);
    assert_int_equal(find_compiler(), 0);
    airs_system_destroy(system);
}

// ---------------------------------------------------------------- compilers that are none

typedef struct fake_row {
    const char *script;
    airs_status status;
    const char *text;
} fake_row;

static void write_script(const char *path, const char *script)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fprintf(file, "#!/bin/sh\n%s\n", script);
    (void)fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
}

/// What is no code of this build's compiler is never loaded.
static void compilers_that_do_not_behave(void **user)
{
    (void)user;
    static const fake_row rows[] = {
        {"echo hello, here I am; sleep 1000", AIRS_E_INTERNAL, "*does not answer as the compiler of airssys *"},
        {"yes", AIRS_E_INTERNAL, "*does not answer as the compiler of airssys *"},
        {"cat", AIRS_E_INTERNAL, "*does not answer as the compiler of airssys *"},
        {":", AIRS_E_INTERNAL, "the compiler * has ended without an answer (code 0)"},
        {"exit 3", AIRS_E_INTERNAL, "the compiler * has ended without an answer (code 3)"},
        {"echo 'a \033[2J fault' >&2; exit 1", AIRS_E_INTERNAL, "the compiler *(code 1): a  [2J fault"},
        {"yes >&2", AIRS_E_LIMIT, "compiling it takes longer than compile_time, 1500 ms"},
        {"kill -SEGV $$", AIRS_E_INTERNAL, "the compiler was ended by signal 11 *"},
        {"kill -XCPU $$", AIRS_E_LIMIT, "compiling it takes longer than compile_time, 1500 ms"},
        {"exec >&-; exec sleep 1000", AIRS_E_INTERNAL, "the compiler was ended by signal 9 *"},
        {"trap '' TERM INT HUP; while :; do sleep 1000; done", AIRS_E_LIMIT,
         "compiling it takes longer than compile_time, 1500 ms"},
        // An answer's head that promises what never comes, and one that promises too much.
        {"printf 'airsrep1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\1\\0\\0\\0\\0\\0'; sleep 1000",
         AIRS_E_LIMIT, "compiling it takes longer than compile_time, 1500 ms"},
        {"printf 'airsrep1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\1\\0\\0\\0\\0\\0x'", AIRS_E_INTERNAL,
         "the compiler * has ended without an answer (code 0)"},
        {"printf 'airsrep1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\377'; sleep 1000",
         AIRS_E_LIMIT, "its compiled code has * bytes, the limit is 536870912"},
        // Code of another engine: without a fingerprint.
        {"printf 'airsrep1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\4\\0\\0\\0\\0\\0\\0\\0\\177ELF'",
         AIRS_E_INTERNAL, "*does not answer as the compiler of airssys *"},
    };
    attack *self = attack_begin();
    char folder[] = "/tmp/airs-compile-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[64];
    (void)snprintf(path, sizeof path, "%s/compiler", folder);
    size_t descriptors = count_descriptors();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_script(path, rows[i].script);
        // Patient, where it is not time that it is about: starting a shell takes its own on a busy machine.
        bool is_late = strstr(rows[i].text, "1500 ms") != NULL;
        airs_system_options options = {
            .workers = 1, .compiler_path = path, .compile_timeout_ms = is_late ? 1500 : 60000};
        airs_system *system;
        assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
        airs_component *component;
        airs_error error = {0};
        airs_status status = airs_component_load(system, "\0asm\x0d\0\1\0", 8, &component, &error);
        if (status != rows[i].status)
            fail_msg("%s: %s", rows[i].script, error.text);
        attack_assert_text(error.text, rows[i].text);
        airs_system_destroy(system);
        assert_int_equal(count_descriptors(), descriptors);
    }
    assert_int_equal(unlink(path), 0);
    // Nothing else was left there.
    assert_int_equal(rmdir(folder), 0);
    attack_end(self);
}

/// It has its three descriptors, a session of its own, and nothing of the environment.
static void what_a_compiler_is_given(void **user)
{
    (void)user;
    char folder[] = "/tmp/airs-compile-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[64], script[512], out[64], line[256];
    (void)snprintf(path, sizeof path, "%s/compiler", folder);
    (void)snprintf(out, sizeof out, "%s/out", folder);
    (void)snprintf(script, sizeof script,
                   "ls /proc/$$/fd >%s\necho end >>%s\nenv >>%s\ncut -d' ' -f1,6 /proc/$$/stat >>%s", out, out, out,
                   out);
    write_script(path, script);
    assert_int_equal(setenv("AIRS_SECRET", "hush", 1), 0);
    // One that would be passed on.
    int leak = open("/dev/null", O_RDONLY);
    assert_true(leak >= 3);
    airs_system_options options = {.workers = 1, .compiler_path = path};
    airs_system *system;
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    airs_component *component;
    assert_int_equal(airs_component_load(system, "", 0, &component, NULL), AIRS_E_INTERNAL);
    airs_system_destroy(system);
    (void)close(leak);
    FILE *file = fopen(out, "re");
    assert_non_null(file);
    // The shell itself may hold its script open, as descriptor 10 or above.
    while (fgets(line, sizeof line, file) != NULL && strcmp(line, "end\n") != 0)
        assert_true(strtol(line, NULL, 10) <= 2 || strtol(line, NULL, 10) >= 10);
    int pid = 0, session = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        assert_null(strstr(line, "AIRS_SECRET"));
        assert_null(strstr(line, "HOME="));
        if (sscanf(line, "%d %d", &pid, &session) == 2)
            assert_int_equal(pid, session);
    }
    (void)fclose(file);
    assert_true(pid > 0 && pid != getsid(0));
    assert_int_equal(unlink(out), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void a_compiler_that_is_not_there(void **user)
{
    (void)user;
    airs_system_options options = {.workers = 1, .compiler_path = "/nowhere/airssys"};
    airs_system *system;
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    airs_component *component;
    airs_error error = {0};
    assert_int_equal(airs_component_load(system, "", 0, &component, &error), AIRS_E_IO);
    attack_assert_text(error.text, "/nowhere/airssys can't be started: No such file or directory");
    airs_system_destroy(system);

    options.compiler_path = NULL;
    assert_int_equal(setenv("AIRSSYS_COMPILER", "/nowhere/else", 1), 0);
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    assert_int_equal(airs_component_load(system, "", 0, &component, &error), AIRS_E_IO);
    attack_assert_text(error.text, "AIRSSYS_COMPILER: /nowhere/else is no program");
    airs_system_destroy(system);
    assert_int_equal(unsetenv("AIRSSYS_COMPILER"), 0);
}

/// A program may do with its own children what it likes.
static void a_program_that_ignores_its_children(void **user)
{
    (void)user;
    attack *self = attack_begin();
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    assert_int_equal(sigaction(SIGCHLD, &ignore, &before), 0);
    airs_component_release(attack_load(self, "counts"));
    assert_int_equal(sigaction(SIGCHLD, &before, NULL), 0);
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bombs_are_refused_and_harm_nobody),
        cmocka_unit_test(one_that_is_too_long_for_any),
        cmocka_unit_test(one_that_is_killed_from_outside),
        cmocka_unit_test(one_that_stands_still),
        cmocka_unit_test(a_system_that_stops_does_not_wait_for_it),
        cmocka_unit_test(compilers_that_do_not_behave),
        cmocka_unit_test(what_a_compiler_is_given),
        cmocka_unit_test(a_compiler_that_is_not_there),
        cmocka_unit_test(a_program_that_ignores_its_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
