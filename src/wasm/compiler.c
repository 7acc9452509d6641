// SPDX-License-Identifier: MIT OR Apache-2.0
#include "wasm/compiler.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "os/child.h"
#include "os/clock.h"
#include "os/poller.h"
#include "wasm/compiler_wire.h"
#include "wasm/component.h"

/// How soon a stop is seen.
#define LOOK_MS 50

/// One component that is being compiled.
typedef struct job {
    const wasm_compiler *compiler;
    const char *path;
    os_child child;
    uint64_t deadline_ns;
    wasm_compiler_reply reply;
    /// Bytes of `reply` and of what follows that have come.
    size_t reply_got;
    uint8_t *tail;
    size_t tail_len;
    size_t tail_got;
    /// What it says when it fails, as far as it is of interest.
    char complaint[256];
    size_t complaint_len;
    airs_error *error;
} job;

// ---------------------------------------------------------------- what can go wrong

static airs_status over_time(const job *self)
{
    return base_error_set(self->error, AIRS_E_LIMIT, "compiling it takes longer than compile_time, %" PRIu32 " ms",
                          self->compiler->timeout_ms);
}

static airs_status over_memory(const job *self)
{
    return base_error_set(self->error, AIRS_E_LIMIT, "compiling it takes more than compile_memory, %" PRIu64 " bytes",
                          self->compiler->memory_max);
}

static airs_status no_compiler(const job *self)
{
    return base_error_set(self->error, AIRS_E_INTERNAL, "%s does not answer as the compiler of airssys %s does",
                          self->path, AIRS_VERSION_TEXT);
}

/// It has ended before it had answered.
static airs_status ended_early(job *self, os_child_end end)
{
    self->complaint[self->complaint_len] = '\0';
    if (end.signal == SIGXCPU)
        return over_time(self);
    // Rust's own word for it, and those of sanitizers.
    static const char *const words[] = {"memory allocation of", "out of memory", "failed to allocate"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasestr(self->complaint, words[i]) != NULL)
            return over_memory(self);
    }
    while (self->complaint_len > 0 && self->complaint[self->complaint_len - 1] == '\n')
        self->complaint[--self->complaint_len] = '\0';
    base_text_tidy(self->complaint);
    const char *colon = self->complaint[0] != '\0' ? ": " : "";
    if (end.signal != 0)
        return base_error_set(self->error, AIRS_E_INTERNAL, "the compiler was ended by signal %d (%s)%s%s", end.signal,
                              strsignal(end.signal), colon, self->complaint);
    return base_error_set(self->error, AIRS_E_INTERNAL, "the compiler %s has ended without an answer (code %d)%s%s",
                          self->path, end.code, colon, self->complaint);
}

// ---------------------------------------------------------------- reading

/// The head of the answer is there: room for what follows.
static airs_status begin_tail(job *self)
{
    const wasm_compiler_reply *reply = &self->reply;
    if (reply->fingerprint_len > WASM_COMPILER_FINGERPRINT_MAX || reply->text_len >= sizeof((engine_error *)0)->text)
        return no_compiler(self);
    if (reply->code_len > WASM_COMPILED_MAX)
        return base_error_set(self->error, AIRS_E_LIMIT, "its compiled code has %" PRIu64 " bytes, the limit is %u",
                              reply->code_len, WASM_COMPILED_MAX);
    self->tail_len = reply->fingerprint_len + reply->text_len + (size_t)reply->code_len;
    // One more: so the end is seen, or that there is none.
    self->tail = base_alloc(self->compiler->allocator, self->tail_len + 1);
    if (self->tail == NULL)
        return base_error_set(self->error, AIRS_E_NOMEM, "no memory for compiled code");
    return AIRS_OK;
}

