// SPDX-License-Identifier: MIT OR Apache-2.0
//! The limits of one instance: all its memories together, all its tables together; and of all instances' memories.

use airssys_engine_types::abi::{Gauges, Limits};
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use wasmtime::{ResourceLimiter, Result};

/// Bytes that all memories of an engine have, and how many they may have.
pub(crate) struct Total {
    used: AtomicU64,
    max: u64,
}

impl Total {
    /// With `max` 0 there is no limit.
    pub fn new(max: u64) -> Self {
        Self { used: AtomicU64::new(0), max: if max == 0 { u64::MAX } else { max } }
    }

    pub fn max(&self) -> u64 {
        self.max
    }

    fn take(&self, bytes: u64) -> bool {
        let more = |used: u64| used.checked_add(bytes).filter(|&sum| sum <= self.max);
        self.used.fetch_update(Relaxed, Relaxed, more).is_ok()
    }

    fn give_back(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Relaxed);
    }
}

pub(crate) struct Limiter {
    memory: u64,
    memory_max: u64,
    table_elements: u64,
    table_elements_max: u64,
    refused: u64,
    /// The last refusal was for want of what all instances together may have.
    short_of_total: bool,
    gauges: NonNull<Gauges>,
    total: NonNull<Total>,
}

// SAFETY: the gauges are atomics, and C keeps them as long as the instance; so is the total, the engine's.
unsafe impl Send for Limiter {}
// SAFETY: as above.
unsafe impl Sync for Limiter {}

impl Limiter {
    /// # Safety
    /// `gauges` and `total` outlive the limiter.
    pub unsafe fn new(limits: &Limits, gauges: NonNull<Gauges>, total: NonNull<Total>) -> Self {
        Self {
            memory: 0,
            memory_max: limits.memory_max,
            table_elements: 0,
            table_elements_max: limits.table_elements_max.into(),
            refused: 0,
            short_of_total: false,
            gauges,
            total,
        }
    }

    pub fn refused(&self) -> u64 {
        self.refused
    }

    pub fn is_short_of_total(&self) -> bool {
        self.short_of_total
    }

    fn total(&self) -> &Total {
        // SAFETY: `new` was promised that it outlives us.
        unsafe { self.total.as_ref() }
    }

    fn gauges(&self) -> &Gauges {
        // SAFETY: `new` was promised that it outlives us.
        unsafe { self.gauges.as_ref() }
    }

    fn refuse(&mut self) {
        self.refused += 1;
        self.gauges().growths_refused.fetch_add(1, Relaxed);
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        self.total().give_back(self.memory);
        self.gauges().memory.store(0, Relaxed);
        self.gauges().table_elements.store(0, Relaxed);
    }
}

/// What was allowed is counted for good, also if the growth then fails (the system has no memory): Wasmtime
/// tells of failures that it never asked for, too, and taking those back would give a guest room to cheat.
/// A growth over the guest's own maximum fails without being one that we refused.
impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let growth = desired.saturating_sub(current) as u64;
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let own = growth <= self.memory_max.saturating_sub(self.memory);
        self.short_of_total = own && !self.total().take(growth);
        if !own || self.short_of_total {
            self.refuse();
            return Ok(false);
        }
        self.memory += growth;
        self.gauges().memory.store(self.memory, Relaxed);
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let growth = desired.saturating_sub(current) as u64;
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        if growth > self.table_elements_max.saturating_sub(self.table_elements) {
            self.gauges().table_growths_refused.fetch_add(1, Relaxed);
            self.refuse();
            return Ok(false);
        }
        self.table_elements += growth;
        self.gauges().table_elements.store(self.table_elements, Relaxed);
        Ok(true)
    }
}
