//! What a visitor seems to want.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{id::RuleId, setup::SkillLevel};

/// What a visitor seems to want, and why it seems so.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Intent {
    /// The rule that says so.
    pub rule: RuleId,
    /// The rule's name.
    pub name: String,
    /// The topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The visitor's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Skills an agent must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub skills: BTreeMap<String, SkillLevel>,
    /// Skills an agent should have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prefers: BTreeMap<String, SkillLevel>,
    /// Points of priority it adds.
    #[serde(default)]
    pub priority: u8,
    /// How sure it is, in per cent.
    pub confidence: u8,
    /// What it was read from, in words.
    pub evidence: Vec<String>,
}
