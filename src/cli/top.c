// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/apps.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/remote.h"
#include "cli/terminal.h"
#include "cli/top_view.h"

#include "os/clock.h"

#include <cjson/cJSON.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define ASK_TIMEOUT_MS 5000
#define STOP_TIMEOUT_MS 5000
#define INTERVAL_MS 1000
#define INTERVAL_MIN_MS 100

/// What the keys mean just now.
typedef enum top_mode {
    TOP_LIST,
    /// They are added to the filter.
    TOP_FILTER,
    /// Whether the actor that is marked is to be stopped.
    TOP_STOP,
    /// One actor is shown; any key goes back.
    TOP_ACTOR,
} top_mode;

typedef struct live {
    const cli_args *args;
    /// When several run, and none was named; else empty. One is shown at a time.
    cli_apps apps;
    size_t app;
    node_client client;
    cli_top top;
    top_mode mode;
    /// Of TOP_ACTOR: what `inspect` said; owned.
    cJSON *actor;
    /// For the line at the bottom, until the next key; "": the keys.
    char message[1200];
    airs_error error;
} live;

/// Connects to the app that is shown.
static airs_status connect_to(const live *self, node_client *client, airs_error *error)
{
    if (self->apps.count > 1)
        return node_client_open(client, self->apps.list[self->app].socket.text, error);
    return cli_remote_open_quietly(self->args, client, error);
}

static bool take_picture(live *self)
{
    cJSON *result = NULL;
    airs_status status = node_client_ask(&self->client, "ps", NULL, ASK_TIMEOUT_MS, &result, &self->error);
    bool taken = status == AIRS_OK && cli_top_take(&self->top, result, os_clock_now_ns());
    if (status == AIRS_OK && !taken)
        snprintf(self->error.text, sizeof self->error.text, "out of memory: the actors");
    cJSON_Delete(result);
    return taken;
}

static airs_status ask_about(live *self, node_client *client, const char *verb, uint64_t timeout_ms, cJSON **ret_result,
                             airs_error *error)
{
    char id[24];
    snprintf(id, sizeof id, "%llu", (unsigned long long)self->top.selected_id.raw);
    return node_client_ask(client, verb, cli_remote_request(id), timeout_ms, ret_result, error);
}

/// Shows the actor that is marked, as it is now; goes back to the list when it is gone.
static void look_at_actor(live *self)
{
    airs_error error = {0};
    cJSON *result = NULL;
    airs_status status = ask_about(self, &self->client, "inspect", ASK_TIMEOUT_MS, &result, &error);
    cJSON_Delete(self->actor);
    self->actor = status == AIRS_OK ? result : NULL;
    self->mode = self->actor ? TOP_ACTOR : TOP_LIST;
    if (!self->actor)
        snprintf(self->message, sizeof self->message, "%s", error.text);
}

/// On a connection of its own: a stop that takes longer than the screen waits may end when it likes.
static void stop_actor(live *self)
{
    node_client client;
    airs_error error = {0};
    cJSON *result = NULL;
    if (connect_to(self, &client, &error) != AIRS_OK) {
        snprintf(self->message, sizeof self->message, "%s", error.text);
        return;
    }
    airs_status status = ask_about(self, &client, "stop", STOP_TIMEOUT_MS, &result, &error);
    node_client_close(&client);
    cJSON_Delete(result);
    if (status == AIRS_OK)
        snprintf(self->message, sizeof self->message, "it has ended");
    else if (status == AIRS_E_TIMEOUT)
        snprintf(self->message, sizeof self->message, "it is told to stop, and has not ended yet");
    else
        snprintf(self->message, sizeof self->message, "%s", error.text);
}

/// Shows another app, with the same order and filter. False: it can't be had, and the one before is shown still.
static bool show_app(live *self, size_t app)
{
    airs_error error = {0};
    node_client client;
    size_t before = self->app;
    self->app = app;
    if (connect_to(self, &client, &error) != AIRS_OK) {
        snprintf(self->message, sizeof self->message, "%s: %s", self->apps.list[app].name, error.text);
        self->app = before;
        return false;
    }
    node_client_close(&self->client);
    self->client = client;
    cli_top fresh = {.sort = self->top.sort};
    memcpy(fresh.filter, self->top.filter, sizeof fresh.filter);
    cli_top_fini(&self->top);
    self->top = fresh;
    return take_picture(self);
}

/// The next one that runs still. False: it is enough.
static bool show_next_app(live *self)
{
    for (size_t i = 1; i < self->apps.count; i++) {
        if (show_app(self, (self->app + i) % self->apps.count))
            return true;
        if (self->error.text[0])
            return false;
    }
    return true;
}

// ---------------------------------------------------------------- keys

