// SPDX-License-Identifier: MIT OR Apache-2.0
//! The functions of wasi:filesystem.

use super::beneath::RenameRules;
use super::stat::{hash_of, stat_of, times_of, type_of};
use super::{Entry, Fd, FilesView, Kind, Opened, Place, Said, Use, code, entry_of, on_pool};
use airssys_engine_core::abi::{self, FileQuestion};
use rustix::fs::{AtFlags, Dir, OFlags, Stat, fadvise, fstat, futimens, statat};
use rustix::io::Errno;
use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::File;
use wasmtime_wasi::p2::bindings::filesystem::types::*;
use wasmtime_wasi::p2::bindings::filesystem::{preopens, types};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};
use wasmtime_wasi::{FsPerms, OpenMode};

/// Bytes that one `read` gives at most.
const READ_MAX: u64 = 64 << 10;
/// Names that are read ahead of a folder.
const NAMES_AHEAD: usize = 256;

type DirectoryStream = Resource<types::DirectoryEntryStream>;

impl preopens::Host for FilesView<'_> {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Fd, String)>> {
        let mut list = Vec::new();
        let preopen = |index| FileQuestion { operation: abi::FILE_PREOPEN, index, ..FileQuestion::EMPTY };
        while let Ok(answer) = self.files.asker.ask(&preopen(list.len() as u32)) {
            let place = self.files.place(&answer.place);
            let entry = self.folder(&place, Said::of(&answer), 0);
            let fd = Resource::new_own(self.table.push(entry)?.rep());
            list.push((fd, place.path.to_string()));
        }
        Ok(list)
    }
}

impl types::Host for FilesView<'_> {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        error.downcast()
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        Ok(self.table.get(&error)?.downcast_ref::<std::io::Error>().map(ErrorCode::from))
    }
}

/// How the system is to open it.
fn open_flags(oflags: OpenFlags, flags: DescriptorFlags) -> OFlags {
    let mut system = match (flags.contains(DescriptorFlags::READ), flags.contains(DescriptorFlags::WRITE)) {
        (_, false) => OFlags::RDONLY,
        (true, true) => OFlags::RDWR,
        (false, true) => OFlags::WRONLY,
    };
    system.set(OFlags::CREATE, oflags.contains(OpenFlags::CREATE));
    system.set(OFlags::EXCL, oflags.contains(OpenFlags::EXCLUSIVE));
    system.set(OFlags::TRUNC, oflags.contains(OpenFlags::TRUNCATE));
    system.set(OFlags::SYNC, flags.contains(DescriptorFlags::FILE_INTEGRITY_SYNC));
    system.set(OFlags::DSYNC, flags.contains(DescriptorFlags::DATA_INTEGRITY_SYNC));
    system
}

/// What it is opened for, and what that takes.
fn wants_of(oflags: OpenFlags, flags: DescriptorFlags) -> (u32, u32) {
    let on = |has: bool, want: u32| if has { want } else { 0 };
    let directory = oflags.contains(OpenFlags::DIRECTORY);
    let write = on(flags.contains(DescriptorFlags::WRITE), abi::FILE_WRITE);
    let read = flags.contains(DescriptorFlags::READ) || write == 0;
    let opened_for = on(read && !directory, abi::FILE_READ) | write;
    let create = on(oflags.contains(OpenFlags::CREATE), abi::FILE_CREATE);
    let empty = on(oflags.contains(OpenFlags::TRUNCATE), abi::FILE_WRITE);
    (opened_for, opened_for | create | empty | on(directory, abi::FILE_LIST))
}

impl FilesView<'_> {
    async fn stat_at(&mut self, fd: &Fd, flags: PathFlags, path: &str) -> FsResult<Stat> {
        let question = FileQuestion { operation: abi::FILE_STAT, ..FileQuestion::EMPTY };
        let (Place { root, rest, folder, .. }, _) = self.ask(fd, path, question)?;
        let stat = on_pool(move || fstat(root.look(&rest, folder)?)).await?;
        // A link is never followed: who wants to see what it leads to is refused.
        let link = rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::Symlink;
        if link && flags.contains(PathFlags::SYMLINK_FOLLOW) { Err(code(Errno::LOOP)) } else { Ok(stat) }
    }

    /// Of a descriptor.
    async fn stat_of(&mut self, fd: &Fd) -> FsResult<Stat> {
        if let Kind::Folder = self.entry(fd)?.kind {
            return self.stat_at(fd, PathFlags::empty(), ".").await;
        }
        let (file, ..) = self.file(fd, abi::FILE_LOOK)?;
        on_pool(move || fstat(&*file.file)).await
    }

    /// For what has one name and nothing to give back.
    async fn change(
        &mut self,
        operation: u32,
        fd: &Fd,
        path: &str,
        body: impl FnOnce(&Place) -> rustix::io::Result<()> + Send + 'static,
    ) -> FsResult<()> {
        let question = FileQuestion { operation, ..FileQuestion::EMPTY };
        let (place, _) = self.ask(fd, path, question)?;
        on_pool(move || body(&place)).await
    }

    async fn sync_file(&mut self, fd: &Fd, data_only: bool) -> FsResult<()> {
        // A folder is in no buffer of ours.
        if let Kind::Folder = self.entry(fd)?.kind {
            return Ok(());
        }
        let (file, ..) = self.file(fd, abi::FILE_LOOK)?;
        on_pool(move || match data_only {
            true => rustix::fs::fdatasync(&*file.file),
            false => rustix::fs::fsync(&*file.file),
        })
        .await
    }
}

