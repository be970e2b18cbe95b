//! Which screen the panel shows: decided from what the server told and what the visitor pressed.
//!
//! A live call wins over everything else, but for a message that is written instead of waiting;
//! then comes a page that serves better, then what the visitor chose, then the end of a call that
//! this page took part in.

use bellwire_proto::{
    id::{InteractionId, PeerId},
    interaction::{Medium, Role},
    mirror::{Contact, Widget},
    visitor::{CentreView, VisitorCommand, VisitorStage},
};

/// What the panel shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Screen {
    /// The page was loaded in the middle of a call; the centre has not answered yet.
    Returning,
    /// The ways to reach the centre.
    Start,
    /// Device choice before a call.
    Prepare {
        /// With a camera.
        video: bool,
    },
    /// A call or chat that is not in line yet: something must be known first.
    Asked(InteractionId),
    /// A call that waits for an agent.
    Waiting(InteractionId),
    /// A call with an agent, carried by this page.
    Call(InteractionId),
    /// A call with an agent that no part of this page carries.
    Elsewhere(InteractionId),
    /// A call that is over.
    Ended(InteractionId),
    /// The chat, or the empty sheet for a new one.
    Chat,
    /// A message that is answered later.
    Message,
    /// A page that serves better than an agent.
    Directed(InteractionId),
    /// What is known of the visitor, and the way to stop that.
    Privacy,
}

impl Screen {
    /// Its name in the page's markup.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Returning => "returning",
            Self::Start => "start",
            Self::Prepare { .. } => "prepare",
            Self::Asked(_) => "asked",
            Self::Waiting(_) => "waiting",
            Self::Call(_) => "call",
            Self::Elsewhere(_) => "elsewhere",
            Self::Ended(_) => "ended",
            Self::Chat => "chat",
            Self::Message => "message",
            Self::Directed(_) => "directed",
            Self::Privacy => "privacy",
        }
    }
}

/// What the visitor chose, as far as no interaction says it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Place {
    /// Nothing yet.
    #[default]
    Home,
    /// A call, which is being prepared.
    Preparing {
        /// With a camera.
        video: bool,
    },
    /// To write.
    Chat,
    /// To leave a message.
    Message,
    /// To see what is known of them.
    Privacy,
}

/// What only this page knows about its part.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Here {
    /// What the visitor chose.
    pub(crate) place: Place,
    /// The call whose media this page carries, or brings back.
    pub(crate) own: Option<InteractionId>,
    /// The last call this page took part in, until the visitor moves on.
    pub(crate) followed: Option<InteractionId>,
    /// Loaded in the middle of a call, before the centre has told of it.
    pub(crate) returning: bool,
}

/// The screen for this state of things.
pub(crate) fn screen(widget: &Widget, here: Here) -> Screen {
    if here.returning {
        return Screen::Returning;
    }
    if let Some((id, contact)) = widget.live(Medium::Call) {
        return match contact.stage {
            VisitorStage::Connected { .. } if here.own == Some(id) && !contact.elsewhere => {
                Screen::Call(id)
            }
            VisitorStage::Connected { .. } | VisitorStage::Ended { .. } => Screen::Elsewhere(id),
            VisitorStage::Asked => Screen::Asked(id),
            VisitorStage::Waiting { .. } if here.place == Place::Message => Screen::Message,
            VisitorStage::Waiting { .. } => Screen::Waiting(id),
        };
    }
    if let Some(led) = led(widget) {
        return Screen::Directed(led);
    }
    match (here.place, here.followed) {
        (Place::Preparing { video }, _) => Screen::Prepare { video },
        (Place::Chat, _) => match widget.live(Medium::Chat) {
            Some((id, contact)) if contact.stage == VisitorStage::Asked => Screen::Asked(id),
            Some(_) | None => Screen::Chat,
        },
        (Place::Message, _) => Screen::Message,
        (Place::Privacy, _) => Screen::Privacy,
        (Place::Home, Some(call)) => Screen::Ended(call),
        (Place::Home, None) => Screen::Start,
    }
}

/// The newest contact that was led to a page which the visitor has not put away.
fn led(widget: &Widget) -> Option<InteractionId> {
    let mut newest = widget.contacts.iter().rev();
    newest
        .find(|(_, contact)| contact.directed.is_some())
        .map(|(id, _)| *id)
}

/// The call, or else the chat, that is in line: its medium may change, and a message may take its
/// place.
pub(crate) fn in_line(widget: &Widget) -> Option<InteractionId> {
    [Medium::Call, Medium::Chat]
        .into_iter()
        .filter_map(|medium| widget.live(medium))
        .find(|(_, contact)| is_in_line(contact))
        .map(|(id, _)| id)
}

/// Waits for an agent with the visitor there.
pub(crate) fn is_in_line(contact: &Contact) -> bool {
    match contact.stage {
        VisitorStage::Waiting { .. } => !contact.left_message,
        VisitorStage::Asked | VisitorStage::Connected { .. } | VisitorStage::Ended { .. } => false,
    }
}

