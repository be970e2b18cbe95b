//! What pages are shown: whole states for a new connection, and status that changes for many.

use bellwire_proto::{
    agent::{AgentEvent, DeskView, Offer, QueueView, Work, WorkStage},
    id::{AgentId, CallUri, InteractionId, QueueId, SessionId},
    interaction::{Medium, Seen},
    time::{Timestamp, millis},
    visitor::{AgentCard, CentreView, InteractionView, SessionView, VisitorEvent, VisitorStage},
};

use super::{Centre, timer::Deadline};
use crate::{
    Output, When,
    interaction::{Interaction, Stage},
    sessions::Session,
};

impl Centre {
    pub(super) fn session_view(&self, id: SessionId, seen: &[Seen]) -> SessionView {
        let session = self.sessions.get(&id);
        let interactions = (session.into_iter())
            .flat_map(|session| &session.interactions)
            .filter_map(|id| self.interactions.get(id))
            .map(|interaction| self.interaction_view(interaction, seen))
            .collect();
        SessionView {
            centre: self.centre_view(),
            name: session.and_then(|session| session.name.clone()),
            interactions,
        }
    }

    fn interaction_view(&self, interaction: &Interaction, seen: &[Seen]) -> InteractionView {
        InteractionView {
            interaction: interaction.id,
            medium: interaction.medium,
            video: interaction.video,
            stage: self.visitor_stage(interaction),
            chat: interaction.chat.after(cursor(interaction.id, seen)),
        }
    }

    fn visitor_stage(&self, interaction: &Interaction) -> VisitorStage {
        match &interaction.stage {
            Stage::Waiting | Stage::Offered { .. } => VisitorStage::Waiting {
                position: self.position(interaction),
                ringing: matches!(interaction.stage, Stage::Offered { .. }),
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

    fn position(&self, interaction: &Interaction) -> u32 {
        let line = self.lines.get(&(interaction.queue, interaction.medium));
        line.map_or(1, |line| line.position(interaction.place, interaction.id))
    }

    /// Tells the visitor the place in line.
    pub(super) fn tell_place(&mut self, id: InteractionId, when: When) {
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        let position = self.position(interaction);
        let event = VisitorEvent::Waiting {
            interaction: id,
            position,
            ringing: matches!(interaction.stage, Stage::Offered { .. }),
        };
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.told_position = position;
        }
        self.tell_visitor(id, &event, when);
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
            since: agent.since,
            offer: ringing,
            work,
            queues: self.queues_of(id),
            reasons: self.setup.reasons.clone(),
            dispositions: self.setup.dispositions.clone(),
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

    /// Sees to it that changed status is told soon, and not too often.
    pub(super) fn plan_status(&mut self, now: Timestamp) {
        if !self.status_due || self.deadlines.is_set(Deadline::Status) {
            return;
        }
        let at = now.max(self.last_status + self.setup.times.status_every);
        self.deadlines.set(at, Deadline::Status);
    }

    /// Tells everyone whom it concerns what changed in the lines and on the floor.
    pub(super) fn tell_status(&mut self, now: Timestamp) {
        self.status_due = false;
        self.last_status = now;
        let view = self.centre_view();
        if view != self.told_status {
            self.told_status = view;
            self.outputs.push_back(Output::TellVisitors(view));
        }
        self.tell_positions();
        self.tell_queues();
    }

    fn tell_positions(&mut self) {
        let moved: Vec<_> = (self.lines.values())
            .flat_map(|line| (1..).zip(line.iter()))
            .filter(|(position, (_, id))| {
                (self.interactions.get(id)).is_some_and(|i| i.told_position != *position)
            })
            .map(|(position, (_, id))| (id, position))
            .collect();
        for (id, position) in moved {
            if let Some(interaction) = self.interactions.get_mut(&id) {
                interaction.told_position = position;
            }
            let event = VisitorEvent::Waiting {
                interaction: id,
                position,
                ringing: false,
            };
            self.tell_visitor(id, &event, When::Now);
        }
    }

    fn tell_queues(&mut self) {
        let views: Vec<_> = (self.setup.queues.iter())
            .map(|queue| (queue.id, self.queue_view(queue.id)))
            .collect();
        let mut changed = vec![];
        for (id, view) in views {
            if self.told_queues.get(&id) != Some(&view) {
                self.told_queues.insert(id, view);
                changed.push(id);
            }
        }
        if changed.is_empty() {
            return;
        }
        let concerned: Vec<_> = (self.agents.values())
            .filter(|agent| agent.connection().is_some())
            .filter(|agent| {
                agent
                    .setup
                    .queues
                    .iter()
                    .any(|queue| changed.contains(queue))
            })
            .map(|agent| agent.setup.id)
            .collect();
        for id in concerned {
            let queues = self.queues_of(id);
            self.tell_agent(id, AgentEvent::Queues(queues), When::Now);
        }
    }

    fn queues_of(&self, id: AgentId) -> Vec<QueueView> {
        let queues = self.agents.get(&id).map(|agent| &agent.setup.queues);
        (queues.into_iter().flatten())
            .map(|queue| self.queue_view(*queue))
            .collect()
    }

    fn queue_view(&self, id: QueueId) -> QueueView {
        let lines = [Medium::Call, Medium::Chat].map(|medium| self.lines.get(&(id, medium)));
        let waiting = lines.iter().flatten().map(|line| line.len()).sum::<usize>();
        let oldest = (lines.iter().flatten())
            .flat_map(|line| line.iter())
            .filter_map(|(_, id)| self.interactions.get(&id))
            .map(|interaction| interaction.created)
            .min();
        let ready = (self.agents.values())
            .filter(|agent| agent.setup.queues.contains(&id) && agent.free().is_some())
            .count();
        QueueView {
            name: self.queue_name(id),
            waiting: small(waiting),
            oldest,
            ready: small(ready),
        }
    }

    fn centre_view(&self) -> CentreView {
        let staffed = |medium| {
            let agents = self.agents.values();
            small(agents.filter(|agent| agent.is_staffed(medium)).count())
        };
        CentreView {
            call_agents: staffed(Medium::Call),
            chat_agents: staffed(Medium::Chat),
            waiting: small(self.lines.values().map(crate::routing::Line::len).sum()),
        }
    }
}

fn cursor(id: InteractionId, seen: &[Seen]) -> u32 {
    (seen.iter().find(|seen| seen.interaction == id)).map_or(0, |seen| seen.seq)
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
