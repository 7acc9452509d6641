// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a guest writes to stdout and stderr, to the host by lines.

use crate::rights::Caller;
use airssys_engine_core::abi::{self, Bytes};
use std::io::{ErrorKind, Result};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

const LINE_MAX: usize = 4096;

/// A stream of one instance. Each handle that the guest asks for writes to the same lines.
#[derive(Clone)]
pub(crate) struct Output {
    caller: Caller,
    stream: u32,
    lines: Arc<Mutex<Lines>>,
}

struct Lines {
    caller: Caller,
    stream: u32,
    /// The line that has not ended yet.
    rest: Vec<u8>,
}

impl Output {
    pub fn new(caller: Caller, stream: u32) -> Self {
        let lines = Lines { caller, stream, rest: Vec::new() };
        Self { caller, stream, lines: Arc::new(Mutex::new(lines)) }
    }

    /// Closed while the right is missing.
    fn check(&self) -> StreamResult<()> {
        let right = if self.stream == abi::STREAM_STDOUT { abi::RIGHT_STDOUT } else { abi::RIGHT_STDERR };
        self.caller.ask(right).map_err(|_| StreamError::Closed)
    }

    fn add(&self, bytes: &[u8]) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).add(bytes);
    }
}

impl Lines {
    fn add(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ended) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            self.rest.extend_from_slice(text);
            self.give_parts();
            if ended {
                self.give(self.rest.len());
            }
        }
    }

    /// Gives away what is longer than a line may be.
    fn give_parts(&mut self) {
        while self.rest.len() > LINE_MAX {
            self.give(cut(&self.rest));
        }
    }

    fn give(&mut self, len: usize) {
        // SAFETY: engine.h: on the guest's fiber, or when the instance is destroyed; the bytes are ours.
        unsafe {
            (self.caller.host.write_line)(self.caller.actor.0, self.stream, Bytes::of(&self.rest[..len]))
        };
        self.rest.drain(..len);
    }
}

/// At most `LINE_MAX`, and not within a character.
fn cut(text: &[u8]) -> usize {
    let goes_on = |at: usize| text[at] & 0xc0 == 0x80;
    (LINE_MAX - 3..=LINE_MAX).rev().find(|at| !goes_on(*at)).unwrap_or(LINE_MAX)
}

impl Drop for Lines {
    fn drop(&mut self) {
        if !self.rest.is_empty() {
            self.give(self.rest.len());
        }
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl OutputStream for Output {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        self.check()?;
        if bytes.len() > LINE_MAX {
            return Err(StreamError::trap("a write of more than check-write allows"));
        }
        self.add(&bytes);
        Ok(())
    }

    /// The line is not whole yet: it stays.
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.check()?;
        Ok(LINE_MAX)
    }
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        if self.check().is_err() {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        }
        self.add(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
}
