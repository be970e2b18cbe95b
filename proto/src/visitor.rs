//! What a visitor's page asks and what it is told.

use serde::{Deserialize, Serialize};

use crate::{
    id::{InteractionId, MessageId, PeerId},
    interaction::{ChatMessage, ChatPart, EndCause, Medium, Page, ReadMarks, Role},
    journey::JourneyEvent,
    time::Timestamp,
};

/// A visitor's request. Each may be repeated safely: the second time changes nothing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitorCommand {
    /// Asks for an agent.
    Start(Start),
    /// This page carries the call's media from now on, by this peer connection.
    Attach {
        /// The call.
        interaction: InteractionId,
        /// The page's peer connection.
        peer: PeerId,
    },
    /// Gives up waiting, hangs up, or ends the chat.
    Leave {
        /// The interaction.
        interaction: InteractionId,
    },
    /// Writes a line, in a chat or beside a call.
    Say {
        /// The interaction.
        interaction: InteractionId,
        /// The line's name, made by the page.
        message: MessageId,
        /// The text.
        text: String,
    },
    /// Is typing.
    Typing {
        /// The interaction.
        interaction: InteractionId,
    },
    /// Has read the chat up to this line.
    Read {
        /// The interaction.
        interaction: InteractionId,
        /// The line's number.
        seq: u32,
    },
    /// The page the visitor looks at now.
    Looks(Page),
    /// More of the journey.
    Journey {
        /// New events, oldest first.
        events: Vec<JourneyEvent>,
    },
    /// Tells the visitor's name.
    Named {
        /// The name.
        name: String,
    },
}

/// A request for an agent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Start {
    /// The interaction's name, made by the page.
    pub interaction: InteractionId,
    /// How.
    pub medium: Medium,
    /// With a camera.
    #[serde(default)]
    pub video: bool,
    /// The page's peer connection, for a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<PeerId>,
}

/// A fact, told to a visitor's page.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitorEvent {
    /// All that the page needs to know: the first event of every connection.
    Session(SessionView),
    /// The centre's status changed.
    Centre(CentreView),
    /// An interaction waits, or its place changed.
    Waiting {
        /// The interaction.
        interaction: InteractionId,
        /// Place in line; 1 is next.
        position: u32,
        /// An agent's desk rings.
        ringing: bool,
    },
    /// An agent took the interaction, or another agent took it over.
    Connected {
        /// The interaction.
        interaction: InteractionId,
        /// Who.
        agent: AgentCard,
        /// The agent page's peer connection, for a call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        peer: Option<PeerId>,
        /// When.
        at: Timestamp,
    },
    /// The agent's page came back, or was loaded anew with another peer connection.
    PeerChanged {
        /// The call.
        interaction: InteractionId,
        /// The agent page's peer connection.
        peer: PeerId,
    },
    /// The agent is not reachable just now (or is again); the call goes on.
    Reachable {
        /// The interaction.
        interaction: InteractionId,
        /// Whether the agent's page is connected.
        agent: bool,
    },
    /// The agent put the call on hold, or resumed it.
    Held {
        /// The call.
        interaction: InteractionId,
        /// On hold now.
        held: bool,
    },
    /// A line was written; told to both sides, the writer included.
    Said {
        /// The interaction.
        interaction: InteractionId,
        /// The line.
        message: ChatMessage,
    },
    /// The other side is typing.
    Typing {
        /// The interaction.
        interaction: InteractionId,
    },
    /// How far the chat has been read changed.
    Read {
        /// The interaction.
        interaction: InteractionId,
        /// The marks.
        read: ReadMarks,
    },
    /// The interaction is over for the visitor.
    Ended {
        /// The interaction.
        interaction: InteractionId,
        /// Why.
        cause: EndCause,
        /// Who ended it, where it was a party.
        by: Option<Role>,
    },
    /// Another tab of this visitor carries the call's media now.
    Elsewhere {
        /// The call.
        interaction: InteractionId,
    },
    /// A request could not be done.
    Refused {
        /// The interaction it was about, if any.
        interaction: Option<InteractionId>,
        /// Why.
        reason: VisitorRefusal,
    },
}

/// Why a visitor's request could not be done.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitorRefusal {
    /// The interaction is over or was never here.
    NoSuchInteraction,
    /// The visitor already has a call or a chat of this kind.
    AlreadyInOne,
    /// The text is empty or too long.
    BadText,
    /// No queue takes this medium on this site.
    NotOffered,
    /// Too much at once; try again in a moment.
    TooFast,
}

/// A visitor's session as its page needs it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SessionView {
    /// The centre's status.
    pub centre: CentreView,
    /// The name the visitor gave.
    pub name: Option<String>,
    /// The visitor's interactions: the live ones, and those that ended a short while ago.
    pub interactions: Vec<InteractionView>,
}

/// One interaction as the visitor sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct InteractionView {
    /// Its name.
    pub interaction: InteractionId,
    /// How it is carried on.
    pub medium: Medium,
    /// With a camera.
    pub video: bool,
    /// How far it got.
    pub stage: VisitorStage,
    /// The lines after the page's cursor.
    pub chat: ChatPart,
}

/// How far an interaction got, as the visitor sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitorStage {
    /// In line.
    Waiting {
        /// Place in line; 1 is next.
        position: u32,
        /// An agent's desk rings.
        ringing: bool,
    },
    /// With an agent.
    Connected {
        /// Who.
        agent: AgentCard,
        /// The agent page's peer connection, for a call.
        peer: Option<PeerId>,
        /// The peer connection of the visitor's own page that carries the media now.
        own: Option<PeerId>,
        /// On hold.
        held: bool,
        /// The agent's page is connected.
        reachable: bool,
        /// Since when.
        since: Timestamp,
    },
    /// Over.
    Ended {
        /// Why.
        cause: EndCause,
        /// Who ended it, where it was a party.
        by: Option<Role>,
        /// When.
        at: Timestamp,
    },
}

/// An agent as a visitor may see them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AgentCard {
    /// The name shown to visitors.
    pub name: String,
}

/// What visitors may know of the centre before any contact.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct CentreView {
    /// How many agents are ready or busy for calls now.
    pub call_agents: u32,
    /// How many agents are ready or busy for chats now.
    pub chat_agents: u32,
    /// How many visitors wait.
    pub waiting: u32,
}
