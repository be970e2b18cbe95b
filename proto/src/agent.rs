//! What an agent's desk asks and what it is told.

use serde::{Deserialize, Serialize};

use crate::{
    id::{AgentId, InteractionId, MessageId, PeerId},
    intent::Intent,
    interaction::{ChatMessage, ChatPart, Context, EndCause, Medium, Page, ReadMarks, Role},
    journey::JourneyEvent,
    prompt::Answered,
    setup::{Capacity, UserRole},
    time::Timestamp,
    visitor::Wait,
};

/// An agent's request. Each may be repeated safely: the second time changes nothing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentCommand {
    /// Takes interactions from now on.
    Ready,
    /// Takes none.
    NotReady {
        /// Why, one of the centre's reasons.
        reason: String,
    },
    /// Is away, but can be reached for scheduled work.
    OnCall,
    /// Takes the offered interaction.
    Accept {
        /// The interaction.
        interaction: InteractionId,
        /// The offer's epoch: an answer to an older offer is refused.
        epoch: u32,
        /// The page's peer connection, for a call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        peer: Option<PeerId>,
    },
    /// Refuses the offered interaction.
    Decline {
        /// The interaction.
        interaction: InteractionId,
        /// The offer's epoch.
        epoch: u32,
    },
    /// This page carries the call's media from now on, by this peer connection.
    Attach {
        /// The call.
        interaction: InteractionId,
        /// The page's peer connection.
        peer: PeerId,
    },
    /// Puts the call on hold.
    Hold {
        /// The call.
        interaction: InteractionId,
    },
    /// Takes the call off hold.
    Resume {
        /// The call.
        interaction: InteractionId,
    },
    /// Hangs up, or ends the chat. Wrap-up follows.
    HangUp {
        /// The interaction.
        interaction: InteractionId,
    },
    /// Ends the wrap-up.
    Finish {
        /// The interaction.
        interaction: InteractionId,
        /// What came of it, one of the centre's dispositions.
        disposition: String,
        /// A note for whoever looks later.
        note: String,
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
    /// Works in this window; the agent's other window stops.
    TakeOver,
    /// Takes calls on this device from now on.
    TakeCallsOn {
        /// The device.
        device: Device,
    },
    /// Mutes the agent's telephone, where it carries the call, or takes that back.
    Mute {
        /// The call.
        interaction: InteractionId,
        /// Muted from now on.
        muted: bool,
    },
    /// Presses keys towards the customer's telephone.
    Digits {
        /// The call.
        interaction: InteractionId,
        /// `0` to `9`, `*`, `#`, `A` to `D`; at most [`MOST_DIGITS`].
        digits: String,
    },
}

/// The most keys pressed at once.
pub const MOST_DIGITS: usize = 32;

/// Where an agent takes calls.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// The desk's own page.
    #[default]
    Browser,
    /// The agent's desk phones.
    Phone,
    /// The page and the desk phones together: who answers first has the call.
    Both,
    /// The agent's number in the telephone network.
    Number,
}

impl Device {
    /// Every device.
    pub const ALL: [Self; 4] = [Self::Browser, Self::Phone, Self::Both, Self::Number];

    /// The desk's page may answer.
    #[must_use]
    pub fn has_page(self) -> bool {
        match self {
            Self::Browser | Self::Both => true,
            Self::Phone | Self::Number => false,
        }
    }
}

/// What an agent could take calls on, beside the page.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Devices {
    /// What is chosen.
    #[serde(default)]
    pub chosen: Device,
    /// The agent has a desk phone, and whether it can be reached: it is registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<bool>,
    /// The agent's number in the telephone network, where calls to it can be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// A telephone that carries the agent's side of a call.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct OnPhone {
    /// What the agent says is not heard.
    pub muted: bool,
}

/// A fact, told to an agent's desk.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentEvent {
    /// All that the desk needs to know: the first event of every connection.
    Desk(DeskView),
    /// Another window of this agent works. This one is told nothing else.
    Elsewhere,
    /// The agent's state changed.
    State {
        /// What the agent chose.
        chosen: Chosen,
        /// What the agent does.
        state: AgentState,
        /// Since when.
        since: Timestamp,
    },
    /// An interaction waits for this agent's answer: ring.
    Offered(Offer),
    /// The offer is gone; stop ringing.
    Withdrawn {
        /// The interaction that was on offer.
        interaction: InteractionId,
        /// The offer's epoch.
        epoch: u32,
        /// Why it is gone.
        cause: EndCause,
    },
    /// The interaction is this agent's now.
    Connected(Work),
    /// The visitor's page came back, or was loaded anew with another peer connection.
    PeerChanged {
        /// The call.
        interaction: InteractionId,
        /// The visitor page's peer connection.
        peer: PeerId,
    },
    /// The visitor is not reachable just now (or is again).
    Reachable {
        /// The interaction.
        interaction: InteractionId,
        /// Whether a page of the visitor is connected.
        visitor: bool,
    },
    /// The call is on hold, or no longer.
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
    /// The visitor is typing.
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
    /// The visitor looks at another page.
    Looks {
        /// The interaction.
        interaction: InteractionId,
        /// The page.
        page: Page,
    },
    /// The visitor's journey grew.
    Journey {
        /// The interaction.
        interaction: InteractionId,
        /// The new events.
        events: Vec<JourneyEvent>,
    },
    /// The visitor told a name.
    Named {
        /// The interaction.
        interaction: InteractionId,
        /// The name.
        name: String,
    },
    /// What is known of the visitor changed: intents, answers, contacts before.
    Learnt {
        /// The interaction.
        interaction: InteractionId,
        /// What the visitor seems to want now.
        intents: Vec<Intent>,
        /// What the visitor answered.
        answers: Vec<Answered>,
    },
    /// The contact is over; wrap-up begins.
    WrapUp {
        /// The interaction.
        interaction: InteractionId,
        /// Why it is over.
        cause: EndCause,
        /// Who ended it, where it was a party.
        by: Option<Role>,
        /// Since when.
        since: Timestamp,
    },
    /// The interaction left this desk: finished, or gone to another agent.
    Closed {
        /// The interaction.
        interaction: InteractionId,
    },
    /// The queues of this agent changed.
    Queues(Vec<QueueView>),
    /// What the agent takes calls on changed.
    Devices(Devices),
    /// The call is carried by the agent's telephone, which is muted or not; none: by no telephone.
    OnPhone {
        /// The call.
        interaction: InteractionId,
        /// How.
        phone: Option<OnPhone>,
    },
    /// Keys were pressed on the other side.
    Digits {
        /// The call.
        interaction: InteractionId,
        /// Which.
        digits: String,
    },
    /// A request could not be done.
    Refused {
        /// The interaction it was about, if any.
        interaction: Option<InteractionId>,
        /// Why.
        reason: AgentRefusal,
    },
}

