// SPDX-License-Identifier: MIT OR Apache-2.0
/// Stands before src/base/atomics.h when a source is compiled for the model checker: each access goes to the
/// explorer, with its place in the source, its operation and its order.
///
/// An atomic object is a plain one here, so an access that forgets the macros is seen as a plain access, and reported
/// as a race when it is one.
#ifndef AIRS_BASE_ATOMICS_H
#define AIRS_BASE_ATOMICS_H

#include "model.h"

#define BASE_ATOMIC(type) __typeof__(type)
#define BASE_CACHE_LINE 64

// The name of the site has a number in it, since accesses nest. A comma drops the qualifiers of `*object`.
#define MODEL_ACCESS(kind, order, object, value, expected) \
    MODEL_ACCESS_AT(__COUNTER__, kind, order, object, value, expected)
#define MODEL_ACCESS_AT(number, kind, order, object, value, expected) \
    MODEL_ACCESS_NAMED(number, kind, order, object, value, expected)
#define MODEL_ACCESS_NAMED(number, kind, order, object, value, expected)                                          \
    ({                                                                                                            \
        static model_site model_site_##number = {__FILE__, #object, __LINE__, kind, order, NULL, 0};              \
        (__typeof__((void)0, *(object)))model_access(&model_site_##number, __func__, (object), sizeof(*(object)), \
                                                     (uint64_t)(value), (expected));                              \
    })

#define MODEL_LOAD(order, object) MODEL_ACCESS(MODEL_LOAD_OP, order, object, 0, NULL)
#define MODEL_STORE(order, object, value) ((void)MODEL_ACCESS(MODEL_STORE_OP, order, object, value, NULL))
#define MODEL_CAS(kind, order, object, expected, desired) ((bool)MODEL_ACCESS(kind, order, object, desired, expected))

#define base_atomic_init(object, value) ((void)MODEL_ACCESS(MODEL_INIT_OP, MODEL_RELAXED, object, value, NULL))

#define base_atomic_load_relaxed(object) MODEL_LOAD(MODEL_RELAXED, object)
#define base_atomic_load_acquire(object) MODEL_LOAD(MODEL_ACQUIRE, object)
#define base_atomic_load_seq_cst(object) MODEL_LOAD(MODEL_SEQ_CST, object)

#define base_atomic_store_relaxed(object, value) MODEL_STORE(MODEL_RELAXED, object, value)
#define base_atomic_store_release(object, value) MODEL_STORE(MODEL_RELEASE, object, value)
#define base_atomic_store_seq_cst(object, value) MODEL_STORE(MODEL_SEQ_CST, object, value)

#define base_atomic_exchange_acquire(object, value) MODEL_ACCESS(MODEL_EXCHANGE_OP, MODEL_ACQUIRE, object, value, NULL)
#define base_atomic_exchange_release(object, value) MODEL_ACCESS(MODEL_EXCHANGE_OP, MODEL_RELEASE, object, value, NULL)
#define base_atomic_exchange_acq_rel(object, value) MODEL_ACCESS(MODEL_EXCHANGE_OP, MODEL_ACQ_REL, object, value, NULL)
#define base_atomic_exchange_seq_cst(object, value) MODEL_ACCESS(MODEL_EXCHANGE_OP, MODEL_SEQ_CST, object, value, NULL)

#define base_atomic_fetch_add_relaxed(object, value) MODEL_ACCESS(MODEL_ADD_OP, MODEL_RELAXED, object, value, NULL)
#define base_atomic_fetch_add_acquire(object, value) MODEL_ACCESS(MODEL_ADD_OP, MODEL_ACQUIRE, object, value, NULL)
#define base_atomic_fetch_add_release(object, value) MODEL_ACCESS(MODEL_ADD_OP, MODEL_RELEASE, object, value, NULL)
#define base_atomic_fetch_add_acq_rel(object, value) MODEL_ACCESS(MODEL_ADD_OP, MODEL_ACQ_REL, object, value, NULL)
#define base_atomic_fetch_add_seq_cst(object, value) MODEL_ACCESS(MODEL_ADD_OP, MODEL_SEQ_CST, object, value, NULL)

#define base_atomic_fetch_sub_relaxed(object, value) MODEL_ACCESS(MODEL_SUB_OP, MODEL_RELAXED, object, value, NULL)
#define base_atomic_fetch_sub_release(object, value) MODEL_ACCESS(MODEL_SUB_OP, MODEL_RELEASE, object, value, NULL)
#define base_atomic_fetch_sub_acq_rel(object, value) MODEL_ACCESS(MODEL_SUB_OP, MODEL_ACQ_REL, object, value, NULL)
#define base_atomic_fetch_sub_seq_cst(object, value) MODEL_ACCESS(MODEL_SUB_OP, MODEL_SEQ_CST, object, value, NULL)

#define base_atomic_fetch_or_relaxed(object, value) MODEL_ACCESS(MODEL_OR_OP, MODEL_RELAXED, object, value, NULL)
#define base_atomic_fetch_or_acq_rel(object, value) MODEL_ACCESS(MODEL_OR_OP, MODEL_ACQ_REL, object, value, NULL)
#define base_atomic_fetch_and_acq_rel(object, value) MODEL_ACCESS(MODEL_AND_OP, MODEL_ACQ_REL, object, value, NULL)

#define base_atomic_cas_relaxed(object, expected, desired) \
    MODEL_CAS(MODEL_CAS_OP, MODEL_RELAXED, object, expected, desired)
#define base_atomic_cas_acquire(object, expected, desired) \
    MODEL_CAS(MODEL_CAS_OP, MODEL_ACQUIRE, object, expected, desired)
#define base_atomic_cas_release(object, expected, desired) \
    MODEL_CAS(MODEL_CAS_OP, MODEL_RELEASE, object, expected, desired)
#define base_atomic_cas_acq_rel(object, expected, desired) \
    MODEL_CAS(MODEL_CAS_OP, MODEL_ACQ_REL, object, expected, desired)
#define base_atomic_cas_seq_cst(object, expected, desired) \
    MODEL_CAS(MODEL_CAS_OP, MODEL_SEQ_CST, object, expected, desired)
#define base_atomic_cas_weak_relaxed(object, expected, desired) \
    MODEL_CAS(MODEL_CAS_WEAK_OP, MODEL_RELAXED, object, expected, desired)
#define base_atomic_cas_weak_acq_rel(object, expected, desired) \
    MODEL_CAS(MODEL_CAS_WEAK_OP, MODEL_ACQ_REL, object, expected, desired)
#define base_atomic_cas_weak_seq_cst(object, expected, desired) \
    MODEL_CAS(MODEL_CAS_WEAK_OP, MODEL_SEQ_CST, object, expected, desired)

// Plain accesses are reported by the compiler (plain.c), these like all others.
#define base_plain_load(object) (object)
#define base_plain_store(object, value) ((void)((object) = (value)))

/// In the body of a loop that waits: goes on when something that the thread has read has changed.
#define base_cpu_relax() model_wait()

/// For scenarios: waits until the object is not `value`, by acquire loads. No spinning, so fewer states.
#define model_await_not(object, value) MODEL_ACCESS(MODEL_AWAIT_OP, MODEL_ACQUIRE, object, value, NULL)

#endif
