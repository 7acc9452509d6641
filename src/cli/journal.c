// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/journal.h"

#include "cli/event_text.h"
#include "cli/output.h"
#include "os/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// What the queue may hold when stdout is not read.
#define BYTES_MAX (1u << 20)

struct cli_journal_line {
    cli_journal_line *next;
    size_t size;
    airs_log_level level;
    uint64_t time_ns;
    /// '|' a component wrote it, '*' the runtime says it.
    char source;
    const char *text;
    /// The actor's name and the text.
    char bytes[];
};

static void push(cli_journal *journal, cli_journal_line *line)
{
    pthread_mutex_lock(&journal->mutex);
    bool fits = line && journal->bytes + line->size <= BYTES_MAX;
    if (fits) {
        journal->bytes += line->size;
        *journal->last = line;
        journal->last = &line->next;
        pthread_cond_signal(&journal->changed);
    } else {
        journal->dropped++;
    }
    pthread_mutex_unlock(&journal->mutex);
    if (!fits)
        free(line);
}

static void add(cli_journal *journal, const airs_log_record *record, char source)
{
    size_t actor_size = strlen(record->actor) + 1;
    size_t text_size = strlen(record->text) + 1;
    size_t size = sizeof(cli_journal_line) + actor_size + text_size;
    cli_journal_line *line = malloc(size);
    if (line) {
        *line = (cli_journal_line){.size = size, .level = record->level, .time_ns = record->time_ns};
        line->source = source;
        memcpy(line->bytes, record->actor, actor_size);
        memcpy(line->bytes + actor_size, record->text, text_size);
        line->text = line->bytes + actor_size;
    }
    push(journal, line);
}

void cli_journal_on_log(void *user, const airs_log_record *record)
{
    add(user, record, strcmp(record->source, "runtime") == 0 ? '*' : '|');
}

/// Failures, what supervisors decide of them, when they give up, and deployments come as lines of the log; of the other
/// events, those are shown that somebody at the screen did not bring about by ending the node.
static bool is_shown(const airs_event *event)
{
    switch (event->kind) {
    case AIRS_EVENT_RESTARTED:
    case AIRS_EVENT_BACKOFF:
    case AIRS_EVENT_HEALTH:
    case AIRS_EVENT_PAUSED:
    case AIRS_EVENT_RESUMED:
    case AIRS_EVENT_QUARANTINED:
    case AIRS_EVENT_RELEASED:
        return true;
    case AIRS_EVENT_STOPPED:
        return event->reason != AIRS_EXIT_NORMAL && event->reason != AIRS_EXIT_SHUTDOWN;
    case AIRS_EVENT_STARTED:
    case AIRS_EVENT_FAILED:
    case AIRS_EVENT_ESCALATED:
    case AIRS_EVENT_STATE:
    case AIRS_EVENT_CANARY:
    case AIRS_EVENT_DEPLOYED:
    case AIRS_EVENT_ROLLED_BACK:
        break;
    }
    return false;
}

static airs_log_level level_of(const airs_event *event)
{
    cli_style style = cli_event_style(event);
    if (style == CLI_STYLE_RED)
        return AIRS_LOG_ERROR;
    return style == CLI_STYLE_YELLOW ? AIRS_LOG_WARN : AIRS_LOG_INFO;
}

void cli_journal_on_event(void *user, const airs_event *event)
{
    if (!is_shown(event))
        return;
    char text[CLI_EVENT_TEXT_MAX];
    char number[24];
    snprintf(number, sizeof number, "#%" PRIu64, event->actor.raw);
    airs_log_record record = {.level = level_of(event),
                              .time_ns = os_clock_wall_ns(),
                              .actor = event->name && *event->name ? event->name : number,
                              .source = "runtime",
                              .text = cli_event_text(text, event)};
    add(user, &record, '*');
}