/// Takes what there is of the answer. `ret_ended` at its end.
static airs_status read_answer(job *self, bool *ret_ended)
{
    for (;;) {
        bool is_tail = self->tail != NULL;
        uint8_t *to = is_tail ? self->tail + self->tail_got : (uint8_t *)&self->reply + self->reply_got;
        size_t room = is_tail ? self->tail_len + 1 - self->tail_got : sizeof self->reply - self->reply_got;
        ssize_t got = read(self->child.out, to, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return AIRS_OK;
        *ret_ended = got <= 0;
        if (*ret_ended)
            return AIRS_OK;
        *(is_tail ? &self->tail_got : &self->reply_got) += (size_t)got;
        bool is_head_wrong =
            self->reply_got >= sizeof self->reply.magic && self->reply.magic != WASM_COMPILER_REPLY_MAGIC;
        if (is_head_wrong || self->tail_got > self->tail_len)
            return no_compiler(self);
        if (!is_tail && self->reply_got == sizeof self->reply) {
            airs_status status = begin_tail(self);
            if (status != AIRS_OK)
                return status;
        }
    }
}

/// Keeps the beginning of what it complains of, and drops the rest. False when nothing more comes.
static bool read_complaint(job *self)
{
    char dropped[512];
    for (;;) {
        size_t room = sizeof self->complaint - 1 - self->complaint_len;
        ssize_t got = read(self->child.err, room > 0 ? self->complaint + self->complaint_len : dropped,
                           room > 0 ? room : sizeof dropped);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 && errno == EAGAIN;
        self->complaint_len += room > 0 ? (size_t)got : 0;
    }
}

/// Reads until the child has closed both of its ends, which it does at the latest when it ends.
static airs_status read_all(job *self)
{
    struct pollfd files[] = {{.fd = self->child.out, .events = POLLIN}, {.fd = self->child.err, .events = POLLIN}};
    while (files[0].fd >= 0) {
        uint64_t now_ns = os_clock_now_ns();
        if (now_ns >= self->deadline_ns)
            return over_time(self);
        if (self->compiler->stopping != NULL && base_atomic_load_acquire(self->compiler->stopping))
            return base_error_set(self->error, AIRS_E_STOPPING, "%s", airs_status_text(AIRS_E_STOPPING));
        uint64_t left_ms = (self->deadline_ns - now_ns) / 1000000u + 1;
        if (poll(files, 2, left_ms < LOOK_MS ? (int)left_ms : LOOK_MS) <= 0)
            continue;
        if (files[1].revents != 0 && !read_complaint(self))
            files[1].fd = -1;
        bool ended = false;
        airs_status status = files[0].revents != 0 ? read_answer(self, &ended) : AIRS_OK;
        if (status != AIRS_OK)
            return status;
        if (ended)
            files[0].fd = -1;
    }
    // What it wrote before it closed the first is there.
    (void)read_complaint(self);
    return AIRS_OK;
}

// ---------------------------------------------------------------- the answer

/// Checks that the answer is one, and gives its code, which is then the caller's.
static airs_status take_answer(job *self, engine *machine, airs_buffer *ret_code)
{
    const wasm_compiler_reply *reply = &self->reply;
    engine_bytes print = engine_fingerprint(machine);
    if (reply->fingerprint_len != print.len || memcmp(self->tail, print.data, print.len) != 0)
        return no_compiler(self);
    if (reply->result == WASM_COMPILER_NO_MEMORY)
        return over_memory(self);
    if (reply->result != ENGINE_OK) {
        // It may quote names that are in the component.
        char text[sizeof((engine_error *)0)->text];
        base_text_copy(text, sizeof text, (airs_bytes){self->tail + print.len, reply->text_len});
        base_text_tidy(text);
        return base_error_set(self->error, wasm_status((engine_result)reply->result), "%s", text);
    }
    if (reply->text_len != 0 || reply->code_len == 0)
        return no_compiler(self);
    memmove(self->tail, self->tail + print.len, (size_t)reply->code_len);
    *ret_code = base_buffer_adopt(self->compiler->allocator, self->tail, (size_t)reply->code_len);
    self->tail = NULL;
    return AIRS_OK;
}

static airs_status run(job *self, engine *machine, airs_bytes wasm, airs_buffer *ret_code)
{
    wasm_compiler_request request;
    // The gaps too: they are written to a file.
    memset(&request, 0, sizeof request);
    request.magic = WASM_COMPILER_REQUEST_MAGIC;
    request.size = sizeof request;
    request.wasm_len = wasm.len;
    request.memory_max = self->compiler->memory_max;
    request.cpu_s = self->compiler->timeout_ms / 1000u + 1;
    request.config = self->compiler->config;
    // Functions of this process are none of that one's.
    request.config.resolver = (engine_resolver){0};
    const airs_bytes parts[] = {{(const uint8_t *)&request, sizeof request}, wasm};
    int input;
    airs_status status = os_memory_file(parts, 2, &input, self->error);
    if (status != AIRS_OK)
        return status;
    char *argv[] = {(char[]){"airssys"}, (char[]){WASM_COMPILER_VERB}, NULL};
    self->deadline_ns = os_deadline_ms(os_clock_now_ns(), self->compiler->timeout_ms);
    status = os_child_start(&self->child, self->path, argv, input, self->error);
    os_fd_close(input);
    if (status != AIRS_OK)
        return status;
    status = read_all(self);
    os_child_end end = os_child_end_now(&self->child);
    if (status != AIRS_OK)
        return status;
    bool whole = self->tail != NULL && self->tail_got == self->tail_len;
    return whole ? take_answer(self, machine, ret_code) : ended_early(self, end);
}

/// Without a child and without limits.
static airs_status compile_here(const wasm_compiler *compiler, engine *machine, airs_bytes wasm, airs_buffer *ret_code,
                                airs_error *error)
{
    engine_buffer code = {0};
    engine_error what = {0};
    engine_result result = engine_compile(machine, (engine_bytes){wasm.data, wasm.len}, &code, &what);
    if (result != ENGINE_OK) {
        base_text_tidy(what.text);
        return base_error_set(error, wasm_status(result), "%s", what.text);
    }
    airs_status status = base_buffer_copy(compiler->allocator, (airs_bytes){code.data, code.len}, ret_code);
    engine_buffer_free(&code);
    return status == AIRS_OK ? status : base_error_set(error, status, "no memory for compiled code");
}

airs_status wasm_compile(const wasm_compiler *compiler, engine *machine, airs_bytes wasm, airs_buffer *ret_code,
                         airs_error *error)
{
    if (compiler->path != NULL && compiler->path[0] == '\0')
        return compile_here(compiler, machine, wasm, ret_code, error);
    char found[PATH_MAX];
    if (compiler->path == NULL) {
        airs_status status = wasm_compiler_find(found, sizeof found, error);
        if (status != AIRS_OK)
            return status;
    }
    job self = {.compiler = compiler, .path = compiler->path != NULL ? compiler->path : found, .error = error};
    airs_status status = run(&self, machine, wasm, ret_code);
    base_free(compiler->allocator, self.tail);
    return status;
}
