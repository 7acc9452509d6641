# SPDX-License-Identifier: MIT OR Apache-2.0
# Switches for the checks of sched/idle.c, numbered as in idle_model.c. Each line has to match.
s/SCHED_PHASE_HALTING \|\| sched_has_work\(scheduler\)\) \{/SCHED_PHASE_HALTING || (!model_removed(1) \&\& sched_has_work(scheduler))) {/
s/base_atomic_load_acquire\(&scheduler->phase\) == SCHED_PHASE_HALTING \|\|/(base_atomic_load_acquire(\&scheduler->phase) == SCHED_PHASE_HALTING \&\& !model_removed(2)) ||/
s/^        os_futex_wake\(&worker->parker, 1\);/        model_removed(3) ? (void)0 : os_futex_wake(\&worker->parker, 1);/
s/^    base_atomic_store_release\(&worker->parker, \(uint32_t\)why\);/    if (!model_removed(4))\n        base_atomic_store_release(\&worker->parker, (uint32_t)why);/
s/base_atomic_load_seq_cst\(&scheduler->foreign_deferrals\) > 0\)$/(base_atomic_load_seq_cst(\&scheduler->foreign_deferrals) > 0 \&\& !model_removed(5)))/
