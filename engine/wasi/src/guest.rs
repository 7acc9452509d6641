// SPDX-License-Identifier: MIT OR Apache-2.0
//! What WASI holds for one instance.

use crate::gate::Gate;
use crate::http::Refuse;
use crate::input::Input;
use crate::lookup::{Asker, Names};
use crate::output::Output;
use crate::rights::{Caller, Rights};
use airssys_engine_core::abi::{self, Limits, Pass};
use airssys_engine_core::{Guest, State};
use airssys_engine_files::{Files, FilesView};
use std::collections::HashMap;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// Bytes of one set of HTTP headers.
const HEADERS_MAX: usize = 32 << 10;

pub(crate) struct Own {
    caller: Caller,
    table: ResourceTable,
    wasi: WasiCtx,
    files: Files,
    http: WasiHttpCtx,
    refuse: Refuse,
    pub gate: Gate,
    pub asker: Asker,
    /// Of each socket that listens, by its place in the table.
    pub listeners: HashMap<u32, Pass>,
}

impl Own {
    pub fn new(guest: &Guest, names: &Names) -> Self {
        let Limits { resources_max, hostcall_max, origin, .. } = guest.limits;
        let caller = Caller { host: guest.host, actor: guest.actor };
        let mut table = ResourceTable::new();
        table.set_max_capacity(resources_max as usize);
        let gate = Gate::new(guest);
        let mut wasi = WasiCtx::builder();
        // What the builder does not mention is not granted.
        wasi.stdin(Input::new(caller))
            .stdout(Output::new(caller, abi::STREAM_STDOUT))
            .stderr(Output::new(caller, abi::STREAM_STDERR))
            .max_random_size(hostcall_max)
            .socket_addr_check(move |at, what| gate.check(at, what))
            .allow_tcp(gate.is_there())
            .allow_udp(gate.is_there());
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(HEADERS_MAX);
        let (asker, listeners) = (names.asker(origin), HashMap::new());
        let files = Files::new(guest);
        Self { caller, table, wasi: wasi.build(), files, http, refuse: Refuse, gate, asker, listeners }
    }

    /// Of the store that a host function was called on.
    pub fn of(state: &mut State) -> &mut Self {
        let own = state.addon.as_mut().and_then(|own| own.downcast_mut());
        own.expect("the core makes it for each instance that is linked to WASI")
    }

    pub fn files(&mut self) -> FilesView<'_> {
        self.files.view(&mut self.table)
    }

    pub fn caller(&self) -> Caller {
        self.caller
    }

    pub fn rights(&mut self) -> Rights<'_> {
        Rights { own: self }
    }

    pub fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiView for Own {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Own {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.refuse, table: &mut self.table, ctx: &mut self.http }
    }
}
