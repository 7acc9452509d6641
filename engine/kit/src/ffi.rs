// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C side of the kit: the functions of engine.h, each a guard around a safe one.

use crate::{Metadata, Refused};
use airssys_engine_core::Engine;
use airssys_engine_core::abi::{self, Buffer, Bytes};
use airssys_engine_core::offers::Offers;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[repr(C)]
pub struct KitMetadata {
    name: Bytes,
    version: Bytes,
    description: Bytes,
    licenses: Bytes,
    authors: Bytes,
    source: Bytes,
}

/// # Safety
/// As `Bytes::slice`.
unsafe fn text<'a>(bytes: Bytes, what: &str) -> Result<&'a str, Refused> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { bytes.slice() };
    std::str::from_utf8(bytes).map_err(|_| Refused::new(format!("{what} is not UTF-8")))
}

fn write_text(error: &mut abi::Error, text: &str) {
    let len = text.floor_char_boundary(error.text.len() - 1);
    error.text[..len].copy_from_slice(&text.as_bytes()[..len]);
    // A NUL inside would end the text early for C: it is shown as a space.
    error.text[..len].iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
    error.text[len] = 0;
}

/// Runs `body` and hands its bytes to C. `ret` is untouched on failure. The buffer is a boxed slice:
/// `engine_buffer_free` of the core takes it back.
///
/// # Safety
/// `ret` is valid for writes; `error` too, or NULL.
unsafe fn guard(
    ret: *mut Buffer,
    error: *mut abi::Error,
    body: impl FnOnce() -> Result<Vec<u8>, Refused>,
) -> i32 {
    let (code, text) = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(bytes)) => {
            let bytes = Box::leak(bytes.into_boxed_slice());
            // SAFETY: the caller's promise.
            unsafe { ret.write(Buffer { data: bytes.as_mut_ptr(), len: bytes.len() }) };
            return abi::OK;
        }
        Ok(Err(Refused(text))) => (abi::INVALID, text),
        Err(_) => (abi::PANIC, "a bug of the engine: the kit panicked".to_string()),
    };
    // SAFETY: the caller's promise.
    if let Some(error) = unsafe { error.as_mut() } {
        write_text(error, &text);
    }
    code
}

/// # Safety
/// See engine.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_kit_inspect(
    engine: *const Engine,
    wasm: Bytes,
    ret_json: *mut Buffer,
    error: *mut abi::Error,
) -> i32 {
    // SAFETY: engine.h: the bytes are readable, the outputs writable, the engine alive or NULL.
    unsafe {
        guard(ret_json, error, || {
            let nothing = Offers::default();
            let offers = engine.as_ref().map_or(&nothing, Engine::offers);
            crate::inspect(wasm.slice(), offers).map(String::into_bytes)
        })
    }
}

/// # Safety
/// See engine.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_kit_componentize(
    module: Bytes,
    world: Bytes,
    wit: *const Bytes,
    wit_count: usize,
    metadata: *const KitMetadata,
    ret_component: *mut Buffer,
    error: *mut abi::Error,
) -> i32 {
    // SAFETY: engine.h: the bytes are readable, the outputs writable, metadata readable or NULL.
    unsafe {
        guard(ret_component, error, || {
            let world = text(world, "the world")?;
            let wit = if wit_count == 0 { &[][..] } else { std::slice::from_raw_parts(wit, wit_count) };
            let wit: Result<Vec<&str>, Refused> =
                wit.iter().map(|package| text(*package, "a WIT package")).collect();
            let metadata = match metadata.as_ref() {
                None => Metadata::default(),
                Some(given) => Metadata {
                    name: text(given.name, "the name")?,
                    version: text(given.version, "the version")?,
                    description: text(given.description, "the description")?,
                    licenses: text(given.licenses, "the licence")?,
                    authors: text(given.authors, "the authors' text")?,
                    source: text(given.source, "the source's address")?,
                },
            };
            crate::componentize(module.slice(), world, &wit?, &metadata)
        })
    }
}

