// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/trials.h"

#include "base/error.h"

void node_trials_start(node_trials *self, airs_system *system)
{
    *self = (node_trials){.system = system, .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
}

void node_trials_stop(node_trials *self)
{
    for (uint32_t i = 0; i < NODE_TRIALS_MAX; i++) {
        if (self->list[i].used)
            os_thread_join(&self->list[i].thread);
    }
}

/// Under the rollout's lock.
static void on_event(void *user, const airs_deploy_event *event)
{
    node_trial *self = user;
    if (event->phase != AIRS_DEPLOY_CANARY || event->actor.raw != 0 || self->first == NULL)
        return;
    node_letter *first = self->first;
    self->first = NULL;
    self->runs(first, event->text);
    node_letter_return(first);
}

static void run(void *user)
{
    node_trial *self = user;
    airs_deploy_result result = {.number = 0};
    airs_error error = {0};
    airs_status status = self->carry_out(self->of->system, self->letter, on_event, self, &result, &error);
    // Who was not told that a canary runs is told why there is none.
    if (self->first == NULL) {
        node_letter_destroy(self->letter);
    } else {
        node_letter_destroy(self->first);
        node_letter_return(self->letter);
    }
    pthread_mutex_lock(&self->of->mutex);
    self->status = status;
    self->result = result;
    self->error = error;
    self->over = true;
    pthread_cond_broadcast(&self->of->changed);
    pthread_mutex_unlock(&self->of->mutex);
}

/// A place for one more; NULL: there is none. Only the server's thread takes one.
static node_trial *find_place(node_trials *self)
{
    node_trial *found = NULL;
    pthread_mutex_lock(&self->mutex);
    for (uint32_t i = 0; found == NULL && i < NODE_TRIALS_MAX; i++) {
        if (!self->list[i].used || (self->list[i].over && self->list[i].waiting == 0))
            found = &self->list[i];
    }
    pthread_mutex_unlock(&self->mutex);
    // It has nothing left to do but to end.
    if (found != NULL && found->used)
        os_thread_join(&found->thread);
    return found;
}

airs_status node_trials_begin(node_trials *self, node_letter *letter, node_trial_fn carry_out, node_trial_runs_fn runs,
                              airs_error *error)
{
    node_trial *place = find_place(self);
    if (place == NULL)
        return base_error_set(error, AIRS_E_LIMIT, "%d canaries run, as many as a node has at once: end one of them",
                              NODE_TRIALS_MAX);
    node_letter *first = node_letter_create(letter->mailroom, letter->connection, letter->request);
    if (first == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the request");
    first->actor = letter->actor;
    pthread_mutex_lock(&self->mutex);
    *place = (node_trial){.of = self,
                          .used = true,
                          .actor = letter->actor,
                          .carry_out = carry_out,
                          .runs = runs,
                          .letter = letter,
                          .first = first};
    pthread_mutex_unlock(&self->mutex);
    airs_status status = os_thread_start(&place->thread, "airs-canary", 0, run, place);
    if (status == AIRS_OK)
        return AIRS_OK;
    place->used = false;
    node_letter_destroy(first);
    return base_error_set(error, status, "cannot start a thread");
}

/// Under the lock: the last one about an actor that has not been replaced.
static node_trial *find(node_trials *self, airs_actor_id actor)
{
    for (uint32_t i = 0; i < NODE_TRIALS_MAX; i++) {
        if (self->list[i].used && !self->list[i].over && self->list[i].actor.raw == actor.raw)
            return &self->list[i];
    }
    return NULL;
}

bool node_trials_wait(node_trials *self, airs_actor_id actor, airs_status *ret_status, airs_deploy_result *ret_result,
                      airs_error *ret_error)
{
    pthread_mutex_lock(&self->mutex);
    node_trial *it = find(self, actor);
    bool found = it != NULL;
    if (found) {
        it->waiting++;
        while (!it->over)
            pthread_cond_wait(&self->changed, &self->mutex);
        it->waiting--;
        *ret_status = it->status;
        *ret_result = it->result;
        *ret_error = it->error;
    }
    pthread_mutex_unlock(&self->mutex);
    return found;
}
