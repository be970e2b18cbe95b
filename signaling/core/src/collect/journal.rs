//! One session's journey as it is kept: bounded, in order, each event once, by the server's clock.

use std::{collections::BTreeSet, mem, time::Duration};

use bellwire_proto::{
    journey::{JourneyEvent, JourneyKind},
    setup::Collected,
    time::{Timestamp, millis},
};

use super::{LONGEST_JOURNEY, keep};

/// A whole journey may come at once, when a panel opens …
const BURST: u64 = LONGEST_JOURNEY as u64;
/// … and then one event in so long, in the long run.
const EACH: Duration = Duration::from_millis(100);

/// A clock that is ahead by less is taken to be right: its events happened now.
const SLIGHTLY_AHEAD: Duration = Duration::from_mins(1);

/// What a live page tells is news. The newest event of a message that is older than this was told
/// by a clock that is behind: after such a silence a visit is over, and nothing would be told.
const STALE: Duration = Duration::from_mins(30);

/// Nothing a browser keeps for a visit is older.
const OLDEST: Duration = Duration::from_hours(30 * 24);

/// The journey of one session.
///
/// Visitors' clocks may be wrong by hours, and only differences between their times are to be
/// trusted. So a message whose newest event lies ahead, or further back than [`STALE`], is moved as
/// a whole until that event happens now. What a clock a few minutes wrong does to a rule's span of
/// minutes is as much as nobody would notice.
#[derive(Debug)]
pub struct Journal {
    events: Vec<JourneyEvent>,
    /// What the visitor's page called each of `events`; nobody knows of those that were restored.
    told: Vec<Option<Told>>,
    /// Nothing up to here is news: it was kept, and made room.
    forgotten: Timestamp,
    bucket: Bucket,
}

/// An event's time by the visitor's clock, its number, and its kind: two tabs may count alike.
type Told = (Timestamp, u32, mem::Discriminant<JourneyKind>);

impl Default for Journal {
    fn default() -> Self {
        Self::new()
    }
}

impl Journal {
    /// A journey that begins.
    #[must_use]
    pub fn new() -> Self {
        Self {
            events: vec![],
            told: vec![],
            forgotten: Timestamp(0),
            bucket: Bucket::default(),
        }
    }

    /// A journey that was kept elsewhere, oldest first, as [`Self::events`] gave it.
    #[must_use]
    pub fn restored(mut events: Vec<JourneyEvent>) -> Self {
        events.drain(..events.len().saturating_sub(LONGEST_JOURNEY));
        events.sort_by_key(|event| event.at);
        Self {
            told: vec![None; events.len()],
            events,
            ..Self::new()
        }
    }

    /// The events kept, oldest first, with times by the server's clock.
    #[must_use]
    pub fn events(&self) -> &[JourneyEvent] {
        &self.events
    }

    /// Adds those events that are new and may be kept; gives them back as they are kept, oldest
    /// first. A page tells its journey again when it loads, so most of a long message is not new;
    /// of a message longer than a journey only the end is read.
    pub fn grow(
        &mut self,
        mut events: Vec<JourneyEvent>,
        collects: &BTreeSet<Collected>,
        now: Timestamp,
    ) -> Vec<JourneyEvent> {
        events.drain(..events.len().saturating_sub(LONGEST_JOURNEY));
        let clock = Clock::of(&events, now);
        let mut new = vec![];
        for event in events {
            let told = name_of(&event);
            if self.told.contains(&Some(told)) || !self.bucket.take(now) {
                continue;
            }
            let at = clock.right(event.at);
            let Some(event) = keep(JourneyEvent { at, ..event }, collects) else {
                continue;
            };
            if !self.was_restored(&event) && self.insert(told, event.clone()) {
                new.push((told, event));
            }
        }
        // What came and had to make room within one message was never kept.
        new.retain(|(told, _)| self.told.contains(&Some(*told)));
        let mut new: Vec<JourneyEvent> = new.into_iter().map(|(_, event)| event).collect();
        new.sort_by_key(|event| event.at);
        new
    }

    /// Forgets everything: the visitor opted out.
    pub fn forget(&mut self) {
        self.events.clear();
        self.told.clear();
    }

    /// Whether `event` is one of those restored: their times may have been set right otherwise.
    fn was_restored(&self, event: &JourneyEvent) -> bool {
        let mut kept = self.events.iter().zip(&self.told);
        kept.any(|(kept, told)| told.is_none() && kept.n == event.n && kept.kind == event.kind)
    }

    /// Keeps `event` in its place in time, after those of the same moment.
    fn insert(&mut self, told: Told, event: JourneyEvent) -> bool {
        if event.at <= self.forgotten {
            return false;
        }
        let place = self.events.partition_point(|known| known.at <= event.at);
        self.events.insert(place, event);
        self.told.insert(place, Some(told));
        if self.events.len() > LONGEST_JOURNEY {
            self.forgotten = self.events.remove(0).at;
            self.told.remove(0);
        }
        true
    }
}

fn name_of(event: &JourneyEvent) -> Told {
    (event.at, event.n, mem::discriminant(&event.kind))
}

/// How a message's times are to be read.
#[derive(Clone, Copy, Debug)]
struct Clock {
    /// The newest event's time.
    newest: Timestamp,
    /// When that was, by the server's clock.
    was: Timestamp,
    now: Timestamp,
}

impl Clock {
    fn of(events: &[JourneyEvent], now: Timestamp) -> Self {
        let newest = events.iter().map(|event| event.at).max().unwrap_or(now);
        let wrong = newest > now + SLIGHTLY_AHEAD || newest + STALE < now;
        let was = if wrong { now } else { newest };
        Self { newest, was, now }
    }

    /// When something happened that the visitor's clock puts at `at`.
    fn right(self, at: Timestamp) -> Timestamp {
        let age = self.newest.since(at);
        (self.was - age).min(self.now).max(self.now - OLDEST)
    }
}

/// Lets [`BURST`] events through at once, and then one in each [`EACH`].
#[derive(Debug)]
struct Bucket {
    /// When it will be full again.
    full_at: Timestamp,
}

impl Default for Bucket {
    fn default() -> Self {
        Self {
            full_at: Timestamp(0),
        }
    }
}

impl Bucket {
    fn take(&mut self, now: Timestamp) -> bool {
        let full_at = self.full_at.max(now) + EACH;
        let fits = millis(full_at.since(now)) <= BURST * millis(EACH);
        if fits {
            self.full_at = full_at;
        }
        fits
    }
}
