// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/guest_build.h"

#include "base/bytes.h"
#include "base/error.h"
#include "cli/embedded.h"
#include "cli/input.h"
#include "cli/toolchain.h"
#include "engine.h"
#include "wasm/requests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODULE_BYTES_MAX (256u << 20)
#define TEXT_BYTES_MAX (1u << 20)
#define SDK "sdk/c/"
#define WIT_MAX 32

/// One build under way. `folder` is absolute, so that tools may run in any folder; texts that are made
/// on the way belong to the project.
typedef struct guest_build {
    cli_project *project;
    cli_toolchain tools;
    cli_guest_parts parts;
    char folder[CLI_PATH_MAX];
    const char *module_path;
    /// Object files, and what else the linker is given.
    cli_words objects;
} guest_build;

static bool is_wasi(const guest_build *build)
{
    return build->project->libc == CLI_LIBC_WASI;
}

/// A path below the build folder.
#define BUILD_PATH(build, format, ...) cli_project_text((build)->project, "%s/" format, (build)->folder, __VA_ARGS__)

static airs_status no_memory(airs_error *error)
{
    return base_error_set(error, AIRS_E_NOMEM, "out of memory");
}

// ---------------------------------------------------------------- the SDK

static airs_status unpack_sdk(guest_build *build, airs_error *error)
{
    airs_status status = AIRS_OK;
    for (size_t i = 0; i < cli_embedded_files_count && status == AIRS_OK; i++) {
        const cli_embedded_file *file = &cli_embedded_files[i];
        if (strncmp(file->path, SDK, strlen(SDK)) != 0 || strstr(file->path, "/template/"))
            continue;
        const char *path = BUILD_PATH(build, "sdk/%s", file->path + strlen(SDK));
        if (!path)
            return no_memory(error);
        status = cli_file_write(path, (airs_bytes){file->begin, cli_embedded_len(file)}, error);
    }
    return status;
}

// ---------------------------------------------------------------- compiling

static void add_compiler(guest_build *build, cli_words *words)
{
    static const char *const common[] = {
        "-std=c17", "-O2", "-mbulk-memory", "-ffunction-sections", "-fdata-sections", "-c", NULL,
    };
    cli_words_add(words, build->tools.clang);
    cli_words_add(words, is_wasi(build) ? "--target=wasm32-wasi" : "--target=wasm32");
    cli_words_add_all(words, common);
    cli_words_add(words, "-isystem");
    cli_words_add(words, BUILD_PATH(build, "sdk/%s", "include"));
    if (!is_wasi(build)) {
        cli_words_add(words, "-nostdlibinc");
        cli_words_add(words, "-isystem");
        cli_words_add(words, BUILD_PATH(build, "sdk/%s", "freestanding"));
    }
}

/// A path of the manifest, as a text of the project.
static const char *author_path(guest_build *build, const char *name)
{
    char path[CLI_PATH_MAX];
    airs_error ignored;
    if (cli_project_path(build->project, name, path, &ignored) != AIRS_OK)
        return NULL;
    return cli_project_text(build->project, "%s", path);
}

/// Whether there is to be debug information, for traps with file and line: the author's last flag about it decides.
static bool wants_debug(const guest_build *build)
{
    const deploy_texts *flags = &build->project->flags;
    for (size_t i = flags->count; i > 0; i--) {
        if (strncmp(flags->items[i - 1], "-g", 2) == 0)
            return strcmp(flags->items[i - 1], "-g0") != 0;
    }
    return build->project->debug;
}

/// Files are named as in the manifest, and the machine that compiled them is not.
static void add_debug_names(guest_build *build, cli_words *words)
{
    cli_words_add(words, "-fdebug-compilation-dir=.");
    cli_words_add(words, cli_project_text(build->project, "-fdebug-prefix-map=%s/=", build->project->folder));
    cli_words_add(words, cli_project_text(build->project, "-fdebug-prefix-map=%s/=", build->folder));
}

