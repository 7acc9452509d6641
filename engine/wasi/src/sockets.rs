// SPDX-License-Identifier: MIT OR Apache-2.0
//! wasi:sockets: Wasmtime's, but for what counts sockets, and what is done with those that are open.

use crate::gate::{Guarded, Right};
use crate::guest::Own;
use crate::lookup;
use airssys_engine_core::{State, abi};
use std::mem::replace;
use std::net::SocketAddr;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddressFamily, LinkOptions};
use wasmtime_wasi::p2::bindings::sockets::tcp::HostTcpSocket;
use wasmtime_wasi::p2::bindings::sockets::udp::{
    HostIncomingDatagramStream, HostUdpSocket, IncomingDatagram, IncomingDatagramStream,
};
use wasmtime_wasi::p2::bindings::sockets::{
    instance_network, network, tcp, tcp_create_socket, udp, udp_create_socket,
};
use wasmtime_wasi::p2::pipe::{ClosedInputStream, ClosedOutputStream};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, SocketResult};
use wasmtime_wasi::p2::{TcpSocket, UdpSocket};
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsCtxView, WasiSocketsView};

type Store<'a> = StoreContextMut<'a, State>;
type Streams = (Resource<DynInputStream>, Resource<DynOutputStream>);
type Accepted = (Resource<TcpSocket>, Resource<DynInputStream>, Resource<DynOutputStream>);
/// A function's only result, which is one of WIT's.
pub(crate) type Answer<T> = Result<(core::result::Result<T, ErrorCode>,)>;

pub(crate) fn answer<T>(result: SocketResult<T>) -> Answer<T> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(error) => Err(error.downcast()?),
    },))
}

pub(crate) fn link(l: &mut Linker<State>) -> Result<()> {
    fn view(state: &mut State) -> WasiSocketsCtxView<'_> {
        Own::of(state).sockets()
    }
    tcp::add_to_linker::<State, WasiSockets>(l, view)?;
    tcp_create_socket::add_to_linker::<State, WasiSockets>(l, view)?;
    udp::add_to_linker::<State, WasiSockets>(l, view)?;
    udp_create_socket::add_to_linker::<State, WasiSockets>(l, view)?;
    instance_network::add_to_linker::<State, WasiSockets>(l, view)?;
    network::add_to_linker::<State, WasiSockets>(l, &LinkOptions::default(), view)?;
    lookup::link(l)?;
    l.allow_shadowing(true);
    let linked = link_tcp(l).and_then(|()| link_udp(l));
    l.allow_shadowing(false);
    linked
}

fn link_tcp(l: &mut Linker<State>) -> Result<()> {
    let mut create = l.instance("wasi:sockets/tcp-create-socket@0.2.12")?;
    create.func_wrap("create-tcp-socket", |mut store: Store, (family,): (IpAddressFamily,)| {
        answer(create_tcp(Own::of(store.data_mut()), family))
    })?;
    let mut tcp = l.instance("wasi:sockets/tcp@0.2.12")?;
    tcp.resource("tcp-socket", ResourceType::host::<TcpSocket>(), |mut store: Store, rep| {
        let own = Own::of(store.data_mut());
        HostTcpSocket::drop(&mut own.sockets(), Resource::new_own(rep))?;
        own.listeners.remove(&rep);
        own.gate.close();
        Ok(())
    })?;
    tcp.func_wrap(
        "[method]tcp-socket.finish-connect",
        |mut store: Store, (this,): (Resource<TcpSocket>,)| {
            answer(finish_connect(Own::of(store.data_mut()), this))
        },
    )?;
    tcp.func_wrap("[method]tcp-socket.accept", |mut store: Store, (this,): (Resource<TcpSocket>,)| {
        answer(accept(Own::of(store.data_mut()), this))
    })
}

