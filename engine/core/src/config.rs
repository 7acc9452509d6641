// SPDX-License-Identifier: MIT OR Apache-2.0
//! `engine_config` as Wasmtime's `Config`.

use airssys_engine_types::abi;
use std::num::NonZeroUsize;
use wasmtime::{Config, Enabled, PoolingAllocationConfig, WasmBacktraceDetails};

/// Of a 47-bit address space, what all memories together may reserve before it gets tight for others.
const ADDRESS_SPACE: u64 = 32 << 40;
/// With these, 32-bit addresses need no bounds checks.
const FULL_RESERVATION: u64 = 4 << 30;
const FULL_GUARD: u64 = 32 << 20;
const SMALL_GUARD: u64 = 64 << 10;
/// Host functions on a guest's stack when C does not say.
const HOST_STACK: u32 = 64 << 10;
/// Linux allows a process 65,530 mappings where nobody has raised it; the rest of the process gets what is over.
const MAPPINGS: u32 = 62_000;
/// A stack and the guard below it. All are made at once.
const MAPPINGS_OF_STACK: u32 = 2;
/// What is accessible of a memory, and what is not. An image mapped into it splits the first in up to three.
const MAPPINGS_OF_MEMORY: u32 = 2;
/// Up to so many, memories begin as private mappings of their component's image, whatever each of them is used for.
/// With more, they are written out: for images of some KiB that is faster, for one of MiBs slower.
const INSTANCES_WITH_IMAGES: u32 = 3000;
/// Pages of stack and table that stay with a free slot.
const TABLE_KEEP_RESIDENT: usize = 4 << 10;

/// What each engine is made with; also for who measures bare Wasmtime beside it.
pub fn build(config: &abi::Config) -> Config {
    let mut c = Config::new();
    choose_features(&mut c);
    let host_stack = if config.host_stack_max == 0 { HOST_STACK } else { config.host_stack_max };
    let guest_stack = config.guest_stack_max as usize;
    c.max_wasm_stack(guest_stack).async_stack_size(guest_stack + host_stack as usize);
    c.epoch_interruption(true);
    // Traps carry offsets; lines are resolved elsewhere, from the file, when somebody asks.
    c.wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .wasm_backtrace_max_frames(NonZeroUsize::new(abi::FRAMES_MAX))
        .generate_address_map(true);
    // Only third-party unwinders want it, and registering it makes each load slower.
    c.native_unwind_info(false);
    let (reservation, guard) = reservation(config);
    c.memory_reservation(reservation).memory_guard_size(guard).memory_may_move(false);
    c.memory_init_cow(has_images(config));
    // How instances are held is no part of what code is compiled for.
    if !config.compiles_only {
        c.allocation_strategy(pool(config));
    }
    c
}

/// What toolchains emit by default stays on; the rest would only be more to attack.
fn choose_features(c: &mut Config) {
    c.concurrency_support(false);
    c.gc_support(false).wasm_gc(false).wasm_function_references(false).wasm_exceptions(false);
    c.wasm_threads(false).shared_memory(false).wasm_shared_everything_threads(false);
    c.wasm_memory64(false).wasm_stack_switching(false).wasm_relaxed_simd(false);
}

/// Address space and guard of one memory.
fn reservation(config: &abi::Config) -> (u64, u64) {
    let guard = |reservation| if reservation >= FULL_RESERVATION { FULL_GUARD } else { SMALL_GUARD };
    if config.memory_reservation != 0 {
        return (config.memory_reservation, guard(config.memory_reservation));
    }
    let share = ADDRESS_SPACE / u64::from(memories(config)).max(1);
    if share >= FULL_RESERVATION + FULL_GUARD {
        return (FULL_RESERVATION, FULL_GUARD);
    }
    // A memory does not move, so it must be able to grow to its limit where it is.
    let share = share.saturating_sub(SMALL_GUARD).max(config.memory_max);
    (share.next_multiple_of(SMALL_GUARD), SMALL_GUARD)
}

fn has_images(config: &abi::Config) -> bool {
    config.instances_max <= INSTANCES_WITH_IMAGES
}

/// As many as the components may have, or as mappings allow; one for each component at least. So it is the pool that
/// says no to one too many, and not the kernel to whoever comes next.
fn memories(config: &abi::Config) -> u32 {
    let stacks = config.instances_max.saturating_mul(MAPPINGS_OF_STACK);
    let allowed = MAPPINGS.saturating_sub(stacks) / MAPPINGS_OF_MEMORY;
    let wanted = config.instances_max.saturating_mul(config.memories_per_component);
    if has_images(config) { wanted } else { wanted.min(allowed.max(config.instances_max)) }
}

fn pool(config: &abi::Config) -> PoolingAllocationConfig {
    let total = |each: u32| config.instances_max.saturating_mul(each);
    // A slot that was used has its mappings for good. Without an image in it, any component's memory fits.
    let unused_warm_slots = if has_images(config) { config.instances_max } else { 0 };
    let mut p = PoolingAllocationConfig::new();
    p.total_component_instances(config.instances_max)
        .total_stacks(config.instances_max)
        .total_core_instances(total(config.core_instances_per_component))
        .total_memories(memories(config))
        .total_tables(total(config.tables_per_component))
        .max_core_instances_per_component(config.core_instances_per_component)
        .max_memories_per_component(config.memories_per_component)
        .max_memories_per_module(config.memories_per_component)
        .max_tables_per_component(config.tables_per_component)
        .max_tables_per_module(config.tables_per_component)
        .table_elements(config.table_elements_max as usize)
        .max_memory_size(config.memory_max as usize)
        .linear_memory_keep_resident(config.memory_keep_resident as usize)
        .table_keep_resident(TABLE_KEEP_RESIDENT)
        .max_unused_warm_slots(unused_warm_slots)
        // The kernel says which pages a guest has written, where it can: the others need no reset and stay untouched.
        .pagemap_scan(Enabled::Auto)
        .total_gc_heaps(0);
    p
}
