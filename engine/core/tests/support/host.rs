// SPDX-License-Identifier: MIT OR Apache-2.0
//! The host as a test scripts it: every function of engine_host, answered from an `Actor`.

use airssys_engine_core::abi::{self, *};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::c_void;
use std::ptr::slice_from_raw_parts;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;

/// What an actor's host functions do, and what they were called with.
#[derive(Default)]
pub struct Actor {
    /// One line a call.
    pub log: RefCell<Vec<String>>,
    /// What `next` gives, in order; then `None`.
    pub inbox: RefCell<VecDeque<Event>>,
    /// What `take` gives, once; then nothing.
    pub words: RefCell<Vec<u64>>,
    /// Where they lie in the guest's memory.
    pub shared: RefCell<Option<*mut u64>>,
    /// How often the next waiting function says PENDING before it is ready.
    pub pending: RefCell<u32>,
    /// What `tick` says, in order; then CONTINUE.
    pub ticks: RefCell<VecDeque<u32>>,
    /// The reply that `ask` gives.
    pub reply: RefCell<Vec<u8>>,
    pub lines: RefCell<Vec<String>>,
    /// The lowest address of a local in `self_id`, and the highest.
    pub stack: RefCell<Option<(usize, usize)>>,
    /// So many bytes of stack are painted below `self_id`, and looked at when it is called again.
    pub paint: RefCell<usize>,
    /// Of the painted bytes, how many were overwritten in between.
    pub stack_used: RefCell<usize>,
    pub files: RefCell<FileScript>,
    pub rights_refused: RefCell<Vec<u32>>,
    /// Kind, key and value.
    pub values: RefCell<Vec<(u32, &'static str, &'static str)>>,
}

/// What `file` says: it takes paths as they are, allows what is below a mount, and what is refused by name not.
#[derive(Default)]
pub struct FileScript {
    /// Guest path and folder of the host.
    pub mounts: Vec<(String, String)>,
    pub refused: Vec<String>,
    pub epoch: u64,
    /// Answers given to questions, USE with the epoch of before left out.
    pub asked: u32,
    /// RENAME: `folders` and `replace`.
    pub rename: (bool, bool),
    /// What the last answer points into.
    given: Vec<String>,
}

impl FileScript {
    fn keep(&mut self, text: &str) -> Bytes {
        self.given.push(text.into());
        Bytes::of(self.given.last().expect("just pushed").as_bytes())
    }

    fn place(&mut self, path: &str) -> FilePlace {
        let found = self.mounts.iter().position(|(guest, _)| path.starts_with(guest.as_str()));
        let mount = found.expect("the tests stay in their mounts");
        let (guest, host) = self.mounts[mount].clone();
        let rest = path[guest.len()..].trim_start_matches('/').to_owned();
        let (root, path, rest) = (self.keep(&host), self.keep(path), self.keep(&rest));
        FilePlace { mount: mount as u32, folder: false, root, path, rest }
    }

    fn answer(&mut self, question: &FileQuestion) -> FileAnswer {
        let join = |base, name: Bytes| match text(name).as_str() {
            "." | "" => text(base),
            name => format!("{}/{name}", text(base)),
        };
        self.given.clear();
        let mut answer = FileAnswer { epoch: self.epoch, ..FileAnswer::DENIED };
        if question.operation == FILE_PREOPEN {
            if let Some((guest, _)) = self.mounts.get(question.index as usize).cloned() {
                (answer.verdict, answer.place) = (FILE_ALLOWED, self.place(&guest));
            }
            return answer;
        }
        if question.operation == FILE_USE && question.epoch == self.epoch {
            answer.verdict = FILE_ALLOWED;
            return answer;
        }
        self.asked += 1;
        let path = join(question.base, question.path);
        let other = join(question.other_base, question.other_path);
        if self.refused.contains(&path) || self.refused.contains(&other) {
            return answer;
        }
        answer.verdict = FILE_ALLOWED;
        answer.place = self.place(&path);
        if [FILE_RENAME, FILE_LINK].contains(&question.operation) {
            answer.other = self.place(&other);
            (answer.folders, answer.replace) = self.rename;
        }
        if question.operation == FILE_OPEN {
            answer.folders = question.wants & FILE_LIST != 0;
            answer.files = !answer.folders;
        }
        answer
    }
}

