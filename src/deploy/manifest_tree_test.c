// SPDX-License-Identifier: MIT OR Apache-2.0
/// The supervision tree in a manifest: what is read, what can't be, what comes first.
#include "airssys/deploy.h"
#include "base/bytes.h"
#include "deploy/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/airssys-tree-XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    FILE *file = fopen("a.wasm", "w");
    return file ? fclose(file) : -1;
}

static int leave_folder(void **state)
{
    (void)state;
    unlink("a.wasm");
    return chdir("/") || rmdir(folder);
}

static airs_status parse(deploy_manifest *manifest, const char *text, airs_error *error)
{
    return deploy_manifest_parse(manifest, "airssys.toml", base_bytes_of(text), error);
}

static void parse_well(deploy_manifest *manifest, const char *text)
{
    airs_error error = {0};
    if (parse(manifest, text, &error) != AIRS_OK)
        fail_msg("%s, of:\n%s", error.text, text);
}

#define APP "[app]\nname = \"x\"\n"
#define ACTOR "[[actor]]\nname = \"a\"\ncomponent = \"a.wasm\"\n"
#define TEMPLATE(name) "[[template]]\nname = \"" name "\"\ncomponent = \"a.wasm\"\n"
#define GROUP(name) "[[supervisor.group]]\nname = \"" name "\"\n"
#define SIMPLE GROUP("g") "strategy = \"simple_one_for_one\"\n"
#define MAY_SPAWN(of, names) "[" of ".grants.spawn]\ntemplates = [" names "]\n"

typedef struct refusal {
    const char *text;
    /// Behind "airssys.toml:".
    const char *error;
} refusal;

static void check_refusals(const refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        deploy_manifest manifest = {0};
        airs_error error = {0};
        if (parse(&manifest, refusals[i].text, &error) == AIRS_OK)
            fail_msg("accepted: %s", refusals[i].text);
        assert_int_equal(error.status, AIRS_E_MANIFEST);
        if (strncmp(error.text, "airssys.toml:", 13) != 0 || strcmp(error.text + 13, refusals[i].error) != 0)
            fail_msg("of:\n%s\nexpected: %s\n  but got: %s", refusals[i].text, refusals[i].error, error.text + 13);
    }
}

#define CHECK_REFUSALS(list) check_refusals(list, sizeof(list) / sizeof *(list))

// What stands in APP and ACTOR together is five lines long.

