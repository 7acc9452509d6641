// SPDX-License-Identifier: MIT OR Apache-2.0
//! wasi:config and wasi:logging, under each of the names that components in the field import: a draft is matched by its
//! whole version only.

use crate::guest::Own;
use crate::rights::Value;
use airssys_engine_core::State;
use airssys_engine_core::abi::{self, Bytes};
use airssys_engine_core::offers::Interface;
use wasmtime::component::{ComponentType, Lift, Linker, Lower, WasmStr};
use wasmtime::{Result, StoreContextMut};

const CONFIG: &[&str] = &["get", "get-all"];

pub(crate) const INTERFACES: [Interface; 6] = [
    Interface { name: "wasi:config/store@0.2.0-rc.1", functions: CONFIG },
    Interface { name: "wasi:config/store@0.2.0-draft", functions: CONFIG },
    Interface { name: "wasi:config/store@0.2.0-draft-2024-09-27", functions: CONFIG },
    Interface { name: "wasi:config/runtime@0.2.0-draft", functions: CONFIG },
    Interface { name: "wasi:logging/logging@0.1.0-draft", functions: &["log"] },
    Interface { name: "wasi:logging/logging", functions: &["log"] },
];

#[derive(ComponentType, Lower)]
#[component(variant)]
enum ConfigError {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    #[expect(dead_code, reason = "one of the contract's cases, which never happens here")]
    Io(String),
}

#[derive(ComponentType, Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "made by guests, and read as a number")]
enum Level {
    #[component(name = "trace")]
    Trace,
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
    #[component(name = "critical")]
    Critical,
}

type Store<'a> = StoreContextMut<'a, State>;

pub(crate) fn link(linker: &mut Linker<State>) -> Result<()> {
    for Interface { name, functions } in INTERFACES {
        let mut instance = linker.instance(name)?;
        if functions == CONFIG {
            instance.func_wrap("get", |mut store: Store, (key,): (WasmStr,)| {
                let key = key.to_str(&store)?.into_owned();
                Ok((get(Own::of(store.data_mut()), &key),))
            })?;
            instance.func_wrap("get-all", |mut store: Store, ()| {
                let all = Own::of(store.data_mut()).caller().values(abi::VALUE_CONFIG);
                Ok((Result::<_, ConfigError>::Ok(all),))
            })?;
        } else {
            instance.func_wrap("log", |mut store: Store, line: (Level, WasmStr, WasmStr)| {
                let context = line.1.to_str(&store)?.into_owned();
                let message = line.2.to_str(&store)?.into_owned();
                log(Own::of(store.data_mut()), line.0, &context, &message);
                Ok(())
            })?;
        }
    }
    Ok(())
}

fn get(own: &mut Own, key: &str) -> Result<Option<String>, ConfigError> {
    match own.caller().value(abi::VALUE_CONFIG_KEY, 0, key) {
        Value::Some(_, value) => Ok(Some(value)),
        Value::None => Ok(None),
        Value::Denied(why) => Err(ConfigError::Upstream(why)),
    }
}

fn log(own: &mut Own, level: Level, context: &str, message: &str) {
    let caller = own.caller();
    if let Some(log) = caller.host.log {
        let (context, message) = (Bytes::of(context.as_bytes()), Bytes::of(message.as_bytes()));
        // SAFETY: engine.h; on the guest's fiber.
        unsafe { log(caller.actor.0, level as u32, context, message) };
    }
}
