//! Opening hours, by the clock of the centre's time zone. No clock, file or environment is read:
//! the time comes in as `now`, and the time zones are part of the program.
//!
//! Whoever sees a time on the local clock that lies within a span finds it open. Where the clock
//! is put forward, a span that begins in the hour left out begins when the clock jumps. Where it is
//! put back, a span that touches the repeated hour lasts from its first showing to its last.

mod calendar;
mod zone;

use bellwire_proto::{setup::Hours, time::Timestamp};

use calendar::Calendar;
pub use calendar::is_date;
pub use zone::{in_zone, is_zone, zones};

/// Whether it is open at `now`.
///
/// Closed where the zone is unknown or the week is not whole: [`crate::check`] lets neither in.
#[must_use]
pub fn is_open(hours: &Hours, now: Timestamp) -> bool {
    let open = Calendar::new(hours, now).and_then(|calendar| calendar.open_from(now));
    open.is_some_and(|from| from <= now)
}

/// When it is open next: `now` where it is open already.
///
/// `None` where it never opens again: for eight years, so that a 29th of February is found.
#[must_use]
pub fn opens(hours: &Hours, now: Timestamp) -> Option<Timestamp> {
    let from = Calendar::new(hours, now)?.open_from(now)?;
    Some(from.max(now))
}

/// When it opens or closes next, always after `now`. Spans that touch, at midnight too, are one.
///
/// `None` where it stays as it is: for eight years.
#[must_use]
pub fn next_change(hours: &Hours, now: Timestamp) -> Option<Timestamp> {
    Calendar::new(hours, now)?.next_change(now)
}

#[cfg(test)]
mod tests;
