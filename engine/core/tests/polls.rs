// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pending calls: waiting, yielding, being interrupted, dropped, moved to another thread.

mod support;

use airssys_engine_core::{abi, *};
use std::ptr::null_mut;
use support::*;

#[test]
fn one_call_at_a_time() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.instance();
    // Before it is instantiated nothing else may start.
    assert_eq!(instance.call_handle(&message(b"e")), abi::INVALID);
    assert_eq!(unsafe { engine_call_instantiate(instance.raw) }, abi::OK);
    assert_eq!(unsafe { engine_call_instantiate(instance.raw) }, abi::BUSY);
    assert_eq!(instance.call_handle(&message(b"e")), abi::BUSY);
    assert_eq!(instance.finish(), Ended::Done);
    assert_eq!(unsafe { engine_call_instantiate(instance.raw) }, abi::INVALID);

    *instance.actor.pending.borrow_mut() = 3;
    let payload = message(b"s");
    assert_eq!(instance.call_handle(&payload), abi::OK);
    assert_eq!(instance.call_handle(&payload), abi::BUSY);
    for _ in 0..3 {
        assert_eq!(instance.poll(), Ended::Pending);
        assert_eq!(instance.call_handle(&payload), abi::BUSY);
        assert_eq!(unsafe { engine_call_check(instance.raw) }, abi::BUSY);
    }
    assert_eq!(instance.poll(), Ended::Done);
    assert_eq!(instance.actor.log(), ["send 42 s"]);
    assert_eq!(instance.handle(b"e"), Ended::Reply(b"e".to_vec()));
}

#[test]
fn a_poll_without_a_call_is_told() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    assert!(matches!(instance.poll(), Ended::Trap(abi::TRAP_PANIC, _)));
    // It is the caller's bug and not the instance's end; once that has come, it is told again.
    assert_eq!(instance.handle(b"e"), Ended::Reply(b"e".to_vec()));
    let ended = instance.handle(b"u");
    assert!(matches!(ended, Ended::Trap(abi::TRAP_GUEST, _)));
    assert_eq!(instance.poll(), ended);
}

#[test]
fn ask_waits_and_answers() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    *instance.actor.reply.borrow_mut() = b"the answer".to_vec();
    assert_eq!(instance.handle(b"k"), Ended::Reply(b"the answer".to_vec()));
    *instance.actor.pending.borrow_mut() = 2;
    assert_eq!(instance.call_handle(&message(b"k?")), abi::OK);
    assert_eq!(instance.poll(), Ended::Pending);
    assert_eq!(instance.poll(), Ended::Pending);
    assert_eq!(instance.poll(), Ended::Reply(b"the answer".to_vec()));
    assert_eq!(instance.actor.log(), ["ask 42 k 100", "ask 42 k? 100"]);
}

#[test]
fn a_pending_call_resumes_on_another_thread() {
    let engine = TestEngine::new();
    let component = engine.all();
    let mut instance = component.ready();
    *instance.actor.reply.borrow_mut() = vec![7; 5000];
    *instance.actor.pending.borrow_mut() = 50;
    assert_eq!(instance.call_handle(&message(b"k")), abi::OK);
    for _ in 0..50 {
        instance = std::thread::spawn(move || {
            assert_eq!(instance.poll(), Ended::Pending);
            instance
        })
        .join()
        .expect("the thread is well");
    }
    assert_eq!(instance.poll(), Ended::Reply(vec![7; 5000]));
}

#[test]
fn a_guest_that_never_waits_yields_at_the_tick() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    let ticks = [abi::TICK_CONTINUE, abi::TICK_YIELD, abi::TICK_YIELD, 2];
    instance.actor.ticks.borrow_mut().extend(ticks);
    assert_eq!(instance.call_handle(&message(b"l")), abi::OK);
    std::thread::scope(|scope| {
        let ticker = Ticker::start(scope, &engine);
        let waker = Waker::new();
        assert_eq!(instance.poll_with(waker.pointer()).0, abi::POLL_YIELDED);
        assert_eq!(instance.poll_with(waker.pointer()).0, abi::POLL_YIELDED);
        assert_eq!(waker.woken(), 0, "YIELDED says it all");
        assert_eq!(instance.poll(), Ended::Trap(abi::TRAP_INTERRUPT, "wasm trap: interrupt".into()));
        drop(ticker);
    });
    assert_eq!(instance.call_handle(&message(b"e")), abi::INVALID);
}

/// Ticks until it is dropped.
struct Ticker {
    _stop: std::sync::mpsc::Sender<()>,
}

impl Ticker {
    fn start<'s>(scope: &'s std::thread::Scope<'s, '_>, engine: &'s TestEngine) -> Self {
        let (stop, stopped) = std::sync::mpsc::channel();
        scope.spawn(move || {
            let tick = std::time::Duration::from_millis(1);
            while stopped.recv_timeout(tick) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                engine.tick();
            }
        });
        Self { _stop: stop }
    }
}