impl HostDescriptor for FilesView<'_> {
    async fn open_at(
        &mut self,
        fd: Fd,
        _: PathFlags,
        path: String,
        oflags: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Fd> {
        let (opened_for, wants) = wants_of(oflags, flags);
        let directory = oflags.contains(OpenFlags::DIRECTORY);
        if directory && wants & (abi::FILE_CREATE | abi::FILE_WRITE) != 0 {
            return Err(ErrorCode::Invalid.into());
        }
        let question = FileQuestion { operation: abi::FILE_OPEN, wants, ..FileQuestion::EMPTY };
        let (place, said) = self.ask(&fd, &path, question)?;
        let opened = Arc::new(Opened::new(self.files.gauges));
        let mut system = open_flags(oflags, flags);
        system.set(OFlags::DIRECTORY, directory || place.folder);
        let (root, rest) = (place.root.clone(), place.rest.clone());
        let (file, is_folder) = on_pool(move || root.open_data(&rest, system)).await?;
        if is_folder {
            let mut entry = self.folder(&place, said, if said.folders { abi::FILE_LIST } else { 0 });
            // It was not known to be one.
            entry.using.check(abi::FILE_LIST)?;
            return self.push(entry);
        }
        if !said.files {
            return Err(ErrorCode::Access.into());
        }
        let mut mode = OpenMode::empty();
        mode.set(OpenMode::READ, opened_for & abi::FILE_READ != 0);
        mode.set(OpenMode::WRITE, opened_for & abi::FILE_WRITE != 0);
        let perms = if mode.contains(OpenMode::WRITE) { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
        let file = File::new(file.into(), perms, mode, false);
        let allowed = opened_for | abi::FILE_LOOK;
        let using = Use { asker: self.files.asker, path: place.path, allowed, epoch: said.epoch };
        self.push(Entry { using, kind: Kind::File(file, opened_for, opened) })
    }

    fn read_via_stream(&mut self, fd: Fd, offset: u64) -> FsResult<Resource<DynInputStream>> {
        if let Kind::Folder = self.entry(&fd)?.kind {
            return Err(ErrorCode::IsDirectory.into());
        }
        self.reader(fd, offset)
    }

    fn write_via_stream(&mut self, fd: Fd, offset: u64) -> FsResult<Resource<DynOutputStream>> {
        self.writer(fd, Some(offset))
    }

    fn append_via_stream(&mut self, fd: Fd) -> FsResult<Resource<DynOutputStream>> {
        self.writer(fd, None)
    }

    async fn read(&mut self, fd: Fd, len: u64, offset: u64) -> FsResult<(Vec<u8>, bool)> {
        let (file, ..) = self.file(&fd, abi::FILE_READ)?;
        let mut buffer = vec![0; len.min(READ_MAX) as usize];
        let read = wasmtime_wasi::runtime::spawn_blocking(move || {
            let len = file.file.read_at(&mut buffer, offset)?;
            buffer.truncate(len);
            std::io::Result::Ok(buffer)
        });
        let bytes = read.await?;
        let ended = bytes.is_empty();
        Ok((bytes, ended))
    }

    async fn write(&mut self, fd: Fd, bytes: Vec<u8>, offset: u64) -> FsResult<u64> {
        let (file, ..) = self.file(&fd, abi::FILE_WRITE)?;
        let write = wasmtime_wasi::runtime::spawn_blocking(move || file.file.write_at(&bytes, offset));
        Ok(write.await? as u64)
    }

    async fn set_size(&mut self, fd: Fd, size: u64) -> FsResult<()> {
        let (file, ..) = self.file(&fd, abi::FILE_WRITE)?;
        on_pool(move || rustix::fs::ftruncate(&*file.file, size)).await
    }

    async fn advise(&mut self, fd: Fd, offset: u64, len: u64, advice: Advice) -> FsResult<()> {
        let (file, ..) = self.file(&fd, abi::FILE_LOOK)?;
        let advice = match advice {
            Advice::Normal => rustix::fs::Advice::Normal,
            Advice::Sequential => rustix::fs::Advice::Sequential,
            Advice::Random => rustix::fs::Advice::Random,
            Advice::WillNeed => rustix::fs::Advice::WillNeed,
            Advice::DontNeed => rustix::fs::Advice::DontNeed,
            Advice::NoReuse => rustix::fs::Advice::NoReuse,
        };
        on_pool(move || fadvise(&*file.file, offset, NonZeroU64::new(len), advice)).await
    }

    async fn sync_data(&mut self, fd: Fd) -> FsResult<()> {
        self.sync_file(&fd, true).await
    }

    async fn sync(&mut self, fd: Fd) -> FsResult<()> {
        self.sync_file(&fd, false).await
    }

    async fn get_flags(&mut self, fd: Fd) -> FsResult<DescriptorFlags> {
        Ok(match &self.entry(&fd)?.kind {
            Kind::Folder => DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY,
            Kind::File(_, opened_for, _) => {
                let mut flags = DescriptorFlags::empty();
                if opened_for & abi::FILE_READ != 0 {
                    flags |= DescriptorFlags::READ;
                }
                if opened_for & abi::FILE_WRITE != 0 {
                    flags |= DescriptorFlags::WRITE;
                }
                flags
            }
        })
    }

    async fn get_type(&mut self, fd: Fd) -> FsResult<DescriptorType> {
        Ok(match self.entry(&fd)?.kind {
            Kind::Folder => DescriptorType::Directory,
            Kind::File(..) => DescriptorType::RegularFile,
        })
    }

    async fn stat(&mut self, fd: Fd) -> FsResult<DescriptorStat> {
        Ok(stat_of(&self.stat_of(&fd).await?))
    }

    async fn stat_at(&mut self, fd: Fd, flags: PathFlags, path: String) -> FsResult<DescriptorStat> {
        Ok(stat_of(&FilesView::stat_at(self, &fd, flags, &path).await?))
    }

    async fn metadata_hash(&mut self, fd: Fd) -> FsResult<MetadataHashValue> {
        Ok(hash_of(&self.stat_of(&fd).await?))
    }

    async fn metadata_hash_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
    ) -> FsResult<MetadataHashValue> {
        Ok(hash_of(&FilesView::stat_at(self, &fd, flags, &path).await?))
    }

    async fn is_same_object(&mut self, a: Fd, b: Fd) -> wasmtime::Result<bool> {
        let (one, other) = (self.table.get(&entry_of(&a))?, self.table.get(&entry_of(&b))?);
        let (Kind::File(one, ..), Kind::File(other, ..)) = (&one.kind, &other.kind) else {
            return Ok(one.using.path == other.using.path);
        };
        let (one, other) = (one.file.clone(), other.file.clone());
        let same = move || {
            let (one, other) = (fstat(&*one)?, fstat(&*other)?);
            Ok((one.st_dev, one.st_ino) == (other.st_dev, other.st_ino))
        };
        wasmtime_wasi::runtime::spawn_blocking(same).await.map_err(|error: Errno| error.into())
    }

    async fn set_times(&mut self, fd: Fd, access: NewTimestamp, modified: NewTimestamp) -> FsResult<()> {
        if let Kind::Folder = self.entry(&fd)?.kind {
            return self.set_times_at(fd, PathFlags::empty(), ".".into(), access, modified).await;
        }
        let times = times_of(access, modified)?;
        let (file, ..) = self.file(&fd, abi::FILE_WRITE)?;
        on_pool(move || futimens(&*file.file, &times)).await
    }

    async fn set_times_at(
        &mut self,
        fd: Fd,
        _: PathFlags,
        path: String,
        access: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        let times = times_of(access, modified)?;
        self.change(abi::FILE_SET_TIMES, &fd, &path, move |at| at.root.set_times(&at.rest, &times)).await
    }

    async fn create_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.change(abi::FILE_CREATE_FOLDER, &fd, &path, |at| at.root.create_folder(&at.rest)).await
    }

    async fn remove_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        let body = |at: &Place| at.root.remove(&at.rest, AtFlags::REMOVEDIR);
        self.change(abi::FILE_REMOVE_FOLDER, &fd, &path, body).await
    }

    async fn unlink_file_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.change(abi::FILE_UNLINK, &fd, &path, |at| at.root.remove(&at.rest, AtFlags::empty())).await
    }

    async fn readlink_at(&mut self, fd: Fd, path: String) -> FsResult<String> {
        let question = FileQuestion { operation: abi::FILE_READ_LINK, ..FileQuestion::EMPTY };
        let (place, _) = self.ask(&fd, &path, question)?;
        let text = on_pool(move || place.root.read_link(&place.rest)).await?;
        String::from_utf8(text).map_err(|_| ErrorCode::IllegalByteSequence.into())
    }

    async fn symlink_at(&mut self, fd: Fd, text: String, path: String) -> FsResult<()> {
        let other_path = abi::Bytes::of(text.as_bytes());
        let question = FileQuestion { operation: abi::FILE_SYMLINK, other_path, ..FileQuestion::EMPTY };
        let (place, _) = self.ask(&fd, &path, question)?;
        on_pool(move || place.root.symlink(&place.rest, &text)).await
    }

    async fn link_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
        new_fd: Fd,
        new_path: String,
    ) -> FsResult<()> {
        if flags.contains(PathFlags::SYMLINK_FOLLOW) {
            return Err(ErrorCode::Invalid.into());
        }
        let (old, new, _) = self.ask_two(abi::FILE_LINK, (&fd, &path), (&new_fd, &new_path))?;
        on_pool(move || old.root.link(&old.rest, &new.root, &new.rest)).await
    }

    async fn rename_at(&mut self, fd: Fd, path: String, new_fd: Fd, new_path: String) -> FsResult<()> {
        let (old, new, said) = self.ask_two(abi::FILE_RENAME, (&fd, &path), (&new_fd, &new_path))?;
        let rules = RenameRules { folder: old.folder, folders: said.folders, replace: said.replace };
        on_pool(move || old.root.rename(&old.rest, &new.root, &new.rest, rules)).await
    }

    async fn read_directory(&mut self, fd: Fd) -> FsResult<DirectoryStream> {
        let question =
            FileQuestion { operation: abi::FILE_OPEN, wants: abi::FILE_LIST, ..FileQuestion::EMPTY };
        let (place, said) = self.ask(&fd, ".", question)?;
        let opened = Opened::new(self.files.gauges);
        let using = self.folder(&place, said, abi::FILE_LIST).using;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let dir = on_pool(move || Dir::new(place.root.open_data(&place.rest, flags)?.0)).await?;
        let listing = Listing { using, dir: Some(dir), ahead: VecDeque::new(), _opened: opened };
        Ok(Resource::new_own(self.table.push(listing)?.rep()))
    }

    fn drop(&mut self, fd: Fd) -> wasmtime::Result<()> {
        self.table.delete(Resource::<Entry>::new_own(fd.rep()))?;
        Ok(())
    }
}

