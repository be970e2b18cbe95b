//! Random floors: pages come, go, ask and repeat themselves in any order, the process dies now
//! and then, and after every step the floor still makes sense.

use std::{collections::BTreeMap, time::Duration};

use bellwire_core::{record::StageRecord, setup::Setup};
use bellwire_proto::{
    agent::{AgentCommand, AgentState, Chosen, WorkStage},
    id::{ConnectionId, InteractionId},
    interaction::Medium,
    visitor::{VisitorCommand, VisitorStage},
};

use crate::sim::{ANNA, BORIS, CARLA, Sim, agent, interaction, message, peer, session, setup};

const FLOORS: u64 = 50;
const STEPS: u32 = 2_000;
pub(crate) const VISITORS: u64 = 8;

/// A small generator (xorshift64*), so that a failure names the seed that repeats it.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let sides = u64::try_from(from.len()).unwrap();
        (sides > 0).then(|| from[usize::try_from(self.roll(sides)).unwrap()].clone())
    }
}

pub(crate) struct Floor {
    pub(crate) sim: Sim,
    pub(crate) dice: Dice,
    /// Which visitor's a page is.
    pub(crate) pages: BTreeMap<ConnectionId, u128>,
    /// The page that carries a call's media.
    media: BTreeMap<InteractionId, ConnectionId>,
    started: u128,
    written: u128,
}

impl Floor {
    pub(crate) fn new(setup: Setup, seed: u64) -> Self {
        Self {
            sim: Sim::with(setup),
            dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            pages: BTreeMap::new(),
            media: BTreeMap::new(),
            started: 0,
            written: 0,
        }
    }

    pub(crate) fn step(&mut self) {
        match self.dice.roll(100) {
            0..=9 => self.open_page(),
            10..=15 => self.close_page(),
            16..=31 => self.start(),
            32..=37 => self.visitor_does(),
            38..=43 => self.open_desk(),
            44..=47 => self.close_desk(),
            48..=55 => self.change_state(),
            56..=71 => self.answer(),
            72..=81 => self.work(),
            82..=84 => self.any_agent_command(),
            85..=98 => {
                let span = Duration::from_millis(self.dice.roll(25_000));
                self.sim.pass(span);
            }
            _ => self.crash(),
        }
    }

    fn open_page(&mut self) {
        let visitor = u128::from(self.dice.roll(VISITORS)) + 1;
        let at = visitor * 10 + u128::from(self.dice.roll(2));
        self.open_page_of(visitor, at);
    }

    pub(crate) fn open_page_of(&mut self, visitor: u128, at: u128) {
        let site = ["shop", "laptops"][usize::try_from(visitor % 2).unwrap()];
        let page = self.sim.page_on(visitor, site, at);
        self.pages.insert(page, visitor);
        self.forget_dropped();
        let live: Vec<_> = (self.sim.widgets[&page].contacts.iter())
            .filter(|(_, contact)| contact.medium == Medium::Call && contact.is_live())
            .map(|(id, _)| *id)
            .collect();
        for interaction in live {
            let peer = peer(u128::from(self.dice.roll(1_000_000)));
            self.sim
                .page_asks(page, VisitorCommand::Attach { interaction, peer });
            self.media.insert(interaction, page);
        }
    }

    pub(crate) fn forget_dropped(&mut self) {
        let widgets = &self.sim.widgets;
        self.pages.retain(|page, _| widgets.contains_key(page));
    }

    pub(crate) fn any_page(&mut self) -> Option<ConnectionId> {
        let pages: Vec<_> = self.pages.keys().copied().collect();
        self.dice.pick(&pages)
    }

    fn any_desk(&mut self) -> Option<ConnectionId> {
        let desks: Vec<_> = self.sim.desks.keys().copied().collect();
        self.dice.pick(&desks)
    }

    pub(crate) fn any_interaction(&mut self) -> InteractionId {
        let most = u64::try_from(self.started).unwrap() + 1;
        interaction(u128::from(self.dice.roll(most)))
    }

    fn close_page(&mut self) {
        if let Some(page) = self.any_page() {
            self.pages.remove(&page);
            self.sim.page_leaves(page);
        }
    }

    fn start(&mut self) {
        let Some(page) = self.any_page() else {
            return self.open_page();
        };
        self.started += 1;
        match self.dice.roll(2) {
            0 => {
                self.sim.start_call(page, self.started);
                self.media.insert(interaction(self.started), page);
            }
            _ => self.sim.start_chat(page, self.started),
        }
    }

