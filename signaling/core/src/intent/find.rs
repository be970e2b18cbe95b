//! Whether a condition holds, and when that may change by time alone.

use std::{cmp::Reverse, time::Duration};

use bellwire_proto::{
    setup::{Condition, What},
    time::Timestamp,
};

use super::{
    Reading,
    fold::{asked, asked_address, fold, same},
    index::{Counted, Visited},
};

/// That a condition holds.
#[derive(Debug)]
pub(super) struct Found<'a> {
    /// How often; for how many milliseconds, where it is about time.
    pub(super) count: u64,
    /// What was found, as the page or the visitor wrote it; the newest, where there are several.
    pub(super) sample: &'a str,
}

/// A happening that a condition counts.
struct Hit<'a> {
    at: Timestamp,
    sample: &'a str,
}

impl<'a> Reading<'a> {
    /// That `condition` holds, or nothing.
    pub(super) fn find(&self, condition: &Condition) -> Option<Found<'a>> {
        let needed = needed(condition);
        let since = self.since(window(condition));
        let found = match &condition.what {
            What::Dwell { category, .. } => {
                let count = self.dwell(category, since);
                Found { count, sample: "" }
            }
            What::Visits => {
                let count = u64::from(self.known.visits);
                Found { count, sample: "" }
            }
            What::Language(tag) => self.language(tag)?,
            What::Answered { fact, value } => self.answer(fact, value)?,
            What::Referrer(pattern) => self
                .told_referrer(pattern, condition)
                .or_else(|| self.count(&condition.what, since))?,
            What::Category(_)
            | What::Url(_)
            | What::Event(_)
            | What::Clicked(_)
            | What::Searched(_)
            | What::Submitted(_)
            | What::Cart(_)
            | What::Scrolled(_) => self.count(&condition.what, since)?,
        };
        (found.count >= needed).then_some(found)
    }

    /// When the answer to `condition` may change though nothing happens.
    pub(super) fn may_change(&self, condition: &Condition) -> Option<Timestamp> {
        let window = window(condition);
        let needed = needed(condition);
        match &condition.what {
            What::Dwell { category, .. } => self.dwell_may_change(category, needed, window),
            What::Language(_) | What::Visits | What::Answered { .. } => None,
            What::Category(_)
            | What::Url(_)
            | What::Referrer(_)
            | What::Event(_)
            | What::Clicked(_)
            | What::Searched(_)
            | What::Submitted(_)
            | What::Cart(_)
            | What::Scrolled(_) => self.falls_short(&condition.what, needed, window?),
        }
    }

    /// When so few of what is counted are left in the span that a condition holds no more.
    fn falls_short(&self, what: &What, needed: u64, window: Duration) -> Option<Timestamp> {
        let since = self.since(Some(window));
        let mut times = vec![];
        self.each(what, &mut |hit| {
            if hit.at >= since {
                times.push(Reverse(hit.at));
            }
        });
        let last = usize::try_from(needed).ok()?.checked_sub(1)?;
        if last >= times.len() {
            return None;
        }
        let Reverse(at) = *times.select_nth_unstable(last).1;
        Some(at + window + Duration::from_millis(1))
    }

    fn count(&self, what: &What, since: Timestamp) -> Option<Found<'a>> {
        let mut count = 0;
        let mut newest: Option<Hit<'a>> = None;
        self.each(what, &mut |hit| {
            if hit.at < since {
                return;
            }
            count += 1;
            if newest.as_ref().is_none_or(|newest| newest.at <= hit.at) {
                newest = Some(hit);
            }
        });
        let sample = newest?.sample;
        Some(Found { count, sample })
    }

    /// Every happening that `what` counts.
    fn each(&self, what: &What, hit: &mut dyn FnMut(Hit<'a>)) {
        match what {
            What::Category(name) => self.each_named(Counted::Category, name, false, hit),
            What::Event(name) => self.each_named(Counted::Event, name, false, hit),
            What::Clicked(name) => self.each_named(Counted::Clicked, name, false, hit),
            What::Submitted(name) => self.each_named(Counted::Submitted, name, true, hit),
            What::Url(pattern) => self.each_address(&self.index.views, pattern, hit),
            What::Referrer(pattern) => self.each_address(&self.index.referrers, pattern, hit),
            What::Searched(text) => self.each_search(text, hit),
            What::Cart(action) => {
                let carts = self.index.carts.iter().filter(|(done, _)| done == action);
                carts.for_each(|(_, at)| {
                    hit(Hit {
                        at: *at,
                        sample: "",
                    })
                });
            }
            What::Scrolled(percent) => self.each_scrolled(*percent, hit),
            // Not counted.
            What::Language(_) | What::Dwell { .. } | What::Visits | What::Answered { .. } => {}
        }
    }

    fn each_named(
        &self,
        what: Counted,
        name: &str,
        any_if_empty: bool,
        hit: &mut dyn FnMut(Hit<'a>),
    ) {
        let Some(name) = asked(name) else { return };
        if name.is_empty() && !any_if_empty {
            return;
        }
        for named in self.index.named(what, &name) {
            let (at, sample) = (named.at, named.written);
            hit(Hit { at, sample });
        }
    }

    fn each_address(&self, visited: &[Visited<'a>], pattern: &str, hit: &mut dyn FnMut(Hit<'a>)) {
        let Some(pattern) = asked_address(pattern) else {
            return;
        };
        let texts = &self.index.texts;
        let fitting = visited
            .iter()
            .filter(|visited| visited.address.fits(&pattern, texts));
        for Visited { at, written, .. } in fitting {
            hit(Hit {
                at: *at,
                sample: written,
            });
        }
    }

    fn each_search(&self, text: &str, hit: &mut dyn FnMut(Hit<'a>)) {
        let Some(text) = asked(text) else { return };
        for search in &self.index.searches {
            if self.index.texts[search.text.clone()].contains(&*text) {
                let (at, sample) = (search.at, search.written);
                hit(Hit { at, sample });
            }
        }
    }

    /// Once for each page, when it was last scrolled so far.
    fn each_scrolled(&self, percent: u8, hit: &mut dyn FnMut(Hit<'a>)) {
        let pages = self
            .index
            .scrolls
            .chunk_by(|one, other| one.url == other.url);
        for page in pages {
            if let Some(scroll) = page.iter().find(|scroll| scroll.percent >= percent) {
                let (at, sample) = (scroll.at, scroll.url);
                hit(Hit { at, sample });
            }
        }
    }

    /// The page of now tells where the visitor came from as well, but not when.
    fn told_referrer(&self, pattern: &str, condition: &Condition) -> Option<Found<'a>> {
        let sample = self.known.page.referrer.as_str();
        if sample.is_empty() || condition.within_min.is_some() {
            return None;
        }
        let pattern = asked_address(pattern)?;
        let mut text = String::new();
        let address = super::fold::Address::fold_onto(&mut text, sample);
        address
            .fits(&pattern, &text)
            .then_some(Found { count: 1, sample })
    }

    /// `es` fits `es-MX` too.
    fn language(&self, tag: &str) -> Option<Found<'a>> {
        let page = self.known.page.language.trim();
        let sample = if page.is_empty() {
            self.index.language.trim()
        } else {
            page
        };
        let tag = tag.trim();
        let asked = tag.split(['-', '_']);
        let mut told = sample.split(['-', '_']);
        let fits = !tag.is_empty()
            && asked
                .into_iter()
                .all(|part| told.next().is_some_and(|told| same(told, part)));
        fits.then_some(Found { count: 1, sample })
    }

    fn answer(&self, fact: &str, value: &str) -> Option<Found<'a>> {
        let (_, sample) = self
            .known
            .answers
            .iter()
            .find(|(named, _)| same(named, fact))?;
        let said = !sample.trim().is_empty();
        let fits = said && (value.trim().is_empty() || *fold(value.trim()) == *fold(sample.trim()));
        fits.then_some(Found { count: 1, sample })
    }
}

/// How much it takes, by the count of [`Found`].
fn needed(condition: &Condition) -> u64 {
    match &condition.what {
        What::Dwell { seconds, .. } => (u64::from(*seconds) * 1_000).max(1),
        What::Language(_) | What::Referrer(_) | What::Answered { .. } => 1,
        What::Category(_)
        | What::Url(_)
        | What::Event(_)
        | What::Clicked(_)
        | What::Searched(_)
        | What::Submitted(_)
        | What::Cart(_)
        | What::Scrolled(_)
        | What::Visits => u64::from(condition.at_least.max(1)),
    }
}

fn window(condition: &Condition) -> Option<Duration> {
    let minutes = condition.within_min?;
    Some(Duration::from_secs(u64::from(minutes) * 60))
}
