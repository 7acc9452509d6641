// SPDX-License-Identifier: MIT OR Apache-2.0
//! An instance: a store, and the one call that may be pending on it.
//!
//! C holds a pointer to an `Instance` in a box, and gives it to one thread at a time (engine.h). All
//! that changes is in cells, so the functions here share it (`&Instance`).
//!
//! The pending call's future, in `call`, borrows the store with an extended lifetime (`lend_store`).
//! What makes that sound:
//! - while `call` is filled nobody else touches `store`: each function that starts a call or looks into
//!   the store checks that `call` is empty (this is ENGINE_BUSY), and `poll` goes through `call` only;
//! - `call` is cleared before `store` is dropped (`Drop`), and both stay where they are, in the box;
//! - what is asked or told of a running instance lies beside the store: `signals`, the gauges.

use crate::addon::{Guest, InstanceGauges};
use crate::component::Component;
use crate::exports::Functions;
use crate::guard::{Failure, guard};
use crate::limiter::Limiter;
use crate::state::{Signals, State};
use crate::trap::TrapRecord;
use airssys_engine_types::abi;
use airssys_engine_types::slot::Slot;
use std::cell::{Cell, OnceCell, UnsafeCell};
use std::ffi::c_void;
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use wasmtime::{Store, StoreContextMut, UpdateDeadline};

/// How a call ended that did not trap.
pub(crate) enum Ending {
    /// Boxed: it is large, and comes once.
    Linked(Box<Functions>),
    Done,
    /// The bytes are in `Instance::bytes`.
    Reply,
    Failed(String),
    Health(u32, String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// To be instantiated.
    New,
    Linked,
    /// Trapped or dropped: to be destroyed.
    Over,
}

pub struct Instance {
    pub(crate) call: Slot<Ending>,
    store: UnsafeCell<Store<State>>,
    pub(crate) signals: Box<Signals>,
    pub(crate) component: Arc<Component>,
    pub(crate) phase: Cell<Phase>,
    pub(crate) functions: OnceCell<Box<Functions>>,
    /// What the pending `handle` was given; see `LentMessage`.
    pub(crate) message: UnsafeCell<abi::Message>,
    /// A reply or a state that the guest gave; the buffer is kept.
    pub(crate) bytes: UnsafeCell<Vec<u8>>,
    /// The text of the outcome given last.
    pub(crate) text: UnsafeCell<String>,
    pub(crate) trap: OnceCell<TrapRecord>,
}

impl Instance {
    /// # Safety
    /// `gauges` outlives the instance.
    unsafe fn new(
        component: Arc<Component>,
        limits: &abi::Limits,
        actor: abi::Opaque,
        gauges: NonNull<abi::Gauges>,
    ) -> Result<Box<Self>, Failure> {
        let engine = &component.engine;
        let gauges_of = InstanceGauges(gauges);
        let guest = Guest { host: *engine.host(), actor, limits: *limits, gauges: gauges_of };
        let addon = component
            .addon()
            .map(|addon| addon.guest(&guest))
            .transpose()
            .map_err(|error| Failure::new(abi::LIMIT, format!("{error:#}")))?;
        let signals = Box::<Signals>::default();
        // SAFETY: the caller's promise; the total is the engine's.
        let limiter = unsafe { Limiter::new(limits, gauges, NonNull::from(&engine.memory)) };
        // The engine lives in the component's Arc, the signals in their box: both as long as the store.
        let state = State::new(actor, engine.host().into(), NonNull::from(&*signals), limiter, addon);
        let mut store = Store::new(engine.wasmtime(), state);
        store.limiter(|state| &mut state.limiter);
        store.epoch_deadline_callback(tick);
        store.set_hostcall_fuel(usize::try_from(limits.hostcall_max).unwrap_or(usize::MAX));
        store.set_max_component_handles(limits.resources_max as usize);
        engine.stores.fetch_add(1, Relaxed);
        Ok(Box::new(Self {
            call: Slot::new(),
            store: UnsafeCell::new(store),
            signals,
            component,
            phase: Cell::new(Phase::New),
            functions: OnceCell::new(),
            message: UnsafeCell::new(abi::Message::EMPTY),
            bytes: UnsafeCell::default(),
            text: UnsafeCell::default(),
            trap: OnceCell::new(),
        }))
    }

