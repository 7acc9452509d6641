// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bare Wasmtime with the engine's configuration and types, and nothing of the engine around it.

use airssys_engine_core::{abi, wasmtime_config};
use airssys_engine_types::contract::{Event, Message, StartCause, StartInfo, StopReason};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use wasmtime::component::{
    Component, ComponentNamedList, Instance, InstancePre, Lift, Linker, Lower, TypedFunc, WasmList, WasmStr,
};
use wasmtime::{Engine, Result, Store, StoreContextMut, format_err};

pub const PAYLOAD: &[u8; 64] = &[7; 64];
pub const BATCH: u64 = 64;

type Handle = TypedFunc<(Message,), (Result<Option<WasmList<u8>>, WasmStr>,)>;
type Settled = Result<Option<WasmList<u8>>, WasmStr>;

/// How many events are left for the guest, in the store where a host function finds it.
struct State {
    left: u64,
}

/// An instance that stays, for the calls.
struct Hot {
    store: Store<State>,
    instance: Instance,
}

pub struct Floor {
    engine: Engine,
    pre: InstancePre<State>,
    /// Stores in which wasm runs on fibers, and without.
    fiber: Hot,
    direct: Option<Hot>,
}

/// Polls once: nothing here waits.
fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a floor never waits"),
    }
}

pub fn message() -> Message {
    Message { sender: 1, request: 0, topic: None, payload: PAYLOAD }
}

fn next(mut store: StoreContextMut<'_, State>, (_settled,): (Settled,)) -> Result<(Option<Event>,)> {
    let state = store.data_mut();
    if state.left == 0 {
        return Ok((None,));
    }
    state.left -= 1;
    Ok((Some(Event::Message(message())),))
}

impl Floor {
    pub fn new(config: &abi::Config, wasm: &[u8]) -> Result<Self> {
        let engine = Engine::new(&wasmtime_config(config))?;
        let component = Component::new(&engine, wasm)?;
        let mut linker = Linker::new(&engine);
        linker.define_unknown_imports_as_traps(&component)?;
        linker.allow_shadowing(true);
        linker.instance("airssys:actor/mailbox@0.1.0")?.func_wrap("next", next)?;
        let pre = linker.instantiate_pre(&component)?;
        let mut store = store(&engine);
        let instance = now(pre.instantiate_async(&mut store))?;
        let fiber = Hot { store, instance };
        let mut store = Store::new(&engine, State { left: 0 });
        store.set_epoch_deadline(u64::MAX / 2);
        // Only where no import needs a fiber; here none does.
        let direct = pre.instantiate(&mut store).ok().map(|instance| Hot { store, instance });
        Ok(Self { engine, pre, fiber, direct })
    }

    pub fn spawn(&mut self, times: u64) -> Result<()> {
        for _ in 0..times {
            let mut store = store(&self.engine);
            let instance = now(self.pre.instantiate_async(&mut store))?;
            let hot = &mut Hot { store, instance };
            let start: TypedFunc<(StartInfo,), (Result<(), String>,)> = function(hot, "child", "start")?;
            let stop: TypedFunc<(StopReason,), ()> = function(hot, "child", "stop")?;
            let config = Vec::new();
            let info = StartInfo { id: 1, name: "bench", cause: StartCause::Fresh, restarts: 0, config };
            now(start.call_async(&mut hot.store, (info,)))?.0.map_err(wasmtime::Error::msg)?;
            now(stop.call_async(&mut hot.store, (StopReason::Normal,)))?;
        }
        Ok(())
    }

    pub fn call(&mut self, times: u64) -> Result<()> {
        let handle: Handle = function(&mut self.fiber, "actor", "handle")?;
        for _ in 0..times {
            let (result,) = now(handle.call_async(&mut self.fiber.store, (message(),)))?;
            check(result, &self.fiber.store)?;
        }
        Ok(())
    }

    pub fn call_direct(&mut self, times: u64) -> Result<()> {
        let direct = self.direct.as_mut().ok_or_else(|| format_err!("it needs a fiber"))?;
        let handle: Handle = function(direct, "actor", "handle")?;
        for _ in 0..times {
            let (result,) = handle.call(&mut direct.store, (message(),))?;
            check(result, &direct.store)?;
        }
        Ok(())
    }

    pub fn next(&mut self, times: u64) -> Result<()> {
        let run: TypedFunc<(), ()> = function(&mut self.fiber, "batch", "run")?;
        for _ in 0..times / BATCH {
            self.fiber.store.data_mut().left = BATCH;
            now(run.call_async(&mut self.fiber.store, ()))?;
        }
        Ok(())
    }
}

fn check(result: Settled, store: &Store<State>) -> Result<()> {
    match result {
        Ok(Some(reply)) if reply.as_le_slice(store).len() == PAYLOAD.len() => Ok(()),
        _ => Err(format_err!("not the reply")),
    }
}

fn store(engine: &Engine) -> Store<State> {
    let mut store = Store::new(engine, State { left: 0 });
    store.epoch_deadline_async_yield_and_update(1);
    store.set_epoch_deadline(u64::MAX / 2);
    store
}

fn function<P, R>(hot: &mut Hot, interface: &str, name: &str) -> Result<TypedFunc<P, R>>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift,
{
    let missing = || format_err!("{interface} is not exported");
    let interface = format!("airssys:actor/{interface}@0.1.0");
    let instance = hot.instance.get_export_index(&mut hot.store, None, &interface).ok_or_else(missing)?;
    let index = hot.instance.get_export_index(&mut hot.store, Some(&instance), name).ok_or_else(missing)?;
    hot.instance.get_typed_func(&mut hot.store, &index)
}
