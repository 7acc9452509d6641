// SPDX-License-Identifier: MIT OR Apache-2.0
//! The types of `airssys:actor/types` as Wasmtime lowers and lifts them, and how they come from C's.
//!
//! The conversions are `inline`: they stand between a guest and each message, and this is another crate.
//!
//! What is lowered borrows C's bytes with the lifetime `'static`. That is a lie told in one place,
//! `text` and `list`, and it holds because engine.h makes C keep the bytes until they are copied into
//! the guest, and because no value of these types outlives the lowering it is made for.

use crate::abi;
use std::mem::MaybeUninit;
use wasmtime::Result;
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LowerContext};
use wasmtime::component::{ComponentType, Lift, Lower};

/// # Safety
/// C keeps the bytes until the value is lowered.
#[inline]
pub unsafe fn list(bytes: abi::Bytes) -> &'static [u8] {
    // SAFETY: the caller's promise.
    unsafe { bytes.slice() }
}

/// # Safety
/// As `list`.
#[inline]
pub unsafe fn text(bytes: abi::Bytes) -> Result<&'static str> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { list(bytes) };
    std::str::from_utf8(bytes).map_err(|_| wasmtime::format_err!("the host gave a string that is not UTF-8"))
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(record)]
pub struct Message {
    pub sender: u64,
    pub request: u64,
    pub topic: Option<&'static str>,
    pub payload: &'static [u8],
}

impl Message {
    /// # Safety
    /// As `list`.
    #[inline]
    pub unsafe fn from_c(message: &abi::Message) -> Result<Self> {
        // SAFETY: the caller's promise.
        let (topic, payload) = unsafe {
            (if message.has_topic { Some(text(message.topic)?) } else { None }, list(message.payload))
        };
        Ok(Self { sender: message.sender, request: message.request, topic, payload })
    }
}

/// A message of C's that becomes a `Message` when it is lowered, and not before: the future of a call
/// holds its arguments several times over, so it pays that they are small.
#[derive(Clone, Copy)]
pub struct LentMessage(&'static abi::Message);

impl LentMessage {
    /// # Safety
    /// As `list`; for `message` itself, too.
    pub unsafe fn new(message: *const abi::Message) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { &*message })
    }

    #[inline]
    fn message(&self) -> Result<Message> {
        // SAFETY: promised to `new`.
        unsafe { Message::from_c(self.0) }
    }
}

// SAFETY: everything about the representation is `Message`'s.
unsafe impl ComponentType for LentMessage {
    type Lower = <Message as ComponentType>::Lower;
    const ABI: CanonicalAbiInfo = Message::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        Message::typecheck(ty, types)
    }
}

