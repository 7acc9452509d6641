// SPDX-License-Identifier: MIT OR Apache-2.0
//! The types of engine.h as C lays them out. What each means is said there, not here.
//! Enums that C gives are read as `u32`, so that a number that is none of the cases is no undefined behaviour.

use std::ffi::c_void;
use std::sync::atomic::AtomicU64;

pub const OK: i32 = 0;
pub const BUSY: i32 = 1;
pub const INVALID: i32 = 2;
pub const CORE_MODULE: i32 = 3;
pub const UNSUPPORTED: i32 = 4;
pub const LIMIT: i32 = 5;
pub const NO_EXPORT: i32 = 6;
pub const STALE: i32 = 7;
pub const PANIC: i32 = 8;

#[repr(C)]
pub struct Error {
    pub text: [u8; 1024],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    pub data: *const u8,
    pub len: usize,
}

impl Bytes {
    /// Not NULL, so that C may `memcpy` from it.
    pub const EMPTY: Bytes = Bytes { data: b"".as_ptr(), len: 0 };

    #[inline]
    pub fn of(bytes: &[u8]) -> Self {
        Self { data: bytes.as_ptr(), len: bytes.len() }
    }

    /// # Safety
    /// `data` points to `len` bytes that live as long as `'a`, or `len` is 0.
    #[inline]
    pub unsafe fn slice<'a>(self) -> &'a [u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.data, self.len) }
    }
}

