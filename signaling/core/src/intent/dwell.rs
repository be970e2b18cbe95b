//! How long pages were looked at, and when that sum passes a limit by time alone.

use std::time::Duration;

use bellwire_proto::time::{Timestamp, millis};

use super::{Reading, fold::same, index::Look};

impl Reading<'_> {
    /// How long pages of `category` (of any, where it is empty) were looked at since `since`, in
    /// milliseconds.
    pub(super) fn dwell(&self, category: &str, since: Timestamp) -> u64 {
        let looks = self.looks(category);
        looks.fold(0, |sum: u64, look| {
            sum.saturating_add(self.within(look, since))
        })
    }

    /// When that sum may pass `needed`, or fall below it. The sum is a line with bends: the answer
    /// is where the line now crosses, or its next bend, whichever comes first.
    pub(super) fn dwell_may_change(
        &self,
        category: &str,
        needed: u64,
        window: Option<Duration>,
    ) -> Option<Timestamp> {
        let since = self.since(window);
        let sum = self.dwell(category, since);
        let holds = sum >= needed;
        let grows = self.looks(category).any(|look| self.grows(look));
        let Some(window) = window else {
            let reached = self.now + Duration::from_millis(needed.saturating_sub(sum));
            return (grows && !holds).then_some(reached);
        };
        if !holds && !grows {
            return None;
        }
        let ending = self
            .looks(category)
            .filter(|look| look.from <= since && look.to > since);
        let ending = u64::try_from(ending.count()).unwrap_or(u64::MAX);
        let gain = u64::from(grows);
        let crossing = if holds {
            let loss = ending.saturating_sub(gain);
            (sum - needed).checked_div(loss).map(|ms| ms + 1)
        } else {
            (gain > ending).then_some(needed - sum)
        };
        let crossing = crossing.map(|ms| self.now + Duration::from_millis(ms));
        let bends = self.looks(category).flat_map(|look| {
            let end = self.grows(look).then_some(look.to);
            [Some(look.from + window), Some(look.to + window), end]
        });
        let bends = bends.flatten().filter(|bend| *bend > self.now);
        bends.chain(crossing).min()
    }

    fn looks<'s>(&'s self, category: &'s str) -> impl Iterator<Item = &'s Look<'s>> {
        let category = category.trim();
        self.index.looks.iter().filter(move |look| {
            category.is_empty() || look.categories.iter().any(|told| same(told, category))
        })
    }

    fn within(&self, look: &Look<'_>, since: Timestamp) -> u64 {
        millis(look.to.min(self.now).since(look.from.max(since)))
    }

    fn grows(&self, look: &Look<'_>) -> bool {
        look.to > self.now
    }

    /// When the span of a condition began; the beginning of time where it has none.
    pub(super) fn since(&self, window: Option<Duration>) -> Timestamp {
        window.map_or(Timestamp(0), |window| self.now - window)
    }
}
