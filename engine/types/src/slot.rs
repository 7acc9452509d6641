// SPDX-License-Identifier: MIT OR Apache-2.0
//! The place of an instance's one pending call: a future of any type, in memory reused from call to call.

use std::cell::{Cell, UnsafeCell};
use std::future::Future;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasmtime::Result;

/// Bytes that the largest of the calls' futures needs; checked when the engine is compiled.
const SIZE: usize = 512;

#[repr(C, align(16))]
struct Place([MaybeUninit<u8>; SIZE]);

/// A future, and how its value becomes that of the slot.
struct Call<F, R, T> {
    future: F,
    end: fn(R) -> T,
}

/// What to do with the call whose type is forgotten.
struct Verbs<T> {
    poll: unsafe fn(*mut u8, &mut Context<'_>) -> Poll<Result<T>>,
    drop: unsafe fn(*mut u8),
}

/// Invariant: `verbs` is set exactly while `place` holds a call of the type they were made for. Its
/// future is never moved: it is written once, polled there and dropped there, and the slot does not move
/// while it is filled (an instance lies in a box that C points to).
pub struct Slot<T: 'static> {
    place: UnsafeCell<Place>,
    verbs: Cell<Option<&'static Verbs<T>>>,
}

impl<T> Slot<T> {
    pub fn new() -> Self {
        Self { place: UnsafeCell::new(Place([MaybeUninit::uninit(); SIZE])), verbs: Cell::new(None) }
    }

    pub fn is_filled(&self) -> bool {
        self.verbs.get().is_some()
    }

    /// `end` makes the slot's value of the future's. The future is made here and not wrapped into another:
    /// each layer of `async` would copy the arguments once more.
    ///
    /// # Safety
    /// The slot is empty, and neither moved nor freed until it is empty again.
    pub unsafe fn fill<F: Future<Output = Result<R>>, R>(&self, future: F, end: fn(R) -> T) {
        const { assert!(size_of::<Call<F, R, T>>() <= SIZE) };
        const { assert!(align_of::<Call<F, R, T>>() <= align_of::<Place>()) };
        assert!(!self.is_filled(), "a second call on a slot");
        // SAFETY: large enough and aligned, as just checked; nothing is in it.
        unsafe { self.place.get().cast::<Call<F, R, T>>().write(Call { future, end }) };
        self.verbs.set(Some(verbs::<F, R, T>()));
    }

    /// `None` when it is empty. A future that has come ready or panicked is still to be cleared.
    ///
    /// # Safety
    /// Nobody else polls or clears it meanwhile.
    pub unsafe fn poll(&self, cx: &mut Context<'_>) -> Option<Poll<Result<T>>> {
        let verbs = self.verbs.get()?;
        // SAFETY: the invariant.
        Some(unsafe { (verbs.poll)(self.place.get().cast(), cx) })
    }

    /// Drops what is in it. The slot counts as empty even if that panics.
    ///
    /// # Safety
    /// As for `poll`.
    pub unsafe fn clear(&self) {
        if let Some(verbs) = self.verbs.take() {
            // SAFETY: the invariant; nobody comes here twice, as the verbs are taken.
            unsafe { (verbs.drop)(self.place.get().cast()) };
        }
    }
}

/// # Safety
/// `place` holds a `Call<F, R, T>` that is not moved any more.
unsafe fn poll<F: Future<Output = Result<R>>, R, T>(place: *mut u8, cx: &mut Context<'_>) -> Poll<Result<T>> {
    // SAFETY: the caller's promise.
    let call = unsafe { &mut *place.cast::<Call<F, R, T>>() };
    let end = call.end;
    // SAFETY: pinned by the caller's promise.
    unsafe { Pin::new_unchecked(&mut call.future) }.poll(cx).map(|result| result.map(end))
}

fn verbs<F: Future<Output = Result<R>>, R, T>() -> &'static Verbs<T> {
    const {
        &Verbs {
            poll: poll::<F, R, T>,
            // SAFETY: by the invariant, a call of these types, which is not used again.
            drop: |place| unsafe { place.cast::<Call<F, R, T>>().drop_in_place() },
        }
    }
}
