//! How fast somebody may ask.

use bellwire_proto::time::Timestamp;

/// A token bucket of two numbers: it starts full and fills evenly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// Thousandths of a request that may come now.
    left: u64,
    since: Timestamp,
}

/// How much is allowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// At once.
    pub(crate) burst: u32,
    /// A second, for longer.
    pub(crate) per_second: u32,
}

impl Rate {
    pub(crate) fn new(allowance: Allowance, now: Timestamp) -> Self {
        Self {
            left: u64::from(allowance.burst) * 1000,
            since: now,
        }
    }

    /// When something was last asked.
    pub(crate) fn since(self) -> Timestamp {
        self.since
    }

    /// Takes one; false where it comes too fast.
    pub(crate) fn take(&mut self, allowance: Allowance, now: Timestamp) -> bool {
        let passed = now.0.saturating_sub(self.since.0);
        self.since = self.since.max(now);
        let filled = passed.saturating_mul(u64::from(allowance.per_second));
        self.left = (self.left.saturating_add(filled)).min(u64::from(allowance.burst) * 1000);
        let fits = self.left >= 1000;
        if fits {
            self.left -= 1000;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWANCE: Allowance = Allowance {
        burst: 3,
        per_second: 2,
    };

    #[test]
    fn a_burst_passes_and_what_comes_after_it_waits() {
        let mut rate = Rate::new(ALLOWANCE, Timestamp(0));

        let taken = (0..4)
            .filter(|_| rate.take(ALLOWANCE, Timestamp(0)))
            .count();
        assert_eq!(taken, 3);

        assert!(!rate.take(ALLOWANCE, Timestamp(400)));
        assert!(rate.take(ALLOWANCE, Timestamp(500)));
        assert!(!rate.take(ALLOWANCE, Timestamp(500)));
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut rate = Rate::new(ALLOWANCE, Timestamp(10_000));
        for _ in 0..3 {
            rate.take(ALLOWANCE, Timestamp(10_000));
        }

        assert!(!rate.take(ALLOWANCE, Timestamp(9_000)));
    }
}
