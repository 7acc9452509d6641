// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a guest reads from stdin: the host has all of it, and gives it piece by piece.

use crate::rights::Caller;
use std::io::Result;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};
use wasmtime_wasi::cli::{IsTerminal, StdinStream};
use wasmtime_wasi::p2::{InputStream, Pollable, StreamError, StreamResult};

/// Of one instance. Each handle that the guest asks for goes on where the others were.
#[derive(Clone)]
pub(crate) struct Input {
    caller: Caller,
    /// How much was read.
    at: Arc<Mutex<usize>>,
}

impl Input {
    pub fn new(caller: Caller) -> Self {
        Self { caller, at: Arc::default() }
    }

    /// At most `len` bytes; none at the end, and without the right.
    fn take(&self, len: usize) -> Vec<u8> {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = self.caller.input(*at, len);
        *at += bytes.len();
        bytes
    }
}

impl IsTerminal for Input {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdinStream for Input {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Pollable for Input {
    async fn ready(&mut self) {}
}

impl InputStream for Input {
    fn read(&mut self, size: usize) -> StreamResult<bytes::Bytes> {
        let bytes = self.take(size);
        if bytes.is_empty() && size > 0 { Err(StreamError::Closed) } else { Ok(bytes.into()) }
    }
}

impl AsyncRead for Input {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        buffer.put_slice(&self.take(buffer.remaining()));
        Poll::Ready(Ok(()))
    }
}