static void supervisors_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const refusal refusals[] = {
        {APP ACTOR "[supervisor]\nstrategy = \"one_for_al\"\n",
         "7:12: `strategy` is \"one_for_al\": did you mean \"one_for_all\"? It is one of: one_for_one one_for_all "
         "rest_for_one simple_one_for_one"},
        {APP ACTOR "[supervisor]\nstrategy = \"best\"\n",
         "7:12: `strategy` is \"best\": must be one of: one_for_one one_for_all rest_for_one simple_one_for_one"},
        {APP ACTOR "[supervisor]\nstrategy = 1\n",
         "7:12: `strategy` must be a string, not an integer: strategy = \"…\""},
        {APP ACTOR "[supervisor]\nstrategy = \"simple_one_for_one\"\n",
         "7:12: the root can't be simple_one_for_one: give it to a [[supervisor.group]], with its `template`"},
        {APP ACTOR "[supervisor]\nmax_restarts = 1000001\n",
         "7:16: `max_restarts` must be from 0 to 1000000, not 1000001"},
        {APP ACTOR "[supervisor]\nwindow = \"0ms\"\n", "7:10: `window` must be from 1 ms to 49d 17h, not \"0ms\""},
        {APP ACTOR "[supervisor]\nwindow = \"100us\"\n",
         "7:10: `window` is \"100us\": a duration is a whole number and ms, s, m or h, such as \"5s\""},
        {APP ACTOR "[supervisor]\nauto_shutdown = \"some\"\n",
         "7:17: `auto_shutdown` is \"some\": must be one of: any all never"},
        {APP ACTOR "[supervisor]\nauto_shutdown = \"never\"\n[[actor]]\nname = \"b\"\ncomponent = \"a.wasm\"\n"
                   "restart = \"temporary\"\nsignificant = true\n",
         "12:15: `significant` below a supervisor with auto_shutdown = \"never\": choose \"any\" or \"all\" there, or "
         "take this out"},
        {APP ACTOR GROUP("g") "auto_shutdown = \"never\"\n" GROUP("h") "parent = \"g\"\nrestart = \"transient\"\n"
                                                                       "significant = true\n",
         "13:15: `significant` below a supervisor with auto_shutdown = \"never\": choose \"any\" or \"all\" there, or "
         "take this out"},
        {APP ACTOR "significant = true\n",
         "6:15: `significant` of what is permanent, and so never ends for good: say restart = \"transient\" or "
         "\"temporary\""},
        {APP ACTOR GROUP("g") "significant = true\n",
         "8:15: `significant` of what is permanent, and so never ends for good: say restart = \"transient\" or "
         "\"temporary\""},
        {APP ACTOR GROUP("g") "restart = \"never\"\n",
         "8:11: `restart` is \"never\": must be one of: permanent transient temporary"},
        // Cycles, of one, two and three, and what only hangs from one.
        {APP ACTOR GROUP("g") "parent = \"g\"\n",
         "8:10: group \"g\" is below itself: following `parent` never reaches the root"},
        {APP ACTOR GROUP("f") "parent = \"g\"\n" GROUP("g") "parent = \"h\"\n" GROUP("h") "parent = \"g\"\n",
         "11:10: group \"g\" is below itself: following `parent` never reaches the root"},
        {APP ACTOR GROUP("f") "parent = \"h\"\n" GROUP("g") "parent = \"f\"\n" GROUP("h") "parent = \"g\"\n",
         "8:10: group \"f\" is below itself: following `parent` never reaches the root"},
    };
    CHECK_REFUSALS(refusals);
}

