// SPDX-License-Identifier: MIT OR Apache-2.0
//! engine.h and its Rust twin lay their types out alike, and count their cases alike: a C compiler is asked.

use airssys_engine_core::abi;
use std::mem::offset_of;
use std::process::Command;

/// What is compared: an expression of C's, and Rust's value of it.
fn facts() -> Vec<(String, usize)> {
    let mut facts = Vec::new();
    macro_rules! layout {
        ($c:literal $rust:ident { $($field:ident $(as $name:literal)?),* $(,)? }) => {
            facts.push((format!("sizeof({})", $c), size_of::<abi::$rust>()));
            $(
                let name = [$($name,)? stringify!($field)][0];
                facts.push((format!("offsetof({}, {name})", $c), offset_of!(abi::$rust, $field)));
            )*
        };
    }
    layout!("engine_error" Error { text });
    layout!("engine_bytes" Bytes { data, len });
    layout!("engine_buffer" Buffer { data, len });
    layout!("engine_message" Message { sender, request, has_topic, topic, payload });
    layout!("engine_send_outcome" SendOutcome { tag, text });
    layout!("engine_request_outcome" RequestOutcome { tag, send, data });
    layout!("engine_reply" Reply { request, outcome });
    layout!("engine_down" Down { monitor, actor, reason, text, will_restart });
    layout!("engine_event" Event { kind, body as "message" });
    layout!("engine_settle" Settle { tag, data });
    layout!("engine_setting" Setting { key, value });
    layout!("engine_start_info" StartInfo { id, name, cause, restarts, config, config_count });
    layout!("engine_number_outcome" NumberOutcome { tag, number, text });
    layout!("engine_endpoint" Endpoint { version, address, port });
    layout!("engine_pass" Pass { epoch, grant });
    layout!("engine_resolver" Resolver { resolve, user, timeout_ms, threads_max, each_max });
    layout!("engine_host" Host {
        next, take, take_into, settle, self_id, send, ask, request, cancel, reply, forward, subscribe, unsubscribe, publish, lookup,
        register_name, unregister_name, message_id, attempt, deadline_ms, sender_name, trace_parent, custom, spawn,
        stop_child, exit, monitor, demonitor, link, unlink, send_after, send_every, cancel_timer,
        network, network_lookup, network_resolved, right, value, log, file, tick, write_line, wake, waker_retain,
        waker_release,
    });
    layout!("engine_file_question" FileQuestion {
        operation, wants, index, epoch, base, path, other_base, other_path,
    });
    layout!("engine_file_place" FilePlace { mount, folder, root, path, rest });
    layout!("engine_file_answer" FileAnswer { verdict, files, folders, replace, epoch, place, other });
    layout!("engine_config" Config {
        instances_max, core_instances_per_component, memories_per_component, tables_per_component,
        table_elements_max, memory_max, memory_reservation, memory_keep_resident, guest_stack_max,
        host_stack_max, memory_total_max, resolver, compiles_only,
    });
    layout!("engine_live" Live { stores, component_instances, core_instances, memories, tables, stacks });
    layout!("engine_limits" Limits { memory_max, table_elements_max, resources_max, hostcall_max, origin });
    layout!("engine_gauges" Gauges { memory, growths_refused, table_elements, table_growths_refused, files_open });
    layout!("engine_frame" Frame { function, offset, name });
    layout!("engine_trap" Trap { kind, exit_code, text, frames, frames_count });
    layout!("engine_outcome" Outcome { settle, health, trap });
    macro_rules! cases {
        ($prefix:literal: $($case:ident)*) => {
            $(facts.push((format!("{}{}", $prefix, stringify!($case)), abi::$case as usize));)*
        };
    }
    cases!("ENGINE_": OK BUSY INVALID CORE_MODULE UNSUPPORTED LIMIT NO_EXPORT STALE PANIC);
    cases!("ENGINE_": SEND_GONE SEND_FULL SEND_TOO_LARGE SEND_DENIED SEND_INTERRUPTED SEND_OK);
    cases!("ENGINE_": REQUEST_SEND REQUEST_TIMEOUT REQUEST_DEADLOCK REQUEST_FAILED REQUEST_OK);
    cases!("ENGINE_": EVENT_MESSAGE EVENT_REPLY EVENT_DOWN EVENT_NONE);
    cases!("ENGINE_": SETTLE_DONE SETTLE_REPLY SETTLE_ERROR STEP_READY TICK_CONTINUE TICK_YIELD);
    cases!("ENGINE_": NETWORK_OPEN NETWORK_CLOSE NETWORK_TCP_BIND NETWORK_TCP_LISTEN NETWORK_TCP_ACCEPT);
    cases!("ENGINE_": NETWORK_UDP_BIND NETWORK_TCP_CONNECT NETWORK_UDP_SEND NETWORK_UDP_RECEIVE);
    cases!("ENGINE_": NETWORK_DENIED NETWORK_GRANTED NETWORK_FULL NETWORK_INVALID RESOLVED_MAX);
    cases!("ENGINE_": RESOLVE_OK RESOLVE_UNKNOWN RESOLVE_AGAIN RESOLVE_FAILED);
    cases!("ENGINE_": STREAM_STDOUT STREAM_STDERR RIGHT_CLOCK_WALL RIGHT_CLOCK_MONOTONIC RIGHT_RANDOM_SECURE);
    cases!("ENGINE_": RIGHT_RANDOM_INSECURE RIGHT_STDOUT RIGHT_STDERR RIGHT_STDIN);
    cases!("ENGINE_": VALUE_VARIABLE VALUE_ARGUMENT VALUE_CONFIG VALUE_CONFIG_KEY VALUE_INPUT);
    cases!("ENGINE_": VALUE_NONE VALUE_FOUND VALUE_DENIED);
    cases!("ENGINE_": FILE_PREOPEN FILE_USE FILE_OPEN FILE_STAT FILE_SET_TIMES FILE_READ_LINK);
    cases!("ENGINE_": FILE_CREATE_FOLDER FILE_REMOVE_FOLDER FILE_UNLINK FILE_RENAME FILE_LINK FILE_SYMLINK);
    cases!("ENGINE_": FILE_READ FILE_WRITE FILE_CREATE FILE_LIST FILE_LOOK FILE_STREAM);
    cases!("ENGINE_": FILE_ALLOWED FILE_DENIED FILE_OUTSIDE FILE_NO_ENTRY FILE_INVALID FILE_TOO_LONG);
    cases!("ENGINE_": FILE_QUOTA FILE_NOT_FOLDER FILE_FAILED);
    cases!("ENGINE_": EXPORT_CHILD EXPORT_ACTOR EXPORT_BATCH EXPORT_REPLIES EXPORT_SIGNALS EXPORT_HEALTH);
    cases!("ENGINE_": EXPORT_STATE EXPORT_RECONFIGURE EXPORT_MAIN FRAMES_MAX);
    cases!("ENGINE_": TRAP_GUEST TRAP_INTERRUPT TRAP_STACK TRAP_LIMIT TRAP_ABI TRAP_EXIT TRAP_PANIC);
    cases!("ENGINE_": POLL_READY POLL_PENDING POLL_YIELDED POLL_TRAP);
    cases!("ENGINE_HEALTH_": HEALTHY DEGRADED UNHEALTHY);
    facts
}

#[test]
fn c_and_rust_agree() {
    let asserts: String = facts()
        .iter()
        .map(|(expression, value)| format!("_Static_assert({expression} == {value}, \"{expression}\");\n"))
        .collect();
    let source = std::env::temp_dir().join(format!("airssys-layout-{}.c", std::process::id()));
    std::fs::write(&source, format!("#include \"engine.h\"\n{asserts}")).expect("a file");
    let include = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let checked = Command::new("cc")
        .args(["-std=c17", "-fsyntax-only", "-I", include])
        .arg(&source)
        .output()
        .expect("a C compiler is installed");
    std::fs::remove_file(&source).expect("ours");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