static void edit_filter(live *self, int key)
{
    char *filter = self->top.filter;
    size_t len = strlen(filter);
    if (key == CLI_KEY_ENTER) {
        self->mode = TOP_LIST;
    } else if (key == CLI_KEY_ESCAPE) {
        self->mode = TOP_LIST;
        filter[0] = '\0';
    } else if (key == CLI_KEY_BACKSPACE && len > 0) {
        // A whole character of UTF-8.
        while (len > 1 && ((unsigned char)filter[len - 1] & 0xc0) == 0x80)
            len--;
        filter[len - 1] = '\0';
    } else if (key >= ' ' && key < 256 && key != CLI_KEY_BACKSPACE && len + 1 < CLI_TOP_FILTER_MAX) {
        filter[len] = (char)key;
        filter[len + 1] = '\0';
    }
    cli_top_arrange(&self->top);
}

static void move_by(live *self, int key)
{
    unsigned width;
    unsigned height;
    cli_terminal_size(&width, &height);
    long page = height > 4 ? (long)height - 4 : 1;
    long all = (long)self->top.count;
    switch (key) {
    case CLI_KEY_UP:
    case 'k':
        cli_top_move(&self->top, -1);
        break;
    case CLI_KEY_DOWN:
    case 'j':
        cli_top_move(&self->top, 1);
        break;
    case CLI_KEY_PAGE_UP:
        cli_top_move(&self->top, -page);
        break;
    case CLI_KEY_PAGE_DOWN:
        cli_top_move(&self->top, page);
        break;
    case CLI_KEY_HOME:
    case 'g':
        cli_top_move(&self->top, -all);
        break;
    case CLI_KEY_END:
    case 'G':
        cli_top_move(&self->top, all);
        break;
    default:
        break;
    }
}

/// False: it is enough.
static bool press_in_list(live *self, int key)
{
    switch (key) {
    case 'q':
        return false;
    case 's':
    case 'S': {
        unsigned step = key == 's' ? 1 : CLI_TOP_SORT_NAME;
        self->top.sort = (cli_top_sort)(((unsigned)self->top.sort + step) % (CLI_TOP_SORT_NAME + 1));
        cli_top_arrange(&self->top);
        break;
    }
    case '\t':
    case 'a':
        return show_next_app(self);
    case '/':
        self->mode = TOP_FILTER;
        break;
    case CLI_KEY_ESCAPE:
        self->top.filter[0] = '\0';
        cli_top_arrange(&self->top);
        break;
    case 'x':
        if (cli_top_selected(&self->top))
            self->mode = TOP_STOP;
        break;
    case CLI_KEY_ENTER:
    case 'i':
        if (cli_top_selected(&self->top))
            look_at_actor(self);
        break;
    default:
        move_by(self, key);
    }
    return true;
}

/// False: it is enough.
static bool press(live *self, int key)
{
    self->message[0] = '\0';
    switch (self->mode) {
    case TOP_LIST:
        return press_in_list(self, key);
    case TOP_FILTER:
        edit_filter(self, key);
        break;
    case TOP_STOP:
        self->mode = TOP_LIST;
        if (key == 'y' || key == 'Y')
            stop_actor(self);
        break;
    case TOP_ACTOR:
        self->mode = TOP_LIST;
        break;
    }
    return true;
}

// ---------------------------------------------------------------- the screen

static void say_what_is_asked(live *self)
{
    const cli_top_row *row = cli_top_selected(&self->top);
    if (self->mode == TOP_FILTER)
        snprintf(self->message, sizeof self->message, "filter: %s_  (Enter keeps it, Esc ends it)", self->top.filter);
    else if (self->mode == TOP_STOP && row)
        snprintf(self->message, sizeof self->message, "stop %s, with all its children? y/n",
                 row->actor.name[0] ? row->actor.name : "this actor");
}

static void draw(live *self)
{
    cli_top_screen screen = {.styled = true};
    cli_terminal_size(&screen.width, &screen.height);
    say_what_is_asked(self);
    screen.message = self->message[0] ? self->message : NULL;
    if (self->mode == TOP_ACTOR)
        cli_top_draw_actor(self->actor, &screen, stdout);
    else
        cli_top_draw(&self->top, &screen, stdout);
    // What is left of a larger frame.
    fputs("\033[J", stdout);
    fflush(stdout);
}

/// Until `q`, a signal or the node's end, which is said in `error`.
static void live_on(live *self, uint32_t interval_ms)
{
    uint64_t next_ns = os_deadline_ms(os_clock_now_ns(), interval_ms);
    for (;;) {
        int key;
        draw(self);
        switch (cli_terminal_wait(next_ns, &key)) {
        case CLI_TERMINAL_KEY:
            if (!press(self, key))
                return;
            break;
        case CLI_TERMINAL_TIMEOUT:
            if (!take_picture(self))
                return;
            if (self->mode == TOP_ACTOR)
                look_at_actor(self);
            next_ns = os_deadline_ms(os_clock_now_ns(), interval_ms);
            break;
        case CLI_TERMINAL_REDRAW:
            fputs("\033[2J", stdout);
            break;
        case CLI_TERMINAL_END:
            return;
        }
    }
}