// SAFETY: `Message` writes itself.
unsafe impl Lower for LentMessage {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        self.message()?.linear_lower_to_flat(cx, ty, dst)
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        at: usize,
    ) -> Result<()> {
        self.message()?.linear_lower_to_memory(cx, ty, at)
    }
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(variant)]
pub enum SendError {
    #[component(name = "gone")]
    Gone,
    #[component(name = "full")]
    Full,
    #[component(name = "too-large")]
    TooLarge,
    #[component(name = "denied")]
    Denied(&'static str),
    #[component(name = "interrupted")]
    Interrupted,
}

/// # Safety
/// As `list`.
#[inline]
pub unsafe fn sent(outcome: &abi::SendOutcome) -> Result<Result<(), SendError>> {
    Ok(Err(match outcome.tag {
        abi::SEND_OK => return Ok(Ok(())),
        abi::SEND_GONE => SendError::Gone,
        abi::SEND_FULL => SendError::Full,
        abi::SEND_TOO_LARGE => SendError::TooLarge,
        // SAFETY: the caller's promise.
        abi::SEND_DENIED => SendError::Denied(unsafe { text(outcome.text)? }),
        abi::SEND_INTERRUPTED => SendError::Interrupted,
        tag => return Err(unknown("engine_send_tag", tag)),
    }))
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(variant)]
pub enum RequestError {
    #[component(name = "send")]
    Send(SendError),
    #[component(name = "timeout")]
    Timeout,
    #[component(name = "deadlock")]
    Deadlock,
    #[component(name = "failed")]
    Failed(&'static str),
}

pub type Answered = Result<&'static [u8], RequestError>;

type Words4 = (u64, u64, u64, u64);
pub type Words16 = (Words4, Words4, Words4, Words4);
pub type Words64 = (Words16, Words16, Words16, Words16);

/// At most 128 bytes where the guest sees `words16`. What is behind them stays as it is in the guest's memory.
#[derive(Clone, Copy)]
pub struct ShortBytes(&'static [u8]);

// SAFETY: everything about the representation is `Words16`'s.
unsafe impl ComponentType for ShortBytes {
    type Lower = <Words16 as ComponentType>::Lower;
    const ABI: CanonicalAbiInfo = Words16::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        Words16::typecheck(ty, types)
    }
}

// SAFETY: writes no more than `Words16` takes.
unsafe impl Lower for ShortBytes {
    fn linear_lower_to_flat<T>(
        &self,
        _: &mut LowerContext<'_, T>,
        _: InterfaceType,
        _: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        Err(wasmtime::format_err!("so many words are never flat"))
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        _: InterfaceType,
        at: usize,
    ) -> Result<()> {
        cx.as_slice_mut()[at..][..Self::SIZE32][..self.0.len()].copy_from_slice(self.0);
        Ok(())
    }
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(record)]
pub struct ShortAnswer {
    pub len: u32,
    pub bytes: ShortBytes,
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(variant)]
pub enum Answer {
    #[component(name = "short")]
    Short(ShortAnswer),
    #[component(name = "long")]
    Long(&'static [u8]),
    #[component(name = "error")]
    Error(RequestError),
}

/// An `Answer` of which the usual case looks the guest's memory up once, and not for each field.
pub struct QuickAnswer(Answer);

// SAFETY: everything about the representation is `Answer`'s.
unsafe impl ComponentType for QuickAnswer {
    type Lower = <Answer as ComponentType>::Lower;
    const ABI: CanonicalAbiInfo = Answer::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        Answer::typecheck(ty, types)
    }
}

// SAFETY: `Answer` writes itself, but for the case `short`: its number, the length, and the bytes at the next multiple
// of 8.
unsafe impl Lower for QuickAnswer {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        self.0.linear_lower_to_flat(cx, ty, dst)
    }

    #[inline]
    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        at: usize,
    ) -> Result<()> {
        let Answer::Short(answer) = &self.0 else { return self.0.linear_lower_to_memory(cx, ty, at) };
        let place = &mut cx.as_slice_mut()[at..][..Self::SIZE32];
        place[0] = 0;
        place[8..12].copy_from_slice(&answer.len.to_le_bytes());
        place[16..][..answer.bytes.0.len()].copy_from_slice(answer.bytes.0);
        Ok(())
    }
}

impl QuickAnswer {
    /// # Safety
    /// As `list`.
    #[inline]
    pub unsafe fn from_c(outcome: &abi::RequestOutcome) -> Result<Self> {
        // SAFETY: the caller's promise.
        unsafe { Answer::from_c(outcome) }.map(QuickAnswer)
    }
}

impl Answer {
    /// # Safety
    /// As `list`.
    #[inline]
    pub unsafe fn from_c(outcome: &abi::RequestOutcome) -> Result<Self> {
        // SAFETY: the caller's promise.
        Ok(match unsafe { answered(outcome)? } {
            Ok(bytes) if bytes.len() <= ShortBytes::SIZE32 => {
                Self::Short(ShortAnswer { len: bytes.len() as u32, bytes: ShortBytes(bytes) })
            }
            Ok(bytes) => Self::Long(bytes),
            Err(error) => Self::Error(error),
        })
    }
}

/// `event-list` as it is checked; it is written by `Taken` in the core.
#[derive(ComponentType)]
#[component(variant)]
pub enum EventList {
    #[component(name = "none")]
    None,
    #[component(name = "short")]
    Short(Words64),
    #[component(name = "long")]
    Long(Vec<u64>),
}

