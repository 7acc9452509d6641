// SPDX-License-Identifier: MIT OR Apache-2.0
//! The engine: configuration, what is offered, what is alive.

use crate::addon::Addon;
use crate::guard::{Failure, guard};
use crate::limiter::Total;
use crate::offers::{Offer, Offers};
use crate::state::State;
use crate::{config, imports};
use airssys_engine_types::abi;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use wasmtime::component::Linker;

pub struct Engine {
    host: abi::Host,
    wasmtime: wasmtime::Engine,
    addon: Option<Box<dyn Addon>>,
    linker: Linker<State>,
    /// With the add-on; made when the first component wants it.
    addon_linker: Mutex<Option<Linker<State>>>,
    offers: Offers,
    offers_text: String,
    fingerprint: String,
    pub(crate) stores: AtomicU64,
    pub(crate) memory: Total,
    panics: AtomicU64,
}

impl Engine {
    fn new(config: &abi::Config, host: &abi::Host, addon: Option<Box<dyn Addon>>) -> Result<Self, Failure> {
        let wasmtime = wasmtime::Engine::new(&config::build(config))
            .map_err(|error| Failure::new(abi::LIMIT, format!("the engine cannot be had: {error:#}")))?;
        let mut linker = Linker::new(&wasmtime);
        imports::link(&mut linker, host).map_err(|error| Failure::new(abi::INVALID, format!("{error:#}")))?;
        let offers = Offers::new(offers(host, addon.as_deref()));
        Ok(Self {
            host: *host,
            fingerprint: fingerprint(&wasmtime),
            wasmtime,
            addon,
            linker,
            addon_linker: Mutex::new(None),
            offers_text: offers.text(),
            offers,
            stores: AtomicU64::new(0),
            memory: Total::new(config.memory_total_max),
            panics: AtomicU64::new(0),
        })
    }

    pub fn offers(&self) -> &Offers {
        &self.offers
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }

    pub(crate) fn host(&self) -> &abi::Host {
        &self.host
    }

    pub(crate) fn addon(&self) -> Option<&dyn Addon> {
        self.addon.as_deref()
    }

    /// The linker for a component, with the add-on's interfaces or without.
    pub(crate) fn linker<R>(
        &self,
        with_addon: bool,
        body: impl FnOnce(&Linker<State>) -> wasmtime::Result<R>,
    ) -> wasmtime::Result<R> {
        let (true, Some(addon)) = (with_addon, self.addon()) else { return body(&self.linker) };
        let mut full = self.addon_linker.lock().unwrap_or_else(PoisonError::into_inner);
        if full.is_none() {
            let mut linker = self.linker.clone();
            addon.link(&mut linker)?;
            *full = Some(linker);
        }
        body(full.as_ref().expect("made just now"))
    }

    pub(crate) fn count_panic(&self) {
        self.panics.fetch_add(1, Relaxed);
    }

    fn live(&self) -> abi::Live {
        // One that only compiles has no pool.
        let Some(pool) = self.wasmtime.pooling_allocator_metrics() else { return abi::Live::default() };
        abi::Live {
            stores: self.stores.load(Relaxed),
            component_instances: pool.component_instances(),
            core_instances: pool.core_instances(),
            memories: pool.memories() as u64,
            tables: pool.tables() as u64,
            stacks: pool.stacks() as u64,
        }
    }
}

fn offers(host: &abi::Host, addon: Option<&dyn Addon>) -> Vec<Offer> {
    let mut offers = imports::offers(host);
    let interfaces = addon.map_or(&[][..], |addon| addon.interfaces());
    offers.extend(interfaces.iter().map(|i| Offer { name: i.name, functions: i.functions.to_vec() }));
    offers
}

/// The version pinned in Cargo.toml.
const WASMTIME: &str = "48.0.8";

fn fingerprint(engine: &wasmtime::Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("wasmtime-{WASMTIME}-{}-{:016x}", std::env::consts::ARCH, hasher.finish())
}

