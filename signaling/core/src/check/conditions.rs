//! Conditions of rules: whether each can hold, and whether they can hold together.

use bellwire_proto::{
    id::SiteKey,
    setup::{Collected, Condition, IntentRule, What},
};

use super::{
    book::Book,
    report::Doc,
    texts::{self, VALUE, shown},
};

/// Where a rule is looked at.
pub(super) struct Place<'a> {
    pub(super) book: &'a Book<'a>,
    pub(super) sites: &'a [SiteKey],
}

/// Checks each condition of a list.
pub(super) fn each(list: &str, conditions: &[Condition], place: &Place<'_>, doc: &mut Doc<'_>) {
    for (n, condition) in conditions.iter().enumerate() {
        let at = format!("{list}.{n}");
        of_what(&format!("{at}.what"), &condition.what, place, doc);
        collected(&at, &condition.what, place, doc);
        numbers(&at, condition, doc);
    }
}

fn numbers(at: &str, condition: &Condition, doc: &mut Doc<'_>) {
    if condition.at_least == 0 {
        doc.error(
            format!("{at}.at_least"),
            "At least 0 times always holds. Write 1 or more.",
        );
    } else if condition.at_least > 1 && !is_counted(&condition.what) {
        doc.warn(
            format!("{at}.at_least"),
            "This is not counted, so the number is of no effect. Write 1.",
        );
    }
    let Some(minutes) = condition.within_min else {
        return;
    };
    if minutes == 0 {
        doc.error(
            format!("{at}.within_min"),
            "Nothing happens within 0 minutes. Write 1 or more, or leave it out.",
        );
        return;
    }
    match &condition.what {
        What::Dwell { seconds, .. } if u64::from(*seconds) > u64::from(minutes) * 60 => {
            doc.error(
                format!("{at}.within_min"),
                format!(
                    "Nobody looks at pages for {seconds} seconds within {minutes} minutes. \
                     Make the time shorter, or the minutes more."
                ),
            );
        }
        What::Dwell { .. }
        | What::Category(_)
        | What::Url(_)
        | What::Referrer(_)
        | What::Language(_)
        | What::Event(_)
        | What::Clicked(_)
        | What::Searched(_)
        | What::Submitted(_)
        | What::Cart(_)
        | What::Scrolled(_)
        | What::Visits
        | What::Answered { .. } => {}
    }
}

fn is_counted(what: &What) -> bool {
    match what {
        What::Category(_)
        | What::Url(_)
        | What::Event(_)
        | What::Clicked(_)
        | What::Searched(_)
        | What::Submitted(_)
        | What::Cart(_)
        | What::Scrolled(_)
        | What::Visits => true,
        What::Referrer(_) | What::Language(_) | What::Dwell { .. } | What::Answered { .. } => false,
    }
}

fn of_what(at: &str, what: &What, place: &Place<'_>, doc: &mut Doc<'_>) {
    match what {
        What::Category(text) | What::Event(text) | What::Clicked(text) => {
            texts::optional(doc, at, Some(text));
        }
        What::Searched(text) | What::Submitted(text) => {
            texts::short(doc, at, text, VALUE);
        }
        What::Url(pattern) | What::Referrer(pattern) => address(at, pattern, doc),
        What::Language(tag) => texts::language(doc, at, tag),
        What::Dwell { category, seconds } => {
            texts::short(doc, at, category, VALUE);
            if *seconds == 0 {
                doc.error(
                    at,
                    "Looking at pages for 0 seconds always holds. Write 1 or more.",
                );
            }
        }
        What::Scrolled(percent) if !(1..=100).contains(percent) => {
            doc.error(
                at,
                format!("A page is scrolled by 1 to 100 per cent, never by {percent}."),
            );
        }
        What::Answered { fact, value } => answered(at, fact, value, place.book, doc),
        What::Scrolled(_) | What::Cart(_) | What::Visits => {}
    }
}

/// A pattern for addresses.
fn address(at: &str, pattern: &str, doc: &mut Doc<'_>) {
    let plain = pattern.trim();
    texts::optional(doc, at, Some(pattern));
    if plain.contains(char::is_whitespace) {
        doc.error(
            at,
            "There are no spaces in an address, so nothing fits. Write * where \
                 there may be anything.",
        );
    } else if plain.contains('#') {
        doc.error(
            at,
            "What follows # in an address is not kept, so nothing fits. Leave it out.",
        );
    } else if !plain.is_empty() && !plain.contains(['*', '/', '.']) && plain != "localhost" {
        doc.warn(
            at,
            format!(
                "Only an address that is {plain} as a whole fits. Write *{plain}* for \
                 addresses that hold it."
            ),
        );
    }
}

fn answered(at: &str, fact: &str, value: &str, book: &Book<'_>, doc: &mut Doc<'_>) {
    if !texts::fact(doc, at, fact) {
        return;
    }
    texts::short(doc, at, value, VALUE);
    match book.supplied(fact) {
        None => doc.warn(
            at,
            format!(
                "No form asks for {fact}, so this never holds. Make one that does, or \
                 choose another."
            ),
        ),
        Some(values) if !value.trim().is_empty() && !values.has(value) => {
            doc.warn(
                at,
                format!(
                    "No form offers {} as {fact}, so this never holds. Choose another \
                     answer.",
                    shown(value)
                ),
            );
        }
        Some(_) => {}
    }
}

