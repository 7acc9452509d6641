// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a call ended when it did not end well: which kind, one line for people, and the frames.

use crate::addon::{Addon, Meaning};
use crate::guard::one_line;
use airssys_engine_types::abi;
use wasmtime::{Error, PoolConcurrencyLimitError, Trap, WasmBacktrace};

/// Limits that Wasmtime tells by their text only. A test makes each of them happen.
const LIMIT_TEXTS: [&str; 2] =
    ["fuel allocated for hostcalls has been exhausted", "store handle limit exceeded"];

/// How the kernel says ENOMEM.
const NO_MEMORY: &str = "(os error 12)";

/// An `engine_trap` and what it points to.
pub(crate) struct TrapRecord {
    kind: u32,
    exit_code: i32,
    text: String,
    frames: Vec<abi::Frame>,
    /// What the frames' names point to.
    _names: Vec<String>,
}

impl TrapRecord {
    pub fn new(kind: u32, text: String) -> Self {
        Self { kind, exit_code: 0, text, frames: Vec::new(), _names: Vec::new() }
    }

    /// It would have begun with more memory than is left for all.
    pub fn short_of_total(max: u64) -> Self {
        let text = format!(
            "the node's limit of memory for all components together, {max} bytes, has no room for it"
        );
        Self::new(abi::TRAP_LIMIT, text)
    }

    /// `limited`: a limit of the instance was hit during the call.
    pub fn of(error: &Error, addon: Option<&dyn Addon>, limited: bool) -> Self {
        let (kind, exit_code, text) = classify(error, addon, limited);
        let (frames, names) = frames(error);
        Self { kind, exit_code, text, frames, _names: names }
    }

    /// Points into this record.
    pub fn as_c(&self) -> abi::Trap {
        abi::Trap {
            kind: self.kind,
            exit_code: self.exit_code,
            text: abi::Bytes::of(self.text.as_bytes()),
            frames: self.frames.as_ptr(),
            frames_count: self.frames.len(),
        }
    }
}

fn classify(error: &Error, addon: Option<&dyn Addon>, limited: bool) -> (u32, i32, String) {
    let text = one_line(&error.root_cause().to_string());
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return (trap_kind(trap), 0, text);
    }
    match addon.and_then(|addon| addon.meaning(error)) {
        Some(Meaning::Exit(code)) => {
            return (abi::TRAP_EXIT, code, format!("the guest exited with code {code}"));
        }
        Some(Meaning::Limit(text)) => return (abi::TRAP_LIMIT, 0, one_line(&text)),
        None => (),
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return (abi::TRAP_LIMIT, 0, format!("instances_max is reached: {text}"));
    }
    if text.contains(NO_MEMORY) {
        return (
            abi::TRAP_LIMIT,
            0,
            format!("the kernel has no memory for it, or no mapping (vm.max_map_count): {text}"),
        );
    }
    if limited || LIMIT_TEXTS.iter().any(|limit| text.contains(limit)) {
        return (abi::TRAP_LIMIT, 0, text);
    }
    // What is left are values at the edge of the guest that are none of the contract.
    (abi::TRAP_ABI, 0, text)
}

fn trap_kind(trap: &Trap) -> u32 {
    match trap {
        Trap::StackOverflow => abi::TRAP_STACK,
        // `host.tick` said so.
        Trap::Interrupt => abi::TRAP_INTERRUPT,
        Trap::CannotEnterComponent
        | Trap::CannotLeaveComponent
        | Trap::InvalidChar
        | Trap::StringOutOfBounds
        | Trap::ListOutOfBounds
        | Trap::InvalidDiscriminant
        | Trap::UnalignedPointer => abi::TRAP_ABI,
        _ => abi::TRAP_GUEST,
    }
}

fn frames(error: &Error) -> (Vec<abi::Frame>, Vec<String>) {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return Default::default() };
    let kept = &backtrace.frames()[..backtrace.frames().len().min(abi::FRAMES_MAX)];
    let names: Vec<String> =
        kept.iter().map(|frame| frame.func_name().unwrap_or_default().to_string()).collect();
    let frame = |(frame, name): (&wasmtime::FrameInfo, &String)| abi::Frame {
        function: frame.func_index(),
        offset: frame.module_offset().unwrap_or(usize::MAX),
        name: abi::Bytes::of(name.as_bytes()),
    };
    (kept.iter().zip(&names).map(frame).collect(), names)
}
