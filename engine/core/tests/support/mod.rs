// SPDX-License-Identifier: MIT OR Apache-2.0
//! What each test of the engine stands on: guests made of C, an engine with a scripted host, and calls
//! as C makes them. Only functions of engine.h are used.
#![allow(dead_code, reason = "each test program uses a part")]

mod host;

pub use host::{Actor, HOST, Waker};

use airssys_engine_core::{Addon, Component, Engine, Instance, abi, *};
use std::ffi::c_void;
use std::path::Path;
use std::process::Command;
use std::ptr::{null_mut, slice_from_raw_parts};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, UnresolvedPackageGroup};

pub const KIB: u64 = 1 << 10;

pub const CONFIG: abi::Config = abi::Config {
    instances_max: 16,
    core_instances_per_component: 8,
    memories_per_component: 2,
    tables_per_component: 4,
    table_elements_max: 10_000,
    memory_max: 16 << 20,
    memory_reservation: 0,
    memory_keep_resident: 64 << 10,
    guest_stack_max: 128 << 10,
    host_stack_max: 0,
    memory_total_max: 0,
    resolver: abi::Resolver::NONE,
    compiles_only: false,
};

pub const LIMITS: abi::Limits = abi::Limits {
    memory_max: 2 << 20,
    table_elements_max: 1000,
    resources_max: 100,
    hostcall_max: 128 << 10,
    origin: 0,
};

/// Compiles a guest of `guests/` to a core module.
pub fn module(guests: &Path, name: &str) -> Vec<u8> {
    module_with(guests, name, &[])
}

pub fn module_with(guests: &Path, name: &str, more: &[&str]) -> Vec<u8> {
    let out = std::env::temp_dir().join(format!(
        "{name}-{}-{:?}.wasm",
        std::process::id(),
        std::thread::current().id()
    ));
    let flags =
        "--target=wasm32 -O2 -mbulk-memory -Wall -Werror -Wno-infinite-recursion -nostdlib -Wl,--no-entry";
    let done = Command::new("clang")
        .args(flags.split(' '))
        .args(more)
        .arg("-o")
        .arg(&out)
        .arg(guests.join(format!("{name}.c")))
        .status()
        .expect("clang is installed");
    assert!(done.success(), "clang failed on {name}");
    let module = std::fs::read(&out).expect("clang wrote it");
    std::fs::remove_file(&out).expect("ours");
    module
}

/// Makes a component of a core module; `world` is the inside of its world.
pub fn componentize(mut module: Vec<u8>, world: &str, packages: &[&str]) -> Vec<u8> {
    let mut resolve = Resolve::default();
    for text in packages {
        resolve.push_str("dep.wit", text).expect("a package");
    }
    let text = format!("package test:guest; world guest {{ {world} }}");
    let group = UnresolvedPackageGroup::parse("guest.wit", &text).expect("the world parses");
    let package = resolve.push_group(group).expect("the world resolves");
    let world = resolve.select_world(&[package], None).expect("one world");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("embeds");
    let mut encoder = ComponentEncoder::default().validate(true).module(&module).expect("a module");
    encoder.encode().expect("a component")
}

pub fn actor_wit() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/actor.wit");
    std::fs::read_to_string(path).expect("the contract is in the repository")
}

/// A guest of core/tests/guests that speaks `airssys:actor`.
pub fn guest(name: &str, world: &str) -> Vec<u8> {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/guests");
    componentize(module(&guests, name), world, &[&actor_wit()])
}

pub const ALL: &str = "include airssys:actor/runtime@0.1.0; include airssys:actor/with-child@0.1.0;
    include airssys:actor/with-actor@0.1.0; include airssys:actor/with-replies@0.1.0;
    include airssys:actor/with-signals@0.1.0; include airssys:actor/with-health@0.1.0;
    include airssys:actor/with-state@0.1.0; include airssys:actor/with-reconfigure@0.1.0;";
pub const BATCH: &str = "include airssys:actor/with-batch@0.1.0; import airssys:actor/messaging@0.1.0;";

