//! Who works in a centre, and what they can do.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::{AgentId, QueueId},
    interaction::Medium,
};

/// A user. The password is not part of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Their id.
    pub id: AgentId,
    /// The user name, for signing in; unique in whatever case.
    pub user: String,
    /// The name others see, visitors too.
    pub name: String,
    /// What they may do.
    pub role: UserRole,
    /// What they can do, and how well.
    #[serde(default)]
    pub skills: BTreeMap<String, SkillLevel>,
    /// Languages they speak, BCP 47 primary tags.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Queues they serve.
    #[serde(default)]
    pub queues: Vec<QueueId>,
    /// How much they take at once.
    pub capacity: Capacity,
    /// A number of the telephone network where they take calls, where they choose so.
    #[serde(default)]
    pub number: Option<String>,
}

/// What a user may do.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UserRole {
    /// Takes contacts.
    #[default]
    Agent,
    /// Also sees what others do, and why.
    Supervisor,
    /// Also changes how the centre is set up.
    Administrator,
}

impl UserRole {
    /// Every role, from the least to the most.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Supervisor, Self::Administrator];

    /// The role's name, on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for UserRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a text is not a role.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a role is agent, supervisor or administrator")]
pub struct InvalidRole;

impl FromStr for UserRole {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        (Self::ALL.into_iter())
            .find(|role| role.as_str() == text)
            .ok_or(InvalidRole)
    }
}

/// How well an agent does something, 1 to 10.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct SkillLevel(pub u8);

/// How many of each medium an agent takes at once.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
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
