//! Packet indices: guessing them from sequence numbers, and refusing those seen before.

/// The newest 128 packet indices of one source, and which of them were seen.
///
/// Source: RFC 3711 §3.3.1 and appendix A (index), §3.3.2 (replay list).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    highest: Option<u64>,
    /// Bit n: `highest - n` was seen.
    seen: u128,
}

impl Window {
    /// The index that `sequence` most likely has: the one closest to the highest.
    pub(super) fn guess(&self, sequence: u16) -> u64 {
        let Some(highest) = self.highest else {
            return u64::from(sequence);
        };
        let ahead = i64::from(sequence.wrapping_sub(highest as u16) as i16);
        highest
            .checked_add_signed(ahead)
            // Before the very first roll-over there is nothing to go back to.
            .unwrap_or_else(|| highest.saturating_add_signed(ahead + 0x1_0000))
    }

    /// Whether `index` is new, and not too old to know.
    pub(super) fn is_new(&self, index: u64) -> bool {
        match self.highest {
            None => true,
            Some(highest) if index > highest => true,
            Some(highest) => {
                let age = highest - index;
                age < u64::from(u128::BITS) && self.seen >> age & 1 == 0
            }
        }
    }

    /// Takes note of `index`, once it is known to be genuine.
    pub(super) fn note(&mut self, index: u64) {
        let Some(highest) = self.highest else {
            self.highest = Some(index);
            self.seen = 1;
            return;
        };
        if index > highest {
            let shift = u32::try_from(index - highest).unwrap_or(u32::MAX);
            self.seen = self.seen.checked_shl(shift).unwrap_or(0) | 1;
            self.highest = Some(index);
        } else if highest - index < u64::from(u128::BITS) {
            self.seen |= 1 << (highest - index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_counts_on_over_roll_overs_and_swapped_packets() {
        let mut window = Window::default();
        let mut told = Vec::new();
        for sequence in [65_534, 0, 65_535, 1, 2] {
            let index = window.guess(sequence);
            window.note(index);
            told.push(index);
        }

        assert_eq!(told, [65_534, 65_536, 65_535, 65_537, 65_538]);
    }

    #[test]
    fn what_was_seen_or_is_too_old_is_refused() {
        let mut window = Window::default();
        for index in [1000, 1002] {
            window.note(index);
        }

        assert!(!window.is_new(1000) && !window.is_new(1002));
        assert!(window.is_new(1001) && window.is_new(1003) && window.is_new(1002 - 127));
        assert!(!window.is_new(1002 - 128));
        window.note(5000);
        assert!(!window.is_new(1001));
    }

    #[test]
    fn nothing_is_before_the_first_roll_over() {
        let mut window = Window::default();
        window.note(5);

        assert_eq!(window.guess(65_000), 65_000);
    }
}
