//! The chosen estimate beside the best single one, which is known only afterwards.

/// The run is cut into this many parts, to tell a difference from noise.
const PARTS: usize = 40;

/// Errors of several methods by part of a run.
#[derive(Debug)]
pub(crate) struct Parts<const METHODS: usize> {
    arrivals: u64,
    /// Squared and absolute errors.
    sums: Vec<[[f64; 2]; METHODS]>,
}

/// The chosen estimate's error over the best single one's.
#[derive(Clone, Copy, Debug)]
pub struct Against {
    /// Which the best single one is.
    pub best: usize,
    /// Chosen over best; below 1 where the chosen is better.
    pub ratio: f64,
    /// Standard error of the ratio, from the parts of the run.
    pub noise: f64,
}

impl Against {
    /// Whether the chosen is at least as good: within 1 %, or within two standard errors.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.ratio <= 1.01 || self.ratio - 2.0 * self.noise <= 1.0
    }
}

impl<const METHODS: usize> Parts<METHODS> {
    pub(crate) fn new(arrivals: u64) -> Self {
        Self {
            arrivals,
            sums: vec![[[0.0; 2]; METHODS]; PARTS],
        }
    }

    /// After so many arrivals, `method` was wrong by `error`.
    pub(crate) fn add(&mut self, arrived: u64, method: usize, error: f64) {
        let part = arrived * PARTS as u64 / (self.arrivals + 1);
        let sums = &mut self.sums[(part as usize).min(PARTS - 1)][method];
        sums[0] += error * error;
        sums[1] += error.abs();
    }

    /// Compares the last method with the best of the others: in RASE, then in MARE.
    pub(crate) fn against_best(&self) -> [Against; 2] {
        let [mut rase, mare] = [self.against(0), self.against(1)];
        // The noise of a root is half that of the square.
        rase.ratio = rase.ratio.sqrt();
        rase.noise /= 2.0 * rase.ratio.max(f64::MIN_POSITIVE);
        [rase, mare]
    }

    fn against(&self, error: usize) -> Against {
        let total =
            |method: usize| -> f64 { self.sums.iter().map(|part| part[method][error]).sum() };
        let chosen = METHODS - 1;
        let best = (0..chosen)
            .min_by(|a, b| total(*a).total_cmp(&total(*b)))
            .unwrap_or_default();
        let differences: Vec<f64> = (self.sums.iter())
            .map(|part| part[chosen][error] - part[best][error])
            .collect();
        let n = differences.len() as f64;
        let mean = differences.iter().sum::<f64>() / n;
        let squares = differences.iter().map(|d| (d - mean).powi(2));
        let variance = squares.sum::<f64>() / (n - 1.0);
        let best_total = total(best).max(f64::MIN_POSITIVE);
        Against {
            best,
            ratio: total(chosen) / best_total,
            noise: (variance * n).sqrt() / best_total,
        }
    }
}