static void templates_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const refusal refusals[] = {
        {APP ACTOR SIMPLE, "8:12: simple_one_for_one needs `template`, the name of a [[template]]"},
        {APP ACTOR SIMPLE "template = \"wroker\"\n" TEMPLATE("worker"),
         "9:12: `template` is \"wroker\", but there is no such template: did you mean \"worker\"?"},
        {APP ACTOR SIMPLE "template = \"t\"\n",
         "9:12: `template` is \"t\", but there is no such template: add a [[template]] of this name"},
        {APP ACTOR SIMPLE "template = \"a\"\n", "9:12: `template` is \"a\", which is an actor, not a template"},
        {APP ACTOR GROUP("g") "template = \"t\"\n" TEMPLATE("t"),
         "8:12: `template` goes with strategy = \"simple_one_for_one\" only"},
        {APP ACTOR GROUP("g") "max_children = 3\n",
         "8:16: `max_children` goes with strategy = \"simple_one_for_one\" only"},
        {APP ACTOR SIMPLE "template = \"t\"\nmax_children = 0\n" TEMPLATE("t"),
         "10:16: `max_children` must be from 1 to 4294967295, not 0"},
        {APP ACTOR "supervisor = \"g\"\n" SIMPLE "template = \"t\"\n" TEMPLATE("t"),
         "6:14: `supervisor` is \"g\", which is simple_one_for_one: its children are made of its template while it "
         "runs, and none is listed"},
        {APP ACTOR SIMPLE "template = \"t\"\n" TEMPLATE("t") GROUP("h") "parent = \"g\"\n",
         "15:10: `parent` is \"g\", which is simple_one_for_one: its children are made of its template while it "
         "runs, and none is listed"},
        {APP ACTOR SIMPLE "template = \"t\"\nauto_shutdown = \"never\"\n" TEMPLATE("t") "restart = \"transient\"\n"
                                                                                        "significant = true\n",
         "9:12: the template \"t\" is significant, but this group has auto_shutdown = \"never\""},
        {APP ACTOR TEMPLATE("a"), "7:8: the name \"a\" is taken, by line 4: names are unique in an app"},
        {APP ACTOR TEMPLATE("t") TEMPLATE("t"), "10:8: the name \"t\" is taken, by line 7: names are unique in an app"},
        {APP ACTOR TEMPLATE("t") "supervisor = \"g\"\n" GROUP("g"),
         "9:1: unknown key `supervisor` in [template]: known are name, component, restart, significant, config, "
         "env, args, stdin, limits, grants, backoff, health, on_failure, checkpoint, deploy"},
        {APP ACTOR "supervisor = \"t\"\n" TEMPLATE("t"),
         "6:14: `supervisor` is \"t\", which is a template, not a group"},
        {APP ACTOR "[[template]]\nname = \"t\"\ncomponent = \"b.wasm\"\n",
         "8:13: no such component file: b.wasm: build it, or correct the path"},
        // Who may spawn what.
        {APP ACTOR MAY_SPAWN("actor", "\"wroker\"") TEMPLATE("worker"),
         "7:14: `templates` is \"wroker\", but there is no such template: did you mean \"worker\"?"},
        {APP ACTOR MAY_SPAWN("actor", ""), "7:13: `templates` must have 1 to 1024 entries, not 0"},
        {APP ACTOR MAY_SPAWN("actor", "1"), "7:14: `templates` must be a string, not an integer: templates = \"…\""},
        {APP ACTOR "[actor.grants.spawn]\ntemplates = \"t\"\n",
         "7:13: `templates` must be a list of names, not a string: templates = [\"…\"]"},
        {APP ACTOR "[actor.grants.spawn]\nmax_children = 5\n", "6:1: `templates` is missing in [actor.grants.spawn]"},
        {APP ACTOR MAY_SPAWN("actor", "\"t\"") "max_children = 0\n" TEMPLATE("t"),
         "8:16: `max_children` must be from 1 to 4294967295, not 0"},
        {APP ACTOR MAY_SPAWN("actor", "\"t\", \"t\"") TEMPLATE("t"), "7:19: `templates` names \"t\" twice"},
        {APP ACTOR TEMPLATE("t") MAY_SPAWN("template", "\"t\""),
         "10:14: template \"t\" may spawn itself, and so without end"},
        {APP ACTOR TEMPLATE("t") MAY_SPAWN("template", "\"u\"") TEMPLATE("u") MAY_SPAWN("template", "\"t\""),
         "15:14: template \"t\" may spawn itself, and so without end"},
    };
    CHECK_REFUSALS(refusals);
}

