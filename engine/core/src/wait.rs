// SPDX-License-Identifier: MIT OR Apache-2.0
//! Host functions that may wait: C is asked, and asked again at each poll until it is ready.
//!
//! The fast path, ready at the first time, allocates nothing. C's answer goes into the store
//! (`Answers`), the future handed to Wasmtime is zero-sized (boxing it is free) and its value `Stored`
//! is zero-sized too: it finds the answer in the store again when it is lowered into the guest.

use crate::state::State;
use airssys_engine_types::abi;
use airssys_engine_types::contract::{
    self, Answered, EventList, QuickAnswer, QuickEvent, SendError, Words64,
};
use std::any::Any;
use std::cell::UnsafeCell;
use std::future::Future;
use std::marker::PhantomData;
use std::mem::{MaybeUninit, zeroed};
use std::pin::Pin;
use std::task::{Context, Poll};
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LowerContext};
use wasmtime::component::{ComponentType, Lower};
use wasmtime::{Result, StoreContext, StoreContextMut};

/// Where C writes its answers: no clearing, no copying.
pub(crate) struct Answers {
    pub event: abi::Event,
    pub words: u32,
    pub sent: abi::SendOutcome,
    pub answered: abi::RequestOutcome,
}

impl Answers {
    pub fn new() -> UnsafeCell<Self> {
        // SAFETY: all zeroes is a value of these plain C types.
        UnsafeCell::new(unsafe { zeroed() })
    }
}

/// A value that is made of an answer when it is lowered.
pub(crate) trait FromAnswer: ComponentType + Lower + Sized {
    fn from_answer(answers: &Answers) -> Result<Self>;
}

impl FromAnswer for QuickEvent {
    fn from_answer(answers: &Answers) -> Result<Self> {
        // SAFETY: engine.h: what C put into `ret` is valid until the next host function.
        unsafe { QuickEvent::from_c(&answers.event) }
    }
}

impl FromAnswer for Result<(), SendError> {
    fn from_answer(answers: &Answers) -> Result<Self> {
        // SAFETY: as above.
        unsafe { contract::sent(&answers.sent) }
    }
}

impl FromAnswer for Answered {
    fn from_answer(answers: &Answers) -> Result<Self> {
        // SAFETY: as above.
        unsafe { contract::answered(&answers.answered) }
    }
}

impl FromAnswer for QuickAnswer {
    fn from_answer(answers: &Answers) -> Result<Self> {
        // SAFETY: as above.
        unsafe { QuickAnswer::from_c(&answers.answered) }
    }
}

/// A `T` that lies in the store as one of the `Answers`.
pub(crate) struct Stored<T>(PhantomData<fn() -> T>);

// SAFETY: everything about the representation is `T`'s.
unsafe impl<T: FromAnswer> ComponentType for Stored<T> {
    type Lower = T::Lower;
    const ABI: CanonicalAbiInfo = T::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        T::typecheck(ty, types)
    }
}

fn state_of<'a, S: 'static>(cx: &'a LowerContext<'_, S>) -> &'a State {
    let state: &dyn Any = cx.store.data();
    state.downcast_ref::<State>().expect("each store of ours holds a State")
}

fn answer<T: FromAnswer, S: 'static>(cx: &LowerContext<'_, S>) -> Result<T> {
    // SAFETY: C writes to it within a host function only, and that one has returned.
    T::from_answer(unsafe { &*state_of(cx).answers.get() })
}

// SAFETY: `T` writes itself as `T`.
unsafe impl<T: FromAnswer> Lower for Stored<T> {
    fn linear_lower_to_flat<S>(
        &self,
        cx: &mut LowerContext<'_, S>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        answer::<T, S>(cx)?.linear_lower_to_flat(cx, ty, dst)
    }

    fn linear_lower_to_memory<S>(
        &self,
        cx: &mut LowerContext<'_, S>,
        ty: InterfaceType,
        offset: usize,
    ) -> Result<()> {
        answer::<T, S>(cx)?.linear_lower_to_memory(cx, ty, offset)
    }
}

/// The case of `event-list` that is a list of its own.
const LONG: u8 = 2;

/// An `event-list` that C writes straight into the guest's memory.
pub(crate) struct Taken {
    words: u32,
}

