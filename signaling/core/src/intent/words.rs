//! The evidence for an intent, as agents read it after the visitor's name.

use std::fmt::Write as _;

use bellwire_proto::setup::{CartAction, Condition, What};

use super::find::Found;
use crate::sessions::cut;

/// The most of what a visitor wrote that is shown, in bytes.
const LONGEST_SAMPLE: usize = 80;

/// "viewed 3 pages of laptops in the last 10 min"
pub(super) fn evidence(condition: &Condition, found: &Found<'_>) -> String {
    let count = found.count;
    let sample = || quoted(found.sample);
    let mut text = match &condition.what {
        What::Category(name) => format!("viewed {} of {}", pages(count), short(name)),
        What::Url(pattern) => format!("viewed {} at {}", pages(count), short(pattern)),
        What::Referrer(_) => format!("came from {}", plain_address(found.sample)),
        What::Language(_) => format!("reads pages in {}", short(found.sample)),
        What::Event(name) => format!("event {}{}", quoted(name), times(count)),
        What::Clicked(mark) => format!("clicked {}{}", quoted(mark), times(count)),
        What::Searched(_) if count == 1 => format!("searched for {}", sample()),
        What::Searched(_) => format!("searched{}, last for {}", times(count), sample()),
        What::Submitted(_) if found.sample.is_empty() => format!("sent a form{}", times(count)),
        What::Submitted(_) => format!("sent the form {}{}", sample(), times(count)),
        What::Cart(action) => format!("{}{}", did(*action), times(count)),
        What::Dwell { category, .. } if category.trim().is_empty() => {
            format!("looked at pages for {}", span(count))
        }
        What::Dwell { category, .. } => {
            format!("looked at pages of {} for {}", short(category), span(count))
        }
        What::Scrolled(percent) => format!("scrolled {} to {percent} %", pages(count)),
        What::Visits if count == 1 => "is here for the first time".to_owned(),
        What::Visits => format!("has come {count} times"),
        What::Answered { fact, .. } => format!("answered {} to {}", sample(), short(fact)),
    };
    if let Some(minutes) = condition.within_min.filter(|_| has_span(&condition.what)) {
        // Writing to a string does not fail.
        let _ = write!(text, " in the last {}", recently(minutes));
    }
    text
}

fn has_span(what: &What) -> bool {
    match what {
        What::Language(_) | What::Visits | What::Answered { .. } => false,
        What::Category(_)
        | What::Url(_)
        | What::Referrer(_)
        | What::Event(_)
        | What::Clicked(_)
        | What::Searched(_)
        | What::Submitted(_)
        | What::Cart(_)
        | What::Dwell { .. }
        | What::Scrolled(_) => true,
    }
}

fn did(action: CartAction) -> &'static str {
    match action {
        CartAction::Added => "put something into the cart",
        CartAction::Removed => "took something out of the cart",
        CartAction::Viewed => "looked at the cart",
        CartAction::CheckedOut => "began the checkout",
        CartAction::Bought => "bought",
    }
}

fn pages(count: u64) -> String {
    match count {
        1 => "1 page".to_owned(),
        count => format!("{count} pages"),
    }
}

fn times(count: u64) -> String {
    match count {
        1 => String::new(),
        count => format!(" {count} times"),
    }
}

fn span(ms: u64) -> String {
    match (ms / 60_000, ms / 1_000 % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

fn recently(minutes: u32) -> String {
    match minutes {
        1_440 => "day".to_owned(),
        60 => "hour".to_owned(),
        1 => "minute".to_owned(),
        days if days > 0 && days % 1_440 == 0 => format!("{} days", days / 1_440),
        hours if hours > 0 && hours % 60 == 0 => format!("{} hours", hours / 60),
        minutes => format!("{minutes} min"),
    }
}

fn quoted(text: &str) -> String {
    format!("“{}”", short(text))
}

/// Where from, without the secrets and the noise of a query.
fn plain_address(address: &str) -> String {
    let start = address.find("://").map_or(0, |at| at + 3);
    let place = &address[start..];
    let end = place.find(['?', '#']).unwrap_or(place.len());
    short(place[..end].trim_end_matches('/'))
}

fn short(text: &str) -> String {
    let text = text.trim();
    let mut short = text.to_owned();
    cut(&mut short, LONGEST_SAMPLE);
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
