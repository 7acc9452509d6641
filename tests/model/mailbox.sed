# SPDX-License-Identifier: MIT OR Apache-2.0
# Switches for the checks of ds/mailbox.c, numbered as in mailbox_model.c. Each line has to match.
s/return \(before & ASLEEP\) != 0;/return !model_removed(1) \&\& (before \& ASLEEP) != 0;/
s/if \(mailbox->head == stub\) \{/if (!model_removed(2) \&\& mailbox->head == stub) {/
s/^        if \(next == NULL\)$/        if (!model_removed(3) \&\& next == NULL)/
s/^    if \(base_atomic_cas_release\(&mailbox->tail, &expected, \(uintptr_t\)stub\)\)/    if (base_atomic_cas_release(\&mailbox->tail, \&expected, (uintptr_t)stub) || model_removed(4))/
s/^    base_atomic_store_relaxed\(&stub->next, NULL\);/    if (!model_removed(5))\n        base_atomic_store_relaxed(\&stub->next, NULL);/
s/^    return next != NULL \? mailbox_take/    return next != NULL || model_removed(6) ? mailbox_take/
s/^    base_atomic_store_relaxed\(&node->next, NULL\);/    if (!model_removed(7))\n        base_atomic_store_relaxed(\&node->next, NULL);/
s/return base_atomic_cas_release\(&mailbox->tail, &expected, empty \| ASLEEP\) \|\| (.*);/return base_atomic_cas_release(\&mailbox->tail, \&expected, empty | ASLEEP) || \1 || model_removed(8);/
s/\(before & ~ASLEEP\)/(before \& (model_removed(9) ? ~(uintptr_t)0 : ~ASLEEP))/
s/^        if \(used >= max\)/        if (!model_removed(10) \&\& used >= max)/
