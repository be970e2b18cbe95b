//! What the shells are to do.

use bellwire_proto::{
    agent::AgentEvent,
    id::{AgentId, ConnectionId, InteractionId, PeerId, QueueId, SessionId},
    interaction::{Caller, EndCause, Medium},
    visitor::{CentreView, VisitorEvent},
    wire::ByeReason,
};

use crate::{
    record::{InvitationOutcome, Record},
    wait::Accuracy,
};

/// What a shell is to do. The order of outputs is the order of the decisions.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "an output is moved once, from the queue to its shell"
)]
pub enum Output {
    /// Store this. Whatever has [`When::Stored`] or [`When::Unhurried`] after it waits until that is done.
    Record(Record),
    /// Tell one visitor's page.
    TellVisitor {
        /// The page's connection.
        to: ConnectionId,
        /// What.
        event: VisitorEvent,
        /// When.
        when: When,
    },
    /// Tell one desk.
    TellAgent {
        /// The desk's connection.
        to: ConnectionId,
        /// What.
        event: AgentEvent,
        /// When.
        when: When,
    },
    /// From now on this visitor's page follows this status.
    Follow {
        /// The page's connection.
        connection: ConnectionId,
        /// Which status.
        audience: Audience,
    },
    /// Tell every visitor's page that follows it this status.
    TellAudience {
        /// Who follows.
        audience: Audience,
        /// What.
        view: CentreView,
    },
    /// The whole centre's status, for those who watch over the server.
    Overall(CentreView),
    /// The status of all queues, for the public.
    Queues(Vec<QueueStatus>),
    /// Pass signals between these two connections, in this call only. Replaces an earlier
    /// bridge of the call.
    Bridge {
        /// The call.
        interaction: InteractionId,
        /// The visitor's page or telephone.
        visitor: ConnectionId,
        /// Its peer connection.
        visitor_peer: PeerId,
        /// The agent's page or telephone.
        agent: ConnectionId,
        /// Its peer connection.
        agent_peer: PeerId,
    },
    /// Ring at an agent's telephone.
    Ring(Ring),
    /// Ring there no longer, unless it was answered.
    StopRing {
        /// The interaction that was offered.
        interaction: InteractionId,
        /// The offer's epoch.
        epoch: u32,
        /// The agent took the call somewhere else: the telephone need not show it as missed.
        taken: bool,
    },
    /// Pass no more signals in this call.
    Unbridge {
        /// The call.
        interaction: InteractionId,
    },
    /// Close this connection.
    Drop {
        /// The connection.
        connection: ConnectionId,
        /// Why.
        reason: ByeReason,
    },
    /// Count this.
    Noted(Note),
}

/// An offer to an agent's telephone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ring {
    /// The agent.
    pub agent: AgentId,
    /// What is offered.
    pub interaction: InteractionId,
    /// Whose it is: limits count the calls for one visitor.
    pub visitor: SessionId,
    /// The offer's epoch.
    pub epoch: u32,
    /// Which telephone.
    pub at: RingAt,
    /// Who calls, where a telephone does.
    pub caller: Option<Caller>,
    /// What the telephone may show: the caller's name, or the site, and the queue.
    pub shown: String,
    /// With pictures, where the telephone has some.
    pub video: bool,
}

/// Which telephone rings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RingAt {
    /// The agent's desk phones.
    Phones,
    /// A number of the telephone network.
    Number(String),
}

/// Visitors' pages that are told the same status: those with the same likely queue and language.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Audience(pub u32);

/// A queue's status as anybody may know it.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueStatus {
    /// The queue.
    pub queue: QueueId,
    /// Its status; the topic is its public name in English or its first language.
    pub view: CentreView,
    /// How well waits were foretold of late, by medium.
    pub accuracy: Vec<(Medium, Accuracy)>,
}

/// When something may be told. Whatever a connection is told keeps its order: nothing told
/// [`When::Now`] overtakes something that the same connection was to be told before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// At once: nobody relies on it after a crash.
    Now,
    /// After everything recorded before it is safely stored, which is done as soon as can be: somebody's next step waits for it.
    Stored,
    /// The same, but nobody acts on it at once: the store may wait some milliseconds for more to write together.
    Unhurried,
}

/// Something worth counting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Note {
    /// A visitor asked for an agent.
    Started(Medium),
    /// A desk began to ring.
    Offered(Medium),
    /// An agent accepted, this long after the visitor asked.
    Answered {
        /// The medium.
        medium: Medium,
        /// The wait, in milliseconds.
        waited_ms: u64,
    },
    /// An offer ended without an answer.
    Withdrawn(EndCause),
    /// A contact ended, this long after it was answered.
    Ended {
        /// The medium.
        medium: Medium,
        /// Why.
        cause: EndCause,
        /// The time in contact, in milliseconds; 0 where it was never answered.
        talked_ms: u64,
    },
    /// A contact went back to its queue because its agent vanished.
    Requeued(Medium),
    /// A chat line was written.
    Said,
    /// A visitor was asked something.
    Asked,
    /// A contact went to another queue because of its rules.
    Overflowed(Medium),
    /// Something became of an invitation.
    Invitation(InvitationOutcome),
}
