//! Journeys: what is kept of them, and what rules read in them.

mod hostile;
mod kept;
mod looks;
mod random;
mod rules;

use std::collections::BTreeMap;

use bellwire_core::intent::{self, Known};
use bellwire_proto::{
    id::{RuleId, SiteKey},
    intent::Intent,
    interaction::Page,
    journey::{JourneyEvent, JourneyKind},
    setup::{Condition, IntentRule, What},
    time::Timestamp,
};

/// A quiet afternoon.
const START: u64 = 1_800_000_000_000;
const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// A visitor of whom things are known.
#[derive(Clone, Debug)]
struct Visitor {
    site: SiteKey,
    journey: Vec<JourneyEvent>,
    page: Page,
    visits: u32,
    answers: BTreeMap<String, String>,
}

impl Visitor {
    fn new() -> Self {
        Self {
            site: SiteKey("shop".into()),
            journey: vec![],
            page: Page::default(),
            visits: 1,
            answers: BTreeMap::new(),
        }
    }

    /// `kind` happened so many milliseconds after the start.
    fn did(mut self, after: u64, kind: JourneyKind) -> Self {
        self.journey
            .push(event(START + after, self.journey.len(), kind));
        self
    }

    fn known(&self) -> Known<'_> {
        Known {
            site: &self.site,
            journey: &self.journey,
            page: &self.page,
            visits: self.visits,
            answers: &self.answers,
        }
    }

    fn holds(&self, condition: &Condition, after: u64) -> Option<String> {
        intent::holds(condition, &self.known(), Timestamp(START + after))
    }

    fn intents(&self, rules: &[IntentRule], after: u64) -> Vec<Intent> {
        intent::intents(rules, &self.known(), Timestamp(START + after))
    }

    /// When to look again, after the start.
    fn next_look(&self, condition: &Condition, after: u64) -> Option<u64> {
        let now = Timestamp(START + after);
        let next = intent::next_look([condition].into_iter(), &self.known(), now);
        next.map(|next| next.0 - START)
    }
}

fn event(at: u64, n: usize, kind: JourneyKind) -> JourneyEvent {
    JourneyEvent {
        n: u32::try_from(n).expect("a journey of fewer events"),
        at: Timestamp(at),
        kind,
    }
}

fn viewed(path: &str, categories: &[&str]) -> JourneyKind {
    JourneyKind::Viewed {
        url: format!("https://shop.example{path}"),
        title: path.to_owned(),
        referrer: String::new(),
        language: String::new(),
        categories: categories.iter().map(|&name| name.to_owned()).collect(),
    }
}

fn came_from(referrer: &str) -> JourneyKind {
    JourneyKind::Viewed {
        url: "https://shop.example/".into(),
        title: String::new(),
        referrer: referrer.to_owned(),
        language: String::new(),
        categories: vec![],
    }
}

fn left(path: &str, dwell_ms: u64) -> JourneyKind {
    JourneyKind::Left {
        url: format!("https://shop.example{path}"),
        dwell_ms,
    }
}

fn scrolled(path: &str, percent: u8) -> JourneyKind {
    JourneyKind::Scrolled {
        url: format!("https://shop.example{path}"),
        percent,
    }
}

fn searched(text: &str) -> JourneyKind {
    JourneyKind::Searched { text: text.into() }
}

fn clicked(mark: &str) -> JourneyKind {
    JourneyKind::Clicked { mark: mark.into() }
}

fn submitted(form: &str) -> JourneyKind {
    JourneyKind::Submitted {
        form: form.into(),
        fields: vec![],
    }
}

fn custom(name: &str) -> JourneyKind {
    JourneyKind::Custom {
        name: name.into(),
        data: String::new(),
    }
}

fn once(what: What) -> Condition {
    Condition {
        what,
        at_least: 1,
        within_min: None,
    }
}

fn often(at_least: u16, what: What) -> Condition {
    Condition {
        at_least,
        ..once(what)
    }
}

fn lately(within_min: u32, at_least: u16, what: What) -> Condition {
    Condition {
        at_least,
        within_min: Some(within_min),
        what,
    }
}

fn category(name: &str) -> What {
    What::Category(name.into())
}

fn url(pattern: &str) -> What {
    What::Url(pattern.into())
}

fn dwell(category: &str, seconds: u32) -> What {
    What::Dwell {
        category: category.into(),
        seconds,
    }
}

/// A rule that is `confidence` sure where all of these hold.
fn rule(name: &str, confidence: u8, all: Vec<Condition>) -> IntentRule {
    IntentRule {
        id: RuleId::new(Timestamp(START), u128::from(confidence)),
        name: name.to_owned(),
        enabled: true,
        sites: vec![],
        all,
        any: vec![],
        none: vec![],
        confidence,
        more: 0,
        topic: Some(name.to_lowercase()),
        language: None,
        product: None,
        skills: BTreeMap::new(),
        prefers: BTreeMap::new(),
        priority: 0,
    }
}
