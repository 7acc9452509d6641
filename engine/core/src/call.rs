// SPDX-License-Identifier: MIT OR Apache-2.0
//! `engine_call_*`: each puts the future of a call into the instance and returns; nothing runs yet.

use crate::exports::Functions;
use crate::guard::{Failure, guard};
use crate::instance::{Ending, Instance, Phase};
use airssys_engine_types::abi;
use airssys_engine_types::contract::{self, Down, Health, LentMessage, Reply, StartInfo, StopReason};
use airssys_engine_types::kept::Kept;
use std::ptr::null_mut;
use wasmtime::Result;
use wasmtime::component::{ComponentNamedList, Lift, Lower, TypedFunc};

fn failure(code: i32) -> Failure {
    Failure { code, text: String::new() }
}

/// Starts a call of the function that `pick` finds, with the arguments that `lend` makes of C's.
/// `end` reads the results.
///
/// # Safety
/// See engine.h. What `lend` borrows of C's memory stays until the call has ended.
unsafe fn call<P, R>(
    instance: *mut Instance,
    pick: impl FnOnce(&'static Functions) -> Option<&'static TypedFunc<P, R>>,
    lend: impl FnOnce() -> Result<P>,
    end: fn(R) -> Ending,
) -> i32
where
    P: ComponentNamedList + Lower + 'static,
    R: ComponentNamedList + Lift + 'static,
{
    // SAFETY: engine.h.
    let instance = unsafe { &*instance };
    let body = || {
        if instance.call.is_filled() {
            return Err(failure(abi::BUSY));
        }
        let functions = instance.functions.get().filter(|_| instance.phase.get() == Phase::Linked);
        let functions: *const Functions = &**functions.ok_or_else(|| failure(abi::INVALID))?;
        // SAFETY: set once, in a box, and dropped after the call.
        let function = pick(unsafe { &*functions }).ok_or_else(|| failure(abi::NO_EXPORT))?;
        let arguments = lend().map_err(|_| failure(abi::INVALID))?;
        // SAFETY: the call is empty, and this future goes into it.
        let store = unsafe { instance.lend_store() };
        store.set_epoch_deadline(1);
        // SAFETY: empty; the instance is in a box until it is dropped, which clears the slot first.
        unsafe { instance.call.fill(function.call_async(store, arguments), end) };
        Ok(())
    };
    // SAFETY: no error to write to.
    unsafe { guard(null_mut(), || instance.component.engine.count_panic(), body) }
}

fn done((result,): (Result<(), String>,)) -> Ending {
    match result {
        Ok(()) => Ending::Done,
        Err(text) => Ending::Failed(text),
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_instantiate(instance: *mut Instance) -> i32 {
    // SAFETY: engine.h.
    let instance = unsafe { &*instance };
    let body = || {
        if instance.call.is_filled() {
            return Err(failure(abi::BUSY));
        }
        if instance.phase.get() != Phase::New {
            return Err(failure(abi::INVALID));
        }
        let component = instance.component.clone();
        // SAFETY: the call is empty, and this future goes into it.
        let store = unsafe { instance.lend_store() };
        // Boxed: it is several times the size of a call, and there is one in an instance's life.
        let future = Box::pin(async move {
            store.set_epoch_deadline(1);
            let linked = component.pre.instantiate_async(&mut *store).await?;
            Ok(Box::new(Functions::of(&component.exports, &linked, store)))
        });
        // SAFETY: as in `call`.
        unsafe { instance.call.fill(future, Ending::Linked) };
        Ok(())
    };
    // SAFETY: no error to write to.
    unsafe { guard(null_mut(), || instance.component.engine.count_panic(), body) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_start(instance: *mut Instance, info: *const abi::StartInfo) -> i32 {
    // SAFETY: engine.h.
    unsafe { call(instance, |f| f.start.as_ref(), || Ok((StartInfo::from_c(&*info)?,)), done) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_stop(instance: *mut Instance, reason: u32) -> i32 {
    // SAFETY: engine.h.
    unsafe { call(instance, |f| f.stop.as_ref(), || Ok((StopReason::from_c(reason)?,)), |()| Ending::Done) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_handle(instance: *mut Instance, message: *const abi::Message) -> i32 {
    let end = |(result,): (Result<Option<Kept>, String>,)| match result {
        Ok(None) => Ending::Done,
        Ok(Some(Kept)) => Ending::Reply,
        Err(text) => Ending::Failed(text),
    };
    // SAFETY: engine.h. Called when no call is pending, so nobody looks at the message before.
    let lend = || unsafe {
        let kept = (*instance).message.get();
        *kept = *message;
        Ok((LentMessage::new(kept),))
    };
    // SAFETY: engine.h.
    unsafe { call(instance, |f| f.handle.as_ref(), lend, end) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_run(instance: *mut Instance) -> i32 {
    // SAFETY: engine.h.
    unsafe { call(instance, |f| f.run.as_ref(), || Ok(()), |()| Ending::Done) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_handle_reply(instance: *mut Instance, reply: *const abi::Reply) -> i32 {
    // SAFETY: engine.h.
    unsafe { call(instance, |f| f.handle_reply.as_ref(), || Ok((Reply::from_c(&*reply)?,)), done) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_handle_down(instance: *mut Instance, down: *const abi::Down) -> i32 {
    // SAFETY: engine.h.
    unsafe { call(instance, |f| f.handle_down.as_ref(), || Ok((Down::from_c(&*down)?,)), done) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_check(instance: *mut Instance) -> i32 {
    let end = |(health,): (Health,)| match health {
        Health::Healthy => Ending::Health(abi::HEALTHY, String::new()),
        Health::Degraded(text) => Ending::Health(abi::DEGRADED, text),
        Health::Unhealthy(text) => Ending::Health(abi::UNHEALTHY, text),
    };
    // SAFETY: engine.h.
    unsafe { call(instance, |f| f.check.as_ref(), || Ok(()), end) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_save(instance: *mut Instance) -> i32 {
    let end = |(result,): (Result<Kept, String>,)| match result {
        Ok(Kept) => Ending::Reply,
        Err(text) => Ending::Failed(text),
    };
    // SAFETY: engine.h.
    unsafe { call(instance, |f| f.save.as_ref(), || Ok(()), end) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_load(
    instance: *mut Instance,
    from_version: abi::Bytes,
    state: abi::Bytes,
) -> i32 {
    // SAFETY: engine.h.
    let lend = || unsafe { Ok((contract::text(from_version)?, contract::list(state))) };
    // SAFETY: engine.h.
    unsafe { call(instance, |f| f.load.as_ref(), lend, done) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_apply(
    instance: *mut Instance,
    config: *const abi::Setting,
    config_count: usize,
) -> i32 {
    // SAFETY: engine.h.
    unsafe { call(instance, |f| f.apply.as_ref(), || Ok((contract::settings(config, config_count)?,)), done) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_call_main(instance: *mut Instance) -> i32 {
    let end = |(result,): (Result<(), ()>,)| match result {
        Ok(()) => Ending::Done,
        Err(()) => Ending::Failed(String::new()),
    };
    // SAFETY: engine.h.
    unsafe { call(instance, |f| f.main.as_ref(), || Ok(()), end) }
}
