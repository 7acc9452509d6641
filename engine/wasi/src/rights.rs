// SPDX-License-Identifier: MIT OR Apache-2.0
//! What WASI has without a name: clocks, random numbers, the environment. The host says each time whether the guest has
//! the right. Where the function has an error for it, or can give nothing, it does; else the call traps, and its text
//! says which grant is missing.

use crate::guest::Own;
use airssys_engine_core::abi::{self, Bytes, Host, Opaque, Setting};
use wasmtime::component::{HasData, Resource};
use wasmtime::{Error, Result};
use wasmtime_wasi::WasiView;
use wasmtime_wasi::clocks::WasiClocksView;
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::cli::environment;
use wasmtime_wasi::p2::bindings::clocks::{monotonic_clock, wall_clock};
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};
use wasmtime_wasi::random::WasiRandomCtx;

/// Who is asked, about whom.
#[derive(Clone, Copy)]
pub(crate) struct Caller {
    pub host: Host,
    pub actor: Opaque,
}

/// What the host has for a key.
pub(crate) enum Value {
    None,
    Some(String, String),
    Denied(String),
}

impl Caller {
    /// Whether the guest has the right; when not, why.
    pub fn ask(&self, right: u32) -> Result<(), String> {
        let mut why = Bytes::EMPTY;
        // SAFETY: engine.h; on the guest's fiber.
        match self.host.right {
            Some(has) if unsafe { has(self.actor.0, right, &mut why) } => Ok(()),
            Some(_) => Err(text(why)),
            None => Err("not offered".into()),
        }
    }

    pub fn value(&self, kind: u32, index: usize, key: &str) -> Value {
        let mut ret = Setting { key: Bytes::EMPTY, value: Bytes::EMPTY };
        let Some(value) = self.host.value else { return Value::None };
        // SAFETY: engine.h; on the guest's fiber.
        match unsafe { value(self.actor.0, kind, index, Bytes::of(key.as_bytes()), &mut ret) } {
            abi::VALUE_FOUND => Value::Some(text(ret.key), text(ret.value)),
            abi::VALUE_DENIED => Value::Denied(text(ret.value)),
            _ => Value::None,
        }
    }

    /// At most `len` bytes of stdin from `at` on.
    pub fn input(&self, at: usize, len: usize) -> Vec<u8> {
        let mut ret = Setting { key: Bytes::EMPTY, value: Bytes::EMPTY };
        let Some(value) = self.host.value else { return Vec::new() };
        // SAFETY: engine.h; on the guest's fiber.
        match unsafe { value(self.actor.0, abi::VALUE_INPUT, at, Bytes::EMPTY, &mut ret) } {
            // SAFETY: engine.h: valid until the next host function.
            abi::VALUE_FOUND => unsafe { ret.value.slice() }.iter().take(len).copied().collect(),
            _ => Vec::new(),
        }
    }

    /// All of a kind.
    pub fn values(&self, kind: u32) -> Vec<(String, String)> {
        let next = |index| match self.value(kind, index, "") {
            Value::Some(key, value) => Some((key, value)),
            _ => None,
        };
        (0..).map_while(next).collect()
    }
}

/// Of an answer of the host's.
fn text(bytes: Bytes) -> String {
    // SAFETY: engine.h: valid until the next host function.
    String::from_utf8_lossy(unsafe { bytes.slice() }).into_owned()
}

pub(crate) struct Rights<'a> {
    pub own: &'a mut Own,
}

pub(crate) struct HasRights;

impl HasData for HasRights {
    type Data<'a> = Rights<'a>;
}

impl Rights<'_> {
    fn need(&self, right: u32) -> Result<()> {
        self.own.caller().ask(right).map_err(Error::msg)
    }

    fn dice(&mut self, right: u32) -> Result<&mut WasiRandomCtx> {
        self.need(right)?;
        Ok(self.own.ctx().ctx.random())
    }
}

impl wall_clock::Host for Rights<'_> {
    fn now(&mut self) -> Result<wall_clock::Datetime> {
        self.need(abi::RIGHT_CLOCK_WALL)?;
        wall_clock::Host::now(&mut self.own.clocks())
    }

    fn resolution(&mut self) -> Result<wall_clock::Datetime> {
        self.need(abi::RIGHT_CLOCK_WALL)?;
        wall_clock::Host::resolution(&mut self.own.clocks())
    }
}

impl monotonic_clock::Host for Rights<'_> {
    fn now(&mut self) -> Result<u64> {
        self.need(abi::RIGHT_CLOCK_MONOTONIC)?;
        monotonic_clock::Host::now(&mut self.own.clocks())
    }

    fn resolution(&mut self) -> Result<u64> {
        self.need(abi::RIGHT_CLOCK_MONOTONIC)?;
        monotonic_clock::Host::resolution(&mut self.own.clocks())
    }

    fn subscribe_instant(&mut self, when: u64) -> Result<Resource<DynPollable>> {
        self.need(abi::RIGHT_CLOCK_MONOTONIC)?;
        self.own.clocks().subscribe_instant(when)
    }

    fn subscribe_duration(&mut self, duration: u64) -> Result<Resource<DynPollable>> {
        self.need(abi::RIGHT_CLOCK_MONOTONIC)?;
        self.own.clocks().subscribe_duration(duration)
    }
}

impl random::Host for Rights<'_> {
    fn get_random_bytes(&mut self, len: u64) -> Result<Vec<u8>> {
        self.dice(abi::RIGHT_RANDOM_SECURE)?.get_random_bytes(len)
    }

    fn get_random_u64(&mut self) -> Result<u64> {
        self.dice(abi::RIGHT_RANDOM_SECURE)?.get_random_u64()
    }
}

impl insecure::Host for Rights<'_> {
    fn get_insecure_random_bytes(&mut self, len: u64) -> Result<Vec<u8>> {
        self.dice(abi::RIGHT_RANDOM_INSECURE)?.get_insecure_random_bytes(len)
    }

    fn get_insecure_random_u64(&mut self) -> Result<u64> {
        self.dice(abi::RIGHT_RANDOM_INSECURE)?.get_insecure_random_u64()
    }
}

impl insecure_seed::Host for Rights<'_> {
    fn insecure_seed(&mut self) -> Result<(u64, u64)> {
        self.dice(abi::RIGHT_RANDOM_INSECURE)?.insecure_seed()
    }
}

impl environment::Host for Rights<'_> {
    fn get_environment(&mut self) -> Result<Vec<(String, String)>> {
        Ok(self.own.caller().values(abi::VALUE_VARIABLE))
    }

    fn get_arguments(&mut self) -> Result<Vec<String>> {
        let list = self.own.caller().values(abi::VALUE_ARGUMENT);
        Ok(list.into_iter().map(|(_, argument)| argument).collect())
    }

    fn initial_cwd(&mut self) -> Result<Option<String>> {
        Ok(None)
    }
}
