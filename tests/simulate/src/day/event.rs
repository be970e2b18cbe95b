//! What happens on the floor, and when.

use std::cmp::Ordering;

#[derive(Clone, Copy, Debug)]
pub(super) enum Happens {
    Finished {
        group: usize,
        line: usize,
        took: f64,
    },
    GivesUp {
        line: usize,
        number: u64,
    },
    Staffing {
        step: usize,
        round: u64,
    },
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    pub(super) at: f64,
    pub(super) number: u64,
    pub(super) what: Happens,
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Event {}
impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Event {
    /// The earliest is the greatest, for the heap.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at.total_cmp(&self.at)).then(other.number.cmp(&self.number))
    }
}
