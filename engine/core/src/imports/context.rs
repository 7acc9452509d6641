// SPDX-License-Identifier: MIT OR Apache-2.0
//! `airssys:actor/context`.

use crate::state::State;
use airssys_engine_types::abi::{Bytes, Host};
use airssys_engine_types::contract::text;
use wasmtime::component::LinkerInstance;
use wasmtime::{Result, StoreContextMut};

pub(super) const NAME: &str = "airssys:actor/context@0.1.0";

type Store<'a> = StoreContextMut<'a, State>;

pub(super) fn functions(host: &Host) -> Vec<(&'static str, bool)> {
    vec![
        ("message-id", host.message_id.is_some()),
        ("attempt", host.attempt.is_some()),
        ("deadline-ms", host.deadline_ms.is_some()),
        ("sender-name", host.sender_name.is_some()),
        ("trace-parent", host.trace_parent.is_some()),
    ]
}

// SAFETY of each call of C's below: engine.h. The texts it gives are copied into the guest before it is
// called again.

pub(super) fn link(linker: &mut LinkerInstance<State>, host: &Host) -> Result<()> {
    if let Some(message_id) = host.message_id {
        linker.func_wrap("message-id", move |store: Store, ()| {
            let mut ret = Bytes::EMPTY;
            unsafe { message_id(store.data().actor.0, &mut ret) };
            Ok((unsafe { text(ret)? },))
        })?;
    }
    if let Some(attempt) = host.attempt {
        linker
            .func_wrap("attempt", move |store: Store, ()| Ok((unsafe { attempt(store.data().actor.0) },)))?;
    }
    if let Some(deadline_ms) = host.deadline_ms {
        linker.func_wrap("deadline-ms", move |store: Store, ()| {
            let mut ret = 0;
            let some = unsafe { deadline_ms(store.data().actor.0, &mut ret) };
            Ok((some.then_some(ret),))
        })?;
    }
    link_text(linker, "sender-name", host.sender_name)?;
    link_text(linker, "trace-parent", host.trace_parent)
}

type TextFn = unsafe extern "C" fn(*mut std::ffi::c_void, *mut Bytes) -> bool;

/// A function that gives an `option<string>`.
fn link_text(linker: &mut LinkerInstance<State>, name: &str, function: Option<TextFn>) -> Result<()> {
    let Some(function) = function else { return Ok(()) };
    linker.func_wrap(name, move |store: Store, ()| {
        let mut ret = Bytes::EMPTY;
        let some = unsafe { function(store.data().actor.0, &mut ret) };
        Ok((if some { Some(unsafe { text(ret)? }) } else { None },))
    })
}
