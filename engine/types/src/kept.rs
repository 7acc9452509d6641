// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes that a guest's export returns, copied out while they still stand.
//!
//! Wasmtime runs the guest's post-return inside the call, after lifting and before the caller sees the
//! result; a guest's `free` may scribble over the bytes by then. So they are copied when they are
//! lifted, into a buffer of the instance that is kept from call to call: no allocation in the steady
//! state, where `Vec<u8>` would make one a call. Lifting has no access to the store's data, so the way
//! to the buffer is a thread-local set for the length of a poll.

use std::cell::Cell;
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext};
use wasmtime::component::{ComponentType, Lift, WasmList};
use wasmtime::{Result, ValRaw};

thread_local! {
    static KEEPER: Cell<*mut Vec<u8>> = const { Cell::new(std::ptr::null_mut()) };
}

/// Never inlined: a guest's call may end on another thread than it began on, and the address of a
/// thread-local that the compiler carried across it would be the old thread's.
#[inline(never)]
fn swap_keeper(keeper: *mut Vec<u8>) -> *mut Vec<u8> {
    KEEPER.replace(keeper)
}

#[inline(never)]
fn keeper() -> *mut Vec<u8> {
    KEEPER.get()
}

/// While it lives, `Kept` values lifted on this thread go to its buffer.
pub struct Keeping {
    outer: *mut Vec<u8>,
}

impl Keeping {
    /// # Safety
    /// `buffer` is valid, and used by nobody else, until the value is dropped on this same thread.
    pub unsafe fn into(buffer: *mut Vec<u8>) -> Self {
        Self { outer: swap_keeper(buffer) }
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        swap_keeper(self.outer);
    }
}

/// A `list<u8>` whose bytes are in the instance's buffer.
pub struct Kept;

impl Kept {
    fn copy(cx: &mut LiftContext<'_>, ptr: u32, len: u32) -> Result<Self> {
        // `WasmList` has checked the bounds and paid for the length.
        let bytes = &cx.memory()[ptr as usize..][..len as usize];
        // SAFETY: `Keeping::into` promised that it is valid and ours as long as it is set.
        let buffer = unsafe { keeper().as_mut() }.expect("guests are called within a poll only");
        buffer.clear();
        buffer.extend_from_slice(bytes);
        Ok(Kept)
    }
}

// SAFETY: the representation and the check are those of `list<u8>`, delegated to.
unsafe impl ComponentType for Kept {
    type Lower = <WasmList<u8> as ComponentType>::Lower;
    const ABI: CanonicalAbiInfo = <WasmList<u8> as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        <WasmList<u8> as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: reads the pair that `WasmList` has validated, in the same representation.
unsafe impl Lift for Kept {
    fn linear_lift_from_flat(cx: &mut LiftContext<'_>, ty: InterfaceType, src: &[ValRaw; 2]) -> Result<Self> {
        WasmList::<u8>::linear_lift_from_flat(cx, ty, src)?;
        Self::copy(cx, src[0].get_u32(), src[1].get_u32())
    }

    fn linear_lift_from_memory(cx: &mut LiftContext<'_>, ty: InterfaceType, bytes: &[u8]) -> Result<Self> {
        WasmList::<u8>::linear_lift_from_memory(cx, ty, bytes)?;
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
        Self::copy(cx, word(0), word(4))
    }
}