pub fn text(error: &abi::Error) -> String {
    let end = error.text.iter().position(|byte| *byte == 0).expect("terminated");
    String::from_utf8(error.text[..end].to_vec()).expect("UTF-8")
}

pub fn no_error() -> abi::Error {
    abi::Error { text: [0; 1024] }
}

fn bytes_of(bytes: abi::Bytes) -> Vec<u8> {
    unsafe { &*slice_from_raw_parts(bytes.data, bytes.len) }.to_vec()
}

/// An engine that must have nothing alive when it ends.
pub struct TestEngine(pub *mut Engine);

unsafe impl Sync for TestEngine {}
unsafe impl Send for TestEngine {}

impl TestEngine {
    pub fn new() -> Self {
        Self::with(&CONFIG, &HOST, None)
    }

    pub fn with(config: &abi::Config, host: &abi::Host, addon: Option<Box<dyn Addon>>) -> Self {
        let (mut engine, mut error) = (null_mut(), no_error());
        let code = unsafe { create(config, host, &mut engine, &mut error, addon) };
        assert_eq!(code, abi::OK, "{}", text(&error));
        Self(engine)
    }

    pub fn compile(&self, wasm: &[u8]) -> Result<Vec<u8>, (i32, String)> {
        let (mut buffer, mut error) = (abi::Buffer { data: null_mut(), len: 0 }, no_error());
        match unsafe { engine_compile(self.0, abi::Bytes::of(wasm), &mut buffer, &mut error) } {
            abi::OK => {
                let code = unsafe { &*slice_from_raw_parts(buffer.data, buffer.len) }.to_vec();
                unsafe { engine_buffer_free(&mut buffer) };
                Ok(code)
            }
            failed => Err((failed, text(&error))),
        }
    }

    pub fn load_code(&self, code: &[u8]) -> Result<TestComponent, (i32, String)> {
        let (mut component, mut error) = (null_mut(), no_error());
        match unsafe { engine_component_load(self.0, abi::Bytes::of(code), &mut component, &mut error) } {
            abi::OK => Ok(TestComponent(component)),
            failed => Err((failed, text(&error))),
        }
    }

    pub fn load(&self, wasm: &[u8]) -> Result<TestComponent, (i32, String)> {
        self.load_code(&self.compile(wasm)?)
    }

    pub fn all(&self) -> TestComponent {
        self.load(&guest("all", ALL)).expect("it loads")
    }

    pub fn batch(&self) -> TestComponent {
        self.load(&guest("batch", BATCH)).expect("it loads")
    }

    pub fn live(&self) -> abi::Live {
        let mut live = abi::Live::default();
        unsafe { engine_live_counts(self.0, &mut live) };
        live
    }

    pub fn offers(&self) -> String {
        String::from_utf8(bytes_of(unsafe { engine_offers(self.0) })).expect("UTF-8")
    }

    pub fn fingerprint(&self) -> String {
        String::from_utf8(bytes_of(unsafe { engine_fingerprint(self.0) })).expect("UTF-8")
    }

    pub fn panics(&self) -> u64 {
        unsafe { engine_panics(self.0) }
    }

    pub fn tick(&self) {
        unsafe { engine_tick_all(self.0) }
    }
}

impl Drop for TestEngine {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.live(), abi::Live::default(), "something is still alive");
        }
        unsafe { engine_destroy(self.0) }
    }
}

pub struct TestComponent(pub *mut Component);

impl TestComponent {
    pub fn exports(&self) -> u32 {
        unsafe { engine_component_exports(self.0) }
    }

    pub fn instance(&self) -> TestInstance {
        self.instance_with(&LIMITS)
    }

    /// Created, and not instantiated yet.
    pub fn instance_with(&self, limits: &abi::Limits) -> TestInstance {
        self.try_instance(limits).unwrap_or_else(|failed| panic!("{failed:?}"))
    }

    pub fn try_instance(&self, limits: &abi::Limits) -> Result<TestInstance, (i32, String)> {
        let mut new = TestInstance { raw: null_mut(), actor: Box::default(), gauges: Box::default() };
        let actor = (&raw mut *new.actor).cast();
        let mut error = no_error();
        let gauges = &raw mut *new.gauges;
        match unsafe { engine_instance_create(self.0, limits, actor, gauges, &mut new.raw, &mut error) } {
            abi::OK => Ok(new),
            failed => Err((failed, text(&error))),
        }
    }

