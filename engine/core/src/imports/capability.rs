// SPDX-License-Identifier: MIT OR Apache-2.0
//! `airssys:actor/capability`.

use crate::state::State;
use airssys_engine_types::abi::{Bytes, Host};
use airssys_engine_types::contract::text;
use wasmtime::component::{LinkerInstance, WasmStr};
use wasmtime::{Result, StoreContextMut};

pub(super) const NAME: &str = "airssys:actor/capability@0.1.0";

pub(super) fn functions(host: &Host) -> Vec<(&'static str, bool)> {
    vec![("check", host.custom.is_some())]
}

pub(super) fn link(linker: &mut LinkerInstance<State>, host: &Host) -> Result<()> {
    let Some(custom) = host.custom else { return Ok(()) };
    linker.func_wrap("check", move |store: StoreContextMut<State>, (name, object): (WasmStr, WasmStr)| {
        let (name, object) = (name.to_str(&store)?, object.to_str(&store)?);
        let (name, object) = (Bytes::of(name.as_bytes()), Bytes::of(object.as_bytes()));
        let mut why = Bytes::EMPTY;
        // SAFETY: engine.h; the arguments are borrowed from the guest's memory, which nothing moves or writes
        // until this returns, and the text is copied into the guest before C is called again.
        let outcome = unsafe {
            match custom(store.data().actor.0, name, object, &mut why) {
                true => Ok(()),
                false => Err(text(why)?),
            }
        };
        Ok((outcome,))
    })
}
