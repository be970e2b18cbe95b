//! Which algorithms to ask whom for.
//!
//! RFC 8760 §2.4 has us send one challenge for each algorithm, and a phone take the first that it
//! knows. Phones older than that give up instead, where any of the challenges is not MD5. Such a
//! one comes again after a while, with nothing: then it is asked for MD5 alone.
//!
//! What is remembered belongs to a user at a source, so nobody weakens what others are asked for.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
};

use super::Algorithm;

/// How long a phone may take to answer, in milliseconds. Its other requests meanwhile bring
/// nothing either, and mean nothing.
const PATIENCE_MS: u64 = 2_000;
/// How long what was learnt holds, in milliseconds.
const DAY_MS: u64 = 24 * 3600 * 1000;
/// How many users at sources are remembered. With more, everything is learnt anew.
const MOST: usize = 16_384;

/// What was seen of a user at a source.
#[derive(Clone, Copy, Debug)]
enum Seen {
    /// It was asked for everything at this time, and has not answered.
    Asked { at_ms: u64 },
    /// It answers.
    Answers,
    /// It came back with nothing: it is asked for MD5 alone, from this time on.
    OnlyMd5 { since_ms: u64 },
}

/// What is offered, and to whom less.
#[derive(Debug)]
pub(super) struct Offers {
    all: Vec<Algorithm>,
    seen: HashMap<u64, Seen>,
    /// Names of users are kept as hashes with a key of our own.
    key: RandomState,
}

impl Offers {
    pub(super) fn new(all: Vec<Algorithm>) -> Self {
        Self {
            all,
            seen: HashMap::new(),
            key: RandomState::new(),
        }
    }

    /// Whether `algorithm` is one that we offer at all.
    pub(super) fn has(&self, algorithm: Algorithm) -> bool {
        self.all.contains(&algorithm)
    }

    /// What to ask `user` at `source` for, who came with nothing.
    pub(super) fn ask(&mut self, user: &str, source: IpAddr, now_ms: u64) -> Vec<Algorithm> {
        if self.all.len() < 2 || !self.has(Algorithm::Md5) {
            return self.all.clone();
        }
        let id = self.id(user, source);
        let after = match self.seen.get(&id) {
            None => Seen::Asked { at_ms: now_ms },
            Some(&Seen::Asked { at_ms }) if at_ms.saturating_add(PATIENCE_MS) > now_ms => {
                Seen::Asked { at_ms }
            }
            Some(Seen::Asked { .. }) => Seen::OnlyMd5 { since_ms: now_ms },
            Some(Seen::Answers) => Seen::Answers,
            Some(&Seen::OnlyMd5 { since_ms }) if since_ms.saturating_add(DAY_MS) > now_ms => {
                Seen::OnlyMd5 { since_ms }
            }
            Some(Seen::OnlyMd5 { .. }) => Seen::Asked { at_ms: now_ms },
        };
        if self.seen.len() >= MOST && !self.seen.contains_key(&id) {
            self.seen.clear();
        }
        self.seen.insert(id, after);
        match after {
            Seen::Asked { .. } | Seen::Answers => self.all.clone(),
            Seen::OnlyMd5 { .. } => vec![Algorithm::Md5],
        }
    }

    /// Notes that `user` at `source` came with credentials for `algorithm`.
    pub(super) fn answered(&mut self, user: &str, source: IpAddr, algorithm: Algorithm) {
        let id = self.id(user, source);
        let Some(seen) = self.seen.get_mut(&id) else {
            return;
        };
        match (*seen, algorithm) {
            (Seen::Asked { .. } | Seen::Answers, _) | (Seen::OnlyMd5 { .. }, Algorithm::Sha256) => {
                *seen = Seen::Answers
            }
            // It was asked for nothing else.
            (Seen::OnlyMd5 { .. }, Algorithm::Md5) => {}
        }
    }

    fn id(&self, user: &str, source: IpAddr) -> u64 {
        self.key.hash_one((user, source.to_canonical()))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 4));
    const BOTH: [Algorithm; 2] = Algorithm::OFFERED;
    const MD5: [Algorithm; 1] = [Algorithm::Md5];

    fn offers() -> Offers {
        Offers::new(BOTH.to_vec())
    }

    #[test]
    fn a_phone_that_comes_back_with_nothing_is_asked_for_md5_alone() {
        let mut offers = offers();

        assert_eq!(offers.ask("1001", HERE, 0), BOTH);
        assert_eq!(offers.ask("1001", HERE, 1_999), BOTH);
        assert_eq!(offers.ask("1001", HERE, 2_000), MD5);
        offers.answered("1001", HERE, Algorithm::Md5);
        assert_eq!(offers.ask("1001", HERE, 9_000), MD5);
        assert_eq!(offers.ask("1002", HERE, 9_000), BOTH);
        assert_eq!(
            offers.ask("1001", IpAddr::V4(Ipv4Addr::LOCALHOST), 9_000),
            BOTH
        );
        // Perhaps it has new software a day later.
        assert_eq!(offers.ask("1001", HERE, DAY_MS + 2_000), BOTH);
    }

    #[test]
    fn a_phone_that_answers_is_always_asked_for_everything() {
        let mut offers = offers();
        offers.ask("1001", HERE, 0);

        offers.answered("1001", HERE, Algorithm::Md5);

        for hour in 0..50 {
            assert_eq!(offers.ask("1001", HERE, hour * 3_600_000), BOTH);
        }
    }

    #[test]
    fn what_is_not_offered_is_never_asked_for() {
        let mut offers = Offers::new(vec![Algorithm::Sha256]);

        for second in 0..100 {
            assert_eq!(offers.ask("1001", HERE, second * 1000), [Algorithm::Sha256]);
        }
    }

    #[test]
    fn its_memory_is_bounded() {
        let mut offers = offers();

        for user in 0..MOST + 100 {
            offers.ask(&user.to_string(), HERE, 0);
        }

        assert!(offers.seen.len() <= MOST);
    }
}
