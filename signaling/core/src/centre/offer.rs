//! Assignment: who is offered what, and what becomes of an offer.

use bellwire_proto::{
    agent::{AgentEvent, AgentRefusal, OnPhone},
    id::{AgentId, ConnectionId, InteractionId, PeerId},
    interaction::{EndCause, Medium},
    time::{Timestamp, millis},
    visitor::{AgentCard, VisitorEvent},
};

use super::{
    Centre,
    timer::{Deadline, not_ready},
};
use crate::{
    Note, Output, When,
    interaction::{Interaction, Stage},
    leg::Leg,
    record::Record,
    routing::{Place, qualifies, traits},
};

/// What an agent answers an offer with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answerer {
    /// A page carries the call.
    Page(ConnectionId, PeerId),
    /// A telephone carries it.
    Phone(ConnectionId, PeerId),
    /// It is a chat, or the page that carries the call is gone already.
    Nobody(Option<PeerId>),
}

impl Centre {
    /// Gives free agents the first who waits for them, then newcomers the first free agent.
    pub(super) fn assign(&mut self, now: Timestamp) {
        let changed = std::mem::take(&mut self.changed);
        for id in &changed {
            if let Some(agent) = self.agents.get(id) {
                self.pool.set(*id, agent.free());
            }
        }
        for id in &changed {
            if let Some(interaction) = self.next_for(*id, now) {
                self.offer(interaction, *id, now);
            }
        }
        self.restate.extend(changed);
        for id in self.newcomers() {
            if let Some(agent) = self.agent_for(id, now) {
                self.offer(id, agent, now);
            }
        }
    }

    /// Interactions that began to wait since the last match, in the order of the line.
    fn newcomers(&mut self) -> Vec<InteractionId> {
        let place = |id: &InteractionId| self.interactions.get(id).map(|i| (i.place, *id));
        let mut places: Vec<_> = self.unmatched.iter().filter_map(place).collect();
        self.unmatched.clear();
        places.sort_unstable();
        places.into_iter().map(|(_, id)| id).collect()
    }

    /// The first in line that this agent may take now.
    fn next_for(&self, id: AgentId, now: Timestamp) -> Option<InteractionId> {
        let free = self.pool.free(id)?;
        let agent = self.agents.get(&id)?;
        let has = traits(&agent.setup);
        let mut best: Option<(Place, InteractionId)> = None;
        for queue in &agent.setup.queues {
            for medium in [Medium::Call, Medium::Chat] {
                if !free.takes(medium) {
                    continue;
                }
                let Some(line) = self.lines.get(&(*queue, medium)) else {
                    continue;
                };
                let suits = |(_, waiting): &(Place, InteractionId)| {
                    (self.interactions.get(waiting)).is_some_and(|interaction| {
                        interaction.may_ring(id, now) && qualifies(&has, &interaction.needs)
                    })
                };
                let head = line.iter().find(suits);
                best = match (best, head) {
                    (Some(best), Some(head)) => Some(best.min(head)),
                    (best, head) => best.or(head),
                };
            }
        }
        best.map(|(_, id)| id)
    }

    /// The free agent whose turn it is for this interaction.
    fn agent_for(&self, id: InteractionId, now: Timestamp) -> Option<AgentId> {
        let interaction = self.interactions.get(&id)?;
        if interaction.stage != Stage::Waiting {
            return None;
        }
        let may = |agent| interaction.may_ring(agent, now);
        let (medium, needs) = (interaction.medium, &interaction.needs);
        if interaction.prefers.is_empty() {
            return self.pool.pick(medium, needs, may);
        }
        (self.pool).pick_best(medium, needs, &interaction.prefers, may)
    }

    fn offer(&mut self, id: InteractionId, agent: AgentId, now: Timestamp) {
        self.leave_line(id);
        let because = self.because(id, agent, now);
        let until = now + self.setup.times.ring;
        let Some(interaction) = self.interactions.get_mut(&id) else {
            return;
        };
        interaction.epoch = interaction.epoch.saturating_add(1);
        interaction.stage = Stage::Offered { agent, until };
        interaction.offered = Some(now);
        let (epoch, medium) = (interaction.epoch, interaction.medium);
        if let Some(ringing) = self.agents.get_mut(&agent) {
            ringing.offer = Some(id);
            self.pool.set(agent, ringing.free());
        }
        self.restate.insert(agent);
        self.deadlines.set(until, Deadline::Offer(id, epoch));
        self.ring_phone(id, agent);
        if let Some(offer) = self.offer_view(id, now) {
            self.tell_agent(agent, AgentEvent::Offered(offer), When::Now);
        }
        self.outputs.push_back(Output::Record(Record::Decision {
            interaction: id,
            epoch,
            agent: Some(agent),
            at: now,
            because,
        }));
        self.tell_place(id, When::Now, now);
        self.note(Note::Offered(medium));
    }

