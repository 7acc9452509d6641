// SPDX-License-Identifier: MIT OR Apache-2.0
#include "story.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cast.h"

#define WORDS_MAX 32u
#define DEPTH_MAX 16u

/// A line in words.
typedef struct words {
    char text[256];
    char *at[WORDS_MAX];
    uint32_t count;
    uint32_t indent;
} words;

typedef struct stage {
    cast cast;
    char *trace;
    size_t size;
    size_t len;
    /// The tree is up: what happens is written down.
    bool begun;
    uint64_t begun_ms;
    /// What can't be read.
    char problem[200];
} stage;

static stage *of(cast *it)
{
    return ds_container_of(it, stage, cast);
}

static void write_line(stage *self, const char *line)
{
    int len = snprintf(self->trace + self->len, self->size - self->len, "%s\n", line);
    if (len > 0 && self->len + (size_t)len < self->size)
        self->len += (size_t)len;
}

static void on_say(cast *it, const player *about, const char *line)
{
    stage *self = of(it);
    char text[600];
    if (!self->begun)
        return;
    (void)snprintf(text, sizeof text, "  %6" PRIu64 " ms  %s %s", cast_now_ms(it) - self->begun_ms, about->part.name,
                   line);
    write_line(self, text);
}

// ---------------------------------------------------------------- words

/// The next line of `*text` that is not empty and no comment. False at the end.
static bool read_words(const char **text, words *ret)
{
    while (**text != '\0') {
        size_t len = strcspn(*text, "\n");
        const char *line = *text;
        *text += len + (line[len] == '\n');
        *ret = (words){0};
        if (len >= sizeof ret->text)
            len = sizeof ret->text - 1;
        memcpy(ret->text, line, len);
        ret->indent = (uint32_t)strspn(ret->text, " ");
        for (char *at = ret->text + ret->indent; *at != '\0' && *at != '#' && ret->count < WORDS_MAX;) {
            ret->at[ret->count++] = at;
            at += strcspn(at, " ");
            if (*at != '\0')
                *at++ = '\0';
            at += strspn(at, " ");
        }
        if (ret->count > 0)
            return true;
    }
    return false;
}

static bool is(const words *line, uint32_t index, const char *word)
{
    return index < line->count && strcmp(line->at[index], word) == 0;
}

/// The place of a word in a list of names; -1 when it is none.
static int index_of(const char *word, const char *const *names, int count)
{
    for (int i = 0; word != NULL && i < count; i++) {
        if (strcmp(word, names[i]) == 0)
            return i;
    }
    return -1;
}

/// "100ms", "5s", "3": milliseconds, or a plain number.
static bool read_number(const words *line, uint32_t index, uint32_t *ret)
{
    if (index >= line->count)
        return false;
    char *end;
    unsigned long number = strtoul(line->at[index], &end, 10);
    if (end == line->at[index])
        return false;
    *ret = (uint32_t)(strcmp(end, "s") == 0 ? number * 1000 : number);
    return *end == '\0' || strcmp(end, "s") == 0 || strcmp(end, "ms") == 0 || strcmp(end, "%") == 0;
}

static bool problem(stage *self, const words *line, const char *what)
{
    (void)snprintf(self->problem, sizeof self->problem, "%s: \"%s\"", what, line->at[0]);
    return false;
}

// ---------------------------------------------------------------- the tree

static const char *const strategies[] = {"one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one"};
static const char *const restarts[] = {"permanent", "transient", "temporary"};
static const char *const backoffs[] = {"inherit", "immediate", "delay", "linear", "exponential"};
static const char *const shutdowns[] = {"any", "all", "never"};

/// `backoff exponential 100ms factor 2 max 1s jitter 10% reset 5s`. Gives the words that it took; 0: it can't be read.
static uint32_t read_backoff(const words *line, uint32_t at, airs_backoff *ret)
{
    uint32_t begin = at;
    int kind = index_of(at < line->count ? line->at[at] : NULL, backoffs, 5);
    if (kind < 0)
        return 0;
    ret->kind = (airs_backoff_kind)kind;
    at++;
    if (read_number(line, at, &ret->delay_ms))
        at++;
    for (; at + 1 < line->count; at += 2) {
        uint32_t number;
        if (is(line, at, "factor"))
            ret->factor = strtod(line->at[at + 1], NULL);
        else if (!read_number(line, at + 1, &number))
            break;
        else if (is(line, at, "max"))
            ret->delay_max_ms = number;
        else if (is(line, at, "jitter"))
            ret->jitter_percent = number;
        else if (is(line, at, "reset"))
            ret->reset_after_ms = number;
        else
            break;
    }
    return at - begin;
}

