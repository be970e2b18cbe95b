//! Random days: events in any order, with any numbers, and after each the line makes sense.

use std::time::Duration;

use bellwire_core::wait::{Guess, LineNow, LineWaits, Standing, WaitEstimate};
use bellwire_proto::time::Timestamp;

const DAYS: u64 = 40;
const STEPS: u32 = 1_500;

/// xorshift64*, so that a failure names the seed that repeats it.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }

    /// Mostly a usual number, now and then a strange one.
    fn number(&mut self, usual: u64) -> u64 {
        match self.roll(20) {
            0 => 0,
            1 => u64::MAX >> self.roll(64),
            _ => self.roll(usual),
        }
    }

    fn count(&mut self, usual: u64) -> u32 {
        u32::try_from(self.number(usual)).unwrap_or(u32::MAX)
    }

    fn span(&mut self) -> Duration {
        Duration::from_millis(self.number(900_000))
    }

    fn line(&mut self) -> LineNow {
        LineNow {
            waiting: self.count(50),
            head_waited: (self.roll(4) > 0).then(|| self.span()),
            places: self.count(30),
            free: 0,
        }
    }

    fn rivals(&mut self) -> f64 {
        match self.roll(20) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => -5.0,
            _ => self.roll(3_000) as f64 / 100.0,
        }
    }
}

struct Day {
    dice: Dice,
    waits: LineWaits,
    waiting: Vec<(Timestamp, Option<Guess>)>,
    now: Timestamp,
}

impl Day {
    fn step(&mut self) {
        match self.dice.roll(10) {
            0..=3 => self.arrive(),
            4..=6 => self.answer(),
            7 => self.give_up(),
            8 => {
                let held = self.dice.span();
                self.waits.finished(held);
            }
            _ => self.now = self.now + Duration::from_millis(self.dice.roll(60_000)),
        }
    }

    fn arrive(&mut self) {
        let mut line = self.dice.line();
        line.free = self.dice.count(3);
        let standing = Standing {
            ahead: self.dice.count(50),
            rivals: self.dice.rivals(),
        };
        let guess = self.waits.joining(standing, line);
        self.waits.arrived(line.waiting, self.now);
        self.waiting.push((self.now, guess));
    }

    fn answer(&mut self) {
        let Some((since, guess)) = self.waiting.pop() else {
            return;
        };
        let waited = match self.dice.roll(10) {
            0 => self.dice.span(),
            _ => self.now.since(since),
        };
        let answering = self.dice.span();
        self.waits
            .entered(guess.as_ref(), waited, answering, self.now);
    }

    fn give_up(&mut self) {
        if self.waiting.pop().is_some() {
            let waited = self.dice.span();
            self.waits.abandoned(waited, self.now);
        }
    }

    /// Whatever was learned: in order, in bounds, and never shorter for standing further back.
    fn check(&mut self) {
        let line = LineNow {
            waiting: 40,
            ..self.dice.line()
        };
        let rivals = self.dice.roll(1_000) as f64 / 100.0;
        let mut nearer = None;
        for ahead in (0..40).chain([60, 500, 40_000]) {
            let Some(told) = self.waits.remaining(Standing { ahead, rivals }, line) else {
                assert!(nearer.is_none(), "said something, then nothing");
                continue;
            };
            assert!(0 < told.low_ms, "{told:?}");
            assert!(told.low_ms <= told.expected_ms, "{told:?}");
            assert!(told.expected_ms <= told.high_ms, "{told:?}");
            assert!(told.high_ms <= 7 * 24 * 3_600_000, "{told:?}");
            if let Some(nearer) = nearer {
                assert_ordered(nearer, told, ahead);
            }
            nearer = Some(told);
        }
        if let Some(accuracy) = self.waits.accuracy() {
            assert!(accuracy.of <= 300);
            assert!(accuracy.rase.is_finite() && accuracy.mare.is_finite());
            assert!((0.0..=1.0).contains(&accuracy.coverage), "{accuracy:?}");
        }
        for (estimator, weight) in self.waits.trust() {
            assert!(
                weight >= 0.0 && weight.is_finite(),
                "{estimator:?} {weight}"
            );
        }
    }
}

fn assert_ordered(nearer: WaitEstimate, further: WaitEstimate, ahead: u32) {
    let pairs = [
        (nearer.low_ms, further.low_ms),
        (nearer.expected_ms, further.expected_ms),
        (nearer.high_ms, further.high_ms),
    ];
    for (near, far) in pairs {
        assert!(near <= far, "{ahead} ahead: {nearer:?}, then {further:?}");
    }
}

#[test]
fn on_any_day_ranges_are_in_order_and_positions_too() {
    for seed in 1..=DAYS {
        let mut day = Day {
            dice: Dice(seed),
            waits: LineWaits::new(),
            waiting: vec![],
            now: Timestamp(1_790_000_000_000),
        };
        for step in 0..STEPS {
            day.step();
            if step % 10 == 0 {
                day.check();
            }
        }
        day.check();
    }
}

#[test]
fn the_same_day_gives_the_same_estimates() {
    let run = || {
        let mut day = Day {
            dice: Dice(99),
            waits: LineWaits::new(),
            waiting: vec![],
            now: Timestamp(1_790_000_000_000),
        };
        for _ in 0..STEPS {
            day.step();
        }
        let line = LineNow {
            waiting: 5,
            head_waited: Some(Duration::from_secs(30)),
            places: 3,
            free: 0,
        };
        day.waits.remaining(
            Standing {
                ahead: 5,
                rivals: 1.5,
            },
            line,
        )
    };

    assert_eq!(run(), run());
    assert!(run().is_some());
}
