//! The jitter buffer of the transcoding path: packets in as they come, sound out at a steady pace.
//!
//! Sound that is passed on as it is needs none: the far end has its own. This one is small, bounded,
//! and adapts between [`Limits`]; time is the caller's.

use std::time::{Duration, Instant};

/// Between which delays the buffer adapts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The delay on a perfect network.
    pub shortest: Duration,
    /// The delay that is never exceeded; what comes later is lost.
    pub longest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            shortest: Duration::from_millis(20),
            longest: Duration::from_millis(120),
        }
    }
}

/// What became of a packet put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It waits for its time.
    Waiting,
    /// Its time is past.
    TooLate,
    /// It is here already.
    Doubled,
    /// Its stream began anew: what waited of the old one is gone.
    Restarted,
}

/// What to play for one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Playout<'a> {
    /// This payload.
    Packet(&'a [u8]),
    /// The packet is lost; this is the one behind it, which may hold a copy.
    Recover(&'a [u8]),
    /// The packet is lost or late: play what may have been in it.
    Conceal,
    /// Nothing is said: a pause of the far end, or no stream.
    Nothing,
}

/// Counts since the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets played.
    pub played: u64,
    /// Frames made up for lost or late packets.
    pub concealed: u64,
    /// Packets that came after their time.
    pub late: u64,
    /// Packets left out to shorten the delay.
    pub skipped: u64,
}

/// A bounded, adaptive jitter buffer for one stream.
///
/// `now` never goes back. Memory is [`SLOTS`] payloads, used again and again.
#[derive(Debug)]
pub struct Jitter {
    clock: i64,
    limits: Limits,
    epoch: Option<Instant>,
    ssrc: u32,
    state: State,
    slots: Vec<Slot>,
    network: Network,
    /// Pulls in a row that should have found a packet and did not.
    dry: u32,
    counts: Counts,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Empty,
    Playing {
        /// Extended sequence number of the next packet to play.
        next: i64,
        /// Highest seen, and its timestamp, extended.
        newest: i64,
        newest_time: i64,
        /// Local time minus media time at which packets are played.
        offset: i64,
        /// Media time of one packet.
        span: i64,
        /// Since when the delay is longer than it need be.
        long_since: Option<i64>,
    },
}

#[derive(Debug, Default)]
struct Slot {
    sequence: Option<i64>,
    /// Kept until another takes the place, to know a doubled packet from a late one.
    played: bool,
    time: i64,
    payload: Vec<u8>,
}

impl Jitter {
    /// An empty buffer for a stream whose timestamps run at `clock` Hz.
    #[must_use]
    pub fn new(clock: u32, limits: Limits) -> Self {
        Self {
            clock: i64::from(clock.max(1)),
            limits,
            epoch: None,
            ssrc: 0,
            state: State::Empty,
            slots: std::iter::repeat_with(Slot::default).take(SLOTS).collect(),
            network: Network::default(),
            dry: 0,
            counts: Counts::default(),
        }
    }

    /// Puts in a packet.
    ///
    /// A new SSRC, and a jump in sequence numbers or time, begin a new stream.
    pub fn push(&mut self, header: &crate::rtp::Header, payload: &[u8], now: Instant) -> Kept {
        let local = self.local(now);
        let restarts = self.is_new_stream(header, local);
        if restarts {
            self.begin(header, local);
        }
        let State::Playing {
            next,
            newest,
            newest_time,
            offset,
            span,
            ..
        } = &mut self.state
        else {
            return Kept::TooLate;
        };
        let sequence = *newest + i64::from(header.sequence.wrapping_sub(*newest as u16) as i16);
        let time =
            *newest_time + i64::from(header.timestamp.wrapping_sub(*newest_time as u32) as i32);
        if sequence == *newest + 1 && time > *newest_time && time - *newest_time <= self.clock / 8 {
            *span = time - *newest_time;
        }
        if self.slots[index(sequence)].sequence == Some(sequence) {
            return Kept::Doubled;
        }
        if sequence > *newest {
            *newest = sequence;
            *newest_time = time;
        }
        self.network.heard(local - time, local, self.clock);
        let desired = self.network.lowest() + self.network.delay(self.limits, self.clock);
        if sequence < *next {
            self.counts.late += 1;
            // Grow at once: the next would be late too.
            *offset = (*offset).max(desired);
            return Kept::TooLate;
        }
        *offset = (*offset).max(desired);
        if sequence >= *next + SLOTS as i64 {
            // Far more waits than may: go on from what is new.
            *next = sequence + 1 - SLOTS as i64;
        }
        let slot = &mut self.slots[index(sequence)];
        slot.sequence = Some(sequence);
        slot.played = false;
        slot.time = time;
        slot.payload.clear();
        slot.payload
            .extend_from_slice(&payload[..payload.len().min(MOST_PAYLOAD)]);
        if restarts {
            Kept::Restarted
        } else {
            Kept::Waiting
        }
    }

