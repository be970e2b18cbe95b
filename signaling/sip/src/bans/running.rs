//! The bans that run, and those of the last day.

use std::{collections::BTreeMap, net::IpAddr};

use super::Source;

/// How long an earlier ban counts, and the longest ban, in milliseconds.
pub(super) const DAY_MS: u64 = 24 * 3600 * 1000;

/// A source that was banned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Banned {
    until_ms: u64,
    /// How long the last ban was.
    ms: u64,
}

/// Bans that run, and those of the last day, which make the next one longer.
#[derive(Debug, Default)]
pub(super) struct Bans {
    pub(super) sources: BTreeMap<Source, Banned>,
    /// The same by their end, so that the one that ended first can be found.
    pub(super) ends: BTreeMap<(u64, Source), ()>,
}

impl Bans {
    pub(super) fn remaining_ms(&self, source: Source, now_ms: u64) -> Option<u64> {
        let banned = self.sources.get(&source)?;
        banned
            .until_ms
            .checked_sub(now_ms)
            .filter(|remaining| *remaining > 0)
    }

    /// Begins a ban, and says how long it is, in milliseconds.
    pub(super) fn begin(&mut self, source: Source, first_ms: u64, most: usize, now_ms: u64) -> u64 {
        let ms = match self.sources.remove(&source) {
            Some(before) => {
                self.ends.remove(&(before.until_ms, source));
                if before.until_ms.saturating_add(DAY_MS) > now_ms {
                    before.ms.saturating_mul(2).min(DAY_MS.max(first_ms))
                } else {
                    first_ms
                }
            }
            None => first_ms,
        };
        let until_ms = now_ms.saturating_add(ms);
        self.sources.insert(source, Banned { until_ms, ms });
        self.ends.insert((until_ms, source), ());
        while let Some((&(end, first), ())) = self.ends.first_key_value() {
            if self.sources.len() <= most && end.saturating_add(DAY_MS) > now_ms {
                break;
            }
            self.ends.remove(&(end, first));
            self.sources.remove(&first);
        }
        ms
    }

    pub(super) fn retain(&mut self, stays: impl Fn(Source) -> bool) {
        self.sources.retain(|source, _| stays(*source));
        self.ends.retain(|(_, source), ()| stays(*source));
    }

    pub(super) fn running(&self, now_ms: u64) -> Vec<(Source, u64)> {
        self.ends
            .range((now_ms.saturating_add(1), Source(IpAddr::from([0, 0, 0, 0])))..)
            .map(|((until_ms, source), ())| (*source, until_ms - now_ms))
            .collect()
    }
}
