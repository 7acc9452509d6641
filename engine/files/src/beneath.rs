// SPDX-License-Identifier: MIT OR Apache-2.0
//! The system's side of files: everything is opened beneath the folder of a mount, without following a symbolic link
//! on the way or at its end. Each function here may block: it runs on the I/O thread's pool.

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RenameFlags, ResolveFlags, Timestamps, fstat, fstatfs, linkat,
    mkdirat, openat, openat2, readlinkat, renameat_with, symlinkat, unlinkat, utimensat,
};
use rustix::io::{Errno, Result};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::OnceLock;

/// How a name is looked up: nowhere else, whatever is there.
const BENEATH: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
/// How often what is opened may be made or removed by somebody else meanwhile.
const SWAPS_MAX: u32 = 16;

/// The folder of the host that is mounted, by its path without links. It is opened when it is first needed.
pub(crate) struct Root {
    folder: String,
    fd: OnceLock<OwnedFd>,
}

impl Root {
    pub fn new(folder: &str) -> Self {
        Self { folder: folder.into(), fd: OnceLock::new() }
    }

    fn fd(&self) -> Result<&OwnedFd> {
        if let Some(fd) = self.fd.get() {
            return Ok(fd);
        }
        // A link that was put on the way meanwhile leads nowhere.
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = openat2(CWD, &self.folder, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS)?;
        // Whoever was faster has the same folder.
        Ok(self.fd.get_or_init(|| fd))
    }

    /// Opens a file or a folder; nothing else is touched, and nothing is waited for. What is there is looked at first,
    /// and then that is opened, whatever has its name by now; what is not there is made or not there at all.
    pub fn open_data(&self, rest: &str, flags: OFlags) -> Result<(OwnedFd, bool)> {
        let makes = flags.contains(OFlags::CREATE);
        for _ in 0..SWAPS_MAX {
            if !(makes && flags.contains(OFlags::EXCL)) {
                match self.look(rest, flags.contains(OFlags::DIRECTORY)) {
                    Err(Errno::NOENT) if makes => {}
                    seen => return open_seen(seen?, flags),
                }
            }
            match self.make(rest, flags) {
                Err(Errno::EXIST) if !flags.contains(OFlags::EXCL) => {}
                made => return Ok((made?, false)),
            }
        }
        // Others make and remove it all the time.
        Err(Errno::BUSY)
    }

    /// Makes a file that is not there.
    fn make(&self, rest: &str, flags: OFlags) -> Result<OwnedFd> {
        let (folder, name) = self.parent(rest).map_err(|error| match error {
            // The mounted folder itself is there.
            Errno::PERM => Errno::EXIST,
            other => other,
        })?;
        let flags = flags | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        openat2(folder, name, flags, Mode::from(0o666), BENEATH)
    }

    /// What is at `rest`, to be looked at; a symbolic link there is one. Where the kernel can't promise what this rests
    /// on, it is refused (ENOSYS).
    pub fn look(&self, rest: &str, folder: bool) -> Result<OwnedFd> {
        let flags =
            OFlags::PATH | OFlags::CLOEXEC | if folder { OFlags::DIRECTORY } else { OFlags::NOFOLLOW };
        let path = if rest.is_empty() { "." } else { rest };
        let fd = openat2(self.fd()?, path, flags, Mode::empty(), BENEATH)?;
        refuse_kernel_files(&fd)?;
        Ok(fd)
    }