static airs_status compile_author_file(guest_build *build, const char *source, airs_error *error)
{
    const cli_project *project = build->project;
    // Two sources may have the same name in different folders: the number tells them apart.
    const char *object = BUILD_PATH(build, "obj/%zu_%s.o", build->objects.count, cli_path_base(source));
    cli_words words = {0};
    add_compiler(build, &words);
    cli_words_add(&words, "-Wall");
    for (size_t i = 0; i < project->include.count; i++) {
        cli_words_add(&words, "-I");
        cli_words_add(&words, author_path(build, project->include.items[i]));
    }
    if (project->debug)
        cli_words_add(&words, "-g");
    for (size_t i = 0; i < project->flags.count; i++)
        cli_words_add(&words, project->flags.items[i]);
    if (wants_debug(build))
        add_debug_names(build, &words);
    cli_words_add(&words, author_path(build, source));
    cli_words_add(&words, "-o");
    cli_words_add(&words, object);
    cli_words_add(&build->objects, object);
    return cli_words_run(&words, NULL, error);
}

/// Reads which functions an object file defines.
static airs_status read_symbols(guest_build *build, const char *object, airs_error *error)
{
    cli_input file;
    airs_status status = cli_input_read(object, MODULE_BYTES_MAX, &file, error);
    if (status != AIRS_OK)
        return status;
    engine_buffer lines = {0};
    engine_error refusal;
    engine_result result = engine_kit_symbols((engine_bytes){file.data, file.len}, &lines, &refusal);
    cli_input_free(&file);
    if (result != ENGINE_OK) {
        // It may quote names that are in the bytes.
        base_text_tidy(refusal.text);
        return base_error_set(error, AIRS_E_COMPONENT, "%s: %s", object, refusal.text);
    }
    cli_guest_parts_add(&build->parts, (airs_bytes){lines.data, lines.len});
    engine_buffer_free(&lines);
    return AIRS_OK;
}

static airs_status compile_author(guest_build *build, airs_error *error)
{
    const deploy_texts *sources = &build->project->sources;
    airs_status status = AIRS_OK;
    for (size_t i = 0; i < sources->count && status == AIRS_OK; i++) {
        status = compile_author_file(build, sources->items[i], error);
        if (status == AIRS_OK)
            status = read_symbols(build, build->objects.words[i], error);
    }
    return status;
}

/// Compiles files of the SDK as one unit, the last of a list that NULL ends and what stands before it:
/// starting the compiler costs more than these few lines do.
static airs_status compile_sdk_unit(guest_build *build, const char *name, const char *const *files, airs_error *error)
{
    // Generated bindings free what the arena frees all at once; the arena itself may stand on malloc.
    bool is_memory = strcmp(name, "memory") == 0;
    const char *object = BUILD_PATH(build, "obj/sdk_%s.o", name);
    cli_words words = {0};
    add_compiler(build, &words);
    cli_words_add(&words, "-w");
    if (!is_memory)
        cli_words_add(&words, "-Dfree=airs_arena_free");
    cli_words_add(&words, "-isystem");
    cli_words_add(&words, BUILD_PATH(build, "sdk/%s", "generated"));
    for (size_t i = 0; files[i]; i++) {
        if (files[i + 1])
            cli_words_add(&words, "-include");
        cli_words_add(&words, BUILD_PATH(build, "sdk/%s.c", files[i]));
    }
    cli_words_add(&words, "-o");
    cli_words_add(&words, object);
    cli_words_add(&build->objects, object);
    return cli_words_run(&words, NULL, error);
}

static airs_status compile_sdk_export(guest_build *build, const char *part, airs_error *error)
{
    const char *const files[] = {
        cli_project_text(build->project, "generated/%s", part),
        cli_project_text(build->project, "src/export_%s", part),
        NULL,
    };
    if (!files[0] || !files[1])
        return no_memory(error);
    return compile_sdk_unit(build, part, files, error);
}

static airs_status compile_sdk(guest_build *build, uint32_t exports, airs_error *error)
{
    static const char *const imports[] = {"generated/imports", NULL};
    static const char *const calls[] = {"src/bytes",      "src/cabi",   "src/status", "src/messages", "src/context",
                                        "src/capability", "src/actors", "src/timers", "src/log",      NULL};
    static const char *const freestanding[] = {"src/arena_grow", "src/memory", NULL};
    static const char *const hosted[] = {"src/arena_malloc", "src/stdio_lines", NULL};
    // The generated allocator is weak, like ours: the linker takes the first, so ours stands before it.
    airs_status status = compile_sdk_unit(build, "calls", calls, error);
    if (status == AIRS_OK)
        status = compile_sdk_unit(build, "imports", imports, error);
    if (status == AIRS_OK)
        status = compile_sdk_unit(build, "memory", is_wasi(build) ? hosted : freestanding, error);
    for (cli_part part = 0; part < CLI_PARTS_COUNT && status == AIRS_OK; part++) {
        if (exports & 1u << part)
            status = compile_sdk_export(build, cli_part_name(part), error);
    }
    return status;
}

