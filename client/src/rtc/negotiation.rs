//! Who gives way, which description counts, and what is a repeat: the decisions of a
//! negotiation, without a browser.
//!
//! The shell runs one step at a time, so an offer of our own that is being made never meets one
//! from outside: a collision shows as a signalling state that is not stable.

use bellwire_proto::{
    id::PeerId,
    rtc::{Signal, Step},
};

/// What a call knows of the negotiation with the other page.
#[derive(Debug)]
pub(super) struct Negotiation {
    own: PeerId,
    polite: bool,
    remote: Option<PeerId>,
    /// Peer connections that were replaced: a straggler of theirs must not undo that.
    retired: Vec<PeerId>,
    /// The last offer was refused: its candidates mean nothing here.
    ignoring: bool,
    /// The last offer from outside that was answered, and the answer.
    answered: Option<(String, String)>,
    /// The last offer of our own.
    last_offer: Option<String>,
    /// The last answer from outside.
    last_answer: Option<String>,
}

/// Whom a signal is from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sender {
    /// The page we talk to.
    Known,
    /// A page that was loaded anew: start over with it.
    New,
    /// Nobody we listen to (any more).
    Stranger,
}

/// What to do with an offer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum OnOffer {
    /// Take it in (which takes back our own, if there is one) and answer.
    Answer,
    /// It was answered before and the answer was lost: say the same again.
    Repeat(String),
    /// Our own offer goes first.
    Ignore,
}

/// What happened to the page we talk to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Remote {
    /// It is the first that we know.
    First,
    /// It is the one we knew.
    Same,
    /// It was loaded anew: our peer connection is of no use to it.
    Replaced,
}

impl Negotiation {
    pub(super) fn new(own: PeerId, polite: bool) -> Self {
        Self {
            own,
            polite,
            remote: None,
            retired: Vec::new(),
            ignoring: false,
            answered: None,
            last_offer: None,
            last_answer: None,
        }
    }

    pub(super) fn own(&self) -> PeerId {
        self.own
    }

    /// Whether candidates of the other side belong to an offer that was refused.
    pub(super) fn ignoring(&self) -> bool {
        self.ignoring
    }

    /// A signal as this side says it.
    pub(super) fn signal(&self, step: Step) -> Signal {
        Signal {
            from: self.own,
            to: self.remote,
            step,
        }
    }

    pub(super) fn sender(&self, signal: &Signal) -> Sender {
        let for_another = signal.to.is_some_and(|to| to != self.own);
        if for_another || self.retired.contains(&signal.from) || signal.from == self.own {
            return Sender::Stranger;
        }
        match (self.remote, &signal.step) {
            (Some(remote), _) if remote == signal.from => Sender::Known,
            (None, _) | (Some(_), Step::Offer { .. }) => Sender::New,
            (Some(_), Step::Answer { .. } | Step::Candidate { .. } | Step::Sending(_)) => {
                Sender::Stranger
            }
        }
    }

    /// The server, or an offer, says who the other page is now.
    pub(super) fn meet(&mut self, remote: PeerId) -> Remote {
        match self.remote.replace(remote) {
            None => Remote::First,
            Some(former) if former == remote => Remote::Same,
            Some(former) => {
                self.retired.push(former);
                self.retired.retain(|retired| *retired != remote);
                self.renew();
                Remote::Replaced
            }
        }
    }

    /// The peer connection is a fresh one.
    pub(super) fn renew(&mut self) {
        self.ignoring = false;
        self.answered = None;
        self.last_offer = None;
        self.last_answer = None;
    }

    /// An offer came; `stable`: no offer of our own is open.
    ///
    /// Signals keep their order, so a repeat is of the last offer. It must not be answered anew:
    /// the other side may have gone on, and would take the new answer for that of a later offer.
    pub(super) fn on_offer(&mut self, sdp: &str, stable: bool) -> OnOffer {
        if let Some((offer, answer)) = &self.answered
            && offer == sdp
        {
            self.ignoring = false;
            return OnOffer::Repeat(answer.clone());
        }
        self.ignoring = !stable && !self.polite;
        if self.ignoring {
            OnOffer::Ignore
        } else {
            OnOffer::Answer
        }
    }

    /// We answered.
    pub(super) fn answered(&mut self, offer: String, answer: String) {
        self.answered = Some((offer, answer));
    }

    /// We offered. The same words as last time deserve the same answer as last time.
    pub(super) fn offered(&mut self, sdp: String) {
        if self.last_offer.as_ref() == Some(&sdp) {
            self.last_answer = None;
        }
        self.last_offer = Some(sdp);
    }

