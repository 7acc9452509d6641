// SPDX-License-Identifier: MIT OR Apache-2.0
/// sim [SEEDS=n] [FIRST=k] [--seed s] [--workload name] [--twice]
///
/// Runs `SEEDS` seeds from `FIRST` on, each with the next workload in turn or with the one that is named. With `--seed`
/// that one only. With `--twice` each seed runs twice, and must give the same order. A seed that breaks a rule ends the
/// program, which prints how to run it again.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

typedef struct arguments {
    uint64_t first;
    uint64_t seeds;
    const workload *only;
    bool twice;
} arguments;

/// For the handler: how to run the current seed again.
static char again[160];

static void on_abort(int number)
{
    ssize_t put = write(STDERR_FILENO, again, strlen(again));
    (void)put;
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static const workload *workload_of(const char *name)
{
    for (uint32_t i = 0; i < workloads_count; i++) {
        if (strcmp(workloads[i].name, name) == 0)
            return &workloads[i];
    }
    return NULL;
}

static bool parse(int argc, char **argv, arguments *ret)
{
    *ret = (arguments){.first = 1, .seeds = 1000};
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "SEEDS=", 6) == 0)
            ret->seeds = strtoull(argv[i] + 6, NULL, 10);
        else if (strncmp(argv[i], "FIRST=", 6) == 0)
            ret->first = strtoull(argv[i] + 6, NULL, 10);
        else if (strcmp(argv[i], "--twice") == 0)
            ret->twice = true;
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            *ret = (arguments){strtoull(argv[++i], NULL, 10), 1, ret->only, ret->twice};
        else if (strcmp(argv[i], "--workload") == 0 && i + 1 < argc && (ret->only = workload_of(argv[++i])) != NULL)
            continue;
        else
            return false;
    }
    return true;
}

static const workload *workload_for(const arguments *from, uint64_t seed)
{
    return from->only != NULL ? from->only : &workloads[seed % workloads_count];
}

/// Says what was reached; false when something was not, by so many seeds of all workloads that it should have been, or
/// of the one that deploys.
static bool print_tally(const tally *total, bool all, bool deploys)
{
    bool complete = true, deployed = true;
#define TALLY_PRINT(name)                                             \
    printf("  %-18s %llu\n", #name, (unsigned long long)total->name); \
    complete &= total->name > 0;
    TALLY_MAP(TALLY_PRINT)
#undef TALLY_PRINT
#define TALLY_PRINT(name)                                             \
    printf("  %-18s %llu\n", #name, (unsigned long long)total->name); \
    deployed &= total->name > 0;
    DEPLOYS_MAP(TALLY_PRINT)
#undef TALLY_PRINT
    bool is_right = (complete || !all) && (deployed || !deploys);
    if (!is_right)
        fprintf(stderr, "something was never reached\n");
    return is_right;
}

static uint64_t run_seed(uint64_t seed, const workload *which, tally *total)
{
    (void)snprintf(again, sizeof again, "seed %llu of workload \"%s\"; again: sim --seed %llu --workload %s\n",
                   (unsigned long long)seed, which->name, (unsigned long long)seed, which->name);
    return world_run(seed, which, total);
}

int main(int argc, char **argv)
{
    arguments from;
    if (!parse(argc, argv, &from)) {
        fprintf(stderr, "usage: sim [SEEDS=n] [FIRST=k] [--seed s] [--workload name] [--twice]\n");
        return 2;
    }
    (void)signal(SIGABRT, on_abort);
    clock_t begin = clock();
    uint64_t last = 0;
    tally total = {0};
    for (uint64_t seed = from.first; seed < from.first + from.seeds; seed++) {
        const workload *which = workload_for(&from, seed);
        last = run_seed(seed, which, &total);
        if (from.twice && run_seed(seed, which, &total) != last) {
            fprintf(stderr, "two orders: %s", again);
            return 1;
        }
    }
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    printf("seeds %llu to %llu: %llu worlds, %.0f a second; hash of the last %016llx\n", (unsigned long long)from.first,
           (unsigned long long)(from.first + from.seeds - 1), (unsigned long long)from.seeds,
           (double)from.seeds / (seconds > 0 ? seconds : 1), (unsigned long long)last);
    bool deploys = from.only != NULL && (from.only->always & FEATURE_DEPLOYS) != 0;
    bool all = print_tally(&total, from.seeds >= 1000 && from.only == NULL, deploys && from.seeds >= 3000);
    // The rarest of what fails where comes once in some thousand seeds.
    if (deploys && !steps_report() && from.seeds >= 25000) {
        fprintf(stderr, "a fault was never met at a step, or at one that there is not\n");
        return 1;
    }
    return all ? 0 : 1;
}