    /// An agent takes what rings.
    pub(super) fn accept(
        &mut self,
        agent: AgentId,
        id: InteractionId,
        epoch: u32,
        peer: Option<PeerId>,
        now: Timestamp,
    ) {
        let here = self.agents.get(&agent).and_then(super::Agent::connection);
        let answerer = match (here, peer) {
            (Some(connection), Some(peer)) => Answerer::Page(connection, peer),
            _ => Answerer::Nobody(peer),
        };
        self.answer_offer(agent, id, epoch, answerer, now);
    }

    /// An agent takes what rings, on a page or a telephone.
    pub(super) fn answer_offer(
        &mut self,
        agent: AgentId,
        id: InteractionId,
        epoch: u32,
        answerer: Answerer,
        now: Timestamp,
    ) {
        let Some(interaction) = self.interactions.get_mut(&id) else {
            return self.refuse_agent(agent, Some(id), AgentRefusal::OfferGone);
        };
        match interaction.stage {
            Stage::Offered { agent: ringing, .. }
                if ringing == agent && interaction.epoch == epoch => {}
            // The answer was lost: it is told again.
            Stage::Talking { agent: has, .. } if has == agent => {
                if let Answerer::Phone(connection, _) = answerer {
                    // Another of the agent's devices was quicker.
                    self.drop_phone(connection);
                }
                return self.show_work(agent, id, When::Stored);
            }
            Stage::Waiting
            | Stage::Offered { .. }
            | Stage::Talking { .. }
            | Stage::WrapUp { .. }
            | Stage::Closed { .. } => {
                if let Answerer::Phone(connection, _) = answerer {
                    return self.drop_phone(connection);
                }
                return self.refuse_agent(agent, Some(id), AgentRefusal::OfferGone);
            }
        }
        interaction.stage = Stage::Talking {
            agent,
            since: now,
            held: false,
        };
        interaction.spared.clear();
        interaction.reserved = None;
        interaction.way.asking = None;
        let (leg, phone) = match answerer {
            Answerer::Page(connection, peer) => (Leg::Here { connection, peer }, None),
            Answerer::Phone(connection, peer) => {
                self.phones.insert(connection, id);
                (Leg::Here { connection, peer }, Some(OnPhone::default()))
            }
            Answerer::Nobody(peer) => (Leg::Away { since: now, peer }, None),
        };
        (interaction.agent, interaction.phone) = (leg, phone);
        let (medium, created) = (interaction.medium, interaction.created);
        if medium == Medium::Call && leg.peer().is_none() {
            let until = now + self.setup.times.grace;
            (self.deadlines).set(until, Deadline::Grace(id, super::timer::Party::Agent));
        }
        self.deadlines.drop(Deadline::Offer(id, epoch));
        self.stop_ring(id, true);
        self.deadlines.drop(Deadline::Spared(id));
        if let Some(busy) = self.agents.get_mut(&agent) {
            busy.offer = None;
            busy.work.insert(id);
            busy.load.add(medium);
        }
        self.changed.insert(agent);
        self.deadlines.drop(Deadline::Step(id));
        self.was_answered(id, agent, now);
        self.bridge(id);
        self.record(id);
        self.show_work(agent, id, When::Stored);
        self.show_connected(id, agent, now);
        self.status_due = true;
        self.note(Note::Answered {
            medium,
            waited_ms: millis(now.since(created)),
        });
    }

    /// Gives a call that waits to an agent whose telephone, or whose next page, carries it already.
    pub(super) fn hand_over(
        &mut self,
        id: InteractionId,
        agent: AgentId,
        answerer: Answerer,
        now: Timestamp,
    ) {
        let Some(call) = self.interactions.get_mut(&id) else {
            return;
        };
        call.epoch += 1;
        let epoch = call.epoch;
        call.stage = Stage::Offered { agent, until: now };
        // What rings at the agent's desk goes on ringing.
        let rings = self.agents.get(&agent).and_then(|known| known.offer);
        self.answer_offer(agent, id, epoch, answerer, now);
        if let Some(known) = self.agents.get_mut(&agent) {
            known.offer = rings;
        }
    }

