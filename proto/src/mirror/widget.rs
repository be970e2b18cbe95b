//! What a visitor's page shows.

use std::collections::BTreeMap;

use super::Chat;
use crate::{
    id::InteractionId,
    interaction::{EndCause, Medium, Role, Seen},
    prompt::{BadAnswer, Prompt},
    setup::Collected,
    time::Timestamp,
    visitor::{CentreView, InteractionView, InvitationView, VisitorEvent, VisitorStage},
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
    /// The visitor may be watched.
    pub monitored: bool,
    /// What is collected of a visitor who may be.
    pub collects: Vec<Collected>,
    /// For how many days that is kept.
    pub keep_days: u16,
    /// An invitation that stands.
    pub invited: Option<InvitationView>,
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
    /// What is asked now.
    pub prompt: Option<Prompt>,
    /// What was wrong with the last answers.
    pub bad: Vec<BadAnswer>,
    /// Written to be answered later.
    pub left_message: bool,
    /// The page that serves better than an agent.
    pub directed: Option<Directed>,
}

/// A page that a visitor is led to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Directed {
    /// Its address.
    pub url: String,
    /// What it is.
    pub label: String,
    /// A page elsewhere, for a tab of its own.
    pub elsewhere: bool,
}

impl Widget {
    /// Takes in one event from the server. `now` is the server's time.
    pub fn apply(&mut self, event: VisitorEvent, now: Timestamp) {
        match event {
            VisitorEvent::Session(view) => {
                self.centre = view.centre;
                self.name = view.name;
                self.monitored = view.monitored;
                self.collects = view.collects;
                self.keep_days = view.keep_days;
                self.invited = view.invited;
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
                wait,
            } => {
                let stage = VisitorStage::Waiting {
                    position,
                    ringing,
                    wait,
                };
                self.stage(interaction, stage);
            }
            VisitorEvent::Asked {
                interaction,
                prompt,
            } => self.with(interaction, |contact| {
                if prompt.as_ref().is_some_and(|prompt| prompt.before) {
                    contact.stage = VisitorStage::Asked;
                }
                contact.prompt = prompt;
                contact.bad.clear();
            }),
            VisitorEvent::BadAnswers { interaction, bad } => {
                self.with(interaction, |contact| contact.bad = bad);
            }
            VisitorEvent::Directed {
                interaction,
                url,
                label,
                elsewhere,
            } => self.with(interaction, |contact| {
                contact.directed = Some(Directed {
                    url,
                    label,
                    elsewhere,
                });
            }),
            VisitorEvent::Invited(invitation) => self.invited = Some(invitation),
            VisitorEvent::Uninvited(over) => {
                self.invited = self.invited.take().filter(|held| held.invitation != over);
            }
            VisitorEvent::Monitored(on) => self.monitored = on,
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
            // Keys are for telephones.
            VisitorEvent::Typing { .. }
            | VisitorEvent::Digits { .. }
            | VisitorEvent::Refused { .. } => {}
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
                wait: None,
            },
            chat: Chat::default(),
            elsewhere: false,
            prompt: None,
            bad: vec![],
            left_message: false,
            directed: None,
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
            prompt: None,
            bad: vec![],
            left_message: view.left_message,
            directed: None,
        });
        contact.medium = view.medium;
        contact.left_message = view.left_message;
        if contact.prompt != view.prompt {
            contact.bad.clear();
            contact.prompt = view.prompt;
        }
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
        self.with(interaction, |contact| {
            match stage {
                VisitorStage::Asked | VisitorStage::Waiting { .. } => {}
                VisitorStage::Connected { .. } | VisitorStage::Ended { .. } => {
                    contact.prompt = None;
                }
            }
            contact.stage = stage;
        });
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
            VisitorStage::Asked | VisitorStage::Waiting { .. } | VisitorStage::Connected { .. } => {
                true
            }
            VisitorStage::Ended { .. } => false,
        }
    }

    /// Why it is over, and who ended it.
    #[must_use]
    pub fn ended(&self) -> Option<(EndCause, Option<Role>)> {
        match self.stage {
            VisitorStage::Ended { cause, by, .. } => Some((cause, by)),
            VisitorStage::Asked | VisitorStage::Waiting { .. } | VisitorStage::Connected { .. } => {
                None
            }
        }
    }
}
