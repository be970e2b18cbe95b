//! Opening hours: zones, spans and days that exist.

use bellwire_proto::{
    admin::Kind,
    setup::{Hours, Setup, Span},
};

use super::{
    report::{Doc, Report},
    texts::{self, Once, shown},
};
use crate::hours::{is_date, is_zone};

/// A day's end, in minutes since midnight.
const DAY: u16 = 1440;

/// Checks all opening hours.
pub(super) fn check(setup: &Setup, report: &mut Report) {
    let mut once = Once::default();
    for hours in &setup.hours {
        let mut doc = report.on(Kind::Hours, hours.id);
        once.name(&mut doc, "list of opening hours", &hours.name);
        once.id(&mut doc, "id", "list of opening hours", hours.id);
        of_hours(hours, &mut doc);
    }
}

fn of_hours(hours: &Hours, doc: &mut Doc<'_>) {
    if !is_zone(&hours.zone) {
        doc.error(
            "zone",
            format!(
                "{} is no time zone. Write it as region and city, like Europe/Madrid.",
                shown(&hours.zone)
            ),
        );
    }
    if hours.week.len() != 7 {
        doc.error(
            "week",
            format!(
                "A week has seven days, Monday first; this one has {}.",
                hours.week.len()
            ),
        );
    }
    for (day, spans) in hours.week.iter().take(7).enumerate() {
        of_day(&format!("week.{day}"), spans, doc);
    }
    let mut once = Once::default();
    for (n, holiday) in hours.holidays.iter().enumerate() {
        let date = &holiday.date;
        let at = format!("holidays.{n}");
        texts::short(doc, &format!("{at}.name"), &holiday.name, 80);
        if !is_date(date) {
            doc.error(
                format!("{at}.date"),
                format!(
                    "{} is no day that exists. Write year, month and day, like 2027-01-06.",
                    shown(date)
                ),
            );
        } else if !once.is_new(&if holiday.yearly {
            date[5..].to_owned()
        } else {
            date.clone()
        }) {
            doc.error(
                format!("{at}.date"),
                format!("{date} is there twice. Take one away."),
            );
        }
        of_day(&format!("{at}.open"), &holiday.open, doc);
    }
    let days = hours
        .week
        .iter()
        .chain(hours.holidays.iter().map(|holiday| &holiday.open));
    if days.flatten().count() == 0 {
        doc.warn("week", "It never opens. Add a span to a day.");
    }
}

fn of_day(at: &str, spans: &[Span], doc: &mut Doc<'_>) {
    for (n, span) in spans.iter().enumerate() {
        let Span { from, to } = *span;
        if to > DAY {
            doc.error(
                format!("{at}.{n}.to"),
                "A day ends at 24:00, minute 1440. Write what is after midnight into the next day.",
            );
        } else if from >= to {
            doc.error(
                format!("{at}.{n}.from"),
                format!(
                    "It opens at {} and closes at {}. Let it close later; write what is \
                     after midnight into the next day.",
                    clock(from),
                    clock(to)
                ),
            );
        } else if let Some(other) = spans[..n]
            .iter()
            .find(|other| other.from < to && from < other.to)
        {
            doc.error(
                format!("{at}.{n}.from"),
                format!(
                    "It overlaps with {} to {}. Make one span of both.",
                    clock(other.from),
                    clock(other.to)
                ),
            );
        }
    }
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
