//! What the centre says, and what the page makes of it besides mirroring it.

use std::time::Duration;

use bellwire_proto::{
    id::{InteractionId, MessageId, PeerId},
    interaction::{EndCause, Medium},
    mirror::Widget,
    visitor::{VisitorCommand, VisitorEvent, VisitorRefusal},
    wire::Down,
};

use super::{app::App, screen::Place, sentence::refusal, text::T};

/// How long the other side counts as typing after its last sign of it.
const TYPING_SHOWN: Duration = Duration::from_secs(4);

impl App {
    /// A frame came.
    pub(super) fn heard(self, frame: Down<VisitorEvent>) {
        match frame {
            Down::Welcome(welcome) => {
                if let Some(token) = welcome.token {
                    self.keep_token(token);
                }
            }
            Down::Tell(event) => self.told(event),
            Down::Relay {
                interaction,
                signal,
            } => self.signalled(interaction, signal),
            Down::Ice(servers) => self.ice_came(servers),
            // The link sees to these; its state is shown.
            Down::Done { .. } | Down::Pong | Down::Bye(_) => {}
        }
    }

    fn told(self, event: VisitorEvent) {
        let now = self.server_now();
        let then = Then::of(&event);
        self.mirror.update(|widget| widget.apply(event, now));
        match then {
            Then::Nothing => {}
            Then::Session => self.session_told(),
            Then::Connected(interaction) if self.carries(interaction) => {
                self.meet_agent(interaction);
            }
            Then::PeerChanged(interaction, peer) => self.agent_moved(interaction, peer),
            Then::Said(interaction, message) => {
                self.stored(message);
                self.message_stored(interaction);
                let typed_it = |(typing, _)| typing == interaction;
                if self.chat.typing.get_untracked().is_some_and(typed_it) {
                    self.chat.typing.set(None);
                }
            }
            Then::Typing(interaction) => {
                self.chat
                    .typing
                    .set(Some((interaction, now + TYPING_SHOWN)));
            }
            Then::Ended(interaction) => self.ended(interaction),
            Then::Directed(interaction) => self.directed(interaction),
            Then::Asked(interaction) => self.asked(interaction),
            Then::BadAnswers => self.answered_badly(),
            Then::Centre => self.tell_status(),
            Then::Invited => self.tell_invited(),
            Then::Monitored(on) => self.monitored(on),
            Then::Elsewhere(interaction) if self.carries(interaction) => self.let_go(),
            Then::Connected(_) | Then::Elsewhere(_) => {}
            Then::Refused(interaction, reason) => self.refused(interaction, reason),
        }
    }

    fn session_told(self) {
        let first = !self.known.get_untracked();
        self.apply_kept();
        self.claim_call();
        if first {
            self.say_unsent();
            let in_chat = self
                .mirror
                .with_untracked(|widget| widget.live(Medium::Chat).is_some());
            if in_chat {
                self.here.update(|here| here.place = Place::Chat);
            }
            self.known.set(true);
        }
        self.tell_badge();
        self.tell_status();
        self.tell_invited();
    }

    /// What the visitor did since is not in the state told: it is on its way again.
    fn apply_kept(self) {
        let Some(connection) = self.connection() else {
            return;
        };
        for command in connection.kept() {
            match command {
                VisitorCommand::Start(start) => self.mirror.update(|widget| {
                    widget.started(start.interaction, start.medium, start.video);
                }),
                VisitorCommand::Say {
                    interaction,
                    message,
                    text,
                } => self.mirror.update(|widget| {
                    if let Some(contact) = widget.contacts.get_mut(&interaction) {
                        contact.chat.say(message, text);
                    }
                }),
                VisitorCommand::Leave { interaction } => self.left(interaction),
                VisitorCommand::Switch {
                    interaction,
                    medium,
                } => self.show_switched(interaction, medium),
                VisitorCommand::Message(message) => self.show_message(&message),
                VisitorCommand::Attach { .. }
                | VisitorCommand::Typing { .. }
                | VisitorCommand::Read { .. }
                | VisitorCommand::Looks(_)
                | VisitorCommand::Journey { .. }
                | VisitorCommand::Named { .. }
                | VisitorCommand::Answer { .. }
                | VisitorCommand::Skip { .. }
                | VisitorCommand::Invitation { .. }
                | VisitorCommand::Monitoring { .. }
                | VisitorCommand::Digits { .. } => {}
            }
        }
    }

