// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a store holds for its instance: seen by the host functions, never by other threads.

use crate::limiter::Limiter;
use crate::wait::Answers;
use airssys_engine_types::abi::{Host, Opaque};
use std::any::Any;
use std::cell::{Cell, UnsafeCell};
use std::ptr::NonNull;

/// What the code on the fiber tells the code that polls it. It lies beside the store, which belongs to
/// the pending call while there is one.
#[derive(Default)]
pub(crate) struct Signals {
    /// The call suspended because `host.tick` said YIELD.
    pub yielded: Cell<bool>,
}

pub struct State {
    pub(crate) actor: Opaque,
    host: NonNull<Host>,
    signals: NonNull<Signals>,
    pub(crate) answers: UnsafeCell<Answers>,
    pub(crate) limiter: Limiter,
    /// Of the add-on (WASI), when the component imports of it.
    pub addon: Option<Box<dyn Any + Send>>,
}

// SAFETY: the pointers lead to the engine's and the instance's memory, which outlive the store, and
// engine.h gives the instance, store and signals included, to one thread at a time.
unsafe impl Send for State {}
// SAFETY: as above; nobody shares a store.
unsafe impl Sync for State {}

impl State {
    /// `host` and `signals` must outlive the store.
    pub(crate) fn new(
        actor: Opaque,
        host: NonNull<Host>,
        signals: NonNull<Signals>,
        limiter: Limiter,
        addon: Option<Box<dyn Any + Send>>,
    ) -> Self {
        Self { actor, host, signals, answers: Answers::new(), limiter, addon }
    }

    pub(crate) fn host(&self) -> &Host {
        // SAFETY: `new` was promised that it outlives us; it is never written to.
        unsafe { self.host.as_ref() }
    }

    pub(crate) fn signals(&self) -> &Signals {
        // SAFETY: `new` was promised that it outlives us; cells only.
        unsafe { self.signals.as_ref() }
    }
}
