// SPDX-License-Identifier: MIT OR Apache-2.0
//! The engine against its floors, alternating in one process. One JSON object a line:
//! {"name","value","unit","spread","reference","reference_value","ratio"}.
//!
//!     engine-bench            engine.call, engine.next
//!     engine-bench probe      what docs/decisions/0001-polled-calls.md is based on
//!     engine-bench call       one side of a figure, for a profiler: call, call-floor, next, next-floor
//!     engine-bench cold       processes that answer one message: ours, and `minimal` beside this program

use airssys_engine_core::{abi, *};
use airssys_floor::Floor;
use std::ffi::c_void;
use std::path::Path;
use std::time::Instant;
use support::*;

#[path = "../../../core/tests/support/mod.rs"]
mod support;

const ROUNDS: usize = 201;
/// For a profiler.
const PROFILED: u64 = 64 * 100_000;
const CALLS: u64 = 1000;
const EVENTS: u64 = 64 * 40;

const WORLD: &str = "include airssys:actor/with-child@0.1.0; include airssys:actor/with-actor@0.1.0;
    include airssys:actor/with-batch@0.1.0;";

/// A host whose `next` gives a message of 64 bytes as often as the actor says.
#[derive(Default)]
struct Inbox {
    left: u64,
}

unsafe extern "C" fn next(actor: *mut c_void, _: *const abi::Settle, ret: *mut abi::Event) -> u32 {
    // SAFETY: `ours` gives an Inbox; `ret` is the engine's.
    let (inbox, ret) = unsafe { (&mut *actor.cast::<Inbox>(), &mut *ret) };
    if inbox.left == 0 {
        ret.kind = abi::EVENT_NONE;
    } else {
        inbox.left -= 1;
        ret.kind = abi::EVENT_MESSAGE;
        ret.body.message = message(&[7; 64]);
    }
    abi::STEP_READY
}

struct Ours {
    inbox: Box<Inbox>,
    instance: *mut Instance,
    waker: Waker,
}

impl Ours {
    fn new(component: &TestComponent, gauges: &mut abi::Gauges) -> Self {
        let mut inbox = Box::<Inbox>::default();
        let (mut instance, mut error) = (std::ptr::null_mut(), no_error());
        let actor = (&raw mut *inbox).cast();
        // SAFETY: as C would.
        let code =
            unsafe { engine_instance_create(component.0, &LIMITS, actor, gauges, &mut instance, &mut error) };
        assert_eq!(code, abi::OK);
        let ours = Self { inbox, instance, waker: Waker::new() };
        // SAFETY: as C would.
        assert_eq!(unsafe { engine_call_instantiate(ours.instance) }, abi::OK);
        ours.poll();
        ours
    }

    fn poll(&self) -> abi::Outcome {
        let mut outcome = abi::Outcome::NONE;
        // SAFETY: as C would.
        assert_eq!(
            unsafe { engine_poll(self.instance, self.waker.pointer(), &mut outcome) },
            abi::POLL_READY
        );
        outcome
    }

    fn start_and_stop(self) {
        let config = std::ptr::null();
        let name = abi::Bytes::of(b"bench");
        let info = abi::StartInfo { id: 1, name, cause: 0, restarts: 0, config, config_count: 0 };
        // SAFETY: as C would.
        assert_eq!(unsafe { engine_call_start(self.instance, &info) }, abi::OK);
        self.poll();
        // SAFETY: as C would.
        assert_eq!(unsafe { engine_call_stop(self.instance, 0) }, abi::OK);
        self.poll();
    }

    fn call(&self, times: u64) {
        for _ in 0..times {
            let message = message(&[7; 64]);
            // SAFETY: as C would.
            assert_eq!(unsafe { engine_call_handle(self.instance, &message) }, abi::OK);
            assert_eq!(self.poll().settle.data.len, 64);
        }
    }

