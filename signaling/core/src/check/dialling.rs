//! What may be dialled into the telephone network, and what a number is.

use bellwire_proto::{
    admin::Kind,
    setup::{DialLimits, Setup, User},
};

use super::{
    report::{Doc, Report},
    texts::{Once, shown},
};

/// The most digits of a telephone number, by ITU-T E.164 §6.2.1.
const DIGITS: usize = 15;

/// Checks what may be dialled.
pub(super) fn check(setup: &Setup, report: &mut Report) {
    let mut doc = report.on(Kind::Dialling, "all");
    let doc = &mut doc;
    let limits = &setup.dialling;
    beginnings("allowed", &limits.allowed, doc);
    beginnings("barred", &limits.barred, doc);
    for (n, barred) in limits.barred.iter().enumerate() {
        let inside = limits.allowed.iter().any(|start| begins(barred, start));
        let around = limits.allowed.iter().any(|start| begins(start, barred));
        if !inside && !around && !barred.is_empty() {
            doc.warn(
                format!("barred.{n}"),
                format!(
                    "No allowed beginning contains {}, so it is barred anyway. Take it away.",
                    shown(barred)
                ),
            );
        }
    }
    if limits.allowed.is_empty() {
        return;
    }
    for (n, start) in limits.allowed.iter().enumerate() {
        if limits.barred.iter().any(|barred| begins(start, barred)) {
            doc.warn(
                format!("allowed.{n}"),
                format!(
                    "Everything that begins with {} is barred below. Take one of the two away.",
                    shown(start)
                ),
            );
        }
    }
    if !setup.trunks.iter().any(|trunk| trunk.on) {
        doc.warn(
            "allowed",
            "Nothing can be dialled because no trunk is in use. Add one under Trunks, or allow \
             nothing.",
        );
    }
    let needed = [
        ("most_calls", limits.most_calls, "no call may run at once"),
        (
            "minutes_a_day",
            limits.minutes_a_day,
            "no minutes may be used in a day",
        ),
        (
            "calls_a_number",
            limits.calls_a_number,
            "no number may be called even once in a day",
        ),
    ];
    for (at, limit, why) in needed {
        if limit == 0 {
            let say = format!("Nothing can be dialled because {why}. Write 1 or more.");
            doc.warn(at, say);
        }
    }
    if limits.calls_a_visitor == 0 {
        doc.warn(
            "calls_a_visitor",
            "Nothing can be dialled for a visitor, so agents' own numbers do not ring for them. \
             Write 1 or more, if they should.",
        );
    }
}

/// A user's number in the telephone network.
pub(super) fn own_number(user: &User, limits: &DialLimits, doc: &mut Doc<'_>) {
    let Some(number) = &user.number else { return };
    if !is_international(number, 3) {
        doc.error(
            "number",
            format!(
                "{} is no telephone number. Write it as +, the country's digits and the rest, \
                 like +34910000001.",
                shown(number)
            ),
        );
    } else if !limits.allowed.iter().any(|start| begins(number, start))
        || limits.barred.iter().any(|start| begins(number, start))
    {
        doc.warn(
            "number",
            "The dialling limits do not allow this number, so it never rings. Allow its beginning \
             under Dialling limits, or take the number away.",
        );
    }
}

fn beginnings(at: &str, all: &[String], doc: &mut Doc<'_>) {
    let mut once = Once::default();
    for (n, start) in all.iter().enumerate() {
        let here = format!("{at}.{n}");
        if start == "+" && at == "allowed" {
            doc.error(
                here,
                "This would allow the whole world, the dearest numbers too. Write the countries \
                 that you call, like +34.",
            );
        } else if !is_international(start, 1) {
            doc.error(
                here,
                format!(
                    "{} is no beginning of a number. Write + and digits, the country's first, \
                     like +34.",
                    shown(start)
                ),
            );
        } else if !once.is_new(start) {
            doc.warn(here, format!("{start} is there twice. Take one away."));
        }
    }
}

/// Whether a number begins so. Nothing begins with nothing.
fn begins(number: &str, start: &str) -> bool {
    start.len() > 1 && number.starts_with(start)
}

/// A number without its `+`.
pub(super) fn digits(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}

/// Whether this can be dialled: digits, with or without a leading `+`.
pub(super) fn is_number(text: &str) -> bool {
    let digits = digits(text);
    (1..=DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this is `+` and at least so many digits.
fn is_international(text: &str, least: usize) -> bool {
    text.starts_with('+') && is_number(text) && digits(text).len() >= least
}

pub(super) fn no_number(text: &str) -> String {
    format!(
        "{} is no number. Write up to {DIGITS} digits, with or without a + before them, and \
         nothing between them.",
        shown(text)
    )
}
