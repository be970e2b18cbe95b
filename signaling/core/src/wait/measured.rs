//! What a line measures of itself: handling times, patience, its pace.

use bellwire_proto::time::Timestamp;

use super::{estimators::Speeds, ms_of};

/// How many handling times a line remembers: more would be surer, fewer would follow a change
/// sooner.
const HANDLING_MEMORY: f64 = 1_000.0;
/// How many waits it remembers for how patient people are: few of them give up.
const PATIENCE_MEMORY: f64 = 2_000.0;
/// The pace follows the day more closely.
const PACE_MEMORY: f64 = 400.0;
/// How much longer than the mean a time may count. What is longer is not handling or waiting: a
/// wrap-up left open overnight, a line whose agents went home.
const LONGEST: f64 = 20.0;
/// How many times must be known before others are held against their mean.
const ENOUGH: f64 = 10.0;
/// How long an agent takes to answer an offer before any was answered.
const ANSWERING_MS: f64 = 5_000.0;

/// A ratio of two sums that forgets: the newest `memory` entries count most.
#[derive(Clone, Copy, Debug, Default)]
struct Fading {
    above: f64,
    below: f64,
}

impl Fading {
    fn add(&mut self, above: f64, below: f64, memory: f64) {
        let keep = 1.0 - 1.0 / memory;
        self.above = self.above * keep + above;
        self.below = self.below * keep + below;
    }

    /// Adds one more time to a sum of times over their number.
    fn add_time(&mut self, time: f64, memory: f64) {
        let most = match self.ratio() {
            Some(mean) if self.below >= ENOUGH => LONGEST * mean,
            Some(_) | None => f64::INFINITY,
        };
        self.add(time.min(most), 1.0, memory);
    }

    fn ratio(self) -> Option<f64> {
        (self.below > 0.0).then(|| self.above / self.below)
    }
}

/// What a line knows of itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    /// Handling time over contacts.
    handling: Fading,
    /// Those who gave up, over time waited by all.
    leaving: Fading,
    /// The time in which somebody waited, over those sent to an agent meanwhile.
    pace: Fading,
    /// Of that time, what belongs to the next who is sent.
    open: f64,
    /// Time from offer to answer, over answers.
    answering: Fading,
    last_served: Option<f64>,
    /// Up to when the time in which somebody waited is counted.
    counted: Option<Timestamp>,
}

impl Measured {
    pub(super) fn arrived(&mut self, waiting: u32, now: Timestamp) {
        if waiting == 0 {
            self.counted = Some(now);
        }
    }

    /// `in_line` is `None` for one who found an agent free.
    pub(super) fn entered(&mut self, in_line: Option<f64>, answering: f64, now: Timestamp) {
        self.answering.add_time(answering, PACE_MEMORY);
        let Some(in_line) = in_line else { return };
        self.last_served = Some(in_line);
        self.leaving.add(0.0, in_line, PATIENCE_MEMORY);
        self.count(now);
        self.pace.add_time(self.open, PACE_MEMORY);
        self.open = 0.0;
    }

    pub(super) fn abandoned(&mut self, waited: f64, now: Timestamp) {
        self.leaving.add(1.0, waited, PATIENCE_MEMORY);
        self.count(now);
    }

    pub(super) fn finished(&mut self, held: f64) {
        self.handling.add_time(held.max(1.0), HANDLING_MEMORY);
    }

    /// How many contacts the handling time rests on.
    pub(super) fn known(&self) -> f64 {
        self.handling.below
    }

    pub(super) fn answering(&self) -> f64 {
        self.answering.ratio().unwrap_or(ANSWERING_MS)
    }

    pub(super) fn speeds(&self, places: f64) -> Option<Speeds> {
        let finishing = places / self.handling.ratio()?;
        // A pace from a handful of contacts is noise: the places' own speed stands in for it.
        let pace = (self.pace.ratio())
            .filter(|interval| self.pace.below >= ENOUGH && *interval > 0.0)
            .map_or(finishing, f64::recip);
        Some(Speeds {
            finishing,
            leaving: self.leaving.ratio().unwrap_or(0.0),
            pace: pace.clamp(finishing * 1e-3, finishing * 1e3),
            last_served: self.last_served,
            doubt: 1.0 / self.handling.below,
        })
    }

    /// Counts the time since the last count, in which somebody waited.
    fn count(&mut self, now: Timestamp) {
        let before = self.counted.replace(now).unwrap_or(now);
        self.open += ms_of(now.since(before));
    }
}
