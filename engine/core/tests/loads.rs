// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bad files, bad components, other engines' code: each refused by name.

mod support;

use airssys_engine_core::abi;
use support::*;

#[test]
fn what_is_no_component_is_refused() {
    let engine = TestEngine::new();
    let refuse = |wasm: &[u8]| engine.compile(wasm).expect_err("it is not one");
    assert_eq!(refuse(b""), (abi::INVALID, "no WebAssembly: it is empty".into()));
    for bytes in [&b"hello"[..], b"\x7fELF\x02\x01\x01", b"(component)", &[0; 4096]] {
        let (code, text) = refuse(bytes);
        assert!(code == abi::INVALID && text.contains("does not begin with"), "{text}");
    }
    assert_eq!(refuse(b"\0as").0, abi::INVALID);
    assert_eq!(refuse(b"\0asm\x0d\0\x01\0\x99").0, abi::INVALID);
    let (code, text) = refuse(b"\0asm\x01\0\0\0");
    assert_eq!(code, abi::CORE_MODULE);
    assert!(text.contains("airssys build") && text.contains("wasm-tools component new"), "{text}");
    assert_eq!(refuse(b"\0asm\x01\0\0\0\x99").0, abi::INVALID);
}

#[test]
fn a_component_cut_anywhere_is_refused() {
    let engine = TestEngine::new();
    let wasm = guest("all", ALL);
    let all = engine.load(&wasm).expect("it loads whole").exports();
    for len in (0..wasm.len()).step_by(64) {
        match engine.compile(&wasm[..len]) {
            Err((code, text)) => {
                assert_eq!(code, abi::INVALID, "{len}: {text}");
                assert!(len < 9 || text.contains("offset") || text.contains("bound"), "{len}: {text}");
            }
            // Cut between two sections it may still be a component, of which less is exported, or nothing.
            Ok(code) => match engine.load_code(&code) {
                Ok(part) => assert_eq!(part.exports() & !all, 0, "{len}"),
                Err(error) => assert_eq!(error.0, abi::UNSUPPORTED, "{len}"),
            },
        }
    }
}

#[test]
fn code_of_another_engine_is_stale() {
    let engine = TestEngine::new();
    let code = engine.compile(&guest("batch", BATCH)).expect("it compiles");
    let other = abi::Config { memory_reservation: 64 << 20, ..CONFIG };
    let other = TestEngine::with(&other, &HOST, None);
    assert_eq!(other.load_code(&code).err().map(|e| e.0), Some(abi::STALE));
    assert_ne!(engine.fingerprint(), other.fingerprint());
    assert_eq!(engine.fingerprint(), TestEngine::new().fingerprint());
    assert_eq!(engine.load_code(b"\0asm").err().map(|e| e.0), Some(abi::INVALID));
    assert_eq!(engine.load_code(&code[..100]).err().map(|e| e.0), Some(abi::STALE));
    // It need not be aligned.
    let mut shifted = vec![0];
    shifted.extend(&code);
    assert_eq!(engine.load_code(&shifted[1..]).map(|c| c.exports()), Ok(abi::EXPORT_BATCH));
}

#[test]
fn no_known_contract_is_unsupported() {
    let engine = TestEngine::new();
    let (code, text) = engine.load(b"\0asm\x0d\0\x01\0").err().expect("it exports nothing");
    assert_eq!(code, abi::UNSUPPORTED);
    assert!(text.starts_with("exports no contract known here"), "{text}");
}

