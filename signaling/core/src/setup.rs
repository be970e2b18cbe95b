//! How a centre is set up: its sites, queues and agents, as an administrator wrote them.

use std::{collections::BTreeMap, time::Duration};

use bellwire_proto::{
    id::{AgentId, CentreId, QueueId, SiteKey},
    interaction::Medium,
};
use serde::{Deserialize, Serialize};

/// A centre as it is set up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Setup {
    /// The centre's short name.
    pub centre: CentreId,
    /// Where visitors come from.
    pub sites: Vec<SiteSetup>,
    /// Where interactions wait.
    pub queues: Vec<QueueSetup>,
    /// Who takes them.
    pub agents: Vec<AgentSetup>,
    /// Reasons for not being ready.
    pub reasons: Vec<String>,
    /// What can come of a contact.
    pub dispositions: Vec<String>,
    /// How long things may take.
    pub times: Times,
}

/// A site.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SiteSetup {
    /// Its public key.
    pub key: SiteKey,
    /// Its name, as agents see it.
    pub name: String,
    /// Which queue a visitor enters: the first entry that fits.
    pub entries: Vec<Entry>,
}

/// A way into a queue.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Entry {
    /// Only for pages in this language (`es` fits `es-MX` too); for all where none is named.
    pub language: Option<String>,
    /// The queue.
    pub queue: QueueId,
}

/// A queue.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct QueueSetup {
    /// Its id.
    pub id: QueueId,
    /// Its name.
    pub name: String,
    /// What it takes.
    pub media: Vec<Medium>,
    /// What an agent must be able to do, with the least level.
    pub skills: BTreeMap<String, SkillLevel>,
    /// The language an agent must speak, a BCP 47 primary tag.
    pub language: Option<String>,
    /// Goes before queues of lower priority: each point counts as `Times::ageing` of waiting.
    pub priority: u8,
}

/// An agent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AgentSetup {
    /// Their id.
    pub id: AgentId,
    /// The name shown to visitors.
    pub name: String,
    /// What they can do, and how well.
    pub skills: BTreeMap<String, SkillLevel>,
    /// Languages they speak, BCP 47 primary tags.
    pub languages: Vec<String>,
    /// Queues they serve.
    pub queues: Vec<QueueId>,
    /// How much they take at once.
    pub capacity: Capacity,
}

/// How well an agent does something, 1 to 10.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct SkillLevel(pub u8);

/// How many of each medium an agent takes at once.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Capacity {
    /// Calls; one, or none.
    pub calls: u8,
    /// Chats, beside a call too.
    pub chats: u8,
}

impl Capacity {
    /// How many of `medium`.
    #[must_use]
    pub fn of(self, medium: Medium) -> u8 {
        match medium {
            Medium::Call => self.calls.min(1),
            Medium::Chat => self.chats,
        }
    }
}

/// How long things may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Times {
    /// How long a desk rings before the offer goes on. 20 s.
    pub ring: Duration,
    /// How long a party of a call may be unreachable before the call is over. 60 s.
    pub grace: Duration,
    /// How long an agent whose desk is gone keeps an offer or counts as there. 5 s.
    pub desk_grace: Duration,
    /// How long an agent who declined is not offered the same interaction. 30 s.
    pub decline_pause: Duration,
    /// How long a chat whose visitor is gone stays open. 30 min.
    pub chat_grace: Duration,
    /// How long a finished interaction is shown to its visitor. 30 min.
    pub linger: Duration,
    /// How much waiting one point of priority counts for. 60 s.
    pub ageing: Duration,
    /// The shortest time between two changes of the status told to visitors. 500 ms.
    pub status_every: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            ring: Duration::from_secs(20),
            grace: Duration::from_secs(60),
            desk_grace: Duration::from_secs(5),
            decline_pause: Duration::from_secs(30),
            chat_grace: Duration::from_secs(30 * 60),
            linger: Duration::from_secs(30 * 60),
            ageing: Duration::from_secs(60),
            status_every: Duration::from_millis(500),
        }
    }
}