    /// What to play in the frame that begins at `now`. Call it once for each packet's length of time,
    /// usually 20 ms, and with the time when it was due if you come late.
    pub fn pull(&mut self, now: Instant) -> Playout<'_> {
        let local = self.local(now);
        let delay = self.delay();
        let lowest = self.network.lowest();
        let clock = self.clock;
        let State::Playing {
            next,
            newest,
            newest_time,
            offset,
            span,
            long_since,
        } = &mut self.state
        else {
            return Playout::Nothing;
        };
        let half = *span / 2;
        if *next > *newest {
            if *newest_time + *span + *offset > local + half {
                return Playout::Nothing;
            }
            // For a while the next packet is only late; afterwards nobody speaks.
            self.dry += 1;
            if self.dry > MOST_DRY {
                *offset = lowest + delay;
                return Playout::Nothing;
            }
            self.counts.concealed += 1;
            return Playout::Conceal;
        }
        // Shorten a delay that proved too long for a while.
        if *offset > lowest + delay + clock / 100 {
            let since = *long_since.get_or_insert(local);
            if local - since > clock {
                *offset = (*offset - *span).max(lowest + delay);
                *long_since = None;
            }
        } else {
            *long_since = None;
        }
        // Two are due at once: the older is left out, a skip of one frame.
        let is_due = |slots: &[Slot], sequence: i64, ahead: i64| {
            held(slots, sequence).is_some_and(|slot| slot.time + *offset + ahead <= local)
        };
        while is_due(&self.slots, *next, *span) && is_due(&self.slots, *next + 1, 0) {
            self.slots[index(*next)].played = true;
            *next += 1;
            self.counts.skipped += 1;
        }
        match held(&self.slots, *next).map(|slot| slot.time) {
            Some(time) if time + *offset <= local + half => {
                let at = index(*next);
                *next += 1;
                self.dry = 0;
                self.counts.played += 1;
                self.slots[at].played = true;
                Playout::Packet(&self.slots[at].payload)
            }
            Some(_) => Playout::Nothing,
            None => {
                let behind = (*next + 1..=*newest).find_map(|sequence| {
                    held(&self.slots, sequence).map(|slot| (sequence, slot.time))
                });
                let Some((sequence, time)) = behind else {
                    *next = *newest + 1;
                    return Playout::Conceal;
                };
                let missing = sequence - *next;
                // When the lost one would have been due, told from the one behind it.
                if time - missing * *span + *offset > local + half {
                    return Playout::Nothing;
                }
                *next += 1;
                self.counts.concealed += 1;
                if missing == 1 {
                    Playout::Recover(&self.slots[index(sequence)].payload)
                } else {
                    Playout::Conceal
                }
            }
        }
    }

    /// The delay aimed at now.
    #[must_use]
    pub fn target(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.delay() * 1_000_000 / self.clock).unwrap_or(0))
    }

    /// Counts since the beginning.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Forgets the stream.
    pub fn clear(&mut self) {
        self.state = State::Empty;
        for slot in &mut self.slots {
            slot.sequence = None;
        }
        self.network = Network::default();
        self.dry = 0;
    }

    fn begin(&mut self, header: &crate::rtp::Header, local: i64) {
        self.clear();
        self.ssrc = header.ssrc;
        let time = i64::from(header.timestamp);
        self.network.heard(local - time, local, self.clock);
        let first = i64::from(header.sequence);
        self.state = State::Playing {
            next: first,
            newest: first,
            newest_time: time,
            offset: local - time + self.delay(),
            span: self.clock / 50,
            long_since: None,
        };
    }

    fn is_new_stream(&self, header: &crate::rtp::Header, local: i64) -> bool {
        let State::Playing {
            newest,
            newest_time,
            ..
        } = self.state
        else {
            return true;
        };
        if header.ssrc != self.ssrc {
            return true;
        }
        let step = i64::from(header.sequence.wrapping_sub(newest as u16) as i16);
        let time =
            newest_time + i64::from(header.timestamp.wrapping_sub(newest_time as u32) as i32);
        let apart = (local - time) - self.network.lowest();
        !(-MOST_STEP..=MOST_STEP).contains(&step) || apart.abs() > self.clock * MOST_APART_S
    }

    fn delay(&self) -> i64 {
        self.network.delay(self.limits, self.clock)
    }

    fn local(&mut self, now: Instant) -> i64 {
        let epoch = *self.epoch.get_or_insert(now);
        let passed = now.saturating_duration_since(epoch).as_micros() * self.clock as u128;
        i64::try_from(passed / 1_000_000).unwrap_or(i64::MAX / 4)
    }
}

