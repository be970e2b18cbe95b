//! The one continuous stream that a far end hears, whatever its sources are.
//!
//! A leg may hear its partner, then music, then another partner. [`Outgoing`] gives each packet a
//! sequence number and a timestamp so that the far end sees one source that never jumps. What the
//! packets carry is no matter here.

use std::time::{Duration, Instant};

use crate::rtp::Header;
use crate::rtp::rtcp::SenderInfo;

/// Numbers one source of an [`Outgoing`]: change it and the stream is joined anew.
///
/// Any number that is another for another leg, SSRC or piece of music will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceId(pub u64);

/// Where a packet stands in its own stream, before it is passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incoming {
    /// Whose packet it is.
    pub source: SourceId,
    /// Its sequence number there.
    pub sequence: u16,
    /// Its timestamp there.
    pub timestamp: u32,
    /// Clock of that timestamp in Hz.
    pub clock: u32,
    /// Its marker bit.
    pub marker: bool,
}

/// Where a packet stands in the stream that we send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Sequence number to send with.
    pub sequence: u16,
    /// The same, counted on over its wraps from a first one below 65536 (SRTP, str0m).
    pub extended: u64,
    /// Timestamp to send with.
    pub timestamp: u32,
    /// Marker bit to send with: set at every change of source.
    pub marker: bool,
}

/// One stream that we send: its numbers, and its counts for the sender report.
///
/// `now` never goes back.
#[derive(Debug, Clone)]
pub struct Outgoing {
    ssrc: u32,
    clock: u32,
    /// Highest number sent, extended. The very first is one more.
    sequence: u64,
    /// Highest timestamp sent, extended, and when.
    timestamp: u64,
    sent_at: Option<Instant>,
    /// Timestamp of the telephone event being sent.
    event: Option<u64>,
    /// Whether the marker tells a new beginning, which it does for sound alone.
    marks: bool,
    mark_next: bool,
    feed: Option<Feed>,
    packets: u32,
    octets: u32,
}

/// The source at work, and how its numbers become ours.
#[derive(Debug, Clone)]
struct Feed {
    source: SourceId,
    clock: u32,
    /// Highest of the source's numbers, extended, and when it came.
    sequence: i64,
    timestamp: i64,
    at: Instant,
    /// Numbers at or below were passed on under another shift, or belong to an older source.
    floor: i64,
    /// Ours minus theirs.
    shift: i64,
    /// One instant in both clocks.
    theirs: i64,
    ours: u64,
}

impl Outgoing {
    /// A stream that begins with `sequence` and `timestamp` (both random, RFC 3550 §5.1).
    /// `clock` in Hz is that of the payload type sent.
    #[must_use]
    pub fn new(ssrc: u32, sequence: u16, timestamp: u32, clock: u32) -> Self {
        Self {
            ssrc,
            clock: clock.max(1),
            // One wrap ahead, so that the number before the first is no negative one.
            sequence: u64::from(sequence) + 0xffff,
            timestamp: u64::from(timestamp) + (1 << 32),
            sent_at: None,
            event: None,
            marks: true,
            mark_next: true,
            feed: None,
            packets: 0,
            octets: 0,
        }
    }

    /// The same for pictures, where the marker ends a picture: it is passed on as it is.
    #[must_use]
    pub fn for_video(mut self) -> Self {
        self.marks = false;
        self
    }

    /// Our synchronisation source.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Changes the clock (another codec was agreed). The stream joins anew with the next packet.
    pub fn set_clock(&mut self, clock: u32) {
        if self.clock != clock.max(1) {
            self.clock = clock.max(1);
            self.feed = None;
            self.event = None;
            self.mark_next = true;
        }
    }

    /// The place of a packet that is passed on.
    ///
    /// Gaps and swapped packets of the source stay as they are, so that the far end's jitter buffer
    /// sees what happened. `None` for a packet that came too late to have a place.
    pub fn forward(&mut self, incoming: Incoming, now: Instant) -> Option<Slot> {
        let (sequence, timestamp) = self.follow(incoming, now)?;
        let feed = self.feed.as_mut()?;
        if sequence <= feed.floor {
            return None;
        }
        let extended = u64::try_from(sequence + feed.shift).ok()?;
        let ours = feed.convert(timestamp, self.clock);
        let newer = extended > self.sequence;
        if newer {
            self.sequence = extended;
            self.timestamp = ours;
            self.sent_at = Some(now);
        }
        let begins = newer && std::mem::take(&mut self.mark_next) && self.marks;
        Some(slot(extended, ours, begins || incoming.marker))
    }

