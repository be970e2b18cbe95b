//! A line of waiting interactions, head first.
//!
//! Priority ages: each point counts as a fixed span of waiting. As all waiters age alike, their
//! order never changes while they wait, so the place is a number known on arrival, and one who
//! comes back (unanswered, declined, agent gone) stands where they stood before.

use std::time::Duration;

use bellwire_proto::{
    id::InteractionId,
    time::{Timestamp, millis},
};

/// A waiter's place: smaller is nearer to the head.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place(i64);

impl Place {
    /// The place of one who arrived at `created` with `priority`, where each point is worth
    /// `ageing` of waiting.
    #[must_use]
    pub fn new(created: Timestamp, priority: u8, ageing: Duration) -> Self {
        let credit = millis(ageing).saturating_mul(u64::from(priority));
        let signed = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
        Self(signed(created.0).saturating_sub(signed(credit)))
    }
}

/// Those who wait for one medium in one queue.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// In order: a place is found by halving, as everybody's is when status is told.
    waiting: Vec<(Place, InteractionId)>,
}

impl Line {
    /// Stands in line at its place. Standing there already changes nothing.
    pub fn join(&mut self, place: Place, interaction: InteractionId) {
        if let Err(at) = self.waiting.binary_search(&(place, interaction)) {
            self.waiting.insert(at, (place, interaction));
        }
    }

    /// Leaves the line.
    pub fn leave(&mut self, place: Place, interaction: InteractionId) {
        if let Ok(at) = self.waiting.binary_search(&(place, interaction)) {
            self.waiting.remove(at);
        }
    }

    /// Who waits, head first.
    pub fn iter(&self) -> impl Iterator<Item = (Place, InteractionId)> {
        self.waiting.iter().copied()
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether this one stands here.
    #[must_use]
    pub fn holds(&self, place: Place, interaction: InteractionId) -> bool {
        self.waiting.binary_search(&(place, interaction)).is_ok()
    }

    /// How many stand before `place`, itself included: 1 for the head.
    #[must_use]
    pub fn position(&self, place: Place, interaction: InteractionId) -> u32 {
        let before = (self.waiting).partition_point(|known| *known < (place, interaction));
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }
}
