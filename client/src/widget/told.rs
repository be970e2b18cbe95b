//! What the centre says, and what the page makes of it besides mirroring it.

use std::time::Duration;

use bellwire_proto::{
    id::InteractionId,
    interaction::Medium,
    mirror::Widget,
    visitor::{VisitorCommand, VisitorEvent, VisitorRefusal},
    wire::Down,
};
use leptos::prelude::*;

use super::{app::App, screen::Place, sentence::refusal};

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
        self.mirror
            .update(|widget| widget.apply(event.clone(), now));
        match event {
            VisitorEvent::Session(_) => self.session_told(),
            VisitorEvent::Connected { interaction, .. } if self.carries(interaction) => {
                self.meet_agent(interaction);
            }
            VisitorEvent::PeerChanged { interaction, peer } => self.agent_moved(interaction, peer),
            VisitorEvent::Said {
                interaction,
                message,
            } => {
                self.stored(message.id);
                let typed_it = |(typing, _)| typing == interaction;
                if self.chat.typing.get_untracked().is_some_and(typed_it) {
                    self.chat.typing.set(None);
                }
            }
            VisitorEvent::Typing { interaction } => {
                self.chat
                    .typing
                    .set(Some((interaction, now + TYPING_SHOWN)));
            }
            VisitorEvent::Ended { interaction, .. } => self.ended(interaction),
            VisitorEvent::Elsewhere { interaction } if self.carries(interaction) => self.let_go(),
            VisitorEvent::Refused {
                interaction,
                reason,
            } => self.refused(interaction, reason),
            // Told in the mirror alone.
            VisitorEvent::Centre(_)
            | VisitorEvent::Waiting { .. }
            | VisitorEvent::Connected { .. }
            | VisitorEvent::Reachable { .. }
            | VisitorEvent::Held { .. }
            | VisitorEvent::Read { .. }
            | VisitorEvent::Elsewhere { .. } => {}
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
                VisitorCommand::Attach { .. }
                | VisitorCommand::Typing { .. }
                | VisitorCommand::Read { .. }
                | VisitorCommand::Looks(_)
                | VisitorCommand::Journey { .. }
                | VisitorCommand::Named { .. } => {}
            }
        }
    }

    fn ended(self, interaction: InteractionId) {
        if self.carries(interaction) {
            self.let_go();
        }
        self.take_back_unsent(interaction);
    }

    /// A request was not done: what was shown ahead of the answer is taken back.
    fn refused(self, interaction: Option<InteractionId>, reason: VisitorRefusal) {
        self.notice.set(Some(refusal(reason)));
        let Some(interaction) = interaction else {
            return;
        };
        match reason {
            VisitorRefusal::AlreadyInOne
            | VisitorRefusal::NotOffered
            | VisitorRefusal::NoSuchInteraction => self.forget(interaction),
            VisitorRefusal::BadText => self.take_back_unsent(interaction),
            VisitorRefusal::TooFast => self.say_unsent_later(),
        }
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
