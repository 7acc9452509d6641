// SPDX-License-Identifier: MIT OR Apache-2.0
//! `airssys:actor/messaging`.

use super::{link_flag, number_outcome, send_outcome, settle};
use crate::state::State;
use crate::wait::{FromAnswer, wait};
use airssys_engine_types::abi::{Bytes, Host};
use airssys_engine_types::contract::{self, Answered, QuickAnswer, RegisterError, SendError, SubscribeError};
use airssys_engine_types::lent::Lent;
use wasmtime::component::{LinkerInstance, WasmStr};
use wasmtime::{AsContext, Result, StoreContextMut};

pub(super) const NAME: &str = "airssys:actor/messaging@0.1.0";

type Store<'a> = StoreContextMut<'a, State>;

pub(super) fn functions(host: &Host) -> Vec<(&'static str, bool)> {
    vec![
        ("self-id", host.self_id.is_some()),
        ("send", host.send.is_some()),
        ("ask", host.ask.is_some()),
        ("ask-short", host.ask.is_some()),
        ("request", host.request.is_some()),
        ("cancel", host.cancel.is_some()),
        ("reply", host.reply.is_some()),
        ("forward", host.forward.is_some()),
        ("subscribe", host.subscribe.is_some()),
        ("unsubscribe", host.unsubscribe.is_some()),
        ("publish", host.publish.is_some()),
        ("lookup", host.lookup.is_some()),
        ("register", host.register_name.is_some()),
        ("unregister", host.unregister_name.is_some()),
    ]
}

// SAFETY of each call of C's below: engine.h; the arguments are borrowed from the guest's memory, which
// nothing moves or writes until the host function returns.

pub(super) fn link(linker: &mut LinkerInstance<State>, host: &Host) -> Result<()> {
    if let Some(self_id) = host.self_id {
        linker
            .func_wrap("self-id", move |store: Store, ()| Ok((unsafe { self_id(store.data().actor.0) },)))?;
    }
    link_waiting(linker, host)?;
    link_requests(linker, host)?;
    link_topics(linker, host)?;
    link_names(linker, host)
}

fn link_waiting(linker: &mut LinkerInstance<State>, host: &Host) -> Result<()> {
    if let Some(send) = host.send {
        linker.func_wrap_async("send", move |store: Store, (to, payload): (u64, Lent)| {
            wait::<Result<(), SendError>>(store, move |store| {
                let state = store.data();
                let ret = state.answers.get();
                Ok(unsafe { send(state.actor.0, to, payload.bytes(), &raw mut (*ret).sent) })
            })
        })?;
    }
    link_ask::<Answered>(linker, "ask", host)?;
    link_ask::<QuickAnswer>(linker, "ask-short", host)
}

fn link_ask<T: FromAnswer + 'static>(
    linker: &mut LinkerInstance<State>,
    name: &str,
    host: &Host,
) -> Result<()> {
    let Some(ask) = host.ask else { return Ok(()) };
    linker.func_wrap_async(name, move |store: Store, (to, payload, timeout_ms): (u64, Lent, u32)| {
        wait::<T>(store, move |store| {
            let state = store.data();
            let ret = state.answers.get();
            Ok(unsafe { ask(state.actor.0, to, payload.bytes(), timeout_ms, &raw mut (*ret).answered) })
        })
    })
}

fn link_requests(linker: &mut LinkerInstance<State>, host: &Host) -> Result<()> {
    if let Some(request) = host.request {
        linker.func_wrap("request", move |store: Store, (to, payload, timeout_ms): (u64, Lent, u32)| {
            let (mut sent, mut id) = (send_outcome(), 0);
            let actor = store.data().actor.0;
            unsafe { request(actor, to, payload.bytes(), timeout_ms, &mut sent, &mut id) };
            Ok((unsafe { contract::sent(&sent)? }.map(|()| id),))
        })?;
    }
    link_flag(linker, "cancel", host.cancel)?;
    if let Some(reply) = host.reply {
        type Given = (u64, Result<Lent, WasmStr>);
        linker.func_wrap("reply", move |store: Store, (request, outcome): Given| {
            let mut sent = send_outcome();
            let actor = store.data().actor.0;
            settle(store.as_context(), &outcome.map(Some), |s| unsafe {
                reply(actor, request, s, &mut sent)
            })?;
            Ok((unsafe { contract::sent(&sent)? },))
        })?;
    }
    let Some(forward) = host.forward else { return Ok(()) };
    linker.func_wrap("forward", move |store: Store, (to,): (u64,)| {
        let mut sent = send_outcome();
        unsafe { forward(store.data().actor.0, to, &mut sent) };
        Ok((unsafe { contract::sent(&sent)? },))
    })
}

fn link_topics(linker: &mut LinkerInstance<State>, host: &Host) -> Result<()> {
    if let Some(subscribe) = host.subscribe {
        linker.func_wrap(
            "subscribe",
            move |store: Store, (pattern, group): (WasmStr, Option<WasmStr>)| {
                let mut ret = number_outcome();
                let pattern = pattern.to_str(&store)?;
                let group = group.map(|group| group.to_str(&store)).transpose()?;
                let name = group.as_deref().unwrap_or_default();
                let (pattern, name) = (Bytes::of(pattern.as_bytes()), Bytes::of(name.as_bytes()));
                unsafe { subscribe(store.data().actor.0, pattern, group.is_some(), name, &mut ret) };
                Ok((unsafe { contract::numbered::<SubscribeError>(&ret)? },))
            },
        )?;
    }
    link_flag(linker, "unsubscribe", host.unsubscribe)?;
    let Some(publish) = host.publish else { return Ok(()) };
    linker.func_wrap("publish", move |store: Store, (topic, payload): (WasmStr, Lent)| {
        let (mut sent, mut reached) = (send_outcome(), 0);
        let topic = topic.to_str(&store)?;
        let (actor, topic) = (store.data().actor.0, Bytes::of(topic.as_bytes()));
        unsafe { publish(actor, topic, payload.bytes(), &mut sent, &mut reached) };
        let sent: Result<(), SendError> = unsafe { contract::sent(&sent)? };
        Ok((sent.map(|()| reached),))
    })
}

fn link_names(linker: &mut LinkerInstance<State>, host: &Host) -> Result<()> {
    if let Some(lookup) = host.lookup {
        linker.func_wrap("lookup", move |store: Store, (name,): (WasmStr,)| {
            let mut actor = 0;
            let name = name.to_str(&store)?;
            let found = unsafe { lookup(store.data().actor.0, Bytes::of(name.as_bytes()), &mut actor) };
            Ok((found.then_some(actor),))
        })?;
    }
    if let Some(register) = host.register_name {
        linker.func_wrap("register", move |store: Store, (name,): (WasmStr,)| {
            let mut ret = number_outcome();
            let name = name.to_str(&store)?;
            unsafe { register(store.data().actor.0, Bytes::of(name.as_bytes()), &mut ret) };
            Ok((unsafe { contract::numbered::<RegisterError>(&ret)? }.map(|_| ()),))
        })?;
    }
    let Some(unregister) = host.unregister_name else { return Ok(()) };
    linker.func_wrap("unregister", move |store: Store, (name,): (WasmStr,)| {
        let name = name.to_str(&store)?;
        Ok((unsafe { unregister(store.data().actor.0, Bytes::of(name.as_bytes())) },))
    })
}
