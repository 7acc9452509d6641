// SPDX-License-Identifier: MIT OR Apache-2.0
//! Defines the interfaces. Wasmtime's own `add_to_linker` wants its traits on the store's data, which is
//! the core's; so each interface is added with the way from there to `Own`.

use crate::drafts;
use crate::guest::Own;
use crate::rights::{HasRights, Rights};
use crate::sockets;
use airssys_engine_core::State;
use airssys_engine_files::{FilesView, HasFiles};
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliCtxView, WasiCliView};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, io, random};
use wasmtime_wasi_http::p2::bindings::http;
use wasmtime_wasi_http::{WasiHttp, WasiHttpCtxView, WasiHttpView};

type L<'a> = &'a mut Linker<State>;

pub(crate) fn link(linker: L) -> Result<()> {
    link_io(linker)?;
    link_rights(linker)?;
    link_cli(linker)?;
    link_files(linker)?;
    sockets::link(linker)?;
    link_http(linker)?;
    drafts::link(linker)
}

struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

fn link_io(l: L) -> Result<()> {
    fn table(state: &mut State) -> &mut ResourceTable {
        Own::of(state).table()
    }
    io::error::add_to_linker::<State, Table>(l, table)?;
    io::poll::add_to_linker::<State, Table>(l, table)?;
    io::streams::add_to_linker::<State, Table>(l, table)
}

fn link_rights(l: L) -> Result<()> {
    fn view(state: &mut State) -> Rights<'_> {
        Own::of(state).rights()
    }
    clocks::wall_clock::add_to_linker::<State, HasRights>(l, view)?;
    clocks::monotonic_clock::add_to_linker::<State, HasRights>(l, view)?;
    random::random::add_to_linker::<State, HasRights>(l, view)?;
    random::insecure::add_to_linker::<State, HasRights>(l, view)?;
    random::insecure_seed::add_to_linker::<State, HasRights>(l, view)?;
    cli::environment::add_to_linker::<State, HasRights>(l, view)
}

fn link_cli(l: L) -> Result<()> {
    fn view(state: &mut State) -> WasiCliCtxView<'_> {
        Own::of(state).cli()
    }
    cli::exit::add_to_linker::<State, WasiCli>(l, view)?;
    cli::stdin::add_to_linker::<State, WasiCli>(l, view)?;
    cli::stdout::add_to_linker::<State, WasiCli>(l, view)?;
    cli::stderr::add_to_linker::<State, WasiCli>(l, view)?;
    cli::terminal_input::add_to_linker::<State, WasiCli>(l, view)?;
    cli::terminal_output::add_to_linker::<State, WasiCli>(l, view)?;
    cli::terminal_stdin::add_to_linker::<State, WasiCli>(l, view)?;
    cli::terminal_stdout::add_to_linker::<State, WasiCli>(l, view)?;
    cli::terminal_stderr::add_to_linker::<State, WasiCli>(l, view)
}

fn link_files(l: L) -> Result<()> {
    fn view(state: &mut State) -> FilesView<'_> {
        Own::of(state).files()
    }
    filesystem::types::add_to_linker::<State, HasFiles>(l, view)?;
    filesystem::preopens::add_to_linker::<State, HasFiles>(l, view)
}

fn link_http(l: L) -> Result<()> {
    fn view(state: &mut State) -> WasiHttpCtxView<'_> {
        Own::of(state).http()
    }
    let options = http::types::LinkOptions::default();
    http::types::add_to_linker::<State, WasiHttp>(l, &options, view)?;
    http::outgoing_handler::add_to_linker::<State, WasiHttp>(l, view)
}