    fn ended(self, interaction: InteractionId) {
        if self.carries(interaction) {
            self.let_go();
        }
        self.take_back_unsent(interaction);
        self.forget_typed();
    }

    /// A request was not done: what was shown ahead of the answer is taken back.
    fn refused(self, interaction: Option<InteractionId>, reason: VisitorRefusal) {
        self.answered.set(None);
        let back = interaction.is_some_and(|interaction| self.change_back(interaction));
        let sentence = if back && reason == VisitorRefusal::NotAsked {
            T.too_late
        } else {
            refusal(reason)
        };
        if let Some(interaction) = interaction.filter(|_| !back) {
            match reason {
                VisitorRefusal::AlreadyInOne
                | VisitorRefusal::NotOffered
                | VisitorRefusal::NoSuchInteraction
                | VisitorRefusal::Closed
                | VisitorRefusal::Full => self.forget(interaction),
                VisitorRefusal::BadText => self.take_back_unsent(interaction),
                VisitorRefusal::TooFast => self.say_unsent_later(),
                VisitorRefusal::NotAsked => {}
            }
        }
        // Said last: going somewhere else ends what was said before.
        self.notice.set(Some(sentence));
    }

    /// A page serves better than an agent.
    fn directed(self, interaction: InteractionId) {
        let (cause, by) = (EndCause::Directed, None);
        let now = self.server_now();
        let over = VisitorEvent::Ended {
            interaction,
            cause,
            by,
        };
        self.mirror.update(|widget| widget.apply(over, now));
        self.ended(interaction);
    }

    /// The centre does not have this interaction.
    fn forget(self, interaction: InteractionId) {
        self.take_back_unsent(interaction);
        if self.carries(interaction) {
            self.let_go();
        }
        self.here.update(|here| {
            if here.followed == Some(interaction) {
                here.followed = None;
            }
        });
        self.mirror.update(|widget: &mut Widget| {
            let live = |contact: &mut bellwire_proto::mirror::Contact| contact.is_live();
            if widget.contacts.get_mut(&interaction).is_some_and(live) {
                widget.contacts.remove(&interaction);
            }
        });
    }
}

/// What follows an event when the mirror has it.
enum Then {
    Nothing,
    Session,
    Connected(InteractionId),
    PeerChanged(InteractionId, PeerId),
    Said(InteractionId, MessageId),
    Typing(InteractionId),
    Ended(InteractionId),
    Directed(InteractionId),
    Asked(InteractionId),
    BadAnswers,
    Centre,
    Invited,
    Monitored(bool),
    Elsewhere(InteractionId),
    Refused(Option<InteractionId>, VisitorRefusal),
}

impl Then {
    fn of(event: &VisitorEvent) -> Self {
        match *event {
            VisitorEvent::Session(_) => Self::Session,
            VisitorEvent::Connected { interaction, .. } => Self::Connected(interaction),
            VisitorEvent::PeerChanged { interaction, peer } => Self::PeerChanged(interaction, peer),
            VisitorEvent::Said {
                interaction,
                ref message,
            } => Self::Said(interaction, message.id),
            VisitorEvent::Typing { interaction } => Self::Typing(interaction),
            VisitorEvent::Ended { interaction, .. } => Self::Ended(interaction),
            VisitorEvent::Directed { interaction, .. } => Self::Directed(interaction),
            VisitorEvent::Asked { interaction, .. } => Self::Asked(interaction),
            VisitorEvent::BadAnswers { .. } => Self::BadAnswers,
            VisitorEvent::Centre(_) => Self::Centre,
            VisitorEvent::Invited(_) | VisitorEvent::Uninvited(_) => Self::Invited,
            VisitorEvent::Monitored(on) => Self::Monitored(on),
            VisitorEvent::Elsewhere { interaction } => Self::Elsewhere(interaction),
            VisitorEvent::Refused {
                interaction,
                reason,
            } => Self::Refused(interaction, reason),
            VisitorEvent::Waiting { .. }
            | VisitorEvent::Reachable { .. }
            | VisitorEvent::Held { .. }
            | VisitorEvent::Digits { .. }
            | VisitorEvent::Read { .. } => Self::Nothing,
        }
    }
}
