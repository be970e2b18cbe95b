//! What must outlive the process: rows for the store, and what a restart is rebuilt from.
//!
//! These types live longer than a wire version: fields are only ever added, with a default.

use std::collections::{BTreeMap, BTreeSet};

use bellwire_proto::{
    agent::{Chosen, Device},
    id::{AgentId, FormId, InteractionId, InvitationId, PeerId, QueueId, SessionId, SiteKey},
    interaction::{ChatMessage, Context, EndCause, Medium, ReadMarks, Role},
    journey::JourneyEvent,
    prompt::Prompt,
    setup::{Destination, SkillLevel},
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
    /// Where an agent takes calls, in place of what was stored before.
    Device {
        /// The agent.
        agent: AgentId,
        /// The device.
        device: Device,
    },
    /// Why an interaction was offered to an agent.
    Decision {
        /// The interaction.
        interaction: InteractionId,
        /// The offer's epoch.
        epoch: u32,
        /// The agent; none where it was decided about queues and questions.
        agent: Option<AgentId>,
        /// When.
        at: Timestamp,
        /// Why, in words.
        because: String,
    },
    /// A visitor's session on a site, and whether the visitor may be watched.
    Session {
        /// The session.
        session: SessionId,
        /// The site.
        site: SiteKey,
        /// The visitor may not be watched.
        opted_out: bool,
    },
    /// What was recorded of a visitor's journey is to go.
    ForgetJourney {
        /// The session.
        session: SessionId,
    },
    /// Something became of an invitation.
    Invitation {
        /// The visitor's session.
        session: SessionId,
        /// The invitation.
        invitation: InvitationId,
        /// What.
        act: InvitationOutcome,
        /// When.
        at: Timestamp,
    },
    /// A request was taken back before it came into a queue: nothing of it stays.
    Discard {
        /// The interaction.
        interaction: InteractionId,
    },
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationOutcome {
    /// The visitor saw it.
    Shown,
    /// The visitor took it.
    Accepted,
    /// The visitor put it away.
    Dismissed,
    /// The visitor went on without looking.
    Ignored,
    /// The visitor would have got it, and was left alone for comparison.
    Held,
    /// The visitor made contact, invited or left alone, in the same visit.
    Contacted,
}

impl InvitationOutcome {
    /// Every outcome.
    pub const ALL: [Self; 6] = [
        Self::Shown,
        Self::Accepted,
        Self::Dismissed,
        Self::Ignored,
        Self::Held,
        Self::Contacted,
    ];

    /// The outcome's name, as the store keeps it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Accepted => "accepted",
            Self::Dismissed => "dismissed",
            Self::Ignored => "ignored",
            Self::Held => "held",
            Self::Contacted => "contacted",
        }
    }
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
    /// The agent's telephone carries the call, and no page does.
    #[serde(default)]
    pub on_phone: bool,
    /// How it came to its queue.
    #[serde(default)]
    pub way: Way,
    /// When its last offer began: from then on it held an agent.
    #[serde(default)]
    pub offered: Option<Timestamp>,
}

/// How an interaction comes to its queue: what was asked and answered on the way.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Way {
    /// When it came into its first queue; none while something must be known before.
    #[serde(default)]
    pub entered: Option<Timestamp>,
    /// Facts from answers.
    #[serde(default)]
    pub answers: BTreeMap<String, String>,
    /// Facts the visitor would rather not say.
    #[serde(default)]
    pub skipped: BTreeSet<String>,
    /// Forms that were shown.
    #[serde(default)]
    pub asked: Vec<FormId>,
    /// What is asked now.
    #[serde(default)]
    pub asking: Option<Asking>,
    /// Where a menu led.
    #[serde(default)]
    pub led: Option<Destination>,
    /// Queues that it left because of their rules.
    #[serde(default)]
    pub been: Vec<QueueId>,
    /// Skills that answers ask for.
    #[serde(default)]
    pub skills: BTreeMap<String, SkillLevel>,
}

/// A question that stands.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Asking {
    /// The form it was made from.
    pub form: FormId,
    /// The question as the visitor sees it: answers are judged by it, whatever becomes of the form.
    pub prompt: Prompt,
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
