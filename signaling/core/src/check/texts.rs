//! Names, sentences, tags and addresses: what every document is made of.

use std::collections::{BTreeMap, BTreeSet};

use bellwire_proto::{
    admin::Kind,
    setup::{Destination, FormKind, Required, Setup, SkillLevel, Words},
};

use super::{
    book::Book,
    report::{Doc, Report},
};

/// The most characters of a name.
const NAME: usize = 80;

/// The most characters of a sentence in one language.
const SENTENCE: usize = 500;

/// The most languages of a sentence.
const LANGUAGES: usize = 50;

/// The most characters of a value, topic or pattern.
pub(super) const VALUE: usize = 200;

/// The most characters of an address.
const ADDRESS: usize = 2000;

/// What was there before: names and ids that may be there once.
#[derive(Default)]
pub(super) struct Once(BTreeSet<String>);

impl Once {
    /// A name, which there must be, and one document alone may have, in whatever case.
    pub(super) fn name(&mut self, doc: &mut Doc<'_>, what: &str, name: &str) {
        let plain = name.trim();
        if filled(doc, "name", plain, "a name") && !self.0.insert(plain.to_lowercase()) {
            doc.error(
                "name",
                format!("Another {what} is called {plain} too. Give each its own name."),
            );
        }
    }

    /// An id, which one document alone may have.
    pub(super) fn id(&mut self, doc: &mut Doc<'_>, at: &str, what: &str, id: impl ToString) {
        let id = id.to_string();
        if !self.0.insert(format!("\n{id}")) {
            doc.error(
                at,
                format!("Another {what} has the {at} {id} too. Give this one another."),
            );
        }
    }

    /// Whether `text` was not there before.
    pub(super) fn is_new(&mut self, text: &str) -> bool {
        self.0.insert(text.trim().to_lowercase())
    }
}

/// Checks the lists of skills, reasons and dispositions.
pub(super) fn lists(setup: &Setup, report: &mut Report) {
    let lists = [
        (Kind::Skills, &setup.skills, "skill"),
        (Kind::Reasons, &setup.reasons, "reason"),
        (Kind::Dispositions, &setup.dispositions, "disposition"),
    ];
    for (kind, list, what) in lists {
        let mut doc = report.on(kind, "all");
        let mut once = Once::default();
        for (n, name) in list.iter().enumerate() {
            let at = n.to_string();
            if filled(&mut doc, &at, name, "a name") && !once.is_new(name) {
                doc.error(
                    at,
                    format!("The {what} {} is there twice. Take one away.", name.trim()),
                );
            }
        }
    }
}

/// A text that there must be, of a name's length.
pub(super) fn filled(doc: &mut Doc<'_>, at: &str, text: &str, what: &str) -> bool {
    if text.trim().is_empty() {
        doc.error(at, format!("It has to have {what}. Write one."));
        return false;
    }
    short(doc, at, text, NAME)
}

/// A text of at most so many characters, on one line.
pub(super) fn short(doc: &mut Doc<'_>, at: &str, text: &str, most: usize) -> bool {
    let count = text.chars().count();
    if count > most {
        doc.error(
            at,
            format!("It is {count} characters long; at most {most} are possible. Shorten it."),
        );
    } else if text.chars().any(char::is_control) {
        doc.error(
            at,
            "It holds a line break or another character that cannot be seen. Write it on one line.",
        );
    } else {
        return true;
    }
    false
}

/// A topic, product or value, where there is one.
pub(super) fn optional(doc: &mut Doc<'_>, at: &str, text: Option<&str>) {
    if let Some(text) = text {
        if text.trim().is_empty() {
            doc.error(at, "It is empty. Write something, or leave it out.");
        } else {
            short(doc, at, text, VALUE);
        }
    }
}

/// A sentence that need not be there.
pub(super) fn words(doc: &mut Doc<'_>, at: &str, words: &Words) {
    if words.0.len() > LANGUAGES {
        doc.error(
            at,
            format!(
                "It is written in {} languages; at most {LANGUAGES} are possible.",
                words.0.len()
            ),
        );
        return;
    }
    for (tag, text) in &words.0 {
        language(doc, at, tag);
        let count = text.chars().count();
        if count > SENTENCE {
            doc.error(
                format!("{at}.{tag}"),
                format!(
                    "It is {count} characters long; at most {SENTENCE} are possible. Shorten it."
                ),
            );
        }
    }
}

/// A sentence that must be there.
pub(super) fn spoken(doc: &mut Doc<'_>, at: &str, sentence: &Words, what: &str) {
    if sentence.is_empty() {
        doc.error(
            at,
            format!("Visitors have nothing to read here. Write {what}."),
        );
    }
    words(doc, at, sentence);
}

