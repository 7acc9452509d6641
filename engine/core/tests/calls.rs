// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every call in, every host function out.

mod support;

use airssys_engine_core::{abi, *};
use support::*;

fn bytes(text: &str) -> abi::Bytes {
    abi::Bytes::of(text.as_bytes())
}

#[test]
fn a_component_says_what_it_exports() {
    let engine = TestEngine::new();
    let without = abi::EXPORT_BATCH | abi::EXPORT_MAIN;
    assert_eq!(engine.all().exports(), 0x1ff & !without);
    assert_eq!(engine.batch().exports(), abi::EXPORT_BATCH);
}

#[test]
fn handle_replies_fails_or_does_neither() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    assert_eq!(instance.handle(b"echo"), Ended::Reply(b"echo".to_vec()));
    assert_eq!(instance.handle(b"Error"), Ended::Failed("rror".into()));
    assert_eq!(instance.handle(b""), Ended::Done);
    let mut message = message(b"T");
    (message.has_topic, message.topic) = (true, bytes("a.topic"));
    assert_eq!(instance.call_handle(&message), abi::OK);
    assert_eq!(instance.finish(), Ended::Reply(b"a.topic".to_vec()));
}

#[test]
fn a_reply_outlives_the_guests_own_free() {
    // The guest's post-return overwrites it with 0xaa. Of all sizes, larger and smaller than before.
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    for len in [1, 64, 4096, 100_000, 10, 4096, 1] {
        let payload: Vec<u8> = (0..len).map(|i| if i == 0 { b'e' } else { i as u8 }).collect();
        assert_eq!(instance.handle(&payload), Ended::Reply(payload), "{len} bytes");
    }
}