    /// The folder that the last name of `rest` is in, and that name.
    fn parent<'a>(&self, rest: &'a str) -> Result<(OwnedFd, &'a str)> {
        let (folder, name) = rest.rsplit_once('/').unwrap_or(("", rest));
        // Nobody takes away or renames the mounted folder itself.
        if name.is_empty() {
            return Err(Errno::PERM);
        }
        Ok((self.look(folder, true)?, name))
    }

    pub fn set_times(&self, rest: &str, times: &Timestamps) -> Result<()> {
        match self.parent(rest) {
            Ok((folder, name)) => utimensat(folder, name, times, AtFlags::SYMLINK_NOFOLLOW),
            Err(error) => Err(error),
        }
    }

    pub fn read_link(&self, rest: &str) -> Result<Vec<u8>> {
        let (folder, name) = self.parent(rest)?;
        Ok(readlinkat(folder, name, Vec::new())?.into_bytes())
    }

    pub fn create_folder(&self, rest: &str) -> Result<()> {
        let (folder, name) = self.parent(rest)?;
        mkdirat(folder, name, Mode::from(0o777))
    }

    pub fn remove(&self, rest: &str, flags: AtFlags) -> Result<()> {
        let (folder, name) = self.parent(rest)?;
        unlinkat(folder, name, flags)
    }

    pub fn symlink(&self, rest: &str, text: &str) -> Result<()> {
        let (folder, name) = self.parent(rest)?;
        symlinkat(text, folder, name)
    }

    pub fn link(&self, rest: &str, to: &Root, new: &str) -> Result<()> {
        let (folder, name) = self.parent(rest)?;
        let (new_folder, new_name) = to.parent(new)?;
        // Elsewhere the text of a symbolic link leads elsewhere.
        if FileType::from_raw_mode(fstat(self.look(rest, false)?)?.st_mode) == FileType::Symlink {
            return Err(Errno::ACCESS);
        }
        linkat(folder, name, new_folder, new_name, AtFlags::empty())
    }

    /// `folder`: it must be one. `folders`: it may be one. `replace`: what has the new name may go.
    pub fn rename(&self, rest: &str, to: &Root, new: &str, rules: RenameRules) -> Result<()> {
        let (folder, name) = self.parent(rest)?;
        let (new_folder, new_name) = to.parent(new)?;
        let kind = FileType::from_raw_mode(fstat(self.look(rest, rules.folder)?)?.st_mode);
        // Elsewhere the text of a symbolic link leads elsewhere.
        let stays = std::ptr::eq(self, to) && folder_of(rest) == folder_of(new);
        if kind == FileType::Directory && !rules.folders || kind == FileType::Symlink && !stays {
            return Err(Errno::ACCESS);
        }
        let flags = if rules.replace { RenameFlags::empty() } else { RenameFlags::NOREPLACE };
        renameat_with(folder, name, new_folder, new_name, flags)
    }
}

/// Opens what was looked at.
fn open_seen(seen: OwnedFd, flags: OFlags) -> Result<(OwnedFd, bool)> {
    let folder = match FileType::from_raw_mode(fstat(&seen)?.st_mode) {
        FileType::RegularFile => false,
        FileType::Directory => true,
        FileType::Symlink => return Err(Errno::LOOP),
        _ => return Err(Errno::ACCESS),
    };
    if folder && flags.contains(OFlags::CREATE) {
        return Err(Errno::ISDIR);
    }
    // The kernel's own link to it: no name is looked up again.
    let path = format!("/proc/self/fd/{}", seen.as_raw_fd());
    let flags =
        flags.difference(OFlags::CREATE | OFlags::EXCL) | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok((openat(CWD, path, flags, Mode::empty())?, folder))
}

fn folder_of(rest: &str) -> &str {
    rest.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[derive(Clone, Copy)]
pub(crate) struct RenameRules {
    pub folder: bool,
    pub folders: bool,
    pub replace: bool,
}

/// proc, sysfs, debugfs, tracefs, securityfs, cgroup, cgroup2, bpf, configfs; binfmt_misc, efivarfs, selinuxfs, smackfs,
/// fusectl, pstore, resctrl, nfsd, mqueue, devpts: names there are handles of the kernel, the memory of this process
/// among them, and no data.
const KERNEL: [u32; 19] = [
    0x9fa0,
    0x6265_6572,
    0x6462_6720,
    0x7472_6163,
    0x7363_6673,
    0x27_e0eb,
    0x6367_7270,
    0xcafe_4a11,
    0x6265_6570,
    0x4249_4e4d,
    0xde5e_81e4,
    0xf97c_ff8c,
    0x4341_5d53,
    0x6573_5543,
    0x6165_676c,
    0x0765_5821,
    0x6e66_7364,
    0x1980_0202,
    0x1cd1,
];

fn refuse_kernel_files(fd: &OwnedFd) -> Result<()> {
    let kind = fstatfs(fd)?.f_type as u32;
    if KERNEL.contains(&kind) { Err(Errno::ACCESS) } else { Ok(()) }
}