impl Actor {
    fn say(&self, line: String) {
        self.log.borrow_mut().push(line);
    }

    pub fn log(&self) -> Vec<String> {
        self.log.borrow().clone()
    }
}

fn of<'a>(actor: *mut c_void) -> &'a Actor {
    unsafe { &*actor.cast::<Actor>() }
}

fn text(bytes: Bytes) -> String {
    String::from_utf8_lossy(unsafe { &*slice_from_raw_parts(bytes.data, bytes.len) }).into_owned()
}

fn settle_text(settle: &Settle) -> String {
    match settle.tag {
        SETTLE_DONE => "done".into(),
        SETTLE_REPLY => format!("reply({})", text(settle.data)),
        _ => format!("error({})", text(settle.data)),
    }
}

fn must_wait(actor: &Actor) -> bool {
    let left = *actor.pending.borrow();
    *actor.pending.borrow_mut() = left.saturating_sub(1);
    left > 0
}

const STEP_PENDING: u32 = 1;

unsafe extern "C" fn next(actor: *mut c_void, settle: *const Settle, ret: *mut Event) -> u32 {
    let actor = of(actor);
    if must_wait(actor) {
        return STEP_PENDING;
    }
    actor.say(format!("next {}", settle_text(unsafe { &*settle })));
    match actor.inbox.borrow_mut().pop_front() {
        Some(event) => unsafe { ret.write(event) },
        None => unsafe { (*ret).kind = EVENT_NONE },
    }
    STEP_READY
}

unsafe extern "C" fn take(actor: *mut c_void, settle: *const Settle, ret: *mut u32) -> u32 {
    let actor = of(actor);
    if must_wait(actor) {
        return STEP_PENDING;
    }
    actor.say(format!("take {}", settle_text(unsafe { &*settle })));
    unsafe { ret.write(actor.words.borrow().len() as u32) };
    STEP_READY
}

unsafe extern "C" fn take_into(actor: *mut c_void, memory: *mut u64) {
    let actor = of(actor);
    for (at, word) in actor.words.borrow_mut().drain(..).enumerate() {
        unsafe { memory.add(at).write(word) };
    }
    *actor.shared.borrow_mut() = Some(memory);
}

unsafe extern "C" fn settle(actor: *mut c_void, outcome: *const Settle) {
    of(actor).say(format!("settle {}", settle_text(unsafe { &*outcome })));
}

/// Bytes below a frame that this function and what it calls may be using.
const OWN_STACK: usize = 1024;

/// Looks how far down the stack was used since it was painted here, and paints it again.
#[inline(never)]
fn paint(actor: &Actor, here: usize) {
    let size = *actor.paint.borrow();
    if size == 0 {
        return;
    }
    const COLOUR: u8 = 0xc5;
    // Volatile, and by address: this is stack that no variable of Rust's lives in.
    let at = |depth: usize| (here - OWN_STACK - depth) as *mut u8;
    let untouched =
        (0..size).rev().take_while(|depth| unsafe { at(*depth).read_volatile() } == COLOUR).count();
    if untouched > 0 {
        let used = size - untouched + OWN_STACK;
        let most = (*actor.stack_used.borrow()).max(used);
        *actor.stack_used.borrow_mut() = most;
    }
    (0..size).for_each(|depth| unsafe { at(depth).write_volatile(COLOUR) });
}

#[inline(never)]
unsafe extern "C" fn self_id(actor: *mut c_void) -> u64 {
    let local = 0u8;
    let here = std::hint::black_box(&raw const local) as usize;
    let actor = of(actor);
    let (low, high) = actor.stack.borrow().unwrap_or((usize::MAX, 0));
    *actor.stack.borrow_mut() = Some((low.min(here), high.max(here)));
    paint(actor, here);
    7
}

