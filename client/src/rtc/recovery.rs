//! When to ask again and when to restart ICE: the patience of a call, without a clock.
//!
//! Measured in Chromium: a path that is gone for 3 s is not even noticed, one gone for 6 s shows
//! as `disconnected`, 16 s as `failed`, and from there only a restart helps. A restart takes two
//! messages, so both sides doing it at once is avoided: the polite side goes first.

use std::time::Duration;

use bellwire_proto::time::Timestamp;

/// What the browser says of the path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Path {
    /// Not tried yet, or being tried.
    Trying,
    /// It works.
    Open,
    /// Nothing comes just now.
    Broken,
    /// The browser gave it up.
    Lost,
}

/// How a call stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CallState {
    /// Never connected yet.
    Connecting,
    /// The other side is heard.
    Connected,
    /// It was connected, and is being repaired.
    Interrupted,
    /// No connection for half a minute. The call goes on trying; the page offers another way.
    Failed,
}

/// What is due.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Due {
    /// Restart ICE.
    pub(super) restart: bool,
    /// Say the open offer again.
    pub(super) repeat: bool,
    /// The other side should have offered long ago: offer.
    pub(super) offer: bool,
}

/// What of the negotiation matters here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Talks {
    /// Nothing was said yet by either side.
    Silent,
    /// Our offer is open.
    Offered,
    /// Both have said what they need.
    Settled,
}

/// Watches one call.
#[derive(Debug)]
pub(super) struct Recovery {
    polite: bool,
    path: Path,
    /// Since when a connection is missing; nobody misses one before the talks begin.
    apart: Option<Timestamp>,
    was_open: bool,
    next_restart: Option<Timestamp>,
    /// Since when the talks are as they are.
    talks: (Talks, Timestamp),
    /// When the other side was known.
    met: Option<Timestamp>,
}

impl Recovery {
    const BROKEN_FOR: Duration = Duration::from_secs(2);
    const HEAD_START: Duration = Duration::from_secs(3);
    const AGAIN: Duration = Duration::from_secs(5);
    const GIVE_UP: Duration = Duration::from_secs(30);

    pub(super) fn new(polite: bool, now: Timestamp) -> Self {
        Self {
            polite,
            path: Path::Trying,
            apart: None,
            was_open: false,
            next_restart: None,
            talks: (Talks::Silent, now),
            met: None,
        }
    }

    /// How the call stands.
    pub(super) fn state(&self, now: Timestamp) -> CallState {
        match self.apart {
            None if self.path == Path::Open => CallState::Connected,
            None => CallState::Connecting,
            Some(apart) if now.since(apart) >= Self::GIVE_UP => CallState::Failed,
            Some(_) if self.was_open => CallState::Interrupted,
            Some(_) => CallState::Connecting,
        }
    }

    /// The browser says how the path is.
    pub(super) fn path(&mut self, path: Path, now: Timestamp) {
        if path == self.path {
            return;
        }
        self.path = path;
        match path {
            Path::Open => {
                self.was_open = true;
                self.apart = None;
                self.next_restart = None;
            }
            Path::Broken => self.plan(now + Self::BROKEN_FOR + self.turn()),
            Path::Lost => self.plan(now + self.turn()),
            Path::Trying => {}
        }
        self.miss(now);
    }

    /// The other page is known from now on.
    pub(super) fn met(&mut self, now: Timestamp) {
        self.met = Some(now);
        self.miss(now);
    }

    /// The peer connection is a fresh one.
    pub(super) fn renewed(&mut self, now: Timestamp) {
        self.path = Path::Trying;
        self.miss(now);
        self.next_restart = None;
        self.talks = (Talks::Silent, now);
        self.met = Some(now);
    }

    /// Both pages are connected to the server again: what was said meanwhile is lost.
    pub(super) fn reattached(&mut self, now: Timestamp) {
        match self.path {
            Path::Broken | Path::Lost => self.next_restart = Some(now + self.turn()),
            Path::Open | Path::Trying => {}
        }
    }

    /// Looks what is due. What is due now is next due later.
    pub(super) fn due(&mut self, talks: Talks, now: Timestamp) -> Due {
        if self.talks.0 != talks {
            self.talks = (talks, now);
            self.miss(now);
        }
        let mut due = Due::default();
        // A restart under way is not cut short: it ends open or lost.
        if self.path != Path::Trying && self.next_restart.is_some_and(|at| now >= at) {
            due.restart = true;
            self.next_restart = Some(now + Self::AGAIN);
        }
        let waited = now.since(self.talks.1);
        match talks {
            Talks::Offered => due.repeat = waited >= Self::AGAIN,
            Talks::Silent => {
                let known = self.met.is_some_and(|met| now.since(met) >= Self::AGAIN);
                due.offer = known && waited >= Self::AGAIN + self.turn();
            }
            Talks::Settled => {}
        }
        if due.repeat || due.offer {
            self.talks.1 = now;
        }
        due
    }

