// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a guest can do wrong, and how it ends: the kind, the text, the frames; nothing is left behind.

mod support;

use airssys_engine_core::{abi, *};
use support::*;

/// The kind of trap that `handle` with this payload ends with, after `handle` with each of `before`.
fn trap_after(component: &TestComponent, before: &[&[u8]], payload: &[u8]) -> (u32, String) {
    let instance = component.ready();
    for payload in before {
        instance.handle(payload);
    }
    match instance.handle(payload) {
        Ended::Trap(kind, text) => {
            assert!(!text.is_empty() && !text.contains('\n'), "{text:?}");
            assert_eq!(instance.call_handle(&message(b"e")), abi::INVALID, "it is over");
            (kind, text)
        }
        ended => panic!("{ended:?} is no trap"),
    }
}

#[test]
fn each_trap_has_its_kind() {
    let engine = TestEngine::new();
    let component = engine.all();
    let cases: [(&[u8], u32, &str); 16] = [
        (b"u", abi::TRAP_GUEST, "unreachable"),
        (b"o", abi::TRAP_GUEST, "out of bounds memory access"),
        (b"z", abi::TRAP_GUEST, "divide by zero"),
        (b"f", abi::TRAP_GUEST, "undefined element"),
        (b"r", abi::TRAP_STACK, "call stack exhausted"),
        (b"R", abi::TRAP_STACK, "call stack exhausted"),
        (b"p", abi::TRAP_ABI, "list pointer/length out of bounds"),
        (b"8", abi::TRAP_ABI, "utf-8"),
        (b"d", abi::TRAP_ABI, "discriminant"),
        (b"a", abi::TRAP_ABI, "not aligned"),
        (b"S", abi::TRAP_ABI, "list pointer/length out of bounds"),
        (b"L", abi::TRAP_ABI, "utf-8"),
        (b"b", abi::TRAP_LIMIT, "fuel allocated for hostcalls has been exhausted"),
        (b"B", abi::TRAP_LIMIT, "fuel allocated for hostcalls has been exhausted"),
        (b"P", abi::TRAP_GUEST, "unreachable"),
        (b"Peter", abi::TRAP_GUEST, "unreachable"),
    ];
    for (payload, kind, text) in cases {
        let case = String::from_utf8_lossy(payload);
        let found = trap_after(&component, &[], payload);
        assert!(found.0 == kind && found.1.to_lowercase().contains(text), "{case}: {found:?}");
    }
    assert_eq!(trap_after(&component, &[b"t"], b"e").0, abi::TRAP_GUEST);
    let (kind, text) = trap_after(&component, &[b"y"], b"e");
    assert_eq!((kind, text.as_str()), (abi::TRAP_ABI, "realloc return: beyond end of memory"));
    assert_eq!(engine.live(), abi::Live::default());
    assert_eq!(engine.panics(), 0);
}

#[test]
fn a_trap_in_stop_is_a_trap() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    assert_eq!(unsafe { engine_call_stop(instance.raw, 3) }, abi::OK);
    assert!(matches!(instance.finish(), Ended::Trap(abi::TRAP_GUEST, _)));
}

#[test]
fn frames_are_named_bounded_and_have_offsets() {
    let engine = TestEngine::new();
    let component = engine.all();
    let frames = |payload: &[u8]| {
        let instance = component.ready();
        assert_eq!(instance.call_handle(&message(payload)), abi::OK);
        let (status, outcome) = instance.poll_with(Waker::new().pointer());
        assert_eq!(status, abi::POLL_TRAP);
        let frames = unsafe { std::slice::from_raw_parts(outcome.trap.frames, outcome.trap.frames_count) };
        let name = |bytes: abi::Bytes| unsafe { String::from_utf8_lossy(bytes.slice()).into_owned() };
        frames.iter().map(|frame| (frame.function, frame.offset, name(frame.name))).collect::<Vec<_>>()
    };
    let shallow = frames(b"u");
    assert_eq!(shallow.len(), 1);
    assert!(shallow[0].1 > 0 && shallow[0].1 < 10_000, "{shallow:?}");
    assert_eq!(shallow[0].2, "handle");
    let deep = frames(b"r");
    assert_eq!(deep.len(), abi::FRAMES_MAX);
    assert!(deep.iter().all(|frame| frame.2 == "dive"), "{deep:?}");
}

