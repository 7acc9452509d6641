// SPDX-License-Identifier: MIT OR Apache-2.0
//! wasi:filesystem as Wasmtime has it, with a plain preopen and nobody who decides: a program that opens files.

use airssys_engine_core::{abi, wasmtime_config};
use tokio::runtime::{Builder, Runtime};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store, format_err};
use wasmtime_wasi::p2::add_to_linker_async;
use wasmtime_wasi::p2::bindings::CommandPre;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

struct Guest {
    ctx: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.ctx, table: &mut self.table }
    }
}

pub struct Files {
    engine: Engine,
    pre: CommandPre<Guest>,
    folder: String,
    runtime: Runtime,
}

impl Files {
    pub fn new(config: &abi::Config, wasm: &[u8], folder: &str) -> Result<Self> {
        let engine = Engine::new(&wasmtime_config(config))?;
        let component = Component::new(&engine, wasm)?;
        let mut linker = Linker::new(&engine);
        add_to_linker_async(&mut linker)?;
        let pre = CommandPre::new(linker.instantiate_pre(&component)?)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { engine, pre, folder: folder.into(), runtime })
    }

    /// Runs the program, which is told how often by its argument.
    pub fn open(&mut self, times: u64) -> Result<()> {
        let mut ctx = WasiCtxBuilder::new();
        ctx.args(&["opens", &times.to_string()]);
        ctx.preopened_dir(&self.folder, "/data", FsPerms::ReadOnly)?;
        let guest = Guest { ctx: ctx.build(), table: ResourceTable::new() };
        let mut store = Store::new(&self.engine, guest);
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(u64::MAX / 2);
        self.runtime.block_on(async {
            let program = self.pre.instantiate_async(&mut store).await?;
            let ended = program.wasi_cli_run().call_run(&mut store).await?;
            ended.map_err(|()| format_err!("the program failed"))
        })
    }
}
