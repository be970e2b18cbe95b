//! Requests that came here twice, over two ways (RFC 3261 §8.2.2.2).

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

/// How long a request is remembered, in milliseconds: as long as its transaction can live
/// (RFC 3261 §17.2, 64 times T1).
const LIFE_MS: u64 = 32_000;

/// What tells one request from another. To has no tag.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Request<'a> {
    /// The tag of From.
    pub from_tag: &'a str,
    /// The Call-ID.
    pub call_id: &'a str,
    /// The whole `CSeq`.
    pub cseq: &'a str,
    /// The branch of the topmost Via.
    pub branch: &'a str,
}

/// The requests of the last half minute or so.
///
/// Two halves that take turns, so that its size is bounded and nothing is ever searched for.
#[derive(Debug)]
pub struct Merged {
    most: usize,
    turned_at_ms: u64,
    /// The branch that a request first came with; both as hashes with a key of our own.
    young: HashMap<u64, u64>,
    old: HashMap<u64, u64>,
    key: RandomState,
}

impl Default for Merged {
    fn default() -> Self {
        Self::new(65_536)
    }
}

impl Merged {
    /// Remembers at most `most` requests.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most: (most / 2).max(1),
            turned_at_ms: 0,
            young: HashMap::new(),
            old: HashMap::new(),
            key: RandomState::new(),
        }
    }

    /// Whether `request` is one that came already by another way: answer 482. The same way again
    /// is a mere repetition. A request that is not known is from now on.
    pub fn is_merged(&mut self, request: &Request<'_>, now_ms: u64) -> bool {
        let age_ms = now_ms.saturating_sub(self.turned_at_ms);
        if age_ms >= LIFE_MS || self.young.len() >= self.most {
            self.old = std::mem::take(&mut self.young);
            self.turned_at_ms = now_ms;
        }
        if age_ms >= 2 * LIFE_MS {
            self.old.clear();
        }
        let Request {
            from_tag,
            call_id,
            cseq,
            branch,
        } = *request;
        let id = self.key.hash_one((from_tag, call_id, cseq));
        let branch = self.key.hash_one(branch);
        match self.young.get(&id).or_else(|| self.old.get(&id)) {
            Some(first) => *first != branch,
            None => {
                self.young.insert(id, branch);
                false
            }
        }
    }
}