/// One setting of a player from word `at` on. Gives the words that it took; 0: it is none.
static uint32_t read_setting(const words *line, uint32_t at, part *ret)
{
    int restart = index_of(line->at[at], restarts, 3);
    if (restart >= 0) {
        ret->restart = (airs_restart)restart;
        return 1;
    }
    if (is(line, at, "significant")) {
        ret->significant = true;
        return 1;
    }
    if (is(line, at, "backoff")) {
        uint32_t took = read_backoff(line, at + 1, ret->supervisor ? &ret->over.backoff : &ret->backoff);
        return took == 0 ? 0 : took + 1;
    }
    if (is(line, at, "auto_shutdown")) {
        int shutdown = index_of(at + 1 < line->count ? line->at[at + 1] : NULL, shutdowns, 3);
        ret->over.auto_shutdown = (airs_auto_shutdown)shutdown;
        return shutdown < 0 ? 0 : 2;
    }
    static const char *const numbers[] = {"max_restarts",  "window",       "children_max",
                                          "start_timeout", "stop_timeout", "fails"};
    uint32_t *const places[] = {&ret->over.max_restarts,       &ret->over.window_ms,         &ret->over.children_max,
                                &ret->limits.start_timeout_ms, &ret->limits.stop_timeout_ms, &ret->failing_starts};
    int number = index_of(line->at[at], numbers, 6);
    return number >= 0 && read_number(line, at + 1, places[number]) ? 2 : 0;
}

static bool read_part(stage *self, const words *line, part *ret)
{
    if (strlen(line->at[0]) >= CAST_NAME_MAX)
        return problem(self, line, "a long name");
    (void)snprintf(ret->name, sizeof ret->name, "%s", line->at[0]);
    uint32_t at = 1;
    int strategy = index_of(line->count > 1 ? line->at[1] : NULL, strategies, 4);
    if (strategy >= 0) {
        ret->supervisor = true;
        ret->over = (supervisor_options){.strategy = (airs_strategy)strategy, .max_restarts = 3, .window_ms = 5000};
        at = 2;
    }
    while (at < line->count) {
        uint32_t took = read_setting(line, at, ret);
        if (took == 0)
            return problem(self, line, "a setting that is none");
        at += took;
    }
    return true;
}

static bool add(stage *self, const part *as, const words *line)
{
    airs_status status = cast_add(&self->cast, as);
    return status == AIRS_OK || problem(self, line, airs_status_name(status));
}

/// Reads and makes the tree, up to the line `do`.
static bool make_tree(stage *self, const char **text)
{
    player *above[DEPTH_MAX];
    uint32_t indents[DEPTH_MAX];
    uint32_t depth = 0;
    words line;
    if (!read_words(text, &line) || !is(&line, 0, "tree"))
        return problem(self, &line, "`tree` was to come");
    while (read_words(text, &line) && !is(&line, 0, "do")) {
        part as = {0};
        while (depth > 0 && indents[depth - 1] >= line.indent)
            depth--;
        as.under = depth == 0 ? NULL : above[depth - 1];
        if (!read_part(self, &line, &as) || !add(self, &as, &line) || !cast_settle(&self->cast))
            return false;
        if (as.supervisor && depth < DEPTH_MAX) {
            above[depth] = &self->cast.players[self->cast.players_count - 1];
            indents[depth++] = line.indent;
        }
    }
    return is(&line, 0, "do") || problem(self, &line, "`do` was to come");
}

// ---------------------------------------------------------------- deeds

/// What is done to one player at once. False when the word is none of these.
static bool do_to(player *on, const words *line)
{
    static const struct {
        const char *word;
        actor_signal signal;
    } signals[] = {
        {"kill", ACTOR_SIGNAL_CRASH},  {"stop", ACTOR_SIGNAL_STOP},     {"end_now", ACTOR_SIGNAL_KILL},
        {"pause", ACTOR_SIGNAL_PAUSE}, {"resume", ACTOR_SIGNAL_RESUME},
    };
    static const char *const verbs[] = {"restart", "quarantine", "release"};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        if (is(line, 0, signals[i].word)) {
            cast_signal(on, signals[i].signal);
            return true;
        }
    }
    int verb = index_of(line->at[0], verbs, 3);
    if (verb >= 0)
        (void)cast_control(on, (supervise_verb)verb);
    else if (is(line, 0, "crash"))
        cast_crash(on);
    else if (is(line, 0, "done"))
        cast_done(on);
    else
        return false;
    return true;
}

