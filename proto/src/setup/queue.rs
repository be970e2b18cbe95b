//! Where interactions wait, what they need of an agent, and where they go instead.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{SkillLevel, WaitingSound, Words};
use crate::{
    id::{FormId, HoursId, QueueId},
    interaction::Medium,
};

/// A queue.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Its id.
    pub id: QueueId,
    /// Its name, as agents see it.
    pub name: String,
    /// Its name as visitors see it; `name` where there is none.
    #[serde(default)]
    pub label: Words,
    /// What it takes.
    pub media: Vec<Medium>,
    /// What an agent must be able to do, with the least level.
    #[serde(default)]
    pub skills: BTreeMap<String, SkillLevel>,
    /// What an agent should be able to do: among those who are free, who does it better comes first.
    #[serde(default)]
    pub prefers: BTreeMap<String, SkillLevel>,
    /// The language an agent must speak, a BCP 47 primary tag.
    #[serde(default)]
    pub language: Option<String>,
    /// An agent must speak the visitor's language, where anybody in the queue does.
    #[serde(default)]
    pub visitors_language: bool,
    /// Goes before queues of lower priority: each point counts as a fixed span of waiting.
    #[serde(default)]
    pub priority: u8,
    /// What is asked less of an agent the longer one waits, in the order of time.
    #[serde(default)]
    pub relax: Vec<Relax>,
    /// For this long a contact waits for the agent the visitor had last, in seconds; 0 for never.
    #[serde(default)]
    pub last_agent_s: u32,
    /// When it is open; always where there are none.
    #[serde(default)]
    pub hours: Option<HoursId>,
    /// Where contacts go instead: the first that fits, looked at whenever one comes or waits on.
    #[serde(default)]
    pub overflow: Vec<Overflow>,
    /// The most that may wait; one more overflows, or is told to try later.
    #[serde(default)]
    pub most_waiting: Option<u32>,
    /// What must be known of a contact before it may wait here.
    #[serde(default)]
    pub needs: Vec<Required>,
    /// What is asked while a contact waits; may be left unanswered.
    #[serde(default)]
    pub while_waiting: Option<FormId>,
    /// What callers hear while they wait.
    #[serde(default)]
    pub sound: WaitingSound,
}

impl Queue {
    /// A queue for calls and chats that asks nothing of anybody.
    #[must_use]
    pub fn new(id: QueueId, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            label: Words::default(),
            media: vec![Medium::Call, Medium::Chat],
            skills: BTreeMap::new(),
            prefers: BTreeMap::new(),
            language: None,
            visitors_language: false,
            priority: 0,
            relax: vec![],
            last_agent_s: 0,
            hours: None,
            overflow: vec![],
            most_waiting: None,
            needs: vec![],
            while_waiting: None,
            sound: WaitingSound::default(),
        }
    }

    /// The name for visitors who read `language`.
    #[must_use]
    pub fn public_name(&self, language: &str) -> &str {
        if self.label.is_empty() {
            &self.name
        } else {
            self.label.read(language)
        }
    }
}

/// A need that weakens with time.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Relax {
    /// From this many seconds of waiting on.
    pub after_s: u32,
    /// What changes.
    pub change: Relaxed,
}

/// What is asked less.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relaxed {
    /// The skill is needed at this level only; 0 for not at all.
    Skill {
        /// The skill.
        skill: String,
        /// Its new least level.
        level: u8,
    },
    /// Any language will do.
    Language,
}

/// Where contacts go instead, and when.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Overflow {
    /// When.
    pub when: OverflowWhen,
    /// Where to.
    pub to: Destination,
}

/// When contacts go elsewhere.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OverflowWhen {
    /// Outside opening hours.
    Closed,
    /// No agent of the queue is ready or busy.
    NobodyThere,
    /// So many wait already.
    Waiting(u32),
    /// It has waited for so many seconds.
    Waited(u32),
}

/// Where a contact can be led.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// To wait in a queue.
    Queue(QueueId),
    /// To a menu, which leads on.
    Menu(FormId),
    /// To a page of the site itself, in the visitor's tab.
    Page {
        /// Its address, absolute or from the site's root.
        url: String,
        /// What it is.
        label: Words,
    },
    /// To a page elsewhere, in a tab of its own.
    Link {
        /// Its address.
        url: String,
        /// What it is.
        label: Words,
    },
}

/// Something that must be known before a contact may wait.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Required {
    /// The fact, by name: see [`super::fact`].
    pub fact: String,
    /// What is taken where the visitor would rather not say; must be said where there is none.
    #[serde(default)]
    pub otherwise: Option<String>,
}
