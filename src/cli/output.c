// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/output.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cli_error(const char *format, ...)
{
    char text[2048];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (len < 0)
        return;
    size_t shown = (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    flockfile(stderr);
    fputs(cli_style_on(stderr, CLI_STYLE_RED), stderr);
    fputs("airssys: ", stderr);
    fputs(cli_style_on(stderr, CLI_STYLE_PLAIN), stderr);
    cli_write_escaped(stderr, text, shown);
    fputc('\n', stderr);
    funlockfile(stderr);
}

bool cli_style_allowed(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (no_color && *no_color)
        return false;
    if (!term || strcmp(term, "dumb") == 0)
        return false;
    return isatty(fileno(stream)) == 1;
}

const char *cli_style_on(FILE *stream, cli_style style)
{
    static const char *const sequences[] = {
        [CLI_STYLE_PLAIN] = "\033[0m", [CLI_STYLE_BOLD] = "\033[1m",   [CLI_STYLE_DIM] = "\033[2m",
        [CLI_STYLE_RED] = "\033[31m",  [CLI_STYLE_GREEN] = "\033[32m", [CLI_STYLE_YELLOW] = "\033[33m",
        [CLI_STYLE_CYAN] = "\033[36m",
    };
    return cli_style_allowed(stream) ? sequences[style] : "";
}

/// The length of the UTF-8 sequence at `at` that a terminal may be shown; 0 when there is none.
static size_t printable_len(const uint8_t *at, size_t left)
{
    if (at[0] < 0x80)
        return at[0] >= 0x20 && at[0] != 0x7f;
    size_t len = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4 || len > left)
        return 0;
    uint32_t code = at[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[len] || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
        return 0;
    // C1 controls drive terminals like ESC does; bidirectional overrides make text lie.
    bool lies = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return code < 0xa0 || lies ? 0 : len;
}

static void write_escaped(FILE *stream, const void *bytes, size_t len, bool keep_lines)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        size_t plain = keep_lines && (*at == '\n' || *at == '\t') ? 1 : printable_len(at, len);
        if (plain > 0)
            fwrite(at, 1, plain, stream);
        else if (*at == '\n')
            fputs("\\n", stream);
        else if (*at == '\t')
            fputs("\\t", stream);
        else
            fprintf(stream, "\\x%02x", *at);
        size_t step = plain > 0 ? plain : 1;
        at += step;
        len -= step;
    }
}

void cli_write_escaped(FILE *stream, const void *bytes, size_t len)
{
    write_escaped(stream, bytes, len, false);
}

void cli_write_text(FILE *stream, const void *bytes, size_t len)
{
    write_escaped(stream, bytes, len, true);
}

bool cli_write_json(cJSON *json)
{
    char *text = json ? cJSON_Print(json) : NULL;
    cJSON_Delete(json);
    if (!text) {
        cli_error("out of memory: the output");
        return false;
    }
    puts(text);
    cJSON_free(text);
    return true;
}

bool cli_write_json_line(const cJSON *json)
{
    char *text = cJSON_PrintUnformatted(json);
    if (!text)
        return false;
    puts(text);
    cJSON_free(text);
    return cli_output_flush();
}

// Why stdout could not be written, which a later flush does not know any more.
static int why_not_written;

bool cli_output_flush(void)
{
    errno = 0;
    bool written = fflush(stdout) == 0;
    if (!written && errno != 0)
        why_not_written = errno;
    return written && ferror(stdout) == 0;
}

bool cli_output_finish(void)
{
    bool written = cli_output_flush();
    if (!written && why_not_written != EPIPE && why_not_written != 0)
        cli_error("cannot write: stdout: %s", strerror(why_not_written));
    return written;
}
