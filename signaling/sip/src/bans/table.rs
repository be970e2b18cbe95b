//! The memory of sources: two halves, the older of which is given up when the younger is full.
//!
//! Every step takes the same short time, however many sources an attacker invents, and who comes
//! again and again is not forgotten.

use std::collections::HashMap;

use super::Source;

/// What is remembered of sources.
#[derive(Debug)]
pub(super) struct Table<T> {
    half: usize,
    young: HashMap<Source, T>,
    old: HashMap<Source, T>,
}

impl<T: Copy + Default> Table<T> {
    /// Remembers at most `most` sources.
    pub(super) fn new(most: usize) -> Self {
        Self {
            half: (most / 2).max(1),
            young: HashMap::new(),
            old: HashMap::new(),
        }
    }

    /// What is remembered of `source`.
    pub(super) fn get(&self, source: Source) -> Option<T> {
        self.young
            .get(&source)
            .or_else(|| self.old.get(&source))
            .copied()
    }

    /// What is remembered of `source`; new where it is nothing.
    pub(super) fn entry(&mut self, source: Source) -> &mut T {
        if !self.young.contains_key(&source) {
            let entry = self.old.remove(&source).unwrap_or_default();
            if self.young.len() >= self.half {
                self.old = std::mem::take(&mut self.young);
            }
            self.young.insert(source, entry);
        }
        self.young.entry(source).or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}
