// SPDX-License-Identifier: MIT OR Apache-2.0
//! An add-on of the test's own: linked only when it is wanted, its errors read, its panics caught.

mod support;

use airssys_engine_core::offers::Interface;
use airssys_engine_core::{Addon, Guest, Meaning, State, abi};
use std::any::Any;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::SeqCst;
use support::*;
use wasmtime::component::Linker;
use wasmtime::{Error, Result, StoreContextMut};

const INTERFACES: [Interface; 1] =
    [Interface { name: "test:addon/things@1.3.0", functions: &["panic", "exit", "count"] }];

#[derive(Clone, Default)]
struct TestAddon {
    linked: Arc<AtomicU32>,
    within: Arc<AtomicU32>,
}

#[derive(Debug)]
struct Exit(i32);

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}", self.0)
    }
}

impl std::error::Error for Exit {}

impl Addon for TestAddon {
    fn interfaces(&self) -> &'static [Interface] {
        &INTERFACES
    }

    fn link(&self, linker: &mut Linker<State>) -> Result<()> {
        self.linked.fetch_add(1, SeqCst);
        let mut things = linker.instance(INTERFACES[0].name)?;
        things.func_wrap("panic", |_: StoreContextMut<State>, ()| -> Result<()> { panic!("on purpose") })?;
        things.func_wrap("exit", |_: StoreContextMut<State>, (code,): (i32,)| -> Result<()> {
            Err(Exit(code).into())
        })?;
        things.func_wrap("count", |mut store: StoreContextMut<State>, ()| {
            let own = store.data_mut().addon.as_mut().and_then(|own| own.downcast_mut::<u32>());
            let count = own.expect("made by `guest`");
            *count += 1;
            Ok((*count,))
        })
    }

    fn guest(&self, guest: &Guest) -> Result<Box<dyn Any + Send>> {
        wasmtime::ensure!(guest.limits.resources_max > 0, "no resources");
        Ok(Box::new(0u32))
    }

    fn within(&self, body: &mut dyn FnMut()) {
        self.within.fetch_add(1, SeqCst);
        body();
    }

    fn meaning(&self, error: &Error) -> Option<Meaning> {
        error.downcast_ref().map(|Exit(code)| match code {
            9 => Meaning::Limit("nine is\ntoo much".into()),
            code => Meaning::Exit(*code),
        })
    }
}

fn wasm() -> Vec<u8> {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
    let package = "package test:addon@1.2.3; interface things { panic: func(); exit: func(code: s32); count: func() -> u32; }";
    let world = "import test:addon/things@1.2.3; include airssys:actor/with-actor@0.1.0;";
    componentize(module(&guests, "addon"), world, &[&actor_wit(), package])
}

#[test]
fn it_costs_nothing_until_it_is_wanted() {
    let addon = TestAddon::default();
    let engine = TestEngine::with(&CONFIG, &HOST, Some(Box::new(addon.clone())));
    assert!(engine.offers().contains("test:addon/things@1.3.0\n"));
    let component = engine.all();
    assert_eq!(component.ready().handle(b"e"), Ended::Reply(b"e".to_vec()));
    assert_eq!((addon.linked.load(SeqCst), addon.within.load(SeqCst)), (0, 0));
    let component = engine.load(&wasm()).expect("it loads");
    let (one, other) = (component.ready(), component.ready());
    assert_eq!(addon.linked.load(SeqCst), 1);
    assert_eq!(one.handle(b"c"), Ended::Reply(vec![1, 0, 0, 0]));
    assert_eq!(one.handle(b"c"), Ended::Reply(vec![2, 0, 0, 0]));
    assert_eq!(other.handle(b"c"), Ended::Reply(vec![1, 0, 0, 0]));
    assert!(addon.within.load(SeqCst) >= 5);
    drop((one, other));
    let none = abi::Limits { resources_max: 0, ..LIMITS };
    assert_eq!(component.try_instance(&none).err(), Some((abi::LIMIT, "no resources".into())));
}

#[test]
fn without_it_the_import_is_refused() {
    let engine = TestEngine::new();
    let refused = engine.load(&wasm()).err();
    let text = "imports test:addon/things@1.2.3: not offered";
    assert_eq!(refused, Some((abi::UNSUPPORTED, text.into())));
}

#[test]
fn its_errors_have_a_meaning() {
    let engine = TestEngine::with(&CONFIG, &HOST, Some(Box::new(TestAddon::default())));
    let component = engine.load(&wasm()).expect("it loads");
    let trap = |payload: &[u8]| component.ready().handle(payload);
    assert_eq!(trap(b"xx"), Ended::Trap(abi::TRAP_EXIT, "the guest exited with code 2".into()));
    assert_eq!(trap(b"xxxxxxxxx"), Ended::Trap(abi::TRAP_LIMIT, "nine is; too much".into()));
    let instance = component.ready();
    assert_eq!(instance.call_handle(&message(b"xxx")), abi::OK);
    assert_eq!(instance.poll_with(Waker::new().pointer()).1.trap.exit_code, 3);
}

#[test]
fn a_panic_on_the_fiber_ends_that_instance_only() {
    let engine = TestEngine::with(&CONFIG, &HOST, Some(Box::new(TestAddon::default())));
    let component = engine.load(&wasm()).expect("it loads");
    let (bad, good) = (component.ready(), component.ready());
    let text = "a bug of the engine: on purpose".to_string();
    assert_eq!(bad.handle(b"p"), Ended::Trap(abi::TRAP_PANIC, text));
    assert_eq!(engine.panics(), 1);
    assert_eq!(bad.call_handle(&message(b"c")), abi::INVALID);
    assert_eq!(good.handle(b"c"), Ended::Reply(vec![1, 0, 0, 0]));
}
