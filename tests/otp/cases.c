// SPDX-License-Identifier: MIT OR Apache-2.0
/// otp_cases --write FIRST COUNT      prints cases, drawn from their numbers
/// otp_cases --play FILE              plays them on the simulator, and prints what became of whom
///
/// A case is a tree and what is done to it; peer.escript plays the same with Erlang's `supervisor`. Lines of a case:
///
///     case N
///     sup ID PARENT STRATEGY INTENSITY RESTART AUTO_SHUTDOWN [significant]     parent -1: the root
///     leaf ID PARENT RESTART [significant]
///     do fail ID N      its next N starts fail
///     do trip ID OTHER  the next time it starts, OTHER crashes meanwhile
///     do crash ID
///     do done ID
///     end
///
/// After each crash and done comes a line: the case, the number of the line, and for each leaf whether it runs, its
/// starts that came back well, and all of them.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../stories/cast.h"
#include "base/random.h"

#define SUPERVISORS_MAX 4u
#define LEAVES_MAX 4u
#define DEEDS_MAX 14u

static const char *const strategies[] = {"one_for_one", "one_for_all", "rest_for_one"};
static const char *const restarts[] = {"permanent", "transient", "temporary"};
static const char *const shutdowns[] = {"any", "all", "never"};

// ---------------------------------------------------------------- drawing

typedef struct draw {
    base_random random;
    uint32_t next_id;
    /// Leaves, and the supervisor of each.
    uint32_t leaves[SUPERVISORS_MAX * LEAVES_MAX];
    uint32_t above[SUPERVISORS_MAX * LEAVES_MAX];
    uint32_t leaves_count;
    uint32_t supervisors_left;
    /// The root has groups.
    bool has_groups;
} draw;

static uint32_t below(draw *self, uint32_t bound)
{
    return base_random_below(&self->random, bound);
}

static void draw_leaf(draw *self, uint32_t parent, bool may_be_significant)
{
    uint32_t restart = below(self, 3);
    bool significant = may_be_significant && restart != 0 && below(self, 4) == 0;
    printf("leaf %u %u %s%s\n", self->next_id, parent, restarts[restart], significant ? " significant" : "");
    self->above[self->leaves_count] = parent;
    self->leaves[self->leaves_count++] = self->next_id++;
}

/// A temporary supervisor only where nobody ever starts its own supervisor again, nor ends it with a group: what has
/// ended for good stays ended here, and comes back there.
static void draw_supervisor(draw *self, int parent, bool may_be_temporary)
{
    uint32_t id = self->next_id++;
    uint32_t strategy = below(self, 3);
    self->has_groups |= parent < 0 && strategy != 0;
    uint32_t shutdown = below(self, 3);
    bool temporary = may_be_temporary && below(self, 4) == 0;
    // The root allows more, so that something is left to be looked at.
    uint32_t intensity = below(self, 5) + (parent < 0 ? below(self, 20) : 0);
    printf("sup %u %d %s %u %s %s\n", id, parent, strategies[strategy], intensity, restarts[temporary ? 2 : 0],
           shutdowns[shutdown]);
    uint32_t children = 1 + below(self, LEAVES_MAX);
    for (uint32_t i = 0; i < children; i++) {
        if (self->supervisors_left > 0 && below(self, 2) == 0) {
            self->supervisors_left--;
            draw_supervisor(self, (int)id, parent < 0 && strategy == 0);
        } else {
            draw_leaf(self, id, shutdown != 2);
        }
    }
}

/// Another leaf of the same supervisor; the same one when it is the only one.
static uint32_t sibling_of(draw *self, uint32_t index)
{
    for (uint32_t tries = 0; tries < 8; tries++) {
        uint32_t other = below(self, self->leaves_count);
        if (other != index && self->above[other] == self->above[index])
            return other;
    }
    return index;
}

static void draw_deeds(draw *self)
{
    uint32_t count = 1 + below(self, DEEDS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = below(self, self->leaves_count);
        uint32_t what = below(self, 10);
        if (what < 2)
            printf("do fail %u %u\n", self->leaves[below(self, self->leaves_count)], 1 + below(self, 3));
        uint32_t other = sibling_of(self, index);
        // Only where one supervisor is at work, and one thing at a time: else it is a race, there and here.
        if (what < 4 && other != index && self->has_groups && self->above[index] == 0)
            printf("do trip %u %u\n", self->leaves[index], self->leaves[other]);
        printf("do %s %u\n", what == 9 || what == 8 ? "done" : "crash", self->leaves[index]);
    }
}