/// A language's tag.
pub(super) fn language(doc: &mut Doc<'_>, at: &str, tag: &str) {
    if !is_tag(tag) {
        doc.error(
            at,
            format!(
                "{} is no language. Write its two or three letters in lower case, like en or es.",
                shown(tag)
            ),
        );
    }
}

fn is_tag(tag: &str) -> bool {
    matches!(tag.len(), 2 | 3) && tag.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Skills with levels.
pub(super) fn skills(
    doc: &mut Doc<'_>,
    at: &str,
    skills: &BTreeMap<String, SkillLevel>,
    book: &Book<'_>,
) {
    for (skill, level) in skills {
        let at = format!("{at}.{skill}");
        if !(1..=10).contains(&level.0) {
            doc.error(
                at.as_str(),
                format!(
                    "The level of {skill} is {}. Levels go from 1 to 10.",
                    level.0
                ),
            );
        }
        known_skill(doc, &at, skill, book);
    }
}

/// A skill that the list of skills should have.
pub(super) fn known_skill(doc: &mut Doc<'_>, at: &str, skill: &str, book: &Book<'_>) {
    if !book.skills.contains(skill) {
        doc.warn(
            at,
            format!(
                "{} is not in the list of skills. Add it there, or choose another.",
                shown(skill)
            ),
        );
    }
}

/// What must be known.
pub(super) fn needs(doc: &mut Doc<'_>, needs: &[Required], book: &Book<'_>) {
    let mut once = Once::default();
    for (n, need) in needs.iter().enumerate() {
        let at = format!("needs.{n}");
        let name = &need.fact;
        if !fact(doc, &format!("{at}.fact"), name) {
            continue;
        }
        if !once.is_new(name) {
            doc.error(
                format!("{at}.fact"),
                format!("{name} is asked for twice. Take one away."),
            );
        }
        optional(doc, &format!("{at}.otherwise"), need.otherwise.as_deref());
        if need.otherwise.is_none() && book.supplied(name).is_none() {
            doc.error(
                format!("{at}.fact"),
                format!(
                    "No form asks for {name}. Make one that does, or say what is taken otherwise."
                ),
            );
        }
    }
}

/// A fact's name.
pub(super) fn fact(doc: &mut Doc<'_>, at: &str, name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let good = (1..=64).contains(&name.len()) && name.bytes().all(fits);
    if !good {
        doc.error(
            at,
            format!(
                "{} is no name for an answer. Use 1 to 64 letters without accents, \
                 digits, dots, hyphens and underscores.",
                shown(name)
            ),
        );
    }
    good
}

/// Where contacts are led.
pub(super) fn destination(doc: &mut Doc<'_>, at: &str, to: &Destination, book: &Book<'_>) {
    match to {
        Destination::Queue(queue) if !book.queues.contains_key(queue) => {
            doc.error(at, "This queue does not exist. Choose another.");
        }
        Destination::Menu(form) => match book.forms.get(form).map(|form| &form.kind) {
            None => doc.error(at, "This menu does not exist. Choose another."),
            Some(FormKind::Fields(_)) => {
                doc.error(at, "This is a form, which leads nowhere. Choose a menu.")
            }
            Some(FormKind::Menu { .. }) => {}
        },
        Destination::Page { url, label } | Destination::Link { url, label } => {
            if !is_address(url) {
                doc.error(
                    at,
                    format!(
                        "{} is no address. Write https://… or, for a page of the site itself, /….",
                        shown(url)
                    ),
                );
            }
            words(doc, at, label);
            if label.is_empty() {
                doc.warn(at, "Visitors cannot read what this page is. Write a label.");
            }
        }
        Destination::Queue(_) => {}
    }
}

fn is_address(url: &str) -> bool {
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && letter != '\\';
    if url.len() > ADDRESS || !url.chars().all(plain) {
        return false;
    }
    match host_and_rest(url) {
        Some(host) => !host.starts_with(['/', '?', '#', ':']) && !host.is_empty(),
        None => url.starts_with('/') && !url.starts_with("//"),
    }
}

/// What follows the scheme of an address on the web.
fn host_and_rest(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    web.then_some(rest)
}

/// Whether this is an origin: scheme, host and port.
pub(super) fn is_origin(text: &str) -> bool {
    let Some(rest) = host_and_rest(text.trim()) else {
        return false;
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        Some(_) | None => (rest, "80"),
    };
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = digits && port.parse::<u16>().is_ok_and(|port| port > 0);
    let version_6 = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let named = match version_6 {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_host(host),
    };
    named && numbered
}

fn is_host(host: &str) -> bool {
    let fits = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    host.len() <= 253 && host.split('.').all(fits)
}

/// A text as it is quoted in a sentence: not longer than a line.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("\u{201c}{short}{more}\u{201d}")
}
