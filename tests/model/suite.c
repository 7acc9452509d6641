// SPDX-License-Identifier: MIT OR Apache-2.0
/// The scenarios of a protocol as they are, and with each order weakened or each check left out: a checker that finds
/// nothing may just be blind.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model_impl.h"

static struct {
    const model_suite *suite;
    bool is_long;
    unsigned mutations;
    unsigned found;
    unsigned kept;
    unsigned wrong;
    double seconds_of_last;
} tally;

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool runs(const model_scenario *scenario)
{
    return tally.is_long || !scenario->is_long;
}

// The first scenario in which it fails; NULL.
static const model_scenario *first_failure(model_result *ret_result)
{
    double start = now_s();
    const model_scenario *failed = NULL;
    for (const model_scenario *at = tally.suite->scenarios; at->name != NULL && failed == NULL; at++) {
        if (!runs(at))
            continue;
        *ret_result = explore(at);
        if (ret_result->failed)
            failed = at;
    }
    tally.seconds_of_last = now_s() - start;
    return failed;
}

static void print_failure(const model_scenario *scenario, const model_result *result)
{
    printf("    in \"%s\" after %" PRIu64 " executions: %s\n", scenario->name, result->executions, explore_failure());
    trace_print(scenario);
}

// All scenarios have to hold.
static bool baseline(void)
{
    for (const model_scenario *at = tally.suite->scenarios; at->name != NULL; at++) {
        if (!runs(at))
            continue;
        double start = now_s();
        model_result result = explore(at);
        printf("%-10s %-58s %9" PRIu64 " states %9" PRIu64 " executions, %3u steps %7.2f s\n", tally.suite->name,
               at->name, result.states, result.executions, result.deepest, now_s() - start);
        if (result.failed || result.cut) {
            printf("%s\n", result.cut ? "    too many states" : "    DOES NOT HOLD");
            if (result.failed)
                print_failure(at, &result);
            return false;
        }
    }
    return true;
}

// ---------------------------------------------------------------- orders

static bool is_mutated(const model_site *site)
{
    for (const char *const *file = tally.suite->files; *file != NULL; file++) {
        if (strcmp(*file, trace_file(site->file)) == 0)
            return true;
    }
    return false;
}

// Which of a function's accesses of this kind to this object it is, from 1 on.
static unsigned place_of(const model_site *site)
{
    model_site *const *sites;
    unsigned count = explore_sites(&sites);
    unsigned place = 1;
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(sites[i]->function, site->function) == 0 && strcmp(sites[i]->object, site->object) == 0 &&
            sites[i]->kind == site->kind && sites[i]->line < site->line)
            place++;
    }
    return place;
}

static const model_kept *kept_of(const model_site *site)
{
    for (const model_kept *at = tally.suite->kept; at != NULL && at->function != NULL; at++) {
        if (strcmp(at->function, site->function) == 0 && strcmp(at->object, site->object) == 0 &&
            (at->kind == MODEL_ANY_OP || at->kind == site->kind) && (at->nth == 0 || at->nth == place_of(site)))
            return at;
    }
    return NULL;
}

static void print_site(const model_site *site)
{
    printf("%s:%d %s, %s %s of %s", trace_file(site->file), site->line, site->function, trace_order(site->order),
           trace_kind(site->kind), site->object);
}

// One mutation; true when it is found.
static bool try_order(const model_site *site, model_order order, bool fail_only)
{
    model_result result;
    explore_weaken(site, order, fail_only);
    const model_scenario *failed = first_failure(&result);
    explore_weaken(NULL, MODEL_RELAXED, false);
    tally.mutations++;
    print_site(site);
    printf("%s -> %s: %s (%.2f s)\n", fail_only ? ", only where it fails" : "", trace_order(order),
           failed != NULL ? "found" : "NOT FOUND", tally.seconds_of_last);
    if (failed != NULL) {
        tally.found++;
        print_failure(failed, &result);
    }
    return failed != NULL;
}

