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

#[cfg(test)]
mod tests {
    use super::*;

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
