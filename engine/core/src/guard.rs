// SPDX-License-Identifier: MIT OR Apache-2.0
//! The edge to C: no panic crosses it, and each way over it tells how it went.

use airssys_engine_types::abi;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a function of engine.h failed.
#[derive(Debug)]
pub struct Failure {
    pub code: i32,
    pub text: String,
}

impl Failure {
    pub fn new(code: i32, text: impl Into<String>) -> Self {
        Self { code, text: one_line(&text.into()) }
    }
}

/// Errors of parsers may span lines; ours never do.
pub(crate) fn one_line(text: &str) -> String {
    let parts: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    parts.join("; ")
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let said =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    one_line(&format!("a bug of the engine: {}", said.unwrap_or("it panicked")))
}

/// Runs `body`; the failure's text goes to `error`, if that is not NULL, a panic's too. `panicked` is
/// called for each panic.
///
/// # Safety
/// `error` is NULL or valid for writes.
pub(crate) unsafe fn guard(
    error: *mut abi::Error,
    panicked: impl FnOnce(),
    body: impl FnOnce() -> Result<(), Failure>,
) -> i32 {
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return abi::OK,
        Ok(Err(failure)) => failure,
        Err(panic) => {
            panicked();
            Failure::new(abi::PANIC, panic_text(&*panic))
        }
    };
    // SAFETY: the caller's promise.
    if let Some(error) = unsafe { error.as_mut() } {
        write_text(error, &failure.text);
    }
    failure.code
}

/// Cut at a character; a NUL inside would end it early for C and is shown as a space.
fn write_text(error: &mut abi::Error, text: &str) {
    let len = text.floor_char_boundary(error.text.len() - 1);
    error.text[..len].copy_from_slice(&text.as_bytes()[..len]);
    error.text[..len].iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
    error.text[len] = 0;
}

#[cfg(test)]
#[path = "../tests/unit/guard.rs"]
mod tests;
