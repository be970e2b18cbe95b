//! Telephone events: the digits that a far end presses, and those that we press for it.
//!
//! RFC 4733: §2.3 (format), §2.5.1 (sending), §2.5.2 (receiving). Digits 0 to 9, `*`, `#` and
//! A to D only; other events (flash, tones) are passed on between legs but not heard here.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// One telephone-event payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Event code, 0 to 15 for digits.
    pub code: u8,
    /// Whether this packet ends the event.
    pub end: bool,
    /// Power in -dBm0, 0 to 63.
    pub volume: u8,
    /// How long the event lasts so far, in the RTP clock.
    pub duration: u16,
}

impl Event {
    /// Reads the first event of `payload`, `None` where it is too short.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let &[code, flags, high, low] = payload.first_chunk::<4>()?;
        Some(Self {
            code,
            end: flags & 0x80 != 0,
            volume: flags & 0x3f,
            duration: u16::from_be_bytes([high, low]),
        })
    }

    /// The four bytes of this event.
    #[must_use]
    pub fn bytes(&self) -> [u8; 4] {
        let [high, low] = self.duration.to_be_bytes();
        [
            self.code,
            (u8::from(self.end) << 7) | (self.volume & 0x3f),
            high,
            low,
        ]
    }

    /// This event for a stream whose clock runs at `to` instead of `from` Hz.
    #[must_use]
    pub fn with_clock(self, from: u32, to: u32) -> Self {
        let duration = u64::from(self.duration) * u64::from(to) / u64::from(from.max(1));
        Self {
            duration: u16::try_from(duration).unwrap_or(u16::MAX),
            ..self
        }
    }
}

/// The digit of an event code.
#[must_use]
pub fn digit(code: u8) -> Option<char> {
    DIGITS.chars().nth(usize::from(code))
}

/// The event code of a digit; small letters count as large ones.
#[must_use]
pub fn code(digit: char) -> Option<u8> {
    let at = DIGITS.find(digit.to_ascii_uppercase())?;
    u8::try_from(at).ok()
}

/// What [`Digits`] heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// A key went down. Said once for each press.
    Pressed(char),
    /// It went up, or we heard no more of it.
    Released(char),
}

/// The receiving side: one press for the many packets that tell it.
///
/// Packets of one press have one timestamp. They may be lost, doubled or late, and the three that
/// end it may all be lost: then it ends with [`Self::expire`] or the next press.
#[derive(Debug, Clone, Default)]
pub struct Digits {
    current: Option<Press>,
    /// Timestamp of the last press that ended, and when: its late packets are no new press.
    ended: Option<(u32, Instant)>,
}

#[derive(Debug, Clone, Copy)]
struct Press {
    digit: char,
    code: u8,
    timestamp: u32,
    duration: u16,
    heard_at: Instant,
}

impl Digits {
    /// Takes the payload of a telephone-event packet with its RTP timestamp.
    ///
    /// A press that follows another without its end having been heard is told as pressed alone:
    /// the other was released by it.
    pub fn received(&mut self, timestamp: u32, payload: &[u8], now: Instant) -> Option<Heard> {
        let event = Event::parse(payload)?;
        let digit = digit(event.code)?;
        let is_late = |(ended, at)| now < at + LATE_UNTIL && !is_newer(timestamp, ended);
        if self.ended.is_some_and(is_late) {
            return None;
        }
        if let Some(press) = &mut self.current {
            let goes_on = press.code == event.code
                && (timestamp == press.timestamp || press.next_segment() == timestamp);
            if goes_on {
                press.timestamp = timestamp;
                press.duration = event.duration;
                press.heard_at = now;
                return event.end.then(|| self.end(now)).flatten();
            }
            if !is_newer(timestamp, press.timestamp) {
                return None;
            }
        }
        let press = Press {
            digit,
            code: event.code,
            timestamp,
            duration: event.duration,
            heard_at: now,
        };
        if event.end {
            // All before the end were lost: the press was short, but it was one.
            self.current = None;
            self.ended = Some((timestamp, now));
        } else {
            self.current = Some(press);
        }
        Some(Heard::Pressed(digit))
    }

    /// Ends a press of which nothing was heard for [`LOST_AFTER`].
    pub fn expire(&mut self, now: Instant) -> Option<Heard> {
        let press = self.current.as_ref()?;
        if now < press.heard_at + LOST_AFTER {
            return None;
        }
        self.end(now)
    }

