# SPDX-License-Identifier: MIT OR Apache-2.0
# Switches for the checks of ds/steal_queue.c, numbered as in steal_queue_model.c. Each line has to match.
s/^    if \(back - queue->front_seen > queue->mask\) \{/    if (!model_removed(1) \&\& back - queue->front_seen > queue->mask) {/
s/^        if \(back - queue->front_seen > queue->mask\)$/        if (!model_removed(2) \&\& back - queue->front_seen > queue->mask)/
s/if \(front == base_atomic_load_seq_cst\(&queue->back\)\)/if (front == base_atomic_load_seq_cst(\&queue->back) \&\& !model_removed(3))/
s/if \(base_atomic_cas_weak_acq_rel\(&queue->front, &front, front \+ 1\)\)/if (base_atomic_cas_weak_acq_rel(\&queue->front, \&front, front + 1) || model_removed(4))/
s/if \(base_atomic_cas_weak_acq_rel\(&queue->front, &front, front \+ count\)\)/if (base_atomic_cas_weak_acq_rel(\&queue->front, \&front, front + count) || model_removed(5))/
s/^        if \(len > queue->mask \+ 1\)/        if (!model_removed(6) \&\& len > queue->mask + 1)/
s/^        if \(count > max\)/        if (!model_removed(7) \&\& count > max)/
s/^        if \(count == 0\)/        if (!model_removed(8) \&\& count == 0)/
s/return len > queue->mask \+ 1 \?/return len > queue->mask + 1 \&\& !model_removed(9) ?/
