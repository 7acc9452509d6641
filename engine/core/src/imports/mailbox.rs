// SPDX-License-Identifier: MIT OR Apache-2.0
//! `airssys:actor/mailbox`: the inbox of a guest that takes its events itself.

use super::settle;
use crate::state::State;
use crate::wait::{Taken, wait};
use airssys_engine_types::abi::Host;
use airssys_engine_types::contract::QuickEvent;
use airssys_engine_types::lent::Lent;
use wasmtime::component::{LinkerInstance, WasmStr};
use wasmtime::{AsContext, Result, StoreContextMut};

pub(super) const NAME: &str = "airssys:actor/mailbox@0.1.0";

pub(super) fn functions(host: &Host) -> Vec<(&'static str, bool)> {
    vec![
        ("next", host.next.is_some()),
        ("take", host.take.is_some() && host.take_into.is_some()),
        ("settle", host.settle.is_some()),
    ]
}

type Store<'a> = StoreContextMut<'a, State>;
type Settled = Result<Option<Lent>, WasmStr>;

// SAFETY of each call of C's below: engine.h; nobody else looks at the answers during a host function.

pub(super) fn link(linker: &mut LinkerInstance<State>, host: &Host) -> Result<()> {
    if let Some(next) = host.next {
        linker.func_wrap_async("next", move |store: Store, (settled,): (Settled,)| {
            wait::<QuickEvent>(store, move |store| {
                let state = store.data();
                settle(store, &settled, |s| unsafe {
                    next(state.actor.0, s, &raw mut (*state.answers.get()).event)
                })
            })
        })?;
    }
    if let (Some(take), Some(_)) = (host.take, host.take_into) {
        linker.func_wrap_async("take", move |store: Store, (settled,): (Settled,)| {
            wait::<Taken>(store, move |store| {
                let state = store.data();
                settle(store, &settled, |s| unsafe {
                    take(state.actor.0, s, &raw mut (*state.answers.get()).words)
                })
            })
        })?;
    }
    let Some(settle_now) = host.settle else { return Ok(()) };
    linker.func_wrap("settle", move |store: Store, (settled,): (Settled,)| {
        let actor = store.data().actor.0;
        settle(store.as_context(), &settled, |s| unsafe { settle_now(actor, s) })
    })
}