/// # Safety
/// See engine.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_kit_symbols(
    module: Bytes,
    ret_lines: *mut Buffer,
    error: *mut abi::Error,
) -> i32 {
    // SAFETY: engine.h: the bytes are readable, the outputs writable.
    unsafe {
        guard(ret_lines, error, || {
            let mut lines = crate::symbols(module.slice())?.join("\n");
            if !lines.is_empty() {
                lines.push('\n');
            }
            Ok(lines.into_bytes())
        })
    }
}

/// # Safety
/// See engine.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_kit_debug_info(
    wasm: Bytes,
    ret_info: *mut Buffer,
    error: *mut abi::Error,
) -> i32 {
    // SAFETY: engine.h: the bytes are readable, the outputs writable.
    unsafe { guard(ret_info, error, || crate::debug_info(wasm.slice())) }
}

/// # Safety
/// See engine.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_kit_trap_lines(
    info: Bytes,
    frames: *const abi::Frame,
    frames_count: usize,
    ret_lines: *mut Buffer,
    error: *mut abi::Error,
) -> i32 {
    // SAFETY: engine.h: the bytes and the frames are readable, the outputs writable.
    unsafe {
        guard(ret_lines, error, || {
            let count = frames_count.min(abi::FRAMES_MAX);
            let frames = if count == 0 { &[][..] } else { std::slice::from_raw_parts(frames, count) };
            let frames: Vec<crate::Frame> = frames
                .iter()
                .map(|frame| crate::Frame {
                    function: frame.function,
                    offset: (frame.offset != usize::MAX).then_some(frame.offset as u64),
                })
                .collect();
            Ok(crate::trap_lines(info.slice(), &frames).into_bytes())
        })
    }
}

/// # Safety
/// See engine.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_kit_toml(text: Bytes, ret_json: *mut Buffer, error: *mut abi::Error) -> i32 {
    // SAFETY: engine.h: the bytes are readable, the outputs writable.
    unsafe { guard(ret_json, error, || crate::toml_to_json(text.slice()).map(String::into_bytes)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(data: &[u8]) -> Bytes {
        Bytes { data: data.as_ptr(), len: data.len() }
    }

    fn call(text: &[u8]) -> (i32, Vec<u8>, String) {
        let mut buffer = Buffer { data: std::ptr::null_mut(), len: 7 };
        let mut error = abi::Error { text: [0xff; 1024] };
        let code = unsafe { engine_kit_toml(bytes(text), &mut buffer, &mut error) };
        if code == abi::OK {
            let out = unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(buffer.data, buffer.len)) };
            return (code, out.into_vec(), String::new());
        }
        assert_eq!(buffer.len, 7, "outputs are untouched on failure");
        let end = error.text.iter().position(|b| *b == 0).unwrap();
        (code, Vec::new(), String::from_utf8(error.text[..end].to_vec()).unwrap())
    }

    #[test]
    fn an_answer_is_a_buffer_and_a_refusal_is_a_text() {
        let (code, out, _) = call(b"a = 1");
        assert_eq!(code, abi::OK);
        assert!(out.starts_with(b"{\"at\":[1,1],\"type\":\"table\""));
        let (code, _, text) = call(b"a = ");
        assert_eq!(code, abi::INVALID);
        assert!(text.starts_with("1:"), "{text}");
    }

    #[test]
    fn a_long_error_ends_at_a_whole_character() {
        let mut error = abi::Error { text: [1; 1024] };
        write_text(&mut error, &"é".repeat(2000));
        let end = error.text.iter().position(|b| *b == 0).unwrap();
        assert_eq!(end, 1022);
        assert!(std::str::from_utf8(&error.text[..end]).is_ok());
    }

    #[test]
    fn a_panic_is_caught() {
        let mut buffer = Buffer { data: std::ptr::null_mut(), len: 0 };
        let code = unsafe { guard(&mut buffer, std::ptr::null_mut(), || panic!("as planned")) };
        assert_eq!(code, abi::PANIC);
    }
}
