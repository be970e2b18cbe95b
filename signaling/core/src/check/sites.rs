//! Sites: where they come from, and where their visitors go.

use bellwire_proto::{
    admin::Kind,
    interaction::Medium,
    setup::{Destination, Entry, Look, Setup, Site},
};

use super::{
    book::Book,
    report::{Doc, Report},
    texts::{self, Once, shown},
};
use crate::routing::primary;

/// For how many days journeys may be kept.
const KEEP_DAYS: u16 = 3650;

/// Checks all sites.
pub(super) fn check(setup: &Setup, book: &Book<'_>, report: &mut Report) {
    let (mut names, mut keys) = (Once::default(), Once::default());
    for site in &setup.sites {
        let mut doc = report.on(Kind::Site, &site.key);
        names.name(&mut doc, "site", &site.name);
        keys.id(&mut doc, "key", "site", &site.key);
        of_site(site, book, &mut doc);
    }
}

fn of_site(site: &Site, book: &Book<'_>, doc: &mut Doc<'_>) {
    let key = &site.key.0;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !(1..=64).contains(&key.len()) || !key.bytes().all(fits) {
        doc.error(
            "key",
            format!(
                "{} is no key. Use 1 to 64 letters without accents, digits, hyphens and \
                 underscores.",
                shown(key)
            ),
        );
    }
    if site.origins.is_empty() {
        doc.warn(
            "origins",
            "No page may use this site's tag. Add where its pages come from, like \
                 https://shop.example.",
        );
    }
    for (n, origin) in site.origins.iter().enumerate() {
        if !texts::is_origin(origin) {
            doc.error(
                format!("origins.{n}"),
                format!(
                    "{} is no origin. Write the scheme, the host and, if need be, the port, \
                     like https://shop.example.",
                    shown(origin)
                ),
            );
        }
    }
    if site.entries.is_empty() {
        doc.error(
            "entries",
            "Visitors of this site get nowhere. Add an entry.",
        );
    }
    for (n, entry) in site.entries.iter().enumerate() {
        of_entry(n, entry, book, doc);
        if let Some(before) = site.entries[..n]
            .iter()
            .position(|before| covers(before, entry))
        {
            doc.warn(
                format!("entries.{n}"),
                format!(
                    "No visitor gets here: entry {} takes all of them before. Move this one \
                     up, or take it away.",
                    before + 1
                ),
            );
        }
    }
    texts::needs(doc, &site.needs, book);
    if site.keep_days > KEEP_DAYS {
        doc.error(
            "keep_days",
            format!("Journeys can be kept for at most {KEEP_DAYS} days."),
        );
    }
    of_look(&site.look, doc);
}

fn of_entry(n: usize, entry: &Entry, book: &Book<'_>, doc: &mut Doc<'_>) {
    let at = |what: &str| format!("entries.{n}.{what}");
    if let Some(language) = &entry.language {
        texts::language(doc, &at("language"), language);
    }
    texts::optional(doc, &at("topic"), entry.topic.as_deref());
    if let Some(topic) = entry
        .topic
        .as_deref()
        .filter(|topic| !topic.trim().is_empty() && !book.tells_topic(topic))
    {
        doc.warn(
            at("topic"),
            format!(
                "No intent rule and no form tells the topic {}, so no visitor gets \
                 here. Add one that does, or choose another topic.",
                shown(topic)
            ),
        );
    }
    texts::destination(doc, &at("to"), &entry.to, book);
    if let Some(medium) = not_taken(&entry.media, &entry.to, book) {
        doc.warn(
            at("to"),
            format!(
                "This queue takes no {}. Lead them elsewhere, or let the queue take them.",
                in_words(medium)
            ),
        );
    }
}

/// The first of `media` that the queue it leads to does not take.
pub(super) fn not_taken(media: &[Medium], to: &Destination, book: &Book<'_>) -> Option<Medium> {
    let queue = match to {
        Destination::Queue(queue) => book.queues.get(queue)?,
        Destination::Menu(_) | Destination::Page { .. } | Destination::Link { .. } => return None,
    };
    // A queue that takes nothing is told of by itself.
    let taken = |medium: &Medium| queue.media.is_empty() || queue.media.contains(medium);
    media.iter().copied().find(|medium| !taken(medium))
}

/// Several contacts of a medium.
pub(super) fn in_words(medium: Medium) -> &'static str {
    match medium {
        Medium::Call => "calls",
        Medium::Chat => "chats",
    }
}

/// Whether every visitor of `later` is one of `entry`, too.
fn covers(entry: &Entry, later: &Entry) -> bool {
    let language = match (&entry.language, &later.language) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(one), Some(other)) => primary(one) == primary(other),
    };
    let topic = match (&entry.topic, &later.topic) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(one), Some(other)) => one.to_lowercase() == other.to_lowercase(),
    };
    let takes = |medium: &Medium| entry.media.is_empty() || entry.media.contains(medium);
    let all = [Medium::Call, Medium::Chat];
    let asked: &[Medium] = if later.media.is_empty() {
        &all
    } else {
        &later.media
    };
    language && topic && asked.iter().all(takes)
}

fn of_look(look: &Look, doc: &mut Doc<'_>) {
    texts::words(doc, "look.label", &look.label);
    let Some(color) = &look.color else { return };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"#(),.%/ -".contains(&byte);
    if color.trim().is_empty() || color.len() > 64 || !color.bytes().all(fits) {
        doc.error(
            "look.color",
            format!(
                "{} is no colour. Write it as CSS does, like #0a7d4b.",
                shown(color)
            ),
        );
    }
}
