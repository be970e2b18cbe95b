//! Counts wrong passwords by address and by user name, in bounded memory.

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use bellwire_proto::time::Timestamp;

use crate::{config::Limits, store};

/// The most subjects that are remembered. Beyond it those are forgotten whose window ends first.
const MOST: usize = 10_000;

/// How many more wrong passwords a user name may see than an address: someone who guesses from
/// many addresses is slowed, and an honest user is not easily locked out by another's guesses.
const NAME_FACTOR: u32 = 5;

/// What attempts are counted by.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Subject {
    /// Where they come from: a whole /64 of IPv6, for that is what one line has.
    Address(IpAddr),
    /// The user name, as it is compared.
    User(String),
}

impl Subject {
    pub(super) fn address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
            v4 @ IpAddr::V4(_) => v4,
        })
    }

    pub(super) fn user(name: &str) -> Self {
        Self::User(store::folded(name))
    }
}

/// Attempts in a window that begins with the first of them.
#[derive(Clone, Copy, Debug)]
struct Count {
    attempts: u32,
    until: Timestamp,
}

/// Says when it is enough.
#[derive(Debug)]
pub(super) struct Limiter {
    attempts: u32,
    window: Duration,
    counts: BTreeMap<Subject, Count>,
}

impl Limiter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            attempts: limits.login_attempts,
            window: Duration::from_secs(limits.login_window_s),
            counts: BTreeMap::new(),
        }
    }

    /// Counts an attempt for each subject; none where one of them has to wait, and how long.
    pub(super) fn attempt(&mut self, subjects: &[Subject], now: Timestamp) -> Result<(), Duration> {
        let waits = subjects
            .iter()
            .filter_map(|subject| self.wait(subject, now));
        if let Some(wait) = waits.max() {
            return Err(wait);
        }
        for subject in subjects {
            self.count(subject, now);
        }
        Ok(())
    }

    /// Takes an attempt back: it was right, or nobody looked at it.
    pub(super) fn forgive(&mut self, subjects: &[Subject]) {
        for subject in subjects {
            if let Some(count) = self.counts.get_mut(subject) {
                count.attempts = count.attempts.saturating_sub(1);
            }
        }
    }

    fn wait(&self, subject: &Subject, now: Timestamp) -> Option<Duration> {
        let count = self.counts.get(subject).filter(|count| count.until > now)?;
        (count.attempts >= self.most(subject)).then(|| count.until.since(now))
    }

    fn most(&self, subject: &Subject) -> u32 {
        match subject {
            Subject::Address(_) => self.attempts,
            Subject::User(_) => self.attempts.saturating_mul(NAME_FACTOR),
        }
    }

    fn count(&mut self, subject: &Subject, now: Timestamp) {
        let fresh = Count {
            attempts: 0,
            until: now + self.window,
        };
        if !self.counts.contains_key(subject) {
            self.make_room(now);
        }
        let count = self.counts.entry(subject.clone()).or_insert(fresh);
        if count.until <= now {
            *count = fresh;
        }
        count.attempts = count.attempts.saturating_add(1);
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.counts.len() < MOST {
            return;
        }
        self.counts
            .retain(|_, count| count.until > now && count.attempts > 0);
        if self.counts.len() < MOST {
            return;
        }
        // A tenth at once, so that a flood does not pay for the search each time.
        let mut ends: Vec<_> = self.counts.values().map(|count| count.until).collect();
        ends.sort_unstable();
        let last_to_go = ends[MOST / 10];
        self.counts.retain(|_, count| count.until > last_to_go);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn limiter() -> Limiter {
        Limiter::new(&Limits {
            login_attempts: 3,
            login_window_s: 60,
            ..Limits::default()
        })
    }

    fn from(last: u8) -> Subject {
        Subject::address(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn an_address_waits_until_its_window_ends() {
        let mut limiter = limiter();
        for _ in 0..3 {
            assert_eq!(limiter.attempt(&[from(1)], NOW), Ok(()));
        }

        let half = NOW + Duration::from_secs(30);
        assert_eq!(
            limiter.attempt(&[from(1)], half),
            Err(Duration::from_secs(30))
        );
        assert_eq!(limiter.attempt(&[from(2)], half), Ok(()));
        assert_eq!(
            limiter.attempt(&[from(1)], NOW + Duration::from_secs(60)),
            Ok(())
        );
    }

    #[test]
    fn a_right_password_is_not_counted() {
        let mut limiter = limiter();

        for _ in 0..100 {
            assert_eq!(limiter.attempt(&[from(1)], NOW), Ok(()));
            limiter.forgive(&[from(1)]);
        }
    }

    #[test]
    fn a_user_name_guessed_from_many_addresses_has_to_wait_too() {
        let mut limiter = limiter();
        let name = Subject::user("Anna");
        for host in 0..15 {
            assert_eq!(limiter.attempt(&[from(host), name.clone()], NOW), Ok(()));
        }

        let other_case = Subject::user("ANNA ");

        assert!(limiter.attempt(&[from(99), other_case], NOW).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let mut limiter = limiter();

        for n in 0..3 * MOST {
            let now = NOW + Duration::from_millis(n.try_into().expect("small"));
            assert_eq!(
                limiter.attempt(&[Subject::user(&n.to_string())], now),
                Ok(())
            );
        }

        assert!(limiter.counts.len() <= MOST);
    }
}
