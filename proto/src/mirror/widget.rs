//! What a visitor's page shows.

use std::collections::BTreeMap;

use super::Chat;
use crate::{
    id::InteractionId,
    interaction::{EndCause, Medium, Role, Seen},
    time::Timestamp,
    visitor::{CentreView, InteractionView, VisitorEvent, VisitorStage},
};

/// Everything the widget shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Widget {
    /// The centre's status.
    pub centre: CentreView,
    /// The name the visitor gave.
    pub name: Option<String>,
    /// The visitor's interactions.
    pub contacts: BTreeMap<InteractionId, Contact>,
}

/// One interaction as the visitor sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// How it is carried on.
    pub medium: Medium,
    /// With a camera.
    pub video: bool,
    /// How far it got.
    pub stage: VisitorStage,
    /// Its chat.
    pub chat: Chat,
    /// Another tab carries the media.
    pub elsewhere: bool,
}

impl Widget {
    /// Takes in one event from the server. `now` is the server's time.
    pub fn apply(&mut self, event: VisitorEvent, now: Timestamp) {
        match event {
            VisitorEvent::Session(view) => {
                self.centre = view.centre;
                self.name = view.name;
                let live: Vec<_> = view.interactions.iter().map(|i| i.interaction).collect();
                self.contacts
                    .retain(|id, contact| live.contains(id) || !contact.is_live());
                for view in view.interactions {
                    self.take(view);
                }
            }
            VisitorEvent::Centre(centre) => self.centre = centre,
            VisitorEvent::Waiting {
                interaction,
                position,
                ringing,
            } => self.stage(interaction, VisitorStage::Waiting { position, ringing }),
            VisitorEvent::Connected {
                interaction,
                agent,
                peer,
                at,
            } => {
                let own = None;
                let stage = VisitorStage::Connected {
                    agent,
                    peer,
                    own,
                    held: false,
                    reachable: true,
                    since: at,
                };
                self.stage(interaction, stage);
            }
            VisitorEvent::PeerChanged {
                interaction,
                peer: new,
            } => self.connected(interaction, |stage| {
                if let VisitorStage::Connected { peer, .. } = stage {
                    *peer = Some(new);
                }
            }),
            VisitorEvent::Reachable { interaction, agent } => {
                self.connected(interaction, |stage| {
                    if let VisitorStage::Connected { reachable, .. } = stage {
                        *reachable = agent;
                    }
                });
            }
            VisitorEvent::Held {
                interaction,
                held: now_held,
            } => self.connected(interaction, |stage| {
                if let VisitorStage::Connected { held, .. } = stage {
                    *held = now_held;
                }
            }),
            VisitorEvent::Said {
                interaction,
                message,
            } => self.with(interaction, |contact| contact.chat.said(message)),
            VisitorEvent::Read { interaction, read } => {
                self.with(interaction, |contact| contact.chat.read = read);
            }
            VisitorEvent::Ended {
                interaction,
                cause,
                by,
            } => self.stage(interaction, VisitorStage::Ended { cause, by, at: now }),
            VisitorEvent::Elsewhere { interaction } => {
                self.with(interaction, |contact| contact.elsewhere = true);
            }
            // Shown for a moment by the page itself, never remembered.
            VisitorEvent::Typing { .. } | VisitorEvent::Refused { .. } => {}
        }
    }

    /// The page itself started an interaction; the server's word is on its way.
    pub fn started(&mut self, interaction: InteractionId, medium: Medium, video: bool) {
        self.contacts.entry(interaction).or_insert(Contact {
            medium,
            video,
            stage: VisitorStage::Waiting {
                position: 0,
                ringing: false,
            },
            chat: Chat::default(),
            elsewhere: false,
        });
    }

    /// The live call or chat, if any; the newest where there are several.
    #[must_use]
    pub fn live(&self, medium: Medium) -> Option<(InteractionId, &Contact)> {
        (self.contacts.iter().rev())
            .find(|(_, contact)| contact.medium == medium && contact.is_live())
            .map(|(id, contact)| (*id, contact))
    }

    /// Cursors for the next hello.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        let seen = |(id, contact): (&InteractionId, &Contact)| Seen {
            interaction: *id,
            seq: contact.chat.cursor(),
        };
        self.contacts.iter().map(seen).collect()
    }

    fn take(&mut self, view: InteractionView) {
        let contact = self.contacts.entry(view.interaction).or_insert(Contact {
            medium: view.medium,
            video: view.video,
            stage: view.stage.clone(),
            chat: Chat::default(),
            elsewhere: false,
        });
        contact.stage = view.stage;
        contact.video = view.video;
        contact.chat.merge(view.chat);
    }

    fn with(&mut self, interaction: InteractionId, change: impl FnOnce(&mut Contact)) {
        if let Some(contact) = self.contacts.get_mut(&interaction) {
            change(contact);
        }
    }

    fn stage(&mut self, interaction: InteractionId, stage: VisitorStage) {
        self.with(interaction, |contact| contact.stage = stage);
    }

    fn connected(&mut self, interaction: InteractionId, change: impl FnOnce(&mut VisitorStage)) {
        self.with(interaction, |contact| change(&mut contact.stage));
    }
}

impl Contact {
    /// Not over yet.
    #[must_use]
    pub fn is_live(&self) -> bool {
        match self.stage {
            VisitorStage::Waiting { .. } | VisitorStage::Connected { .. } => true,
            VisitorStage::Ended { .. } => false,
        }
    }

    /// Why it is over, and who ended it.
    #[must_use]
    pub fn ended(&self) -> Option<(EndCause, Option<Role>)> {
        match self.stage {
            VisitorStage::Ended { cause, by, .. } => Some((cause, by)),
            VisitorStage::Waiting { .. } | VisitorStage::Connected { .. } => None,
        }
    }
}
