// SPDX-License-Identifier: MIT OR Apache-2.0
//! The imports of `airssys:actor`: each host function of engine.h, in the linker.
//!
//! One file an interface. Each defines a function only if C gave it; `offers` asks the same members,
//! so that what is said to be offered and what links are the same.

mod capability;
mod context;
mod mailbox;
mod messaging;
mod supervision;
mod timers;

use crate::offers::Offer;
use crate::state::State;
use airssys_engine_types::abi::{
    Bytes, Host, NumberOutcome, SEND_OK, SETTLE_DONE, SETTLE_ERROR, SETTLE_REPLY, SendOutcome, Settle,
};
use airssys_engine_types::lent::Lent;
use std::ffi::c_void;
use wasmtime::component::{Linker, LinkerInstance, WasmStr};
use wasmtime::{Result, StoreContext, StoreContextMut};

/// Only types: nothing to call.
const TYPES: &str = "airssys:actor/types@0.1.0";

/// An interface: its name, and which of its functions this host has.
type Table = (&'static str, Vec<(&'static str, bool)>);

fn tables(host: &Host) -> Vec<Table> {
    vec![
        (TYPES, Vec::new()),
        (mailbox::NAME, mailbox::functions(host)),
        (messaging::NAME, messaging::functions(host)),
        (context::NAME, context::functions(host)),
        (capability::NAME, capability::functions(host)),
        (supervision::NAME, supervision::functions(host)),
        (timers::NAME, timers::functions(host)),
    ]
}

pub(crate) fn offers(host: &Host) -> Vec<Offer> {
    let offer = |(name, functions): Table| {
        let functions: Vec<_> = functions.into_iter().filter(|f| f.1).map(|f| f.0).collect();
        (name == TYPES || !functions.is_empty()).then_some(Offer { name, functions })
    };
    tables(host).into_iter().filter_map(offer).collect()
}

pub(crate) fn link(linker: &mut Linker<State>, host: &Host) -> Result<()> {
    linker.instance(TYPES)?;
    mailbox::link(&mut linker.instance(mailbox::NAME)?, host)?;
    messaging::link(&mut linker.instance(messaging::NAME)?, host)?;
    context::link(&mut linker.instance(context::NAME)?, host)?;
    capability::link(&mut linker.instance(capability::NAME)?, host)?;
    supervision::link(&mut linker.instance(supervision::NAME)?, host)?;
    timers::link(&mut linker.instance(timers::NAME)?, host)
}

/// What C writes into, before it has.
fn send_outcome() -> SendOutcome {
    SendOutcome { tag: SEND_OK, text: Bytes::EMPTY }
}

fn number_outcome() -> NumberOutcome {
    NumberOutcome { tag: u32::MAX, number: 0, text: Bytes::EMPTY }
}

/// A guest's `result<option<list<u8>>, string>`, handed to `body` as C has it.
#[inline]
fn settle<R>(
    store: StoreContext<'_, State>,
    given: &Result<Option<Lent>, WasmStr>,
    body: impl FnOnce(&Settle) -> R,
) -> Result<R> {
    Ok(match given {
        Ok(None) => body(&Settle { tag: SETTLE_DONE, data: Bytes::EMPTY }),
        Ok(Some(reply)) => body(&Settle { tag: SETTLE_REPLY, data: reply.bytes() }),
        Err(text) => body(&Settle { tag: SETTLE_ERROR, data: Bytes::of(text.to_str(store)?.as_bytes()) }),
    })
}

type FlagFn = unsafe extern "C" fn(*mut c_void, u64) -> bool;

/// A function from a number to whether it was there.
fn link_flag(linker: &mut LinkerInstance<State>, name: &str, function: Option<FlagFn>) -> Result<()> {
    let Some(function) = function else { return Ok(()) };
    // SAFETY: engine.h.
    linker.func_wrap(name, move |store: StoreContextMut<State>, (id,): (u64,)| {
        Ok((unsafe { function(store.data().actor.0, id) },))
    })
}