// ---------------------------------------------------------------- linking

static void add_link_inputs(guest_build *build, cli_words *words)
{
    if (!wants_debug(build))
        cli_words_add(words, is_wasi(build) ? "-Wl,--strip-debug" : "--strip-debug");
    cli_words_add_all(words, build->objects.words);
    words->broken |= build->objects.broken;
    cli_words_add(words, "-o");
    cli_words_add(words, build->module_path);
    for (size_t i = 0; i < build->project->link_flags.count; i++)
        cli_words_add(words, build->project->link_flags.items[i]);
}

/// The stack stands first in memory, so that one that overflows is a trap and not a broken heap.
static airs_status link_freestanding(guest_build *build, airs_error *error)
{
    static const char *const flags[] = {
        "--no-entry", "--gc-sections", "--stack-first", "-z", "stack-size=65536", NULL,
    };
    cli_words words = {0};
    cli_words_add(&words, build->tools.wasm_ld);
    cli_words_add_all(&words, flags);
    add_link_inputs(build, &words);
    return cli_words_run(&words, NULL, error);
}

/// The compiler knows where the C library is.
static airs_status link_wasi(guest_build *build, airs_error *error)
{
    static const char *const flags[] = {
        "--target=wasm32-wasi", "-Wl,--gc-sections", "-Wl,--stack-first", "-Wl,-z,stack-size=131072", NULL,
    };
    cli_words words = {0};
    cli_words_add(&words, build->tools.clang);
    cli_words_add_all(&words, flags);
    cli_words_add(&words, cli_project_text(build->project, "-fuse-ld=%s", build->tools.wasm_ld));
    if (!build->parts.is_program)
        cli_words_add(&words, "-mexec-model=reactor");
    add_link_inputs(build, &words);
    return cli_words_run(&words, NULL, error);
}

// ---------------------------------------------------------------- the component

/// The texts of WIT packages that the world names: ours and the author's.
typedef struct wit_packages {
    engine_bytes texts[WIT_MAX];
    size_t count;
    cli_input files[WIT_MAX];
    size_t files_count;
} wit_packages;

static void wit_packages_free(wit_packages *packages)
{
    for (size_t i = 0; i < packages->files_count; i++)
        cli_input_free(&packages->files[i]);
}

static bool is_wit(const char *path)
{
    size_t len = strlen(path);
    return len > 4 && strcmp(path + len - 4, ".wit") == 0;
}

static airs_status wit_packages_read(wit_packages *packages, guest_build *build, airs_error *error)
{
    for (size_t i = 0; i < cli_embedded_files_count && packages->count < WIT_MAX; i++) {
        const cli_embedded_file *file = &cli_embedded_files[i];
        if (is_wit(file->path))
            packages->texts[packages->count++] = (engine_bytes){file->begin, cli_embedded_len(file)};
    }
    const deploy_texts *wit = &build->project->wit;
    if (packages->count + wit->count > WIT_MAX)
        return base_error_set(error, AIRS_E_TOO_LARGE, "more than %d WIT files", WIT_MAX);
    for (size_t i = 0; i < wit->count; i++) {
        const char *path = author_path(build, wit->items[i]);
        cli_input *file = &packages->files[packages->files_count];
        airs_status status = path ? cli_input_read(path, TEXT_BYTES_MAX, file, error) : no_memory(error);
        if (status != AIRS_OK)
            return status;
        packages->files_count++;
        packages->texts[packages->count++] = (engine_bytes){file->data, file->len};
    }
    return AIRS_OK;
}

static engine_bytes bytes_of(deploy_text text)
{
    airs_bytes bytes = base_bytes_of(text.text);
    return (engine_bytes){bytes.data, bytes.len};
}

static airs_status encode(guest_build *build, engine_bytes module, airs_bytes world, const wit_packages *packages,
                          engine_buffer *ret_component, airs_error *error)
{
    const cli_project *project = build->project;
    const engine_kit_metadata metadata = {
        .name = bytes_of(project->name),
        .version = bytes_of(project->version),
        .description = bytes_of(project->description),
        .licenses = bytes_of(project->license),
        .authors = bytes_of(project->authors),
        .source = bytes_of(project->source),
    };
    engine_error refusal;
    engine_result result = engine_kit_componentize(module, (engine_bytes){world.data, world.len}, packages->texts,
                                                   packages->count, &metadata, ret_component, &refusal);
    if (result == ENGINE_OK)
        return AIRS_OK;
    base_text_tidy(refusal.text);
    return base_error_set(error, AIRS_E_COMPONENT, "%s: %s", build->module_path, refusal.text);
}

