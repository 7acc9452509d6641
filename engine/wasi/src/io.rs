// SPDX-License-Identifier: MIT OR Apache-2.0
//! The I/O thread: timers and sockets of all WASI guests, and a bounded pool for what blocks.

use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use wasmtime::{Error, Result};

/// For all but lookups of names, which have threads of their own number beside them.
const BLOCKING_THREADS_MAX: usize = 2;
/// How long `engine_destroy` waits for a blocking operation that is still on its way.
const SHUTDOWN_MAX: Duration = Duration::from_secs(1);

pub(crate) struct Io {
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
}

impl Io {
    pub fn start(lookups_max: usize) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(BLOCKING_THREADS_MAX + lookups_max)
            .thread_name("airssys-io")
            .enable_time()
            .enable_io()
            .build()
            .map_err(|error| Error::msg(format!("the I/O thread cannot be started: {error}")))?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// Runs `body` where timers are made on this runtime.
    pub fn within(&self, body: &mut dyn FnMut()) {
        let _entered = self.runtime.as_ref().map(Runtime::enter);
        body();
    }
}

impl Drop for Io {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(SHUTDOWN_MAX);
        }
    }
}