    fn visitor_does(&mut self) {
        let Some(page) = self.any_page() else { return };
        let interaction = self.any_interaction();
        let command = match self.dice.roll(4) {
            0 => VisitorCommand::Leave { interaction },
            1 => VisitorCommand::Read {
                interaction,
                seq: 3,
            },
            _ => {
                self.written += u128::from(self.dice.roll(3) > 0);
                VisitorCommand::Say {
                    interaction,
                    message: message(self.written),
                    text: "hello".into(),
                }
            }
        };
        self.sim.page_asks(page, command);
    }

    fn open_desk(&mut self) {
        let n = [ANNA, BORIS, CARLA][usize::try_from(self.dice.roll(3)).unwrap()];
        let window = n * 100 + u128::from(self.dice.roll(2));
        let desk = self.sim.window(n, window);
        // Who was taken out of the centre is not let in.
        let Some(shown) = self.sim.desks.get(&desk) else {
            return;
        };
        let calls: Vec<_> = (shown.items.iter())
            .filter(|(_, item)| item.medium == Medium::Call)
            .map(|(id, _)| *id)
            .collect();
        for interaction in calls {
            let peer = peer(u128::from(self.dice.roll(1_000_000)));
            self.sim
                .desk_asks(desk, AgentCommand::Attach { interaction, peer });
        }
    }

    fn close_desk(&mut self) {
        if let Some(desk) = self.any_desk() {
            self.sim.desk_leaves(desk);
        }
    }

    fn change_state(&mut self) {
        let Some(desk) = self.any_desk() else { return };
        let command = match self.dice.roll(6) {
            0 => AgentCommand::NotReady {
                reason: "Lunch".into(),
            },
            1 => AgentCommand::TakeOver,
            _ => AgentCommand::Ready,
        };
        self.sim.desk_asks(desk, command);
    }

    fn answer(&mut self) {
        let ringing: Vec<_> = (self.sim.desks.iter())
            .filter(|(_, desk)| desk.offer.is_some())
            .map(|(connection, _)| *connection)
            .collect();
        let Some(desk) = self.dice.pick(&ringing) else {
            return;
        };
        let (interaction, epoch) = self.sim.offer(desk).unwrap();
        if self.dice.roll(5) > 0 {
            _ = self.sim.accept(desk);
        } else {
            let decline = AgentCommand::Decline { interaction, epoch };
            self.sim.desk_asks(desk, decline);
        }
    }

    fn work(&mut self) {
        let items: Vec<_> = (self.sim.desks.iter())
            .flat_map(|(connection, desk)| desk.items.keys().map(|id| (*connection, *id)))
            .collect();
        if let Some((desk, interaction)) = self.dice.pick(&items) {
            self.sim.finish(desk, interaction);
        }
    }

    fn any_agent_command(&mut self) {
        let Some(desk) = self.any_desk() else { return };
        let interaction = self.any_interaction();
        let epoch = 1;
        let command = match self.dice.roll(6) {
            0 => AgentCommand::HangUp { interaction },
            1 => AgentCommand::Hold { interaction },
            2 => AgentCommand::Resume { interaction },
            3 => AgentCommand::Accept {
                interaction,
                epoch,
                peer: None,
            },
            4 => AgentCommand::Decline { interaction, epoch },
            _ => AgentCommand::Say {
                interaction,
                message: message(self.written),
                text: "hello".into(),
            },
        };
        self.sim.desk_asks(desk, command);
    }

    pub(crate) fn crash(&mut self) {
        self.sim.restart();
        self.pages.clear();
    }

    fn check(&self) {
        self.stored_makes_sense();
        self.desks_make_sense();
        self.nobody_waits_in_vain();
    }

    /// What the store holds of agents' work fits their capacity; nothing is booked twice.
    pub(crate) fn stored_makes_sense(&self) {
        let mut booked: BTreeMap<_, (u8, u8)> = BTreeMap::new();
        for record in self.sim.stored.interactions.values() {
            let has = match record.stage {
                StageRecord::Talking { agent, .. } | StageRecord::WrapUp { agent, .. } => agent,
                StageRecord::Waiting | StageRecord::Closed { .. } => continue,
            };
            let (calls, chats) = booked.entry(has).or_default();
            match record.medium {
                Medium::Call => *calls += 1,
                Medium::Chat => *chats += 1,
            }
        }
        for (agent, (calls, chats)) in booked {
            assert!(
                calls <= 1 && chats <= 2,
                "{agent} is over capacity: {calls} {chats}"
            );
        }
    }

