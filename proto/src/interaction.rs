//! What one contact is made of, for every page that shows it.

use serde::{Deserialize, Serialize};

use crate::{
    id::{InteractionId, MessageId},
    intent::Intent,
    journey::JourneyEvent,
    prompt::Answered,
    time::Timestamp,
};

/// How an interaction is carried on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// Sound, with or without pictures.
    Call,
    /// Text on the visitor's page.
    Chat,
}

/// A party's role in an interaction.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Who asked for the contact.
    Customer,
    /// Who serves it.
    Agent,
}

impl Role {
    /// The one across.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Customer => Self::Agent,
            Self::Agent => Self::Customer,
        }
    }
}

/// Why an offer, a leg or an interaction ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// A party hung up or left the chat after it was answered.
    HungUp,
    /// The visitor gave up before anyone answered.
    Abandoned,
    /// The desk rang for the whole ring time (RONA).
    NoAnswer,
    /// The agent refused.
    Declined,
    /// A party was not reachable for longer than the grace period.
    Vanished,
    /// The visitor was led to a page instead.
    Directed,
}

/// The page a visitor looks at.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Page {
    /// Its address, without fragment and secrets.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Where the visitor came from.
    #[serde(default)]
    pub referrer: String,
    /// The page's language, a BCP 47 tag.
    #[serde(default)]
    pub language: String,
}

/// What the agent sees of a visitor before answering.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Context {
    /// The site's name.
    pub site: String,
    /// The visitor's name, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who calls, where a telephone does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// The page the visitor looks at now.
    pub page: Page,
    /// What the visitor did on the site, oldest first.
    #[serde(default)]
    pub journey: Vec<JourneyEvent>,
    /// What the visitor seems to want, surest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intents: Vec<Intent>,
    /// What the visitor answered to prompts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answered>,
    /// How often the visitor has come, this visit included; 0 where nobody counts.
    #[serde(default)]
    pub visits: u32,
    /// The visitor's contacts before, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<PastContact>,
    /// Written to be answered later: the visitor may be gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_message: bool,
}

/// Somebody who calls by telephone.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Caller {
    /// Their number; none where it is withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Their name, as the network tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The number they dialled.
    pub dialled: String,
}

/// A contact of the same visitor that is over.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PastContact {
    /// The contact.
    pub interaction: InteractionId,
    /// How it was carried on.
    pub medium: Medium,
    /// When it was asked for.
    pub at: Timestamp,
    /// The queue, by name.
    pub queue: String,
    /// Who served it; empty where nobody did.
    pub agent: String,
    /// Why it ended.
    pub cause: EndCause,
    /// What came of it; empty where nobody said.
    pub disposition: String,
    /// The agent's note.
    pub note: String,
}

/// One line of a chat.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChatMessage {
    /// Counts up from 1 in one interaction, without gaps: the cursor for catching up.
    pub seq: u32,
    /// Named by the page that wrote it, so that a repeat is seen once.
    pub id: MessageId,
    /// Who wrote it.
    pub from: Role,
    /// The writer's name as the other side may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The text, as typed.
    pub text: String,
    /// When the server took it.
    pub at: Timestamp,
}

/// How far a chat has been read, by the number of the last line seen.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ReadMarks {
    /// By the customer.
    pub customer: u32,
    /// By the agent.
    pub agent: u32,
}

/// A chat's lines, whole or from a cursor on.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChatPart {
    /// The lines after the cursor that the page named, at most [`ChatPart::MOST`].
    pub messages: Vec<ChatMessage>,
    /// False where lines between the cursor and the first of `messages` are left out.
    pub complete: bool,
    /// How far either side has read.
    pub read: ReadMarks,
}

impl ChatPart {
    /// The most lines sent at once.
    pub const MOST: usize = 300;
}

/// How far a page has seen an interaction's chat.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Seen {
    /// The interaction.
    pub interaction: InteractionId,
    /// The number of the last line the page holds; 0 for none.
    pub seq: u32,
}

/// The longest chat message, in bytes of UTF-8.
pub const LONGEST_MESSAGE: usize = 4_000;

/// The longest name a visitor may give, in bytes of UTF-8.
pub const LONGEST_NAME: usize = 80;
