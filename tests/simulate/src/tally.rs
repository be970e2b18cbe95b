//! Errors of one way to estimate, summed up.

use bellwire_core::wait::{WaitEstimate, range::Range};

/// What was told, and what came of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    compared: u64,
    total: f64,
    square: f64,
    error: f64,
    absolute: f64,
    squared: f64,
    covered: f64,
    width: f64,
}

/// How good it was. All but the coverage are relative to the mean wait.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Mean absolute error (MARE).
    pub mare: f64,
    /// Root of the mean squared error (RASE).
    pub rase: f64,
    /// Mean of estimate minus wait.
    pub bias: f64,
    /// Share of waits within the 80 % range.
    pub coverage: f64,
    /// Mean width of that range.
    pub width: f64,
}

impl Tally {
    /// Somebody who was told this waited for so many milliseconds.
    pub fn add(&mut self, waited: f64, said: Range) {
        let error = said.expected - waited;
        self.compared += 1;
        self.total += waited;
        self.square += waited * waited;
        self.error += error;
        self.absolute += error.abs();
        self.squared += error * error;
        self.covered += f64::from(u8::from((said.low..=said.high).contains(&waited)));
        self.width += said.high - said.low;
    }

    /// How good it was.
    #[must_use]
    pub fn row(&self, name: &'static str) -> Row {
        let n = self.compared.max(1) as f64;
        let mean = self.mean_wait_ms().max(1.0);
        Row {
            name,
            mare: self.absolute / n / mean,
            rase: (self.squared / n).sqrt() / mean,
            bias: self.error / n / mean,
            coverage: self.covered / n,
            width: self.width / n / mean,
        }
    }

    /// How many waits were compared.
    #[must_use]
    pub fn compared(&self) -> u64 {
        self.compared
    }

    /// All of them together, in milliseconds.
    #[must_use]
    pub fn total_wait_ms(&self) -> f64 {
        self.total
    }

    /// Their mean, in milliseconds.
    #[must_use]
    pub fn mean_wait_ms(&self) -> f64 {
        self.total / self.compared.max(1) as f64
    }

    /// RASE of one who says the mean wait to everybody.
    #[must_use]
    pub fn without_information(&self) -> f64 {
        let mean = self.mean_wait_ms();
        let variance = self.square / self.compared.max(1) as f64 - mean * mean;
        variance.max(0.0).sqrt() / mean.max(1.0)
    }
}

/// What was told, in milliseconds.
#[must_use]
pub fn in_numbers(told: WaitEstimate) -> Range {
    Range {
        expected: told.expected_ms as f64,
        low: told.low_ms as f64,
        high: told.high_ms as f64,
    }
}

/// A number without a range.
#[must_use]
pub fn point(expected: f64) -> Range {
    Range {
        expected,
        low: expected,
        high: expected,
    }
}
