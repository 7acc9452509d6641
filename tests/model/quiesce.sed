# SPDX-License-Identifier: MIT OR Apache-2.0
# Switches for the checks of sched/quiesce.c, numbered as in quiesce_model.c. Each line has to match.
s/^    if \(base_atomic_load_acquire\(seen\) >= target\)/    if (base_atomic_load_acquire(seen) >= target || model_removed(1))/
s/^    uint64_t now = base_atomic_fetch_add_acq_rel\(seen, 0u\);/    uint64_t now = model_removed(2) ? base_atomic_load_acquire(seen) : base_atomic_fetch_add_acq_rel(seen, 0u);/
s/^    if \(base_atomic_load_relaxed\(seen\) != 0\)/    if (base_atomic_load_relaxed(seen) != 0 \&\& !model_removed(3))/
s/return now == 0 \|\| now >= target;/return now == 0 || now >= target || model_removed(4);/
s/^    if \(deferrals->waiting != NULL \|\| deferrals->filling == NULL\)/    if ((deferrals->waiting != NULL \&\& !model_removed(5)) || deferrals->filling == NULL)/
s/worker->sched->workers_count \+ base_atomic_fetch_add_acq_rel\(&worker->sched->readers_count, 0u\);/worker->sched->workers_count + (model_removed(6) ? 0 : base_atomic_fetch_add_acq_rel(\&worker->sched->readers_count, 0u));/
