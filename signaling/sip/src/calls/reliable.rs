//! Provisional answers that the caller confirms (RFC 3262): which goes out when, and again until it was confirmed.
//!
//! Decisions only: the messages are made in `incoming`.

use std::collections::VecDeque;

/// The first time until it is sent again, in milliseconds (T1, RFC 3261 §17.1.1.1). It doubles each time.
const T1_MS: u64 = 500;
/// After so long without a confirmation the call is refused, in milliseconds (64 times T1, RFC 3262 §3).
const GIVEN_UP_MS: u64 = 64 * T1_MS;

/// What a caller is told before the answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Provisional {
    /// 180
    Ringing,
    /// 182
    Queued,
    /// 183 with a description: sound comes before the answer.
    Progress(String),
}

/// How a caller wants to be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wish {
    /// Without confirmation.
    Plain,
    /// What describes sound is confirmed (`Supported: 100rel`).
    Sound,
    /// All is confirmed (`Require: 100rel`).
    All,
    /// All is to be confirmed, and the first that is would have to bring an offer (RFC 3261 §13.2.1): nothing is told before the answer,
    /// which brings it.
    Nothing,
}

/// One provisional answer, as it goes out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Telling {
    pub(super) what: Provisional,
    /// Its number (`RSeq`), where it is to be confirmed.
    pub(super) number: Option<u32>,
}

/// What is to be done at [`Reliable::due_ms`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Again {
    Nothing,
    Tell(Telling),
    /// It was never confirmed.
    GiveUp,
}

/// What one caller was told, and confirmed.
#[derive(Clone, Debug)]
pub(super) struct Reliable {
    wish: Wish,
    /// Of the INVITE.
    sequence: u32,
    number: u32,
    unconfirmed: Option<Unconfirmed>,
    /// One is confirmed before the next goes out (RFC 3262 §3).
    next: VecDeque<Provisional>,
    /// Nothing is told any more; a confirmation may still be on its way.
    stopped: bool,
}

#[derive(Clone, Debug)]
struct Unconfirmed {
    what: Provisional,
    since_ms: u64,
    wait_ms: u64,
    due_ms: u64,
}

impl Reliable {
    /// For an INVITE with this `CSeq`. `random` numbers the first answer.
    pub(super) fn new(wish: Wish, sequence: u32, random: u32) -> Self {
        Self {
            wish,
            sequence,
            // 1 to 2³¹ − 1 (RFC 3262 §3), with room for those that follow.
            number: random >> 2,
            unconfirmed: None,
            next: VecDeque::new(),
            stopped: false,
        }
    }

    /// The caller is to be told this. Gives it, if it goes out now.
    pub(super) fn tell(&mut self, what: Provisional, now_ms: u64) -> Option<Telling> {
        let confirmed = match (self.wish, &what) {
            (Wish::Nothing, _) => return None,
            (Wish::All, _) | (Wish::Sound, Provisional::Progress(_)) => true,
            (Wish::Plain, _) | (Wish::Sound, Provisional::Ringing | Provisional::Queued) => false,
        };
        if !confirmed {
            return Some(Telling { what, number: None });
        }
        if self.unconfirmed.is_some() {
            self.next.push_back(what);
            return None;
        }
        Some(self.begin(what, now_ms))
    }

    fn begin(&mut self, what: Provisional, now_ms: u64) -> Telling {
        self.number += 1;
        self.unconfirmed = Some(Unconfirmed {
            what: what.clone(),
            since_ms: now_ms,
            wait_ms: T1_MS,
            due_ms: now_ms.saturating_add(T1_MS),
        });
        Telling {
            what,
            number: Some(self.number),
        }
    }

    /// When [`Self::again`] is to be asked, in milliseconds since 1970.
    pub(super) fn due_ms(&self) -> Option<u64> {
        let waiting = self.unconfirmed.as_ref().filter(|_| !self.stopped);
        waiting.map(|waiting| waiting.due_ms)
    }

    /// Time has passed.
    pub(super) fn again(&mut self, now_ms: u64) -> Again {
        let Some(waiting) = &mut self.unconfirmed else {
            return Again::Nothing;
        };
        if now_ms < waiting.due_ms {
            return Again::Nothing;
        }
        if now_ms.saturating_sub(waiting.since_ms) >= GIVEN_UP_MS {
            self.unconfirmed = None;
            self.next.clear();
            return Again::GiveUp;
        }
        waiting.wait_ms = waiting.wait_ms.saturating_mul(2);
        let last = waiting.since_ms.saturating_add(GIVEN_UP_MS);
        waiting.due_ms = now_ms.saturating_add(waiting.wait_ms).min(last);
        Again::Tell(Telling {
            what: waiting.what.clone(),
            number: Some(self.number),
        })
    }

