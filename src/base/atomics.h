// SPDX-License-Identifier: MIT OR Apache-2.0
/// Atomic operations with the memory order in their name.
///
/// Lock-free code uses nothing else: every atomic object is a `BASE_ATOMIC(type)`, every access to
/// it one of the macros here, and every plain access to memory that several threads share a
/// `base_plain_load` or `base_plain_store`. So a model checker can stand in for the hardware by
/// putting another header of this name before this one.
///
/// There are no fences here on purpose: ThreadSanitizer does not follow them. Where two threads
/// must not both miss the other's store, the four accesses are seq_cst.
#ifndef AIRS_BASE_ATOMICS_H
#define AIRS_BASE_ATOMICS_H

#include <stdatomic.h>

/// An object that is only touched through the macros below.
#define BASE_ATOMIC(type) _Atomic(type)

/// Distance that keeps two objects off each other's cache line.
#define BASE_CACHE_LINE 64

/// Before the object is shared; not atomic.
#define base_atomic_init(object, value) atomic_init((object), (value))

#define base_atomic_load_relaxed(object) atomic_load_explicit((object), memory_order_relaxed)
#define base_atomic_load_acquire(object) atomic_load_explicit((object), memory_order_acquire)
#define base_atomic_load_seq_cst(object) atomic_load_explicit((object), memory_order_seq_cst)

#define base_atomic_store_relaxed(object, value) atomic_store_explicit((object), (value), memory_order_relaxed)
#define base_atomic_store_release(object, value) atomic_store_explicit((object), (value), memory_order_release)
#define base_atomic_store_seq_cst(object, value) atomic_store_explicit((object), (value), memory_order_seq_cst)

/// Read-modify-write operations give the value from before.
#define base_atomic_exchange_acquire(object, value) atomic_exchange_explicit((object), (value), memory_order_acquire)
#define base_atomic_exchange_release(object, value) atomic_exchange_explicit((object), (value), memory_order_release)
#define base_atomic_exchange_acq_rel(object, value) atomic_exchange_explicit((object), (value), memory_order_acq_rel)
#define base_atomic_exchange_seq_cst(object, value) atomic_exchange_explicit((object), (value), memory_order_seq_cst)

#define base_atomic_fetch_add_relaxed(object, value) atomic_fetch_add_explicit((object), (value), memory_order_relaxed)
#define base_atomic_fetch_add_acquire(object, value) atomic_fetch_add_explicit((object), (value), memory_order_acquire)
#define base_atomic_fetch_add_release(object, value) atomic_fetch_add_explicit((object), (value), memory_order_release)
#define base_atomic_fetch_add_acq_rel(object, value) atomic_fetch_add_explicit((object), (value), memory_order_acq_rel)
#define base_atomic_fetch_add_seq_cst(object, value) atomic_fetch_add_explicit((object), (value), memory_order_seq_cst)

#define base_atomic_fetch_sub_relaxed(object, value) atomic_fetch_sub_explicit((object), (value), memory_order_relaxed)
#define base_atomic_fetch_sub_release(object, value) atomic_fetch_sub_explicit((object), (value), memory_order_release)
#define base_atomic_fetch_sub_acq_rel(object, value) atomic_fetch_sub_explicit((object), (value), memory_order_acq_rel)
#define base_atomic_fetch_sub_seq_cst(object, value) atomic_fetch_sub_explicit((object), (value), memory_order_seq_cst)

#define base_atomic_fetch_or_relaxed(object, value) atomic_fetch_or_explicit((object), (value), memory_order_relaxed)
#define base_atomic_fetch_or_acq_rel(object, value) atomic_fetch_or_explicit((object), (value), memory_order_acq_rel)
#define base_atomic_fetch_and_acq_rel(object, value) atomic_fetch_and_explicit((object), (value), memory_order_acq_rel)

/// Compare and swap: true when `object` was `*expected` and is now `desired`; else `*expected` is what
/// it was. The failing read is acquire where the name says acquire, acq_rel or seq_cst, else relaxed.
/// The weak ones may fail for no reason, and belong into loops.
#define base_atomic_cas_relaxed(object, expected, desired) \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_relaxed, memory_order_relaxed)
#define base_atomic_cas_acquire(object, expected, desired) \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_acquire, memory_order_acquire)
#define base_atomic_cas_release(object, expected, desired) \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_release, memory_order_relaxed)
#define base_atomic_cas_acq_rel(object, expected, desired) \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_acq_rel, memory_order_acquire)
#define base_atomic_cas_seq_cst(object, expected, desired) \
    atomic_compare_exchange_strong_explicit((object), (expected), (desired), memory_order_seq_cst, memory_order_acquire)
#define base_atomic_cas_weak_relaxed(object, expected, desired) \
    atomic_compare_exchange_weak_explicit((object), (expected), (desired), memory_order_relaxed, memory_order_relaxed)
#define base_atomic_cas_weak_acq_rel(object, expected, desired) \
    atomic_compare_exchange_weak_explicit((object), (expected), (desired), memory_order_acq_rel, memory_order_acquire)

/// Plain accesses of memory that other threads also touch, ordered by an atomic somewhere else.
#define base_plain_load(object) (object)
#define base_plain_store(object, value) ((void)((object) = (value)))

/// In the body of a loop that waits for another thread.
#if defined(__x86_64__) || defined(__i386__)
#define base_cpu_relax() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define base_cpu_relax() __asm__ volatile("yield")
#else
#define base_cpu_relax() ((void)0)
#endif

#endif
