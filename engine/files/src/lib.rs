// SPDX-License-Identifier: MIT OR Apache-2.0
//! wasi:filesystem under the host's decisions.
//!
//! A descriptor is a place: its path as the guest sees it, and for a file the open file too. For each name that a guest
//! gives, the host is asked once (`engine_host.file`), and says beneath which folder it is to be opened (`beneath`).
//! Each use of a descriptor or of its streams asks again; the host answers from one number as long as nothing has
//! changed. What may block runs on the I/O thread's pool while the guest's task is parked.

mod beneath;
mod host;
mod stat;
mod streams;

use airssys_engine_core::abi::{self, Bytes, FileAnswer, FileQuestion, Host, Opaque};
use airssys_engine_core::{Guest, InstanceGauges};
use beneath::Root;
use rustix::io::Errno;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::filesystem::{Descriptor, File};
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;
use wasmtime_wasi::p2::{FsError, FsResult};
use wasmtime_wasi::runtime::spawn_blocking;

type Fd = Resource<Descriptor>;

/// The files of one instance.
pub struct Files {
    asker: Asker,
    gauges: InstanceGauges,
    /// By the number of the mount.
    roots: Vec<Option<Arc<Root>>>,
}

pub struct FilesView<'a> {
    files: &'a mut Files,
    table: &'a mut ResourceTable,
}

pub struct HasFiles;

impl HasData for HasFiles {
    type Data<'a> = FilesView<'a>;
}

/// Who is asked, about whom.
#[derive(Clone, Copy)]
struct Asker {
    host: Host,
    actor: Opaque,
}

impl Asker {
    fn ask(&self, question: &FileQuestion) -> Result<FileAnswer, ErrorCode> {
        let mut answer = FileAnswer::DENIED;
        if let Some(file) = self.host.file {
            // SAFETY: engine.h; on the guest's fiber.
            unsafe { file(self.actor.0, question, &mut answer) };
        }
        match answer.verdict {
            abi::FILE_ALLOWED => Ok(answer),
            abi::FILE_DENIED => Err(ErrorCode::Access),
            abi::FILE_OUTSIDE => Err(ErrorCode::NotPermitted),
            abi::FILE_NO_ENTRY => Err(ErrorCode::NoEntry),
            abi::FILE_INVALID => Err(ErrorCode::Invalid),
            abi::FILE_TOO_LONG => Err(ErrorCode::NameTooLong),
            abi::FILE_QUOTA => Err(ErrorCode::Quota),
            abi::FILE_NOT_FOLDER => Err(ErrorCode::NotDirectory),
            _ => Err(ErrorCode::Io),
        }
    }
}

/// The right to use a place, as it was last answered.
#[derive(Clone)]
struct Use {
    asker: Asker,
    path: Arc<str>,
    /// What was allowed, with the answer of this epoch.
    allowed: u32,
    epoch: u64,
}

impl Use {
    fn check(&mut self, wants: u32) -> Result<(), ErrorCode> {
        let epoch = if wants & !self.allowed == 0 { self.epoch } else { 0 };
        let base = Bytes::of(self.path.as_bytes());
        let question = FileQuestion { operation: abi::FILE_USE, wants, epoch, base, ..FileQuestion::EMPTY };
        let answer = self.asker.ask(&question)?;
        let still = if answer.epoch == self.epoch { self.allowed } else { 0 };
        (self.allowed, self.epoch) = (still | wants & !abi::FILE_STREAM, answer.epoch);
        Ok(())
    }
}

/// What a guest's descriptor is, in the table.
struct Entry {
    using: Use,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Folder,
    /// With what it was opened for.
    File(File, u32, Arc<Opened>),
}

/// Counts as open until the last descriptor or stream of it is dropped.
struct Opened {
    gauges: InstanceGauges,
    /// Whether it has its one stream that is not counted.
    streams: AtomicBool,
}

impl Opened {
    fn new(gauges: InstanceGauges) -> Self {
        gauges.files_open.fetch_add(1, Relaxed);
        Self { gauges, streams: AtomicBool::new(false) }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.gauges.files_open.fetch_sub(1, Relaxed);
    }
}

/// Keeps a file open for a stream of it: the first one as the file's own, each other counted like a file, because what
/// is read ahead and written behind in it is the host's memory.
struct Streamed {
    opened: Arc<Opened>,
    counted: Option<Opened>,
}

impl Streamed {
    fn new(opened: Arc<Opened>, using: &mut Use, wants: u32) -> Result<Self, ErrorCode> {
        if !opened.streams.swap(true, Relaxed) {
            return Ok(Self { opened, counted: None });
        }
        using.check(wants | abi::FILE_STREAM)?;
        let counted = Some(Opened::new(opened.gauges));
        Ok(Self { opened, counted })
    }
}

impl Drop for Streamed {
    fn drop(&mut self) {
        if self.counted.is_none() {
            self.opened.streams.store(false, Relaxed);
        }
    }
}

/// What the host has said, without where.
#[derive(Clone, Copy)]
struct Said {
    files: bool,
    folders: bool,
    replace: bool,
    epoch: u64,
}

