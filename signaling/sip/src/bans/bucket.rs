//! A token bucket that counts in thousandths, so that slow rates lose nothing to rounding.

/// What one source has used of one allowance. A new one is full.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bucket {
    /// What is missing, in thousandths of a token.
    missing: u64,
    at_ms: u64,
}

impl Bucket {
    /// Takes one of at most `most` tokens, of which `per_second` come back; `false` where there is
    /// none. An allowance of 0 is none at all.
    pub(super) fn take(&mut self, per_second: u64, most: u64, now_ms: u64) -> bool {
        // A token a second is a thousandth a millisecond.
        let back = now_ms.saturating_sub(self.at_ms).saturating_mul(per_second);
        self.missing = self.missing.saturating_sub(back);
        self.at_ms = self.at_ms.max(now_ms);
        self.use_one(most)
    }

    /// [`Self::take`] where one token comes back in a minute.
    pub(super) fn take_per_minute(&mut self, most: u64, now_ms: u64) -> bool {
        // What is too little for a thousandth is kept for the next time.
        let back = now_ms.saturating_sub(self.at_ms) / 60;
        self.missing = self.missing.saturating_sub(back);
        self.at_ms = self.at_ms.saturating_add(back * 60);
        self.use_one(most)
    }

    fn use_one(&mut self, most: u64) -> bool {
        let missing = self.missing.saturating_add(1000);
        if missing > most.saturating_mul(1000) {
            return false;
        }
        self.missing = missing;
        true
    }
}