static void settings_that_contradict_are_refused(void **state)
{
    (void)state;
    static const refusal refusals[] = {
        // Backoff: of the root, of groups, of actors, of templates.
        {APP ACTOR "[supervisor.backoff]\n", "6:1: `kind` is missing in [supervisor.backoff]"},
        {APP ACTOR "[supervisor.backoff]\nkind = \"exponentail\"\n",
         "7:8: `kind` is \"exponentail\": did you mean \"exponential\"? It is one of: immediate delay linear "
         "exponential"},
        {APP ACTOR "[supervisor.backoff]\nkind = \"immediate\"\ndelay = \"1s\"\n",
         "8:9: `delay` means nothing with kind = \"immediate\": take it out, or choose another kind"},
        {APP ACTOR GROUP("g") "[supervisor.group.backoff]\nkind = \"immediate\"\njitter = 0\n",
         "10:10: `jitter` means nothing with kind = \"immediate\": take it out, or choose another kind"},
        {APP ACTOR "[actor.backoff]\nkind = \"delay\"\nfactor = 2\n",
         "8:10: `factor` means nothing with kind = \"delay\": take it out, or choose another kind"},
        {APP ACTOR "[actor.backoff]\nkind = \"delay\"\nreset_after = \"1m\"\n",
         "8:15: `reset_after` means nothing with kind = \"delay\": take it out, or choose another kind"},
        {APP ACTOR TEMPLATE("t") "[template.backoff]\nkind = \"linear\"\nfactor = 2\n",
         "11:10: `factor` means nothing with kind = \"linear\": take it out, or choose another kind"},
        {APP ACTOR "[actor.backoff]\nkind = \"exponential\"\nfactor = 0.5\n", "8:10: `factor` must be from 1 to 100"},
        {APP ACTOR "[actor.backoff]\nkind = \"exponential\"\nfactor = nan\n", "8:10: `factor` must be from 1 to 100"},
        {APP ACTOR "[actor.backoff]\nkind = \"exponential\"\nfactor = \"2\"\n",
         "8:10: `factor` must be a number, not a string: factor = 2.0"},
        {APP ACTOR "[actor.backoff]\nkind = \"exponential\"\njitter = 101\n",
         "8:10: `jitter` must be from 0 to 100, not 101"},
        {APP ACTOR "[actor.backoff]\nkind = \"exponential\"\njitter = -1\n",
         "8:10: `jitter` must be from 0 to 100, not -1"},
        {APP ACTOR "[actor.backoff]\nkind = \"exponential\"\ndelay = \"0s\"\n",
         "8:9: `delay` must be from 1 ms to 1d 0h, not \"0s\""},
        {APP ACTOR "[actor.backoff]\nkind = \"linear\"\ndelay = \"2s\"\nmax = \"1s\"\n",
         "8:9: `delay` is 2000 ms, above `max`, which is 1000 ms"},
        {APP ACTOR "[actor.backoff]\nkind = \"delay\"\ndelay = \"1m\"\n",
         "8:9: `delay` is 60000 ms, above `max`, which is 30000 ms when it is not given"},
        {APP ACTOR "[actor.backoff]\nkind = \"linear\"\nmax = \"50ms\"\n",
         "8:7: `delay` is 100 ms when it is not given, above `max`, which is 50 ms"},
        {APP ACTOR "restart = \"temporary\"\n[actor.backoff]\nkind = \"immediate\"\n",
         "7:1: `backoff` of what is temporary, and so never started again"},
        // Health.
        {APP ACTOR "[actor.health]\ncheck = \"exports\"\n",
         "7:9: `check` is \"exports\": did you mean \"export\"? It is one of: none export message"},
        {APP ACTOR "[actor.health]\nmessage = \"ping\"\n", "7:11: `message` goes with check = \"message\" only"},
        {APP ACTOR "[actor.health]\ncheck = \"none\"\nmessage = \"\"\n",
         "8:11: `message` goes with check = \"message\" only"},
        {APP ACTOR "[actor.health]\ncheck = \"message\"\n",
         "6:1: check = \"message\" needs `message`, the payload that the actor answers to"},
        {APP ACTOR "[actor.health]\ninterval = \"0s\"\n", "7:12: `interval` must be from 1 ms to 1d 0h, not \"0s\""},
        {APP ACTOR "[actor.health]\ntimeout = \"0s\"\n", "7:11: `timeout` must be from 1 ms to 1d 0h, not \"0s\""},
        {APP ACTOR "[actor.health]\nfailures = 0\n", "7:12: `failures` must be from 1 to 1000000, not 0"},
        // What becomes of messages, and of state.
        {APP ACTOR "[actor.on_failure]\nretries = -1\n", "7:11: `retries` must be from 0 to 4294967295, not -1"},
        {APP ACTOR "restart = \"temporary\"\n[actor.on_failure]\nretries = 1\n",
         "8:11: `retries` of what is temporary: no incarnation follows that could handle the message again"},
        {APP ACTOR "[actor.on_failure]\nmessage = \"dead-letter\"\n",
         "7:11: `message` is \"dead-letter\": did you mean \"dead_letter\"? It is one of: dead_letter drop"},
        {APP ACTOR "[actor.on_failure]\nmailbox = \"drop\"\n",
         "7:11: `mailbox` is \"drop\": must be one of: keep clear"},
        {APP ACTOR "[actor.checkpoint]\n",
         "6:1: a checkpoint at no time: give `every_messages`, `every` or on_stop = true"},
        {APP ACTOR "[actor.checkpoint]\nevery_messages = 0\n",
         "7:18: `every_messages` must be from 1 to 4294967295, not 0"},
        {APP ACTOR "[actor.checkpoint]\nevery = \"0s\"\n", "7:9: `every` must be from 1 ms to 1d 0h, not \"0s\""},
        {APP ACTOR "[actor.checkpoint]\nmax_state = \"1MiB\"\n",
         "6:1: a checkpoint at no time: give `every_messages`, `every` or on_stop = true"},
        {APP ACTOR "[actor.checkpoint]\non_stop = true\nmax_state = \"65MiB\"\n",
         "8:13: `max_state` must be from 1 B to 64 MiB"},
        {APP ACTOR "[actor.limits]\nmax_message = 3\n[actor.health]\ncheck = \"message\"\nmessage = \"ping\"\n",
         "10:11: `message` has 4 bytes, `max_message` of the actor allows 3"},
        {APP ACTOR "[actor.limits]\nmax_mailbox_age = \"0s\"\n",
         "7:19: `max_mailbox_age` must be from 1 ms to 1d 0h, not \"0s\""},
    };
    CHECK_REFUSALS(refusals);
}

