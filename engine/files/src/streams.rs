// SPDX-License-Identifier: MIT OR Apache-2.0
//! Streams of files: Wasmtime's, with the host asked before each use.

use super::{FilesView, Streamed, Use};
use airssys_engine_core::abi;
use bytes::Bytes;
use wasmtime::Error;
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::{Descriptor, File, WasiFilesystemCtx, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::types::{ErrorCode, HostDescriptor};
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, FsResult, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};

/// Bytes of one write: what waits for the disk is the host's memory.
const WRITE_MAX: usize = 64 << 10;

/// A stream and the right to use it. It keeps the file counted as open.
struct Guarded<S> {
    stream: S,
    using: Use,
    _opened: Streamed,
}

impl<S> Guarded<S> {
    fn check(&mut self, wants: u32) -> StreamResult<()> {
        self.using.check(wants).map_err(|error| StreamError::LastOperationFailed(failed(error)))
    }
}

/// As `filesystem-error-code` reads it again.
fn failed(error: ErrorCode) -> Error {
    let errno = match error {
        ErrorCode::Access => rustix::io::Errno::ACCESS,
        _ => rustix::io::Errno::IO,
    };
    std::io::Error::from(errno).into()
}

#[wasmtime_wasi::async_trait]
impl Pollable for Guarded<DynInputStream> {
    async fn ready(&mut self) {
        self.stream.ready().await
    }
}

#[wasmtime_wasi::async_trait]
impl InputStream for Guarded<DynInputStream> {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.check(abi::FILE_READ)?;
        self.stream.read(size)
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.check(abi::FILE_READ)?;
        self.stream.blocking_read(size).await
    }

    async fn cancel(&mut self) {
        self.stream.cancel().await
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Guarded<DynOutputStream> {
    async fn ready(&mut self) {
        self.stream.ready().await
    }
}

#[wasmtime_wasi::async_trait]
impl OutputStream for Guarded<DynOutputStream> {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.check(abi::FILE_WRITE)?;
        if bytes.len() > WRITE_MAX {
            return Err(StreamError::trap("a write of more than check-write allows"));
        }
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.stream.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.check(abi::FILE_WRITE)?;
        Ok(self.stream.check_write()?.min(WRITE_MAX))
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.check(abi::FILE_WRITE)?;
        self.stream.blocking_write_and_flush(bytes).await
    }

    async fn cancel(&mut self) {
        self.stream.cancel().await
    }
}

impl FilesView<'_> {
    /// What Wasmtime makes of the file, out of the table again.
    fn stream<S: Send + 'static>(
        &mut self,
        file: File,
        make: impl FnOnce(&mut WasiFilesystemCtxView, Resource<Descriptor>) -> FsResult<Resource<S>>,
    ) -> FsResult<S> {
        let fd = self.table.push(Descriptor::File(file))?;
        let mut ctx = WasiFilesystemCtx::default();
        let mut view = WasiFilesystemCtxView { ctx: &mut ctx, table: self.table };
        let made = make(&mut view, Resource::new_borrow(fd.rep()));
        self.table.delete(fd)?;
        Ok(self.table.delete(made?)?)
    }

    pub(super) fn reader(
        &mut self,
        fd: Resource<Descriptor>,
        offset: u64,
    ) -> FsResult<Resource<DynInputStream>> {
        let (file, mut using, opened) = self.file(&fd, abi::FILE_READ)?;
        let _opened = Streamed::new(opened, &mut using, abi::FILE_READ)?;
        let stream = self.stream(file, |view, fd| view.read_via_stream(fd, offset))?;
        let guarded: DynInputStream = Box::new(Guarded { stream, using, _opened });
        Ok(self.table.push(guarded)?)
    }

    /// At `offset`, or at the end.
    pub(super) fn writer(
        &mut self,
        fd: Resource<Descriptor>,
        offset: Option<u64>,
    ) -> FsResult<Resource<DynOutputStream>> {
        let (file, mut using, opened) = self.file(&fd, abi::FILE_WRITE)?;
        let _opened = Streamed::new(opened, &mut using, abi::FILE_WRITE)?;
        let stream = self.stream(file, |view, fd| match offset {
            Some(offset) => view.write_via_stream(fd, offset),
            None => view.append_via_stream(fd),
        })?;
        let guarded: DynOutputStream = Box::new(Guarded { stream, using, _opened });
        Ok(self.table.push(guarded)?)
    }
}