    /// For the future that is put into `call`, and only for it.
    ///
    /// # Safety
    /// `call` is empty, and the borrow ends when it is cleared.
    pub(crate) unsafe fn lend_store(&self) -> &'static mut Store<State> {
        // SAFETY: see the head of this file.
        unsafe { &mut *self.store.get() }
    }

    /// What has refused growths. `call` must be empty.
    pub(crate) fn limiter(&self) -> &Limiter {
        assert!(!self.call.is_filled());
        // SAFETY: no call has the store.
        unsafe { &(*self.store.get()).data().limiter }
    }

    /// Unwinds a pending call.
    pub(crate) fn drop_call(&self) {
        if self.call.is_filled() {
            self.phase.set(Phase::Over);
            // SAFETY: the instance is with this thread, which is not in a poll.
            self.component.within(|| unsafe { self.call.clear() });
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.drop_call();
        self.component.engine.stores.fetch_sub(1, Relaxed);
    }
}

/// The guest's tick is over: C decides how it goes on.
fn tick(store: StoreContextMut<'_, State>) -> wasmtime::Result<UpdateDeadline> {
    let state = store.data();
    // SAFETY: engine.h.
    match unsafe { (state.host().tick)(state.actor.0) } {
        abi::TICK_CONTINUE => Ok(UpdateDeadline::Continue(1)),
        abi::TICK_YIELD => {
            state.signals().yielded.set(true);
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(YieldOnce { yielded: false })))
        }
        _ => Ok(UpdateDeadline::Interrupt),
    }
}

/// Pending once. It wakes nobody: ENGINE_POLL_YIELDED says to poll again.
struct YieldOnce {
    yielded: bool,
}

impl Future for YieldOnce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.yielded, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_instance_create(
    component: *mut Component,
    limits: *const abi::Limits,
    actor: *mut c_void,
    gauges: *mut abi::Gauges,
    ret: *mut *mut Instance,
    error: *mut abi::Error,
) -> i32 {
    // SAFETY: engine.h.
    let component = unsafe {
        Arc::increment_strong_count(component);
        Arc::from_raw(component)
    };
    let engine = component.engine.clone();
    let body = || {
        let gauges = NonNull::new(gauges).ok_or_else(|| Failure::new(abi::INVALID, "no gauges"))?;
        // SAFETY: engine.h.
        let instance = unsafe { Instance::new(component, &*limits, abi::Opaque(actor), gauges)? };
        // SAFETY: engine.h.
        unsafe { ret.write(Box::into_raw(instance)) };
        Ok(())
    };
    // SAFETY: engine.h.
    unsafe { guard(error, || engine.count_panic(), body) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_instance_destroy(instance: *mut Instance) {
    if instance.is_null() {
        return;
    }
    // SAFETY: engine.h: made by `engine_instance_create`, and not used again.
    let mut instance = Some(unsafe { Box::from_raw(instance) });
    let component = instance.as_ref().map(|instance| instance.component.clone()).expect("it is there");
    let body = || Ok(component.within(|| drop(instance.take())));
    // SAFETY: no error to write to.
    unsafe { guard(std::ptr::null_mut(), || component.engine.count_panic(), body) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_drop(instance: *mut Instance) {
    // SAFETY: engine.h.
    let instance = unsafe { &*instance };
    let engine = &instance.component.engine;
    // SAFETY: no error to write to.
    unsafe { guard(std::ptr::null_mut(), || engine.count_panic(), || Ok(instance.drop_call())) };
}