static void what_deployments_may_not_say(void **user)
{
    (void)user;
    static const refusal refusals[] = {
        {APP ACTOR "[actor.deploy]\ndrain_timeout = \"0s\"\n",
         "7:17: `drain_timeout` must be from 1 ms to 1d 0h, not \"0s\""},
        {APP ACTOR "[actor.deploy]\nparallel = 0\n", "7:12: `parallel` must be from 1 to 4294967295, not 0"},
        {APP ACTOR "[actor.deploy]\non_no_state = \"fersh\"\n",
         "7:15: `on_no_state` is \"fersh\": did you mean \"fresh\"? It is one of: auto fresh refuse"},
        {APP ACTOR "[actor.deploy]\nrollback_state = 1\n",
         "7:18: `rollback_state` must be a string, not an integer: rollback_state = \"…\""},
        {APP ACTOR "[actor.deploy]\ncanary = \"5\"\n", "7:10: `canary`: column 2: a share needs a %: 5%"},
        {APP ACTOR "[actor.deploy]\ncanary = 5\n", "7:10: `canary` must be a string, not an integer: canary = \"…\""},
        {APP ACTOR "[actor.deploy]\ncanary = \"5%\"\ncanary_by = \"sendr\"\n",
         "8:13: `canary_by` is \"sendr\": did you mean \"sender\"? It is one of: auto instance sender message"},
        {APP ACTOR "[actor.deploy]\ncanary = \"5%\"\npromote_when = \"errors<1\"\n",
         "8:16: `promote_when`: column 9: errors are a share: the number needs a %"},
        {APP ACTOR "[actor.deploy]\ncanary = \"5%\"\nrollback_when = \"for 5s\"\n",
         "8:17: `rollback_when`: column 1: a metric is expected before `for`"},
        {APP ACTOR "[actor.deploy]\npromote_when = \"errors<1%\"\n",
         "7:16: `promote_when` is of a canary: give `canary`, its share"},
        {APP ACTOR "[actor.deploy]\nrollback_when = \"errors<1%\"\n",
         "7:17: `rollback_when` is of a canary: give `canary`, its share"},
    };
    CHECK_REFUSALS(refusals);
}

/// Adds to `text`, which has `size` bytes.
static void append(char *text, size_t size, const char *format, ...) AIRS_PRINTF(3, 4);
static void append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list list;
    va_start(list, format);
    vsnprintf(text + used, size - used, format, list);
    va_end(list);
}

