//! What an agent's desk shows.

use std::collections::BTreeMap;

use super::Chat;
use crate::{
    agent::{
        AgentEvent, AgentState, Chosen, DeskView, Devices, Offer, OnPhone, QueueView, Work,
        WorkStage,
    },
    id::{AgentId, InteractionId, PeerId},
    interaction::{Context, Medium, Role, Seen},
    setup::{Capacity, UserRole},
    time::Timestamp,
};

/// Everything the desk shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Desk {
    /// The agent, once the server has told.
    pub agent: Option<AgentId>,
    /// The agent's name.
    pub name: String,
    /// What the agent chose.
    pub chosen: Chosen,
    /// What the agent does.
    pub state: AgentState,
    /// Since when.
    pub since: Timestamp,
    /// What rings.
    pub offer: Option<OfferCard>,
    /// What the agent has.
    pub items: BTreeMap<InteractionId, DeskItem>,
    /// The agent's queues.
    pub queues: Vec<QueueView>,
    /// Reasons for not being ready.
    pub reasons: Vec<String>,
    /// What can come of a contact.
    pub dispositions: Vec<String>,
    /// What the user may do besides.
    pub role: UserRole,
    /// How much the agent takes at once.
    pub capacity: Capacity,
    /// What the agent could take calls on.
    pub devices: Devices,
    /// Another window of this agent works.
    pub elsewhere: bool,
}

/// An offer and when it began to ring here.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferCard {
    /// What is offered.
    pub offer: Offer,
    /// When it rings out, by the server's clock.
    pub until: Timestamp,
}

/// One interaction on the desk.
#[derive(Clone, Debug, PartialEq)]
pub struct DeskItem {
    /// The call's stable address.
    pub uri: String,
    /// How it is carried on.
    pub medium: Medium,
    /// With a camera.
    pub video: bool,
    /// The queue it waited in.
    pub queue: String,
    /// How far it got.
    pub stage: WorkStage,
    /// Who it is and what they looked at.
    pub context: Context,
    /// Its chat.
    pub chat: Chat,
    /// A page of the visitor is connected.
    pub reachable: bool,
    /// The visitor page's peer connection.
    pub peer: Option<PeerId>,
    /// The peer connection of this agent's page that carries the media.
    pub own: Option<PeerId>,
    /// The agent's telephone carries the call, and no page does.
    pub phone: Option<OnPhone>,
    /// The keys pressed on the other side, the last ones.
    pub digits: String,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            agent: None,
            name: String::new(),
            chosen: Chosen::NotReady {
                reason: String::new(),
            },
            state: AgentState::SignedOut,
            since: Timestamp(0),
            offer: None,
            items: BTreeMap::new(),
            queues: vec![],
            reasons: vec![],
            dispositions: vec![],
            role: UserRole::Agent,
            capacity: Capacity { calls: 0, chats: 0 },
            devices: Devices::default(),
            elsewhere: false,
        }
    }
}