#[repr(C)]
pub struct Buffer {
    pub data: *mut u8,
    pub len: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Message {
    pub sender: u64,
    pub request: u64,
    pub has_topic: bool,
    pub topic: Bytes,
    pub payload: Bytes,
}

impl Message {
    pub const EMPTY: Message =
        Message { sender: 0, request: 0, has_topic: false, topic: Bytes::EMPTY, payload: Bytes::EMPTY };
}

// SAFETY: what its pointers lead to is C's, which keeps it unchanged while it is lent (engine.h).
unsafe impl Sync for Message {}
unsafe impl Send for Message {}

pub const SEND_GONE: u32 = 0;
pub const SEND_FULL: u32 = 1;
pub const SEND_TOO_LARGE: u32 = 2;
pub const SEND_DENIED: u32 = 3;
pub const SEND_INTERRUPTED: u32 = 4;
pub const SEND_OK: u32 = 5;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct SendOutcome {
    pub tag: u32,
    pub text: Bytes,
}

pub const REQUEST_SEND: u32 = 0;
pub const REQUEST_TIMEOUT: u32 = 1;
pub const REQUEST_DEADLOCK: u32 = 2;
pub const REQUEST_FAILED: u32 = 3;
pub const REQUEST_OK: u32 = 4;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct RequestOutcome {
    pub tag: u32,
    pub send: SendOutcome,
    pub data: Bytes,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Reply {
    pub request: u64,
    pub outcome: RequestOutcome,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Down {
    pub monitor: u64,
    pub actor: u64,
    pub reason: u32,
    pub text: Bytes,
    pub will_restart: bool,
}

pub const EVENT_MESSAGE: u32 = 0;
pub const EVENT_REPLY: u32 = 1;
pub const EVENT_DOWN: u32 = 2;
pub const EVENT_NONE: u32 = 3;

#[repr(C)]
#[derive(Clone, Copy)]
pub union EventBody {
    pub message: Message,
    pub reply: Reply,
    pub down: Down,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Event {
    pub kind: u32,
    pub body: EventBody,
}

pub const SETTLE_DONE: u32 = 0;
pub const SETTLE_REPLY: u32 = 1;
pub const SETTLE_ERROR: u32 = 2;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Settle {
    pub tag: u32,
    pub data: Bytes,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Setting {
    pub key: Bytes,
    pub value: Bytes,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct StartInfo {
    pub id: u64,
    pub name: Bytes,
    pub cause: u32,
    pub restarts: u32,
    pub config: *const Setting,
    pub config_count: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct NumberOutcome {
    pub tag: u32,
    pub number: u64,
    pub text: Bytes,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    pub version: u8,
    pub address: [u8; 16],
    pub port: u16,
}

pub const NETWORK_OPEN: u32 = 0;
pub const NETWORK_CLOSE: u32 = 1;
pub const NETWORK_TCP_BIND: u32 = 2;
pub const NETWORK_TCP_LISTEN: u32 = 3;
pub const NETWORK_TCP_ACCEPT: u32 = 4;
pub const NETWORK_UDP_BIND: u32 = 5;
pub const NETWORK_TCP_CONNECT: u32 = 6;
pub const NETWORK_UDP_SEND: u32 = 7;
pub const NETWORK_UDP_RECEIVE: u32 = 8;

pub const NETWORK_DENIED: u32 = 0;
pub const NETWORK_GRANTED: u32 = 1;
pub const NETWORK_FULL: u32 = 2;
pub const NETWORK_INVALID: u32 = 3;

#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    pub epoch: u64,
    pub grant: u32,
}

pub const RESOLVE_OK: u32 = 0;
pub const RESOLVE_UNKNOWN: u32 = 1;
pub const RESOLVE_AGAIN: u32 = 2;
pub const RESOLVE_FAILED: u32 = 3;
pub const RESOLVED_MAX: usize = 16;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Resolver {
    pub resolve: Option<unsafe extern "C" fn(*mut c_void, Bytes, *mut Endpoint, usize, *mut usize) -> u32>,
    pub user: *mut c_void,
    pub timeout_ms: u32,
    pub threads_max: u32,
    pub each_max: u32,
}

impl Resolver {
    pub const NONE: Resolver =
        Resolver { resolve: None, user: std::ptr::null_mut(), timeout_ms: 0, threads_max: 0, each_max: 0 };
}

// SAFETY: engine.h: it is called from any thread.
unsafe impl Send for Resolver {}
unsafe impl Sync for Resolver {}

pub const STEP_READY: u32 = 0;
pub const TICK_CONTINUE: u32 = 0;
pub const TICK_YIELD: u32 = 1;

pub const STREAM_STDOUT: u32 = 0;
pub const STREAM_STDERR: u32 = 1;

pub const RIGHT_CLOCK_WALL: u32 = 0;
pub const RIGHT_CLOCK_MONOTONIC: u32 = 1;
pub const RIGHT_RANDOM_SECURE: u32 = 2;
pub const RIGHT_RANDOM_INSECURE: u32 = 3;
pub const RIGHT_STDOUT: u32 = 4;
pub const RIGHT_STDERR: u32 = 5;
pub const RIGHT_STDIN: u32 = 6;

pub const VALUE_VARIABLE: u32 = 0;
pub const VALUE_ARGUMENT: u32 = 1;
pub const VALUE_CONFIG: u32 = 2;
pub const VALUE_CONFIG_KEY: u32 = 3;
pub const VALUE_INPUT: u32 = 4;

pub const VALUE_NONE: u32 = 0;
pub const VALUE_FOUND: u32 = 1;
pub const VALUE_DENIED: u32 = 2;

pub const FILE_PREOPEN: u32 = 0;
pub const FILE_USE: u32 = 1;
pub const FILE_OPEN: u32 = 2;
pub const FILE_STAT: u32 = 3;
pub const FILE_SET_TIMES: u32 = 4;
pub const FILE_READ_LINK: u32 = 5;
pub const FILE_CREATE_FOLDER: u32 = 6;
pub const FILE_REMOVE_FOLDER: u32 = 7;
pub const FILE_UNLINK: u32 = 8;
pub const FILE_RENAME: u32 = 9;
pub const FILE_LINK: u32 = 10;
pub const FILE_SYMLINK: u32 = 11;

pub const FILE_READ: u32 = 1 << 0;
pub const FILE_WRITE: u32 = 1 << 1;
pub const FILE_CREATE: u32 = 1 << 2;
pub const FILE_LIST: u32 = 1 << 3;
pub const FILE_LOOK: u32 = 1 << 4;
pub const FILE_STREAM: u32 = 1 << 5;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct FileQuestion {
    pub operation: u32,
    pub wants: u32,
    pub index: u32,
    pub epoch: u64,
    pub base: Bytes,
    pub path: Bytes,
    pub other_base: Bytes,
    pub other_path: Bytes,
}

impl FileQuestion {
    pub const EMPTY: FileQuestion = FileQuestion {
        operation: FILE_PREOPEN,
        wants: 0,
        index: 0,
        epoch: 0,
        base: Bytes::EMPTY,
        path: Bytes::EMPTY,
        other_base: Bytes::EMPTY,
        other_path: Bytes::EMPTY,
    };
}

pub const FILE_ALLOWED: u32 = 0;
pub const FILE_DENIED: u32 = 1;
pub const FILE_OUTSIDE: u32 = 2;
pub const FILE_NO_ENTRY: u32 = 3;
pub const FILE_INVALID: u32 = 4;
pub const FILE_TOO_LONG: u32 = 5;
pub const FILE_QUOTA: u32 = 6;
pub const FILE_NOT_FOLDER: u32 = 7;
pub const FILE_FAILED: u32 = 8;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct FilePlace {
    pub mount: u32,
    pub folder: bool,
    pub root: Bytes,
    pub path: Bytes,
    pub rest: Bytes,
}

impl FilePlace {
    pub const EMPTY: FilePlace =
        FilePlace { mount: 0, folder: false, root: Bytes::EMPTY, path: Bytes::EMPTY, rest: Bytes::EMPTY };
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct FileAnswer {
    pub verdict: u32,
    pub files: bool,
    pub folders: bool,
    pub replace: bool,
    pub epoch: u64,
    pub place: FilePlace,
    pub other: FilePlace,
}

impl FileAnswer {
    pub const DENIED: FileAnswer = FileAnswer {
        verdict: FILE_DENIED,
        files: false,
        folders: false,
        replace: false,
        epoch: 0,
        place: FilePlace::EMPTY,
        other: FilePlace::EMPTY,
    };
}

type Actor = *mut c_void;
type SpawnFn = unsafe extern "C" fn(Actor, Bytes, bool, Bytes, *const Setting, usize, *mut NumberOutcome);

/// `engine_host`. A host function that is `None` is an import that is not offered.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Host {
    pub next: Option<unsafe extern "C" fn(Actor, *const Settle, *mut Event) -> u32>,
    pub take: Option<unsafe extern "C" fn(Actor, *const Settle, *mut u32) -> u32>,
    pub take_into: Option<unsafe extern "C" fn(Actor, *mut u64)>,
    pub settle: Option<unsafe extern "C" fn(Actor, *const Settle)>,

    pub self_id: Option<unsafe extern "C" fn(Actor) -> u64>,
    pub send: Option<unsafe extern "C" fn(Actor, u64, Bytes, *mut SendOutcome) -> u32>,
    pub ask: Option<unsafe extern "C" fn(Actor, u64, Bytes, u32, *mut RequestOutcome) -> u32>,
    pub request: Option<unsafe extern "C" fn(Actor, u64, Bytes, u32, *mut SendOutcome, *mut u64)>,
    pub cancel: Option<unsafe extern "C" fn(Actor, u64) -> bool>,
    pub reply: Option<unsafe extern "C" fn(Actor, u64, *const Settle, *mut SendOutcome)>,
    pub forward: Option<unsafe extern "C" fn(Actor, u64, *mut SendOutcome)>,
    pub subscribe: Option<unsafe extern "C" fn(Actor, Bytes, bool, Bytes, *mut NumberOutcome)>,
    pub unsubscribe: Option<unsafe extern "C" fn(Actor, u64) -> bool>,
    pub publish: Option<unsafe extern "C" fn(Actor, Bytes, Bytes, *mut SendOutcome, *mut u32)>,
    pub lookup: Option<unsafe extern "C" fn(Actor, Bytes, *mut u64) -> bool>,
    pub register_name: Option<unsafe extern "C" fn(Actor, Bytes, *mut NumberOutcome)>,
    pub unregister_name: Option<unsafe extern "C" fn(Actor, Bytes) -> bool>,

    pub message_id: Option<unsafe extern "C" fn(Actor, *mut Bytes)>,
    pub attempt: Option<unsafe extern "C" fn(Actor) -> u32>,
    pub deadline_ms: Option<unsafe extern "C" fn(Actor, *mut u64) -> bool>,
    pub sender_name: Option<unsafe extern "C" fn(Actor, *mut Bytes) -> bool>,
    pub trace_parent: Option<unsafe extern "C" fn(Actor, *mut Bytes) -> bool>,

    pub custom: Option<unsafe extern "C" fn(Actor, Bytes, Bytes, *mut Bytes) -> bool>,

    pub spawn: Option<SpawnFn>,
    pub stop_child: Option<unsafe extern "C" fn(Actor, u64) -> bool>,
    pub exit: Option<unsafe extern "C" fn(Actor, bool, Bytes)>,
    pub monitor: Option<unsafe extern "C" fn(Actor, u64) -> u64>,
    pub demonitor: Option<unsafe extern "C" fn(Actor, u64) -> bool>,
    pub link: Option<unsafe extern "C" fn(Actor, u64)>,
    pub unlink: Option<unsafe extern "C" fn(Actor, u64)>,

    pub send_after: Option<unsafe extern "C" fn(Actor, u64, u64, Bytes, *mut NumberOutcome)>,
    pub send_every: Option<unsafe extern "C" fn(Actor, u64, u64, Bytes, *mut NumberOutcome)>,
    pub cancel_timer: Option<unsafe extern "C" fn(Actor, u64) -> bool>,

    pub network: Option<unsafe extern "C" fn(Actor, u32, *const Endpoint, *mut Pass) -> u32>,
    pub network_lookup: Option<unsafe extern "C" fn(Actor, Bytes, *mut Bytes) -> u32>,
    pub network_resolved: Option<unsafe extern "C" fn(Actor, Bytes, *const Endpoint, usize)>,
    pub right: Option<unsafe extern "C" fn(Actor, u32, *mut Bytes) -> bool>,
    pub value: Option<unsafe extern "C" fn(Actor, u32, usize, Bytes, *mut Setting) -> u32>,
    pub log: Option<unsafe extern "C" fn(Actor, u32, Bytes, Bytes)>,
    pub file: Option<unsafe extern "C" fn(Actor, *const FileQuestion, *mut FileAnswer)>,

    pub tick: unsafe extern "C" fn(Actor) -> u32,
    pub write_line: unsafe extern "C" fn(Actor, u32, Bytes),
    pub wake: unsafe extern "C" fn(*mut c_void),
    pub waker_retain: unsafe extern "C" fn(*mut c_void),
    pub waker_release: unsafe extern "C" fn(*mut c_void),
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Config {
    pub instances_max: u32,
    pub core_instances_per_component: u32,
    pub memories_per_component: u32,
    pub tables_per_component: u32,
    pub table_elements_max: u32,
    pub memory_max: u64,
    pub memory_reservation: u64,
    pub memory_keep_resident: u64,
    pub guest_stack_max: u32,
    pub host_stack_max: u32,
    pub memory_total_max: u64,
    pub resolver: Resolver,
    pub compiles_only: bool,
}

#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Live {
    pub stores: u64,
    pub component_instances: u64,
    pub core_instances: u64,
    pub memories: u64,
    pub tables: u64,
    pub stacks: u64,
}

pub const EXPORT_CHILD: u32 = 1 << 0;
pub const EXPORT_ACTOR: u32 = 1 << 1;
pub const EXPORT_BATCH: u32 = 1 << 2;
pub const EXPORT_REPLIES: u32 = 1 << 3;
pub const EXPORT_SIGNALS: u32 = 1 << 4;
pub const EXPORT_HEALTH: u32 = 1 << 5;
pub const EXPORT_STATE: u32 = 1 << 6;
pub const EXPORT_RECONFIGURE: u32 = 1 << 7;
pub const EXPORT_MAIN: u32 = 1 << 8;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Limits {
    pub memory_max: u64,
    pub table_elements_max: u32,
    pub resources_max: u32,
    pub hostcall_max: u64,
    pub origin: u64,
}

#[repr(C)]
#[derive(Default)]
pub struct Gauges {
    pub memory: AtomicU64,
    pub growths_refused: AtomicU64,
    pub table_elements: AtomicU64,
    pub table_growths_refused: AtomicU64,
    pub files_open: AtomicU64,
}

pub const TRAP_GUEST: u32 = 0;
pub const TRAP_INTERRUPT: u32 = 1;
pub const TRAP_STACK: u32 = 2;
pub const TRAP_LIMIT: u32 = 3;
pub const TRAP_ABI: u32 = 4;
pub const TRAP_EXIT: u32 = 5;
pub const TRAP_PANIC: u32 = 6;

pub const FRAMES_MAX: usize = 32;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Frame {
    pub function: u32,
    pub offset: usize,
    pub name: Bytes,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Trap {
    pub kind: u32,
    pub exit_code: i32,
    pub text: Bytes,
    pub frames: *const Frame,
    pub frames_count: usize,
}

pub const HEALTHY: u32 = 0;
pub const DEGRADED: u32 = 1;
pub const UNHEALTHY: u32 = 2;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Outcome {
    pub settle: Settle,
    pub health: u32,
    pub trap: Trap,
}

impl Outcome {
    pub const NONE: Outcome = Outcome {
        settle: Settle { tag: SETTLE_DONE, data: Bytes::EMPTY },
        health: HEALTHY,
        trap: Trap {
            kind: TRAP_GUEST,
            exit_code: 0,
            text: Bytes::EMPTY,
            frames: std::ptr::null(),
            frames_count: 0,
        },
    };
}

pub const POLL_READY: u32 = 0;
pub const POLL_PENDING: u32 = 1;
pub const POLL_YIELDED: u32 = 2;
pub const POLL_TRAP: u32 = 3;

/// A pointer of C's that goes along with an instance from thread to thread, and is only handed back to C.
#[derive(Clone, Copy)]
pub struct Opaque(pub *mut c_void);

// SAFETY: never dereferenced here. engine.h says from which threads C gets it back.
unsafe impl Send for Opaque {}
unsafe impl Sync for Opaque {}
