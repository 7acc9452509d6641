// SPDX-License-Identifier: MIT OR Apache-2.0
//! A loaded component: machine code, checked imports and exports, ready to be instantiated.

use crate::addon::Addon;
use crate::engine::{Engine, share};
use crate::exports::Exports;
use crate::guard::{Failure, guard};
use crate::offers::Offers;
use crate::state::State;
use airssys_engine_types::abi;
use std::sync::Arc;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component as Code, InstancePre};

pub struct Component {
    pub(crate) engine: Arc<Engine>,
    pub(crate) pre: InstancePre<State>,
    pub(crate) exports: Exports,
    /// Whether it imports of the engine's add-on.
    uses_addon: bool,
}

impl Component {
    /// # Safety
    /// `code` is what `engine_compile` made: running it is running machine code.
    unsafe fn load(engine: Arc<Engine>, code: &[u8]) -> Result<Self, Failure> {
        let code = unsafe { deserialize(engine.wasmtime(), code)? };
        let imports = imports(&code);
        refuse_missing(&imports, engine.offers())?;
        let uses_addon = engine.addon().is_some_and(|addon| imports.iter().any(|i| is_of(addon, &i.name)));
        let pre = engine
            .linker(uses_addon, |linker| linker.instantiate_pre(&code))
            .map_err(|error| Failure::new(abi::UNSUPPORTED, format!("cannot be linked: {error:#}")))?;
        let exports = Exports::find(&code, &pre)?;
        Ok(Self { engine, pre, exports, uses_addon })
    }

    /// The engine's add-on, when this component imports of it.
    pub(crate) fn addon(&self) -> Option<&dyn Addon> {
        self.engine.addon().filter(|_| self.uses_addon)
    }

    /// Runs `body` where the add-on wants its instances to run.
    #[inline]
    pub(crate) fn within(&self, mut body: impl FnMut()) {
        match self.addon() {
            Some(addon) => addon.within(&mut body),
            None => body(),
        }
    }
}

/// What Wasmtime says of a component that its pool cannot hold.
const POOL_TEXTS: [&str; 2] = ["exceeds the", "instance allocation for this"];

/// # Safety
/// As `Component::load`.
unsafe fn deserialize(engine: &wasmtime::Engine, code: &[u8]) -> Result<Code, Failure> {
    const ELF: &[u8] = b"\x7fELF";
    if !code.starts_with(ELF) {
        return Err(Failure::new(abi::INVALID, "no compiled component: compile it first"));
    }
    // SAFETY: the caller's promise.
    unsafe { Code::deserialize(engine, code) }.map_err(|error| {
        let text = format!("{error:#}");
        match POOL_TEXTS.iter().any(|pool| text.contains(pool)) {
            true => Failure::new(abi::LIMIT, format!("larger than this engine has room for: {text}")),
            false => Failure::new(abi::STALE, format!("compiled by another engine: {text}")),
        }
    })
}

struct Import {
    name: String,
    functions: Vec<String>,
}

fn imports(code: &Code) -> Vec<Import> {
    let engine = code.engine();
    let functions = |item: &ComponentItem| match item {
        ComponentItem::ComponentInstance(instance) => instance
            .exports(engine)
            .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)))
            .map(|(name, _)| name.to_string())
            .collect(),
        _ => Vec::new(),
    };
    let list = code.component_type();
    list.imports(engine)
        .map(|(name, item)| Import { name: name.into(), functions: functions(&item.ty) })
        .collect()
}

fn is_of(addon: &dyn Addon, import: &str) -> bool {
    let (name, _) = crate::offers::split(import);
    addon.interfaces().iter().any(|interface| crate::offers::split(interface.name).0 == name)
}

/// UNSUPPORTED with a line that names each import that is not offered.
fn refuse_missing(imports: &[Import], offers: &Offers) -> Result<(), Failure> {
    let mut missing = Vec::new();
    for import in imports {
        match offers.find(&import.name) {
            None => missing.push(offers.refusal(&import.name)),
            Some(offer) => missing.extend(
                import.functions.iter().filter(|function| !offer.has(function)).map(|function| {
                    format!("imports {function} of {}: not offered by {}", import.name, offer.name)
                }),
            ),
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(Failure::new(abi::UNSUPPORTED, missing.join("; "))) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_component_load(
    engine: *mut Engine,
    code: abi::Bytes,
    ret: *mut *mut Component,
    error: *mut abi::Error,
) -> i32 {
    // SAFETY: engine.h.
    let engine = unsafe { share(engine) };
    let body = || {
        // SAFETY: engine.h; the caller vouches for the code.
        let component = unsafe { Component::load(engine.clone(), code.slice())? };
        // SAFETY: engine.h.
        unsafe { ret.write(Arc::into_raw(Arc::new(component)).cast_mut()) };
        Ok(())
    };
    // SAFETY: engine.h.
    unsafe { guard(error, || engine.count_panic(), body) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_component_retain(component: *mut Component) {
    // SAFETY: engine.h.
    unsafe { Arc::increment_strong_count(component) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_component_release(component: *mut Component) {
    if component.is_null() {
        return;
    }
    // SAFETY: engine.h: gives back a count. The engine is shared so that a panic can be counted.
    let engine = unsafe { (*component).engine.clone() };
    // SAFETY: as above; no error to write to.
    unsafe { guard(std::ptr::null_mut(), || engine.count_panic(), || Ok(drop(Arc::from_raw(component)))) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn engine_component_exports(component: *const Component) -> u32 {
    // SAFETY: engine.h.
    unsafe { (*component).exports.bits }
}