    fn next(&mut self, times: u64) {
        for _ in 0..times / 64 {
            self.inbox.left = 64;
            // SAFETY: as C would.
            assert_eq!(unsafe { engine_call_run(self.instance) }, abi::OK);
            self.poll();
        }
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        // SAFETY: as C would.
        unsafe { engine_instance_destroy(self.instance) }
    }
}

fn ns(times: u64, work: impl FnOnce(u64)) -> f64 {
    let began = Instant::now();
    work(times);
    began.elapsed().as_nanos() as f64 / times as f64
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Alternates both sides; the ratio is the median of the rounds' ratios, the spread half the distance of
/// their quartiles, in parts of the median.
fn report(name: &str, reference: &str, times: u64, mut ours: impl FnMut(u64), mut theirs: impl FnMut(u64)) {
    ours(times);
    theirs(times);
    let rounds: Vec<(f64, f64)> =
        (0..ROUNDS).map(|_| (ns(times, &mut ours), ns(times, &mut theirs))).collect();
    let mut values: Vec<f64> = rounds.iter().map(|round| round.0).collect();
    let mut references: Vec<f64> = rounds.iter().map(|round| round.1).collect();
    let mut ratios: Vec<f64> = rounds.iter().map(|round| round.0 / round.1).collect();
    let (value, reference_value, ratio) = (median(&mut values), median(&mut references), median(&mut ratios));
    let spread = (ratios[ROUNDS * 3 / 4] - ratios[ROUNDS / 4]) / 2.0 / ratio;
    println!(
        "{{\"name\":\"{name}\",\"value\":{value:.1},\"unit\":\"ns\",\"spread\":{spread:.3},\
         \"reference\":\"{reference}\",\"reference_value\":{reference_value:.1},\"ratio\":{ratio:.3}}}"
    );
}

fn figures(component: &TestComponent, floor: &mut Floor) {
    let mut gauges = abi::Gauges::default();
    let mut ours = Ours::new(component, &mut gauges);
    let fail = "the floor works";
    report("engine.call", "TypedFunc::call_async", CALLS, |n| ours.call(n), |n| floor.call(n).expect(fail));
    report(
        "engine.call_direct",
        "TypedFunc::call",
        CALLS,
        |n| ours.call(n),
        |n| floor.call_direct(n).expect(fail),
    );
    report("engine.next", "a bare import call", EVENTS, |n| ours.next(n), |n| floor.next(n).expect(fail));
}

fn us(began: Instant, times: usize) -> f64 {
    began.elapsed().as_nanos() as f64 / times as f64 / 1000.0
}

/// Resuming elsewhere, dropping a pending call, spawning: with the guest of the engine's tests.
fn probe(engine: &TestEngine, component: &TestComponent, floor: &mut Floor) {
    const TIMES: usize = 2000;
    let all = engine.all();
    let pending = || {
        let instance = all.ready();
        *instance.actor.pending.borrow_mut() = u32::MAX;
        assert_eq!(instance.call_handle(&PENDING_MESSAGE), abi::OK);
        assert_eq!(instance.poll(), Ended::Pending);
        instance
    };

    let instance = pending();
    let began = Instant::now();
    (0..TIMES).for_each(|_| assert_eq!(instance.poll(), Ended::Pending));
    println!("resume and suspend again, same thread: {:.2} us", us(began, TIMES));

    let (to, from) = (std::sync::mpsc::channel::<TestInstance>(), std::sync::mpsc::channel());
    let poller = std::thread::spawn(move || {
        for instance in to.1 {
            let began = Instant::now();
            assert_eq!(instance.poll(), Ended::Pending);
            from.0.send((instance, us(began, 1))).expect("it waits");
        }
    });
    let mut instance = instance;
    let mut elsewhere = Vec::new();
    for _ in 0..TIMES {
        to.0.send(instance).expect("it polls");
        let (back, took) = from.1.recv().expect("it polled");
        instance = back;
        assert_eq!(instance.poll(), Ended::Pending);
        elsewhere.push(took);
    }
    drop(to.0);
    poller.join().expect("the thread is well");
    println!("the same on a thread that did not suspend it: {:.2} us", median(&mut elsewhere));
    drop(instance);

    let mut drops: Vec<f64> = (0..TIMES)
        .map(|_| {
            let instance = pending();
            let began = Instant::now();
            // SAFETY: as C would.
            unsafe { engine_call_drop(instance.raw) };
            us(began, 1)
        })
        .collect();
    println!("drop of a pending call: {:.2} us", median(&mut drops));

    let mut gauges = abi::Gauges::default();
    let life = |n: u64| (0..n).for_each(|_| Ours::new(component, &mut gauges).start_and_stop());
    report("probe.instance", "store, instance, start and stop", 50, life, |n| {
        floor.spawn(n).expect("it works")
    });
}

/// What a process does that answers one message, with an engine no larger than that takes.
fn answer(code: &str) {
    let engine = TestEngine::with(&FEW, &HOST, None);
    let component = engine.load_code(&std::fs::read(code).expect("code")).expect("it loads");
    assert_eq!(component.ready().handle(b"hello"), Ended::Reply(b"hello".to_vec()));
    println!("hello");
}

const FEW: abi::Config = abi::Config { instances_max: 4, ..CONFIG };

/// Milliseconds of a process from its start to its end.
fn process(program: &Path, arguments: &[&str]) -> f64 {
    let began = Instant::now();
    let done = std::process::Command::new(program).args(arguments).output().expect("it runs");
    assert_eq!(done.stdout, b"hello\n", "{done:?}");
    began.elapsed().as_nanos() as f64
}

fn cold(wasm: &[u8]) {
    let me = std::env::current_exe().expect("it has a path");
    let minimal = me.with_file_name("minimal");
    let file = |name: &str| std::env::temp_dir().join(format!("airssys-{}-{name}", std::process::id()));
    let files = [file("guest.wasm"), file("theirs"), file("ours")];
    let names = files.each_ref().map(|file| file.to_str().expect("UTF-8"));
    std::fs::write(names[0], wasm).expect("a file");
    let compiled = std::process::Command::new(&minimal).args(["compile", names[0], names[1]]).status();
    assert!(compiled.expect("it runs").success());
    let engine = TestEngine::with(&FEW, &HOST, None);
    std::fs::write(names[2], engine.compile(wasm).expect("it compiles")).expect("a file");
    let ours = |_| _ = process(&me, &["answer", names[2]]);
    report("cold.engine", "minimal", 1, ours, |_| {
        process(&minimal, &["run", names[1], "hello"]);
    });
    files.iter().for_each(|file| std::fs::remove_file(file).expect("ours"));
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [verb, code] = &arguments[..] {
        assert_eq!(verb, "answer");
        return answer(code);
    }
    let host = abi::Host { next: Some(next), ..HOST };
    let (engine, scripted) = (TestEngine::with(&CONFIG, &host, None), TestEngine::new());
    let module = module(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/guests")), "echo");
    let wasm = componentize(module, WORLD, &[&actor_wit()]);
    let component = engine.load(&wasm).expect("it loads");
    let mut floor = Floor::new(&CONFIG, &wasm).expect("the floor stands");
    match arguments.first().map(String::as_str) {
        Some("call") => Ours::new(&component, &mut abi::Gauges::default()).call(PROFILED),
        Some("call-floor") => floor.call(PROFILED).expect("the floor works"),
        Some("next") => Ours::new(&component, &mut abi::Gauges::default()).next(PROFILED),
        Some("next-floor") => floor.next(PROFILED).expect("the floor works"),
        Some("cold") => cold(&wasm),
        None => figures(&component, &mut floor),
        Some("probe") => probe(&scripted, &component, &mut floor),
        Some(other) => panic!("{other}?"),
    }
}

static PENDING_PAYLOAD: &[u8] = b"s";
const PENDING_MESSAGE: abi::Message = abi::Message {
    sender: 42,
    request: 0,
    has_topic: false,
    topic: abi::Bytes::EMPTY,
    payload: abi::Bytes { data: PENDING_PAYLOAD.as_ptr(), len: 1 },
};
