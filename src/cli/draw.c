// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/draw.h"

#include "base/quantity.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/table.h"
#include "node/records.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// Deeper trees are drawn as if the rest stood here.
#define DEPTH_MAX 32
#define NAME_WIDTH_MIN 12
#define WORD_WIDTH_MIN 9
// Of the last failure, which `airssys why` shows in full.
#define FAILURE_SHOWN 80

typedef struct drawing {
    FILE *stream;
    const airs_actor_info *actors;
    const char *const *notes;
    size_t count;
    int name_width;
    int word_width;
    bool boxes;
    /// Of each actor: how deep it stands, and whether it is its supervisor's last child.
    uint8_t *depths;
    bool *lasts;
} drawing;

bool cli_draw_boxes(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

const char *cli_actor_word(const airs_actor_info *actor)
{
    if (actor->hold != AIRS_HOLD_NONE)
        return airs_hold_name(actor->hold);
    if (actor->state == AIRS_ACTOR_READY && actor->health != AIRS_HEALTH_HEALTHY)
        return node_health_name(actor->health);
    return airs_actor_state_name(actor->state);
}

const char *cli_actor_what(const airs_actor_info *actor, char text[CLI_WHAT_MAX])
{
    bool supervises = actor->kind == AIRS_KIND_SUPERVISOR;
    const char *second = supervises ? actor->component : actor->version;
    snprintf(text, CLI_WHAT_MAX, "%s%s%s", supervises ? "supervisor" : actor->component, *second ? " " : "", second);
    return text;
}

double cli_canary_share(const cJSON *actor)
{
    const cJSON *canary = cJSON_GetObjectItemCaseSensitive(actor, "canary");
    return canary ? (double)cli_field_number(canary, "ppm") / 10000.0 : -1;
}

const char *cli_canary_text(char text[CLI_CANARY_MAX], const cJSON *actor)
{
    char age[BASE_QUANTITY_MAX], share[BASE_QUANTITY_MAX];
    const cJSON *canary = cJSON_GetObjectItemCaseSensitive(actor, "canary");
    text[0] = '\0';
    if (canary)
        snprintf(text, CLI_CANARY_MAX, "%s%% of %.64s by %.16s for %s",
                 base_number_format(share, cli_canary_share(actor), 4), cli_field_text(canary, "new_version"),
                 cli_field_text(canary, "by"),
                 base_duration_format(age, cli_field_number(canary, "age_ms") * 1000000u));
    return text;
}

static cli_style style_of(const airs_actor_info *actor)
{
    if (actor->hold == AIRS_HOLD_ENDED)
        return CLI_STYLE_DIM;
    if (actor->hold == AIRS_HOLD_QUARANTINED || actor->health == AIRS_HEALTH_UNHEALTHY ||
        (actor->hold == AIRS_HOLD_NONE && actor->state == AIRS_ACTOR_FAILED))
        return CLI_STYLE_RED;
    bool well =
        actor->hold == AIRS_HOLD_NONE && actor->state == AIRS_ACTOR_READY && actor->health == AIRS_HEALTH_HEALTHY;
    return well ? CLI_STYLE_GREEN : CLI_STYLE_YELLOW;
}

// ---------------------------------------------------------------- a line

/// The name, "#17" of one that has none.
static const char *name_of(const airs_actor_info *actor, char text[24])
{
    if (actor->name[0])
        return actor->name;
    snprintf(text, 24, "#%" PRIu64, actor->id.raw);
    return text;
}

static void add_note(FILE *stream, const char *label, const char *text)
{
    fprintf(stream, ", %s", label);
    size_t len = strlen(text);
    size_t shown = len > FAILURE_SHOWN ? FAILURE_SHOWN : len;
    // Not inside of a character.
    while (shown < len && shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80)
        shown--;
    cli_write_escaped(stream, text, shown);
    if (shown < len)
        fputs("...", stream);
}

/// What there is to say besides: restarts, the next one, what it says of its health, why it is not well.
static void draw_notes(FILE *stream, const airs_actor_info *actor, const char *note)
{
    char due[BASE_QUANTITY_MAX];
    if (note)
        add_note(stream, "", note);
    if (actor->restarts > 0)
        fprintf(stream, ", %" PRIu64 " restart%s", actor->restarts, actor->restarts == 1 ? "" : "s");
    if (actor->hold == AIRS_HOLD_BACKOFF)
        fprintf(stream, ", starts in %s", base_duration_format(due, actor->restart_due_ms * 1000000u));
    if (actor->health != AIRS_HEALTH_HEALTHY && actor->health_text[0])
        add_note(stream, "", actor->health_text);
    bool fails =
        actor->hold == AIRS_HOLD_BACKOFF || actor->hold == AIRS_HOLD_QUARANTINED || actor->state == AIRS_ACTOR_FAILED;
    if (fails && actor->last_failure[0])
        add_note(stream, "failed: ", actor->last_failure);
}

static void draw_actor(const drawing *tree, size_t at, int width)
{
    FILE *stream = tree->stream;
    const airs_actor_info *actor = &tree->actors[at];
    char number[24];
    const char *name = name_of(actor, number);
    const char *word = cli_actor_word(actor);
    cli_write_escaped(stream, name, strlen(name));
    int padding = width - (int)cli_text_width(name);
    fprintf(stream, "%*s  ", padding > 0 ? padding : 0, "");
    fprintf(stream, "%s%-*s%s  ", cli_style_on(stream, style_of(actor)), tree->word_width, word,
            cli_style_on(stream, CLI_STYLE_PLAIN));
    char what[CLI_WHAT_MAX];
    cli_actor_what(actor, what);
    cli_write_escaped(stream, what, strlen(what));
    draw_notes(stream, actor, tree->notes ? tree->notes[at] : NULL);
    fputc('\n', stream);
}

// ---------------------------------------------------------------- the tree

/// Each supervisor stands before its children, so that `above` holds the way from the root to the actor before.
static bool measure_depths(drawing *tree)
{
    size_t *above = malloc((tree->count + 1) * sizeof *above);
    if (!above)
        return false;
    size_t depth = 0;
    for (size_t i = 0; i < tree->count; i++) {
        while (depth > 0 && !airs_actor_id_equal(tree->actors[above[depth - 1]].id, tree->actors[i].supervisor))
            depth--;
        tree->depths[i] = (uint8_t)(depth < DEPTH_MAX ? depth : DEPTH_MAX - 1);
        above[depth++] = i;
    }
    free(above);
    bool later[DEPTH_MAX] = {false};
    for (size_t i = tree->count; i-- > 0;) {
        size_t at = tree->depths[i];
        tree->lasts[i] = !later[at];
        later[at] = true;
        memset(&later[at + 1], 0, (DEPTH_MAX - 1 - at) * sizeof *later);
    }
    return true;
}

/// `shift` levels are not drawn.
static void measure_widths(drawing *tree, int shift)
{
    for (size_t i = (size_t)shift; i < tree->count; i++) {
        char number[24];
        int name = (int)cli_text_width(name_of(&tree->actors[i], number)) + 3 * (tree->depths[i] - shift);
        int word = (int)strlen(cli_actor_word(&tree->actors[i]));
        if (name > tree->name_width)
            tree->name_width = name;
        if (word > tree->word_width)
            tree->word_width = word;
    }
}

static void draw_all(const drawing *tree, size_t first)
{
    // Of each level: whether more of its children come below.
    bool open[DEPTH_MAX] = {false};
    for (size_t i = first; i < tree->count; i++) {
        size_t depth = tree->depths[i];
        depth -= first > 0 && depth > 0 ? 1 : 0;
        for (size_t level = 0; level < depth; level++)
            fputs(!open[level] ? "   " : tree->boxes ? "│  " : "|  ", tree->stream);
        if (tree->boxes)
            fputs(tree->lasts[i] ? "└─ " : "├─ ", tree->stream);
        else
            fputs(tree->lasts[i] ? "`- " : "|- ", tree->stream);
        draw_actor(tree, i, tree->name_width - 3 * (int)depth);
        open[depth] = !tree->lasts[i];
    }
}

bool cli_draw_tree(FILE *stream, const airs_actor_info *actors, const char *const *notes, size_t count, bool top,
                   bool boxes)
{
    drawing tree = {.stream = stream,
                    .actors = actors,
                    .notes = notes,
                    .count = count,
                    .name_width = NAME_WIDTH_MIN,
                    .word_width = WORD_WIDTH_MIN,
                    .boxes = boxes,
                    .depths = calloc(count + 1, sizeof *tree.depths),
                    .lasts = calloc(count + 1, sizeof *tree.lasts)};
    bool measured = tree.depths && tree.lasts && measure_depths(&tree);
    if (measured) {
        measure_widths(&tree, top ? 0 : 1);
        draw_all(&tree, top ? 0 : 1);
    }
    free(tree.depths);
    free(tree.lasts);
    return measured;
}
