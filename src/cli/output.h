// SPDX-License-Identifier: MIT OR Apache-2.0
/// What verbs print: errors, colours, text of strangers.
///
/// Plain stdio goes with it: `printf` to stdout, and `cli_output_finish` (main.c calls it) finds out
/// whether all of it could be written. SIGPIPE is ignored, so a closed stdout is an error like others.
#ifndef AIRS_CLI_OUTPUT_H
#define AIRS_CLI_OUTPUT_H

#include "airssys/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct cJSON;

typedef enum cli_style {
    CLI_STYLE_PLAIN = 0,
    CLI_STYLE_BOLD,
    CLI_STYLE_DIM,
    CLI_STYLE_RED,
    CLI_STYLE_GREEN,
    CLI_STYLE_YELLOW,
    CLI_STYLE_CYAN,
} cli_style;

/// Prints `airssys: ` and the text and a newline to stderr; by habit the text is `what: where`.
/// Control characters in it are escaped.
void cli_error(const char *format, ...) AIRS_PRINTF(1, 2);

/// Whether colours may be written to this stream: a terminal, no NO_COLOR, TERM not dumb.
bool cli_style_allowed(FILE *stream);

/// The escape sequence that switches a style on (PLAIN: back to plain); "" when the stream takes none.
const char *cli_style_on(FILE *stream, cli_style style);

/// Writes bytes that a guest or a file gave so that they cannot drive a terminal: control
/// characters and bytes that are no UTF-8 become `\xNN`, newlines and tabs `\n` and `\t`.
void cli_write_escaped(FILE *stream, const void *bytes, size_t len);

/// The same, but newlines and tabs stay what they are: for whole texts.
void cli_write_text(FILE *stream, const void *bytes, size_t len);

/// Writes JSON with a newline behind; takes and frees the tree. NULL (no memory) is an error on stderr.
/// False when it could not be made.
bool cli_write_json(struct cJSON *json);

/// Writes JSON as one line, at once: for streams. The tree stays the caller's. False when it could not be made, or
/// nobody reads any more.
bool cli_write_json_line(const struct cJSON *json);

/// What was printed goes out now, for what goes on. False when not all of it could be written: then there is no use in
/// going on, and `cli_output_finish` says why.
bool cli_output_flush(void);

/// Flushes stdout. False when not all of it could be written; says so on stderr, but for a reader
/// that has gone away (EPIPE).
bool cli_output_finish(void);

#endif
