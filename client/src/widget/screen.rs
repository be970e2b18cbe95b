//! Which screen the panel shows: decided from what the server told and what the visitor pressed.
//!
//! A live call wins over everything else; then comes what the visitor chose; then the end of a
//! call that this page took part in.

use bellwire_proto::{
    id::{InteractionId, PeerId},
    interaction::{Medium, Role},
    mirror::{Contact, Widget},
    visitor::{VisitorCommand, VisitorStage},
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
}

impl Screen {
    /// Its name in the page's markup.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Returning => "returning",
            Self::Start => "start",
            Self::Prepare { .. } => "prepare",
            Self::Waiting(_) => "waiting",
            Self::Call(_) => "call",
            Self::Elsewhere(_) => "elsewhere",
            Self::Ended(_) => "ended",
            Self::Chat => "chat",
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
            VisitorStage::Waiting { .. } => Screen::Waiting(id),
        };
    }
    match (here.place, here.followed) {
        (Place::Preparing { video }, _) => Screen::Prepare { video },
        (Place::Chat, _) => Screen::Chat,
        (Place::Home, Some(call)) => Screen::Ended(call),
        (Place::Home, None) => Screen::Start,
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
        VisitorStage::Waiting { .. } | VisitorStage::Ended { .. } => {
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
        | VisitorCommand::Named { .. } => false,
    }
}

