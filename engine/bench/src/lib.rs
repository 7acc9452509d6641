// SPDX-License-Identifier: MIT OR Apache-2.0
//! Floors: the engine's work done by bare Wasmtime, in the same process. See floor.h.

mod files;
mod floor;

pub use airssys_engine_kit as kit;
pub use airssys_engine_wasi as wasi;
pub use floor::Floor;

use airssys_engine_core::abi;
use files::Files;

fn times(floor: *mut Floor, times: u64, work: impl Fn(&mut Floor, u64) -> wasmtime::Result<()>) -> bool {
    // SAFETY: floor.h: made by `floor_create`, and with this thread.
    work(unsafe { &mut *floor }, times).is_ok()
}

/// # Safety
/// See floor.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn floor_create(config: *const abi::Config, wasm: abi::Bytes) -> *mut Floor {
    // SAFETY: floor.h.
    let floor = unsafe { Floor::new(&*config, wasm.slice()) };
    floor.map_or(std::ptr::null_mut(), |floor| Box::into_raw(Box::new(floor)))
}

/// # Safety
/// See floor.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn floor_destroy(floor: *mut Floor) {
    if !floor.is_null() {
        // SAFETY: floor.h.
        drop(unsafe { Box::from_raw(floor) });
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn floor_spawn(floor: *mut Floor, n: u64) -> bool {
    times(floor, n, Floor::spawn)
}

#[unsafe(no_mangle)]
pub extern "C" fn floor_call(floor: *mut Floor, n: u64) -> bool {
    times(floor, n, Floor::call)
}

#[unsafe(no_mangle)]
pub extern "C" fn floor_call_direct(floor: *mut Floor, n: u64) -> bool {
    times(floor, n, Floor::call_direct)
}

#[unsafe(no_mangle)]
pub extern "C" fn floor_next(floor: *mut Floor, n: u64) -> bool {
    times(floor, n, Floor::next)
}

/// # Safety
/// See floor.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn floor_files_create(
    config: *const abi::Config,
    wasm: abi::Bytes,
    folder: abi::Bytes,
) -> *mut Files {
    // SAFETY: floor.h.
    let (config, wasm, folder) = unsafe { (&*config, wasm.slice(), String::from_utf8_lossy(folder.slice())) };
    Files::new(config, wasm, &folder).map_or(std::ptr::null_mut(), |files| Box::into_raw(Box::new(files)))
}

/// # Safety
/// See floor.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn floor_files_destroy(files: *mut Files) {
    if !files.is_null() {
        // SAFETY: floor.h.
        drop(unsafe { Box::from_raw(files) });
    }
}

/// # Safety
/// See floor.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn floor_files_open(files: *mut Files, n: u64) -> bool {
    // SAFETY: floor.h: made by `floor_files_create`, and with this thread.
    unsafe { &mut *files }.open(n).is_ok()
}
