// SPDX-License-Identifier: MIT OR Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/confine.h"
#include "wasm/compiler.h"
#include "wasm/compiler_wire.h"

#define INPUT 0
#define OUTPUT 1

/// How Wasmtime tells that there was no memory: it could not map some, or not allocate.
static bool is_about_memory(const char *text)
{
    return strstr(text, "(os error 12)") != NULL || strstr(text, "out of memory") != NULL;
}

static int refuse(const char *what)
{
    (void)fprintf(stderr, "%s\n", what);
    return 1;
}

/// The request and what follows it, mapped for good. NULL when it is none of this build's.
static const wasm_compiler_request *map_request(void)
{
    struct stat about;
    const wasm_compiler_request *request;
    if (fstat(INPUT, &about) != 0 || about.st_size < (off_t)sizeof *request)
        return NULL;
    void *mapped = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, INPUT, 0);
    if (mapped == MAP_FAILED)
        return NULL;
    request = mapped;
    bool ok = request->magic == WASM_COMPILER_REQUEST_MAGIC && request->size == sizeof *request &&
              request->wasm_len == (uint64_t)about.st_size - sizeof *request;
    return ok ? request : NULL;
}

static bool write_whole(const void *data, size_t len)
{
    const uint8_t *from = data;
    while (len > 0) {
        ssize_t put = write(OUTPUT, from, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        from += put;
        len -= (size_t)put;
    }
    return true;
}

static int answer(const engine *machine, engine_result result, const engine_error *what, engine_buffer code)
{
    engine_bytes print = engine_fingerprint(machine);
    if (print.len > WASM_COMPILER_FINGERPRINT_MAX)
        return refuse("the engine's fingerprint is too long");
    wasm_compiler_reply reply = {
        .magic = WASM_COMPILER_REPLY_MAGIC,
        .result = (uint32_t)result,
        .fingerprint_len = (uint32_t)print.len,
        .text_len = result == ENGINE_OK ? 0 : (uint32_t)strlen(what->text),
        .code_len = code.len,
    };
    if (result != ENGINE_OK && is_about_memory(what->text))
        reply.result = WASM_COMPILER_NO_MEMORY;
    bool ok = write_whole(&reply, sizeof reply) && write_whole(print.data, print.len) &&
              write_whole(what->text, reply.text_len) && write_whole(code.data, code.len);
    return ok ? 0 : 1;
}

int wasm_compiler_main(const engine_host *host)
{
    const wasm_compiler_request *request = map_request();
    if (request == NULL)
        return refuse("no request of a node: this verb is for airssys itself");
    engine_config config = request->config;
    config.compiles_only = true;
    engine *machine;
    engine_error what = {0};
    if (engine_create(&config, host, &machine, &what) != ENGINE_OK)
        return refuse(what.text);
    if (!os_confine(request->memory_max, request->cpu_s))
        return refuse(strerror(errno));
    engine_bytes wasm = {(const uint8_t *)(request + 1), (size_t)request->wasm_len};
    engine_buffer code = {0};
    engine_result result = engine_compile(machine, wasm, &code, &what);
    // What there is ends with the process.
    return answer(machine, result, &what, code);
}
