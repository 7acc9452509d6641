// SPDX-License-Identifier: MIT OR Apache-2.0
//! `airssys:actor/timers`.

use super::{link_flag, number_outcome};
use crate::state::State;
use airssys_engine_types::abi::{Bytes, Host, NumberOutcome};
use airssys_engine_types::contract::{TimerError, numbered};
use airssys_engine_types::lent::Lent;
use std::ffi::c_void;
use wasmtime::component::LinkerInstance;
use wasmtime::{Result, StoreContextMut};

pub(super) const NAME: &str = "airssys:actor/timers@0.1.0";

type Store<'a> = StoreContextMut<'a, State>;
type SetFn = unsafe extern "C" fn(*mut c_void, u64, u64, Bytes, *mut NumberOutcome);

pub(super) fn functions(host: &Host) -> Vec<(&'static str, bool)> {
    vec![
        ("send-after", host.send_after.is_some()),
        ("send-every", host.send_every.is_some()),
        ("cancel", host.cancel_timer.is_some()),
    ]
}

// SAFETY of each call of C's below: engine.h; the arguments are borrowed from the guest's memory, which
// nothing moves or writes until the host function returns.

pub(super) fn link(linker: &mut LinkerInstance<State>, host: &Host) -> Result<()> {
    link_set(linker, "send-after", host.send_after)?;
    link_set(linker, "send-every", host.send_every)?;
    link_flag(linker, "cancel", host.cancel_timer)
}

fn link_set(linker: &mut LinkerInstance<State>, name: &str, function: Option<SetFn>) -> Result<()> {
    let Some(function) = function else { return Ok(()) };
    linker.func_wrap(name, move |store: Store, (ms, to, payload): (u64, u64, Lent)| {
        let mut ret = number_outcome();
        let payload = payload.bytes();
        unsafe { function(store.data().actor.0, ms, to, payload, &mut ret) };
        Ok((unsafe { numbered::<TimerError>(&ret)? },))
    })
}
