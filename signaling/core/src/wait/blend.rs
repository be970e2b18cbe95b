//! Which estimators to believe: the combination that would have served the recent ones best.
//!
//! Two voices are heard. The safe one follows the estimators that alone have done best. The
//! fitted one comes from a regression of waits on what the estimators said, each weighed by how
//! certain a wait of its length can be (the variance of a wait grows with the wait), drawn
//! towards the safe one. How far to go from the safe to the fitted is learned too, from what
//! both said before the wait was known: where the fit only followed noise, that is nowhere.
//! No weight is negative, so more people ahead never make a shorter estimate.

use super::estimators::{Estimator, Numbers};

const N: usize = Estimator::COUNT;

/// How many waits are remembered. Neighbouring waits stray together, so that many are needed to
/// tell which of two close estimators is better; what changes by the hour is in the estimators.
const MEMORY: f64 = 20_000.0;
/// How many waits' worth the pull towards the safe voice is.
const PULL: f64 = 400.0;
/// Squared errors, in slots per slot of wait, that theory expects of each estimator, and how
/// many waits that is worth. It never fades.
const EXPECTED: [f64; N] = [1.1, 1.05, 2.0, 2.0, 1.2, 1.0];
const EXPECTED_WORTH: f64 = 2_000.0;
/// How much the two voices must have differed, in squared slots per slot of wait and in all,
/// before the fitted one is heard much.
const DOUBT: f64 = 200.0;
/// How sharply the pull prefers the best.
const SHARPNESS: i32 = 12;

#[derive(Clone, Debug)]
pub(super) struct Blend {
    /// Σ x·xᵀ and Σ x·y over remembered waits.
    products: [[f64; N]; N],
    targets: [f64; N],
    /// Σ squared error of each estimator alone, and how many waits are in the sums.
    errors: [f64; N],
    seen: f64,
    /// What the fitted voice would have gained over the safe one, and what both differed by.
    gain: f64,
    difference: f64,
    safe: [f64; N],
    fitted: [f64; N],
}

/// What the two voices say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Voices {
    safe: f64,
    fitted: f64,
}

impl Default for Blend {
    fn default() -> Self {
        let mut blend = Self {
            products: [[0.0; N]; N],
            targets: [0.0; N],
            errors: [0.0; N],
            seen: 0.0,
            gain: 0.0,
            difference: 0.0,
            safe: [0.0; N],
            fitted: [0.0; N],
        };
        blend.safe = blend.favourites();
        blend.fitted = blend.safe;
        blend
    }
}

impl Blend {
    /// What both voices say.
    pub(super) fn voices(&self, numbers: &Numbers) -> Voices {
        Voices {
            safe: dot(&self.safe, &numbers.each),
            fitted: dot(&self.fitted, &numbers.each),
        }
    }

    /// The estimate.
    pub(super) fn estimate(&self, voices: Voices) -> f64 {
        voices.safe + self.boldness() * (voices.fitted - voices.safe)
    }

    /// How much the estimate rests on each estimator.
    pub(super) fn weights(&self) -> [f64; N] {
        let boldness = self.boldness();
        std::array::from_fn(|i| self.safe[i] + boldness * (self.fitted[i] - self.safe[i]))
    }

    /// How far to go from the safe voice to the fitted one, 0 to 1: least squares over what both
    /// said.
    fn boldness(&self) -> f64 {
        let doubt = DOUBT + self.difference;
        (self.gain / doubt).clamp(0.0, 1.0)
    }

    /// Compares what was said on arrival with the time in line that came of it.
    pub(super) fn learn(&mut self, numbers: &Numbers, said: Voices, in_line: f64) {
        let scale = (numbers.of(Estimator::Shared) * numbers.slot).sqrt();
        if !scale.is_normal() {
            return;
        }
        let x = numbers.each.map(|value| value / scale);
        let y = in_line / scale;
        let keep = 1.0 - 1.0 / MEMORY;
        for i in 0..N {
            for (product, other) in self.products[i].iter_mut().zip(x) {
                *product = *product * keep + x[i] * other;
            }
            self.targets[i] = self.targets[i] * keep + x[i] * y;
            self.errors[i] = self.errors[i] * keep + (x[i] - y).powi(2);
        }
        self.seen = self.seen * keep + 1.0;
        let apart = (said.fitted - said.safe) / scale;
        self.gain = self.gain * keep + apart * (y - said.safe / scale);
        self.difference = self.difference * keep + apart * apart;
        self.safe = self.favourites();
        self.fitted = self.solve();
    }

    /// Weights by how well each estimator alone has done.
    fn favourites(&self) -> [f64; N] {
        let errors: [f64; N] =
            std::array::from_fn(|i| self.errors[i] + EXPECTED[i] * EXPECTED_WORTH);
        let best = errors.into_iter().fold(f64::INFINITY, f64::min);
        let raw = errors.map(|error| (best / error).powi(SHARPNESS));
        let sum: f64 = raw.iter().sum();
        raw.map(|weight| weight / sum)
    }

    /// Ridge regression towards the favourites, with weights that are not negative: whichever
    /// comes out negative is left out, and the rest solved again.
    fn solve(&self) -> [f64; N] {
        let favourites = self.safe;
        let trace: f64 = (0..N).map(|i| self.products[i][i]).sum();
        let pull = PULL * trace / (N as f64 * self.seen);
        let mut used = [true; N];
        for _ in 0..N {
            let weights = self.solve_for(&used, &favourites, pull);
            let mut all_fit = true;
            for i in 0..N {
                if weights[i] < 0.0 {
                    used[i] = false;
                    all_fit = false;
                }
            }
            if all_fit {
                return weights;
            }
        }
        favourites
    }

    /// Gaussian elimination on the used rows; positive definite, so no pivoting is needed.
    fn solve_for(&self, used: &[bool; N], favourites: &[f64; N], pull: f64) -> [f64; N] {
        let mut rows = self.products;
        let mut right = self.targets;
        for i in 0..N {
            rows[i][i] += pull;
            right[i] += pull * favourites[i];
            if !used[i] {
                rows[i] = [0.0; N];
                rows[i][i] = 1.0;
                right[i] = 0.0;
            }
        }
        for i in 0..N {
            for below in i + 1..N {
                let factor = rows[below][i] / rows[i][i];
                let (above, rest) = rows.split_at_mut(below);
                for (value, pivot) in rest[0].iter_mut().zip(above[i]) {
                    *value -= factor * pivot;
                }
                right[below] -= factor * right[i];
            }
        }
        let mut weights = [0.0; N];
        for i in (0..N).rev() {
            let known: f64 = (i + 1..N).map(|j| rows[i][j] * weights[j]).sum();
            weights[i] = (right[i] - known) / rows[i][i];
        }
        weights
    }
}

fn dot(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
