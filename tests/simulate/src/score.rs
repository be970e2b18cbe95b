//! What came of the estimates of one day: errors, bias, coverage, beside one another.

use std::time::Duration;

use bellwire_core::wait::{
    Estimator, Guess, WaitEstimate,
    range::{Range, Spread},
};

use crate::{
    against::{Against, Parts},
    tally::{Row, Tally, in_numbers, point},
};

const METHODS: usize = Estimator::COUNT + 1;
const CHOSEN: usize = Estimator::COUNT;

/// The methods' names in tables.
pub const NAMES: [&str; METHODS] = ["QL", "QLm", "LES", "HOL", "pace", "shared", "chosen"];

/// What was told on arrival, and the range that each estimator alone would have told.
#[derive(Clone, Debug)]
pub struct Told {
    guess: Guess,
    ranges: [Range; Estimator::COUNT],
}

impl Told {
    /// What the line said.
    #[must_use]
    pub fn guess(&self) -> &Guess {
        &self.guess
    }
}

/// What somebody was told while waiting, beside two simpler answers.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// When, in milliseconds.
    pub at: f64,
    /// How long they had waited.
    pub waited: f64,
    /// How much longer, as the line said.
    pub said: WaitEstimate,
    /// What they were told on arrival.
    pub arrival: f64,
    /// The wait of the last who was answered.
    pub last: f64,
}

/// A running comparison.
#[derive(Debug)]
pub struct Scores {
    warm_up: u64,
    arrived: u64,
    answered: u64,
    gave_up: u64,
    tallies: [Tally; METHODS],
    parts: Parts<METHODS>,
    /// For each line, how far waits have strayed from each estimator.
    spreads: Vec<[Spread; Estimator::COUNT]>,
    looks: [Tally; 3],
}

impl Scores {
    /// For a run of so many arrivals, of which the first `warm_up` do not count.
    #[must_use]
    pub fn new(arrivals: u64, warm_up: u64) -> Self {
        Self {
            warm_up,
            arrived: 0,
            answered: 0,
            gave_up: 0,
            tallies: Default::default(),
            parts: Parts::new(arrivals),
            spreads: vec![],
            looks: Default::default(),
        }
    }

    /// The next who is told something stands in a new line.
    pub fn forget_lines(&mut self) {
        self.spreads.clear();
    }

    /// Somebody arrived.
    pub fn arrives(&mut self) {
        self.arrived += 1;
    }

    fn is_warm(&self) -> bool {
        self.arrived > self.warm_up
    }

    /// Somebody gave up.
    pub fn gives_up(&mut self) {
        self.gave_up += u64::from(self.is_warm());
    }

    /// Somebody joined `line` and was told this.
    pub fn told(&mut self, line: usize, guess: Guess) -> Told {
        while self.spreads.len() <= line {
            (self.spreads).push(std::array::from_fn(|_| Spread::default()));
        }
        let slot = ms(guess.slot());
        let range =
            |i: usize| self.spreads[line][i].around(ms(guess.of(Estimator::ALL[i])), slot, 0.0);
        let ranges = std::array::from_fn(range);
        Told { guess, ranges }
    }

    /// Somebody of `line` was answered after `waited` milliseconds.
    pub fn answered(&mut self, line: usize, told: Option<&Told>, waited: f64) {
        let warm = self.is_warm();
        self.answered += u64::from(warm);
        let Some(told) = told.filter(|told| told.guess.is_queued()) else {
            return;
        };
        let slot = ms(told.guess.slot());
        for (spread, range) in self.spreads[line].iter_mut().zip(told.ranges) {
            spread.learn(range, slot, waited);
        }
        if !warm {
            return;
        }
        let chosen = in_numbers(told.guess.told());
        for (method, said) in told.ranges.into_iter().chain([chosen]).enumerate() {
            self.tallies[method].add(waited, said);
            (self.parts).add(self.arrived, method, said.expected - waited);
        }
    }

    /// Somebody who was told this while waiting was answered at `end`.
    pub fn looked(&mut self, look: &Look, end: f64) {
        if !self.is_warm() {
            return;
        }
        let rest = |total: f64| point((total - look.waited).max(0.0));
        let said = [rest(look.arrival), rest(look.last), in_numbers(look.said)];
        for (tally, said) in self.looks.iter_mut().zip(said) {
            tally.add(end - look.at, said);
        }
    }

    /// Those told while they waited: what was told on arrival less the time since, the wait of
    /// the last who was answered less the time since, and the estimate.
    #[must_use]
    pub fn while_waiting(&self) -> [Row; 3] {
        let [arrival, last, said] = &self.looks;
        [arrival.row("arrival"), last.row("LES"), said.row("chosen")]
    }

    /// The waits and the errors of what was told on arrival.
    #[must_use]
    pub fn waits(&self) -> &Tally {
        &self.tallies[CHOSEN]
    }

    /// Mean wait of all who were answered, those included who found an agent free.
    #[must_use]
    pub fn mean_wait_of_all_ms(&self) -> f64 {
        self.waits().total_wait_ms() / self.answered.max(1) as f64
    }

    /// The share of those answered who had to wait.
    #[must_use]
    pub fn share_waited(&self) -> f64 {
        self.waits().compared() as f64 / self.answered.max(1) as f64
    }

    /// The share who gave up.
    #[must_use]
    pub fn share_gave_up(&self) -> f64 {
        self.gave_up as f64 / (self.answered + self.gave_up).max(1) as f64
    }

    /// Each estimator, and the chosen estimate last.
    #[must_use]
    pub fn rows(&self) -> [Row; METHODS] {
        std::array::from_fn(|method| self.tallies[method].row(NAMES[method]))
    }

    /// One estimator's row.
    #[must_use]
    pub fn row(&self, estimator: Estimator) -> Option<Row> {
        let method = (Estimator::ALL.iter()).position(|known| *known == estimator)?;
        Some(self.tallies[method].row(NAMES[method]))
    }

    /// The chosen estimate's row.
    #[must_use]
    pub fn chosen(&self) -> Row {
        self.waits().row(NAMES[CHOSEN])
    }

    /// How the chosen estimate compares with the best single one: in RASE, then in MARE.
    #[must_use]
    pub fn against_best(&self) -> [Against; 2] {
        self.parts.against_best()
    }
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
