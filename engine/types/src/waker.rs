// SPDX-License-Identifier: MIT OR Apache-2.0
//! C's wakers as Rust's.
//!
//! A poll borrows C's waker (`Borrowed`, on the poller's stack, no reference counted); only who clones
//! it, a timer of WASI's for one, makes an `Owned` one that retains it.

use crate::abi::{Host, Opaque};
use std::ffi::c_void;
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Waker};

type WakerFn = unsafe extern "C" fn(*mut c_void);

/// Lives for one poll.
pub struct Borrowed {
    waker: Opaque,
    wake: WakerFn,
    retain: WakerFn,
    release: WakerFn,
}

impl Borrowed {
    pub fn new(host: &Host, waker: *mut c_void) -> Self {
        Self { waker: Opaque(waker), wake: host.wake, retain: host.waker_retain, release: host.waker_release }
    }

    /// Runs `body` with this waker; it cannot get out but by a clone, which owns.
    pub fn with<R>(&self, body: impl FnOnce(&Waker) -> R) -> R {
        let raw = RawWaker::new(std::ptr::from_ref(self).cast(), &BORROWED);
        // SAFETY: the table below keeps RawWaker's contract, and `self` outlives the borrow given away.
        let waker = unsafe { Waker::from_raw(raw) };
        body(&waker)
    }
}

struct Owned {
    waker: Opaque,
    wake: WakerFn,
    release: WakerFn,
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: retained in `clone_borrowed`; engine.h: from any thread.
        unsafe { (self.release)(self.waker.0) }
    }
}

static BORROWED: RawWakerVTable = RawWakerVTable::new(
    clone_borrowed,
    |_| unreachable!("a borrowed waker is not given away"),
    wake_borrowed,
    |_| (),
);

static OWNED: RawWakerVTable = RawWakerVTable::new(clone_owned, wake_owned, wake_owned_by_ref, drop_owned);

unsafe fn clone_borrowed(data: *const ()) -> RawWaker {
    // SAFETY: `with` made it of a `Borrowed` that is still borrowed.
    let borrowed = unsafe { &*data.cast::<Borrowed>() };
    // SAFETY: a waker that C gave to the running poll.
    unsafe { (borrowed.retain)(borrowed.waker.0) };
    let owned = Owned { waker: borrowed.waker, wake: borrowed.wake, release: borrowed.release };
    RawWaker::new(Arc::into_raw(Arc::new(owned)).cast(), &OWNED)
}

unsafe fn wake_borrowed(data: *const ()) {
    // SAFETY: as in `clone_borrowed`.
    let borrowed = unsafe { &*data.cast::<Borrowed>() };
    // SAFETY: a waker that C gave to the running poll.
    unsafe { (borrowed.wake)(borrowed.waker.0) }
}

unsafe fn clone_owned(data: *const ()) -> RawWaker {
    // SAFETY: made by `Arc::into_raw` in `clone_borrowed`, and alive: this one has a count.
    unsafe { Arc::increment_strong_count(data.cast::<Owned>()) };
    RawWaker::new(data, &OWNED)
}

unsafe fn wake_owned(data: *const ()) {
    // SAFETY: this waker's count is used, and then given back.
    unsafe { (wake_owned_by_ref(data), drop_owned(data)) };
}

unsafe fn wake_owned_by_ref(data: *const ()) {
    // SAFETY: alive, as in `clone_owned`.
    let owned = unsafe { &*data.cast::<Owned>() };
    // SAFETY: retained until the last `Owned` is dropped.
    unsafe { (owned.wake)(owned.waker.0) }
}

unsafe fn drop_owned(data: *const ()) {
    // SAFETY: takes over the count of this waker.
    drop(unsafe { Arc::from_raw(data.cast::<Owned>()) });
}