    /// Takes note of a packet that is not passed on (muted, or its payload is not for the far end).
    ///
    /// It leaves no gap, its time goes by, and the next packet begins a talk-spurt.
    pub fn withhold(&mut self, incoming: Incoming, now: Instant) {
        let before = self.feed.as_ref().map(|feed| (feed.source, feed.sequence));
        let Some((sequence, _)) = self.follow(incoming, now) else {
            return;
        };
        let Some(feed) = self.feed.as_mut() else {
            return;
        };
        let passed = match before {
            Some((source, highest)) if source == incoming.source => sequence - highest,
            Some(_) | None => 1,
        };
        if passed > 0 {
            feed.shift -= 1;
            feed.floor = sequence;
            self.mark_next = true;
        }
    }

    /// The place of a packet that we make ourselves: music, tones, transcoded sound.
    ///
    /// `span` is how much time the packet carries, in our clock; packets of one source follow each
    /// other without a gap in time, unless the clock on the wall says that one was made.
    pub fn produce(&mut self, source: SourceId, span: u32, now: Instant) -> Slot {
        let same = self.feed.as_ref().is_some_and(|feed| feed.source == source);
        if !same {
            self.join(
                Incoming {
                    source,
                    sequence: 0,
                    timestamp: 0,
                    clock: self.clock,
                    marker: true,
                },
                now,
            );
        } else if let Some(feed) = self.feed.as_mut() {
            let quiet = now.saturating_duration_since(feed.at);
            let passed = ticks(quiet, feed.clock);
            let step = i64::from(span);
            // A tick that comes late is caught up by the next; a pause is not.
            let skipped = if passed > step * 8 { passed - step } else { 0 };
            if skipped > 0 {
                self.mark_next = true;
            }
            feed.sequence += 1;
            feed.timestamp += step + skipped;
            feed.at = now;
        }
        let Some(feed) = self.feed.as_ref() else {
            return slot(self.sequence, self.timestamp, true);
        };
        self.timestamp = feed.convert(feed.timestamp, self.clock);
        self.sequence += 1;
        self.sent_at = Some(now);
        slot(
            self.sequence,
            self.timestamp,
            std::mem::take(&mut self.mark_next),
        )
    }

    /// The place of a telephone-event packet of ours.
    ///
    /// `first` begins a new event: its timestamp is that of now, and stays for all packets of the
    /// event (RFC 4733 §2.2.1). The packets take numbers of their own, sound passed on
    /// afterwards counts on behind them.
    pub fn event(&mut self, first: bool, now: Instant) -> Slot {
        let timestamp = match self.event {
            Some(timestamp) if !first => timestamp,
            Some(_) | None => {
                self.timestamp = self.clock_now(now);
                self.sent_at = Some(now);
                self.timestamp
            }
        };
        self.event = Some(timestamp);
        self.sequence += 1;
        if let Some(feed) = self.feed.as_mut() {
            feed.shift += 1;
            feed.floor = feed.sequence;
        }
        if first {
            self.mark_next = true;
        }
        slot(self.sequence, timestamp, first)
    }

    /// Counts a packet sent with `payload` bytes.
    pub fn count(&mut self, payload: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self
            .octets
            .wrapping_add(u32::try_from(payload).unwrap_or(0));
    }

    /// Packets and bytes of payload counted.
    #[must_use]
    pub fn counts(&self) -> (u32, u32) {
        (self.packets, self.octets)
    }

    /// What a sender report says of this stream; `None` before its first packet.
    ///
    /// `ntp` is the time of `now`, see [`ntp`](crate::rtp::rtcp::ntp).
    #[must_use]
    pub fn sender_info(&self, ntp: u64, now: Instant) -> Option<SenderInfo> {
        self.sent_at?;
        Some(SenderInfo {
            ntp,
            timestamp: self.clock_now(now) as u32,
            packets: self.packets,
            octets: self.octets,
        })
    }

