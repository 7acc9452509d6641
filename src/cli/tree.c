// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/apps.h"
#include "cli/args.h"
#include "cli/draw.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "node/records.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define TREE_TIMEOUT_MS 5000

/// Whether an actor is why the app is not ready.
static bool is_missing(const airs_actor_info *actor)
{
    return actor->state != AIRS_ACTOR_READY && actor->hold != AIRS_HOLD_ENDED && actor->kind != AIRS_KIND_SUPERVISOR;
}

/// "shop  ready", "shop  not ready, 2 of 5 actors are not"
static void print_heading(const cJSON *result, const airs_actor_info *actors, size_t count)
{
    bool ready = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(result, "ready"));
    const char *app = cli_field_text(result, "app");
    fputs(cli_style_on(stdout, CLI_STYLE_BOLD), stdout);
    cli_write_escaped(stdout, app, strlen(app));
    fputs(cli_style_on(stdout, CLI_STYLE_PLAIN), stdout);
    printf("  %s%s%s", cli_style_on(stdout, ready ? CLI_STYLE_GREEN : CLI_STYLE_YELLOW), ready ? "ready" : "not ready",
           cli_style_on(stdout, CLI_STYLE_PLAIN));
    size_t leaves = 0;
    size_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        leaves += actors[i].kind != AIRS_KIND_SUPERVISOR;
        missing += is_missing(&actors[i]);
    }
    if (missing > 0)
        printf(", %zu of %zu actors %s not", missing, leaves, missing == 1 ? "is" : "are");
    putchar('\n');
}

typedef char tree_note[CLI_CANARY_MAX + 8];

/// "canary 5% of 2.0.0 by sender for 12 s"; NULL: no canary runs on it.
static const char *note_of(const cJSON *actor, tree_note text)
{
    char canary[CLI_CANARY_MAX];
    if (!*cli_canary_text(canary, actor))
        return NULL;
    snprintf(text, sizeof(tree_note), "canary %s", canary);
    return text;
}

static cli_exit draw(const cJSON *result, bool top)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(result, "actors");
    size_t count = (size_t)cJSON_GetArraySize(list);
    airs_actor_info *actors = calloc(count + 1, sizeof *actors);
    const char **notes = calloc(count + 1, sizeof *notes);
    tree_note *texts = calloc(count + 1, sizeof *texts);
    bool drawn = actors && notes && texts;
    if (drawn) {
        size_t filled = 0;
        const cJSON *actor;
        cJSON_ArrayForEach(actor, list)
        {
            node_actor_parse(actor, &actors[filled]);
            notes[filled] = note_of(actor, texts[filled]);
            filled++;
        }
        // Of a branch it is not known what else there is.
        if (!top)
            print_heading(result, actors, count);
        drawn = cli_draw_tree(stdout, actors, notes, count, top, cli_draw_boxes());
    }
    free(actors);
    free(notes);
    free(texts);
    if (!drawn)
        cli_error("out of memory: the tree");
    return drawn ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}

/// Of one app, or of each of several, one below the other.
static cli_exit draw_all(const cJSON *result, bool top)
{
    const cJSON *apps = cJSON_GetObjectItemCaseSensitive(result, "apps");
    cli_exit code = apps ? CLI_EXIT_OK : draw(result, top);
    const cJSON *app;
    cJSON_ArrayForEach(app, apps)
    {
        if (app != apps->child)
            putchar('\n');
        cli_exit drawn = draw(app, top);
        code = drawn == CLI_EXIT_OK ? code : drawn;
    }
    return code;
}

static cli_exit tree_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    cJSON *result = NULL;
    cli_apps apps;
    cli_apps_find(args, &apps);
    cli_exit code = !name && apps.count > 1 ? cli_apps_ask_all(&apps, "tree", NULL, TREE_TIMEOUT_MS, &result)
                                            : cli_remote_ask(args, "tree", name ? cli_remote_request(name) : NULL,
                                                             name ? name : "", TREE_TIMEOUT_MS, &result);
    cli_apps_fini(&apps);
    if (!result)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? code : CLI_EXIT_FAILURE;
    cli_exit drawn = draw_all(result, name != NULL);
    cJSON_Delete(result);
    return drawn == CLI_EXIT_OK ? code : drawn;
}

const cli_command cli_command_tree = {
    .name = "tree",
    .arguments = "[NAME]",
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "draws the supervision tree of a running node",
    .details = "Draws the supervision tree of a running node, or of one supervisor of it: the\n"
               "state of each actor, its component (of a supervisor: its strategy), and what is\n"
               "the matter: the canary that runs, restarts, when the next one is due, why it\n"
               "failed, what it says of its own health.\n"
               "\n"
               "In the place of `ready`, `starting`, `stopping` or `failed` stands why an actor\n"
               "does not go on:\n"
               "  backoff      it failed, and is started again after a delay\n"
               "  paused       it takes no messages until `airssys resume`\n"
               "  quarantined  it is not started again until `airssys release`\n"
               "  ended        it ended as it should; its place in the tree is kept\n"
               "or `degraded` or `unhealthy`, as its last health check said.\n"
               "\n"
               "The app is ready when each of its actors is, or has ended as it should. With\n"
               "`-o json`: `app`, `ready`, and `actors`, each supervisor before its children.\n"
               "Of several apps, when --node names none, one tree below the other; with `-o\n"
               "json`: `apps`, of each what it is of one.\n",
    .flags = {CLI_FLAG_OUTPUT, CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT),
    .run = tree_run,
};
