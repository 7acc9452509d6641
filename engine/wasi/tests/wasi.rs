// SPDX-License-Identifier: MIT OR Apache-2.0
//! Components of standard toolchains load and run; what is not granted is refused by its own error.

#[path = "../../core/tests/support/mod.rs"]
mod support;

use airssys_engine_core::{Addon, State, abi, engine_call_drop, engine_call_instantiate, engine_call_main};
use airssys_engine_wasi::Wasi;
use std::path::Path;
use std::time::{Duration, Instant};
use support::*;
use wasmtime::component::Linker;

fn guests() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests"))
}

fn engine() -> TestEngine {
    TestEngine::with(&CONFIG, &HOST, Some(Box::new(Wasi::new(abi::Resolver::NONE))))
}

/// A command made of a preview 1 module, as `wasm-tools component new --adapt` does.
fn command(act: u32) -> Vec<u8> {
    let module = module_with(guests(), "preview1", &[&format!("-DACT={act}")]);
    let adapter = wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER;
    let encoder =
        wit_component::ComponentEncoder::default().validate(true).module(&module).expect("a module");
    let mut encoder = encoder.adapter("wasi_snapshot_preview1", adapter).expect("the adapter");
    encoder.encode().expect("a component")
}

fn refused() -> Vec<u8> {
    let world = "import wasi:clocks/monotonic-clock@0.2.3; import wasi:sockets/tcp-create-socket@0.2.3;
        import wasi:http/outgoing-handler@0.2.3; import airssys:actor/messaging@0.1.0; include airssys:actor/with-actor@0.1.0;";
    componentize(module(guests(), "refused"), world, &[&actor_wit(), include_str!("wasi.wit")])
}

/// Polls when it is woken, and not before.
fn finish_by_waker(instance: &TestInstance) -> (Ended, u32) {
    let waker = Waker::new();
    let (mut polls, mut seen) = (0, 0);
    let until = Instant::now() + Duration::from_secs(10);
    let mut ended = instance.poll_by(&waker);
    while ended == Ended::Pending {
        assert!(waker.held() > 0, "somebody must hold it");
        while waker.woken() == seen {
            assert!(Instant::now() < until, "nobody woke it");
            std::thread::sleep(Duration::from_millis(1));
        }
        seen = waker.woken();
        polls += 1;
        ended = instance.poll_by(&waker);
    }
    (ended, polls)
}

fn start(component: &TestComponent) -> TestInstance {
    let instance = component.ready();
    assert_eq!(unsafe { engine_call_main(instance.raw) }, abi::OK);
    instance
}

#[test]
fn what_is_offered_is_linked() {
    let engine = wasmtime::Engine::default();
    let mut linker = Linker::<State>::new(&engine);
    let wasi = Wasi::new(abi::Resolver::NONE);
    wasi.link(&mut linker).expect("it links");
    assert!(wasi.interfaces().len() > 25);
    for interface in wasi.interfaces() {
        let mut instance = linker.instance(interface.name).expect("a name");
        for function in interface.functions {
            let again = instance.func_new(function, |_, _, _, _| Ok(()));
            assert!(again.is_err(), "{function} of {} is offered and not linked", interface.name);
        }
        assert!(instance.func_new("other", |_, _, _, _| Ok(())).is_ok());
    }
}

#[test]
fn a_program_runs_and_its_lines_come_one_by_one() {
    let engine = engine();
    let component = engine.load(&command(1)).expect("it loads");
    assert_eq!(component.exports(), abi::EXPORT_MAIN);
    let mut instance = start(&component);
    assert_eq!(instance.finish(), Ended::Done);
    let lines = instance.actor.lines.borrow().clone();
    assert_eq!(lines[..5], ["0:one", "0:two", "1:error", "0:half", "0:"]);
    // 4095 bytes, then from the two-byte character on.
    assert_eq!(lines[5], format!("0:{}", "x".repeat(4095)));
    assert_eq!(lines[6], format!("0:ä{}", "x".repeat(4094)));
    assert_eq!(lines[7], format!("0:{}", "x".repeat(10_000 - 4095 - 4096)));
    assert_eq!(lines.len(), 8, "the last line has no end yet");
    instance.end();
    assert_eq!(instance.actor.lines.borrow().last().map(String::as_str), Some("0:no end"));
}