/// Grants all templates of a level to whatever stands at the end of the text.
static void grant_level(char *text, size_t size, int level, int width)
{
    append(text, size, "grants = { spawn = { templates = [");
    for (int i = 0; i < width; i++)
        append(text, size, "%s\"t%d.%d\"", i > 0 ? ", " : "", level, i);
    append(text, size, "] } }\n");
}

static void templates_are_few_levels_deep(void **state)
{
    (void)state;
    for (int levels = 8; levels <= 9; levels++) {
        char text[4096] = APP ACTOR;
        for (int level = 1; level <= levels; level++) {
            grant_level(text, sizeof text, level, 1);
            append(text, sizeof text, "[[template]]\nname = \"t%d.0\"\ncomponent = \"a.wasm\"\n", level);
        }
        deploy_manifest manifest = {0};
        airs_error error = {0};
        assert_int_equal(parse(&manifest, text, &error), levels == 8 ? AIRS_OK : AIRS_E_MANIFEST);
        deploy_manifest_close(&manifest);
    }
}

static void templates_do_not_multiply_without_bound(void **state)
{
    (void)state;
    static char text[16384];
    for (int width = 2; width <= 4; width++) {
        snprintf(text, sizeof text, "%s", APP ACTOR);
        grant_level(text, sizeof text, 1, width);
        for (int level = 1; level <= 5; level++) {
            for (int i = 0; i < width; i++) {
                append(text, sizeof text, "[[template]]\nname = \"t%d.%d\"\ncomponent = \"a.wasm\"\n", level, i);
                if (level < 5)
                    grant_level(text, sizeof text, level + 1, width);
            }
        }
        deploy_manifest manifest = {0};
        airs_error error = {0};
        // 62, 363 and 1,364 templates.
        assert_int_equal(parse(&manifest, text, &error), width < 4 ? AIRS_OK : AIRS_E_MANIFEST);
        if (width == 4)
            assert_non_null(strstr(error.text, "more than 1024 templates"));
        deploy_manifest_close(&manifest);
    }
}

static void a_supervisor_says_all_of_it(void **state)
{
    (void)state;
    deploy_manifest manifest = {0};
    parse_well(&manifest,
               APP "[supervisor]\nstrategy = \"one_for_all\"\nmax_restarts = 0\nauto_shutdown = \"all\"\n"
                   "[supervisor.backoff]\nkind = \"linear\"\ndelay = \"7ms\"\n" ACTOR GROUP(
                       "g") "strategy = \"simple_one_for_one\"\ntemplate = \"t\"\nmax_children = 9\n"
                            "max_restarts = 1000000\nwindow = \"1ms\"\nauto_shutdown = \"never\"\n"
                            "restart = \"transient\"\nsignificant = true\n"
                            "[supervisor.group.backoff]\nkind = \"exponential\"\ndelay = \"1s\"\nfactor = 1.5\n"
                            "max = \"2m\"\njitter = 25\nreset_after = \"3m\"\n" TEMPLATE("t"));
    assert_int_equal(manifest.root.strategy, AIRS_ONE_FOR_ALL);
    assert_int_equal(manifest.root.max_restarts, 0);
    assert_int_equal(manifest.root.auto_shutdown, AIRS_AUTO_SHUTDOWN_ALL);
    airs_backoff backoff = deploy_backoff_options(&manifest.root.backoff);
    assert_int_equal(backoff.kind, AIRS_BACKOFF_LINEAR);
    assert_int_equal(backoff.delay_ms, 7);

    airs_supervisor_options group = deploy_group_options(&manifest.groups[0], (airs_actor_id){4});
    assert_string_equal(group.name, "g");
    assert_int_equal(group.supervisor.raw, 4);
    assert_int_equal(group.strategy, AIRS_SIMPLE_ONE_FOR_ONE);
    assert_int_equal(group.children_max, 9);
    assert_int_equal(group.max_restarts, 1000000);
    assert_int_equal(group.window_ms, 1);
    assert_int_equal(group.auto_shutdown, AIRS_AUTO_SHUTDOWN_NEVER);
    assert_int_equal(group.restart, AIRS_RESTART_TRANSIENT);
    assert_true(group.significant);
    assert_int_equal(group.backoff.kind, AIRS_BACKOFF_EXPONENTIAL);
    assert_int_equal(group.backoff.delay_ms, 1000);
    assert_true(group.backoff.factor > 1.49 && group.backoff.factor < 1.51);
    assert_int_equal(group.backoff.delay_max_ms, 120000);
    assert_int_equal(group.backoff.jitter_percent, 25);
    assert_int_equal(group.backoff.reset_after_ms, 180000);
    deploy_manifest_close(&manifest);
}

