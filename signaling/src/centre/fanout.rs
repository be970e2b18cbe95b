//! Status for very many pages at once: told in small portions with pauses, so that nobody's call
//! waits meanwhile; what changes again before a page was told is told once, as it is then.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use bellwire_core::Audience;
use bellwire_proto::id::ConnectionId;

/// How many pages are told at once …
pub(super) const PORTION: usize = 250;

/// … and how long the next ones wait: 10,000 pages are told in a fifth of a second.
pub(super) const PAUSE: Duration = Duration::from_millis(5);

/// Who follows which status, and who is still to be told.
#[derive(Debug, Default)]
pub(super) struct Fanout {
    follows: HashMap<ConnectionId, Audience>,
    followers: BTreeMap<Audience, BTreeSet<ConnectionId>>,
    /// What each audience is to be told.
    frames: HashMap<Audience, Utf8Bytes>,
    /// Who is still to be told, in the order of the changes.
    due: VecDeque<(Audience, Vec<ConnectionId>)>,
}

impl Fanout {
    /// From now on this page follows this status.
    pub(super) fn follow(&mut self, connection: ConnectionId, audience: Audience) {
        self.forget(connection);
        self.follows.insert(connection, audience);
        self.followers
            .entry(audience)
            .or_default()
            .insert(connection);
    }

    /// The page is gone.
    pub(super) fn forget(&mut self, connection: ConnectionId) {
        let Some(audience) = self.follows.remove(&connection) else {
            return;
        };
        if let Some(followers) = self.followers.get_mut(&audience) {
            followers.remove(&connection);
            if followers.is_empty() {
                self.followers.remove(&audience);
            }
        }
    }

    /// This audience is to be told this.
    pub(super) fn tell(&mut self, audience: Audience, frame: Utf8Bytes) {
        let Some(followers) = self.followers.get(&audience) else {
            return;
        };
        let all = followers.iter().copied().collect();
        self.due.retain(|(other, _)| *other != audience);
        self.due.push_back((audience, all));
        self.frames.insert(audience, frame);
    }

    /// Somebody is still to be told.
    pub(super) fn is_due(&self) -> bool {
        !self.due.is_empty()
    }

    /// The next portion: who, and what. Those who follow something else by now are left out.
    pub(super) fn portion(&mut self) -> Vec<(ConnectionId, Utf8Bytes)> {
        let mut portion = Vec::with_capacity(PORTION);
        while portion.len() < PORTION {
            let Some((audience, waiting)) = self.due.front_mut() else {
                break;
            };
            let audience = *audience;
            let Some(connection) = waiting.pop() else {
                self.due.pop_front();
                self.frames.remove(&audience);
                continue;
            };
            let Some(frame) = self.frames.get(&audience) else {
                continue;
            };
            if self.follows.get(&connection) == Some(&audience) {
                portion.push((connection, frame.clone()));
            }
        }
        portion
    }
}

#[cfg(test)]
mod tests {
    use bellwire_proto::time::Timestamp;

    use super::*;

    fn page(n: u128) -> ConnectionId {
        ConnectionId::new(Timestamp(1), n)
    }

    fn drain(fanout: &mut Fanout) -> Vec<(ConnectionId, String)> {
        let mut told = vec![];
        while fanout.is_due() {
            let portion = fanout.portion();
            assert!(portion.len() <= PORTION, "a portion is small");
            told.extend(
                portion
                    .into_iter()
                    .map(|(page, frame)| (page, frame.to_string())),
            );
        }
        told
    }

    #[test]
    fn each_follower_is_told_once_in_small_portions() {
        let mut fanout = Fanout::default();
        for n in 0..1_000 {
            fanout.follow(page(n), Audience(u32::from(n % 2 == 0)));
        }

        fanout.tell(Audience(1), "even".into());
        let told = drain(&mut fanout);

        let pages: BTreeSet<_> = told.iter().map(|(page, _)| *page).collect();
        assert_eq!((told.len(), pages.len()), (500, 500));
    }

    #[test]
    fn what_changed_again_meanwhile_is_told_as_it_is_then() {
        let mut fanout = Fanout::default();
        for n in 0..600 {
            fanout.follow(page(n), Audience(1));
        }

        fanout.tell(Audience(1), "old".into());
        let first = fanout.portion();
        fanout.tell(Audience(1), "new".into());
        let rest = drain(&mut fanout);

        assert_eq!(first.len(), PORTION);
        assert_eq!(rest.len(), 600);
        assert!(rest.iter().all(|(_, frame)| frame == "new"));
    }

    #[test]
    fn who_is_gone_or_follows_something_else_is_not_told() {
        let mut fanout = Fanout::default();
        fanout.follow(page(1), Audience(1));
        fanout.follow(page(2), Audience(1));
        fanout.follow(page(3), Audience(1));
        fanout.tell(Audience(1), "news".into());

        fanout.forget(page(1));
        fanout.follow(page(2), Audience(2));
        let told = drain(&mut fanout);

        assert_eq!(told, [(page(3), "news".to_owned())]);
    }
}