unsafe extern "C" fn send(actor: *mut c_void, to: u64, payload: Bytes, ret: *mut SendOutcome) -> u32 {
    let actor = of(actor);
    if must_wait(actor) {
        return STEP_PENDING;
    }
    actor.say(format!("send {to} {}", text(payload)));
    unsafe { (*ret).tag = if to == 0 { SEND_GONE } else { SEND_OK } };
    STEP_READY
}

unsafe extern "C" fn ask(
    actor: *mut c_void,
    to: u64,
    payload: Bytes,
    ms: u32,
    ret: *mut RequestOutcome,
) -> u32 {
    let actor = of(actor);
    if must_wait(actor) {
        return STEP_PENDING;
    }
    actor.say(format!("ask {to} {} {ms}", text(payload)));
    let ret = unsafe { &mut *ret };
    ret.tag = if to == 0 { REQUEST_TIMEOUT } else { REQUEST_OK };
    ret.data = Bytes::of(&actor.reply.borrow());
    STEP_READY
}

unsafe extern "C" fn request(
    actor: *mut c_void,
    to: u64,
    payload: Bytes,
    ms: u32,
    ret: *mut SendOutcome,
    id: *mut u64,
) {
    of(actor).say(format!("request {to} {} {ms}", text(payload)));
    unsafe {
        (*ret).tag = SEND_OK;
        *id = 11;
    }
}

unsafe extern "C" fn cancel(actor: *mut c_void, id: u64) -> bool {
    of(actor).say(format!("cancel {id}"));
    true
}

unsafe extern "C" fn reply(actor: *mut c_void, id: u64, settle: *const Settle, ret: *mut SendOutcome) {
    let settle = unsafe { &*settle };
    of(actor).say(format!("reply {id} {}", settle_text(settle)));
    unsafe { (*ret).tag = if settle.tag == SETTLE_REPLY { SEND_OK } else { SEND_GONE } };
}

unsafe extern "C" fn forward(actor: *mut c_void, to: u64, ret: *mut SendOutcome) {
    of(actor).say(format!("forward {to}"));
    unsafe { (*ret).tag = SEND_OK };
}

fn number(ret: *mut NumberOutcome, tag: u32, number: u64, text: &'static str) {
    unsafe { ret.write(NumberOutcome { tag, number, text: Bytes::of(text.as_bytes()) }) }
}

unsafe extern "C" fn subscribe(
    actor: *mut c_void,
    pattern: Bytes,
    has: bool,
    group: Bytes,
    ret: *mut NumberOutcome,
) {
    of(actor).say(format!("subscribe {} {has} {}", text(pattern), text(group)));
    if text(pattern) == "bad" { number(ret, 0, 0, "why") } else { number(ret, 3, 12, "") }
}

unsafe extern "C" fn unsubscribe(actor: *mut c_void, id: u64) -> bool {
    of(actor).say(format!("unsubscribe {id}"));
    true
}

unsafe extern "C" fn publish(
    actor: *mut c_void,
    topic: Bytes,
    payload: Bytes,
    ret: *mut SendOutcome,
    reached: *mut u32,
) {
    of(actor).say(format!("publish {} {}", text(topic), text(payload)));
    unsafe {
        (*ret).tag = SEND_OK;
        *reached = 4;
    }
}

unsafe extern "C" fn lookup(actor: *mut c_void, name: Bytes, ret: *mut u64) -> bool {
    of(actor).say(format!("lookup {}", text(name)));
    unsafe { *ret = 13 };
    text(name) == "name"
}

unsafe extern "C" fn register_name(actor: *mut c_void, name: Bytes, ret: *mut NumberOutcome) {
    of(actor).say(format!("register {}", text(name)));
    number(ret, 3, 0, "");
}

unsafe extern "C" fn unregister_name(actor: *mut c_void, name: Bytes) -> bool {
    of(actor).say(format!("unregister {}", text(name)));
    true
}