// The orders that are one step weaker.
static unsigned weaker(model_kind kind, model_order order, model_order *ret_orders)
{
    bool loads = kind == MODEL_LOAD_OP;
    bool stores = kind == MODEL_STORE_OP;
    switch (order) {
    case MODEL_SEQ_CST:
        ret_orders[0] = loads ? MODEL_ACQUIRE : stores ? MODEL_RELEASE : MODEL_ACQ_REL;
        return 1;
    case MODEL_ACQ_REL:
        ret_orders[0] = MODEL_ACQUIRE;
        ret_orders[1] = MODEL_RELEASE;
        return 2;
    case MODEL_ACQUIRE:
    case MODEL_RELEASE:
        ret_orders[0] = MODEL_RELAXED;
        return 1;
    case MODEL_RELAXED:
        break;
    }
    return 0;
}

static bool is_at_least(model_order order, model_order other)
{
    return order == other || order == MODEL_SEQ_CST || other == MODEL_RELAXED ||
           (order == MODEL_ACQ_REL && other != MODEL_SEQ_CST);
}

static void expect_found(const model_site *site, model_order order, bool fail_only)
{
    if (try_order(site, order, fail_only))
        return;
    tally.wrong++;
    printf("    WRONG: no scenario needs this order\n");
}

static void expect_harmless(const model_site *site, model_order order, bool fail_only, const char *why)
{
    bool found = try_order(site, order, fail_only);
    tally.wrong += found;
    tally.kept += !found;
    printf("    %s\n", found ? "WRONG: it is said to be harmless" : why);
}

// Each order that is one step weaker than `from`, but for those that are harmless because a weaker one is.
static void expect_weaker_found(const model_site *site, model_order from, const model_kept *kept)
{
    model_order orders[2];
    unsigned count = weaker(site->kind, from, orders);
    for (unsigned i = 0; i < count; i++) {
        if (kept == NULL || !is_at_least(orders[i], kept->weakest))
            expect_found(site, orders[i], false);
    }
}

static void weaken(const model_site *site)
{
    const model_kept *kept = kept_of(site);
    expect_weaker_found(site, site->order, kept);
    if (kept != NULL && kept->weakest != site->order) {
        expect_harmless(site, kept->weakest, false, kept->why);
        expect_weaker_found(site, kept->weakest, kept);
    }
    bool is_cas = site->kind == MODEL_CAS_OP || site->kind == MODEL_CAS_WEAK_OP;
    if (!is_cas || !model_acquires(kept != NULL ? kept->weakest : site->order))
        return;
    if (kept != NULL && kept->fails_relaxed)
        expect_harmless(site, MODEL_RELAXED, true, "what is read is not used where it fails");
    else
        expect_found(site, MODEL_RELAXED, true);
}

static void weaken_all(void)
{
    model_site *const *sites;
    unsigned count = explore_sites(&sites);
    for (unsigned i = 0; i < count; i++) {
        if (is_mutated(sites[i]))
            weaken(sites[i]);
    }
}

// ---------------------------------------------------------------- checks

static void remove_all(void)
{
    for (unsigned i = 0; tally.suite->checks[i].what != NULL; i++) {
        const model_removal *check = &tally.suite->checks[i];
        model_result result;
        (void)explore_remove(i + 1);
        const model_scenario *failed = first_failure(&result);
        bool reached = explore_remove(0);
        tally.mutations++;
        tally.found += failed != NULL;
        bool as_said = (failed == NULL) == (check->why_harmless != NULL) && reached;
        tally.kept += as_said && failed == NULL;
        tally.wrong += !as_said;
        printf("without: %s: %s (%.2f s)\n", check->what,
               failed != NULL ? "found"
               : reached      ? "NOT FOUND"
                              : "NOT REACHED",
               tally.seconds_of_last);
        if (failed != NULL)
            print_failure(failed, &result);
        else
            printf("    %s\n", as_said ? check->why_harmless : "WRONG: no scenario needs this check");
    }
}

int model_main(const model_suite *suite, int argc, char **argv)
{
    const char *length = getenv("MODEL");
    double start = now_s();
    tally.suite = suite;
    tally.is_long = length != NULL && strcmp(length, "long") == 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!baseline())
        return EXIT_FAILURE;
    if (argc > 1 && strcmp(argv[1], "checks") == 0)
        remove_all();
    else
        weaken_all();
    printf("%-10s %u mutations: %u found, %u kept for the reason given, %u wrong; %.1f s\n", suite->name,
           tally.mutations, tally.found, tally.kept, tally.wrong, now_s() - start);
    return tally.wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