/// How long packets take, relative to each other: over this bucket of time and the one before.
#[derive(Debug, Default)]
struct Network {
    now: Option<Bucket>,
    before: Option<Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    since: i64,
    lowest: i64,
    highest: i64,
}

impl Network {
    fn heard(&mut self, transit: i64, local: i64, clock: i64) {
        match &mut self.now {
            Some(bucket) if local - bucket.since < clock * BUCKET_S => {
                bucket.lowest = bucket.lowest.min(transit);
                bucket.highest = bucket.highest.max(transit);
            }
            Some(_) | None => {
                self.before = self.now;
                self.now = Some(Bucket {
                    since: local,
                    lowest: transit,
                    highest: transit,
                });
            }
        }
    }

    /// Delay over the quickest packet that makes nothing late.
    fn delay(&self, limits: Limits, clock: i64) -> i64 {
        let ticks = |span: Duration| {
            i64::try_from(span.as_micros()).unwrap_or(i64::MAX / clock) * clock / 1_000_000
        };
        let wise = self.spread() + clock / 100;
        wise.clamp(
            ticks(limits.shortest),
            ticks(limits.longest.max(limits.shortest)),
        )
    }

    fn lowest(&self) -> i64 {
        self.buckets()
            .map(|bucket| bucket.lowest)
            .min()
            .unwrap_or(0)
    }

    fn spread(&self) -> i64 {
        self.buckets()
            .map(|bucket| bucket.highest)
            .max()
            .unwrap_or(0)
            - self.lowest()
    }

    fn buckets(&self) -> impl Iterator<Item = Bucket> {
        self.now.into_iter().chain(self.before)
    }
}

/// Payloads that wait at most: 640 ms of 10 ms each.
pub const SLOTS: usize = 64;
const MOST_PAYLOAD: usize = 1500;
const MOST_STEP: i64 = 1000;
const MOST_APART_S: i64 = 3;
const MOST_DRY: u32 = 5;
const BUCKET_S: i64 = 2;

fn index(sequence: i64) -> usize {
    sequence.rem_euclid(SLOTS as i64) as usize
}

fn held(slots: &[Slot], sequence: i64) -> Option<&Slot> {
    slots
        .get(index(sequence))
        .filter(|slot| slot.sequence == Some(sequence) && !slot.played)
}

#[cfg(test)]
mod tests;