unsafe extern "C" fn message_id(_: *mut c_void, ret: *mut Bytes) {
    unsafe { *ret = Bytes::of(b"id") }
}

unsafe extern "C" fn attempt(_: *mut c_void) -> u32 {
    3
}

unsafe extern "C" fn deadline_ms(_: *mut c_void, ret: *mut u64) -> bool {
    unsafe { *ret = 250 };
    true
}

unsafe extern "C" fn sender_name(_: *mut c_void, ret: *mut Bytes) -> bool {
    unsafe { *ret = Bytes::of(b"bob") };
    true
}

unsafe extern "C" fn trace_parent(_: *mut c_void, _: *mut Bytes) -> bool {
    false
}

unsafe extern "C" fn spawn(
    actor: *mut c_void,
    template: Bytes,
    has_name: bool,
    name: Bytes,
    config: *const Setting,
    count: usize,
    ret: *mut NumberOutcome,
) {
    let config = unsafe { &*slice_from_raw_parts(config, count) };
    let config: Vec<String> = config.iter().map(|s| format!("{}={}", text(s.key), text(s.value))).collect();
    of(actor).say(format!("spawn {} {has_name} {} {}", text(template), text(name), config.join(",")));
    number(ret, 5, 14, "");
}

unsafe extern "C" fn stop_child(actor: *mut c_void, id: u64) -> bool {
    of(actor).say(format!("stop {id}"));
    true
}

unsafe extern "C" fn exit(actor: *mut c_void, ok: bool, why: Bytes) {
    of(actor).say(format!("exit {ok} {}", text(why)));
}

unsafe extern "C" fn monitor(_: *mut c_void, _: u64) -> u64 {
    15
}

unsafe extern "C" fn demonitor(actor: *mut c_void, id: u64) -> bool {
    of(actor).say(format!("demonitor {id}"));
    true
}

unsafe extern "C" fn link(actor: *mut c_void, id: u64) {
    of(actor).say(format!("link {id}"));
}

unsafe extern "C" fn unlink(actor: *mut c_void, id: u64) {
    of(actor).say(format!("unlink {id}"));
}

unsafe extern "C" fn send_after(
    actor: *mut c_void,
    ms: u64,
    to: u64,
    payload: Bytes,
    ret: *mut NumberOutcome,
) {
    of(actor).say(format!("send-after {ms} {to} {}", text(payload)));
    number(ret, 3, 16, "");
}

unsafe extern "C" fn send_every(
    actor: *mut c_void,
    ms: u64,
    to: u64,
    payload: Bytes,
    ret: *mut NumberOutcome,
) {
    of(actor).say(format!("send-every {ms} {to} {}", text(payload)));
    number(ret, 2, 0, "");
}

unsafe extern "C" fn cancel_timer(actor: *mut c_void, id: u64) -> bool {
    of(actor).say(format!("cancel-timer {id}"));
    true
}

unsafe extern "C" fn right(actor: *mut c_void, right: u32, why: *mut Bytes) -> bool {
    unsafe { *why = Bytes::of(b"the test says no") };
    !of(actor).rights_refused.borrow().contains(&right)
}

unsafe extern "C" fn custom(actor: *mut c_void, name: Bytes, object: Bytes, why: *mut Bytes) -> bool {
    of(actor).say(format!("check {} {}", text(name), text(object)));
    unsafe { *why = Bytes::of(b"no grant") };
    text(object) == "red"
}

unsafe extern "C" fn value(
    actor: *mut c_void,
    kind: u32,
    index: usize,
    key: Bytes,
    ret: *mut Setting,
) -> u32 {
    let actor = of(actor);
    let values = actor.values.borrow();
    let wanted = if kind == VALUE_CONFIG_KEY { VALUE_CONFIG } else { kind };
    let mut of_kind = values.iter().filter(|value| value.0 == wanted);
    let found = match kind {
        VALUE_CONFIG_KEY if text(key) == "refused" => return VALUE_DENIED,
        VALUE_CONFIG_KEY => of_kind.find(|value| value.1 == text(key)),
        _ => of_kind.nth(index),
    };
    let Some((_, key, value)) = found else { return VALUE_NONE };
    unsafe { ret.write(Setting { key: Bytes::of(key.as_bytes()), value: Bytes::of(value.as_bytes()) }) };
    VALUE_FOUND
}

