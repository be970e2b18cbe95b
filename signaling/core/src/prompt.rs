//! Asks a visitor for what routing still needs to know, and for nothing else.
//!
//! The centre goes round until nothing is missing, no form supplies what is, or it has asked
//! [`MOST_PROMPTS`] times. A prompt, once rendered, is what its answers are judged by: journeys and
//! forms may change while the visitor types.
//!
//! ```text
//!   missing ──▶ choose ──▶ render ──▶ the visitor ──▶ take ──▶ facts, skills, where it leads
//!      ▲                                  │ skip                  │
//!      └──────────── skipped ◀────────────┴───────────────────────┘
//! ```

mod choose;
mod render;
mod take;
#[cfg(test)]
mod tests;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use bellwire_proto::{
    prompt::{Answered, MENU},
    setup::Required,
};

pub use choose::choose;
pub use render::{Asking, known_choice, render};
pub use take::{Taken, declined, take};

/// What is known of a visitor, by the facts' names. An empty value is as good as none.
pub type Facts = BTreeMap<String, String>;

/// The most prompts of one interaction; after them it goes on with what is known.
pub const MOST_PROMPTS: u32 = 8;

/// The most fields of a form that are shown.
pub const MOST_FIELDS: usize = 50;

/// The most things to choose between that are shown.
pub const MOST_CHOICES: usize = 200;

/// The most answers of one interaction that agents see.
pub const MOST_ANSWERED: usize = 100;

/// The longest line that may be answered, in characters.
pub const LONGEST_LINE: u16 = 500;

/// The longest text of several lines that may be answered, in characters.
pub const LONGEST_TEXT: u16 = 4000;

/// What is still unknown and may still be asked. A fact that was skipped counts as settled only
/// where something is taken instead.
#[must_use]
pub fn missing<'a>(
    required: &'a [Required],
    facts: &Facts,
    skipped: &BTreeSet<String>,
) -> Vec<&'a Required> {
    let settled =
        |one: &Required| knows(facts, &one.fact) || is_skipped(one, skipped) || one.fact.is_empty();
    required.iter().filter(|one| !settled(one)).collect()
}

/// The facts, with what is taken instead of those that were skipped.
#[must_use]
pub fn with_defaults(required: &[Required], facts: &Facts, skipped: &BTreeSet<String>) -> Facts {
    let mut facts = facts.clone();
    for one in required {
        if let Some(otherwise) = &one.otherwise
            && is_skipped(one, skipped)
            && !otherwise.is_empty()
            && !knows(&facts, &one.fact)
        {
            facts.insert(one.fact.clone(), otherwise.clone());
        }
    }
    facts
}

/// Whether a visitor may go on without an answer: something is taken instead of all that is missing.
#[must_use]
pub fn skippable(missing: &[&Required]) -> bool {
    missing.iter().all(|one| one.otherwise.is_some())
}

/// Adds `new` answers for agents to see; a later answer replaces an earlier one to the same question.
pub fn merge(into: &mut Vec<Answered>, new: Vec<Answered>) {
    for answer in new {
        into.retain(|before| !same_question(before, &answer));
        into.push(answer);
    }
    let surplus = into.len().saturating_sub(MOST_ANSWERED);
    into.drain(..surplus);
}

/// Menus that supply no fact share a name; their titles tell them apart.
fn same_question(one: &Answered, other: &Answered) -> bool {
    one.fact == other.fact && (one.fact != MENU || one.label == other.label)
}

fn knows(facts: &Facts, fact: &str) -> bool {
    facts.get(fact).is_some_and(|value| !value.is_empty())
}

fn is_skipped(one: &Required, skipped: &BTreeSet<String>) -> bool {
    one.otherwise.is_some() && skipped.contains(&one.fact)
}