#[test]
fn arguments_are_read_after_a_yield_in_the_guests_allocator() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    assert_eq!(instance.handle(b"i"), Ended::Done);
    instance.actor.ticks.borrow_mut().extend([abi::TICK_YIELD, 2]);
    let payload = vec![b'e'; 1000];
    assert_eq!(instance.call_handle(&message(&payload)), abi::OK);
    std::thread::scope(|scope| {
        let ticker = Ticker::start(scope, &engine);
        assert_eq!(instance.poll(), Ended::Yielded);
        assert!(matches!(instance.poll(), Ended::Trap(abi::TRAP_INTERRUPT, _)));
        drop(ticker);
    });
}

#[test]
fn waiting_time_is_not_charged() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    *instance.actor.pending.borrow_mut() = 1;
    assert_eq!(instance.call_handle(&message(b"k")), abi::OK);
    assert_eq!(instance.poll(), Ended::Pending);
    for _ in 0..100 {
        engine.tick();
    }
    // Would be interrupted if the ticks that went by were its own.
    instance.actor.ticks.borrow_mut().extend([2]);
    assert_eq!(instance.poll(), Ended::Reply(Vec::new()));
    for _ in 0..100 {
        engine.tick();
    }
    assert_eq!(instance.handle(b"e"), Ended::Reply(b"e".to_vec()));
}

#[test]
fn a_pending_call_can_be_dropped() {
    let engine = TestEngine::new();
    let component = engine.all();
    for destroy_only in [false, true] {
        let instance = component.ready();
        *instance.actor.pending.borrow_mut() = 100;
        assert_eq!(instance.call_handle(&message(b"s")), abi::OK);
        assert_eq!(instance.poll(), Ended::Pending);
        if !destroy_only {
            unsafe { engine_call_drop(instance.raw) };
            unsafe { engine_call_drop(instance.raw) };
            assert_eq!(instance.call_handle(&message(b"e")), abi::INVALID);
        }
        assert!(engine.live().stacks > 0);
    }
    // Not polled at all.
    let instance = component.ready();
    assert_eq!(instance.call_handle(&message(b"e")), abi::OK);
    drop(instance);
    let instance = component.instance();
    assert_eq!(unsafe { engine_call_instantiate(instance.raw) }, abi::OK);
    unsafe { engine_call_drop(instance.raw) };
    assert_eq!(unsafe { engine_call_instantiate(instance.raw) }, abi::INVALID);
    drop(instance);
    assert_eq!(engine.live(), abi::Live::default());
    unsafe { engine_instance_destroy(null_mut()) };
}

#[test]
fn a_yielded_call_can_be_dropped() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    instance.actor.ticks.borrow_mut().extend([abi::TICK_YIELD]);
    assert_eq!(instance.call_handle(&message(b"l")), abi::OK);
    std::thread::scope(|scope| {
        let ticker = Ticker::start(scope, &engine);
        assert_eq!(instance.poll(), Ended::Yielded);
        drop(ticker);
    });
    unsafe { engine_call_drop(instance.raw) };
}

#[test]
fn a_component_may_be_released_while_its_instance_lives() {
    let engine = TestEngine::new();
    let instance = engine.all().ready();
    assert_eq!(instance.handle(b"e"), Ended::Reply(b"e".to_vec()));
}

#[test]
fn many_threads_at_once() {
    let engine = TestEngine::new();
    let component = SharedComponent(engine.all());
    let component = &component;
    std::thread::scope(|scope| {
        let ticker = Ticker::start(scope, &engine);
        let lives = (0..4).map(|_| scope.spawn(|| (0..100).for_each(|round| component.live_one_life(round))));
        for life in lives.collect::<Vec<_>>() {
            life.join().expect("the thread is well");
        }
        drop(ticker);
    });
    assert_eq!(engine.live(), abi::Live::default());
    assert_eq!(engine.panics(), 0);
}

/// engine.h: a component may be used from any thread.
struct SharedComponent(TestComponent);

unsafe impl Sync for SharedComponent {}

impl SharedComponent {
    /// One that ends well, one that traps, one that is dropped while it waits, one that is interrupted.
    fn live_one_life(&self, round: usize) {
        let instance = self.0.ready();
        match round % 4 {
            0 => assert_eq!(instance.handle(b"echo"), Ended::Reply(b"echo".to_vec())),
            1 => assert!(matches!(instance.handle(b"u"), Ended::Trap(abi::TRAP_GUEST, _))),
            2 => {
                *instance.actor.pending.borrow_mut() = 10;
                assert_eq!(instance.call_handle(&message(b"s")), abi::OK);
                assert_eq!(instance.poll(), Ended::Pending);
            }
            _ => {
                instance.actor.ticks.borrow_mut().extend([abi::TICK_YIELD, 2]);
                assert_eq!(instance.call_handle(&message(b"l")), abi::OK);
                assert!(matches!(instance.finish(), Ended::Trap(abi::TRAP_INTERRUPT, _)));
            }
        }
    }
}