    /// A header for `slot` of this stream.
    #[must_use]
    pub fn header(&self, slot: Slot, payload_type: u8) -> Header {
        Header {
            payload_type,
            marker: slot.marker,
            sequence: slot.sequence,
            timestamp: slot.timestamp,
            ssrc: self.ssrc,
        }
    }

    /// Our clock at `now`: the newest timestamp, and what passed since.
    fn clock_now(&self, now: Instant) -> u64 {
        let passed = self
            .sent_at
            .map_or(0, |at| ticks(now.saturating_duration_since(at), self.clock));
        self.timestamp + passed.unsigned_abs()
    }

    /// Moves the feed to `incoming`, joining it anew where it is another source or jumped.
    /// Returns its extended numbers.
    fn follow(&mut self, incoming: Incoming, now: Instant) -> Option<(i64, i64)> {
        let jumped = match &self.feed {
            Some(feed) if feed.source == incoming.source && feed.clock == incoming.clock.max(1) => {
                feed.jumped(incoming, now)
            }
            Some(_) | None => true,
        };
        if jumped {
            self.join(incoming, now);
        }
        let feed = self.feed.as_mut()?;
        let sequence =
            feed.sequence + i64::from(incoming.sequence.wrapping_sub(feed.sequence as u16) as i16);
        let timestamp = feed.timestamp
            + i64::from(incoming.timestamp.wrapping_sub(feed.timestamp as u32) as i32);
        if sequence > feed.sequence {
            feed.sequence = sequence;
            feed.timestamp = timestamp;
            feed.at = now;
        }
        Some((sequence, timestamp))
    }

    /// Makes `incoming` the packet right behind our newest.
    fn join(&mut self, incoming: Incoming, now: Instant) {
        let sequence = i64::from(incoming.sequence);
        let timestamp = i64::from(incoming.timestamp);
        let ours = match self.sent_at {
            // At least one unit on, or two packets of different sound had one time.
            Some(_) => self.clock_now(now).max(self.timestamp + 1),
            None => self.timestamp,
        };
        self.feed = Some(Feed {
            source: incoming.source,
            clock: incoming.clock.max(1),
            sequence,
            timestamp,
            at: now,
            floor: sequence - 1,
            shift: i64::try_from(self.sequence).unwrap_or(0) + 1 - sequence,
            theirs: timestamp,
            ours,
        });
        self.mark_next = true;
    }
}

impl Feed {
    /// Whether the source left its own line: a new numbering, or a clock set anew.
    fn jumped(&self, incoming: Incoming, now: Instant) -> bool {
        let step = incoming.sequence.wrapping_sub(self.sequence as u16) as i16;
        if !(-MAX_MISORDER..MAX_DROPOUT).contains(&step) {
            return true;
        }
        let claimed = i64::from(incoming.timestamp.wrapping_sub(self.timestamp as u32) as i32);
        let passed = ticks(now.saturating_duration_since(self.at), self.clock);
        (claimed - passed).abs() > i64::from(self.clock) * MAX_APART_S
    }

    /// `timestamp` of the source in a clock of `clock` Hz, on our line.
    fn convert(&self, timestamp: i64, clock: u32) -> u64 {
        let passed = (timestamp - self.theirs) * i64::from(clock) / i64::from(self.clock);
        self.ours.saturating_add_signed(passed)
    }
}

/// As in RFC 3550 appendix A.1.
const MAX_DROPOUT: i16 = 3000;
const MAX_MISORDER: i16 = 100;
/// A timestamp further from the clock on the wall is a new beginning.
const MAX_APART_S: i64 = 5;

fn ticks(span: Duration, clock: u32) -> i64 {
    let ticks = span.as_micros() * u128::from(clock) / 1_000_000;
    i64::try_from(ticks).unwrap_or(i64::MAX)
}

fn slot(extended: u64, timestamp: u64, marker: bool) -> Slot {
    Slot {
        sequence: extended as u16,
        // Takes back the wrap that `new` went ahead.
        extended: extended.wrapping_sub(0x1_0000),
        timestamp: timestamp as u32,
        marker,
    }
}

#[cfg(test)]
mod tests;