/// The ways to reach the centre that are possible now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Ways {
    /// Voice and video calls.
    pub(crate) calls: bool,
    /// A chat, or the one that goes on.
    pub(crate) chat: bool,
    /// A message that is answered later.
    pub(crate) message: bool,
    /// Nobody is there for calls: what is written comes first.
    pub(crate) write_first: bool,
}

/// What is possible at this centre, for a visitor whose chat goes on or not. `None`: nothing is
/// known yet, and nothing is held back.
pub(crate) fn ways(centre: Option<&CentreView>, chatting: bool) -> Ways {
    let (open, calls, chats) = centre.map_or((true, 1, 1), |centre| {
        (centre.open, centre.call_agents, centre.chat_agents)
    });
    Ways {
        calls: open,
        chat: chatting || open,
        message: !chatting && (!open || chats == 0),
        write_first: !open || calls == 0,
    }
}

/// The chat that the chat screen shows: the live one, or the last one unless put `aside`.
pub(crate) fn chat_thread(widget: &Widget, aside: Option<InteractionId>) -> Option<InteractionId> {
    if let Some((live, _)) = widget.live(Medium::Chat) {
        return Some(live);
    }
    (widget.contacts.iter().rev())
        .find(|(_, contact)| contact.medium == Medium::Chat)
        .map(|(id, _)| *id)
        .filter(|last| aside != Some(*last))
}

/// What is to be done about the media of a live call when the centre has told its whole state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Claim {
    /// This page carries it: say so again.
    Keep(InteractionId),
    /// No page carries it, or this tab's page before did: bring it back here.
    BringBack(InteractionId),
    /// Another tab carries it: what this page still holds of it is to be let go.
    LetGo(InteractionId),
    /// Nothing to do: no live call, or another tab's.
    Nothing,
}

/// What this page remembers of the call's media when the state is told.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// The call it carries, and by which peer connection.
    pub(crate) own: Option<(InteractionId, PeerId)>,
    /// The loader says that this tab was in a call.
    pub(crate) resume: bool,
    /// Own requests for the call are still on their way, so the state told is older than they.
    pub(crate) on_the_way: bool,
}

/// Decides who carries the live call's media.
pub(crate) fn claim(widget: &Widget, memory: Memory) -> Claim {
    let Some((id, contact)) = widget.live(Medium::Call) else {
        return Claim::Nothing;
    };
    let mine = memory
        .own
        .filter(|(own, _)| *own == id)
        .map(|(_, peer)| peer);
    let carrier = match &contact.stage {
        VisitorStage::Connected { own, .. } => *own,
        VisitorStage::Asked | VisitorStage::Waiting { .. } | VisitorStage::Ended { .. } => {
            return match (mine, memory.resume) {
                (Some(_), _) => Claim::Keep(id),
                (None, true) => Claim::BringBack(id),
                (None, false) => Claim::Nothing,
            };
        }
    };
    match (mine, carrier) {
        (Some(_), None) => Claim::Keep(id),
        (Some(_), Some(_)) if memory.on_the_way => Claim::Keep(id),
        // Names are ordered by when they were made. An older one is what a restarted server
        // remembers of the time before this page carried the call.
        (Some(mine), Some(carrier)) if carrier <= mine => Claim::Keep(id),
        (Some(_), Some(_)) => Claim::LetGo(id),
        (None, None) => Claim::BringBack(id),
        (None, Some(_)) if memory.resume => Claim::BringBack(id),
        (None, Some(_)) => Claim::Nothing,
    }
}

/// Whether `command` says who carries `call`.
pub(crate) fn claims(command: &VisitorCommand, call: InteractionId) -> bool {
    match command {
        VisitorCommand::Start(start) => start.interaction == call,
        VisitorCommand::Attach { interaction, .. } => *interaction == call,
        VisitorCommand::Leave { .. }
        | VisitorCommand::Say { .. }
        | VisitorCommand::Typing { .. }
        | VisitorCommand::Read { .. }
        | VisitorCommand::Looks(_)
        | VisitorCommand::Journey { .. }
        | VisitorCommand::Named { .. }
        | VisitorCommand::Answer { .. }
        | VisitorCommand::Skip { .. }
        | VisitorCommand::Switch { .. }
        | VisitorCommand::Message(_)
        | VisitorCommand::Invitation { .. }
        | VisitorCommand::Monitoring { .. }
        | VisitorCommand::Digits { .. } => false,
    }
}

/// The agent's peer connection, where a call is connected.
pub(crate) fn agents_peer(contact: &Contact) -> Option<PeerId> {
    match contact.stage {
        VisitorStage::Connected { peer, .. } => peer,
        VisitorStage::Asked | VisitorStage::Waiting { .. } | VisitorStage::Ended { .. } => None,
    }
}

/// How many lines the visitor has not read, over all contacts.
pub(crate) fn unread(widget: &Widget) -> usize {
    let counts = widget
        .contacts
        .values()
        .map(|c| c.chat.unread(Role::Customer));
    counts.sum()
}

#[cfg(test)]
mod tests;
