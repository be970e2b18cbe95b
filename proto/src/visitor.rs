//! What a visitor's page asks and what it is told.

use serde::{Deserialize, Serialize};

use crate::{
    id::{InteractionId, InvitationId, MessageId, PeerId},
    interaction::{ChatMessage, ChatPart, EndCause, Medium, Page, ReadMarks, Role},
    journey::JourneyEvent,
    prompt::{Answer, BadAnswer, Prompt},
    setup::{Collected, InvitationHow},
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
    /// Answers a prompt.
    Answer {
        /// The interaction.
        interaction: InteractionId,
        /// The prompt's number.
        n: u32,
        /// The answers.
        answers: Vec<Answer>,
    },
    /// Would rather not answer a prompt that may be skipped.
    Skip {
        /// The interaction.
        interaction: InteractionId,
        /// The prompt's number.
        n: u32,
    },
    /// Waits for another medium instead, from the same place.
    Switch {
        /// The interaction, which waits.
        interaction: InteractionId,
        /// The medium.
        medium: Medium,
    },
    /// Writes a message to be answered later, instead of what waits, or by itself.
    Message(LeftMessage),
    /// What became of an invitation.
    Invitation {
        /// The invitation.
        invitation: InvitationId,
        /// What.
        act: InvitationAct,
    },
    /// Whether the visitor may be watched. Not being watched forgets what was seen.
    Monitoring {
        /// They may.
        on: bool,
    },
    /// Presses keys towards the agent's telephone.
    Digits {
        /// The call.
        interaction: InteractionId,
        /// `0` to `9`, `*`, `#`, `A` to `D`; at most [`crate::agent::MOST_DIGITS`].
        digits: String,
    },
}

/// A message to be answered later.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct LeftMessage {
    /// The interaction: one that waits, or a new name.
    pub interaction: InteractionId,
    /// The line's name, made by the page.
    pub message: MessageId,
    /// What it says.
    pub text: String,
    /// Who writes; empty for nobody in particular.
    #[serde(default)]
    pub name: String,
    /// An e-mail address or a telephone number for the answer; empty for an answer on the site.
    #[serde(default)]
    pub reply_to: String,
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationAct {
    /// It came to be seen.
    Shown,
    /// The visitor took it.
    Accepted,
    /// The visitor put it away.
    Dismissed,
    /// The visitor went on without looking at it.
    Ignored,
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
    /// The centre's status changed, as far as it concerns this visitor.
    Centre(CentreView),
    /// The visitor is invited.
    Invited(InvitationView),
    /// The invitation no longer holds: whoever could take it is busy.
    Uninvited(InvitationId),
    /// Routing needs to know something first, or has no question any more.
    Asked {
        /// The interaction.
        interaction: InteractionId,
        /// The question; none: nothing is asked now.
        prompt: Option<Prompt>,
    },
    /// An answer was not good. The prompt stands.
    BadAnswers {
        /// The interaction.
        interaction: InteractionId,
        /// What is wrong.
        bad: Vec<BadAnswer>,
    },
    /// A page serves better than an agent: the interaction is over.
    Directed {
        /// The interaction.
        interaction: InteractionId,
        /// Its address.
        url: String,
        /// What it is.
        label: String,
        /// A page elsewhere, for a tab of its own.
        elsewhere: bool,
    },
    /// Whether the visitor is watched changed.
    Monitored(bool),
    /// An interaction waits, or its place changed.
    Waiting {
        /// The interaction.
        interaction: InteractionId,
        /// Place in line; 1 is next.
        position: u32,
        /// An agent's desk rings.
        ringing: bool,
        /// How long it is likely to be from now; none where nobody can tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait: Option<Wait>,
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
    /// Keys were pressed on the other side.
    Digits {
        /// The call.
        interaction: InteractionId,
        /// Which.
        digits: String,
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
    /// Outside opening hours.
    Closed,
    /// As many wait as may.
    Full,
    /// The prompt was answered already, or must be answered.
    NotAsked,
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
    /// The visitor may be watched.
    pub monitored: bool,
    /// What is collected of a visitor who may be.
    #[serde(default)]
    pub collects: Vec<Collected>,
    /// For how many days that is kept.
    #[serde(default)]
    pub keep_days: u16,
    /// An invitation that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited: Option<InvitationView>,
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
    /// What is asked now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// Written to be answered later.
    #[serde(default)]
    pub left_message: bool,
}

/// How far an interaction got, as the visitor sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitorStage {
    /// Not in line yet: something must be known first.
    Asked,
    /// In line.
    Waiting {
        /// Place in line; 1 is next.
        position: u32,
        /// An agent's desk rings.
        ringing: bool,
        /// How long it is likely to be from now; none where nobody can tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait: Option<Wait>,
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

/// What visitors may know of the centre before any contact, for what seems to be their topic.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct CentreView {
    /// The queue they would come to, by its public name; empty where there is none.
    #[serde(default)]
    pub topic: String,
    /// It is open now.
    pub open: bool,
    /// When it opens again, where it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Timestamp>,
    /// How many agents are ready or busy for calls now.
    pub call_agents: u32,
    /// How many agents are ready or busy for chats now.
    pub chat_agents: u32,
    /// How many visitors wait.
    pub waiting: u32,
    /// How long a call that came now would wait; none where nobody can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_wait: Option<Wait>,
    /// How long a chat that came now would wait; none where nobody can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_wait: Option<Wait>,
}

/// How long it is likely to be: four in five waits end within this range.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Wait {
    /// From, in seconds.
    pub from_s: u32,
    /// To, in seconds.
    pub to_s: u32,
}

/// An invitation as a visitor sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct InvitationView {
    /// Its id.
    pub invitation: InvitationId,
    /// How.
    pub how: InvitationHow,
    /// What the card says.
    pub text: String,
    /// What the button says; empty for a plain one.
    #[serde(default)]
    pub accept: String,
}