/// A rule can only see what is collected.
fn collected(at: &str, what: &What, place: &Place<'_>, doc: &mut Doc<'_>) {
    let (kind, called) = match what {
        What::Referrer(_) => (Collected::Referrer, "where visitors come from"),
        What::Dwell { .. } => (Collected::Dwell, "how long pages are looked at"),
        What::Scrolled(_) => (Collected::Scroll, "how far pages are scrolled"),
        What::Clicked(_) => (Collected::Clicks, "clicks"),
        What::Searched(_) => (Collected::Searches, "searches"),
        What::Submitted(_) => (Collected::Forms, "that forms are sent"),
        What::Cart(_) => (Collected::Cart, "changes of the cart"),
        What::Event(_) => (Collected::Custom, "events of the page's own script"),
        What::Visits => (Collected::Visits, "how often visitors come"),
        What::Category(_) | What::Url(_) | What::Language(_) | What::Answered { .. } => return,
    };
    let here = |key: &str| place.sites.is_empty() || place.sites.iter().any(|site| site.0 == key);
    let mut sites = place
        .book
        .sites
        .iter()
        .filter(|(key, _)| here(key))
        .peekable();
    if sites.peek().is_some() && !sites.any(|(_, site)| site.collects.contains(&kind)) {
        doc.warn(
            format!("{at}.what"),
            format!(
                "No site of this rule collects {called}, so this never holds. Let a \
                 site collect it."
            ),
        );
    }
}

/// Checks that conditions can hold at the same time.
pub(super) fn together(list: &str, conditions: &[Condition], doc: &mut Doc<'_>) {
    let mut spoken: Option<&str> = None;
    for (n, condition) in conditions.iter().enumerate() {
        let Some(tag) = language(&condition.what) else {
            continue;
        };
        match spoken {
            Some(other) if other != tag => {
                doc.error(
                    format!("{list}.{n}"),
                    format!(
                        "This can never fit: a page is not in {other} and in {tag} at once. \
                         Take one away."
                    ),
                );
            }
            Some(_) => {}
            None => spoken = Some(tag),
        }
    }
}

fn language(what: &What) -> Option<&str> {
    match what {
        What::Language(tag) => Some(tag),
        What::Category(_)
        | What::Url(_)
        | What::Referrer(_)
        | What::Event(_)
        | What::Clicked(_)
        | What::Searched(_)
        | What::Submitted(_)
        | What::Cart(_)
        | What::Dwell { .. }
        | What::Scrolled(_)
        | What::Visits
        | What::Answered { .. } => None,
    }
}

/// Checks that what must hold is not what must not.
pub(super) fn against(rule: &IntentRule, doc: &mut Doc<'_>) {
    let mut possible = false;
    for (n, condition) in rule.any.iter().enumerate() {
        match rule.none.iter().position(|none| implies(condition, none)) {
            Some(none) => doc.warn(
                format!("any.{n}"),
                format!(
                    "This never counts: where it holds, so does number {} of what must not. \
                     Take one away.",
                    none + 1
                ),
            ),
            None => possible = true,
        }
    }
    if !rule.any.is_empty() && !possible {
        doc.error(
            "any",
            "This rule can never fit: whichever of these holds, something that must \
                 not hold does too.",
        );
    }
    for (n, none) in rule.none.iter().enumerate() {
        if let Some(all) = rule.all.iter().position(|all| implies(all, none)) {
            doc.error(
                format!("none.{n}"),
                format!(
                    "This rule can never fit: where number {} of what must hold does, so \
                     does this. Take one away.",
                    all + 1
                ),
            );
        }
    }
}

/// Whether `other` holds wherever `one` does.
fn implies(one: &Condition, other: &Condition) -> bool {
    let counted = !is_counted(&one.what) || one.at_least >= other.at_least;
    let in_time = match (one.within_min, other.within_min) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(one), Some(other)) => one <= other,
    };
    counted && in_time && what_implies(&one.what, &other.what)
}

fn what_implies(one: &What, other: &What) -> bool {
    use What::{
        Answered, Cart, Category, Clicked, Dwell, Event, Language, Referrer, Scrolled, Searched,
        Submitted, Url, Visits,
    };
    let same = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
    match (one, other) {
        (Category(one), Category(other))
        | (Url(one), Url(other))
        | (Referrer(one), Referrer(other))
        | (Language(one), Language(other))
        | (Event(one), Event(other))
        | (Clicked(one), Clicked(other)) => same(one, other),
        (Searched(one), Searched(other)) | (Submitted(one), Submitted(other)) => {
            other.trim().is_empty() || same(one, other)
        }
        (Cart(one), Cart(other)) => one == other,
        (
            Dwell { category, seconds },
            Dwell {
                category: other,
                seconds: least,
            },
        ) => (other.trim().is_empty() || same(category, other)) && seconds >= least,
        (Scrolled(one), Scrolled(other)) => one >= other,
        (Visits, Visits) => true,
        (
            Answered { fact, value },
            Answered {
                fact: other,
                value: any,
            },
        ) => fact == other && (any.trim().is_empty() || same(value, any)),
        (
            Category(_)
            | Url(_)
            | Referrer(_)
            | Language(_)
            | Event(_)
            | Clicked(_)
            | Searched(_)
            | Submitted(_)
            | Cart(_)
            | Dwell { .. }
            | Scrolled(_)
            | Visits
            | Answered { .. },
            _,
        ) => false,
    }
}
