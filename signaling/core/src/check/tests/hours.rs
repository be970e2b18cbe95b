//! Opening hours.

use bellwire_proto::{
    admin::Kind,
    setup::{Holiday, Hours, Setup, Span},
};

use super::{refuses, warns};

fn hours(change: impl FnOnce(&mut Hours)) -> impl FnOnce(&mut Setup) {
    |setup| change(&mut setup.hours[0])
}

#[test]
fn hours_have_a_name_and_a_zone() {
    refuses(
        Kind::Hours,
        "name",
        "It has to have a name. Write one.",
        hours(|hours| hours.name = " ".into()),
    );
    refuses(
        Kind::Hours,
        "name",
        "It is 81 characters long; at most 80 are possible. Shorten it.",
        hours(|hours| hours.name = "x".repeat(81)),
    );
    let say = "“Madrid” is no time zone. Write it as region and city, like Europe/Madrid.";
    refuses(
        Kind::Hours,
        "zone",
        say,
        hours(|hours| hours.zone = "Madrid".into()),
    );
}

#[test]
fn a_week_has_seven_days() {
    let say = "A week has seven days, Monday first; this one has 5.";
    refuses(
        Kind::Hours,
        "week",
        say,
        hours(|hours| hours.week.truncate(5)),
    );
}

#[test]
fn spans_lie_within_their_day_and_apart() {
    let say = "It opens at 18:00 and closes at 09:00. Let it close later; write what is after midnight into the next day.";
    refuses(
        Kind::Hours,
        "week.3.1.from",
        say,
        hours(|hours| {
            hours.week[3][1] = Span {
                from: 1080,
                to: 540,
            }
        }),
    );
    let say = "A day ends at 24:00, minute 1440. Write what is after midnight into the next day.";
    refuses(
        Kind::Hours,
        "week.3.1.to",
        say,
        hours(|hours| hours.week[3][1].to = 1500),
    );
    let say = "It overlaps with 09:00 to 14:00. Make one span of both.";
    refuses(
        Kind::Hours,
        "week.3.1.from",
        say,
        hours(|hours| hours.week[3][1].from = 800),
    );
    let say = "It opens at 10:00 and closes at 10:00. Let it close later; write what is after midnight into the next day.";
    refuses(
        Kind::Hours,
        "holidays.0.open.0.from",
        say,
        hours(|hours| hours.holidays[0].open = vec![Span { from: 600, to: 600 }]),
    );
}

#[test]
fn holidays_are_days_that_exist_and_there_once() {
    let say = "“2026-02-30” is no day that exists. Write year, month and day, like 2027-01-06.";
    refuses(
        Kind::Hours,
        "holidays.0.date",
        say,
        hours(|hours| hours.holidays[0].date = "2026-02-30".into()),
    );
    let again = |hours: &mut Hours| {
        hours.holidays.push(Holiday {
            date: "2025-01-06".into(),
            ..hours.holidays[0].clone()
        })
    };
    refuses(
        Kind::Hours,
        "holidays.1.date",
        "2025-01-06 is there twice. Take one away.",
        hours(again),
    );
}

#[test]
fn hours_that_never_open_are_strange() {
    warns(
        Kind::Hours,
        "week",
        "It never opens. Add a span to a day.",
        hours(|hours| hours.week = vec![vec![]; 7]),
    );
}
