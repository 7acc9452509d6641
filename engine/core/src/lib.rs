// SPDX-License-Identifier: MIT OR Apache-2.0
//! The core of the engine: compiles, links, instantiates and calls components for C, by engine.h.
//!
//! Where to begin: `instance` for the rules that make a pending call sound, `call` and `poll` for what
//! C does all day, `wait` for host functions that may wait, `imports` for the contract's host side.

#![expect(clippy::missing_safety_doc, reason = "for the functions of engine.h, that is the contract")]

mod addon;
mod call;
mod component;
mod config;
mod engine;
mod exports;
mod guard;
mod imports;
mod instance;
mod limiter;
pub mod offers;
mod poll;
mod state;
mod trap;
mod wait;

pub use addon::{Addon, Guest, InstanceGauges, Meaning};
pub use airssys_engine_types::abi;
pub use call::*;
pub use component::*;
pub use config::build as wasmtime_config;
pub use engine::*;
pub use instance::{Instance, engine_call_drop, engine_instance_create, engine_instance_destroy};
pub use poll::engine_poll;
pub use state::State;