static void an_actor_says_all_of_it(void **state)
{
    (void)state;
    deploy_manifest manifest = {0};
    parse_well(&manifest, APP ACTOR
               "[actor.limits]\nmax_mailbox_age = \"2s\"\nmax_connections = 9\n"
               "[actor.backoff]\nkind = \"delay\"\ndelay = \"3s\"\njitter = 100\n"
               "[actor.health]\ncheck = \"message\"\ninterval = \"1s\"\ntimeout = \"2s\"\n"
               "failures = 4\nstart_grace = \"5s\"\nmessage = \"ping\"\n"
               "[actor.on_failure]\nretries = 6\nmessage = \"drop\"\nmailbox = \"clear\"\n"
               "[actor.checkpoint]\nevery_messages = 7\nevery = \"8s\"\non_stop = true\nmax_state = \"9KiB\"\n"
               "[actor.deploy]\ndrain_timeout = \"2s\"\nprobation = \"0s\"\non_no_state = \"fresh\"\n"
               "rollback_state = \"snapshot\"\nparallel = 3\ncanary = \"2.5%\"\ncanary_by = \"sender\"\n"
               "promote_when = \"errors<1% for 5s\"\nrollback_when = \"errors>5%\"\n"
               "[actor.grants.spawn]\ntemplates = [\"t\", \"u\"]\nmax_children = 12\n" TEMPLATE("t") TEMPLATE("u"));
    airs_spawn_options actor = deploy_actor_options(&manifest.actors[0], (airs_actor_id){0});
    assert_int_equal(actor.limits.max_mailbox_age_ms, 2000);
    assert_int_equal(actor.limits.max_connections, 9);
    assert_int_equal(actor.backoff.kind, AIRS_BACKOFF_DELAY);
    assert_int_equal(actor.backoff.delay_ms, 3000);
    assert_int_equal(actor.backoff.jitter_percent, 100);
    assert_int_equal(actor.health.kind, AIRS_HEALTH_MESSAGE);
    assert_int_equal(actor.health.interval_ms, 1000);
    assert_int_equal(actor.health.timeout_ms, 2000);
    assert_int_equal(actor.health.failures_max, 4);
    assert_int_equal(actor.health.start_grace_ms, 5000);
    assert_int_equal(actor.health.probe.len, 4);
    assert_memory_equal(actor.health.probe.data, "ping", 4);
    assert_int_equal(actor.on_failure.retries, 6);
    assert_true(actor.on_failure.drop_message);
    assert_true(actor.on_failure.clear_mailbox);
    assert_int_equal(actor.checkpoint.every_messages, 7);
    assert_int_equal(actor.checkpoint.every_ms, 8000);
    assert_true(actor.checkpoint.on_stop);
    assert_int_equal(actor.checkpoint.max_state, 9 << 10);
    assert_int_equal(actor.children_max, 12);
    const deploy_policy *policy = &manifest.actors[0].policy;
    assert_int_equal(policy->drain_timeout_ms, 2000);
    assert_true(policy->probation_ms == 0 && policy->probation_at.line > 0);
    assert_int_equal(policy->on_no_state, AIRS_NO_STATE_FRESH);
    assert_int_equal(policy->rollback_state, AIRS_ROLLBACK_SNAPSHOT);
    assert_int_equal(policy->parallel_max, 3);
    assert_string_equal(policy->canary.text, "2.5%");
    assert_int_equal(policy->canary_by, AIRS_CANARY_BY_SENDER);
    assert_string_equal(policy->promote_when.text, "errors<1% for 5s");
    assert_string_equal(policy->rollback_when.text, "errors>5%");
    assert_int_equal(manifest.actors[0].spawn.templates.count, 2);
    assert_int_equal(deploy_place_of(&manifest, DEPLOY_KIND_TEMPLATE, "u"), 1);
    deploy_manifest_close(&manifest);
}

