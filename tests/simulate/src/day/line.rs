//! Those who wait, in the order in which they came.

use std::collections::VecDeque;

use bellwire_core::wait::LineWaits;

use super::{span, stamp};
use crate::score::{Look, Told};

/// One who waits.
#[derive(Clone, Debug)]
pub(super) struct Waiter {
    pub(super) number: u64,
    pub(super) at: f64,
    pub(super) told: Option<Told>,
    /// What was said to them while they waited.
    pub(super) looks: Vec<Look>,
    pub(super) gone: bool,
}

/// Those who wait in one line; who gave up is passed over when it is their turn.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) waiters: VecDeque<Waiter>,
    pub(super) live: u32,
    pub(super) waits: LineWaits,
}

impl Line {
    pub(super) fn head(&mut self) -> Option<f64> {
        while self.waiters.front().is_some_and(|waiter| waiter.gone) {
            self.waiters.pop_front();
        }
        self.waiters.front().map(|waiter| waiter.at)
    }

    /// How many came before this one.
    pub(super) fn older_than(&self, number: Option<u64>) -> u32 {
        let Some(number) = number else {
            return self.live;
        };
        let older = (self.waiters.iter()).take_while(|waiter| waiter.number < number);
        older.filter(|waiter| !waiter.gone).count() as u32
    }

    pub(super) fn give_up(&mut self, number: u64, time: f64) -> bool {
        let Ok(found) = self
            .waiters
            .binary_search_by_key(&number, |waiter| waiter.number)
        else {
            return false;
        };
        let waiter = &mut self.waiters[found];
        waiter.gone = true;
        self.live -= 1;
        self.waits.abandoned(span(time - waiter.at), stamp(time));
        true
    }
}
