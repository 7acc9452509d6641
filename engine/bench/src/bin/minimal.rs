// SPDX-License-Identifier: MIT OR Apache-2.0
//! The least a program can do to answer one message: takes compiled code, makes an instance, calls `handle`,
//! prints the reply. What `airssys call` is measured against from a cold start.
//!
//!     minimal compile COMPONENT.wasm CODE     once
//!     minimal run CODE PAYLOAD

use airssys_engine_types::contract::Message;
use std::io::Write;
use wasmtime::component::{Component, Linker, TypedFunc, WasmList, WasmStr};
use wasmtime::{Config, Engine, Result, Store, format_err};

type Handle = TypedFunc<(Message,), (Result<Option<WasmList<u8>>, WasmStr>,)>;

fn engine() -> Result<Engine> {
    let mut config = Config::new();
    config.epoch_interruption(true).concurrency_support(false);
    Engine::new(&config)
}

fn compile(wasm: &str, code: &str) -> Result<()> {
    let wasm = std::fs::read(wasm)?;
    Ok(std::fs::write(code, engine()?.precompile_component(&wasm)?)?)
}

fn run(code: &str, payload: String) -> Result<()> {
    let engine = engine()?;
    // SAFETY: `compile` wrote it.
    let component = unsafe { Component::deserialize_file(&engine, code)? };
    let mut linker = Linker::new(&engine);
    linker.define_unknown_imports_as_traps(&component)?;
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(u64::MAX / 2);
    let instance = linker.instantiate(&mut store, &component)?;
    let missing = || format_err!("it exports no airssys:actor/actor");
    let interface =
        instance.get_export_index(&mut store, None, "airssys:actor/actor@0.1.0").ok_or_else(missing)?;
    let index = instance.get_export_index(&mut store, Some(&interface), "handle").ok_or_else(missing)?;
    let handle: Handle = instance.get_typed_func(&mut store, &index)?;
    let payload: &'static [u8] = payload.into_bytes().leak();
    let message = Message { sender: 0, request: 1, topic: None, payload };
    let (result,) = handle.call(&mut store, (message,))?;
    match result {
        Ok(Some(reply)) => std::io::stdout().write_all(reply.as_le_slice(&store))?,
        Ok(None) => (),
        Err(text) => return Err(format_err!("{}", text.to_str(&store)?)),
    }
    Ok(println!())
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [verb, wasm, code] if verb == "compile" => compile(wasm, code),
        [verb, code, payload] if verb == "run" => run(code, payload.clone()),
        _ => Err(format_err!("minimal compile COMPONENT.wasm CODE | minimal run CODE PAYLOAD")),
    }
}
