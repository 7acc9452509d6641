// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/chores.h"

#include "base/error.h"

/// The next letter, NULL when the end has come.
static node_letter *next_letter(node_chores *chores)
{
    pthread_mutex_lock(&chores->mutex);
    chores->idle++;
    while (!chores->first && !chores->ending)
        pthread_cond_wait(&chores->changed, &chores->mutex);
    chores->idle--;
    node_letter *letter = chores->ending ? NULL : chores->first;
    if (letter) {
        chores->first = letter->next;
        if (!chores->first)
            chores->last = &chores->first;
        letter->next = NULL;
        chores->waiting--;
    }
    pthread_mutex_unlock(&chores->mutex);
    return letter;
}

static void run(void *user)
{
    node_chores *chores = user;
    for (node_letter *letter; (letter = next_letter(chores));) {
        letter->chore(chores->system, letter);
        // Before the letter is back: who has it may send the next one.
        pthread_mutex_lock(&chores->mutex);
        chores->long_ones -= letter->is_long;
        pthread_mutex_unlock(&chores->mutex);
        node_letter_return(letter);
    }
}

/// Where no other thread is to be had, letters wait for those there are.
static airs_status add_thread(node_chores *chores)
{
    airs_status status = os_thread_start(&chores->threads[chores->threads_count], "airs-chores", 0, run, chores);
    chores->threads_count += status == AIRS_OK;
    return status;
}

airs_status node_chores_start(node_chores *chores, airs_system *system)
{
    *chores = (node_chores){.system = system, .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    chores->last = &chores->first;
    return add_thread(chores);
}

void node_chores_stop(node_chores *chores)
{
    pthread_mutex_lock(&chores->mutex);
    chores->ending = true;
    pthread_cond_broadcast(&chores->changed);
    pthread_mutex_unlock(&chores->mutex);
    // No thread is added any more.
    for (uint32_t i = 0; i < chores->threads_count; i++)
        os_thread_join(&chores->threads[i]);
    while (chores->first) {
        node_letter *letter = chores->first;
        chores->first = letter->next;
        letter->status = AIRS_E_STOPPING;
        node_letter_return(letter);
    }
}

void node_chores_add(node_chores *chores, node_letter *letter)
{
    letter->next = NULL;
    pthread_mutex_lock(&chores->mutex);
    bool ending = chores->ending;
    if (!ending) {
        *chores->last = letter;
        chores->last = &letter->next;
        if (++chores->waiting > chores->idle && chores->threads_count < NODE_CHORES_MAX)
            (void)add_thread(chores);
        pthread_cond_signal(&chores->changed);
    }
    pthread_mutex_unlock(&chores->mutex);
    if (ending) {
        letter->status = AIRS_E_STOPPING;
        node_letter_return(letter);
    }
}

airs_status node_chores_add_long(node_chores *chores, node_letter *letter, airs_error *error)
{
    pthread_mutex_lock(&chores->mutex);
    bool room = chores->long_ones < NODE_CHORES_LONG_MAX;
    chores->long_ones += room;
    pthread_mutex_unlock(&chores->mutex);
    if (!room)
        return base_error_set(error, AIRS_E_LIMIT,
                              "%d deployments, starts and scalings are under way, as many as a node does at once: try "
                              "again when one of them has ended",
                              NODE_CHORES_LONG_MAX);
    letter->is_long = true;
    node_chores_add(chores, letter);
    return AIRS_OK;
}
