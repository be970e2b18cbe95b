//! A week and its holidays, laid out in time.

use std::collections::BTreeMap;

use bellwire_proto::{
    setup::{Hours, Span},
    time::Timestamp,
};
use jiff::{
    SignedDuration,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone},
};

use super::zone::{find, local, timestamp};

/// A day's end, in minutes since midnight.
const DAY: u16 = 1440;

/// How many days ahead are looked at without holidays: a span may fall into an hour left out.
const WEEKS_AHEAD: usize = 22;

/// How many days ahead are looked at with holidays: eight years may pass between two leap days.
const YEARS_AHEAD: usize = 8 * 366 + 22;

/// Whether this is a day that exists, as `YYYY-MM-DD`.
#[must_use]
pub fn is_date(text: &str) -> bool {
    date(text).is_some()
}

/// Opening hours with all they name looked up.
pub(super) struct Calendar<'a> {
    hours: &'a Hours,
    zone: TimeZone,
    dated: BTreeMap<Date, &'a [Span]>,
    yearly: BTreeMap<(i8, i8), &'a [Span]>,
    first: Date,
}

impl<'a> Calendar<'a> {
    /// The calendar for times from `now` on; none where its zone is unknown.
    pub(super) fn new(hours: &'a Hours, now: Timestamp) -> Option<Self> {
        let zone = find(&hours.zone)?;
        // Put back over midnight, the clock shows yesterday once more.
        let today = local(&zone, now)?.date();
        let first = today.yesterday().ok()?.yesterday().ok()?;
        let mut dated = BTreeMap::new();
        let mut yearly = BTreeMap::new();
        for holiday in &hours.holidays {
            let Some(day) = date(&holiday.date) else {
                continue;
            };
            let open = holiday.open.as_slice();
            if holiday.yearly {
                yearly.entry((day.month(), day.day())).or_insert(open);
            } else {
                dated.entry(day).or_insert(open);
            }
        }
        Some(Self {
            hours,
            zone,
            dated,
            yearly,
            first,
        })
    }

    /// Since when it is open at `now`, or when it opens next.
    pub(super) fn open_from(&self, now: Timestamp) -> Option<Timestamp> {
        let (from, _) = self.times().find(|(_, to)| *to > now)?;
        Some(from)
    }

    /// When it opens or closes next.
    pub(super) fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        if self.never_closes() {
            return None;
        }
        let mut times = self.times().skip_while(|(_, to)| *to <= now);
        let (from, mut until) = times.next()?;
        if from > now {
            return Some(from);
        }
        for (from, to) in times {
            if from > until {
                return Some(until);
            }
            until = until.max(to);
        }
        // Open up to where we looked: that far only if it is open all the time.
        (until < self.looked_until()?).then_some(until)
    }

    fn never_closes(&self) -> bool {
        let whole = |day: &Vec<Span>| day.iter().any(|span| span.from == 0 && span.to >= DAY);
        self.hours.holidays.is_empty()
            && self.hours.week.len() == 7
            && self.hours.week.iter().all(whole)
    }

    /// When it is open, from and up to, in the order of time.
    fn times(&self) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        self.days()
            .flat_map(|day| self.spans(day).into_iter().map(move |span| (day, span)))
            .filter_map(|(day, span)| Some((self.first(day, span.from)?, self.last(day, span.to)?)))
            .filter(|(from, to)| from < to)
    }

    fn days(&self) -> impl Iterator<Item = Date> {
        let next = |day: &Date| day.tomorrow().ok();
        std::iter::successors(Some(self.first), next).take(self.ahead())
    }

    fn ahead(&self) -> usize {
        if self.hours.holidays.is_empty() {
            WEEKS_AHEAD
        } else {
            YEARS_AHEAD
        }
    }

    fn looked_until(&self) -> Option<Timestamp> {
        self.last(self.days().last()?, DAY)
    }

    /// A day's spans in the order of time: a holiday's own, else the weekday's.
    fn spans(&self, day: Date) -> Vec<Span> {
        let yearly = || self.yearly.get(&(day.month(), day.day()));
        let holiday = self.dated.get(&day).or_else(yearly).copied();
        let weekday = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
        let week = || self.hours.week.get(weekday).map(Vec::as_slice);
        let mut spans = holiday.or_else(week).unwrap_or_default().to_vec();
        spans.retain(|span| span.from < span.to && span.to <= DAY);
        spans.sort_unstable();
        spans
    }

    /// When the clock first shows this minute of `day`, or what comes after it.
    fn first(&self, day: Date, minute: u16) -> Option<Timestamp> {
        let shown = at_minute(day, minute)?;
        let at = match self.zone.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset }
            | AmbiguousOffset::Fold { before: offset, .. } => offset.to_timestamp(shown).ok()?,
            AmbiguousOffset::Gap { after, .. } => {
                self.jump_after(after.to_timestamp(shown).ok()?)?
            }
        };
        Some(timestamp(at))
    }

    /// When the clock last shows a time before this minute of `day`; the minute is not 0.
    ///
    /// Asking for the minute before tells a span that ends where the clock is put back to from one
    /// that reaches into the repeated hour: only the second is open twice.
    fn last(&self, day: Date, minute: u16) -> Option<Timestamp> {
        let shown = at_minute(day, minute.checked_sub(1)?)?;
        let a_minute = SignedDuration::from_secs(60);
        let at = match self.zone.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset }
            | AmbiguousOffset::Fold { after: offset, .. } => offset
                .to_timestamp(shown)
                .ok()?
                .checked_add(a_minute)
                .ok()?,
            AmbiguousOffset::Gap { after, .. } => {
                self.jump_after(after.to_timestamp(shown).ok()?)?
            }
        };
        Some(timestamp(at))
    }

    /// When the clock is put forward next.
    fn jump_after(&self, at: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let jump = self.zone.following(at).next()?;
        Some(jump.timestamp())
    }
}

fn at_minute(day: Date, minute: u16) -> Option<DateTime> {
    let hour = i8::try_from(minute / 60).ok()?;
    let minute = i8::try_from(minute % 60).ok()?;
    let time = jiff::civil::Time::new(hour, minute, 0, 0).ok()?;
    Some(day.to_datetime(time))
}

/// Reads `YYYY-MM-DD` and nothing else.
fn date(text: &str) -> Option<Date> {
    let number = |range: std::ops::Range<usize>| -> Option<i16> {
        let digits = text.get(range)?;
        let all = digits.bytes().all(|byte| byte.is_ascii_digit());
        all.then(|| digits.parse().ok())?
    };
    let dashes = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    if !dashes || text.len() != 10 {
        return None;
    }
    let month = i8::try_from(number(5..7)?).ok()?;
    let day = i8::try_from(number(8..10)?).ok()?;
    Date::new(number(0..4)?, month, day).ok()
}
