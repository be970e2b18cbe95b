//! What of a journey may be kept: what the site's list names, in sane lengths, without secrets.
//!
//! The loader keeps to the same rules; they are enforced here once more, since a page is the
//! visitor's own and may send what it likes.

mod address;
mod journal;

use std::collections::BTreeSet;

use bellwire_proto::{
    interaction::Page,
    journey::{JourneyEvent, JourneyKind, SentField},
    setup::Collected,
};

pub use self::{address::clean_url, journal::Journal};
use crate::sessions::cut;

/// The most events of a journey that are kept; older ones make room.
pub const LONGEST_JOURNEY: usize = 200;

const LONGEST_TEXT: usize = 300;
const LONGEST_DATA: usize = 1_000;
const LONGEST_TAG: usize = 35;
const LONGEST_NAMED: usize = 100;
const MOST_CATEGORIES: usize = 10;
const MOST_FIELDS: usize = 40;
const LONGEST_DWELL_MS: u64 = 24 * 60 * 60 * 1_000;

/// The event as it may be kept; `None` where the site does not collect such events, or where it
/// names no web page.
#[must_use]
pub fn keep(event: JourneyEvent, collects: &BTreeSet<Collected>) -> Option<JourneyEvent> {
    if kind_of(&event.kind).is_some_and(|kind| !collects.contains(&kind)) {
        return None;
    }
    let kind = tidy(event.kind, collects.contains(&Collected::Referrer))?;
    Some(JourneyEvent { kind, ..event })
}

/// The page as it may be kept; an address that is none of the web is left empty.
#[must_use]
pub fn keep_page(page: Page, collects: &BTreeSet<Collected>) -> Page {
    Page {
        url: clean_url(&page.url).unwrap_or_default(),
        title: plain(&page.title, LONGEST_TEXT),
        referrer: origin(&page.referrer, collects.contains(&Collected::Referrer)),
        language: plain(&page.language, LONGEST_TAG),
    }
}

/// What a site must collect for such an event; pages themselves always are.
fn kind_of(kind: &JourneyKind) -> Option<Collected> {
    match kind {
        JourneyKind::Viewed { .. } => None,
        JourneyKind::Left { .. } => Some(Collected::Dwell),
        JourneyKind::Scrolled { .. } => Some(Collected::Scroll),
        JourneyKind::Searched { .. } => Some(Collected::Searches),
        JourneyKind::Submitted { .. } => Some(Collected::Forms),
        JourneyKind::Cart { .. } => Some(Collected::Cart),
        JourneyKind::Clicked { .. } => Some(Collected::Clicks),
        JourneyKind::Custom { .. } => Some(Collected::Custom),
    }
}

fn tidy(kind: JourneyKind, with_referrer: bool) -> Option<JourneyKind> {
    Some(match kind {
        JourneyKind::Viewed {
            url,
            title,
            referrer,
            language,
            categories,
        } => JourneyKind::Viewed {
            url: clean_url(&url)?,
            title: plain(&title, LONGEST_TEXT),
            referrer: origin(&referrer, with_referrer),
            language: plain(&language, LONGEST_TAG),
            categories: tidy_categories(&categories),
        },
        JourneyKind::Left { url, dwell_ms } => JourneyKind::Left {
            url: clean_url(&url)?,
            dwell_ms: dwell_ms.min(LONGEST_DWELL_MS),
        },
        JourneyKind::Scrolled { url, percent } => JourneyKind::Scrolled {
            url: clean_url(&url)?,
            percent: percent.min(100),
        },
        JourneyKind::Searched { text } => JourneyKind::Searched {
            text: named(&text, LONGEST_TEXT)?,
        },
        JourneyKind::Submitted { form, fields } => JourneyKind::Submitted {
            form: plain(&form, LONGEST_NAMED),
            fields: tidy_fields(fields),
        },
        JourneyKind::Cart {
            action,
            item,
            quantity,
            worth,
        } => JourneyKind::Cart {
            action,
            item: plain(&item, LONGEST_TEXT),
            quantity,
            worth,
        },
        JourneyKind::Clicked { mark } => JourneyKind::Clicked {
            mark: named(&mark, LONGEST_TEXT)?,
        },
        JourneyKind::Custom { name, data } => JourneyKind::Custom {
            name: named(&name, LONGEST_TEXT)?,
            data: plain(&data, LONGEST_DATA),
        },
    })
}

fn origin(referrer: &str, collected: bool) -> String {
    let referrer = Some(referrer).filter(|_| collected);
    referrer.and_then(clean_url).unwrap_or_default()
}

fn tidy_categories(categories: &[String]) -> Vec<String> {
    let first = categories.iter().take(MOST_CATEGORIES);
    first
        .filter_map(|category| named(category, LONGEST_NAMED))
        .collect()
}

fn tidy_fields(fields: Vec<SentField>) -> Vec<SentField> {
    let tidy = |field: SentField| SentField {
        name: plain(&field.name, LONGEST_NAMED),
        value: field.value.map(|value| plain(&value, LONGEST_TEXT)),
    };
    fields.into_iter().take(MOST_FIELDS).map(tidy).collect()
}

/// A text that must say something.
fn named(text: &str, most: usize) -> Option<String> {
    Some(plain(text, most)).filter(|text| !text.is_empty())
}

/// `text` on one line, of at most `most` bytes, without marks that change how what stands beside it
/// is read.
fn plain(text: &str, most: usize) -> String {
    let mut plain = String::with_capacity(text.len().min(most + 4));
    for letter in text.trim().chars().filter(|letter| !is_hidden(*letter)) {
        if plain.len() > most {
            break;
        }
        plain.push(if is_break(letter) { ' ' } else { letter });
    }
    cut(&mut plain, most);
    plain.truncate(plain.trim_end().len());
    plain
}

fn is_break(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// Control characters, and those that turn the direction of the text around them.
fn is_hidden(letter: char) -> bool {
    let turns = matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}');
    turns || (letter.is_control() && !is_break(letter))
}
