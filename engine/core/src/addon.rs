// SPDX-License-Identifier: MIT OR Apache-2.0
//! What else an engine can link: WASI is one. The core knows it by this trait only.

use crate::offers::Interface;
use crate::state::State;
use airssys_engine_types::abi::{Gauges, Host, Limits, Opaque};
use std::any::Any;
use std::ops::Deref;
use std::ptr::NonNull;
use wasmtime::component::Linker;
use wasmtime::{Error, Result};

/// The gauges of an instance, for what lives no longer than it.
#[derive(Clone, Copy)]
pub struct InstanceGauges(pub(crate) NonNull<Gauges>);

// SAFETY: atomics, which C keeps as long as the instance.
unsafe impl Send for InstanceGauges {}
// SAFETY: as above.
unsafe impl Sync for InstanceGauges {}

impl Deref for InstanceGauges {
    type Target = Gauges;

    fn deref(&self) -> &Gauges {
        // SAFETY: as above.
        unsafe { self.0.as_ref() }
    }
}

/// The instance that an add-on's state is made for.
pub struct Guest {
    pub host: Host,
    pub actor: Opaque,
    pub limits: Limits,
    pub gauges: InstanceGauges,
}

/// What an error of an add-on's means.
pub enum Meaning {
    /// The guest asked to end with this code.
    Exit(i32),
    /// A limit, with what a person should read.
    Limit(String),
}

/// Nothing of it costs a component that imports none of its interfaces.
pub trait Addon: Send + Sync {
    fn interfaces(&self) -> &'static [Interface];

    /// Defines the interfaces. Called once, for the first component that imports of them.
    fn link(&self, linker: &mut Linker<State>) -> Result<()>;

    /// The `State::addon` of a new instance.
    fn guest(&self, guest: &Guest) -> Result<Box<dyn Any + Send>>;

    /// Runs a poll, or a drop, of an instance that is linked to it.
    fn within(&self, body: &mut dyn FnMut());

    /// Reads an error that came out of a call. `None` when it is not the add-on's.
    fn meaning(&self, error: &Error) -> Option<Meaning>;
}
