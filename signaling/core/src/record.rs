//! What must outlive the process: rows for the store, and what a restart is rebuilt from.
//!
//! These types live longer than a wire version: fields are only ever added, with a default.

use bellwire_proto::{
    agent::Chosen,
    id::{AgentId, InteractionId, PeerId, QueueId, SessionId, SiteKey},
    interaction::{ChatMessage, Context, EndCause, Medium, ReadMarks, Role},
    journey::JourneyEvent,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// One thing to store.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// An interaction as it stands now, in place of what was stored of it before.
    Interaction(Box<InteractionRecord>),
    /// A new chat line. A line of the same interaction and number, or id, is stored once.
    Message {
        /// The interaction.
        interaction: InteractionId,
        /// The line.
        message: ChatMessage,
    },
    /// New events of a visitor's journey.
    Journey {
        /// The visitor's session.
        session: SessionId,
        /// The events.
        events: Vec<JourneyEvent>,
    },
    /// What an agent chose, in place of what was stored before.
    Agent {
        /// The agent.
        agent: AgentId,
        /// The choice.
        chosen: Chosen,
        /// Since when.
        since: Timestamp,
    },
    /// Why an interaction was offered to an agent.
    Decision {
        /// The interaction.
        interaction: InteractionId,
        /// The offer's epoch.
        epoch: u32,
        /// The agent.
        agent: AgentId,
        /// When.
        at: Timestamp,
        /// Why, in words.
        because: String,
    },
}

/// An interaction, whole.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct InteractionRecord {
    /// Its id.
    pub interaction: InteractionId,
    /// Whose it is.
    pub session: SessionId,
    /// Where the visitor came from.
    pub site: SiteKey,
    /// How it is carried on.
    pub medium: Medium,
    /// With a camera.
    #[serde(default)]
    pub video: bool,
    /// Where it waits or waited.
    pub queue: QueueId,
    /// When it was asked for: its place in line.
    pub created: Timestamp,
    /// Counts its offers.
    pub epoch: u32,
    /// How far it got.
    pub stage: StageRecord,
    /// Who it is and what they looked at.
    pub context: Context,
    /// How far the chat has been read.
    #[serde(default)]
    pub read: ReadMarks,
    /// The visitor page's peer connection.
    #[serde(default)]
    pub visitor_peer: Option<PeerId>,
    /// The agent page's peer connection.
    #[serde(default)]
    pub agent_peer: Option<PeerId>,
}

/// How far an interaction got.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StageRecord {
    /// In line, or on offer: after a restart it is offered anew, from the same place.
    Waiting,
    /// In contact.
    Talking {
        /// With whom.
        agent: AgentId,
        /// Since when.
        since: Timestamp,
        /// On hold.
        held: bool,
    },
    /// After contact.
    WrapUp {
        /// Whose work it is.
        agent: AgentId,
        /// When the contact began.
        answered: Timestamp,
        /// Since when.
        since: Timestamp,
        /// Why the contact is over.
        cause: EndCause,
        /// Who ended it.
        by: Option<Role>,
    },
    /// Over.
    Closed {
        /// When.
        at: Timestamp,
        /// Why.
        cause: EndCause,
        /// Who ended it.
        by: Option<Role>,
        /// Who served it, if anyone.
        agent: Option<AgentId>,
        /// What came of it.
        disposition: Option<String>,
        /// The agent's note.
        note: Option<String>,
    },
}

impl StageRecord {
    /// The agent who has it, if any.
    #[must_use]
    pub fn agent(&self) -> Option<AgentId> {
        match self {
            Self::Waiting => None,
            Self::Talking { agent, .. } | Self::WrapUp { agent, .. } => Some(*agent),
            Self::Closed { agent, .. } => *agent,
        }
    }

    /// The stage's name, as the store keys it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Talking { .. } => "talking",
            Self::WrapUp { .. } => "wrap_up",
            Self::Closed { .. } => "closed",
        }
    }
}
