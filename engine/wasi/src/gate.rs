// SPDX-License-Identifier: MIT OR Apache-2.0
//! What C is asked about the network, and the streams that ask it at each use.

use airssys_engine_core::Guest;
use airssys_engine_core::abi::{self, Bytes, Endpoint, Host, Opaque, Pass};
use bytes::Bytes as Data;
use std::future::{Future, ready};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::ptr::{null, null_mut};
use wasmtime_wasi::p2::bindings::sockets::network::ErrorCode;
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, InputStream, OutputStream, Pollable, StreamError, StreamResult,
};
use wasmtime_wasi::sockets::SocketAddrUse;

/// One guest's way to C. To be asked on its fiber only.
#[derive(Clone, Copy)]
pub(crate) struct Gate {
    host: Host,
    actor: Opaque,
}

pub(crate) type Checked = Pin<Box<dyn Future<Output = bool> + Send + Sync>>;

impl Gate {
    pub fn new(guest: &Guest) -> Self {
        Self { host: guest.host, actor: guest.actor }
    }

    /// Without it there are no sockets.
    pub fn is_there(&self) -> bool {
        self.host.network.is_some()
    }

    fn answer(&self, what: u32, at: *const Endpoint, pass: *mut Pass) -> u32 {
        // SAFETY: engine.h: on the guest's fiber; the pointers are NULL or good for this call.
        self.host
            .network
            .map_or(abi::NETWORK_DENIED, |network| unsafe { network(self.actor.0, what, at, pass) })
    }

    pub fn allows(&self, what: u32, at: SocketAddr, pass: Option<&mut Pass>) -> bool {
        let pass = pass.map_or(null_mut(), |pass| pass as *mut Pass);
        self.answer(what, &endpoint(at), pass) == abi::NETWORK_GRANTED
    }

    /// One more socket or lookup.
    pub fn open(&self) -> Result<(), ErrorCode> {
        match self.answer(abi::NETWORK_OPEN, null(), null_mut()) {
            abi::NETWORK_GRANTED => Ok(()),
            abi::NETWORK_FULL => Err(ErrorCode::NewSocketLimit),
            _ => Err(ErrorCode::AccessDenied),
        }
    }

    pub fn close(&self) {
        self.answer(abi::NETWORK_CLOSE, null(), null_mut());
    }

    /// For Wasmtime, which asks right before each call of the system.
    pub fn check(self, at: SocketAddr, what: SocketAddrUse) -> Checked {
        let what = match what {
            SocketAddrUse::TcpBind => abi::NETWORK_TCP_BIND,
            SocketAddrUse::TcpListen => abi::NETWORK_TCP_LISTEN,
            SocketAddrUse::TcpConnect => abi::NETWORK_TCP_CONNECT,
            SocketAddrUse::UdpBind => abi::NETWORK_UDP_BIND,
            SocketAddrUse::UdpSend => abi::NETWORK_UDP_SEND,
            // Asked on the I/O thread too, when the guest may be gone: `accept` and `receive` ask instead.
            SocketAddrUse::TcpAccept | SocketAddrUse::UdpReceive => return Box::pin(ready(true)),
        };
        Box::pin(ready(self.allows(what, at, None)))
    }

    /// What is to be looked up for a name.
    pub fn may_look_up(&self, name: &str) -> Result<String, ErrorCode> {
        let Some(lookup) = self.host.network_lookup else { return Err(ErrorCode::AccessDenied) };
        let mut normal = Bytes::EMPTY;
        // SAFETY: engine.h: on the guest's fiber.
        match unsafe { lookup(self.actor.0, Bytes::of(name.as_bytes()), &mut normal) } {
            // SAFETY: engine.h: they are good until the guest's next import.
            abi::NETWORK_GRANTED => Ok(String::from_utf8_lossy(unsafe { normal.slice() }).into_owned()),
            abi::NETWORK_INVALID => Err(ErrorCode::InvalidArgument),
            _ => Err(ErrorCode::AccessDenied),
        }
    }

    pub fn has_resolved(&self, name: &str, addresses: &[IpAddr]) {
        let addresses: Vec<_> = addresses.iter().map(|ip| endpoint(SocketAddr::new(*ip, 0))).collect();
        if let Some(resolved) = self.host.network_resolved {
            let name = Bytes::of(name.as_bytes());
            // SAFETY: engine.h: on the guest's fiber; both are ours.
            unsafe { resolved(self.actor.0, name, addresses.as_ptr(), addresses.len()) };
        }
    }
}

fn endpoint(at: SocketAddr) -> Endpoint {
    let mut address = [0; 16];
    let version = match at.ip() {
        IpAddr::V4(ip) => {
            address[..4].copy_from_slice(&ip.octets());
            4
        }
        IpAddr::V6(ip) => {
            address = ip.octets();
            6
        }
    };
    Endpoint { version, address, port: at.port() }
}

/// What a socket was opened with.
#[derive(Clone, Copy)]
pub(crate) struct Right {
    pub gate: Gate,
    pub what: u32,
    pub at: SocketAddr,
    pub pass: Pass,
}

impl Right {
    pub fn holds(&mut self) -> bool {
        self.gate.allows(self.what, self.at, Some(&mut self.pass))
    }

    /// The error is the one that `network-error-code` knows.
    fn check(&mut self) -> StreamResult<()> {
        let denied = || std::io::Error::new(ErrorKind::PermissionDenied, "the grant was revoked");
        self.holds().then_some(()).ok_or_else(|| StreamError::LastOperationFailed(denied().into()))
    }
}

/// A stream of an open socket, which is of no use once the right has been revoked.
pub(crate) struct Guarded<S> {
    pub inner: S,
    pub right: Right,
}

#[async_trait::async_trait]
impl<S: Pollable> Pollable for Guarded<S> {
    async fn ready(&mut self) {
        self.inner.ready().await
    }
}

#[async_trait::async_trait]
impl InputStream for Guarded<DynInputStream> {
    fn read(&mut self, size: usize) -> StreamResult<Data> {
        self.right.check()?;
        self.inner.read(size)
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await
    }
}

#[async_trait::async_trait]
impl OutputStream for Guarded<DynOutputStream> {
    fn write(&mut self, bytes: Data) -> StreamResult<()> {
        self.right.check()?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.right.check()?;
        self.inner.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.right.check()?;
        self.inner.check_write()
    }

    async fn cancel(&mut self) {
        self.inner.cancel().await
    }
}
