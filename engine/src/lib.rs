// SPDX-License-Identifier: MIT OR Apache-2.0
//! The engine as one static library: the core, with WASI as its add-on, and the kit.

pub use airssys_engine_core as core;
pub use airssys_engine_kit as kit;
pub use airssys_engine_wasi as wasi;
