// SPDX-License-Identifier: MIT OR Apache-2.0
/// What an actor is given as a program: arguments, and a file that is its standard input.
#include "base/alloc.h"
#include "base/error.h"
#include "deploy/manifest.h"
#include "deploy/manifest_check.h"
#include "os/file.h"

#include <string.h>

static airs_status no_memory(const deploy_manifest *manifest, airs_error *error)
{
    return base_error_set(error, AIRS_E_NOMEM, "%s: out of memory", manifest->document.path);
}

static airs_status take_args(deploy_manifest *manifest, deploy_actor *actor, airs_error *error)
{
    const deploy_names *from = &actor->args;
    const char **made = deploy_document_alloc(&manifest->document, (from->count + 1) * sizeof *made);
    if (made == NULL)
        return no_memory(manifest, error);
    actor->arguments = made;
    size_t bytes = 0;
    for (size_t i = 0; i < from->count; i++) {
        made[i] = from->items[i].text;
        bytes += strlen(from->items[i].text) + 1;
        if (bytes > AIRS_ARGS_MAX)
            return deploy_document_refuse(&manifest->document, from->items[i].at, error,
                                          "`args` have more than %u bytes up to here: give the rest in a file",
                                          AIRS_ARGS_MAX);
    }
    return AIRS_OK;
}

/// Whether it may read its standard input: it is no default.
static bool may_read(const deploy_actor *actor)
{
    for (size_t i = 0; i < actor->grants.made_count; i++) {
        if ((actor->grants.made[i].rights & AIRS_RIGHT_STDIO_IN) != 0)
            return true;
    }
    return false;
}

static airs_status take_stdin(deploy_manifest *manifest, deploy_actor *actor, airs_error *error)
{
    deploy_document *document = &manifest->document;
    const deploy_text *from = &actor->standard_input;
    if (from->text == NULL)
        return AIRS_OK;
    if (from->text[0] == '\0')
        return deploy_document_refuse(document, from->at, error, "`stdin` is empty: it is the path of a file");
    if (!may_read(actor))
        return deploy_document_refuse(document, from->at, error,
                                      "`stdin` is given, but not the right to read it: add \"in\" to `stdio` in the "
                                      "grants of \"%s\", such as stdio = [\"in\", \"out\", \"err\"]",
                                      actor->name.text);
    const char *path = deploy_manifest_path(document, from->text);
    if (path == NULL)
        return no_memory(manifest, error);
    airs_buffer bytes = {0};
    airs_error problem = {.text = ""};
    airs_status status =
        os_file_read(base_allocator_default(), path, OS_FILE_REGULAR, AIRS_INPUT_MAX, &bytes, &problem);
    if (status == AIRS_E_NOMEM)
        return no_memory(manifest, error);
    if (status != AIRS_OK)
        return deploy_document_refuse(document, from->at, error, "`stdin`: %s", problem.text);
    uint8_t *copy = deploy_document_alloc(document, bytes.len + 1);
    if (copy != NULL)
        memcpy(copy, bytes.data, bytes.len);
    actor->input = (airs_bytes){copy, bytes.len};
    airs_buffer_free(&bytes);
    return copy == NULL ? no_memory(manifest, error) : AIRS_OK;
}

airs_status deploy_manifest_check_program(deploy_manifest *manifest, deploy_actor *actor, airs_error *error)
{
    airs_status status = take_args(manifest, actor, error);
    return status == AIRS_OK ? take_stdin(manifest, actor, error) : status;
}

airs_status deploy_manifest_give(deploy_manifest *manifest, const deploy_program *program, airs_error *error)
{
    static const airs_grant streams = {.rights = AIRS_RIGHT_STDIO_IN | AIRS_RIGHT_STDIO_OUT | AIRS_RIGHT_STDIO_ERR};
    if (!manifest->bare)
        return base_error_set(error, AIRS_E_INVALID,
                              "arguments and input are a component's, and this is an app: give them in its manifest, "
                              "as `args` and `stdin` of an actor: %s",
                              manifest->document.path);
    size_t bytes = 0;
    for (size_t i = 0; i < program->args_count; i++)
        bytes += strlen(program->args[i]) + 1;
    if (bytes > AIRS_ARGS_MAX)
        return base_error_set(error, AIRS_E_INVALID, "the arguments have %zu bytes, the most are %u", bytes,
                              AIRS_ARGS_MAX);
    deploy_actor *actor = manifest->actors;
    actor->arguments = program->args;
    actor->args.count = program->args_count;
    actor->input = program->input;
    if (!program->reads)
        return AIRS_OK;
    actor->grants.made = deploy_document_alloc(&manifest->document, sizeof *actor->grants.made);
    if (actor->grants.made == NULL)
        return no_memory(manifest, error);
    actor->bare = true;
    actor->grants.made[0] = streams;
    actor->grants.made_count = 1;
    return AIRS_OK;
}