/// Of an actor that says nothing, its own export is asked for its health, and nothing else is unlike the library's
/// defaults.
static void an_actor_that_says_nothing_has_the_defaults(void **state)
{
    (void)state;
    deploy_manifest manifest = {0};
    parse_well(&manifest, APP ACTOR);
    airs_spawn_options actor = deploy_actor_options(&manifest.actors[0], (airs_actor_id){0});
    assert_int_equal(actor.health.kind, AIRS_HEALTH_CHECK);
    assert_int_equal(actor.health.interval_ms, 0);
    assert_int_equal(actor.backoff.kind, AIRS_BACKOFF_INHERIT);
    assert_int_equal(actor.on_failure.retries, 0);
    assert_false(actor.on_failure.drop_message || actor.on_failure.clear_mailbox);
    assert_int_equal(actor.checkpoint.every_messages + actor.checkpoint.every_ms + actor.checkpoint.on_stop, 0);
    deploy_manifest_close(&manifest);
}

static void check_starts(const char *text, const char *expected)
{
    deploy_manifest manifest = {0};
    parse_well(&manifest, text);
    char starts[256] = "";
    for (size_t i = 0; i < manifest.starts_count; i++) {
        size_t used = strlen(starts);
        snprintf(starts + used, sizeof starts - used, "%s%s", used ? " " : "", manifest.starts[i].name->text);
    }
    assert_string_equal(starts, expected);
    deploy_manifest_close(&manifest);
}

#define CHILD(name, group) "[[actor]]\nname = \"" name "\"\ncomponent = \"a.wasm\"\nsupervisor = \"" group "\"\n"

static void all_start_in_the_order_of_the_file(void **state)
{
    (void)state;
    check_starts(APP ACTOR, "a");
    check_starts(APP ACTOR GROUP("g") CHILD("b", "g") CHILD("c", "g"), "a g b c");
    check_starts(APP GROUP("g") ACTOR CHILD("b", "g"), "g a b");
    // A group before what belongs to it, wherever it stands; and its own group before that.
    check_starts(APP ACTOR CHILD("b", "inner") CHILD("c", "other") GROUP("inner") "parent = \"outer\"\n" GROUP("outer")
                     GROUP("other"),
                 "a outer inner b other c");
    // A list of inline tables is on one line.
    check_starts(
        "supervisor = { group = [{ name = \"g\" }] }\nactor = [{ name = \"a\", component = \"a.wasm\" }, { name = "
        "\"b\", component = \"a.wasm\" }]\n" APP,
        "g a b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(supervisors_that_cannot_be_are_refused),
        cmocka_unit_test(templates_that_cannot_be_are_refused),
        cmocka_unit_test(settings_that_contradict_are_refused),
        cmocka_unit_test(what_deployments_may_not_say),
        cmocka_unit_test(templates_are_few_levels_deep),
        cmocka_unit_test(templates_do_not_multiply_without_bound),
        cmocka_unit_test(a_supervisor_says_all_of_it),
        cmocka_unit_test(an_actor_says_all_of_it),
        cmocka_unit_test(an_actor_that_says_nothing_has_the_defaults),
        cmocka_unit_test(all_start_in_the_order_of_the_file),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