    /// Instantiated.
    pub fn ready(&self) -> TestInstance {
        let instance = self.instance();
        assert_eq!(unsafe { engine_call_instantiate(instance.raw) }, abi::OK);
        assert_eq!(instance.finish(), Ended::Done);
        instance
    }
}

impl Drop for TestComponent {
    fn drop(&mut self) {
        unsafe { engine_component_release(self.0) }
    }
}

/// How a poll left a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    Done,
    Reply(Vec<u8>),
    Failed(String),
    Health(u32, String),
    Trap(u32, String),
    Pending,
    Yielded,
}

pub struct TestInstance {
    pub raw: *mut Instance,
    pub actor: Box<Actor>,
    pub gauges: Box<abi::Gauges>,
}

unsafe impl Send for TestInstance {}

impl TestInstance {
    pub fn poll_with(&self, waker: *mut c_void) -> (u32, abi::Outcome) {
        let mut outcome = abi::Outcome::NONE;
        let status = unsafe { engine_poll(self.raw, waker, &mut outcome) };
        (status, outcome)
    }

    pub fn poll(&self) -> Ended {
        self.poll_by(&Waker::new())
    }

    pub fn poll_by(&self, waker: &Waker) -> Ended {
        let (status, outcome) = self.poll_with(waker.pointer());
        let string = |bytes| String::from_utf8(bytes_of(bytes)).expect("UTF-8");
        match (status, outcome.settle.tag) {
            (abi::POLL_PENDING, _) => Ended::Pending,
            (abi::POLL_YIELDED, _) => Ended::Yielded,
            (abi::POLL_TRAP, _) => Ended::Trap(outcome.trap.kind, string(outcome.trap.text)),
            (_, abi::SETTLE_REPLY) => Ended::Reply(bytes_of(outcome.settle.data)),
            (_, abi::SETTLE_ERROR) => Ended::Failed(string(outcome.settle.data)),
            _ if outcome.settle.data.len > 0 => Ended::Health(outcome.health, string(outcome.settle.data)),
            _ => Ended::Done,
        }
    }

    /// Polls until it is neither pending nor yielded; not for ever.
    pub fn finish(&self) -> Ended {
        for _ in 0..1000 {
            match self.poll() {
                Ended::Pending | Ended::Yielded => (),
                ended => return ended,
            }
        }
        panic!("it does not end");
    }

    pub fn call_handle(&self, message: &abi::Message) -> i32 {
        unsafe { engine_call_handle(self.raw, message) }
    }

    /// `handle` with this payload, from actor 42, to its end.
    pub fn handle(&self, payload: &[u8]) -> Ended {
        assert_eq!(self.call_handle(&message(payload)), abi::OK);
        self.finish()
    }

    pub fn trap_kind(&self, payload: &[u8]) -> u32 {
        match self.handle(payload) {
            Ended::Trap(kind, _) => kind,
            ended => panic!("{ended:?} is no trap"),
        }
    }

    /// Destroyed early, so that what its actor saw can be looked at.
    pub fn end(&mut self) {
        unsafe { engine_instance_destroy(self.raw) };
        self.raw = null_mut();
    }

    pub fn memory(&self) -> u64 {
        self.gauges.memory.load(std::sync::atomic::Ordering::Relaxed)
    }

    pub fn growths_refused(&self) -> u64 {
        self.gauges.growths_refused.load(std::sync::atomic::Ordering::Relaxed)
    }
}

impl Drop for TestInstance {
    fn drop(&mut self) {
        unsafe { engine_instance_destroy(self.raw) }
    }
}

/// A message of actor 42. It borrows the payload, as C does.
pub fn message(payload: &[u8]) -> abi::Message {
    abi::Message {
        sender: 42,
        request: 0,
        has_topic: false,
        topic: abi::Bytes::EMPTY,
        payload: abi::Bytes::of(payload),
    }
}