#[test]
fn lifecycle_gets_all_its_fields() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    let config = [
        abi::Setting { key: bytes("k1"), value: bytes("v1") },
        abi::Setting { key: bytes("k2"), value: bytes("v2") },
    ];
    let mut info = abi::StartInfo {
        id: 5,
        name: bytes("name"),
        cause: 2,
        restarts: 3,
        config: config.as_ptr(),
        config_count: config.len(),
    };
    assert_eq!(unsafe { engine_call_start(instance.raw, &info) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Failed("5name23k1v1k2v2".into()));
    info.id = 1;
    assert_eq!(unsafe { engine_call_start(instance.raw, &info) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Done);
    info.cause = 4;
    assert_eq!(unsafe { engine_call_start(instance.raw, &info) }, abi::INVALID);

    assert_eq!(unsafe { engine_call_stop(instance.raw, 1) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Done);
    assert_eq!(unsafe { engine_call_check(instance.raw) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Health(abi::UNHEALTHY, "so so".into()));
}

#[test]
fn replies_and_downs_arrive() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    let send = abi::SendOutcome { tag: abi::SEND_OK, text: abi::Bytes::EMPTY };
    let outcome = abi::RequestOutcome { tag: abi::REQUEST_OK, send, data: bytes("ok") };
    let mut reply = abi::Reply { request: 21, outcome };
    assert_eq!(unsafe { engine_call_handle_reply(instance.raw, &reply) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Done);
    reply.request = 22;
    reply.outcome.tag = abi::REQUEST_SEND;
    reply.outcome.send = abi::SendOutcome { tag: abi::SEND_DENIED, text: bytes("no") };
    assert_eq!(unsafe { engine_call_handle_reply(instance.raw, &reply) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Done);

    let down = abi::Down { monitor: 31, actor: 32, reason: 6, text: bytes("text"), will_restart: true };
    assert_eq!(unsafe { engine_call_handle_down(instance.raw, &down) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Done);
}

#[test]
fn state_and_settings_go_through() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    assert_eq!(unsafe { engine_call_load(instance.raw, bytes("1.0"), bytes("the state")) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Done);
    assert_eq!(unsafe { engine_call_save(instance.raw) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Reply(b"the state".to_vec()));
    assert_eq!(unsafe { engine_call_load(instance.raw, bytes("2.0"), bytes("")) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Failed("load".into()));
    let config = [abi::Setting { key: bytes("k"), value: bytes("v") }];
    assert_eq!(unsafe { engine_call_apply(instance.raw, config.as_ptr(), 1) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Done);
}

#[test]
fn every_host_function_is_called_as_the_contract_says() {
    let engine = TestEngine::new();
    let component = engine.all();
    let instance = component.ready();
    assert_eq!(instance.handle(b"c"), Ended::Reply(30u32.to_le_bytes().to_vec()));
    let expected = "request 42 req 50; cancel 11; reply 5 reply(rep); reply 5 error(bad); forward 42; \
        subscribe a.* true grp; subscribe bad false ; unsubscribe 12; publish a.b pub; lookup name; \
        lookup nobody; register name; unregister name; check led red; check led blue; \
        spawn tpl true kid k=v; stop 14; demonitor 15; link 9; unlink 9; send-after 10 42 aft; send-every 20 42 evr; cancel-timer 16; exit false bye";
    assert_eq!(instance.actor.log().join("; "), expected);
}

#[test]
fn what_is_not_exported_is_no_export() {
    let engine = TestEngine::new();
    let component = engine.batch();
    let instance = component.ready();
    assert_eq!(instance.call_handle(&message(b"e")), abi::NO_EXPORT);
    assert_eq!(unsafe { engine_call_check(instance.raw) }, abi::NO_EXPORT);
    assert_eq!(unsafe { engine_call_main(instance.raw) }, abi::NO_EXPORT);
    let component = engine.all();
    assert_eq!(unsafe { engine_call_run(component.ready().raw) }, abi::NO_EXPORT);
}

fn event(payload: &[u8]) -> abi::Event {
    abi::Event { kind: abi::EVENT_MESSAGE, body: abi::EventBody { message: message(payload) } }
}

#[test]
fn a_batch_takes_its_events_and_settles_them() {
    let engine = TestEngine::new();
    let component = engine.batch();
    let instance = component.ready();
    let send = abi::SendOutcome { tag: abi::SEND_OK, text: abi::Bytes::EMPTY };
    let outcome = abi::RequestOutcome { tag: abi::REQUEST_FAILED, send, data: bytes("why") };
    let reply = abi::Reply { request: 1, outcome };
    let down = abi::Down { monitor: 1, actor: 2, reason: 2, text: bytes("why"), will_restart: false };
    instance.actor.inbox.borrow_mut().extend([
        event(b"one"),
        abi::Event { kind: abi::EVENT_REPLY, body: abi::EventBody { reply } },
        abi::Event { kind: abi::EVENT_DOWN, body: abi::EventBody { down } },
        event(b"Err"),
        event(b"say"),
        event(b""),
    ]);
    assert_eq!(unsafe { engine_call_run(instance.raw) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Done);
    let expected = "next done; next reply(one); next done; next done; next error(Err); send 42 say; \
        next reply(say); next reply()";
    assert_eq!(instance.actor.log().join("; "), expected);
    // 1 a message, 2 a reply, 3 a down.
    instance.actor.inbox.borrow_mut().push_back(event(b"?"));
    assert_eq!(unsafe { engine_call_run(instance.raw) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Done);
    let trace = String::from_utf8_lossy(&1_231_111u32.to_le_bytes()).into_owned();
    assert_eq!(instance.actor.log().last(), Some(&format!("next reply({trace})")));
}

/// The guest takes a list of so many words, each 10, and adds them up.
fn take_words(count: usize, expected: u32) {
    let engine = TestEngine::new();
    let component = engine.batch();
    let instance = component.ready();
    instance.actor.inbox.borrow_mut().extend([event(b"t"), event(b"?")]);
    instance.actor.words.borrow_mut().extend(std::iter::repeat_n(10, count));
    *instance.actor.pending.borrow_mut() = 1;
    assert_eq!(unsafe { engine_call_run(instance.raw) }, abi::OK);
    assert_eq!(instance.finish(), Ended::Done);
    // 1 a message, ten times that and 1 for the next one.
    let trace = String::from_utf8_lossy(&((1 + expected) * 10 + 1).to_le_bytes()).into_owned();
    // `settle` has told the payload before `next` does it again.
    let expected = format!("next done; take done; settle reply(t); next reply(t); next reply({trace})");
    assert_eq!(instance.actor.log().join("; "), expected);
    let shared = instance.actor.shared.borrow();
    assert_eq!(shared.is_some(), count > 0);
    if let Some(shared) = *shared {
        // SAFETY: engine.h: as long as the instance lives.
        assert_eq!(unsafe { shared.read() }, 7);
    }
}

#[test]
fn a_list_lies_in_the_guests_memory() {
    take_words(3, 30);
    take_words(64, 30);
    take_words(65, 650);
    take_words(10_000, 100_000);
}

#[test]
fn a_list_may_be_none() {
    take_words(0, 0);
}