/// The agent's peer connection, where a call is connected.
pub(crate) fn agents_peer(contact: &Contact) -> Option<PeerId> {
    match contact.stage {
        VisitorStage::Connected { peer, .. } => peer,
        VisitorStage::Waiting { .. } | VisitorStage::Ended { .. } => None,
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
mod tests {
    use bellwire_proto::{
        interaction::{ChatPart, EndCause},
        time::Timestamp,
        visitor::{AgentCard, CentreView, InteractionView, SessionView, VisitorEvent},
    };

    use super::*;

    fn id(n: u64) -> InteractionId {
        InteractionId::new(Timestamp(n), 0)
    }

    fn peer(n: u64) -> PeerId {
        PeerId::new(Timestamp(n), 0)
    }

    fn told(contacts: &[(u64, Medium, VisitorStage)]) -> Widget {
        let interactions = (contacts.iter())
            .map(|(n, medium, stage)| InteractionView {
                interaction: id(*n),
                medium: *medium,
                video: false,
                stage: stage.clone(),
                chat: ChatPart::default(),
            })
            .collect();
        let mut widget = Widget::default();
        let view = SessionView {
            centre: CentreView::default(),
            name: None,
            interactions,
        };
        widget.apply(VisitorEvent::Session(view), Timestamp(1));
        widget
    }

    fn waiting() -> VisitorStage {
        VisitorStage::Waiting {
            position: 1,
            ringing: false,
        }
    }

    fn connected(own: Option<PeerId>) -> VisitorStage {
        VisitorStage::Connected {
            agent: AgentCard {
                name: "Anna".into(),
            },
            peer: Some(peer(90)),
            own,
            held: false,
            reachable: true,
            since: Timestamp(5),
        }
    }

    fn ended() -> VisitorStage {
        VisitorStage::Ended {
            cause: EndCause::HungUp,
            by: None,
            at: Timestamp(9),
        }
    }

    fn here(place: Place, own: Option<u64>, followed: Option<u64>) -> Here {
        Here {
            place,
            own: own.map(id),
            followed: followed.map(id),
            returning: false,
        }
    }

    #[test]
    fn a_live_call_wins_over_what_the_visitor_chose() {
        let widget = told(&[(1, Medium::Call, waiting()), (2, Medium::Chat, waiting())]);

        let shown = screen(&widget, here(Place::Chat, Some(1), None));

        assert_eq!(shown, Screen::Waiting(id(1)));
    }

    #[test]
    fn a_connected_call_of_another_tab_is_shown_as_elsewhere() {
        let widget = told(&[(1, Medium::Call, connected(Some(peer(7))))]);

        assert_eq!(
            screen(&widget, here(Place::Home, None, None)),
            Screen::Elsewhere(id(1))
        );
        assert_eq!(
            screen(&widget, here(Place::Home, Some(1), None)),
            Screen::Call(id(1))
        );
    }

    #[test]
    fn the_end_of_a_call_stays_until_the_visitor_moves_on() {
        let widget = told(&[(1, Medium::Call, ended())]);

        assert_eq!(
            screen(&widget, here(Place::Home, None, Some(1))),
            Screen::Ended(id(1))
        );
        assert_eq!(
            screen(&widget, here(Place::Chat, None, Some(1))),
            Screen::Chat
        );
        assert_eq!(
            screen(&widget, here(Place::Home, None, None)),
            Screen::Start
        );
    }

    #[test]
    fn the_chat_screen_shows_the_live_chat_or_the_last_one() {
        let widget = told(&[(1, Medium::Chat, waiting()), (2, Medium::Chat, ended())]);
        assert_eq!(chat_thread(&widget, None), Some(id(1)));

        let widget = told(&[(1, Medium::Chat, ended()), (2, Medium::Call, ended())]);
        assert_eq!(chat_thread(&widget, None), Some(id(1)));
        assert_eq!(chat_thread(&widget, Some(id(1))), None);
    }

    #[test]
    fn a_page_whose_socket_came_back_keeps_its_call() {
        let widget = told(&[(1, Medium::Call, connected(Some(peer(7))))]);
        let own = Some((id(1), peer(7)));

        let decided = claim(
            &widget,
            Memory {
                own,
                ..Memory::default()
            },
        );

        assert_eq!(decided, Claim::Keep(id(1)));
    }

    #[test]
    fn a_reloaded_page_brings_its_call_back() {
        let widget = told(&[(1, Medium::Call, connected(Some(peer(7))))]);

        let resumed = Memory {
            resume: true,
            ..Memory::default()
        };

        assert_eq!(claim(&widget, resumed), Claim::BringBack(id(1)));
    }

    #[test]
    fn a_second_tab_leaves_the_call_where_it_is() {
        let widget = told(&[(1, Medium::Call, connected(Some(peer(7))))]);

        assert_eq!(claim(&widget, Memory::default()), Claim::Nothing);
    }

    #[test]
    fn a_call_that_nobody_carries_is_brought_back() {
        let widget = told(&[(1, Medium::Call, connected(None))]);

        assert_eq!(claim(&widget, Memory::default()), Claim::BringBack(id(1)));
    }

    #[test]
    fn a_restarted_server_that_remembers_an_older_page_does_not_take_the_call_away() {
        let widget = told(&[(1, Medium::Call, connected(Some(peer(6))))]);
        let own = Some((id(1), peer(7)));

        assert_eq!(
            claim(
                &widget,
                Memory {
                    own,
                    ..Memory::default()
                }
            ),
            Claim::Keep(id(1))
        );
    }

    #[test]
    fn a_call_taken_by_another_tab_meanwhile_is_let_go_unless_asked_for_again() {
        let widget = told(&[(1, Medium::Call, connected(Some(peer(8))))]);
        let own = Some((id(1), peer(7)));

        let taken = Memory {
            own,
            ..Memory::default()
        };
        let asked = Memory {
            own,
            on_the_way: true,
            ..Memory::default()
        };

        assert_eq!(claim(&widget, taken), Claim::LetGo(id(1)));
        assert_eq!(claim(&widget, asked), Claim::Keep(id(1)));
    }

    #[test]
    fn a_waiting_call_is_brought_back_only_by_the_tab_that_was_in_it() {
        let widget = told(&[(1, Medium::Call, waiting())]);

        let resumed = Memory {
            resume: true,
            ..Memory::default()
        };

        assert_eq!(claim(&widget, resumed), Claim::BringBack(id(1)));
        assert_eq!(claim(&widget, Memory::default()), Claim::Nothing);
    }
}
