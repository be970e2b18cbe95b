//! What the shells heard.

use bellwire_proto::{
    agent::AgentCommand,
    id::{AgentId, ConnectionId, InteractionId, PeerId, SessionId, SiteKey, TabId},
    interaction::{Caller, PastContact, Seen},
    journey::JourneyEvent,
    visitor::VisitorCommand,
};

use crate::setup::Setup;

/// What is known of a visitor whose page connects, besides what the core remembers itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Recalled {
    /// How often the visitor has come, this visit included, as their browser counts.
    pub visits: u32,
    /// Their browser asks not to watch them.
    pub quiet: bool,
    /// They opted out before.
    pub opted_out: bool,
    /// The stored end of their journey, oldest first.
    pub journey: Vec<JourneyEvent>,
    /// Their contacts before, newest first.
    pub past: Vec<PastContact>,
    /// Who served them last.
    pub last_agent: Option<AgentId>,
}

/// What a shell heard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Input {
    /// An administrator changed the centre.
    Setup(Box<Setup>),
    /// A visitor's page connected and was let in.
    VisitorJoined {
        /// The visitor's session.
        session: SessionId,
        /// The new connection.
        connection: ConnectionId,
        /// The page's tab.
        tab: TabId,
        /// The site the page is on.
        site: SiteKey,
        /// How far the page has seen its chats.
        seen: Vec<Seen>,
        /// What the visitor's browser says, and what is stored of them.
        known: Box<Recalled>,
    },
    /// A visitor's page asks for something.
    Visitor {
        /// The page's connection.
        connection: ConnectionId,
        /// What it asks.
        command: VisitorCommand,
    },
    /// A visitor's connection closed.
    VisitorLeft {
        /// The connection.
        connection: ConnectionId,
    },
    /// An agent's desk connected and was let in.
    AgentJoined {
        /// The agent.
        agent: AgentId,
        /// The new connection.
        connection: ConnectionId,
        /// The desk's window.
        tab: TabId,
        /// How far the desk has seen its chats.
        seen: Vec<Seen>,
    },
    /// A desk asks for something.
    Agent {
        /// The desk's connection.
        connection: ConnectionId,
        /// What it asks.
        command: AgentCommand,
    },
    /// A desk's connection closed.
    AgentLeft {
        /// The connection.
        connection: ConnectionId,
    },
    /// An agent signed out: takes no more interactions. The shell closes the connections.
    AgentSignedOut {
        /// The agent.
        agent: AgentId,
    },
    /// A telephone did something.
    Telephone(Telephone),
}

/// What telephones do. A telephone is a page without a screen: it has a connection, by which it is
/// told what a page would be told, and carries one leg of one call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Telephone {
    /// Somebody calls one of the centre's numbers.
    Arrived {
        /// A session for this call alone.
        session: SessionId,
        /// The telephone's connection.
        connection: ConnectionId,
        /// The call's name.
        interaction: InteractionId,
        /// The end that pages negotiate with.
        peer: PeerId,
        /// Who calls, and which number.
        caller: Caller,
    },
    /// A caller is gone.
    CallerLeft {
        /// The telephone's connection.
        connection: ConnectionId,
        /// How.
        how: Left,
    },
    /// A caller pressed keys.
    CallerPressed {
        /// The telephone's connection.
        connection: ConnectionId,
        /// Which.
        digits: String,
    },
    /// Whether an agent's desk phone can be reached.
    Reachable {
        /// The agent.
        agent: AgentId,
        /// It is registered.
        reachable: bool,
    },
    /// An agent's telephone answered what was offered to it.
    Answered {
        /// The agent.
        agent: AgentId,
        /// What was offered.
        interaction: InteractionId,
        /// The offer's epoch.
        epoch: u32,
        /// The telephone's connection.
        connection: ConnectionId,
        /// The end that pages negotiate with.
        peer: PeerId,
    },
    /// An agent's telephone did not take what was offered to it.
    Refused {
        /// The agent.
        agent: AgentId,
        /// What was offered.
        interaction: InteractionId,
        /// The offer's epoch.
        epoch: u32,
        /// Why.
        why: PhoneRefusal,
    },
    /// An agent's telephone is gone from its call.
    AgentLeft {
        /// The telephone's connection.
        connection: ConnectionId,
        /// How.
        how: Left,
    },
    /// An agent's telephone put the call on hold, or resumed it.
    AgentHeld {
        /// The telephone's connection.
        connection: ConnectionId,
        /// On hold now.
        held: bool,
    },
    /// An agent pressed keys on the telephone.
    AgentPressed {
        /// The telephone's connection.
        connection: ConnectionId,
        /// Which.
        digits: String,
    },
    /// An agent's telephone passes its call on, without talking first (RFC 3515).
    AgentTransfers {
        /// The telephone's connection.
        connection: ConnectionId,
        /// A number or extension.
        to: String,
    },
    /// An agent's telephone joins its call with another one that it made meanwhile: whom it talks to there gets the
    /// customer (RFC 3515 with RFC 3891).
    AgentJoins {
        /// The telephone's connection in the customer's call.
        connection: ConnectionId,
        /// Its connection in the other call, which it began as a caller.
        consult: ConnectionId,
    },
}

/// How a telephone left its call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Left {
    /// Its person hung up.
    HungUp,
    /// It cannot be reached any more.
    Lost,
}

/// Why a telephone did not take what was offered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PhoneRefusal {
    /// Its person pressed the button for that, or is in another call.
    Declined,
    /// It cannot be reached.
    Unreachable,
}
