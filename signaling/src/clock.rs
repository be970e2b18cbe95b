//! The only place that reads a clock.
//!
//! One reading of the wall clock at the start, and monotonic time from there on: deadlines never
//! jump when somebody sets the machine's clock.

use std::time::{Duration, SystemTime};

use bellwire_proto::time::{Timestamp, millis};
use tokio::time::Instant;

/// The time, from when the process began.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Timestamp,
    started: Instant,
}

impl Clock {
    /// A clock set by the machine's own.
    #[must_use]
    pub fn start() -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Self::at(Timestamp(millis(since_1970)))
    }

    /// A clock that shows `wall` now.
    #[must_use]
    pub fn at(wall: Timestamp) -> Self {
        Self {
            wall,
            started: Instant::now(),
        }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.wall + self.started.elapsed()
    }

    /// Waits until it is `at`; not at all where that is past.
    pub async fn sleep_until(&self, at: Timestamp) {
        tokio::time::sleep(at.since(self.now())).await;
    }
}

/// A time as people read it, in UTC: `2026-11-20T16:15:00Z`.
///
/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
#[must_use]
pub fn utc(at: Timestamp) -> String {
    let (days, second) = (at.0 / 86_400_000, at.0 / 1000 % 86_400);
    let from_march_0000 = days + 719_468;
    let (era, day_of_era) = (from_march_0000 / 146_097, from_march_0000 % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z",
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_in_utc() {
        let times = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_795_191_299_999, "2026-11-20T16:14:59Z"),
        ];
        for (at, shown) in times {
            assert_eq!(utc(Timestamp(at)), shown);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn sleeping_ends_at_the_time_named() {
        let clock = Clock::at(Timestamp(1_000));

        clock.sleep_until(Timestamp(61_000)).await;

        assert_eq!(clock.now(), Timestamp(61_000));
    }

    #[tokio::test(start_paused = true)]
    async fn sleeping_until_a_past_time_ends_at_once() {
        let clock = Clock::at(Timestamp(1_000));

        clock.sleep_until(Timestamp(500)).await;

        assert_eq!(clock.now(), Timestamp(1_000));
    }
}