impl Desk {
    /// Takes in one event from the server. `now` is the server's time.
    pub fn apply(&mut self, event: AgentEvent, now: Timestamp) {
        match event {
            AgentEvent::Desk(view) => self.take_desk(view, now),
            AgentEvent::Elsewhere => {
                self.elsewhere = true;
                self.offer = None;
            }
            AgentEvent::State {
                chosen,
                state,
                since,
            } => {
                self.chosen = chosen;
                self.state = state;
                self.since = since;
            }
            AgentEvent::Offered(offer) => self.offer = Some(OfferCard::new(offer, now)),
            AgentEvent::Withdrawn {
                interaction, epoch, ..
            } => {
                self.offer.take_if(|card| {
                    card.offer.interaction == interaction && card.offer.epoch == epoch
                });
            }
            AgentEvent::Connected(work) => {
                self.offer
                    .take_if(|card| card.offer.interaction == work.interaction);
                self.take_work(work);
            }
            AgentEvent::PeerChanged { interaction, peer } => {
                self.with(interaction, |item| item.peer = Some(peer));
            }
            AgentEvent::Reachable {
                interaction,
                visitor,
            } => self.with(interaction, |item| item.reachable = visitor),
            AgentEvent::Held {
                interaction,
                held: now_held,
            } => self.with(interaction, |item| {
                if let WorkStage::Talking { held, .. } = &mut item.stage {
                    *held = now_held;
                }
            }),
            AgentEvent::Said {
                interaction,
                message,
            } => self.with(interaction, |item| item.chat.said(message)),
            AgentEvent::Read { interaction, read } => {
                self.with(interaction, |item| item.chat.read = read);
            }
            AgentEvent::Looks { interaction, page } => {
                self.with(interaction, |item| item.context.page = page);
            }
            AgentEvent::Learnt {
                interaction,
                intents,
                answers,
            } => {
                let offered = (self.offer.as_mut())
                    .filter(|card| card.offer.interaction == interaction)
                    .map(|card| &mut card.offer.context);
                let worked = (self.items.get_mut(&interaction)).map(|item| &mut item.context);
                if let Some(context) = offered.or(worked) {
                    context.intents = intents;
                    context.answers = answers;
                }
            }
            AgentEvent::Journey {
                interaction,
                events,
            } => self.with(interaction, |item| item.context.journey.extend(events)),
            AgentEvent::Named { interaction, name } => {
                self.with(interaction, |item| item.context.name = Some(name));
            }
            AgentEvent::WrapUp {
                interaction,
                cause,
                by,
                since,
            } => self.with(interaction, |item| {
                item.stage = WorkStage::WrapUp { since, cause, by };
            }),
            AgentEvent::Closed { interaction } => _ = self.items.remove(&interaction),
            AgentEvent::Queues(queues) => self.queues = queues,
            AgentEvent::Devices(devices) => self.devices = devices,
            AgentEvent::OnPhone { interaction, phone } => {
                self.with(interaction, |item| item.phone = phone);
            }
            AgentEvent::Digits {
                interaction,
                digits,
            } => self.with(interaction, |item| item.pressed(&digits)),
            // Shown for a moment by the page itself, never remembered.
            AgentEvent::Typing { .. } | AgentEvent::Refused { .. } => {}
        }
    }

    /// Cursors for the next hello.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        let seen = |(id, item): (&InteractionId, &DeskItem)| Seen {
            interaction: *id,
            seq: item.chat.cursor(),
        };
        self.items.iter().map(seen).collect()
    }

    fn take_desk(&mut self, view: DeskView, now: Timestamp) {
        self.agent = Some(view.agent);
        self.name = view.name;
        self.chosen = view.chosen;
        self.state = view.state;
        self.since = view.since;
        self.offer = view.offer.map(|offer| OfferCard::new(offer, now));
        self.queues = view.queues;
        self.reasons = view.reasons;
        self.dispositions = view.dispositions;
        self.role = view.role;
        self.capacity = view.capacity;
        self.devices = view.devices;
        self.elsewhere = false;
        let there: Vec<_> = view.work.iter().map(|work| work.interaction).collect();
        self.items.retain(|id, _| there.contains(id));
        for work in view.work {
            self.take_work(work);
        }
    }

    fn take_work(&mut self, work: Work) {
        let (mut chat, digits) = self
            .items
            .remove(&work.interaction)
            .map(|item| (item.chat, item.digits))
            .unwrap_or_default();
        chat.merge(work.chat);
        let item = DeskItem {
            uri: work.uri,
            medium: work.medium,
            video: work.video,
            queue: work.queue,
            stage: work.stage,
            context: work.context,
            chat,
            reachable: work.reachable,
            peer: work.peer,
            own: work.own,
            phone: work.phone,
            digits,
        };
        self.items.insert(work.interaction, item);
    }

    fn with(&mut self, interaction: InteractionId, change: impl FnOnce(&mut DeskItem)) {
        if let Some(item) = self.items.get_mut(&interaction) {
            change(item);
        }
    }
}

impl OfferCard {
    fn new(offer: Offer, now: Timestamp) -> Self {
        let until = Timestamp(now.0.saturating_add(offer.ring_ms));
        Self { offer, until }
    }
}

/// The most keys that are shown.
const MOST_SHOWN: usize = 16;

impl DeskItem {
    fn pressed(&mut self, digits: &str) {
        self.digits.push_str(digits);
        let over = self.digits.chars().count().saturating_sub(MOST_SHOWN);
        self.digits = self.digits.chars().skip(over).collect();
    }

    /// Lines that the agent has not read.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.chat.unread(Role::Agent)
    }
}