    fn miss(&mut self, now: Timestamp) {
        if self.path != Path::Open {
            self.apart.get_or_insert(now);
        }
    }

    fn plan(&mut self, at: Timestamp) {
        self.next_restart = Some(self.next_restart.map_or(at, |planned| planned.min(at)));
    }

    /// The impolite side lets the other go first.
    fn turn(&self) -> Duration {
        if self.polite {
            Duration::ZERO
        } else {
            Self::HEAD_START
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp(seconds * 1_000)
    }

    fn talking(polite: bool) -> Recovery {
        let mut recovery = Recovery::new(polite, at(0));
        recovery.path(Path::Open, at(1));
        recovery
    }

    /// The seconds up to `end` at which a restart was due.
    fn restarts(recovery: &mut Recovery, end: u64) -> Vec<u64> {
        (0..=end)
            .filter(|second| recovery.due(Talks::Settled, at(*second)).restart)
            .collect()
    }

    #[test]
    fn a_broken_path_is_restarted_after_two_seconds_and_then_every_five() {
        let mut recovery = talking(true);

        recovery.path(Path::Broken, at(10));

        assert_eq!(restarts(&mut recovery, 22), [12, 17, 22]);
    }

    #[test]
    fn a_lost_path_is_restarted_at_once_by_the_polite_side_only() {
        let (mut polite, mut impolite) = (talking(true), talking(false));

        polite.path(Path::Lost, at(10));
        impolite.path(Path::Lost, at(10));

        assert_eq!(restarts(&mut polite, 12), [10]);
        assert_eq!(restarts(&mut impolite, 14), [13]);
    }

    #[test]
    fn a_path_that_comes_back_by_itself_is_left_alone() {
        let mut recovery = talking(true);

        recovery.path(Path::Broken, at(10));
        recovery.path(Path::Open, at(11));

        assert_eq!(restarts(&mut recovery, 60), [0; 0]);
        assert_eq!(recovery.state(at(60)), CallState::Connected);
    }

    #[test]
    fn a_call_is_failed_after_half_a_minute_and_goes_on_trying() {
        let mut recovery = talking(true);

        recovery.path(Path::Lost, at(10));

        assert_eq!(recovery.state(at(39)), CallState::Interrupted);
        assert_eq!(recovery.state(at(40)), CallState::Failed);
        assert!(restarts(&mut recovery, 60).contains(&60));
        recovery.path(Path::Open, at(61));
        assert_eq!(recovery.state(at(61)), CallState::Connected);
    }

    #[test]
    fn a_call_that_waits_for_an_agent_is_not_a_failed_one() {
        let mut recovery = Recovery::new(true, at(0));

        recovery.due(Talks::Silent, at(300));
        assert_eq!(recovery.state(at(300)), CallState::Connecting);
        recovery.met(at(300));

        assert_eq!(recovery.state(at(329)), CallState::Connecting);
        assert_eq!(recovery.state(at(330)), CallState::Failed);
    }

    #[test]
    fn a_restart_under_way_does_not_stop_the_clock() {
        let mut recovery = talking(true);

        recovery.path(Path::Lost, at(10));
        recovery.due(Talks::Settled, at(10));
        recovery.path(Path::Trying, at(11));

        assert_eq!(recovery.state(at(12)), CallState::Interrupted);
        assert_eq!(recovery.state(at(40)), CallState::Failed);
    }

    #[test]
    fn an_open_offer_is_said_again_every_five_seconds() {
        let mut recovery = Recovery::new(true, at(0));

        let repeats: Vec<u64> = (1..=12)
            .filter(|second| recovery.due(Talks::Offered, at(*second)).repeat)
            .collect();

        assert_eq!(repeats, [6, 11]);
    }

    #[test]
    fn who_waits_for_an_offer_in_vain_offers() {
        let mut recovery = Recovery::new(false, at(0));
        recovery.met(at(1));

        let offers: Vec<u64> = (1..=10)
            .filter(|second| recovery.due(Talks::Silent, at(*second)).offer)
            .collect();

        assert_eq!(offers, [8]);
    }

    #[test]
    fn a_connection_to_the_server_that_came_back_is_used_at_once() {
        let mut recovery = talking(true);
        recovery.path(Path::Lost, at(10));
        recovery.due(Talks::Settled, at(10));

        recovery.reattached(at(11));

        assert!(recovery.due(Talks::Settled, at(11)).restart);
    }
}