/// Puts what the component asks for behind it.
static airs_status write_component(guest_build *build, const engine_buffer *component, size_t *ret_bytes,
                                   airs_error *error)
{
    const char *text = build->project->requests_text;
    size_t text_len = strlen(text);
    size_t head_len = 0;
    uint8_t head[WASM_REQUESTS_HEAD_MAX];
    if (text_len > WASM_REQUESTS_MAX)
        return base_error_set(error, AIRS_E_TOO_LARGE, "the requests of the component have %zu bytes, at most %u fit",
                              text_len, WASM_REQUESTS_MAX);
    if (text_len > 0)
        head_len = wasm_requests_head(head, text_len);
    *ret_bytes = component->len + head_len + text_len;
    uint8_t *whole = malloc(*ret_bytes + 1);
    if (!whole)
        return no_memory(error);
    memcpy(whole, component->data, component->len);
    memcpy(whole + component->len, head, head_len);
    memcpy(whole + component->len + head_len, text, text_len);
    airs_status status = cli_file_write(build->project->output_path, (airs_bytes){whole, *ret_bytes}, error);
    free(whole);
    return status;
}

static airs_status componentize(guest_build *build, airs_bytes world, size_t *ret_bytes, airs_error *error)
{
    wit_packages packages = {0};
    cli_input module = {0};
    engine_buffer component = {0};
    airs_status status = wit_packages_read(&packages, build, error);
    if (status == AIRS_OK)
        status = cli_input_read(build->module_path, MODULE_BYTES_MAX, &module, error);
    if (status == AIRS_OK)
        status = encode(build, (engine_bytes){module.data, module.len}, world, &packages, &component, error);
    if (status == AIRS_OK)
        status = write_component(build, &component, ret_bytes, error);
    engine_buffer_free(&component);
    cli_input_free(&module);
    wit_packages_free(&packages);
    return status;
}

// ---------------------------------------------------------------- all of it

static airs_status prepare(guest_build *build, airs_error *error)
{
    airs_status status = cli_toolchain_find(&build->tools, error);
    if (status == AIRS_OK)
        status = cli_folder_make(build->project->build_folder, error);
    if (status != AIRS_OK)
        return status;
    if (!realpath(build->project->build_folder, build->folder))
        return base_error_errno(error, AIRS_E_IO, errno, "cannot find %s", build->project->build_folder);
    const char *objects = BUILD_PATH(build, "%s", "obj");
    build->module_path = BUILD_PATH(build, "%s.core.wasm", build->project->name.text);
    if (!objects || !build->module_path)
        return no_memory(error);
    status = cli_folder_make(objects, error);
    return status == AIRS_OK ? unpack_sdk(build, error) : status;
}

static airs_status compile_and_link(guest_build *build, uint32_t exports, airs_error *error)
{
    airs_status status = compile_sdk(build, exports, error);
    if (status == AIRS_OK)
        status = is_wasi(build) ? link_wasi(build, error) : link_freestanding(build, error);
    return status;
}

airs_status cli_guest_build(cli_project *project, cli_guest_built *ret_built, airs_error *error)
{
    guest_build build = {.project = project};
    airs_status status = prepare(&build, error);
    if (status == AIRS_OK)
        status = compile_author(&build, error);
    if (status == AIRS_OK)
        status = cli_guest_parts_check(&build.parts, project, error);
    if (status != AIRS_OK)
        return status;

    char text[CLI_WORLD_MAX];
    airs_bytes world = {(const uint8_t *)text, cli_guest_parts_world(&build.parts, project, text)};
    const char *world_path = BUILD_PATH(&build, "world.%s", "wit");
    status = world_path ? cli_file_write(world_path, world, error) : no_memory(error);
    if (status == AIRS_OK)
        status =
            compile_and_link(&build, cli_guest_parts_exports(&build.parts, (cli_contract)project->contract), error);
    size_t bytes = 0;
    if (status == AIRS_OK)
        status = componentize(&build, world, &bytes, error);
    if (status == AIRS_OK)
        *ret_built = (cli_guest_built){.parts = build.parts, .component_bytes = bytes};
    return status;
}
