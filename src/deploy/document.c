// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/document.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "deploy/file.h"
#include "engine.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DOCUMENT_BYTES_MAX (1u << 20)

struct deploy_block {
    deploy_block *next;
    _Alignas(max_align_t) unsigned char bytes[];
};

void *deploy_document_alloc(deploy_document *document, size_t size)
{
    deploy_block *block = base_alloc_zeroed(base_allocator_default(), sizeof *block + size);
    if (!block)
        return NULL;
    block->next = document->blocks;
    document->blocks = block;
    return block->bytes;
}

airs_status deploy_document_refuse(const deploy_document *document, deploy_place at, airs_error *error,
                                   const char *format, ...)
{
    char text[768];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return base_error_set(error, AIRS_E_MANIFEST, "%s:%u:%u: %s", document->path, at.line, at.column, text);
}

/// The place of the first escape for a NUL in the text.
static deploy_place find_nul_escape(airs_bytes text)
{
    deploy_place at = {1, 1};
    for (size_t i = 0; i + 6 <= text.len; i++) {
        if (memcmp(text.data + i, "\\u0000", 6) == 0 || memcmp(text.data + i, "\\U0000", 6) == 0)
            break;
        at.column++;
        if (text.data[i] == '\n')
            at = (deploy_place){at.line + 1, 1};
    }
    return at;
}

/// Whether a string of this JSON has a NUL in it, which C would take for its end.
static bool has_nul_escape(const char *json)
{
    for (const char *at = json; *at; at++) {
        if (*at != '\\')
            continue;
        if (strncmp(at, "\\u0000", 6) == 0)
            return true;
        at++;
    }
    return false;
}

/// Takes `toml` apart into `document->tree`.
static airs_status parse_tree(deploy_document *document, airs_bytes text, airs_error *error)
{
    engine_buffer json = {0};
    engine_error refusal;
    engine_bytes bytes = {text.data, text.len};
    if (engine_kit_toml(bytes, &json, &refusal) != ENGINE_OK) {
        // It may quote what is in the file.
        base_text_tidy(refusal.text);
        return base_error_set(error, AIRS_E_MANIFEST, "%s:%s", document->path, refusal.text);
    }

    airs_status status = AIRS_OK;
    char *copy = base_strndup(base_allocator_default(), (const char *)json.data, json.len);
    engine_buffer_free(&json);
    if (copy && has_nul_escape(copy))
        status = deploy_document_refuse(document, find_nul_escape(text), error, "a text must not contain a NUL");
    else if (copy)
        document->tree = cJSON_Parse(copy);
    base_free(base_allocator_default(), copy);
    if (status == AIRS_OK && !document->tree)
        status = base_error_set(error, AIRS_E_NOMEM, "%s: out of memory", document->path);
    return status;
}

airs_status deploy_document_make(deploy_document *document, const char *path, airs_error *error)
{
    *document = (deploy_document){0};
    size_t size = strlen(path) + 1;
    char *copy = deploy_document_alloc(document, size);
    if (!copy)
        return base_error_set(error, AIRS_E_NOMEM, "%s: out of memory", path);
    memcpy(copy, path, size);
    document->path = copy;
    return AIRS_OK;
}

airs_status deploy_document_open(deploy_document *document, const char *path, airs_bytes text, airs_error *error)
{
    airs_status status = deploy_document_make(document, path, error);
    if (status == AIRS_OK)
        status = parse_tree(document, text, error);
    if (status != AIRS_OK)
        deploy_document_close(document);
    return status;
}

airs_status deploy_document_open_file(deploy_document *document, const char *path, airs_error *error)
{
    airs_buffer text = {0};
    airs_status status = deploy_file_read(path, DOCUMENT_BYTES_MAX, &text, error);
    if (status != AIRS_OK)
        return status;
    status = deploy_document_open(document, path, (airs_bytes){text.data, text.len}, error);
    airs_buffer_free(&text);
    return status;
}

void deploy_document_close(deploy_document *document)
{
    cJSON_Delete(document->tree);
    while (document->blocks) {
        deploy_block *block = document->blocks;
        document->blocks = block->next;
        base_free(base_allocator_default(), block);
    }
    *document = (deploy_document){0};
}