/// Why an agent's request could not be done.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentRefusal {
    /// The offer is over: withdrawn, answered or run out.
    OfferGone,
    /// The interaction is not this agent's.
    NotYours,
    /// The interaction cannot do that now.
    NotNow,
    /// The text is empty or too long.
    BadText,
    /// The reason or disposition is not one of the centre's.
    NotInList,
    /// Too much at once; try again in a moment.
    TooFast,
    /// The agent has no such device, or it cannot be used.
    NoSuchDevice,
}

/// What an agent chose.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// To take interactions.
    Ready,
    /// To take none.
    NotReady {
        /// Why.
        reason: String,
    },
    /// To be reached for scheduled work alone.
    OnCall,
}

/// What an agent does, as colleagues and supervisors see it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// No desk is connected.
    SignedOut,
    /// Takes nothing.
    NotReady,
    /// Away, but reachable for scheduled work.
    OnCall,
    /// Waits for work.
    Ready,
    /// The desk rings.
    Offered,
    /// In a contact.
    Busy,
    /// Works after contact, and in no other.
    WrapUp,
}

/// One interaction presented at one desk.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Offer {
    /// The interaction.
    pub interaction: InteractionId,
    /// Counts the offers of this interaction.
    pub epoch: u32,
    /// How it is carried on.
    pub medium: Medium,
    /// With a camera.
    pub video: bool,
    /// The queue it waited in, by name.
    pub queue: String,
    /// How long it has waited so far, in milliseconds.
    pub waited_ms: u64,
    /// How long the desk may ring from now, in milliseconds.
    pub ring_ms: u64,
    /// Who it is and what they looked at.
    pub context: Context,
    /// Where it rings.
    #[serde(default)]
    pub rings: Device,
}

/// One interaction on an agent's desk.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Work {
    /// The interaction.
    pub interaction: InteractionId,
    /// The call's stable address.
    pub uri: String,
    /// How it is carried on.
    pub medium: Medium,
    /// With a camera.
    pub video: bool,
    /// The queue it waited in, by name.
    pub queue: String,
    /// How far it got.
    pub stage: WorkStage,
    /// Who it is and what they looked at.
    pub context: Context,
    /// The lines after the page's cursor.
    pub chat: ChatPart,
    /// A page of the visitor is connected.
    pub reachable: bool,
    /// The visitor page's peer connection, for a call.
    pub peer: Option<PeerId>,
    /// The peer connection of the agent's own page that carries the media now.
    pub own: Option<PeerId>,
    /// The agent's telephone carries the call, and no page does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<OnPhone>,
}

/// How far an interaction got, as its agent sees it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkStage {
    /// In contact.
    Talking {
        /// Since when.
        since: Timestamp,
        /// On hold.
        held: bool,
    },
    /// After contact.
    WrapUp {
        /// Since when.
        since: Timestamp,
        /// Why the contact is over.
        cause: EndCause,
        /// Who ended it, where it was a party.
        by: Option<Role>,
    },
}

/// A desk as its page needs it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DeskView {
    /// The agent.
    pub agent: AgentId,
    /// The agent's name.
    pub name: String,
    /// What the agent chose.
    pub chosen: Chosen,
    /// What the agent does.
    pub state: AgentState,
    /// Since when.
    pub since: Timestamp,
    /// What rings.
    pub offer: Option<Offer>,
    /// What the agent has, oldest first.
    pub work: Vec<Work>,
    /// The agent's queues.
    pub queues: Vec<QueueView>,
    /// Reasons for not being ready.
    pub reasons: Vec<String>,
    /// What can come of a contact.
    pub dispositions: Vec<String>,
    /// What the user may do besides.
    #[serde(default)]
    pub role: UserRole,
    /// How much the agent takes at once.
    pub capacity: Capacity,
    /// What the agent could take calls on.
    #[serde(default)]
    pub devices: Devices,
}

/// A queue as its agents see it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct QueueView {
    /// Its name.
    pub name: String,
    /// How many wait.
    pub waiting: u32,
    /// Since when the longest waits.
    pub oldest: Option<Timestamp>,
    /// How many of its agents are ready.
    pub ready: u32,
    /// How long a call that came now would wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_wait: Option<Wait>,
    /// How long a chat that came now would wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_wait: Option<Wait>,
}
