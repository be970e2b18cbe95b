//! When a queue is open, as people write it down.

use serde::{Deserialize, Serialize};

use crate::id::HoursId;

/// Opening hours, by the clock of one time zone.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// Their id.
    pub id: HoursId,
    /// Their name.
    pub name: String,
    /// The time zone, by its IANA name: `Europe/Madrid`.
    pub zone: String,
    /// The spans of each day of the week, Monday first: seven lists.
    pub week: Vec<Vec<Span>>,
    /// Days that differ.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
}

/// A span of a day, from inclusive to exclusive, in minutes since midnight (0 to 1440).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// From this minute on.
    pub from: u16,
    /// Up to this minute; 1440 is the day's end.
    pub to: u16,
}

/// A day that differs from its weekday.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The day, `YYYY-MM-DD`; with `yearly` its year is not looked at.
    pub date: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Each year.
    #[serde(default)]
    pub yearly: bool,
    /// When it is open all the same; closed all day where there is none.
    #[serde(default)]
    pub open: Vec<Span>,
}
