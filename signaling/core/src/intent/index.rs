//! A journey read once: what happened, by kind and name, so that many rules can be asked at little
//! cost. Texts are folded into one buffer; nothing else is allocated by event.

use std::{collections::BTreeMap, ops::Range, time::Duration};

use bellwire_proto::{
    journey::{JourneyEvent, JourneyKind},
    setup::CartAction,
    time::Timestamp,
};

use super::{
    Known, LONGEST_LOOK,
    fold::{Address, fold_onto},
};
use crate::collect::LONGEST_JOURNEY;

/// What has a name and is counted.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Counted {
    Category,
    Event,
    Clicked,
    Submitted,
}

/// One happening of a name.
#[derive(Debug)]
pub(super) struct Named<'a> {
    what: Counted,
    text: Range<usize>,
    /// As the page wrote it.
    pub(super) written: &'a str,
    pub(super) at: Timestamp,
}

/// An address, and when.
#[derive(Debug)]
pub(super) struct Visited<'a> {
    pub(super) address: Address,
    pub(super) written: &'a str,
    pub(super) at: Timestamp,
}

/// A search.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) text: Range<usize>,
    pub(super) written: &'a str,
    pub(super) at: Timestamp,
}

/// A page scrolled.
#[derive(Debug)]
pub(super) struct Scroll<'a> {
    pub(super) url: &'a str,
    pub(super) percent: u8,
    pub(super) at: Timestamp,
}

/// A page looked at, from when to when.
#[derive(Debug)]
pub(super) struct Look<'a> {
    pub(super) categories: &'a [String],
    pub(super) from: Timestamp,
    /// For the page looked at now, the time after which nobody believes it.
    pub(super) to: Timestamp,
}

/// The journey by kind.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    /// Every folded text.
    pub(super) texts: String,
    named: Vec<Named<'a>>,
    pub(super) views: Vec<Visited<'a>>,
    pub(super) referrers: Vec<Visited<'a>>,
    pub(super) searches: Vec<Search<'a>>,
    /// By page, newest first.
    pub(super) scrolls: Vec<Scroll<'a>>,
    pub(super) carts: Vec<(CartAction, Timestamp)>,
    pub(super) looks: Vec<Look<'a>>,
    /// The language of the newest page that told one.
    pub(super) language: &'a str,
}

/// A page that was opened and not left so far.
struct Open<'a> {
    categories: &'a [String],
    at: Timestamp,
    newest: bool,
}

impl<'a> Index<'a> {
    pub(super) fn new(known: &Known<'a>, now: Timestamp) -> Self {
        let older = known.journey.len().saturating_sub(LONGEST_JOURNEY);
        let journey = &known.journey[older..];
        let mut index = Self::default();
        let mut open: BTreeMap<&'a str, Open<'a>> = BTreeMap::new();
        for event in journey {
            index.read(event, event.at.min(now), &mut open);
        }
        index.look_on(known, &open);
        index.sort();
        index
    }

    fn read(
        &mut self,
        event: &'a JourneyEvent,
        at: Timestamp,
        open: &mut BTreeMap<&'a str, Open<'a>>,
    ) {
        match &event.kind {
            JourneyKind::Viewed {
                url,
                referrer,
                language,
                categories,
                title: _,
            } => {
                open.values_mut().for_each(|open| open.newest = false);
                let newest = true;
                open.insert(
                    url,
                    Open {
                        categories,
                        at,
                        newest,
                    },
                );
                self.view(url, referrer, at);
                self.categories(categories, at);
                if !language.is_empty() {
                    self.language = language;
                }
            }
            JourneyKind::Left { url, dwell_ms } => {
                let dwell = Duration::from_millis(*dwell_ms).min(LONGEST_LOOK);
                let categories = open
                    .remove(url.as_str())
                    .map_or(&[][..], |open| open.categories);
                let from = at - dwell;
                self.looks.push(Look {
                    categories,
                    from,
                    to: at,
                });
            }
            JourneyKind::Scrolled { url, percent } => self.scrolls.push(Scroll {
                url,
                percent: *percent,
                at,
            }),
            JourneyKind::Searched { text: written } => {
                let text = fold_onto(&mut self.texts, written);
                self.searches.push(Search { text, written, at });
            }
            JourneyKind::Submitted { form, fields: _ } => self.name(Counted::Submitted, form, at),
            JourneyKind::Cart { action, .. } => self.carts.push((*action, at)),
            JourneyKind::Clicked { mark } => self.name(Counted::Clicked, mark, at),
            JourneyKind::Custom { name, data: _ } => self.name(Counted::Event, name, at),
        }
    }

    fn view(&mut self, url: &'a str, referrer: &'a str, at: Timestamp) {
        let mut visited = |written| Visited {
            address: Address::fold_onto(&mut self.texts, written),
            written,
            at,
        };
        self.views.push(visited(url));
        if !referrer.is_empty() {
            self.referrers.push(visited(referrer));
        }
    }

    /// A page that names a category twice is one page of it.
    fn categories(&mut self, categories: &'a [String], at: Timestamp) {
        let first = self.named.len();
        for category in categories {
            self.name(Counted::Category, category, at);
            let (before, last) = self.named[first..].split_at(self.named.len() - first - 1);
            let text = |named: &Named<'a>| &self.texts[named.text.clone()];
            if last
                .iter()
                .any(|last| before.iter().any(|named| text(named) == text(last)))
            {
                self.named.pop();
            }
        }
    }

    fn name(&mut self, what: Counted, written: &'a str, at: Timestamp) {
        let text = fold_onto(&mut self.texts, written);
        self.named.push(Named {
            what,
            text,
            written,
            at,
        });
    }

    /// The page looked at now: the one the visitor's page tells of, else the one opened last; none
    /// where that was left.
    fn look_on(&mut self, known: &Known<'a>, open: &BTreeMap<&'a str, Open<'a>>) {
        let told = open.get(known.page.url.as_str());
        let Some(now) = told.or_else(|| open.values().find(|open| open.newest)) else {
            return;
        };
        self.looks.push(Look {
            categories: now.categories,
            from: now.at,
            to: now.at + LONGEST_LOOK,
        });
    }

    fn sort(&mut self) {
        let texts = &self.texts;
        self.named.sort_by(|one, other| {
            let key = |named: &Named<'a>| (named.what, &texts[named.text.clone()], named.at);
            key(one).cmp(&key(other))
        });
        self.scrolls
            .sort_by(|one, other| one.url.cmp(other.url).then(other.at.cmp(&one.at)));
    }

    /// Every happening of `name` (folded), oldest first; of all names where it is empty.
    pub(super) fn named(&self, what: Counted, name: &str) -> &[Named<'a>] {
        let text = |named: &Named<'a>| &self.texts[named.text.clone()];
        let from = self
            .named
            .partition_point(|named| (named.what, text(named)) < (what, name));
        let rest = &self.named[from..];
        let to = if name.is_empty() {
            rest.partition_point(|named| named.what == what)
        } else {
            rest.partition_point(|named| (named.what, text(named)) == (what, name))
        };
        &rest[..to]
    }
}