/// A folder that is read. It shows all names in it that are UTF-8.
struct Listing {
    using: Use,
    /// Until its end.
    dir: Option<Dir>,
    ahead: VecDeque<DirectoryEntry>,
    _opened: Opened,
}

fn listing_of(stream: &DirectoryStream) -> Resource<Listing> {
    Resource::new_borrow(stream.rep())
}

/// Reads the next names, and gives the folder back unless it has ended.
fn read_ahead(mut dir: Dir) -> rustix::io::Result<(VecDeque<DirectoryEntry>, Option<Dir>)> {
    let mut ahead = VecDeque::new();
    while ahead.len() < NAMES_AHEAD {
        let Some(entry) = dir.read().transpose()? else { return Ok((ahead, None)) };
        let Ok(name) = entry.file_name().to_str() else { continue };
        if name == "." || name == ".." {
            continue;
        }
        let mut type_ = type_of(entry.file_type());
        if type_ == DescriptorType::Unknown {
            let stat = statat(dir.fd()?, name, AtFlags::SYMLINK_NOFOLLOW);
            type_ = stat.map_or(type_, |stat| stat_of(&stat).type_);
        }
        ahead.push_back(DirectoryEntry { type_, name: name.into() });
    }
    Ok((ahead, Some(dir)))
}

impl HostDirectoryEntryStream for FilesView<'_> {
    async fn read_directory_entry(&mut self, stream: DirectoryStream) -> FsResult<Option<DirectoryEntry>> {
        let listing = self.table.get_mut(&listing_of(&stream))?;
        listing.using.check(abi::FILE_LIST)?;
        if listing.ahead.is_empty()
            && let Some(dir) = listing.dir.take()
        {
            (listing.ahead, listing.dir) = on_pool(move || read_ahead(dir)).await?;
        }
        Ok(listing.ahead.pop_front())
    }

    fn drop(&mut self, stream: DirectoryStream) -> wasmtime::Result<()> {
        self.table.delete(Resource::<Listing>::new_own(stream.rep()))?;
        Ok(())
    }
}
