// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is done to files and not to running guests: `engine_kit_*` of engine.h.
//!
//! Each module is a safe function over byte slices; `ffi` alone knows the C side. Input is hostile:
//! sizes are bounded before anything is parsed, and a panic in a parser is caught at the boundary.

mod componentize;
mod debug;
mod ffi;
mod inspect;
mod json;
mod lines;
mod metadata;
mod symbols;
mod toml_tree;

pub use componentize::{Metadata, componentize};
pub use debug::debug_info;
pub use inspect::inspect;
pub use lines::{Frame, trap_lines};
pub use symbols::symbols;
pub use toml_tree::toml_to_json;

/// Largest component or module the kit reads.
pub const WASM_BYTES_MAX: usize = 256 << 20;
/// Largest text (WIT, TOML) the kit reads.
pub const TEXT_BYTES_MAX: usize = 1 << 20;

/// Why an input was refused, in one line for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

impl Refused {
    fn new(text: impl Into<String>) -> Self {
        Refused(one_line(&text.into()))
    }
}

type Result<T> = std::result::Result<T, Refused>;

fn refused_wasm(error: wasmparser::BinaryReaderError) -> Refused {
    Refused::new(error.to_string())
}

/// Errors of parsers may span lines; ours never do.
fn one_line(text: &str) -> String {
    let parts: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    parts.join("; ")
}

fn check_wasm_size(wasm: &[u8]) -> Result<()> {
    if wasm.is_empty() {
        return Err(Refused::new("the file is empty"));
    }
    if wasm.len() > WASM_BYTES_MAX {
        let text = format!("{} bytes are more than the {} the kit reads", wasm.len(), WASM_BYTES_MAX);
        return Err(Refused::new(text));
    }
    Ok(())
}

fn check_text_size(text: &[u8]) -> Result<()> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Refused::new(format!("the text is longer than {TEXT_BYTES_MAX} bytes")));
    }
    Ok(())
}
