//! How long a visitor will wait: estimates, learned line by line, and how good they are.
//!
//! One [`LineWaits`] belongs to each line, that is to each queue and medium. The floor tells it
//! what happens there and asks it for a [`WaitEstimate`]. It reads no clock, keeps a bounded
//! memory, and gives the same answers for the same history.
//!
//! ```text
//!   joining(standing, line) ──▶ Guess ──▶ told()      : kept with the interaction
//!   arrived · entered · abandoned · finished          : what the line learns from
//!   remaining(standing, line)                         : while somebody waits
//!   accuracy() · trust()                              : how good it has been, and why
//! ```
//!
//! [`estimators`] has the formulas, `blend` decides how far to believe each, and [`range`] is
//! fitted to the errors that were really made. `docs/WAIT-ESTIMATES.md` says how good it is.

mod accuracy;
mod blend;
pub mod estimators;
mod measured;
pub mod range;

use std::time::Duration;

use bellwire_proto::time::{Timestamp, millis};

pub use self::{accuracy::Accuracy, estimators::Estimator};
use self::{
    accuracy::{Kept, Recent},
    blend::{Blend, Voices},
    estimators::{Crowd, Numbers, Speeds},
    measured::Measured,
    range::{Range, Spread},
};

/// The longest wait that is estimated: a week.
const LONGEST_MS: f64 = 7.0 * 24.0 * 3_600_000.0;

/// How many contacts a line must have finished before it says how long a wait will be.
const ENOUGH_FINISHED: f64 = 3.0;

/// Estimated waiting time: a range, and how often the wait ends within it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WaitEstimate {
    /// The wait to expect.
    pub expected_ms: u64,
    /// One wait in ten is shorter.
    pub low_ms: u64,
    /// One wait in ten is longer.
    pub high_ms: u64,
    /// How many waits in a hundred end within the range.
    pub confidence_percent: u8,
}

/// A line at one moment, without the interaction that is asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LineNow {
    /// How many others wait in it.
    pub waiting: u32,
    /// How long the first of them has waited; `None` where nobody does.
    pub head_waited: Option<Duration>,
    /// Places at the agents who are at work for it, taken or free: an agent who takes two chats
    /// at once counts twice, an agent who is not ready counts only for what they still have.
    pub places: u32,
    /// Of these, how many are free now.
    pub free: u32,
}

/// Where an interaction stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Standing {
    /// How many of its own line go first.
    pub ahead: u32,
    /// How many of other lines go first, each counted as the share of this line's places where
    /// theirs is served too. [`rivals`] adds them up.
    pub rivals: f64,
}

/// Those of other lines who go first: for each line, how many, and how many of this line's
/// `places` serve it too.
///
/// With agents who all do everything, each counts in full; with agents of their own, not at all.
#[must_use]
pub fn rivals(places: u32, others: impl IntoIterator<Item = (u32, u32)>) -> f64 {
    let share = |shared: u32| f64::from(shared.min(places)) / f64::from(places.max(1));
    (others.into_iter())
        .map(|(older, shared)| f64::from(older) * share(shared))
        .sum()
}

/// What was estimated for an interaction on its arrival, to be compared with what came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guess {
    /// An agent was free.
    direct: bool,
    /// What each estimator said of the time in line.
    numbers: Numbers,
    voices: Voices,
    /// The time in line that was told, with its range.
    line: Range,
    /// Time between an offer and its answer.
    answering: f64,
}

impl Guess {
    /// What the visitor is told.
    #[must_use]
    pub fn told(&self) -> WaitEstimate {
        self.line.told(self.answering)
    }

    /// What one estimator alone said.
    #[must_use]
    pub fn of(&self, estimator: Estimator) -> Duration {
        ms(self.numbers.of(estimator) + self.answering)
    }

    /// Mean time between two places becoming free.
    #[must_use]
    pub fn slot(&self) -> Duration {
        ms(self.numbers.slot)
    }

    /// Whether somebody had to become free first.
    #[must_use]
    pub fn is_queued(&self) -> bool {
        !self.direct
    }
}

impl Range {
    fn told(self, answering: f64) -> WaitEstimate {
        let shown = |in_line: f64| whole((in_line + answering).clamp(1.0, LONGEST_MS));
        WaitEstimate {
            expected_ms: shown(self.expected),
            low_ms: shown(self.low),
            high_ms: shown(self.high),
            confidence_percent: 80,
        }
    }
}

