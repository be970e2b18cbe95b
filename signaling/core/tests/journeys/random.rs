//! Random journeys and rules: the same each time, and never a change that was not foretold.

use bellwire_core::collect::Journal;
use bellwire_proto::setup::{CartAction, Collected};

use super::*;

/// Numbers that look random, the same every run (xorshift64*).
struct Dice(u64);

impl Dice {
    /// A number below `most`, which fits `T`.
    fn below<T: TryFrom<u64>>(&mut self, most: u64) -> T
    where
        T::Error: std::fmt::Debug,
    {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % most;
        T::try_from(number).expect("asked for a number that fits")
    }

    fn one_of<'a>(&mut self, these: &[&'a str]) -> &'a str {
        let place: usize = self.below(these.len() as u64);
        these[place]
    }

    fn kind(&mut self) -> JourneyKind {
        let path = self.one_of(&["/a", "/b", "/help/c"]);
        let name = self.one_of(&["x", "Y", "ñ"]);
        match self.below::<u64>(8) {
            0..3 => viewed(path, &[name]),
            3 => left(path, self.below(5 * MINUTE)),
            4 => scrolled(path, self.below(101)),
            5 => searched(name),
            6 => clicked(name),
            _ => custom(name),
        }
    }

    fn condition(&mut self) -> Condition {
        let name = self.one_of(&["x", "y", "Ñ", ""]).to_owned();
        let seconds = self.below(400);
        let what = match self.below::<u64>(9) {
            0 => What::Category(name),
            1 => What::Url(self.one_of(&["/*", "*a", "/help/*", "*.example/b"]).into()),
            2 => What::Event(name),
            3 => What::Clicked(name),
            4 => What::Searched(name),
            5 => What::Cart(CartAction::Added),
            6 => What::Scrolled(50),
            _ => What::Dwell {
                category: name,
                seconds,
            },
        };
        let within_min = (self.below::<u64>(3) > 0).then(|| self.below(8));
        let at_least = self.below(4);
        Condition {
            what,
            at_least,
            within_min,
        }
    }

    fn visitor(&mut self) -> Visitor {
        let mut at = 0;
        (0..self.below::<u64>(40)).fold(Visitor::new(), |visitor, _| {
            at += self.below::<u64>(MINUTE);
            visitor.did(at, self.kind())
        })
    }
}

#[test]
fn no_answer_changes_by_time_before_it_was_foretold() {
    let mut dice = Dice(7);
    let mut changes = 0;
    for _ in 0..1_500 {
        let visitor = dice.visitor();
        let condition = dice.condition();
        let mut now = visitor.journey.last().map_or(0, |event| event.at.0 - START);
        let mut looks = 0;
        while let Some(next) = visitor.next_look(&condition, now) {
            assert!(next > now, "time goes on: {condition:?}");
            let held = visitor.holds(&condition, now).is_some();
            for between in [now + (next - now) / 3, now + (next - now) / 2, next - 1] {
                let holds = visitor.holds(&condition, between).is_some();
                assert_eq!(holds, held, "{condition:?} at {between}, before {next}");
            }
            changes += u32::from(visitor.holds(&condition, next).is_some() != held);
            now = next;
            looks += 1;
            assert!(looks < 200, "looking never ends: {condition:?}");
        }
        let held = visitor.holds(&condition, now).is_some();
        for later in [1, MINUTE, HOUR, 100 * HOUR] {
            let holds = visitor.holds(&condition, now + later).is_some();
            assert_eq!(holds, held, "{condition:?} {later} after the last look");
        }
    }
    assert!(
        changes > 200,
        "{changes} changes are too few to show anything"
    );
}

#[test]
fn the_same_journey_tells_the_same_and_in_order() {
    let mut dice = Dice(11);
    let mut told = 0;
    for _ in 0..300 {
        let visitor = dice.visitor();
        let rules: Vec<IntentRule> = (0..8)
            .map(|n| {
                let confidence = dice.below(255);
                let mut rule = rule(&n.to_string(), confidence, vec![dice.condition()]);
                rule.any = (0..dice.below::<u64>(3))
                    .map(|_| dice.condition())
                    .collect();
                rule.none = (0..dice.below::<u64>(2))
                    .map(|_| dice.condition())
                    .collect();
                rule.more = 20;
                rule
            })
            .collect();

        let intents = visitor.intents(&rules, HOUR);

        assert_eq!(intents, visitor.intents(&rules, HOUR));
        assert!(intents.is_sorted_by_key(|intent| std::cmp::Reverse(intent.confidence)));
        for intent in &intents {
            assert!((1..=99).contains(&intent.confidence) && !intent.evidence.is_empty());
        }
        told += intents.len();
    }
    assert!(told > 100, "{told} intents are too few to show anything");
}

#[test]
fn a_journey_is_the_same_however_it_was_cut_into_messages() {
    let mut dice = Dice(13);
    for _ in 0..200 {
        let events = dice.visitor().journey;
        let now = Timestamp(START + 10 * MINUTE);
        let mut whole = Journal::new();
        whole.grow(events.clone(), &Collected::all(), now);
        let mut parts = Journal::new();
        let mut told = 0;
        while told < events.len() {
            // A page that reloads tells some events again.
            let from = told.saturating_sub(dice.below(5));
            told = (told + 1 + dice.below::<usize>(6)).min(events.len());
            let at = events[told - 1].at;
            parts.grow(events[from..told].to_vec(), &Collected::all(), at);
        }

        assert_eq!(parts.events().len(), events.len());
        let kinds = |journal: &Journal| -> Vec<JourneyKind> {
            journal
                .events()
                .iter()
                .map(|event| event.kind.clone())
                .collect()
        };
        assert_eq!(kinds(&whole), kinds(&parts));
    }
}