    /// What a desk shows is what the store holds; an interaction rings or stands at one desk.
    pub(crate) fn desks_make_sense(&self) {
        let mut ringing = BTreeMap::new();
        for desk in self.sim.desks.values().filter(|desk| !desk.elsewhere) {
            let Some(id) = desk.agent else { continue };
            if let Some(card) = &desk.offer {
                let other = ringing.insert(card.offer.interaction, id);
                assert_eq!(other, None, "{} rings twice", card.offer.interaction);
                assert_eq!(desk.state, AgentState::Offered);
                let stored = &self.sim.stored.interactions[&card.offer.interaction];
                assert_eq!(stored.stage, StageRecord::Waiting);
            }
            for (interaction, item) in &desk.items {
                let stored = &self.sim.stored.interactions[interaction];
                assert_eq!(stored.stage.agent(), Some(id), "{interaction}");
                match (item.stage, &stored.stage) {
                    (WorkStage::Talking { held, .. }, StageRecord::Talking { held: kept, .. }) => {
                        assert_eq!(held, *kept);
                    }
                    (WorkStage::WrapUp { .. }, StageRecord::WrapUp { .. }) => {}
                    (shown, kept) => panic!("{interaction}: {shown:?} but {kept:?}"),
                }
            }
        }
        for (page, widget) in &self.sim.widgets {
            let Some(visitor) = self.pages.get(page) else {
                continue;
            };
            for (id, contact) in &widget.contacts {
                // A start that was refused leaves no trace in the store.
                let Some(stored) = self.sim.stored.interactions.get(id) else {
                    continue;
                };
                assert_eq!(stored.session, session(*visitor));
                let talks = matches!(contact.stage, VisitorStage::Connected { .. });
                let kept = matches!(stored.stage, StageRecord::Talking { .. });
                assert_eq!(
                    talks, kept,
                    "{id}: {:?} but {:?}",
                    contact.stage, stored.stage
                );
            }
        }
    }

    /// Nobody waits at a page while an agent who could take it is free and not spared.
    fn nobody_waits_in_vain(&self) {
        let free: Vec<_> = (self.sim.desks.values())
            .filter(|desk| !desk.elsewhere && desk.chosen == Chosen::Ready)
            .filter(|desk| desk.offer.is_none() && desk.items.is_empty())
            .filter_map(|desk| desk.agent)
            .collect();
        let anyone = free.iter().any(|id| *id == agent(ANNA));
        if !anyone {
            return;
        }
        // Anna can take everything: whoever waits at a page rings, or was refused by her.
        for (page, widget) in &self.sim.widgets {
            if !self.pages.contains_key(page) {
                continue;
            }
            for (id, contact) in &widget.contacts {
                let VisitorStage::Waiting { ringing: false, .. } = contact.stage else {
                    continue;
                };
                if !self.sim.stored.interactions.contains_key(id) {
                    continue;
                }
                let refused = self.sim.agent_events.iter().any(|(_, event)| {
                    matches!(event, bellwire_proto::agent::AgentEvent::Withdrawn { interaction, .. }
                        | bellwire_proto::agent::AgentEvent::Closed { interaction } if interaction == id)
                });
                let attached = match contact.medium {
                    Medium::Chat => true,
                    Medium::Call => {
                        (self.media.get(id)).is_some_and(|at| self.pages.contains_key(at))
                    }
                };
                assert!(refused || !attached, "{id} waits while Anna is free");
            }
        }
    }
}

fn run(seed: u64) -> u64 {
    let mut floor = Floor::new(setup(), seed);
    for _ in 0..STEPS {
        floor.step();
        floor.check();
    }
    let told = floor.sim.agent_events.len() + floor.sim.visitor_events.len();
    u64::try_from(told).unwrap()
}

#[test]
fn random_floors_keep_their_promises() {
    let steps = FLOORS * u64::from(STEPS);
    assert!(steps >= 100_000);

    let told: u64 = (1..=FLOORS)
        .map(|seed| {
            std::panic::catch_unwind(|| run(seed))
                .unwrap_or_else(|_| panic!("the floor of seed {seed} broke"))
        })
        .sum();

    assert!(told > steps, "something happens on these floors");
}

#[test]
fn the_same_inputs_give_the_same_outputs() {
    assert_eq!(run(7), run(7));
}
