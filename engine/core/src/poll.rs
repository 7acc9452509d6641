// SPDX-License-Identifier: MIT OR Apache-2.0
//! `engine_poll`: goes on with the pending call, and tells C how far it came.

use crate::guard::panic_text;
use crate::instance::{Ending, Instance, Phase};
use crate::trap::TrapRecord;
use airssys_engine_types::abi;
use airssys_engine_types::kept::Keeping;
use airssys_engine_types::waker::Borrowed;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_poll(
    instance: *mut Instance,
    waker: *mut c_void,
    ret: *mut abi::Outcome,
) -> u32 {
    // SAFETY: engine.h.
    let instance = unsafe { &*instance };
    let mut outcome = abi::Outcome::NONE;
    let status = match catch_unwind(AssertUnwindSafe(|| poll(instance, waker))) {
        Ok(Some(Poll::Ready(ending))) => end(instance, ending, &mut outcome),
        Ok(Some(Poll::Pending)) if instance.signals.yielded.get() => return abi::POLL_YIELDED,
        Ok(Some(Poll::Pending)) => return abi::POLL_PENDING,
        Ok(None) => {
            outcome.trap.kind = abi::TRAP_PANIC;
            outcome.trap.text = abi::Bytes::of(b"there is no call to poll");
            trap(instance, &mut outcome)
        }
        Err(panic) => {
            instance.component.engine.count_panic();
            abandon(instance);
            instance.trap.get_or_init(|| TrapRecord::new(abi::TRAP_PANIC, panic_text(&*panic)));
            trap(instance, &mut outcome)
        }
    };
    // SAFETY: engine.h.
    unsafe { ret.write(outcome) };
    status
}

fn poll(instance: &Instance, waker: *mut c_void) -> Option<Poll<wasmtime::Result<Ending>>> {
    instance.signals.yielded.set(false);
    let borrowed = Borrowed::new(instance.component.engine.host(), waker);
    let mut polled = None;
    instance.component.within(|| {
        // SAFETY: the buffer is the instance's, which is with this thread; the call is, too.
        let _keeping = unsafe { Keeping::into(instance.bytes.get()) };
        polled = borrowed.with(|waker| unsafe { instance.call.poll(&mut Context::from_waker(waker)) });
        if matches!(polled, Some(Poll::Ready(_))) {
            // SAFETY: as above; it has come ready.
            unsafe { instance.call.clear() };
        }
    });
    polled
}

fn end(instance: &Instance, ending: wasmtime::Result<Ending>, outcome: &mut abi::Outcome) -> u32 {
    // SAFETY: bytes and text are given to C until the next function on this instance, which this is.
    let (bytes, kept) = unsafe { (&*instance.bytes.get(), &mut *instance.text.get()) };
    let settle = |tag, data: &[u8]| abi::Settle { tag, data: abi::Bytes::of(data) };
    match ending {
        Ok(Ending::Linked(functions)) => {
            instance.functions.get_or_init(|| functions);
            instance.phase.set(Phase::Linked);
        }
        Ok(Ending::Done) => (),
        Ok(Ending::Reply) => outcome.settle = settle(abi::SETTLE_REPLY, bytes),
        Ok(Ending::Failed(text)) => {
            *kept = text;
            outcome.settle = settle(abi::SETTLE_ERROR, kept.as_bytes());
        }
        Ok(Ending::Health(health, text)) => {
            *kept = text;
            outcome.health = health;
            outcome.settle = settle(abi::SETTLE_DONE, kept.as_bytes());
        }
        Err(error) => {
            // A component that asks for more than its limits is refused before it has run.
            let refused =
                instance.phase.replace(Phase::Over) == Phase::New && instance.limiter().refused() > 0;
            let total =
                instance.limiter().is_short_of_total().then(|| instance.component.engine.memory.max());
            instance.trap.get_or_init(|| match total {
                Some(max) if refused => TrapRecord::short_of_total(max),
                _ => TrapRecord::of(&error, instance.component.addon(), refused),
            });
            return trap(instance, outcome);
        }
    }
    abi::POLL_READY
}

fn trap(instance: &Instance, outcome: &mut abi::Outcome) -> u32 {
    if let Some(record) = instance.trap.get() {
        outcome.trap = record.as_c();
    }
    abi::POLL_TRAP
}

/// After a panic. What dropping the call panics with adds nothing to it but a count.
fn abandon(instance: &Instance) {
    if catch_unwind(AssertUnwindSafe(|| instance.drop_call())).is_err() {
        instance.component.engine.count_panic();
    }
    instance.phase.set(Phase::Over);
}