    /// When to call [`Self::expire`].
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.current
            .as_ref()
            .map(|press| press.heard_at + LOST_AFTER)
    }

    /// Forgets the stream: the far end began another, with timestamps of its own.
    pub fn restart(&mut self) {
        *self = Self::default();
    }

    fn end(&mut self, now: Instant) -> Option<Heard> {
        let press = self.current.take()?;
        self.ended = Some((press.timestamp, now));
        Some(Heard::Released(press.digit))
    }
}

impl Press {
    /// Timestamp under which an event too long for its 16 bits goes on (RFC 4733 §2.5.1.3).
    fn next_segment(&self) -> u32 {
        self.timestamp.wrapping_add(u32::from(self.duration))
    }
}

/// A telephone-event packet to send now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventPacket {
    /// Begins a new event: ask the stream for a new timestamp, and set the marker.
    pub first: bool,
    /// The payload.
    pub payload: [u8; 4],
}

/// The sending side: digits in a row, each as the packets of RFC 4733 §2.5.1.
///
/// Each digit is five packets 20 ms apart whose duration grows to 100 ms, the last of them marked
/// as the end and sent three times in all; then 60 ms without a tone, in which the repeats fall.
/// While [`Self::is_sending`], no sound is sent in this stream.
#[derive(Debug, Clone)]
pub struct Presser {
    clock: u32,
    queue: VecDeque<u8>,
    /// Packets of the first in the queue already sent.
    step: u32,
    due: Option<Instant>,
}

impl Presser {
    /// For a stream whose telephone-event clock is `clock` Hz (8000, or 48000 beside Opus).
    #[must_use]
    pub fn new(clock: u32) -> Self {
        Self {
            clock: clock.clamp(1, MAX_CLOCK),
            queue: VecDeque::new(),
            step: 0,
            due: None,
        }
    }

    /// Sets the clock to `clock` Hz after the far end chose another.
    pub fn set_clock(&mut self, clock: u32) {
        self.clock = clock.clamp(1, MAX_CLOCK);
    }

    /// Appends `digits`; characters that are none are left out. Returns how many were taken.
    ///
    /// The queue holds [`MAX_QUEUED`] digits, more are refused.
    pub fn press(&mut self, digits: &str, now: Instant) -> usize {
        let room = MAX_QUEUED - self.queue.len();
        let before = self.queue.len();
        self.queue
            .extend(digits.chars().filter_map(code).take(room));
        if self.due.is_none() && !self.queue.is_empty() {
            self.due = Some(now);
        }
        self.queue.len() - before
    }

    /// Whether a digit or the silence behind it is under way.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        self.due.is_some()
    }

    /// When [`Self::poll`] has the next packet.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.due
    }

    /// The packet that is due, if one is. Ask again until there is none.
    pub fn poll(&mut self, now: Instant) -> Option<EventPacket> {
        loop {
            let due = self.due.filter(|due| *due <= now)?;
            if self.step >= STEPS_IN_ALL {
                self.queue.pop_front();
                self.step = 0;
                if self.queue.is_empty() {
                    self.due = None;
                    return None;
                }
            }
            let code = *self.queue.front()?;
            // From the due time, not from now: a late wake-up must not stretch the tone.
            self.due = Some(due + STEP);
            let step = self.step;
            self.step += 1;
            if step >= STEPS_OF_TONE + END_REPEATS {
                continue;
            }
            let steps = (step + 1).min(STEPS_OF_TONE);
            let duration =
                u64::from(steps) * STEP.as_millis() as u64 * u64::from(self.clock) / 1000;
            let event = Event {
                code,
                end: step + 1 >= STEPS_OF_TONE,
                volume: VOLUME,
                duration: u16::try_from(duration).unwrap_or(u16::MAX),
            };
            return Some(EventPacket {
                first: step == 0,
                payload: event.bytes(),
            });
        }
    }
}

/// Silence after which a press whose end was not heard is over. A far end sends every 50 ms or
/// more often.
pub const LOST_AFTER: Duration = Duration::from_millis(200);
/// Digits that wait to be sent at most: half a minute of them.
pub const MAX_QUEUED: usize = 200;

const DIGITS: &str = "0123456789*#ABCD";
/// How late a packet of a press that ended may come. Bounded, because timestamps wrap.
const LATE_UNTIL: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(20);
const STEPS_OF_TONE: u32 = 5;
const END_REPEATS: u32 = 2;
/// Tone and the 60 ms behind it.
const STEPS_IN_ALL: u32 = STEPS_OF_TONE + 3;
/// The usual level of telephones: -10 dBm0.
const VOLUME: u8 = 10;
const MAX_CLOCK: u32 = 192_000;

fn is_newer(timestamp: u32, than: u32) -> bool {
    timestamp.wrapping_sub(than) as i32 > 0
}

#[cfg(test)]
mod tests;