/// `engine_create` with this add-on.
///
/// # Safety
/// See engine.h: `config` and `host` are readable, `ret` is writable, `error` is writable or NULL.
pub unsafe fn create(
    config: *const abi::Config,
    host: *const abi::Host,
    ret: *mut *mut Engine,
    error: *mut abi::Error,
    addon: Option<Box<dyn Addon>>,
) -> i32 {
    let body = || {
        // SAFETY: the caller's promise.
        let engine = unsafe { Engine::new(&*config, &*host, addon)? };
        // SAFETY: the caller's promise.
        unsafe { ret.write(Arc::into_raw(Arc::new(engine)).cast_mut()) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { guard(error, || (), body) }
}

/// The count that C holds, shared.
///
/// # Safety
/// `engine` came from `create` and has not been destroyed.
pub(crate) unsafe fn share(engine: *const Engine) -> Arc<Engine> {
    // SAFETY: the caller's promise.
    unsafe {
        Arc::increment_strong_count(engine);
        Arc::from_raw(engine)
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_destroy(engine: *mut Engine) {
    if !engine.is_null() {
        // SAFETY: gives back the count that `create` handed out.
        let body = || unsafe { drop(Arc::from_raw(engine)) };
        // SAFETY: no error to write to.
        unsafe { guard(std::ptr::null_mut(), || (), || Ok(body())) };
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_tick_all(engine: *mut Engine) {
    // SAFETY: engine.h. One atomic addition.
    unsafe { (*engine).wasmtime.increment_epoch() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_panics(engine: *const Engine) -> u64 {
    // SAFETY: engine.h.
    unsafe { (*engine).panics.load(Relaxed) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_live_counts(engine: *const Engine, ret: *mut abi::Live) {
    // SAFETY: engine.h.
    unsafe { ret.write((*engine).live()) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_fingerprint(engine: *const Engine) -> abi::Bytes {
    // SAFETY: engine.h.
    abi::Bytes::of(unsafe { &*engine }.fingerprint.as_bytes())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_offers(engine: *const Engine) -> abi::Bytes {
    // SAFETY: engine.h.
    abi::Bytes::of(unsafe { &*engine }.offers_text.as_bytes())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_compile(
    engine: *mut Engine,
    wasm: abi::Bytes,
    ret: *mut abi::Buffer,
    error: *mut abi::Error,
) -> i32 {
    // SAFETY: engine.h.
    let engine = unsafe { &*engine };
    let body = || {
        // SAFETY: engine.h.
        let code = compile(&engine.wasmtime, unsafe { wasm.slice() })?;
        let code = NonNull::from(Box::leak(code.into_boxed_slice()));
        // SAFETY: engine.h.
        unsafe { ret.write(abi::Buffer { data: code.as_ptr().cast(), len: code.len() }) };
        Ok(())
    };
    // SAFETY: engine.h.
    unsafe { guard(error, || engine.count_panic(), body) }
}

fn compile(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<Vec<u8>, Failure> {
    const MAGIC: &[u8] = b"\0asm";
    const MODULE_VERSION: &[u8] = &[1, 0, 0, 0];
    if wasm.is_empty() {
        return Err(Failure::new(abi::INVALID, "no WebAssembly: it is empty"));
    }
    if !wasm.starts_with(&MAGIC[..wasm.len().min(4)]) {
        return Err(Failure::new(
            abi::INVALID,
            "no WebAssembly: it does not begin with \\0asm (at offset 0x0)",
        ));
    }
    if wasm.len() >= 8 && &wasm[4..8] == MODULE_VERSION {
        wasmtime::Module::validate(engine, wasm).map_err(|error| {
            Failure::new(abi::INVALID, format!("a core module that is not valid: {error:#}"))
        })?;
        let text = "a core module, not a component: make one of it with `airssys build`, \
                    or `wasm-tools component new`";
        return Err(Failure::new(abi::CORE_MODULE, text));
    }
    engine
        .precompile_component(wasm)
        .map_err(|error| Failure::new(abi::INVALID, format!("not a valid component: {error:#}")))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_buffer_free(buffer: *mut abi::Buffer) {
    // SAFETY: engine.h: made by the engine, as a boxed slice, or empty.
    let Some(buffer) = (unsafe { buffer.as_mut() }) else { return };
    if !buffer.data.is_null() {
        let slice = std::ptr::slice_from_raw_parts_mut(buffer.data, buffer.len);
        // SAFETY: as above, and nobody has it after this.
        drop(unsafe { Box::from_raw(slice) });
    }
    *buffer = abi::Buffer { data: std::ptr::null_mut(), len: 0 };
}