/// What a player will do: `fail a 2`, `slow_start a 50ms`, `slow_stop`, `hang_start a`, `hang_stop a`.
static bool arrange(player *on, const words *line)
{
    uint32_t number = 1;
    bool given = read_number(line, 2, &number);
    if (is(line, 0, "fail"))
        on->failing_starts = number;
    else if (is(line, 0, "slow_start") && given)
        on->start_ms = number;
    else if (is(line, 0, "slow_stop") && given)
        on->stop_ms = number;
    else if (is(line, 0, "hang_start"))
        on->hangs_at_start = true;
    else if (is(line, 0, "hang_stop"))
        on->hangs_at_stop = true;
    else
        return false;
    return true;
}

static void on_deed(cast *it, player *on, const char *deed)
{
    words line;
    const char *text = deed;
    player *target = read_words(&text, &line) && line.count > 1 ? cast_find(it, line.at[1]) : NULL;
    if (target == NULL)
        return;
    if (is(&line, 0, "crash") && target != on && cast_state(on) == AIRS_ACTOR_STARTING)
        cast_crash_first(on, target);
    else
        (void)do_to(target, &line);
}

/// `when a starts crash b`
static bool add_cue(stage *self, const words *line)
{
    player *on = line->count > 4 ? cast_find(&self->cast, line->at[1]) : NULL;
    bool at_start = is(line, 2, "starts");
    if (on == NULL || on->cues_count == CAST_CUES_MAX || (!at_start && !is(line, 2, "stops")))
        return problem(self, line, "a cue that can't be read");
    cue *made = &on->cues[on->cues_count++];
    made->at_start = at_start;
    (void)snprintf(made->deed, sizeof made->deed, "%.20s %.40s", line->at[3], line->at[4]);
    return true;
}

/// `add c permanent under pool`
static bool add_player(stage *self, const words *line)
{
    words rest = *line;
    part as = {0};
    if (line->count < 4 || !is(line, line->count - 2, "under"))
        return problem(self, line, "`add NAME … under NAME`");
    as.under = cast_find(&self->cast, line->at[line->count - 1]);
    for (uint32_t i = 0; i + 1 < line->count; i++)
        rest.at[i] = line->at[i + 1];
    rest.count = line->count - 3;
    if (as.under == NULL || !read_part(self, &rest, &as))
        return problem(self, line, "a child that can't be read");
    airs_status status = cast_add(&self->cast, &as);
    if (status == AIRS_OK)
        return true;
    char text[64];
    (void)snprintf(text, sizeof text, "  add: %s", airs_status_name(status));
    write_line(self, text);
    return true;
}

static bool do_one(stage *self, const words *line)
{
    uint32_t ms;
    if (is(line, 0, "wait"))
        return read_number(line, 1, &ms) ? cast_wait(&self->cast, ms) || problem(self, line, "it goes on for ever")
                                         : problem(self, line, "a time that is none");
    if (is(line, 0, "when"))
        return add_cue(self, line);
    if (is(line, 0, "add"))
        return add_player(self, line);
    player *on = line->count > 1 ? cast_find(&self->cast, line->at[1]) : NULL;
    if (on == NULL)
        return problem(self, line, "nobody of this name");
    return do_to(on, line) || arrange(on, line) || problem(self, line, "a deed that is none");
}

/// Each line is said, done, and let happen; those joined by a line that ends in `&` happen together.
static bool do_all(stage *self, const char **text)
{
    words line;
    while (read_words(text, &line) && !is(&line, 0, "expect")) {
        char said[300] = "  >";
        for (uint32_t i = 0; i < line.count; i++) {
            size_t len = strlen(said);
            (void)snprintf(said + len, sizeof said - len, " %s", line.at[i]);
        }
        write_line(self, said);
        bool together = is(&line, line.count - 1, "&");
        line.count -= together;
        if (!do_one(self, &line))
            return false;
        if (!together && !cast_settle(&self->cast))
            return problem(self, &line, "it goes on for ever");
    }
    return true;
}

// ---------------------------------------------------------------- the story

bool story_play(const char *text, char *ret_trace, size_t size)
{
    static stage self;
    self = (stage){.trace = ret_trace, .size = size};
    ret_trace[0] = '\0';
    cast_init(&self.cast, 0);
    self.cast.say = on_say;
    self.cast.deed = on_deed;
    bool ok = make_tree(&self, &text);
    self.begun = true;
    self.begun_ms = cast_now_ms(&self.cast);
    ok = ok && do_all(&self, &text);
    self.begun = false;
    bool ended = cast_fini(&self.cast);
    if (!ok)
        (void)snprintf(ret_trace, size, "%s\n", self.problem);
    else if (!ended)
        (void)snprintf(ret_trace, size, "something was left at the end\n");
    return ok && ended;
}

const char *story_expectation(const char *text)
{
    const char *at = strstr(text, "\nexpect\n");
    return at == NULL ? NULL : at + strlen("\nexpect\n");
}
