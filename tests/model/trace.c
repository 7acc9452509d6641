// SPDX-License-Identifier: MIT OR Apache-2.0
/// The interleaving of the execution that runs, for people.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model_impl.h"

#define STEPS_MAX 1024
#define NAMES_MAX 64

static struct {
    model_outcome steps[STEPS_MAX];
    unsigned count;
    struct {
        const void *object;
        const char *name;
    } names[NAMES_MAX];
    unsigned names_count;
} trace;

void trace_reset(void)
{
    trace.count = 0;
    trace.names_count = 0;
}

void trace_add(const model_outcome *outcome)
{
    if (trace.count < STEPS_MAX)
        trace.steps[trace.count++] = *outcome;
}

void model_name(const void *object, const char *name)
{
    if (trace.names_count == NAMES_MAX)
        return;
    trace.names[trace.names_count].object = object;
    trace.names[trace.names_count++].name = name;
}

static const char *name_of(const void *object)
{
    for (unsigned i = 0; i < trace.names_count; i++) {
        if (trace.names[i].object == object)
            return trace.names[i].name;
    }
    return NULL;
}

void trace_object_name(const void *address, char *ret_name, size_t size)
{
    const char *name = name_of(address);
    // A race is found in words of 4 bytes, and a name may belong to what begins before.
    const void *start = (const void *)((uintptr_t)address & ~(uintptr_t)7);
    if (name == NULL)
        name = name_of(start);
    if (name != NULL)
        snprintf(ret_name, size, "%s", name);
    else
        snprintf(ret_name, size, "%p", address);
}

const char *trace_order(model_order order)
{
    static const char *const names[] = {"relaxed", "acquire", "release", "acq_rel", "seq_cst"};
    return names[order];
}

const char *trace_kind(model_kind kind)
{
    static const char *const names[] = {
        [MODEL_ANY_OP] = "any",
        [MODEL_LOAD_OP] = "load",
        [MODEL_AWAIT_OP] = "await",
        [MODEL_STORE_OP] = "store",
        [MODEL_INIT_OP] = "init",
        [MODEL_EXCHANGE_OP] = "exchange",
        [MODEL_ADD_OP] = "fetch_add",
        [MODEL_SUB_OP] = "fetch_sub",
        [MODEL_OR_OP] = "fetch_or",
        [MODEL_AND_OP] = "fetch_and",
        [MODEL_CAS_OP] = "cas",
        [MODEL_CAS_WEAK_OP] = "cas_weak",
        [MODEL_LOCK_OP] = "lock",
        [MODEL_FUTEX_WAIT_OP] = "futex wait",
        [MODEL_FUTEX_WAKE_OP] = "futex wake",
        [MODEL_SPIN_OP] = "wait for news",
    };
    return names[kind];
}

const char *trace_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

// A value: a name where it points to something that has one, also with its lowest bit set.
static void value_text(uint64_t value, char *ret, size_t size)
{
    const char *name = value < 4096 ? NULL : name_of((const void *)(uintptr_t)(value & ~1ull));
    if (name != NULL)
        snprintf(ret, size, "%s%s", name, (value & 1) != 0 ? "|1" : "");
    else if (value < 1ull << 32)
        snprintf(ret, size, "%" PRIu64, value);
    else
        snprintf(ret, size, "%#" PRIx64, value);
}

static void effect_text(const model_scenario *scenario, const model_outcome *at, char *ret, size_t size)
{
    char read[40] = "";
    char written[40] = "";
    char source[80] = "";
    value_text(at->read, read, sizeof(read));
    value_text(at->written, written, sizeof(written));
    if (at->reads && at->source_thread == MODEL_THREADS_MAX)
        snprintf(source, sizeof(source), " of the setup");
    else if (at->reads)
        snprintf(source, sizeof(source), " of %s %u", scenario->threads[at->source_thread].name, at->source_time);
    const char *old = !at->stale ? "" : at->reads ? ", not the newest" : ", before a newer one";
    if (at->reads && at->writes)
        snprintf(ret, size, "reads %s%s, stores %s%s", read, source, written, old);
    else if (at->reads)
        snprintf(ret, size, "reads %s%s%s", read, source, old);
    else if (at->writes)
        snprintf(ret, size, "stores %s%s", written, old);
    else
        snprintf(ret, size, "%s", at->step.object != NULL ? read : "");
}

static void print_step(const model_scenario *scenario, const model_outcome *at)
{
    char who[40];
    char where[80] = "";
    char what[40];
    char object[80] = "";
    char effect[200];
    const model_site *site = at->step.site;
    snprintf(who, sizeof(who), "%s %u", scenario->threads[at->thread].name, at->time);
    if (site != NULL)
        snprintf(where, sizeof(where), "%s:%d %s", trace_file(site->file), site->line, site->function);
    snprintf(what, sizeof(what), "%s%s%s", trace_kind(at->step.kind), site != NULL ? " " : "",
             site != NULL ? trace_order(at->step.order) : "");
    const char *name = at->step.object != NULL ? name_of(at->step.object) : NULL;
    snprintf(object, sizeof(object), "%s", name != NULL ? name : site != NULL ? site->object : "");
    effect_text(scenario, at, effect, sizeof(effect));
    printf("        %-12s %-42s %-18s %-22s %s\n", who, where, what, object, effect);
}

void trace_print(const model_scenario *scenario)
{
    for (unsigned i = 0; i < trace.count; i++)
        print_step(scenario, &trace.steps[i]);
}
