// SPDX-License-Identifier: MIT OR Apache-2.0
//! WASI 0.2 as an add-on of the core: what the host allows, asked at each use. Stdin comes from the host; stdout and
//! stderr go line by line to it; HTTP requests are refused with an error of their type. So components
//! from any standard toolchain load and run.
//!
//! `engine_create` is here: an engine is the core with this.

mod drafts;
mod gate;
mod guest;
mod http;
mod input;
mod interfaces;
mod io;
mod link;
mod lookup;
mod output;
mod rights;
mod sockets;

use airssys_engine_core::offers::Interface;
use airssys_engine_core::{Addon, Engine, Guest, Meaning, State, abi, create};
use guest::Own;
use io::Io;
use lookup::Names;
use std::any::Any;
use std::sync::OnceLock;
use wasmtime::component::{Linker, ResourceTableError};
use wasmtime::{Error, Result};
use wasmtime_wasi::I32Exit;

/// One for each engine. Its I/O thread starts with the first instance that uses WASI, and ends with it.
pub struct Wasi {
    io: OnceLock<Io>,
    names: Names,
}

impl Wasi {
    pub fn new(resolver: abi::Resolver) -> Self {
        Self { io: OnceLock::new(), names: Names::new(resolver) }
    }
}

/// A limit that Wasmtime tells by its text only.
const RANDOM_LIMIT: &str = "requested len";

impl Addon for Wasi {
    fn interfaces(&self) -> &'static [Interface] {
        interfaces::INTERFACES
    }

    fn link(&self, linker: &mut Linker<State>) -> Result<()> {
        link::link(linker)
    }

    fn guest(&self, guest: &Guest) -> Result<Box<dyn Any + Send>> {
        if self.io.get().is_none() {
            let io = Io::start(self.names.threads())?;
            // Another thread may have been faster; then this one ends again.
            let _ = self.io.set(io);
        }
        Ok(Box::new(Own::new(guest, &self.names)))
    }

    fn within(&self, body: &mut dyn FnMut()) {
        match self.io.get() {
            Some(io) => io.within(body),
            None => body(),
        }
    }

    fn meaning(&self, error: &Error) -> Option<Meaning> {
        if let Some(I32Exit(code)) = error.downcast_ref() {
            return Some(Meaning::Exit(*code));
        }
        let text = error.root_cause().to_string();
        let full = matches!(error.downcast_ref(), Some(ResourceTableError::Full));
        (full || text.starts_with(RANDOM_LIMIT)).then_some(Meaning::Limit(text))
    }
}

/// # Safety
/// See engine.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_create(
    config: *const abi::Config,
    host: *const abi::Host,
    ret: *mut *mut Engine,
    error: *mut abi::Error,
) -> i32 {
    // SAFETY: engine.h.
    unsafe { create(config, host, ret, error, Some(Box::new(Wasi::new((*config).resolver)))) }
}
