// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is known about a file, as WASI has it; and times, as the system has them.

use rustix::fs::{FileType, Stat, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorStat, DescriptorType, ErrorCode, MetadataHashValue, NewTimestamp,
};

pub(super) fn type_of(kind: FileType) -> DescriptorType {
    match kind {
        FileType::RegularFile => DescriptorType::RegularFile,
        FileType::Directory => DescriptorType::Directory,
        FileType::Symlink => DescriptorType::SymbolicLink,
        FileType::Fifo => DescriptorType::Fifo,
        FileType::Socket => DescriptorType::Socket,
        FileType::CharacterDevice => DescriptorType::CharacterDevice,
        FileType::BlockDevice => DescriptorType::BlockDevice,
        FileType::Unknown => DescriptorType::Unknown,
    }
}

pub(super) fn stat_of(stat: &Stat) -> DescriptorStat {
    // Times before 1970 can't be said.
    let time = |seconds: i64, nanoseconds| {
        let seconds = u64::try_from(seconds).ok()?;
        Some(Datetime { seconds, nanoseconds: nanoseconds as u32 })
    };
    DescriptorStat {
        type_: type_of(FileType::from_raw_mode(stat.st_mode)),
        link_count: stat.st_nlink as u64,
        size: stat.st_size as u64,
        data_access_timestamp: time(stat.st_atime, stat.st_atime_nsec),
        data_modification_timestamp: time(stat.st_mtime, stat.st_mtime_nsec),
        status_change_timestamp: time(stat.st_ctime, stat.st_ctime_nsec),
    }
}

/// The same for the same file as long as the process lives. Its keys are random: nobody can find out the host's numbers
/// by hashing them all.
pub(super) fn hash_of(stat: &Stat) -> MetadataHashValue {
    static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let half = |which: u8| KEYS.hash_one((which, stat.st_dev, stat.st_ino));
    MetadataHashValue { lower: half(0), upper: half(1) }
}

fn time_of(time: NewTimestamp) -> Result<Timespec, ErrorCode> {
    let special = |tv_nsec| Timespec { tv_sec: 0, tv_nsec };
    match time {
        NewTimestamp::NoChange => Ok(special(UTIME_OMIT)),
        NewTimestamp::Now => Ok(special(UTIME_NOW)),
        NewTimestamp::Timestamp(at) if at.nanoseconds < 1_000_000_000 => {
            let tv_sec = i64::try_from(at.seconds).map_err(|_| ErrorCode::Overflow)?;
            Ok(Timespec { tv_sec, tv_nsec: at.nanoseconds.into() })
        }
        NewTimestamp::Timestamp(_) => Err(ErrorCode::Invalid),
    }
}

pub(super) fn times_of(access: NewTimestamp, modification: NewTimestamp) -> Result<Timestamps, ErrorCode> {
    Ok(Timestamps { last_access: time_of(access)?, last_modification: time_of(modification)? })
}