/// # Safety
/// As `list`.
#[inline]
pub unsafe fn answered(outcome: &abi::RequestOutcome) -> Result<Answered> {
    // SAFETY: the caller's promise.
    unsafe {
        Ok(Err(match outcome.tag {
            abi::REQUEST_OK => return Ok(Ok(list(outcome.data))),
            abi::REQUEST_SEND => match sent(&outcome.send)? {
                Err(error) => RequestError::Send(error),
                Ok(()) => {
                    return Err(unknown("engine_send_tag of a request that was not sent", abi::SEND_OK));
                }
            },
            abi::REQUEST_TIMEOUT => RequestError::Timeout,
            abi::REQUEST_DEADLOCK => RequestError::Deadlock,
            abi::REQUEST_FAILED => RequestError::Failed(text(outcome.data)?),
            tag => return Err(unknown("engine_request_tag", tag)),
        }))
    }
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(record)]
pub struct Reply {
    pub request: u64,
    pub outcome: Answered,
}

impl Reply {
    /// # Safety
    /// As `list`.
    #[inline]
    pub unsafe fn from_c(reply: &abi::Reply) -> Result<Self> {
        // SAFETY: the caller's promise.
        Ok(Self { request: reply.request, outcome: unsafe { answered(&reply.outcome)? } })
    }
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(variant)]
pub enum ExitReason {
    #[component(name = "normal")]
    Normal,
    #[component(name = "shutdown")]
    Shutdown,
    #[component(name = "trap")]
    Trap(&'static str),
    #[component(name = "limit")]
    Limit(&'static str),
    #[component(name = "timeout")]
    Timeout,
    #[component(name = "killed")]
    Killed,
    #[component(name = "failed")]
    Failed(&'static str),
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(record)]
pub struct Down {
    pub monitor: u64,
    pub actor: u64,
    pub reason: ExitReason,
    #[component(name = "will-restart")]
    pub will_restart: bool,
}

impl Down {
    /// # Safety
    /// As `list`.
    #[inline]
    pub unsafe fn from_c(down: &abi::Down) -> Result<Self> {
        // SAFETY: the caller's promise.
        let text = || unsafe { text(down.text) };
        let reason = match down.reason {
            0 => ExitReason::Normal,
            1 => ExitReason::Shutdown,
            2 => ExitReason::Trap(text()?),
            3 => ExitReason::Limit(text()?),
            4 => ExitReason::Timeout,
            5 => ExitReason::Killed,
            6 => ExitReason::Failed(text()?),
            tag => return Err(unknown("engine_exit_tag", tag)),
        };
        Ok(Self { monitor: down.monitor, actor: down.actor, reason, will_restart: down.will_restart })
    }
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(variant)]
pub enum Event {
    #[component(name = "message")]
    Message(Message),
    #[component(name = "reply")]
    Reply(Reply),
    #[component(name = "down")]
    Down(Down),
}

impl Event {
    /// # Safety
    /// As `list`; `kind` says which member of the union is set.
    #[inline]
    pub unsafe fn from_c(event: &abi::Event) -> Result<Option<Self>> {
        // SAFETY: the caller's promise.
        unsafe {
            Ok(Some(match event.kind {
                abi::EVENT_MESSAGE => Event::Message(Message::from_c(&event.body.message)?),
                abi::EVENT_REPLY => Event::Reply(Reply::from_c(&event.body.reply)?),
                abi::EVENT_DOWN => Event::Down(Down::from_c(&event.body.down)?),
                abi::EVENT_NONE => return Ok(None),
                tag => return Err(unknown("engine_event_kind", tag)),
            }))
        }
    }
}

/// An `option<event>` of which the usual case, a message without a topic, looks the guest's memory up once, and not for
/// each field.
pub struct QuickEvent(Option<Event>);

// SAFETY: everything about the representation is `Option<Event>`'s.
unsafe impl ComponentType for QuickEvent {
    type Lower = <Option<Event> as ComponentType>::Lower;
    const ABI: CanonicalAbiInfo = <Option<Event> as ComponentType>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        <Option<Event> as ComponentType>::typecheck(ty, types)
    }
}

impl QuickEvent {
    /// # Safety
    /// As `Event::from_c`.
    #[inline]
    pub unsafe fn from_c(event: &abi::Event) -> Result<Self> {
        // SAFETY: the caller's promise.
        unsafe { Event::from_c(event) }.map(QuickEvent)
    }

    /// The option's case, that of the variant, and the record's fields at their alignment; the topic is its own case.
    #[inline]
    fn lower_message<T>(cx: &mut LowerContext<'_, T>, message: &Message, at: usize) -> Result<()> {
        let payload = message.payload;
        // The guest's own code runs here, and may use up its tick.
        let list = cx.realloc(0, 0, 1, payload.len())?;
        let memory = cx.as_slice_mut();
        memory[list..][..payload.len()].copy_from_slice(payload);
        let place = &mut memory[at..][..Self::SIZE32];
        place[0] = 1;
        place[8] = 0;
        place[16..24].copy_from_slice(&message.sender.to_le_bytes());
        place[24..32].copy_from_slice(&message.request.to_le_bytes());
        place[32] = 0;
        place[44..48].copy_from_slice(&u32::try_from(list)?.to_le_bytes());
        place[48..52].copy_from_slice(&u32::try_from(payload.len())?.to_le_bytes());
        Ok(())
    }
}

// SAFETY: `Option<Event>` writes itself, but for a message without a topic, which `lower_message` writes the same way.
unsafe impl Lower for QuickEvent {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        self.0.linear_lower_to_flat(cx, ty, dst)
    }

    #[inline]
    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        at: usize,
    ) -> Result<()> {
        match &self.0 {
            Some(Event::Message(message)) if message.topic.is_none() => Self::lower_message(cx, message, at),
            other => other.linear_lower_to_memory(cx, ty, at),
        }
    }
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(record)]
pub struct Setting {
    pub key: &'static str,
    pub value: &'static str,
}