fn link_udp(l: &mut Linker<State>) -> Result<()> {
    let mut create = l.instance("wasi:sockets/udp-create-socket@0.2.12")?;
    create.func_wrap_async("create-udp-socket", |mut store: Store, (family,): (IpAddressFamily,)| {
        Box::new(async move { answer(create_udp(Own::of(store.data_mut()), family).await) })
    })?;
    let mut udp = l.instance("wasi:sockets/udp@0.2.12")?;
    udp.resource("udp-socket", ResourceType::host::<UdpSocket>(), |mut store: Store, rep| {
        let own = Own::of(store.data_mut());
        HostUdpSocket::drop(&mut own.sockets(), Resource::new_own(rep))?;
        own.gate.close();
        Ok(())
    })?;
    udp.func_wrap("[method]incoming-datagram-stream.receive", |mut store: Store, (this, max)| {
        answer(receive(Own::of(store.data_mut()), this, max))
    })
}

fn create_tcp(own: &mut Own, family: IpAddressFamily) -> SocketResult<Resource<TcpSocket>> {
    own.gate.open()?;
    let made = tcp_create_socket::Host::create_tcp_socket(&mut own.sockets(), family);
    made.inspect_err(|_| own.gate.close())
}

async fn create_udp(own: &mut Own, family: IpAddressFamily) -> SocketResult<Resource<UdpSocket>> {
    own.gate.open()?;
    let made = udp_create_socket::Host::create_udp_socket(&mut own.sockets(), family).await;
    made.inspect_err(|_| own.gate.close())
}

/// Puts the right before both streams, in their places in the table.
fn guard(own: &mut Own, (input, output): &Streams, right: Right) -> SocketResult<()> {
    let slot = own.table().get_mut(input)?;
    let inner = replace(slot, Box::new(ClosedInputStream));
    *slot = Box::new(Guarded { inner, right });
    let slot = own.table().get_mut(output)?;
    let inner = replace(slot, Box::new(ClosedOutputStream));
    *slot = Box::new(Guarded { inner, right });
    Ok(())
}

fn finish_connect(own: &mut Own, this: Resource<TcpSocket>) -> SocketResult<Streams> {
    let again = Resource::new_borrow(this.rep());
    let streams = own.sockets().finish_connect(this)?;
    let at = HostTcpSocket::remote_address(&mut own.sockets(), again)?.into();
    let right = Right { gate: own.gate, what: abi::NETWORK_TCP_CONNECT, at, pass: abi::Pass::default() };
    guard(own, &streams, right)?;
    Ok(streams)
}

/// The right to accept is the listener's.
fn accept(own: &mut Own, this: Resource<TcpSocket>) -> SocketResult<Accepted> {
    let listener = this.rep();
    if !own.sockets().is_listening(Resource::new_borrow(listener)).map_err(trap)? {
        return Err(ErrorCode::InvalidState.into());
    }
    let at = HostTcpSocket::local_address(&mut own.sockets(), Resource::new_borrow(listener))?;
    let at = SocketAddr::from(at);
    let pass = own.listeners.get(&listener).copied().unwrap_or_default();
    let mut right = Right { gate: own.gate, what: abi::NETWORK_TCP_ACCEPT, at, pass };
    if !right.holds() {
        return Err(ErrorCode::AccessDenied.into());
    }
    own.listeners.insert(listener, right.pass);
    own.gate.open()?;
    let accepted = own.sockets().accept(this).inspect_err(|_| own.gate.close())?;
    let (socket, input, output) = accepted;
    let streams = (input, output);
    guard(own, &streams, right)?;
    Ok((socket, streams.0, streams.1))
}

fn trap(error: wasmtime::Error) -> wasmtime_wasi::p2::SocketError {
    wasmtime_wasi::p2::SocketError::trap(error)
}

/// What comes from where the guest may not send to is left out.
fn receive(
    own: &mut Own,
    this: Resource<IncomingDatagramStream>,
    max: u64,
) -> SocketResult<Vec<IncomingDatagram>> {
    let mut datagrams = own.sockets().receive(this, max)?;
    let gate = own.gate;
    datagrams.retain(|one| gate.allows(abi::NETWORK_UDP_RECEIVE, one.remote_address.into(), None));
    Ok(datagrams)
}
