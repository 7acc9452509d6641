// SPDX-License-Identifier: MIT OR Apache-2.0
//! The types that cross the engine, said twice: as C lays them out (`abi`, of engine.h) and as a guest
//! has them (`contract`, of actor.wit), and how the first become the second; bytes that a guest gives
//! (`lent` where they lie, `kept` as a copy), C's wakers as Rust's (`waker`), and a place for a future of
//! any type (`slot`).

pub mod abi;
pub mod contract;
pub mod kept;
pub mod lent;
pub mod slot;
pub mod waker;