unsafe extern "C" fn log(actor: *mut c_void, level: u32, context: Bytes, message: Bytes) {
    of(actor).lines.borrow_mut().push(format!("log {level} {}: {}", text(context), text(message)));
}

unsafe extern "C" fn file(actor: *mut c_void, question: *const FileQuestion, ret: *mut FileAnswer) {
    unsafe { ret.write(of(actor).files.borrow_mut().answer(&*question)) };
}

unsafe extern "C" fn tick(actor: *mut c_void) -> u32 {
    of(actor).ticks.borrow_mut().pop_front().unwrap_or(TICK_CONTINUE)
}

unsafe extern "C" fn write_line(actor: *mut c_void, stream: u32, line: Bytes) {
    of(actor).lines.borrow_mut().push(format!("{stream}:{}", text(line)));
}

/// A waker as C would have it: counted, and woken from any thread.
pub struct Waker(Arc<Counts>);

#[derive(Default)]
struct Counts {
    woken: AtomicU64,
    held: AtomicU64,
}

impl Waker {
    pub fn new() -> Self {
        Self(Arc::default())
    }

    pub fn pointer(&self) -> *mut c_void {
        Arc::as_ptr(&self.0).cast_mut().cast()
    }

    pub fn woken(&self) -> u64 {
        self.0.woken.load(SeqCst)
    }

    /// How often it is retained right now.
    pub fn held(&self) -> u64 {
        self.0.held.load(SeqCst)
    }
}

impl Drop for Waker {
    fn drop(&mut self) {
        // Whoever still holds it would use freed memory: leak it instead, and tell.
        if self.held() > 0 {
            std::mem::forget(self.0.clone());
        }
    }
}

unsafe extern "C" fn wake(waker: *mut c_void) {
    unsafe { &*waker.cast::<Counts>() }.woken.fetch_add(1, SeqCst);
}

unsafe extern "C" fn waker_retain(waker: *mut c_void) {
    unsafe { &*waker.cast::<Counts>() }.held.fetch_add(1, SeqCst);
}

unsafe extern "C" fn waker_release(waker: *mut c_void) {
    unsafe { &*waker.cast::<Counts>() }.held.fetch_sub(1, SeqCst);
}

pub const HOST: abi::Host = abi::Host {
    next: Some(next),
    take: Some(take),
    take_into: Some(take_into),
    settle: Some(settle),
    self_id: Some(self_id),
    send: Some(send),
    ask: Some(ask),
    request: Some(request),
    cancel: Some(cancel),
    reply: Some(reply),
    forward: Some(forward),
    subscribe: Some(subscribe),
    unsubscribe: Some(unsubscribe),
    publish: Some(publish),
    lookup: Some(lookup),
    register_name: Some(register_name),
    unregister_name: Some(unregister_name),
    message_id: Some(message_id),
    attempt: Some(attempt),
    deadline_ms: Some(deadline_ms),
    sender_name: Some(sender_name),
    trace_parent: Some(trace_parent),
    custom: Some(custom),
    spawn: Some(spawn),
    stop_child: Some(stop_child),
    exit: Some(exit),
    monitor: Some(monitor),
    demonitor: Some(demonitor),
    link: Some(link),
    unlink: Some(unlink),
    send_after: Some(send_after),
    send_every: Some(send_every),
    cancel_timer: Some(cancel_timer),
    network: None,
    network_lookup: None,
    network_resolved: None,
    right: Some(right),
    value: Some(value),
    log: Some(log),
    file: Some(file),
    tick,
    write_line,
    wake,
    waker_retain,
    waker_release,
};