/// # Safety
/// As `list`, for the settings and what they point to.
pub unsafe fn settings(config: *const abi::Setting, count: usize) -> Result<Vec<Setting>> {
    // SAFETY: the caller's promise.
    let config = if count == 0 { &[] } else { unsafe { std::slice::from_raw_parts(config, count) } };
    // SAFETY: the caller's promise.
    config.iter().map(|s| unsafe { Ok(Setting { key: text(s.key)?, value: text(s.value)? }) }).collect()
}

/// The same record when a guest gives it.
#[derive(ComponentType, Lift)]
#[component(record)]
pub struct GivenSetting {
    pub key: String,
    pub value: String,
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
pub enum StartCause {
    #[component(name = "fresh")]
    Fresh,
    #[component(name = "restarted")]
    Restarted,
    #[component(name = "upgraded")]
    Upgraded,
    #[component(name = "woken")]
    Woken,
}

#[derive(ComponentType, Lower, Clone)]
#[component(record)]
pub struct StartInfo {
    pub id: u64,
    pub name: &'static str,
    pub cause: StartCause,
    pub restarts: u32,
    pub config: Vec<Setting>,
}

impl StartInfo {
    /// # Safety
    /// As `list`, for all that `info` points to.
    #[inline]
    pub unsafe fn from_c(info: &abi::StartInfo) -> Result<Self> {
        let cause = match info.cause {
            0 => StartCause::Fresh,
            1 => StartCause::Restarted,
            2 => StartCause::Upgraded,
            3 => StartCause::Woken,
            tag => return Err(unknown("engine_start_cause", tag)),
        };
        // SAFETY: the caller's promise.
        let (name, config) = unsafe { (text(info.name)?, settings(info.config, info.config_count)?) };
        Ok(Self { id: info.id, name, cause, restarts: info.restarts, config })
    }
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
pub enum StopReason {
    #[component(name = "normal")]
    Normal,
    #[component(name = "shutdown")]
    Shutdown,
    #[component(name = "upgrade")]
    Upgrade,
    #[component(name = "hibernate")]
    Hibernate,
}

impl StopReason {
    pub fn from_c(reason: u32) -> Result<Self> {
        Ok(match reason {
            0 => StopReason::Normal,
            1 => StopReason::Shutdown,
            2 => StopReason::Upgrade,
            3 => StopReason::Hibernate,
            tag => return Err(unknown("engine_stop_reason", tag)),
        })
    }
}

#[derive(ComponentType, Lift)]
#[component(variant)]
pub enum Health {
    #[component(name = "healthy")]
    Healthy,
    #[component(name = "degraded")]
    Degraded(String),
    #[component(name = "unhealthy")]
    Unhealthy(String),
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(variant)]
pub enum SubscribeError {
    #[component(name = "invalid-pattern")]
    InvalidPattern(&'static str),
    #[component(name = "denied")]
    Denied(&'static str),
    #[component(name = "limit")]
    Limit,
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(variant)]
pub enum RegisterError {
    #[component(name = "taken")]
    Taken,
    #[component(name = "invalid-name")]
    InvalidName(&'static str),
    #[component(name = "denied")]
    Denied(&'static str),
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(variant)]
pub enum SpawnError {
    #[component(name = "unknown-template")]
    UnknownTemplate(&'static str),
    #[component(name = "denied")]
    Denied(&'static str),
    #[component(name = "limit")]
    Limit(&'static str),
    #[component(name = "taken")]
    Taken,
    #[component(name = "failed")]
    Failed(&'static str),
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(variant)]
pub enum TimerError {
    #[component(name = "gone")]
    Gone,
    #[component(name = "denied")]
    Denied(&'static str),
    #[component(name = "limit")]
    Limit,
}

/// An error of one of the functions that answer with `engine_number_outcome`: its cases in the order of
/// the WIT, then OK.
pub trait NumberError: Sized {
    /// `tag` is the case; `None` says that it is OK.
    fn from_tag(tag: u32, text: &'static str) -> Result<Option<Self>>;
}

impl NumberError for SubscribeError {
    fn from_tag(tag: u32, text: &'static str) -> Result<Option<Self>> {
        Ok(Some(match tag {
            0 => Self::InvalidPattern(text),
            1 => Self::Denied(text),
            2 => Self::Limit,
            3 => return Ok(None),
            _ => return Err(unknown("engine_subscribe_tag", tag)),
        }))
    }
}

impl NumberError for RegisterError {
    fn from_tag(tag: u32, text: &'static str) -> Result<Option<Self>> {
        Ok(Some(match tag {
            0 => Self::Taken,
            1 => Self::InvalidName(text),
            2 => Self::Denied(text),
            3 => return Ok(None),
            _ => return Err(unknown("engine_register_tag", tag)),
        }))
    }
}

impl NumberError for SpawnError {
    fn from_tag(tag: u32, text: &'static str) -> Result<Option<Self>> {
        Ok(Some(match tag {
            0 => Self::UnknownTemplate(text),
            1 => Self::Denied(text),
            2 => Self::Limit(text),
            3 => Self::Taken,
            4 => Self::Failed(text),
            5 => return Ok(None),
            _ => return Err(unknown("engine_spawn_tag", tag)),
        }))
    }
}

impl NumberError for TimerError {
    fn from_tag(tag: u32, text: &'static str) -> Result<Option<Self>> {
        Ok(Some(match tag {
            0 => Self::Gone,
            1 => Self::Denied(text),
            2 => Self::Limit,
            3 => return Ok(None),
            _ => return Err(unknown("engine_timer_tag", tag)),
        }))
    }
}

/// # Safety
/// As `list`.
pub unsafe fn numbered<E: NumberError>(outcome: &abi::NumberOutcome) -> Result<Result<u64, E>> {
    // SAFETY: the caller's promise.
    let text = unsafe { text(outcome.text)? };
    Ok(match E::from_tag(outcome.tag, text)? {
        None => Ok(outcome.number),
        Some(error) => Err(error),
    })
}

fn unknown(what: &str, tag: u32) -> wasmtime::Error {
    wasmtime::format_err!("the host gave {tag}, which is no {what}")
}
