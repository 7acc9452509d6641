// SPDX-License-Identifier: MIT OR Apache-2.0
/// A task's state: no wake is lost, the poll that follows sees what was done before it, and one worker polls at a time.
/// The workers' parking is a bell here; idle_model.c has the real one.
#include "model_workers.h"

#define LETTERS 2

static struct {
    sched_task task;
    BASE_ATOMIC(uint32_t) letters[LETTERS];
    BASE_ATOMIC(uint32_t) bell;
    BASE_ATOMIC(uint32_t) asleep;
    BASE_ATOMIC(uint32_t) over;
    // Plain, the task's: only one worker at a time may touch them.
    uint32_t polls;
    uint32_t seen;
    uint32_t again;
} desk;

// As idle.c: who queues looks whether one sleeps after it has queued; who goes to sleep looks at the queues after it
// has said so.
void sched_idle_notify(sched *scheduler)
{
    (void)scheduler;
    if (base_atomic_load_seq_cst(&desk.asleep) > 0)
        base_atomic_fetch_add_acq_rel(&desk.bell, 1u);
}

bool sched_others_wait(const sched *scheduler)
{
    (void)scheduler;
    return true;
}

static sched_verdict poll(sched_task *task)
{
    (void)task;
    desk.polls++;
    for (uint32_t i = 0; i < LETTERS; i++)
        desk.seen |= base_atomic_load_relaxed(&desk.letters[i]) << i;
    if (desk.seen == (1u << LETTERS) - 1) {
        base_atomic_store_release(&desk.over, 1u);
        base_atomic_fetch_add_release(&desk.bell, 1u);
        return SCHED_POLL_DONE;
    }
    if (desk.again > 0) {
        desk.again--;
        return SCHED_POLL_AGAIN;
    }
    return SCHED_POLL_IDLE;
}

static void setup_workers(uint32_t workers, uint32_t again)
{
    plant_setup(workers);
    memset(&desk, 0, sizeof(desk));
    desk.again = again;
    sched_task_init(&desk.task, poll);
    model_name(&desk.task.state, "task state");
    model_name(&desk.letters[0], "letter 1");
    model_name(&desk.letters[1], "letter 2");
    model_name(&desk.bell, "bell");
    model_name(&desk.asleep, "asleep");
    model_name(&desk.over, "over");
}

static void setup_one(void)
{
    setup_workers(1, 0);
}

static void setup_again(void)
{
    setup_workers(1, 1);
}

static void setup_two(void)
{
    setup_workers(2, 0);
}

static sched_task *find(sched_worker *self)
{
    sched_task *task = ds_steal_queue_take(&self->woken);
    if (task == NULL)
        task = ds_steal_queue_take(&self->preempted);
    if (task == NULL)
        task = sched_inject_take(self);
    if (task == NULL && plant.scheduler.workers_count > 1)
        task = ds_steal_queue_take(&plant.workers[1 - self->index].woken);
    return task;
}

static void wait_for_bell(uint32_t rung)
{
    bool nothing = true;
    base_atomic_fetch_add_seq_cst(&desk.asleep, 1u);
    if (base_atomic_load_seq_cst(&plant.scheduler.inject_len) > 0)
        nothing = false;
    for (uint32_t i = 0; i < plant.scheduler.workers_count && nothing; i++)
        nothing = ds_steal_queue_len(&plant.workers[i].woken) == 0;
    if (nothing)
        (void)model_await_not(&desk.bell, rung);
    base_atomic_fetch_sub_seq_cst(&desk.asleep, 1u);
}

static void work(uint32_t index)
{
    sched_worker *self = &plant.workers[index];
    sched_this_worker = self;
    for (;;) {
        uint32_t rung = base_atomic_load_acquire(&desk.bell);
        if (base_atomic_load_acquire(&desk.over) != 0)
            break;
        sched_task *task = find(self);
        if (task != NULL)
            sched_task_run(self, task, 0);
        else
            wait_for_bell(rung);
    }
}

static void work_0(void)
{
    work(0);
}

static void work_1(void)
{
    work(1);
}

static void write_letter(uint32_t number)
{
    base_atomic_store_relaxed(&desk.letters[number], 1u);
    sched_wake(&plant.scheduler, &desk.task);
}

static void write_1(void)
{
    write_letter(0);
}

static void write_2(void)
{
    write_letter(1);
}

static void write_both(void)
{
    write_letter(0);
    write_letter(1);
}

// Polls the task once if it is there, and ends: another worker polls it the next time.
static void work_once(void)
{
    sched_worker *self = &plant.workers[0];
    sched_this_worker = self;
    sched_task *task = sched_inject_take(self);
    if (task != NULL)
        sched_task_run(self, task, 0);
}

// Wakes, and polls it itself as a worker when that queues it.
static void write_and_work(void)
{
    write_letter(0);
    sched_worker *self = &plant.workers[1];
    sched_this_worker = self;
    sched_task *task = find(self);
    if (task != NULL)
        sched_task_run(self, task, 0);
}

static void setup_queued(void)
{
    setup_workers(2, 0);
    sched_wake(&plant.scheduler, &desk.task);
}

static void end_any(void)
{
    model_check(desk.polls <= 2);
}

static void end(void)
{
    model_check(desk.seen == (1u << LETTERS) - 1);
    model_check(desk.polls >= 1);
}

static const model_scenario scenarios[] = {
    {"a worker, who wakes twice", setup_one, {{"worker", work_0}, {"waker", write_both}}, end, false},
    {"the same, the task yields once", setup_again, {{"worker", work_0}, {"waker", write_both}}, end, false},
    {"polled by one worker, then by another",
     setup_queued,
     {{"worker 0", work_once}, {"worker 1", write_and_work}},
     end_any,
     false},
    {"a worker, two that wake", setup_one, {{"worker", work_0}, {"waker 1", write_1}, {"waker 2", write_2}}, end, true},
    {"two workers, who wakes twice",
     setup_two,
     {{"worker 0", work_0}, {"worker 1", work_1}, {"waker", write_both}},
     end,
     true},
    {0},
};

static const char *const files[] = {"task.c", NULL};

static const model_kept kept[] = {
    {"task_notify", "&task->state", MODEL_OR_OP, MODEL_RELEASE,
     "the release sequence of the end of the last poll goes on through the wake, to the next poll", false, 0},
    {"sched_inject_take", "&scheduler->inject_len", MODEL_STORE_OP, MODEL_RELAXED,
     "it gets smaller: who sees the larger one looks in vain; the next change comes after it by the lock", false, 0},
    {"sched_task_run", "&task->state", MODEL_STORE_OP, MODEL_RELAXED,
     "DONE: nobody goes on from what the last poll did", false, 0},
    {"task_requeue", "&task->state", MODEL_ANY_OP, MODEL_RELAXED,
     "the queue orders the two polls, and a wake's release sequence goes on through the exchange", false, 0},
    {0},
};

static const model_removal checks[] = {
    {"only who finds it idle queues it", NULL},
    {"a task that was woken in its poll is queued again", NULL},
    {"it is marked as queued then", NULL},
    {"who queues wakes a sleeper", NULL},
    {0},
};

int main(int argc, char **argv)
{
    static const model_suite suite = {"task", scenarios, files, kept, checks};
    return model_main(&suite, argc, argv);
}