#[test]
fn memory_grows_to_its_limit_and_not_past_it() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    let before = instance.memory();
    assert!(before > 256 * KIB && before < LIMITS.memory_max, "{before}");
    let pages = ((LIMITS.memory_max - before) >> 16) as u32;
    assert_eq!(instance.handle(b"m"), Ended::Reply(pages.to_le_bytes().to_vec()));
    assert_eq!(instance.memory(), before + u64::from(pages) * 64 * KIB);
    assert_eq!(instance.growths_refused(), 1);
    assert_eq!(instance.handle(b"e"), Ended::Reply(b"e".to_vec()));
    assert_eq!(instance.growths_refused(), 1);
}

#[test]
fn more_memory_than_the_limit_is_no_instance() {
    let engine = TestEngine::new();
    let component = engine.all();
    for limits in
        [abi::Limits { memory_max: 64 << 10, ..LIMITS }, abi::Limits { table_elements_max: 0, ..LIMITS }]
    {
        let instance = component.instance_with(&limits);
        assert_eq!(unsafe { engine_call_instantiate(instance.raw) }, abi::OK);
        assert!(matches!(instance.finish(), Ended::Trap(abi::TRAP_LIMIT, _)));
        assert_eq!(instance.growths_refused(), 1);
        assert_eq!(instance.memory(), 0);
    }
}

#[test]
fn more_instances_than_the_pool_has_is_a_limit() {
    let config = abi::Config { instances_max: 3, ..CONFIG };
    let engine = TestEngine::with(&config, &HOST, None);
    let component = engine.all();
    let instances: Vec<_> = (0..3).map(|_| component.ready()).collect();
    assert_eq!(engine.live().component_instances, 3);
    assert_eq!(engine.live().stores, 3);
    let one_more = component.instance();
    assert_eq!(unsafe { engine_call_instantiate(one_more.raw) }, abi::OK);
    let Ended::Trap(kind, text) = one_more.finish() else { panic!("one too many") };
    assert_eq!(kind, abi::TRAP_LIMIT);
    assert!(text.starts_with("instances_max is reached: ") && text.contains("limit of 3"), "{text}");
    drop((instances, one_more));
    assert_eq!(component.ready().handle(b"e"), Ended::Reply(b"e".to_vec()));
}

#[test]
fn all_instances_together_have_a_limit_of_memory() {
    let engine = TestEngine::new();
    let each = engine.all().ready().memory();
    // Room for three, and for less than a page's growth of one.
    let config = abi::Config { memory_total_max: 3 * each + (32 << 10), ..CONFIG };
    let engine = TestEngine::with(&config, &HOST, None);
    let component = engine.all();
    for _ in 0..3 {
        let instances: Vec<_> = (0..3).map(|_| component.ready()).collect();
        let one_more = component.instance();
        assert_eq!(unsafe { engine_call_instantiate(one_more.raw) }, abi::OK);
        let Ended::Trap(kind, text) = one_more.finish() else { panic!("one too many") };
        assert_eq!(kind, abi::TRAP_LIMIT);
        let limit = format!("all components together, {} bytes, has no room for it", config.memory_total_max);
        assert!(text.contains(&limit), "{text}");
        assert_eq!(one_more.memory(), 0);
        // A growth fails as any other, and the instance goes on.
        assert_eq!(instances[0].growths_refused(), 0);
        assert_eq!(instances[0].handle(b"m"), Ended::Reply(0u32.to_le_bytes().to_vec()));
        assert_eq!(instances[0].growths_refused(), 1);
        assert_eq!(instances[0].memory(), each);
        assert_eq!(instances[0].handle(b"e"), Ended::Reply(b"e".to_vec()));
    }
}

