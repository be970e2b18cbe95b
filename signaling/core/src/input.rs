//! What the shells heard.

use bellwire_proto::{
    agent::AgentCommand,
    id::{AgentId, ConnectionId, SessionId, SiteKey, TabId},
    interaction::{PastContact, Seen},
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
}