/// The contract with one thing changed, and the guest built for it.
fn changed(from: &str, to: &str, guest: &str, world: &str) -> Vec<u8> {
    let wit = actor_wit();
    assert!(wit.contains(from), "{from}");
    let guests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
    let mut wasm = module(&guests, guest);
    // Names in the module are of the same length, so that they can be changed in place.
    if from.len() == to.len() {
        while let Some(at) = wasm.windows(from.len()).position(|window| window == from.as_bytes()) {
            wasm[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    componentize(
        wasm,
        &world.replace("@0.1.0", if from == "0.1.0" { "@0.2.0" } else { "@0.1.0" }),
        &[&wit.replace(from, to)],
    )
}

#[test]
fn an_import_in_another_version_is_named_with_the_nearest() {
    let engine = TestEngine::new();
    let wasm = changed("0.1.0", "0.2.0", "batch", BATCH);
    let (code, text) = engine.load(&wasm).err().expect("another version");
    assert_eq!(code, abi::UNSUPPORTED);
    for name in ["mailbox", "messaging"] {
        let line =
            format!("imports airssys:actor/{name}@0.2.0: not offered, nearest is airssys:actor/{name}@0.1.0");
        assert!(text.contains(&line), "{text}");
    }
}

#[test]
fn a_later_patch_is_the_same() {
    let engine = TestEngine::new();
    let wit = actor_wit().replace("0.1.0", "0.1.9");
    let guests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
    let mut wasm = module(&guests, "batch");
    while let Some(at) = wasm.windows(5).position(|window| window == b"0.1.0") {
        wasm[at..at + 5].copy_from_slice(b"0.1.9");
    }
    let wasm = componentize(wasm, &BATCH.replace("0.1.0", "0.1.9"), &[&wit]);
    assert_eq!(engine.load(&wasm).map(|component| component.exports()), Ok(abi::EXPORT_BATCH));
}

#[test]
fn a_wrong_signature_is_named() {
    let engine = TestEngine::new();
    let from = "handle: func(message: message) -> result<option<list<u8>>, string>;";
    let to = "handle: func(message: message) -> result<option<string>, string>;";
    let (code, text) = engine.load(&changed(from, to, "all", ALL)).err().expect("another type");
    assert_eq!(code, abi::UNSUPPORTED);
    assert!(text.contains("exports airssys:actor/actor@0.1.0 with a `handle` of another type"), "{text}");
}

#[test]
fn what_c_does_not_give_is_not_offered() {
    let host = abi::Host { next: None, take: None, settle: None, send: None, ..HOST };
    let engine = TestEngine::with(&CONFIG, &host, None);
    assert!(!engine.offers().contains("mailbox"));
    assert!(engine.offers().contains("airssys:actor/messaging@0.1.0\n"));
    let (code, text) = engine.load(&guest("batch", BATCH)).err().expect("it needs both");
    assert_eq!(code, abi::UNSUPPORTED);
    assert_eq!(
        text,
        "imports send of airssys:actor/messaging@0.1.0: not offered by airssys:actor/messaging@0.1.0; \
         imports airssys:actor/mailbox@0.1.0: not offered"
    );
}

#[test]
fn offers_are_sorted_lines() {
    let offers = TestEngine::new().offers();
    let lines: Vec<&str> = offers.lines().collect();
    assert_eq!(lines.len(), 7);
    assert!(lines.is_sorted());
    assert!(lines.iter().all(|line| line.starts_with("airssys:actor/") && line.ends_with("@0.1.0")));
}

#[test]
fn an_engine_that_cannot_be_had_is_a_limit() {
    let config = abi::Config { instances_max: 1_000_000, memory_reservation: 1 << 40, ..CONFIG };
    let (mut engine, mut error) = (std::ptr::null_mut(), no_error());
    let code = unsafe { airssys_engine_core::create(&config, &HOST, &mut engine, &mut error, None) };
    assert_eq!(code, abi::LIMIT);
    assert!(text(&error).starts_with("the engine cannot be had"), "{}", text(&error));
}

#[test]
fn one_that_only_compiles_makes_code_for_one_that_runs() {
    let wasm = guest("batch", BATCH);
    for instances_max in [16, 4000] {
        let runs = abi::Config { instances_max, ..CONFIG };
        let compiles = abi::Config { compiles_only: true, ..runs };
        let (runs, compiles) =
            (TestEngine::with(&runs, &HOST, None), TestEngine::with(&compiles, &HOST, None));
        assert_eq!(compiles.fingerprint(), runs.fingerprint());
        let code = compiles.compile(&wasm).expect("it compiles");
        assert_eq!(runs.load_code(&code).map(|c| c.exports()), Ok(abi::EXPORT_BATCH));
        assert_eq!(compiles.live(), abi::Live::default());
    }
}

#[test]
fn more_than_the_pool_can_hold_is_a_limit() {
    let wasm = guest("all", ALL);
    for config in [
        abi::Config { core_instances_per_component: 1, ..CONFIG },
        abi::Config { memories_per_component: 0, ..CONFIG },
        abi::Config { tables_per_component: 0, ..CONFIG },
        abi::Config { memory_max: 64 << 10, ..CONFIG },
        abi::Config { table_elements_max: 0, ..CONFIG },
    ] {
        let (code, text) = TestEngine::with(&config, &HOST, None).load(&wasm).err().expect("no room");
        assert_eq!(code, abi::LIMIT, "{text}");
    }
}