void cli_journal_say(cli_journal *journal, airs_log_level level, const char *text)
{
    airs_log_record record = {
        .level = level, .time_ns = os_clock_wall_ns(), .actor = "", .source = "runtime", .text = text};
    add(journal, &record, '*');
}

static cli_style style_of(const cli_journal_line *line)
{
    if (line->source == '|')
        return CLI_STYLE_PLAIN;
    if (line->level >= AIRS_LOG_ERROR)
        return CLI_STYLE_RED;
    return line->level == AIRS_LOG_WARN ? CLI_STYLE_YELLOW : CLI_STYLE_CYAN;
}

/// "12:30:01.250  greeter | Hello"
static void print(const cli_journal *journal, const cli_journal_line *line)
{
    time_t seconds = (time_t)(line->time_ns / 1000000000u);
    struct tm local;
    char time[32] = "";
    if (localtime_r(&seconds, &local))
        strftime(time, sizeof time, journal->dated ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &local);
    cli_style style = style_of(line);
    printf("%s%s.%03u%s  ", cli_style_on(stdout, CLI_STYLE_DIM), time, (unsigned)(line->time_ns / 1000000u % 1000u),
           cli_style_on(stdout, CLI_STYLE_PLAIN));
    cli_write_escaped(stdout, line->bytes, strlen(line->bytes));
    int padding = journal->name_width - (int)strlen(line->bytes);
    printf("%*s %s%c ", padding > 0 ? padding : 0, "", cli_style_on(stdout, style), line->source);
    cli_write_escaped(stdout, line->text, strlen(line->text));
    printf("%s\n", style == CLI_STYLE_PLAIN ? "" : cli_style_on(stdout, CLI_STYLE_PLAIN));
}

/// Takes all lines, waiting for some. False when the end has come and nothing is left.
static bool take(cli_journal *journal, cli_journal_line **ret_lines, uint64_t *ret_dropped)
{
    pthread_mutex_lock(&journal->mutex);
    while (!journal->ending && (journal->held || (!journal->first && journal->dropped == 0)))
        pthread_cond_wait(&journal->changed, &journal->mutex);
    *ret_lines = journal->first;
    *ret_dropped = journal->dropped;
    journal->first = NULL;
    journal->last = &journal->first;
    journal->bytes = 0;
    journal->dropped = 0;
    bool more = *ret_lines || *ret_dropped > 0;
    pthread_mutex_unlock(&journal->mutex);
    return more;
}

static void run(void *user)
{
    cli_journal *journal = user;
    cli_journal_line *lines;
    uint64_t dropped;
    while (take(journal, &lines, &dropped)) {
        while (lines) {
            cli_journal_line *line = lines;
            lines = line->next;
            print(journal, line);
            free(line);
        }
        if (dropped > 0)
            printf("(%" PRIu64 " lines of log dropped: stdout is not read fast enough)\n", dropped);
        // A reader that has gone away ends nothing here; `cli_output_finish` tells of it in the end.
        fflush(stdout);
        if (journal->file)
            cli_log_file_rotate(journal->file);
    }
}

airs_status cli_journal_start(cli_journal *journal, int name_width)
{
    *journal = (cli_journal){.mutex = PTHREAD_MUTEX_INITIALIZER,
                             .changed = PTHREAD_COND_INITIALIZER,
                             .held = true,
                             .name_width = name_width};
    journal->last = &journal->first;
    return os_thread_start(&journal->thread, "airs-journal", 0, run, journal);
}

void cli_journal_release(cli_journal *journal)
{
    pthread_mutex_lock(&journal->mutex);
    journal->held = false;
    pthread_cond_signal(&journal->changed);
    pthread_mutex_unlock(&journal->mutex);
}

void cli_journal_stop(cli_journal *journal)
{
    pthread_mutex_lock(&journal->mutex);
    journal->ending = true;
    pthread_cond_signal(&journal->changed);
    pthread_mutex_unlock(&journal->mutex);
    os_thread_join(&journal->thread);
}