/// What one line has learned about its waits.
#[derive(Clone, Debug, Default)]
pub struct LineWaits {
    measured: Measured,
    blend: Blend,
    spread: Spread,
    recent: Recent,
}

impl LineWaits {
    /// A line without a history: it says nothing until a few contacts are finished.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The wait of one who would join now and stand there.
    ///
    /// `None` where nobody is at work for the line, or too little is known: no number is better
    /// than a wrong one. Keep the guess with an interaction that does join.
    #[must_use]
    pub fn joining(&self, standing: Standing, line: LineNow) -> Option<Guess> {
        let crowd = Crowd::new(standing, line)?;
        let answering = self.measured.answering();
        if line.free > standing.ahead && standing.rivals < f64::from(line.free) {
            return Some(Guess {
                direct: true,
                numbers: Numbers::default(),
                voices: Voices::default(),
                // With the time to answer: between half of it and twice.
                line: Range {
                    expected: 0.0,
                    low: -0.5 * answering,
                    high: answering,
                },
                answering,
            });
        }
        let speeds = self.speeds(crowd)?;
        let numbers = Numbers::at(crowd, &speeds);
        let voices = self.blend.voices(&numbers);
        let expected = self.blend.estimate(voices).clamp(0.0, LONGEST_MS);
        Some(Guess {
            direct: false,
            numbers,
            voices,
            line: self.spread.around(expected, numbers.slot, speeds.doubt),
            answering,
        })
    }

    /// How much longer one must wait who stands there now; [`LineNow`] leaves them out.
    ///
    /// What the line has done since they joined is in where they stand: the time they have
    /// waited tells nothing more, as the tables of `make simulate` show.
    #[must_use]
    pub fn remaining(&self, standing: Standing, line: LineNow) -> Option<WaitEstimate> {
        Some(self.joining(standing, line)?.told())
    }

    /// Somebody joined the line, where `waiting` others stood.
    pub fn arrived(&mut self, waiting: u32, now: Timestamp) {
        self.measured.arrived(waiting, now);
    }

    /// Somebody of the line was answered after `waited` in all; the last offer was answered
    /// within `answering` of that.
    ///
    /// `guess` is what was estimated on arrival; `None` where there was no estimate, or where
    /// the interaction has since been moved here from another line.
    pub fn entered(
        &mut self,
        guess: Option<&Guess>,
        waited: Duration,
        answering: Duration,
        now: Timestamp,
    ) {
        let (waited, answering) = (ms_of(waited), ms_of(answering.min(waited)));
        let in_line = waited - answering;
        let Some(guess) = guess else {
            return self.measured.entered(Some(in_line), answering, now);
        };
        self.recent.keep(Kept::new(guess, waited));
        if !guess.is_queued() {
            return self.measured.entered(None, answering, now);
        }
        let slot = guess.numbers.slot;
        let in_line = in_line.min(self.spread.longest(guess.line.expected, slot));
        self.measured.entered(Some(in_line), answering, now);
        self.spread.learn(guess.line, slot, in_line);
        self.blend.learn(&guess.numbers, guess.voices, in_line);
    }

    /// Somebody left the line before an answer.
    pub fn abandoned(&mut self, waited: Duration, now: Timestamp) {
        self.measured.abandoned(ms_of(waited), now);
    }

    /// A contact of this line is over: it held its agent for `held`, from the offer to the end
    /// of the wrap-up.
    pub fn finished(&mut self, held: Duration) {
        self.measured.finished(ms_of(held));
    }

    /// How good the estimates told of late have been.
    #[must_use]
    pub fn accuracy(&self) -> Option<Accuracy> {
        self.recent.accuracy()
    }

    /// How much the estimate now rests on each estimator.
    pub fn trust(&self) -> impl Iterator<Item = (Estimator, f64)> {
        Estimator::ALL.into_iter().zip(self.blend.weights())
    }

    fn speeds(&self, crowd: Crowd) -> Option<Speeds> {
        (self.measured.known().round() >= ENOUGH_FINISHED)
            .then(|| self.measured.speeds(crowd.places))
            .flatten()
    }
}

fn ms_of(span: Duration) -> f64 {
    (millis(span) as f64).min(LONGEST_MS)
}

fn whole(ms: f64) -> u64 {
    ms.round() as u64
}

fn ms(span: f64) -> Duration {
    Duration::from_millis(whole(span.clamp(0.0, LONGEST_MS)))
}