impl FromAnswer for Taken {
    fn from_answer(answers: &Answers) -> Result<Self> {
        Ok(Self { words: answers.words })
    }
}

impl Taken {
    fn size(&self) -> usize {
        self.words as usize * size_of::<u64>()
    }

    /// C writes the list; `at` is where it begins, a multiple of 8 with so many bytes behind it.
    fn write<S: 'static>(cx: &LowerContext<'_, S>, at: *mut u8) {
        let state = state_of(cx);
        if let Some(take_into) = state.host().take_into {
            // SAFETY: engine.h. Memories lie in the pool's slots: they do not move.
            unsafe { take_into(state.actor.0, at.cast()) };
        }
    }
}

// SAFETY: the representation and the check are those of `event-list`, delegated to.
unsafe impl ComponentType for Taken {
    type Lower = <EventList as ComponentType>::Lower;
    const ABI: CanonicalAbiInfo = EventList::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        EventList::typecheck(ty, types)
    }
}

// SAFETY: writes a case of `event-list`, and behind it what belongs to the case.
unsafe impl Lower for Taken {
    fn linear_lower_to_flat<S>(
        &self,
        _: &mut LowerContext<'_, S>,
        _: InterfaceType,
        _: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        Err(wasmtime::format_err!("so many words are never flat"))
    }

    fn linear_lower_to_memory<S>(
        &self,
        cx: &mut LowerContext<'_, S>,
        _: InterfaceType,
        offset: usize,
    ) -> Result<()> {
        let size = self.size();
        // Looked up once: each time it is a way through several tables.
        let place = &mut cx.as_slice_mut()[offset..][..Self::SIZE32];
        place[0] = (size > 0) as u8 + (size > Words64::SIZE32) as u8;
        if place[0] < LONG {
            let list = place[8..].as_mut_ptr();
            if size > 0 {
                Self::write(cx, list);
            }
            return Ok(());
        }
        // The guest's own code runs here, and may use up its tick.
        let at = cx.realloc(0, 0, align_of::<u64>() as u32, size)?;
        let memory = cx.as_slice_mut();
        memory[offset + 8..][..4].copy_from_slice(&u32::try_from(at)?.to_le_bytes());
        memory[offset + 12..][..4].copy_from_slice(&self.words.to_le_bytes());
        let list = memory[at..][..size].as_mut_ptr();
        Self::write(cx, list);
        Ok(())
    }
}

/// What Wasmtime wants of a host function that may wait.
pub(crate) type Waiting<'a, T> = Box<dyn Future<Output = Result<(Stored<T>,)>> + Send + 'a>;

/// Asks C once; waits only if it must. `ask` gives the step C took; when that is READY, C has written
/// its answer into `State::answers`.
pub(crate) fn wait<'a, T: FromAnswer + 'static>(
    store: StoreContextMut<'a, State>,
    ask: impl Fn(StoreContext<'_, State>) -> Result<u32> + Send + Unpin + 'a,
) -> Waiting<'a, T> {
    match ask((&store).into()) {
        Ok(abi::STEP_READY) => Box::new(Ready(PhantomData)),
        Ok(_) => Box::new(Parked { store, ask, asked: true, value: PhantomData }),
        Err(error) => Box::new(std::future::ready(Err(error))),
    }
}

struct Ready<T>(PhantomData<fn() -> T>);

impl<T> Future for Ready<T> {
    type Output = Result<(Stored<T>,)>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok((Stored(PhantomData),)))
    }
}

struct Parked<'a, T, F> {
    store: StoreContextMut<'a, State>,
    ask: F,
    /// Asked in this poll already: the first one follows on `wait` at once.
    asked: bool,
    value: PhantomData<fn() -> T>,
}

impl<T, F> Future for Parked<'_, T, F>
where
    F: Fn(StoreContext<'_, State>) -> Result<u32> + Unpin,
{
    type Output = Result<(Stored<T>,)>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        // The waker is not kept: C wakes its own task when it has something for it.
        if std::mem::take(&mut self.asked) {
            return Poll::Pending;
        }
        // Ticks went by while it waited; they were not its own.
        self.store.set_epoch_deadline(1);
        match (self.ask)((&self.store).into()) {
            Ok(abi::STEP_READY) => Poll::Ready(Ok((Stored(PhantomData),))),
            Ok(_) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}