    /// The line learns how long it took, the session who served it.
    fn was_answered(&mut self, id: InteractionId, agent: AgentId, now: Timestamp) {
        let Some(interaction) = self.interactions.get_mut(&id) else {
            return;
        };
        if let Some(session) = self.sessions.get_mut(&interaction.session) {
            session.last_agent = Some(agent);
        }
        if interaction.context.left_message {
            return;
        }
        let guess = interaction.guess.take();
        let waited = interaction.waited(now);
        let answering = interaction.offered.map_or(waited, |at| now.since(at));
        (self.waits)
            .entry((interaction.queue, interaction.medium))
            .or_default()
            .entered(guess.as_ref(), waited, answering, now);
    }

    fn show_work(&mut self, agent: AgentId, id: InteractionId, when: When) {
        if let Some(work) = self.work_view(id, 0) {
            self.tell_agent(agent, AgentEvent::Connected(work), when);
        }
    }

    fn show_connected(&mut self, id: InteractionId, agent: AgentId, now: Timestamp) {
        let name = (self.agents.get(&agent)).map_or_else(String::new, |a| a.setup.name.clone());
        let peer = self
            .interactions
            .get(&id)
            .and_then(|call| call.agent.peer());
        let event = VisitorEvent::Connected {
            interaction: id,
            agent: AgentCard { name },
            peer,
            at: now,
        };
        self.tell_visitor(id, &event, When::Stored);
    }

    /// An agent refuses what rings.
    pub(super) fn decline(
        &mut self,
        agent: AgentId,
        id: InteractionId,
        epoch: u32,
        now: Timestamp,
    ) {
        let rings = (self.interactions.get(&id)).is_some_and(|i| {
            i.epoch == epoch
                && matches!(i.stage, Stage::Offered { agent: ringing, .. } if ringing == agent)
        });
        if rings {
            self.take_back_offer(agent, EndCause::Declined, now);
        } else {
            self.refuse_agent(agent, Some(id), AgentRefusal::OfferGone);
        }
    }

    /// The desk rang for the whole ring time (RONA): nobody sits there.
    pub(super) fn ring_out(&mut self, id: InteractionId, epoch: u32, now: Timestamp) {
        let Some(interaction) = self.interactions.get(&id).filter(|i| i.epoch == epoch) else {
            return;
        };
        let Stage::Offered { agent, .. } = interaction.stage else {
            return;
        };
        self.take_back_offer(agent, EndCause::NoAnswer, now);
        self.choose(agent, not_ready("No answer"), now);
    }

    /// Ends what rings at this agent's desk; the interaction waits again where it stood.
    pub(super) fn take_back_offer(&mut self, agent: AgentId, cause: EndCause, now: Timestamp) {
        let Some(id) = self.agents.get(&agent).and_then(|agent| agent.offer) else {
            return;
        };
        self.withdraw(id, cause);
        let pause = now + self.setup.times.decline_pause;
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.stage = Stage::Waiting;
            interaction.spared.insert(agent, pause);
            self.deadlines.set(pause, Deadline::Spared(id));
        }
        self.wait_on(id, now);
        self.tell_place(id, When::Now, now);
    }

    /// Stops the ringing for this interaction. Its stage is for the caller to change.
    pub(super) fn withdraw(&mut self, id: InteractionId, cause: EndCause) {
        let Some(Interaction {
            stage: Stage::Offered { agent, .. },
            epoch,
            ..
        }) = self.interactions.get(&id)
        else {
            return;
        };
        let (agent, epoch) = (*agent, *epoch);
        self.deadlines.drop(Deadline::Offer(id, epoch));
        self.stop_ring(id, false);
        if let Some(ringing) = self.agents.get_mut(&agent) {
            ringing.offer = None;
        }
        self.changed.insert(agent);
        let event = AgentEvent::Withdrawn {
            interaction: id,
            epoch,
            cause,
        };
        self.tell_agent(agent, event, When::Now);
        self.note(Note::Withdrawn(cause));
    }
}
