// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/alloc.h"
#include "component/batch.h"
#include "component/component_actor.h"
#include "component/file_access.h"
#include "component/host.h"

/// Through the one place of all decisions.
static bool tell(void *user, capability_decision *decision, airs_bytes object)
{
    return authority_tell(user, decision, object);
}

/// Made when the component asks for the first time: it is large, and most never do.
static file_access *access_of(component_actor *self)
{
    if (self->files != NULL)
        return self->files;
    self->files = base_alloc(self->cell.space->allocator, sizeof *self->files);
    if (self->files != NULL) {
        self->files->open_max = self->cell.limits.max_open_files;
        self->files->tell = tell;
        self->files->learner = self->space->learner;
        self->files->user = self;
    }
    return self->files;
}

/// Whether the answer that was given before still holds, and nobody wants to hear of it again.
static bool is_answered(const component_actor *self, const engine_file_question *question, uint64_t epoch)
{
    return question->operation == ENGINE_FILE_USE && question->epoch == epoch && !authority_tells_all(self);
}

static void file(void *user, const engine_file_question *question, engine_file_answer *ret)
{
    component_actor *self = user;
    // Read before the policy is: should that change between, the answer is one of before, and is asked for again.
    uint64_t epoch = authority_epoch(self);
    if (is_answered(self, question, epoch)) {
        ret->verdict = ENGINE_FILE_ALLOWED;
        ret->epoch = epoch;
        return;
    }
    batch_look(self);
    file_access *access = access_of(self);
    if (access == NULL) {
        ret->verdict = ENGINE_FILE_FAILED;
        return;
    }
    access->policy = authority_policy(self);
    access->epoch = epoch;
    access->open = base_atomic_load_relaxed(&component_gauges(self)->files_open);
    file_access_decide(access, question, ret);
}

void component_host_init_files(engine_host *host)
{
    host->file = file;
}
