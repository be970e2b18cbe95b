//! How good the estimates told of late have been.

use std::collections::VecDeque;

use super::Guess;

/// How many estimates are looked at.
const RECENT: usize = 300;

/// How good the estimates told on arrival to the last 300 who had to wait have been. Those who
/// gave up are not among them: nobody knows how long they would have waited.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accuracy {
    /// How many estimates this rests on.
    pub of: u32,
    /// Their mean wait.
    pub mean_wait_ms: u64,
    /// Root of the mean squared error, relative to the mean wait (RASE).
    pub rase: f64,
    /// Mean absolute error, relative to the mean wait (MARE). Relative to each one's own wait it
    /// would have no mean: some wait almost nothing.
    pub mare: f64,
    /// Mean of estimate minus wait, relative to the mean wait: above 0 where too much is promised.
    pub bias: f64,
    /// The share of waits within the range told.
    pub coverage: f64,
}

/// One estimate and what came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    expected: f64,
    waited: f64,
    covered: bool,
    queued: bool,
}

impl Kept {
    pub(super) fn new(guess: &Guess, waited: f64) -> Self {
        let told = guess.told();
        let range = told.low_ms as f64..=told.high_ms as f64;
        Self {
            expected: told.expected_ms as f64,
            waited,
            covered: range.contains(&waited),
            queued: guess.is_queued(),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Recent(VecDeque<Kept>);

impl Recent {
    pub(super) fn keep(&mut self, kept: Kept) {
        if !kept.queued {
            return;
        }
        if self.0.len() >= RECENT {
            self.0.pop_front();
        }
        self.0.push_back(kept);
    }

    /// `None` before anybody waited.
    pub(super) fn accuracy(&self) -> Option<Accuracy> {
        let of = u32::try_from(self.0.len()).ok().filter(|of| *of > 0)?;
        let mean =
            |value: &dyn Fn(&Kept) -> f64| self.0.iter().map(value).sum::<f64>() / f64::from(of);
        let wait = mean(&|kept| kept.waited).max(1.0);
        Some(Accuracy {
            of,
            mean_wait_ms: super::whole(wait),
            rase: mean(&|kept| (kept.expected - kept.waited).powi(2)).sqrt() / wait,
            mare: mean(&|kept| (kept.expected - kept.waited).abs()) / wait,
            bias: mean(&|kept| kept.expected - kept.waited) / wait,
            coverage: mean(&|kept| f64::from(u8::from(kept.covered))),
        })
    }
}