    /// The caller confirmed with this `RAck`. Gives what goes out next.
    ///
    /// # Errors
    ///
    /// Where it confirms nothing that waits for it: such a PRACK is answered 481 (RFC 3262 §3).
    pub(super) fn confirmed(
        &mut self,
        rack: &str,
        now_ms: u64,
    ) -> Result<Option<Telling>, NotAwaited> {
        let mut words = rack.split_ascii_whitespace();
        let mut number = || words.next()?.parse::<u32>().ok();
        let (of, sequence) = (number(), number());
        let ours = of == Some(self.number)
            && sequence == Some(self.sequence)
            && words.next() == Some("INVITE")
            && words.next().is_none();
        if !ours || self.unconfirmed.take().is_none() {
            return Err(NotAwaited);
        }
        let next = self.next.pop_front();
        Ok(next.map(|what| self.begin(what, now_ms)))
    }

    /// Whether the answer has to wait: a description is not confirmed yet (RFC 3262 §3).
    pub(super) fn holds_answer(&self) -> bool {
        (self.unconfirmed.iter().map(|waiting| &waiting.what))
            .chain(&self.next)
            .any(|what| matches!(what, Provisional::Progress(_)))
    }

    /// The call was answered: nothing provisional is told any more. What was told may still be confirmed (RFC 3262 §3).
    pub(super) fn stop(&mut self) {
        self.stopped = true;
        self.next.clear();
    }
}

/// A confirmation of nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NotAwaited;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000_000;

    fn reliable(wish: Wish) -> Reliable {
        Reliable::new(wish, 7, 40)
    }

    fn telling(what: Provisional, number: u32) -> Telling {
        Telling {
            what,
            number: Some(number),
        }
    }

    #[test]
    fn who_asks_for_nothing_confirms_nothing() {
        let mut reliable = reliable(Wish::Plain);

        let told = reliable.tell(Provisional::Ringing, NOW).unwrap();

        assert_eq!((told.number, reliable.due_ms()), (None, None));
    }

    #[test]
    fn one_is_confirmed_before_the_next_goes_out() {
        let mut reliable = reliable(Wish::All);

        let first = reliable.tell(Provisional::Ringing, NOW);
        let second = reliable.tell(Provisional::Queued, NOW);
        let next = reliable.confirmed("11 7 INVITE", NOW + 10);

        assert_eq!(first, Some(telling(Provisional::Ringing, 11)));
        assert_eq!(second, None);
        assert_eq!(next, Ok(Some(telling(Provisional::Queued, 12))));
        assert_eq!(reliable.confirmed("12 7 INVITE", NOW + 20), Ok(None));
        assert_eq!(reliable.due_ms(), None);
    }

    #[test]
    fn what_is_not_awaited_confirms_nothing() {
        let mut reliable = reliable(Wish::All);
        reliable.tell(Provisional::Ringing, NOW);

        for rack in [
            "",
            "10 7 INVITE",
            "11 8 INVITE",
            "11 7 UPDATE",
            "11 7",
            "11 7 INVITE x",
        ] {
            assert_eq!(reliable.confirmed(rack, NOW), Err(NotAwaited), "{rack}");
        }

        assert_eq!(reliable.confirmed("11 7 INVITE", NOW), Ok(None));
        assert_eq!(reliable.confirmed("11 7 INVITE", NOW), Err(NotAwaited));
    }

    #[test]
    fn it_is_told_again_ever_more_seldom_and_given_up_after_32_seconds() {
        let mut reliable = reliable(Wish::All);
        reliable.tell(Provisional::Ringing, NOW);
        let mut after = Vec::new();

        let given_up_ms = loop {
            let due_ms = reliable.due_ms().unwrap();
            assert_eq!(reliable.again(due_ms - 1), Again::Nothing);
            match reliable.again(due_ms) {
                Again::Tell(told) => {
                    assert_eq!(told, telling(Provisional::Ringing, 11));
                    after.push(due_ms - NOW);
                }
                Again::GiveUp => break due_ms - NOW,
                Again::Nothing => panic!("it was due"),
            }
        };

        assert_eq!(after, [500, 1500, 3500, 7500, 15_500, 31_500]);
        assert_eq!((given_up_ms, reliable.due_ms()), (32_000, None));
    }

    #[test]
    fn a_description_holds_the_answer_until_it_is_confirmed() {
        let mut reliable = reliable(Wish::Sound);

        let ringing = reliable.tell(Provisional::Ringing, NOW).unwrap();
        assert_eq!((ringing.number, reliable.holds_answer()), (None, false));
        reliable.tell(Provisional::Progress("v=0".to_owned()), NOW);
        assert!(reliable.holds_answer());
        reliable.confirmed("11 7 INVITE", NOW).unwrap();

        assert!(!reliable.holds_answer());
    }

    #[test]
    fn a_confirmation_may_cross_the_answer() {
        let mut reliable = reliable(Wish::All);
        reliable.tell(Provisional::Ringing, NOW);

        reliable.stop();

        assert_eq!(reliable.due_ms(), None);
        assert_eq!(reliable.confirmed("11 7 INVITE", NOW), Ok(None));
        assert_eq!(reliable.confirmed("11 7 INVITE", NOW), Err(NotAwaited));
    }

    #[test]
    fn a_late_offer_is_not_made_by_what_only_rings() {
        assert_eq!(
            reliable(Wish::Nothing).tell(Provisional::Ringing, NOW),
            None
        );
    }
}