/// One frame, with what was done between two pictures, for who reads it in a file.
static void print_once(live *self, uint32_t interval_ms)
{
    cli_top_screen screen = {.width = 80};
    const char *columns = getenv("COLUMNS");
    unsigned long width = columns ? strtoul(columns, NULL, 10) : 0;
    if (width >= 20 && width <= 1000)
        screen.width = (unsigned)width;
    size_t last = self->apps.count > 1 ? self->apps.count - 1 : 0;
    for (;;) {
        poll(NULL, 0, (int)interval_ms);
        if (take_picture(self))
            cli_top_draw(&self->top, &screen, stdout);
        if (self->app == last || self->error.text[0] || !show_app(self, self->app + 1))
            return;
        putchar('\n');
    }
}

static int sort_of(const char *name)
{
    static const char *const names[] = {"tree", "mailbox", "rate", "cpu", "memory", "restarts", "name"};
    int sort = 0;
    while (strcmp(names[sort], name) != 0)
        sort++;
    return sort;
}

static cli_exit top_run(const cli_args *args)
{
    live self = {.args = args};
    uint32_t interval_ms;
    bool once = cli_args_flag(args, "once") != NULL;
    const char *sort = cli_args_flag(args, "sort");
    const char *filter = cli_args_flag(args, "filter");
    if (cli_args_duration_ms(args, "interval", INTERVAL_MS, &interval_ms, &self.error) != AIRS_OK)
        return cli_args_refuse(&self.error);
    if (interval_ms < INTERVAL_MIN_MS || interval_ms > 3600000) {
        cli_error("--interval %s: must be from 100ms to 1h", cli_args_flag(args, "interval"));
        return CLI_EXIT_USAGE;
    }
    if (!once && !cli_terminal_usable()) {
        cli_error("`top` fills a terminal, and there is none: --once prints one frame");
        return CLI_EXIT_USAGE;
    }
    self.top.sort = sort ? (cli_top_sort)sort_of(sort) : CLI_TOP_SORT_TREE;
    snprintf(self.top.filter, sizeof self.top.filter, "%s", filter ? filter : "");
    cli_apps_find(args, &self.apps);
    airs_status status = connect_to(&self, &self.client, &self.error);
    if (status != AIRS_OK) {
        cli_apps_fini(&self.apps);
        cli_error("%s", self.error.text);
        return status == AIRS_E_INVALID ? CLI_EXIT_USAGE : cli_exit_of(status);
    }
    if (take_picture(&self)) {
        if (once)
            print_once(&self, interval_ms);
        else if (cli_terminal_enter())
            live_on(&self, interval_ms);
        else
            snprintf(self.error.text, sizeof self.error.text, "the terminal can't be driven");
    }
    cli_terminal_leave();
    node_client_close(&self.client);
    cli_top_fini(&self.top);
    cli_apps_fini(&self.apps);
    cJSON_Delete(self.actor);
    if (!self.error.text[0])
        return CLI_EXIT_OK;
    cli_error("%s", self.error.text);
    return self.error.status == AIRS_OK ? CLI_EXIT_FAILURE : cli_exit_of(self.error.status);
}

const cli_command cli_command_top = {
    .name = "top",
    .arguments = "",
    .summary = "shows a running node live: mailboxes, rates, memory, restarts",
    .details = "Fills the terminal with the actors of a running node, anew each second: state,\n"
               "messages that wait, messages handled in a second, how much of one processor it\n"
               "takes in percent, linear memory, restarts, how long it has been ready.\n"
               "\n"
               "  q            quits; so do Ctrl-C and the node's end\n"
               "  arrows, j k  move the mark; Page Up, Page Down, Home, End too\n"
               "  Enter, i     shows the marked actor and what it uses of its limits\n"
               "  s, S         orders by the next, or the last, of\n"
               "               " CLI_TOP_SORTS "\n"
               "  /            filters: part of a name, component, state; or a pattern with `*`\n"
               "  Esc          ends the filter\n"
               "  x            stops the marked actor with its children, when `y` follows\n"
               "  Tab, a       shows the next app, when several run and --node names none\n"
               "\n"
               "`--once` prints one frame as plain text and ends, 80 columns wide or as COLUMNS\n"
               "says; rates are those of one interval. Of several apps, a frame of each.\n",
    .flags = {{.name = "once", .help = "print one frame, and end"},
              {.name = "interval", .letter = 'i', .value = "TIME", .help = "how often it looks (1s)"},
              {.name = "sort", .value = "BY", .choices = CLI_TOP_SORTS, .help = "what the rows are ordered by (tree)"},
              {.name = "filter", .value = "TEXT", .help = "show these rows alone"},
              CLI_FLAG_NODE,
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT),
    .run = top_run,
};