    /// An answer came; `pending`: an offer of our own is open. Returns whether it counts.
    pub(super) fn on_answer(&mut self, sdp: &str, pending: bool) -> bool {
        if !pending || self.last_answer.as_deref() == Some(sdp) {
            return false;
        }
        self.ignoring = false;
        self.last_answer = Some(sdp.to_owned());
        true
    }
}

#[cfg(test)]
mod tests {
    use bellwire_proto::time::Timestamp;

    use super::*;

    fn peer(n: u128) -> PeerId {
        PeerId::new(Timestamp(1), n)
    }

    fn offer(from: u128, to: Option<u128>) -> Signal {
        Signal {
            from: peer(from),
            to: to.map(peer),
            step: Step::Offer { sdp: "o".into() },
        }
    }

    fn candidate(from: u128) -> Signal {
        let step = Step::Candidate {
            candidate: "c".into(),
            mid: None,
            line: None,
        };
        Signal {
            step,
            ..offer(from, None)
        }
    }

    #[test]
    fn the_polite_side_gives_way_and_the_other_does_not() {
        let mut polite = Negotiation::new(peer(1), true);
        let mut impolite = Negotiation::new(peer(2), false);

        assert_eq!(polite.on_offer("theirs", false), OnOffer::Answer);
        assert_eq!(impolite.on_offer("theirs", false), OnOffer::Ignore);
        assert!(impolite.ignoring() && !polite.ignoring());
        assert_eq!(impolite.on_offer("theirs", true), OnOffer::Answer);
        assert!(!impolite.ignoring());
    }

    #[test]
    fn a_repeated_offer_gets_the_same_answer_again() {
        let mut negotiation = Negotiation::new(peer(1), true);
        negotiation.answered("offer".into(), "answer".into());

        let repeat = negotiation.on_offer("offer", true);
        let newer = negotiation.on_offer("newer", true);
        let beside_our_own = negotiation.on_offer("offer", false);

        assert_eq!(repeat, OnOffer::Repeat("answer".into()));
        assert_eq!(newer, OnOffer::Answer);
        assert_eq!(beside_our_own, repeat);
    }

    #[test]
    fn a_late_or_repeated_answer_does_not_count() {
        let mut negotiation = Negotiation::new(peer(1), true);

        assert!(!negotiation.on_answer("early", false));
        assert!(negotiation.on_answer("first", true));
        assert!(!negotiation.on_answer("first", true));
        assert!(negotiation.on_answer("second", true));
    }

    #[test]
    fn an_offer_in_the_same_words_takes_the_same_answer() {
        let mut negotiation = Negotiation::new(peer(1), true);
        negotiation.offered("offer".into());
        assert!(negotiation.on_answer("answer", true));

        negotiation.offered("offer".into());

        assert!(negotiation.on_answer("answer", true));
    }

    #[test]
    fn a_signal_for_another_peer_connection_is_a_strangers() {
        let mut negotiation = Negotiation::new(peer(1), true);
        negotiation.meet(peer(2));

        assert_eq!(negotiation.sender(&offer(2, Some(1))), Sender::Known);
        assert_eq!(negotiation.sender(&offer(2, Some(9))), Sender::Stranger);
        assert_eq!(negotiation.sender(&offer(1, None)), Sender::Stranger);
    }

    #[test]
    fn a_page_loaded_anew_is_met_and_its_former_self_is_not_heard_again() {
        let mut negotiation = Negotiation::new(peer(1), false);
        assert_eq!(negotiation.meet(peer(2)), Remote::First);
        assert_eq!(negotiation.sender(&offer(3, Some(1))), Sender::New);
        assert_eq!(negotiation.sender(&candidate(3)), Sender::Stranger);

        assert_eq!(negotiation.meet(peer(3)), Remote::Replaced);

        assert_eq!(negotiation.meet(peer(3)), Remote::Same);
        assert_eq!(negotiation.sender(&offer(2, None)), Sender::Stranger);
        assert_eq!(negotiation.sender(&candidate(3)), Sender::Known);
        assert_eq!(negotiation.signal(offer(1, None).step).to, Some(peer(3)));
    }

    #[test]
    fn a_fresh_peer_connection_forgets_old_descriptions() {
        let mut negotiation = Negotiation::new(peer(1), true);
        negotiation.meet(peer(2));
        negotiation.answered("offer".into(), "answer".into());

        negotiation.meet(peer(3));

        assert_eq!(negotiation.on_offer("offer", true), OnOffer::Answer);
    }
}