impl Said {
    fn of(answer: &FileAnswer) -> Self {
        let FileAnswer { files, folders, replace, epoch, .. } = *answer;
        Self { files, folders, replace, epoch }
    }
}

/// Where the host has said that something is.
#[derive(Clone)]
struct Place {
    root: Arc<Root>,
    path: Arc<str>,
    rest: String,
    folder: bool,
}

impl Files {
    pub fn new(guest: &Guest) -> Self {
        let asker = Asker { host: guest.host, actor: guest.actor };
        Self { asker, gauges: guest.gauges, roots: Vec::new() }
    }

    /// As the linker wants it; descriptors are kept in `table`.
    pub fn view<'a>(&'a mut self, table: &'a mut ResourceTable) -> FilesView<'a> {
        FilesView { files: self, table }
    }

    fn place(&mut self, place: &abi::FilePlace) -> Place {
        // SAFETY: engine.h: valid until the next host function.
        let text = |bytes: Bytes| String::from_utf8_lossy(unsafe { bytes.slice() });
        let at = place.mount as usize;
        if at >= self.roots.len() {
            self.roots.resize(at + 1, None);
        }
        let root = self.roots[at].get_or_insert_with(|| Arc::new(Root::new(&text(place.root)))).clone();
        let (path, rest) = (text(place.path).as_ref().into(), text(place.rest).into_owned());
        Place { root, path, rest, folder: place.folder }
    }
}

/// A table's entry under the type that the bindings give to descriptors.
fn entry_of(fd: &Fd) -> Resource<Entry> {
    Resource::new_borrow(fd.rep())
}

impl FilesView<'_> {
    fn entry(&mut self, fd: &Fd) -> FsResult<&mut Entry> {
        Ok(self.table.get_mut(&entry_of(fd))?)
    }

    fn push(&mut self, entry: Entry) -> FsResult<Fd> {
        Ok(Resource::new_own(self.table.push(entry)?.rep()))
    }

    fn folder(&self, place: &Place, said: Said, allowed: u32) -> Entry {
        let using = Use { asker: self.files.asker, path: place.path.clone(), allowed, epoch: said.epoch };
        Entry { using, kind: Kind::Folder }
    }

    /// The path of a folder's descriptor.
    fn base(&mut self, fd: &Fd) -> FsResult<Arc<str>> {
        let entry = self.entry(fd)?;
        match entry.kind {
            Kind::Folder => Ok(entry.using.path.clone()),
            Kind::File(..) => Err(ErrorCode::NotDirectory.into()),
        }
    }

    /// Asks about `path`, as the guest gave it, below the descriptor.
    fn ask(&mut self, fd: &Fd, path: &str, question: FileQuestion) -> FsResult<(Place, Said)> {
        let base = self.base(fd)?;
        let (base, path) = (Bytes::of(base.as_bytes()), Bytes::of(path.as_bytes()));
        let answer = self.files.asker.ask(&FileQuestion { base, path, ..question })?;
        Ok((self.files.place(&answer.place), Said::of(&answer)))
    }

    /// Asks about an old name and a new one.
    fn ask_two(
        &mut self,
        operation: u32,
        (fd, path): (&Fd, &str),
        (other_fd, other_path): (&Fd, &str),
    ) -> FsResult<(Place, Place, Said)> {
        let (base, other_base) = (self.base(fd)?, self.base(other_fd)?);
        let question = FileQuestion {
            operation,
            base: Bytes::of(base.as_bytes()),
            path: Bytes::of(path.as_bytes()),
            other_base: Bytes::of(other_base.as_bytes()),
            other_path: Bytes::of(other_path.as_bytes()),
            ..FileQuestion::EMPTY
        };
        let answer = self.files.asker.ask(&question)?;
        Ok((self.files.place(&answer.place), self.files.place(&answer.other), Said::of(&answer)))
    }

    /// The file of a descriptor that may be used so now.
    fn file(&mut self, fd: &Fd, wants: u32) -> FsResult<(File, Use, Arc<Opened>)> {
        let entry = self.entry(fd)?;
        let Kind::File(file, opened_for, opened) = &entry.kind else {
            return Err(ErrorCode::BadDescriptor.into());
        };
        if wants != abi::FILE_LOOK && wants & opened_for == 0 {
            return Err(ErrorCode::BadDescriptor.into());
        }
        entry.using.check(wants)?;
        Ok((file.clone(), entry.using.clone(), opened.clone()))
    }
}

fn code(error: Errno) -> FsError {
    match error {
        Errno::XDEV => ErrorCode::CrossDevice,
        Errno::NOSYS => ErrorCode::Unsupported,
        Errno::NXIO => ErrorCode::NoSuchDevice,
        Errno::ROFS => ErrorCode::ReadOnly,
        Errno::DQUOT => ErrorCode::Quota,
        Errno::TXTBSY => ErrorCode::TextFileBusy,
        other => std::io::Error::from(other).into(),
    }
    .into()
}

/// Runs what may block on the pool.
async fn on_pool<R: Send + 'static>(
    body: impl FnOnce() -> rustix::io::Result<R> + Send + 'static,
) -> FsResult<R> {
    spawn_blocking(body).await.map_err(code)
}
