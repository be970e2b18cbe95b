//! What a visitor seems to want: rules as data, asked of a journey that was read once.
//!
//! Pure: the same journey, rules and time give the same intents, with their evidence in words. An
//! event that claims a time yet to come counts as happening now; [`crate::collect::Journal`] sets
//! right what it can of a clock that is wrong. A page left open counts for [`LONGEST_LOOK`] at most.

mod dwell;
mod find;
mod fold;
mod index;
mod words;

use std::{collections::BTreeMap, time::Duration};

use bellwire_proto::{
    id::SiteKey,
    intent::Intent,
    interaction::Page,
    journey::JourneyEvent,
    setup::{Condition, IntentRule},
    time::Timestamp,
};

use self::index::Index;

/// The longest that one look at a page counts: after it nobody sits before the screen any more.
pub const LONGEST_LOOK: Duration = Duration::from_hours(1);

/// No rule is surer, whatever speaks for it.
const SUREST: u8 = 99;

/// What is known of a visitor.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The site the visitor is on.
    pub site: &'a SiteKey,
    /// What the visitor did, oldest first; of a longer one the newest 200 events are read.
    pub journey: &'a [JourneyEvent],
    /// The page the visitor looks at now.
    pub page: &'a Page,
    /// How often the visitor has come, this visit included; 0 where nobody counts.
    pub visits: u32,
    /// What the visitor answered to prompts, by fact.
    pub answers: &'a BTreeMap<String, String>,
}

/// What the rules tell of a visitor: surest first, between equals in the order of the rules.
#[must_use]
pub fn intents(rules: &[IntentRule], known: &Known<'_>, now: Timestamp) -> Vec<Intent> {
    Reading::new(known, now).intents(rules)
}

/// Whether `condition` holds: the evidence, in words.
#[must_use]
pub fn holds(condition: &Condition, known: &Known<'_>, now: Timestamp) -> Option<String> {
    Reading::new(known, now).holds(condition)
}

/// Whether all of `conditions` hold; so do none at all.
#[must_use]
pub fn holds_all(conditions: &[Condition], known: &Known<'_>, now: Timestamp) -> bool {
    Reading::new(known, now).holds_all(conditions)
}

/// When to ask `conditions` again, although nothing happens: time on the page grows, spans of
/// minutes end. `None` where only an event can change the answer.
#[must_use]
pub fn next_look<'c>(
    conditions: impl Iterator<Item = &'c Condition>,
    known: &Known<'_>,
    now: Timestamp,
) -> Option<Timestamp> {
    Reading::new(known, now).next_look(conditions)
}

/// Every condition of the rules that are looked at on `site`: for [`next_look`].
pub fn conditions<'r>(
    rules: &'r [IntentRule],
    site: &SiteKey,
) -> impl Iterator<Item = &'r Condition> {
    let rules = rules.iter().filter(move |rule| is_asked(rule, site));
    rules.flat_map(|rule| rule.all.iter().chain(&rule.any).chain(&rule.none))
}

fn is_asked(rule: &IntentRule, site: &SiteKey) -> bool {
    rule.enabled && (rule.sites.is_empty() || rule.sites.contains(site))
}

/// A journey that was read, for asking it many things at one time.
#[derive(Debug)]
pub struct Reading<'a> {
    known: Known<'a>,
    index: Index<'a>,
    now: Timestamp,
}

impl<'a> Reading<'a> {
    /// Reads the journey.
    #[must_use]
    pub fn new(known: &Known<'a>, now: Timestamp) -> Self {
        Self {
            known: *known,
            index: Index::new(known, now),
            now,
        }
    }

    /// See [`intents`].
    #[must_use]
    pub fn intents(&self, rules: &[IntentRule]) -> Vec<Intent> {
        let mut intents: Vec<Intent> = rules.iter().filter_map(|rule| self.ask(rule)).collect();
        intents.sort_by_key(|intent| std::cmp::Reverse(intent.confidence));
        intents
    }

    /// See [`holds`].
    #[must_use]
    pub fn holds(&self, condition: &Condition) -> Option<String> {
        let found = self.find(condition)?;
        Some(words::evidence(condition, &found))
    }

    /// See [`holds_all`].
    #[must_use]
    pub fn holds_all(&self, conditions: &[Condition]) -> bool {
        conditions
            .iter()
            .all(|condition| self.find(condition).is_some())
    }

    /// See [`next_look`].
    #[must_use]
    pub fn next_look<'c>(
        &self,
        conditions: impl Iterator<Item = &'c Condition>,
    ) -> Option<Timestamp> {
        conditions
            .filter_map(|condition| self.may_change(condition))
            .min()
    }

    /// A rule without any condition tells nothing.
    fn ask(&self, rule: &IntentRule) -> Option<Intent> {
        let says_something = !(rule.all.is_empty() && rule.any.is_empty() && rule.none.is_empty());
        if !says_something || !is_asked(rule, self.known.site) || !self.holds_all(&rule.all) {
            return None;
        }
        if rule
            .none
            .iter()
            .any(|condition| self.find(condition).is_some())
        {
            return None;
        }
        let of_any: Vec<String> = rule.any.iter().filter_map(|any| self.holds(any)).collect();
        if of_any.is_empty() && !rule.any.is_empty() {
            return None;
        }
        let confidence = confidence(rule, of_any.len());
        let mut evidence: Vec<String> = rule.all.iter().filter_map(|all| self.holds(all)).collect();
        evidence.extend(of_any);
        if evidence.is_empty() {
            evidence.push("nothing speaks against it".to_owned());
        }
        Some(Intent {
            rule: rule.id,
            name: rule.name.clone(),
            topic: rule.topic.clone(),
            language: rule.language.clone(),
            product: rule.product.clone(),
            skills: rule.skills.clone(),
            prefers: rule.prefers.clone(),
            priority: rule.priority,
            confidence,
            evidence,
        })
    }
}

/// How sure a rule is of which so many conditions of `any` hold.
fn confidence(rule: &IntentRule, of_any: usize) -> u8 {
    let further = u8::try_from(of_any.saturating_sub(1)).unwrap_or(u8::MAX);
    let sum = rule
        .confidence
        .saturating_add(rule.more.saturating_mul(further));
    sum.clamp(1, SUREST)
}
