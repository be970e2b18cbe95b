//! What pages are shown: whole states for a new connection, and status that changes for many.

use bellwire_proto::{
    agent::{AgentEvent, DeskView, Offer, Work, WorkStage},
    id::{AgentId, CallUri, InteractionId, SessionId},
    interaction::{Medium, Seen},
    time::{Timestamp, millis},
    visitor::{AgentCard, InteractionView, SessionView, VisitorStage},
};

use super::Centre;
use crate::{
    When,
    interaction::{Interaction, Stage},
    sessions::Session,
};

impl Centre {
    pub(super) fn session_view(&self, id: SessionId, seen: &[Seen]) -> SessionView {
        let site = self
            .sessions
            .get(&id)
            .and_then(|session| self.site(&session.site));
        let session = self.sessions.get(&id);
        let interactions = (session.into_iter())
            .flat_map(|session| &session.interactions)
            .filter_map(|id| self.interactions.get(id))
            .map(|interaction| self.interaction_view(interaction, seen))
            .collect();
        SessionView {
            centre: self.audience_view(id),
            name: session.and_then(|session| session.name.clone()),
            interactions,
            monitored: session.is_some_and(Session::is_watched),
            collects: site.map_or_else(Vec::new, |site| site.collects.iter().copied().collect()),
            keep_days: site.map_or(0, |site| site.keep_days),
            invited: session.and_then(|session| Some(session.invited.as_ref()?.view.clone())),
        }
    }

    fn interaction_view(&self, interaction: &Interaction, seen: &[Seen]) -> InteractionView {
        InteractionView {
            interaction: interaction.id,
            medium: interaction.medium,
            video: interaction.video,
            stage: self.visitor_stage(interaction),
            chat: interaction.chat.after(cursor(interaction.id, seen)),
            prompt: self.prompt(interaction.id),
            left_message: interaction.context.left_message,
        }
    }

    fn visitor_stage(&self, interaction: &Interaction) -> VisitorStage {
        match &interaction.stage {
            Stage::Waiting if !interaction.is_placed() => VisitorStage::Asked,
            Stage::Waiting | Stage::Offered { .. } => VisitorStage::Waiting {
                // All pages show the place that was told last: they hear of changes together.
                position: match interaction.told_position {
                    0 => self.position(interaction),
                    told => told,
                },
                ringing: matches!(interaction.stage, Stage::Offered { .. }),
                wait: interaction.told_wait,
            },
            Stage::Talking { agent, since, held } => VisitorStage::Connected {
                agent: AgentCard {
                    name: (self.agents.get(agent))
                        .map_or_else(String::new, |agent| agent.setup.name.clone()),
                },
                peer: interaction.agent.peer(),
                own: interaction.visitor.peer(),
                held: *held,
                reachable: self.agent_reachable(interaction, *agent),
                since: *since,
            },
            Stage::WrapUp {
                since, cause, by, ..
            } => VisitorStage::Ended {
                cause: *cause,
                by: *by,
                at: *since,
            },
            Stage::Closed { at, cause, by, .. } => VisitorStage::Ended {
                cause: *cause,
                by: *by,
                at: *at,
            },
        }
    }

    fn agent_reachable(&self, interaction: &Interaction, agent: AgentId) -> bool {
        match interaction.medium {
            Medium::Call => interaction.agent.connection().is_some(),
            Medium::Chat => (self.agents.get(&agent)).is_some_and(|a| a.connection().is_some()),
        }
    }

    fn visitor_reachable(&self, interaction: &Interaction) -> bool {
        match interaction.medium {
            Medium::Call => interaction.visitor.connection().is_some(),
            Medium::Chat => (self.sessions.get(&interaction.session)).is_some_and(Session::is_here),
        }
    }

    pub(super) fn position(&self, interaction: &Interaction) -> u32 {
        let line = self.lines.get(&(interaction.queue, interaction.medium));
        line.map_or(1, |line| line.position(interaction.place, interaction.id))
    }

    pub(super) fn offer_view(&self, id: InteractionId, now: Timestamp) -> Option<Offer> {
        let interaction = self.interactions.get(&id)?;
        let Stage::Offered { until, .. } = interaction.stage else {
            return None;
        };
        Some(Offer {
            interaction: id,
            epoch: interaction.epoch,
            medium: interaction.medium,
            video: interaction.video,
            queue: self.queue_name(interaction.queue),
            waited_ms: millis(now.since(interaction.created)),
            ring_ms: millis(until.since(now)),
            context: interaction.context.clone(),
            rings: interaction.rings,
        })
    }

    pub(super) fn work_view(&self, id: InteractionId, seen: u32) -> Option<Work> {
        let interaction = self.interactions.get(&id)?;
        let stage = match interaction.stage {
            Stage::Talking { since, held, .. } => WorkStage::Talking { since, held },
            Stage::WrapUp {
                since, cause, by, ..
            } => WorkStage::WrapUp { since, cause, by },
            Stage::Waiting | Stage::Offered { .. } | Stage::Closed { .. } => return None,
        };
        let uri = CallUri {
            centre: self.setup.centre.clone(),
            interaction: id,
        };
        Some(Work {
            interaction: id,
            uri: uri.to_string(),
            medium: interaction.medium,
            video: interaction.video,
            queue: self.queue_name(interaction.queue),
            stage,
            context: interaction.context.clone(),
            chat: interaction.chat.after(seen),
            reachable: self.visitor_reachable(interaction),
            peer: interaction.visitor.peer(),
            own: interaction.agent.peer(),
            phone: interaction.phone,
        })
    }

    /// Tells a desk all it needs to know.
    pub(super) fn show_desk(&mut self, id: AgentId, seen: &[Seen], now: Timestamp) {
        let Some(agent) = self.agents.get(&id) else {
            return;
        };
        let work = (agent.work.iter())
            .filter_map(|id| self.work_view(*id, cursor(*id, seen)))
            .collect();
        let ringing = agent.offer.and_then(|offer| self.offer_view(offer, now));
        let view = DeskView {
            agent: id,
            name: agent.setup.name.clone(),
            chosen: agent.chosen.clone(),
            state: agent.state(),
            since: agent.told.1.max(agent.since),
            offer: ringing,
            work,
            queues: self.queues_of(id, now),
            reasons: self.setup.reasons.clone(),
            dispositions: self.setup.dispositions.clone(),
            role: agent.setup.role,
            capacity: agent.setup.capacity,
            devices: agent.devices(),
        };
        self.tell_agent(id, AgentEvent::Desk(view), When::Stored);
    }

    /// Tells the desks of agents whose state changed.
    pub(super) fn tell_states(&mut self, now: Timestamp) {
        for id in std::mem::take(&mut self.restate) {
            let changed = (self.agents.get(&id)).is_some_and(|agent| agent.state() != agent.told.0);
            if changed {
                self.tell_state(id, now);
                self.status_due = true;
            }
        }
    }

    pub(super) fn tell_state(&mut self, id: AgentId, now: Timestamp) {
        let Some(agent) = self.agents.get_mut(&id) else {
            return;
        };
        let state = agent.state();
        if agent.told.0 != state {
            agent.told = (state.clone(), now);
        }
        let event = AgentEvent::State {
            chosen: agent.chosen.clone(),
            state,
            since: agent.told.1.max(agent.since),
        };
        self.tell_agent(id, event, When::Now);
    }
}

fn cursor(id: InteractionId, seen: &[Seen]) -> u32 {
    (seen.iter().find(|seen| seen.interaction == id)).map_or(0, |seen| seen.seq)
}

pub(super) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