fn mappings() -> usize {
    std::fs::read_to_string("/proc/self/maps").expect("Linux has it").lines().count()
}

#[test]
fn one_of_many_instances_takes_few_mappings() {
    // Other tests, beside this one, have some of their own.
    const OTHERS: usize = 500;
    let config = abi::Config { instances_max: 4000, ..CONFIG };
    let before = mappings();
    let engine = TestEngine::with(&config, &HOST, None);
    let component = engine.all();
    let without = mappings();
    assert!(without - before < 2 * 4000 + OTHERS, "{before} {without}");
    let mut instances: Vec<_> = (0..1000).map(|_| component.ready()).collect();
    let first = mappings();
    assert!(first - without < 2 * 1000 + OTHERS, "{without} {first}");
    // Memories that another component has given back are as good as any.
    let other = engine.batch();
    for round in 0..4 {
        instances.truncate(500);
        let from = if round % 2 == 0 { &other } else { &component };
        instances.extend((0..500).map(|_| from.ready()));
    }
    let last = mappings();
    assert!(last - without < 2 * 1000 + OTHERS, "{without} {last}");
}

#[test]
fn host_calls_have_their_stack_at_the_deepest() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    assert!(matches!(instance.handle(b"R"), Ended::Trap(abi::TRAP_STACK, _)));
    let (low, high) = instance.actor.stack.borrow().expect("it was called");
    // From the first call to the last lies nearly all that a guest may use.
    assert!(high - low > (CONFIG.guest_stack_max as usize) * 3 / 4, "{}", high - low);
    assert!(high - low < CONFIG.guest_stack_max as usize + 8192, "{}", high - low);
}

#[test]
fn host_functions_use_little_stack() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    *instance.actor.paint.borrow_mut() = 48 << 10;
    // Each calls `self_id` first, then every other function; the second sees what the first left.
    assert!(matches!(instance.handle(b"c"), Ended::Reply(_)));
    assert!(matches!(instance.handle(b"c"), Ended::Reply(_)));
    let used = *instance.actor.stack_used.borrow();
    println!("host functions used {used} bytes of stack");
    assert!(used > 1024 && used < 16 << 10, "{used}");
}

#[test]
fn tables_and_handles_end_at_their_limits() {
    let engine = TestEngine::new();
    let package = "package test:greedy@1.0.0; interface things { resource thing { constructor(); } }";
    let world = "export test:greedy/things@1.0.0; include airssys:actor/with-actor@0.1.0;";
    let guests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
    let module = module_with(&guests, "greedy", &["-mreference-types", "-Wl,--growable-table"]);
    let component = engine.load(&componentize(module, world, &[&actor_wit(), package])).expect("it loads");
    let instance = component.ready();
    // Of 1,000 elements some are its own from the start.
    assert_eq!(instance.handle(b"t"), Ended::Reply(9u32.to_le_bytes().to_vec()));
    assert_eq!(instance.growths_refused(), 1);
    let gauge = |gauge: &std::sync::atomic::AtomicU64| gauge.load(std::sync::atomic::Ordering::Relaxed);
    assert!((900..=1000).contains(&gauge(&instance.gauges.table_elements)));
    assert_eq!(gauge(&instance.gauges.table_growths_refused), 1);
    // A growth that is no number of elements gives nothing back.
    assert_eq!(instance.handle(b"T"), Ended::Reply(0u32.to_le_bytes().to_vec()));
    assert_eq!(instance.handle(b"t"), Ended::Reply(0u32.to_le_bytes().to_vec()));
    match instance.handle(b"h") {
        Ended::Trap(abi::TRAP_LIMIT, text) => assert!(text.contains("handle limit exceeded"), "{text}"),
        ended => panic!("{ended:?}"),
    }
}
