//! The estimators of a wait, each a formula over what is known on arrival.
//!
//! Sources: R. Ibrahim and W. Whitt, "Real-time delay estimation based on delay history",
//! Manufacturing & Service Operations Management 11(3), 2009; R. Ibrahim and W. Whitt,
//! "Real-time delay estimation in overloaded multiserver queues with abandonments", Management
//! Science 55(10), 2009; R. B. Wallace and W. Whitt, "A staffing algorithm for call centers with
//! skill-based routing", Manufacturing & Service Operations Management 7(4), 2005.

use super::{LineNow, Standing};

/// A way to estimate a wait.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Estimator {
    /// Queue length (QL): those ahead and oneself, at the speed of the places.
    QueueLength,
    /// Queue length with abandonment (QLm): as above, and some of those ahead give up.
    Abandonment,
    /// Last to enter service (LES): the wait of the last who waited and was answered.
    LastServed,
    /// Head of line (HOL): how long the first in line has waited so far.
    HeadOfLine,
    /// The line's own pace: how often it has sent somebody to an agent while somebody waited.
    /// Whatever slows it down, such as agents taken by other lines, is in the figure.
    Pace,
    /// Shared places: as with abandonment, and those of other lines who go first count for the
    /// share of the places that they compete for.
    Shared,
}

impl Estimator {
    /// How many there are.
    pub const COUNT: usize = 6;

    /// All of them.
    pub const ALL: [Self; Self::COUNT] = [
        Self::QueueLength,
        Self::Abandonment,
        Self::LastServed,
        Self::HeadOfLine,
        Self::Pace,
        Self::Shared,
    ];
}

/// Who stands where, in numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Crowd {
    ahead: f64,
    rivals: f64,
    waiting: f64,
    head_waited: Option<f64>,
    pub(super) places: f64,
}

impl Crowd {
    /// `None` where nobody is at work for the line.
    pub(super) fn new(standing: Standing, line: LineNow) -> Option<Self> {
        let rivals = if standing.rivals.is_finite() {
            standing.rivals.clamp(0.0, f64::from(u32::MAX))
        } else {
            0.0
        };
        (line.places > 0).then(|| Self {
            ahead: f64::from(standing.ahead),
            rivals,
            waiting: f64::from(line.waiting.max(standing.ahead)),
            head_waited: line.head_waited.map(super::ms_of),
            places: f64::from(line.places),
        })
    }

    /// Where the one asked about stands in the line, as a share of its length: 1 for the last.
    fn depth(&self) -> f64 {
        (self.ahead + 1.0) / (self.waiting + 1.0)
    }
}

/// What the line has measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Speeds {
    /// Contacts that the places finish in a millisecond when all are taken.
    pub(super) finishing: f64,
    /// How often one who waits gives up, in a millisecond.
    pub(super) leaving: f64,
    /// How often the line sends somebody to an agent while somebody waits, in a millisecond.
    pub(super) pace: f64,
    /// The wait of the last who waited and was answered.
    pub(super) last_served: Option<f64>,
    /// How far the mean handling time may be off: its relative variance.
    pub(super) doubt: f64,
}

/// What every estimator says, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Numbers {
    pub(super) each: [f64; Estimator::COUNT],
    /// Mean time between two places becoming free, when all are taken.
    pub(super) slot: f64,
}

impl Numbers {
    pub(super) fn at(crowd: Crowd, speeds: &Speeds) -> Self {
        let slot = 1.0 / speeds.finishing;
        let abandonment = with_abandonment(crowd.ahead, speeds.finishing, speeds.leaving);
        let last = speeds.last_served;
        // A wait of nothing is never likely where somebody must become free first.
        let history = |wait: Option<f64>| match wait {
            Some(wait) => (wait * crowd.depth()).max(slot),
            None => abandonment,
        };
        Self {
            each: Estimator::ALL.map(|estimator| match estimator {
                Estimator::QueueLength => queue_length(crowd.ahead, speeds.finishing),
                Estimator::Abandonment => abandonment,
                Estimator::LastServed => history(last),
                Estimator::HeadOfLine => history(crowd.head_waited.or(last)),
                Estimator::Pace => with_abandonment(crowd.ahead, speeds.pace, speeds.leaving),
                Estimator::Shared => {
                    let crowd = crowd.ahead + crowd.rivals;
                    with_abandonment(crowd, speeds.finishing, speeds.leaving)
                }
            }),
            slot,
        }
    }

    pub(super) fn of(&self, estimator: Estimator) -> f64 {
        Estimator::ALL
            .into_iter()
            .zip(self.each)
            .find_map(|(known, value)| (known == estimator).then_some(value))
            .unwrap_or_default()
    }
}

/// Mean wait behind `ahead` others where the places together finish `finishing` contacts in a
/// unit of time: (n + 1) / (s·µ), exact for M/M/s.
///
/// Source: Ibrahim and Whitt 2009 (M&SOM), the estimator QL.
#[must_use]
pub fn queue_length(ahead: f64, finishing: f64) -> f64 {
    (ahead + 1.0) / finishing
}

/// Mean wait behind `ahead` others where each who waits gives up at the rate `leaving`:
/// Σ 1 / (s·µ + i·θ) for i from 0 to n, exact for M/M/s+M.
///
/// A fraction of a person counts as that fraction of a step. The first steps are added one by
/// one; the rest by the integral over the midpoints, which is closer than a part in a thousand.
///
/// Source: Ibrahim and Whitt 2009 (Management Science), the estimator `QLm`.
#[must_use]
pub fn with_abandonment(ahead: f64, finishing: f64, leaving: f64) -> f64 {
    const ONE_BY_ONE: f64 = 16.0;
    if leaving * (ahead + 1.0) < finishing * 1e-9 {
        return queue_length(ahead, finishing);
    }
    let step = |i: f64| 1.0 / (finishing + i * leaving);
    let near = ahead.floor().min(ONE_BY_ONE);
    let mut sum = 0.0;
    let mut i = 0.0;
    while i <= near {
        sum += step(i);
        i += 1.0;
    }
    if ahead <= near {
        return sum;
    }
    if ahead < ONE_BY_ONE {
        return sum + (ahead - near) * step(near + 1.0);
    }
    let from = finishing + (near + 0.5) * leaving;
    let to = finishing + (ahead + 0.5) * leaving;
    sum + (to / from).ln() / leaving
}
