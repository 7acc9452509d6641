// SPDX-License-Identifier: MIT OR Apache-2.0
//! `airssys:actor/supervision`.

use super::{link_flag, number_outcome};
use crate::state::State;
use airssys_engine_types::abi::{Bytes, Host, Setting};
use airssys_engine_types::contract::{GivenSetting, SpawnError, numbered};
use std::ffi::c_void;
use wasmtime::component::{LinkerInstance, WasmStr};
use wasmtime::{Result, StoreContextMut};

pub(super) const NAME: &str = "airssys:actor/supervision@0.1.0";

type Store<'a> = StoreContextMut<'a, State>;

pub(super) fn functions(host: &Host) -> Vec<(&'static str, bool)> {
    vec![
        ("spawn", host.spawn.is_some()),
        ("stop", host.stop_child.is_some()),
        ("exit", host.exit.is_some()),
        ("monitor", host.monitor.is_some()),
        ("demonitor", host.demonitor.is_some()),
        ("link", host.link.is_some()),
        ("unlink", host.unlink.is_some()),
    ]
}

// SAFETY of each call of C's below: engine.h; the arguments live until it returns.

pub(super) fn link(linker: &mut LinkerInstance<State>, host: &Host) -> Result<()> {
    link_spawn(linker, host)?;
    if let Some(exit) = host.exit {
        linker.func_wrap("exit", move |store: Store, (outcome,): (Result<(), WasmStr>,)| {
            let text = outcome.as_ref().err().map(|text| text.to_str(&store)).transpose()?;
            let text = Bytes::of(text.as_deref().unwrap_or_default().as_bytes());
            unsafe { exit(store.data().actor.0, outcome.is_ok(), text) };
            Ok(())
        })?;
    }
    if let Some(monitor) = host.monitor {
        linker.func_wrap("monitor", move |store: Store, (actor,): (u64,)| {
            Ok((unsafe { monitor(store.data().actor.0, actor) },))
        })?;
    }
    link_flag(linker, "stop", host.stop_child)?;
    link_flag(linker, "demonitor", host.demonitor)?;
    link_plain(linker, "link", host.link)?;
    link_plain(linker, "unlink", host.unlink)
}

fn link_spawn(linker: &mut LinkerInstance<State>, host: &Host) -> Result<()> {
    type Given = (WasmStr, Option<WasmStr>, Vec<GivenSetting>);
    let Some(spawn) = host.spawn else { return Ok(()) };
    linker.func_wrap("spawn", move |store: Store, (template, name, config): Given| {
        let template = template.to_str(&store)?;
        let name = name.map(|name| name.to_str(&store)).transpose()?;
        let has_name = name.is_some();
        let name = Bytes::of(name.as_deref().unwrap_or_default().as_bytes());
        let bytes = |text: &String| Bytes::of(text.as_bytes());
        let config: Vec<Setting> =
            config.iter().map(|s| Setting { key: bytes(&s.key), value: bytes(&s.value) }).collect();
        let (actor, mut ret) = (store.data().actor.0, number_outcome());
        let template = Bytes::of(template.as_bytes());
        unsafe { spawn(actor, template, has_name, name, config.as_ptr(), config.len(), &mut ret) };
        Ok((unsafe { numbered::<SpawnError>(&ret)? },))
    })
}

type PlainFn = unsafe extern "C" fn(*mut c_void, u64);

fn link_plain(linker: &mut LinkerInstance<State>, name: &str, function: Option<PlainFn>) -> Result<()> {
    let Some(function) = function else { return Ok(()) };
    linker.func_wrap(name, move |store: Store, (actor,): (u64,)| {
        unsafe { function(store.data().actor.0, actor) };
        Ok(())
    })
}
