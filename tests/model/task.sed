# SPDX-License-Identifier: MIT OR Apache-2.0
# Switches for the checks of sched/task.c, numbered as in task_model.c. Each line has to match.
s/return base_atomic_fetch_or_acq_rel\(&task->state, NOTIFIED\) == 0;/return base_atomic_fetch_or_acq_rel(\&task->state, NOTIFIED) == 0 || model_removed(1);/
s/if \(!base_atomic_cas_release\(&task->state, &running, 0u\)\)/if (!base_atomic_cas_release(\&task->state, \&running, 0u) \&\& !model_removed(2))/
s/^    base_atomic_exchange_acq_rel\(&task->state, NOTIFIED\);/    if (!model_removed(3))\n        base_atomic_exchange_acq_rel(\&task->state, NOTIFIED);/
s/^        sched_idle_notify\(scheduler\);$/        model_removed(4) ? (void)0 : sched_idle_notify(scheduler);/