#[test]
fn exit_codes_arrive() {
    let engine = engine();
    for (act, code) in [(3, 1), (4, 0)] {
        let component = engine.load(&command(act)).expect("it loads");
        let instance = start(&component);
        let (status, outcome) = instance.poll_with(Waker::new().pointer());
        assert_eq!(status, abi::POLL_TRAP);
        assert_eq!((outcome.trap.kind, outcome.trap.exit_code), (abi::TRAP_EXIT, code), "act {act}");
    }
}

#[test]
fn nothing_is_granted() {
    let engine = engine();
    let component = engine.load(&command(5)).expect("it loads");
    assert_eq!(start(&component).finish(), Ended::Done);
    let component = engine.load(&refused()).expect("it loads");
    let instance = component.ready();
    let told = |payload: &[u8]| {
        assert_eq!(instance.call_handle(&message(payload)), abi::OK);
        match finish_by_waker(&instance).0 {
            Ended::Reply(told) => u32::from_le_bytes(told.try_into().expect("4 bytes")),
            ended => panic!("{ended:?}"),
        }
    };
    assert_eq!(told(b"t"), 1, "access-denied");
    assert_eq!(told(b"h"), 115, "HTTP-request-denied");
}

/// A program that has not begun yet.
fn prepared(component: &TestComponent, prepare: impl FnOnce(&Actor)) -> TestInstance {
    let instance = component.instance();
    prepare(&instance.actor);
    assert_eq!(unsafe { engine_call_instantiate(instance.raw) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Done);
    assert_eq!(unsafe { engine_call_main(instance.raw) }, abi::OK);
    instance
}

#[test]
fn the_host_says_what_there_is() {
    let engine = engine();
    let component = engine.load(&command(8)).expect("it loads");
    let instance = prepared(&component, |actor| {
        *actor.values.borrow_mut() = vec![
            (abi::VALUE_VARIABLE, "A", "1"),
            (abi::VALUE_ARGUMENT, "", "name"),
            (abi::VALUE_VARIABLE, "B", ""),
            (abi::VALUE_CONFIG, "C", "not this"),
            (abi::VALUE_ARGUMENT, "", "-x"),
        ];
    });
    assert_eq!(instance.finish(), Ended::Done);
    assert_eq!(instance.actor.lines.borrow()[..], ["0:A=1\0B=\0", "0:name\0-x\0"]);
}

#[test]
fn a_missing_right_is_said() {
    let engine = engine();
    let component = engine.load(&command(9)).expect("it loads");
    let refuse = |right| prepared(&component, |actor: &Actor| actor.rights_refused.borrow_mut().push(right));
    assert_eq!(refuse(abi::RIGHT_CLOCK_MONOTONIC).finish(), Ended::Done);
    match refuse(abi::RIGHT_CLOCK_WALL).finish() {
        Ended::Trap(abi::TRAP_ABI, text) => assert_eq!(text, "the test says no"),
        ended => panic!("{ended:?}"),
    }
    let component = engine.load(&command(1)).expect("it loads");
    let mut instance =
        prepared(&component, |actor| actor.rights_refused.borrow_mut().push(abi::RIGHT_STDOUT));
    assert_eq!(instance.finish(), Ended::Done);
    instance.end();
    assert_eq!(instance.actor.lines.borrow()[..], ["1:error"]);
}

#[test]
fn what_a_guest_makes_the_host_hold_is_bounded() {
    let engine = engine();
    let component = engine.load(&command(6)).expect("it loads");
    match start(&component).finish() {
        Ended::Trap(abi::TRAP_LIMIT, text) => assert!(text.contains("exceeds limit"), "{text}"),
        ended => panic!("{ended:?}"),
    }
    let component = engine.load(&refused()).expect("it loads");
    match component.ready().handle(b"r") {
        Ended::Trap(abi::TRAP_LIMIT, _) => (),
        ended => panic!("{ended:?}"),
    }
}

#[test]
fn a_sleep_wakes_its_task() {
    let engine = engine();
    let component = engine.load(&command(2)).expect("it loads");
    let instance = start(&component);
    let began = Instant::now();
    let (ended, polls) = finish_by_waker(&instance);
    assert_eq!(ended, Ended::Done);
    assert!(polls >= 1 && began.elapsed() >= Duration::from_millis(30));
    assert_eq!(instance.actor.lines.borrow()[..], ["0:slept"]);
}

#[test]
fn a_sleeper_moves_to_another_thread_and_can_be_dropped() {
    let engine = engine();
    let component = engine.load(&refused()).expect("it loads");
    let instance = component.ready();
    let payload = message(b"s");
    assert_eq!(instance.call_handle(&payload), abi::OK);
    assert_eq!(instance.poll(), Ended::Pending);
    let instance = std::thread::spawn(move || {
        assert!(matches!(finish_by_waker(&instance).0, Ended::Reply(_)));
        instance
    });
    drop(instance.join().expect("the thread is well"));

    let component = engine.load(&command(7)).expect("it loads");
    let instance = start(&component);
    let waker = Waker::new();
    assert_eq!(instance.poll_by(&waker), Ended::Pending);
    assert!(waker.held() > 0);
    unsafe { engine_call_drop(instance.raw) };
    assert_eq!(waker.held(), 0, "nobody may wake it any more");
}

#[test]
fn the_io_thread_starts_late_and_ends_with_the_engine() {
    let threads = || {
        let tasks = std::fs::read_dir("/proc/self/task").expect("Linux");
        let name = |task: std::io::Result<std::fs::DirEntry>| {
            std::fs::read_to_string(task.ok()?.path().join("comm")).ok()
        };
        tasks.filter_map(name).filter(|name| name.trim() == "airssys-io").count()
    };
    // The other tests of this program have theirs: this one runs alone, in a process of its own.
    if std::env::var_os("AIRSSYS_TEST_ALONE").is_none() {
        let me = std::env::current_exe().expect("it has a path");
        let name = "the_io_thread_starts_late_and_ends_with_the_engine";
        let alone = std::process::Command::new(me)
            .args(["--exact", name, "--test-threads=1"])
            .env("AIRSSYS_TEST_ALONE", "1")
            .output()
            .expect("it runs");
        assert!(alone.status.success(), "{}", String::from_utf8_lossy(&alone.stdout));
        return;
    }
    let engine = engine();
    assert_eq!(engine.all().ready().handle(b"e"), Ended::Reply(b"e".to_vec()));
    assert_eq!(threads(), 0);
    let component = engine.load(&refused()).expect("it loads");
    assert_eq!(threads(), 0);
    assert!(matches!(
        finish_by_waker(&{
            let instance = component.ready();
            assert_eq!(instance.call_handle(&message(b"s")), abi::OK);
            instance
        })
        .0,
        Ended::Reply(_)
    ));
    assert_eq!(threads(), 1);
    drop((component, engine));
    assert_eq!(threads(), 0);
}

#[test]
fn http_in_another_version_is_named_with_the_nearest() {
    let wit = include_str!("wasi.wit").replace("0.2.3", "0.3.0");
    let mut module = module(guests(), "refused");
    while let Some(at) = module.windows(6).position(|window| window == b"@0.2.3") {
        module[at..at + 6].copy_from_slice(b"@0.3.0");
    }
    let world = "import wasi:http/outgoing-handler@0.3.0; import wasi:clocks/monotonic-clock@0.3.0;
        import wasi:sockets/tcp-create-socket@0.3.0; import airssys:actor/messaging@0.1.0; include airssys:actor/with-actor@0.1.0;";
    let (code, text) = engine().load(&componentize(module, world, &[&actor_wit(), &wit])).err().expect("0.3");
    assert_eq!(code, abi::UNSUPPORTED);
    let line =
        "imports wasi:http/outgoing-handler@0.3.0: not offered, nearest is wasi:http/outgoing-handler@0.2.12";
    assert!(text.contains(line), "{text}");
}

#[test]
fn wasi_uses_less_stack_than_there_is() {
    let engine = engine();
    let component = engine.load(&refused()).expect("it loads");
    let instance = component.ready();
    *instance.actor.paint.borrow_mut() = 100 << 10;
    for payload in [&b"h"[..], b"t", b"s", b""] {
        let payload = message(payload);
        assert_eq!(instance.call_handle(&payload), abi::OK);
        assert!(matches!(finish_by_waker(&instance).0, Ended::Reply(_)));
    }
    let used = *instance.actor.stack_used.borrow();
    println!("WASI used {used} bytes of stack");
    assert!(used > 1024 && used < 32 << 10, "{used}");
}
