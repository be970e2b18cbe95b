//! How good a call sounds, from what the browser counts.

use std::time::Duration;

/// How good a call is now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// For people.
    pub level: Level,
    /// The time to the other side and back, in milliseconds.
    pub rtt_ms: u32,
    /// The share of packets lost on the way here, 0 to 1.
    pub loss: f32,
    /// How unevenly packets come, in milliseconds.
    pub jitter_ms: u32,
}

/// How good a call is, for people.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Level {
    /// As if in one room.
    Good,
    /// Noticeable.
    Fair,
    /// Hard to understand.
    Poor,
}

impl Level {
    /// Told beside a bar or dot.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Good => "Good connection",
            Self::Fair => "Fair connection",
            Self::Poor => "Poor connection. Turning the camera off may help.",
        }
    }
}

/// What the browser has counted since the call began.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) received: f64,
    pub(super) lost: f64,
    pub(super) jitter: Duration,
    pub(super) rtt: Duration,
}

/// Judges a call, without flickering: it takes [`Self::WORSE_AFTER`] bad counts in a row to
/// show worse, and [`Self::BETTER_AFTER`] good ones to show better.
#[derive(Debug)]
pub(super) struct Gauge {
    last: Option<Counts>,
    shown: Level,
    /// How many counts in a row said otherwise than `shown`, and what the mildest said.
    against: u32,
    mildest: Level,
}

impl Gauge {
    const WORSE_AFTER: u32 = 2;
    const BETTER_AFTER: u32 = 3;

    pub(super) fn new() -> Self {
        Self {
            last: None,
            shown: Level::Good,
            against: 0,
            mildest: Level::Good,
        }
    }

    /// Takes in new counts. Counts that went back (a new peer connection) start over.
    pub(super) fn take(&mut self, counts: Counts) -> Quality {
        let last = self.last.replace(counts).unwrap_or_default();
        let loss = loss(last, counts);
        let jitter_ms = whole_ms(counts.jitter);
        let rtt_ms = whole_ms(counts.rtt);
        self.judge(level(loss, jitter_ms, rtt_ms));
        Quality {
            level: self.shown,
            rtt_ms,
            loss,
            jitter_ms,
        }
    }

    fn judge(&mut self, level: Level) {
        if level == self.shown {
            self.against = 0;
            return;
        }
        let same_way = self.against > 0 && (self.mildest > self.shown) == (level > self.shown);
        if same_way {
            self.against += 1;
            self.mildest = nearer(self.shown, self.mildest, level);
        } else {
            self.against = 1;
            self.mildest = level;
        }
        let enough = match level > self.shown {
            true => Self::WORSE_AFTER,
            false => Self::BETTER_AFTER,
        };
        if self.against >= enough {
            self.shown = self.mildest;
            self.against = 0;
        }
    }
}

/// The one of `a` and `b` on the same side of `shown` that differs less from it.
fn nearer(shown: Level, a: Level, b: Level) -> Level {
    if a > shown { a.min(b) } else { a.max(b) }
}

/// Between 2 and 8 % loss, 30 and 100 ms jitter, 300 and 700 ms round trip speech is still
/// understood but not at ease; ITU-T G.114 asks for less than 150 ms one way.
fn level(loss: f32, jitter_ms: u32, rtt_ms: u32) -> Level {
    if loss > 0.08 || jitter_ms > 100 || rtt_ms > 700 {
        Level::Poor
    } else if loss > 0.02 || jitter_ms > 30 || rtt_ms > 300 {
        Level::Fair
    } else {
        Level::Good
    }
}

fn loss(last: Counts, now: Counts) -> f32 {
    let received = now.received - last.received;
    let lost = (now.lost - last.lost).max(0.0);
    if received < 0.0 || received + lost < 1.0 {
        return 0.0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "0 to 1")]
    let share = (lost / (received + lost)) as f32;
    share
}

fn whole_ms(span: Duration) -> u32 {
    u32::try_from(span.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts after `seconds` of 50 packets each, `lost` of them lost in the last step.
    fn step(counts: Counts, lost: f64) -> Counts {
        Counts {
            received: counts.received + 100.0 - lost,
            lost: counts.lost + lost,
            ..counts
        }
    }

    #[test]
    fn one_bad_moment_does_not_alarm_and_two_do() {
        let mut gauge = Gauge::new();
        let start = step(Counts::default(), 0.0);
        let bad = step(start, 20.0);
        let worse = step(bad, 20.0);

        let shown = [start, bad, worse].map(|counts| gauge.take(counts).level);

        assert_eq!(shown, [Level::Good, Level::Good, Level::Poor]);
    }

    #[test]
    fn it_takes_three_good_counts_to_recover() {
        let mut gauge = Gauge {
            shown: Level::Poor,
            ..Gauge::new()
        };
        let mut counts = Counts::default();

        let shown = [0; 4].map(|_| {
            counts = step(counts, 0.0);
            gauge.take(counts).level
        });

        assert_eq!(shown, [Level::Poor, Level::Poor, Level::Good, Level::Good]);
    }

    #[test]
    fn changing_counts_settle_on_the_milder() {
        let mut gauge = Gauge::new();
        let fair = step(Counts::default(), 5.0);
        let poor = step(fair, 20.0);

        gauge.take(fair);
        let quality = gauge.take(poor);

        assert_eq!(quality.level, Level::Fair);
        assert!((quality.loss - 0.2).abs() < 0.001);
    }

    #[test]
    fn counts_that_start_over_are_no_loss() {
        let mut gauge = Gauge::new();
        gauge.take(Counts {
            received: 5_000.0,
            lost: 3.0,
            ..Counts::default()
        });

        let quality = gauge.take(Counts {
            received: 10.0,
            ..Counts::default()
        });

        assert_eq!(quality.loss, 0.0);
    }

    #[test]
    fn delay_alone_makes_a_call_fair_then_poor() {
        assert_eq!(level(0.0, 5, 299), Level::Good);
        assert_eq!(level(0.0, 5, 301), Level::Fair);
        assert_eq!(level(0.0, 5, 701), Level::Poor);
        assert_eq!(level(0.0, 101, 20), Level::Poor);
    }
}
