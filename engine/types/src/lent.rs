// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes that a guest gives to a host function, where they lie in its memory.
//!
//! `WasmList` looks its memory up again each time it is read. What C is lent is found once, when it is lifted.

use crate::abi::Bytes;
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext};
use wasmtime::component::{ComponentType, Lift, WasmList};
use wasmtime::{Result, ValRaw};

/// A `list<u8>` of the guest's: valid during the host function that it is an argument of, also while that waits.
/// Memories lie in the pool's slots and never move, and no code of the guest runs meanwhile.
pub struct Lent(Bytes);

// SAFETY: what it points to goes with the call of the guest that has lent it, from thread to thread.
unsafe impl Send for Lent {}
unsafe impl Sync for Lent {}

impl Lent {
    /// For C, within the host function.
    #[inline]
    pub fn bytes(&self) -> Bytes {
        self.0
    }

    #[inline]
    fn of(cx: &LiftContext<'_>, ptr: u32, len: u32) -> Self {
        // `WasmList` has checked the bounds.
        Lent(Bytes::of(&cx.memory()[ptr as usize..][..len as usize]))
    }
}

// SAFETY: the representation and the check are those of `list<u8>`, delegated to.
unsafe impl ComponentType for Lent {
    type Lower = <WasmList<u8> as ComponentType>::Lower;
    const ABI: CanonicalAbiInfo = <WasmList<u8> as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        <WasmList<u8> as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: reads the pair that `WasmList` has validated, in the same representation.
unsafe impl Lift for Lent {
    #[inline]
    fn linear_lift_from_flat(cx: &mut LiftContext<'_>, ty: InterfaceType, src: &[ValRaw; 2]) -> Result<Self> {
        WasmList::<u8>::linear_lift_from_flat(cx, ty, src)?;
        Ok(Self::of(cx, src[0].get_u32(), src[1].get_u32()))
    }

    #[inline]
    fn linear_lift_from_memory(cx: &mut LiftContext<'_>, ty: InterfaceType, bytes: &[u8]) -> Result<Self> {
        WasmList::<u8>::linear_lift_from_memory(cx, ty, bytes)?;
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
        Ok(Self::of(cx, word(0), word(4)))
    }
}
