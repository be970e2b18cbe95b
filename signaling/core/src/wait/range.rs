//! The range around an estimate, fitted to the errors that were made.
//!
//! A wait behind n others is a sum of n + 1 intervals, so its spread is near a gamma
//! distribution's. Its variance is taken as a·E·slot + b·E²: the first part is chance (1 for
//! the exact estimator), the second what the estimate itself got wrong; both are fitted. The
//! two ends are then moved until one wait in ten falls out on either side.
//!
//! Sources: E. B. Wilson and M. M. Hilferty, "The distribution of chi-square", PNAS 17, 1931
//! (the cube root); I. Gibbs and E. Candès, "Adaptive conformal inference under distribution
//! shift", Advances in Neural Information Processing Systems 34, 2021 (moving the ends).

/// How many waits the fit remembers.
const MEMORY: f64 = 1_000.0;
/// How many waits the theory's own spread is worth.
const WORTH: f64 = 30.0;
/// The share of waits that may fall out on one side.
const TAIL: f64 = 0.1;
/// The normal distribution's 90 % point.
const NORMAL_TAIL: f64 = 1.281_6;
/// How far an end moves for each wait.
const STEP: f64 = 0.003;
/// How many deviations out a wait is learned from as it is.
const FAR_OUT: f64 = 4.0;
/// The least shape of a gamma distribution for which the cube root holds well enough.
const LEAST_SHAPE: f64 = 0.3;

/// A time in line and the range around it, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// To be expected.
    pub expected: f64,
    /// One in ten is shorter.
    pub low: f64,
    /// One in ten is longer.
    pub high: f64,
}

/// How far waits have strayed from one kind of estimate.
#[derive(Clone, Debug)]
pub struct Spread {
    /// Sums over waits of 1, x, x², y and x·y, where x = E/slot and y = error²/(E·slot).
    sums: [f64; 5],
    /// Where the ends lie, in deviations.
    below: f64,
    above: f64,
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            sums: [0.0; 5],
            below: NORMAL_TAIL,
            above: NORMAL_TAIL,
        }
    }
}

impl Spread {
    /// The range around `expected`, where the mean handling time has the relative variance `doubt`.
    #[must_use]
    pub fn around(&self, expected: f64, slot: f64, doubt: f64) -> Range {
        let shape = self.shape(expected, slot, doubt);
        Range {
            expected,
            low: (expected * quantile(shape, -self.below)).min(expected),
            high: (expected * quantile(shape, self.above)).max(expected),
        }
    }

    /// The longest wait to learn from where `expected` was told. A longer one has a cause that
    /// no estimate could know, such as a line whose agents went home, and would outweigh
    /// thousands of others.
    #[must_use]
    pub fn longest(&self, expected: f64, slot: f64) -> f64 {
        expected * quantile(self.shape(expected, slot, 0.0), FAR_OUT)
    }

    /// Compares what was told with what came.
    pub fn learn(&mut self, told: Range, slot: f64, came: f64) {
        let expected = told.expected;
        if !(expected > 0.0 && slot > 0.0) {
            return;
        }
        self.below = moved(self.below, came < told.low);
        self.above = moved(self.above, came > told.high);

        let x = expected / slot;
        let y = (came - expected).powi(2) / (expected * slot);
        let keep = 1.0 - 1.0 / MEMORY;
        for (sum, new) in self.sums.iter_mut().zip([1.0, x, x * x, y, x * y]) {
            *sum = *sum * keep + new;
        }
    }

    /// The shape of the gamma distribution: E²/variance.
    fn shape(&self, expected: f64, slot: f64, doubt: f64) -> f64 {
        let (chance, wrong) = self.parts();
        let x = expected / slot;
        (x / (chance + (wrong + doubt) * x)).max(LEAST_SHAPE)
    }

    /// The two parts of the variance: least squares, drawn towards (1, 0).
    fn parts(&self) -> (f64, f64) {
        let [n, x, xx, y, xy] = self.sums;
        let (n, y) = (n + WORTH, y + WORTH);
        let pull = if n > WORTH { WORTH * xx / n } else { 1.0 };
        let xx = xx + pull;
        let det = n * xx - x * x;
        let wrong = ((n * xy - x * y) / det).max(0.0);
        let chance = ((y - wrong * x) / n).max(0.05);
        (chance, wrong)
    }
}

/// Where a gamma distribution of mean 1 and this shape lies so many deviations out.
fn quantile(shape: f64, deviations: f64) -> f64 {
    let root = 1.0 - 1.0 / (9.0 * shape) + deviations / (3.0 * shape.sqrt());
    root.max(0.0).powi(3)
}

fn moved(end: f64, out: bool) -> f64 {
    let out = f64::from(u8::from(out));
    (end + STEP * (out - TAIL)).clamp(0.2, 4.0)
}
