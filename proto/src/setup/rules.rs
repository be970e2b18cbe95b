//! Rules over a visitor's journey: what it tells, and whom to invite.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{SkillLevel, Words};
use crate::{
    id::{InvitationId, RuleId, SiteKey},
    interaction::Medium,
};

/// A rule that reads an intent from a journey.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IntentRule {
    /// Its id.
    pub id: RuleId,
    /// Its name, as agents see it: "Laptop trouble".
    pub name: String,
    /// Whether it is looked at.
    pub enabled: bool,
    /// Only on these sites; on all where none is named.
    #[serde(default)]
    pub sites: Vec<SiteKey>,
    /// All of these must hold.
    #[serde(default)]
    pub all: Vec<Condition>,
    /// Where there are any, at least one of these must hold; each further one adds `more`.
    #[serde(default)]
    pub any: Vec<Condition>,
    /// None of these may hold.
    #[serde(default)]
    pub none: Vec<Condition>,
    /// How sure the rule is, in per cent, 1 to 99.
    pub confidence: u8,
    /// What each further condition of `any` adds, in per cent. The sum stays below 100.
    #[serde(default)]
    pub more: u8,
    /// The topic, which entries name.
    #[serde(default)]
    pub topic: Option<String>,
    /// The visitor's language, a BCP 47 primary tag.
    #[serde(default)]
    pub language: Option<String>,
    /// The product it is about.
    #[serde(default)]
    pub product: Option<String>,
    /// Skills an agent must have besides what the queue asks.
    #[serde(default)]
    pub skills: BTreeMap<String, SkillLevel>,
    /// Skills an agent should have.
    #[serde(default)]
    pub prefers: BTreeMap<String, SkillLevel>,
    /// Points of priority it adds.
    #[serde(default)]
    pub priority: u8,
}

/// Something that holds for a visitor, or does not.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What.
    pub what: What,
    /// At least so often; 1 or more. Of no effect where `what` is not counted.
    #[serde(default = "once")]
    pub at_least: u16,
    /// Only what happened in the last so many minutes.
    #[serde(default)]
    pub within_min: Option<u32>,
}

fn once() -> u16 {
    1
}

/// What a condition looks at. Texts are compared without regard to case; `*` in a pattern stands for
/// any characters.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Pages of this category were viewed (counted).
    Category(String),
    /// Pages whose address fits this pattern were viewed (counted).
    Url(String),
    /// The visitor came from an address that fits this pattern.
    Referrer(String),
    /// The page now looked at, or the one before where none is known, is in this language.
    Language(String),
    /// This event of the page's own script happened (counted).
    Event(String),
    /// An element with this mark was clicked (counted).
    Clicked(String),
    /// A search held this text; an empty one fits any (counted).
    Searched(String),
    /// A form of this name was sent; an empty one fits any (counted).
    Submitted(String),
    /// The cart changed so (counted).
    Cart(CartAction),
    /// Pages of this category were looked at for so many seconds in all; an empty one fits all pages.
    Dwell {
        /// The category.
        category: String,
        /// The time.
        seconds: u32,
    },
    /// A page was scrolled at least so far, in per cent (counted by page).
    Scrolled(u8),
    /// The visitor came so often, this visit included (`at_least`).
    Visits,
    /// A prompt was answered so.
    Answered {
        /// The fact, by name.
        fact: String,
        /// Its value; an empty one fits any.
        value: String,
    },
}

/// How a cart changes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CartAction {
    /// Something was put in.
    Added,
    /// Something was taken out.
    Removed,
    /// The cart was looked at.
    Viewed,
    /// The checkout began.
    CheckedOut,
    /// It was bought.
    Bought,
}

/// A rule that invites visitors.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Its name, as supervisors see it.
    pub name: String,
    /// Whether it is looked at.
    pub enabled: bool,
    /// Only on these sites; on all where none is named.
    #[serde(default)]
    pub sites: Vec<SiteKey>,
    /// All of these must hold.
    pub when: Vec<Condition>,
    /// Only with an intent of this topic …
    #[serde(default)]
    pub topic: Option<String>,
    /// … of at least this confidence, in per cent.
    #[serde(default)]
    pub confidence: u8,
    /// How.
    pub how: InvitationHow,
    /// What the card says.
    pub text: Words,
    /// What the button says; a plain one where there is none.
    #[serde(default)]
    pub accept: Words,
    /// Only after so many seconds on the page.
    #[serde(default)]
    pub after_s: u32,
    /// To one visitor not again within so many hours.
    #[serde(default = "a_day")]
    pub again_h: u32,
    /// Only while at least so many agents who could take it are free.
    #[serde(default = "one_agent")]
    pub free_agents: u32,
    /// So many of a hundred visitors get none, for comparison.
    #[serde(default)]
    pub holdout: u8,
}

fn a_day() -> u32 {
    24
}

fn one_agent() -> u32 {
    1
}

/// How a visitor is invited.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationHow {
    /// To a call or chat.
    Contact(Medium),
    /// To nothing: a line of text to read.
    Line,
}
