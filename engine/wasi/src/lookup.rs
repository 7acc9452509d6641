// SPDX-License-Identifier: MIT OR Apache-2.0
//! wasi:sockets/ip-name-lookup: the host's resolver, off the guests' threads.

use crate::gate::Gate;
use crate::guest::Own;
use crate::sockets::{Answer, answer};
use airssys_engine_core::State;
use airssys_engine_core::abi::{self, Bytes, Endpoint, Resolver};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddress, Network};
use wasmtime_wasi::p2::{DynPollable, Pollable, SocketResult, subscribe};
use wasmtime_wasi::runtime::{AbortOnDropJoinHandle, spawn};

type Store<'a> = StoreContextMut<'a, State>;
type Found = core::result::Result<Vec<IpAddr>, ErrorCode>;

/// The resolver, and who may ask it now. Of an engine.
#[derive(Clone)]
pub(crate) struct Names {
    resolver: Resolver,
    turns: Arc<Semaphore>,
    /// The turns of each origin that has asked, as long as one of its instances lives, or a lookup of one that ended.
    origins: Arc<Mutex<HashMap<u64, Weak<Semaphore>>>>,
}

impl Names {
    pub fn new(resolver: Resolver) -> Self {
        let turns = Arc::new(Semaphore::new(resolver.threads_max as usize));
        Self { resolver, turns, origins: Arc::default() }
    }

    pub fn threads(&self) -> usize {
        self.resolver.threads_max as usize
    }

    /// For one instance of this origin.
    pub fn asker(&self, origin: u64) -> Asker {
        Asker { names: self.clone(), origin, turns: None }
    }

    fn turns_of(&self, origin: u64) -> Arc<Semaphore> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = origins.get(&origin).and_then(Weak::upgrade) {
            return turns;
        }
        origins.retain(|_, turns| turns.strong_count() > 0);
        let turns = Arc::new(Semaphore::new(self.resolver.each_max as usize));
        origins.insert(origin, Arc::downgrade(&turns));
        turns
    }
}

pub(crate) struct Asker {
    names: Names,
    origin: u64,
    /// Those of its origin, from its first question on.
    turns: Option<Arc<Semaphore>>,
}

impl Asker {
    fn ask(&mut self, name: String) -> Progress {
        let resolver = self.names.resolver;
        if resolver.resolve.is_none() {
            return Progress::Ended(Err(ErrorCode::PermanentResolverFailure));
        }
        let (names, origin) = (&self.names, self.origin);
        let own = self.turns.get_or_insert_with(|| names.turns_of(origin)).clone();
        let all = names.turns.clone();
        let found = async move {
            // Held by the thread that asks, which may take longer than anybody waits for it.
            let turns = (own.acquire_owned().await, all.acquire_owned().await);
            let asked = spawn_blocking(move || {
                let found = ask(&resolver, &name);
                drop(turns);
                found
            });
            asked.await.unwrap_or(Err(ErrorCode::Unknown))
        };
        let limit = Duration::from_millis(resolver.timeout_ms.into());
        Progress::UnderWay(spawn(async move {
            timeout(limit, found).await.unwrap_or(Err(ErrorCode::TemporaryResolverFailure))
        }))
    }
}

fn ask(resolver: &Resolver, name: &str) -> Found {
    let mut found = [Endpoint::default(); abi::RESOLVED_MAX];
    let mut count = 0;
    let resolve = resolver.resolve.ok_or(ErrorCode::PermanentResolverFailure)?;
    // SAFETY: engine.h: any thread; it writes at most as many as there is room for.
    match unsafe {
        resolve(resolver.user, Bytes::of(name.as_bytes()), found.as_mut_ptr(), found.len(), &mut count)
    } {
        abi::RESOLVE_OK => Ok(found.iter().take(count).map(address).collect()),
        abi::RESOLVE_UNKNOWN => Err(ErrorCode::NameUnresolvable),
        abi::RESOLVE_AGAIN => Err(ErrorCode::TemporaryResolverFailure),
        _ => Err(ErrorCode::PermanentResolverFailure),
    }
}

fn address(found: &Endpoint) -> IpAddr {
    let [a, b, c, d, ..] = found.address;
    if found.version == 4 { IpAddr::from([a, b, c, d]) } else { IpAddr::from(found.address).to_canonical() }
}

enum Progress {
    UnderWay(AbortOnDropJoinHandle<Found>),
    Ended(Found),
    /// The guest is taking them.
    Given(std::vec::IntoIter<IpAddr>),
}

/// The guest's `resolve-address-stream`.
pub(crate) struct Lookup {
    gate: Gate,
    name: String,
    progress: Progress,
}

impl Lookup {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Progress::UnderWay(task) = &mut self.progress {
            match Pin::new(task).poll(context) {
                Poll::Ready(found) => self.progress = Progress::Ended(found),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(())
    }

    fn next(&mut self) -> core::result::Result<Option<IpAddress>, ErrorCode> {
        if self.poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            return Err(ErrorCode::WouldBlock);
        }
        if let Progress::Ended(found) = &self.progress {
            let found = found.clone()?;
            self.gate.has_resolved(&self.name, &found);
            self.progress = Progress::Given(found.into_iter());
        }
        match &mut self.progress {
            Progress::Given(addresses) => Ok(addresses.next().map(IpAddress::from)),
            _ => Ok(None),
        }
    }
}

#[async_trait::async_trait]
impl Pollable for Lookup {
    async fn ready(&mut self) {
        poll_fn(|context| self.poll(context)).await
    }
}

fn resolve_addresses(
    own: &mut Own,
    network: Resource<Network>,
    name: String,
) -> SocketResult<Resource<Lookup>> {
    own.table().get(&network)?;
    own.gate.open()?;
    let gate = own.gate;
    let begin = |own: &mut Own| {
        let (name, progress) = match name.parse() {
            // An address is no name: nobody is asked for it, and it gives no right to go there.
            Ok(address) => (name, Progress::Given(vec![address].into_iter())),
            Err(_) => {
                let name = gate.may_look_up(&name)?;
                let progress = own.asker.ask(name.clone());
                (name, progress)
            }
        };
        Ok(own.table().push(Lookup { gate, name, progress })?)
    };
    begin(own).inspect_err(|_| gate.close())
}

pub(crate) fn link(l: &mut Linker<State>) -> Result<()> {
    let mut names = l.instance("wasi:sockets/ip-name-lookup@0.2.12")?;
    names.resource("resolve-address-stream", ResourceType::host::<Lookup>(), |mut store: Store, rep| {
        let own = Own::of(store.data_mut());
        own.table().delete(Resource::<Lookup>::new_own(rep))?;
        own.gate.close();
        Ok(())
    })?;
    names.func_wrap(
        "resolve-addresses",
        |mut store: Store, (network, name)| -> Answer<Resource<Lookup>> {
            answer(resolve_addresses(Own::of(store.data_mut()), network, name))
        },
    )?;
    names.func_wrap(
        "[method]resolve-address-stream.resolve-next-address",
        |mut store: Store, (this,): (Resource<Lookup>,)| -> Answer<Option<IpAddress>> {
            Ok((Own::of(store.data_mut()).table().get_mut(&this)?.next(),))
        },
    )?;
    names.func_wrap(
        "[method]resolve-address-stream.subscribe",
        |mut store: Store, (this,): (Resource<Lookup>,)| -> Result<(Resource<DynPollable>,)> {
            Ok((subscribe(Own::of(store.data_mut()).table(), this)?,))
        },
    )
}