static void write_case(uint64_t number)
{
    draw self = {.random = {number * UINT64_C(0x2545f4914f6cdd1d) + 1}};
    self.supervisors_left = below(&self, SUPERVISORS_MAX);
    printf("case %" PRIu64 "\n", number);
    draw_supervisor(&self, -1, false);
    if (self.leaves_count == 0)
        draw_leaf(&self, 0, false);
    draw_deeds(&self);
    printf("end\n");
}

// ---------------------------------------------------------------- playing

typedef struct play {
    cast cast;
    uint64_t number;
    uint32_t line;
} play;

static player *player_of(play *self, const char *id)
{
    return cast_find(&self->cast, id);
}

/// `deed` is who is to crash; the start goes on when that one has ended.
static void on_deed(cast *it, player *on, const char *deed)
{
    player *target = cast_find(it, deed);
    if (target != NULL)
        cast_crash_first(on, target);
}

static uint32_t index_of(const char *word, const char *const *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(word, names[i]) == 0)
            return i;
    }
    abort();
}

/// At most seven words.
static void add(play *self, char words[8][24], int count)
{
    part as = {.supervisor = strcmp(words[0], "sup") == 0};
    (void)snprintf(as.name, sizeof as.name, "%s", words[1]);
    as.under = player_of(self, words[2]);
    as.significant = strcmp(words[count - 1], "significant") == 0;
    as.restart = (airs_restart)index_of(words[as.supervisor ? 5 : 3], restarts, 3);
    if (as.supervisor)
        as.over = (supervisor_options){.strategy = (airs_strategy)index_of(words[3], strategies, 3),
                                       .auto_shutdown = (airs_auto_shutdown)index_of(words[6], shutdowns, 3),
                                       .max_restarts = (uint32_t)strtoul(words[4], NULL, 10),
                                       .window_ms = 3600000};
    if (cast_add(&self->cast, &as) != AIRS_OK || !cast_settle(&self->cast))
        abort();
}

static void print_all(play *self)
{
    printf("%" PRIu64 ".%u", self->number, self->line);
    for (uint32_t i = 0; i < self->cast.players_count; i++) {
        const player *it = &self->cast.players[i];
        if (!it->part.supervisor)
            printf(" %s:%s:%u/%u", it->part.name, cast_state(it) == AIRS_ACTOR_READY ? "up" : "down", it->starts,
                   it->attempts);
    }
    printf("\n");
}

static void act(play *self, char words[8][24])
{
    player *on = player_of(self, words[2]);
    self->line++;
    if (strcmp(words[1], "fail") == 0) {
        on->failing_starts = (uint32_t)strtoul(words[3], NULL, 10);
        return;
    }
    if (strcmp(words[1], "trip") == 0) {
        cue *made = &on->cues[0];
        on->cues_count = 1;
        *made = (cue){.at_start = true};
        (void)snprintf(made->deed, sizeof made->deed, "%s", words[3]);
        return;
    }
    if (cast_state(on) == AIRS_ACTOR_READY && strcmp(words[1], "crash") == 0)
        cast_crash(on);
    else if (cast_state(on) == AIRS_ACTOR_READY)
        cast_done(on);
    if (!cast_settle(&self->cast)) {
        fprintf(stderr, "case %" PRIu64 " goes on for ever\n", self->number);
        exit(1);
    }
    print_all(self);
}

static void begin(play *self, const char *number)
{
    *self = (play){.number = strtoull(number, NULL, 10)};
    cast_init(&self->cast, self->number);
    self->cast.deed = on_deed;
}

static int play_file(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 2;
    static play self;
    char line[256];
    while (fgets(line, sizeof line, file) != NULL) {
        char words[8][24] = {{0}};
        int count = sscanf(line, "%23s %23s %23s %23s %23s %23s %23s %23s", words[0], words[1], words[2], words[3],
                           words[4], words[5], words[6], words[7]);
        if (count < 1)
            continue;
        if (strcmp(words[0], "case") == 0)
            begin(&self, words[1]);
        else if (strcmp(words[0], "do") == 0)
            act(&self, words);
        else if (strcmp(words[0], "end") != 0)
            add(&self, words, count);
        else if (!cast_fini(&self.cast)) {
            fprintf(stderr, "case %" PRIu64 ": something was left\n", self.number);
            return 1;
        }
    }
    return fclose(file) == 0 ? 0 : 2;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--write") == 0) {
        uint64_t first = strtoull(argv[2], NULL, 10);
        uint64_t count = strtoull(argv[3], NULL, 10);
        for (uint64_t number = first; number < first + count; number++)
            write_case(number);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--play") == 0)
        return play_file(argv[2]);
    fprintf(stderr, "usage: otp_cases --write FIRST COUNT | --play FILE\n");
    return 2;
}
