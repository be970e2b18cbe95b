//! The whole floor: joins what sessions, agents, interactions and routing decide.
//!
//! The commands of either side are in [`visitor`] and [`desk`], assignment in [`offer`], the
//! ends of contacts in [`ending`], what pages are shown in [`view`], deadlines in [`timer`].

mod desk;
mod ending;
mod offer;
mod timer;
mod view;
mod visitor;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bellwire_proto::{
    agent::{AgentEvent, Chosen, QueueView},
    id::{AgentId, ConnectionId, InteractionId, QueueId, SessionId},
    interaction::{ChatMessage, Medium},
    time::Timestamp,
    visitor::{CentreView, VisitorEvent},
};

use self::timer::{Deadline, Deadlines, Party};
use crate::{
    Input, Note, Output, When,
    agents::Agent,
    interaction::{ChatLog, Interaction, Stage},
    leg::Leg,
    record::{InteractionRecord, Record},
    routing::{Line, Needs, Place, Pool, traits},
    sessions::Session,
    setup::{QueueSetup, Setup},
};

/// What a restart is rebuilt from.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    /// Every interaction that is not closed, or was closed a short while ago, with its chat.
    pub interactions: Vec<(InteractionRecord, Vec<ChatMessage>)>,
    /// What agents chose, and since when.
    pub agents: Vec<(AgentId, Chosen, Timestamp)>,
}

/// The contact centre as a state machine.
#[derive(Debug)]
pub struct Centre {
    setup: Setup,
    agents: BTreeMap<AgentId, Agent>,
    sessions: BTreeMap<SessionId, Session>,
    interactions: BTreeMap<InteractionId, Interaction>,
    /// Whose a visitor's connection is.
    pages: BTreeMap<ConnectionId, SessionId>,
    /// Whose a desk's connection is.
    desks: BTreeMap<ConnectionId, AgentId>,
    lines: BTreeMap<(QueueId, Medium), Line>,
    pool: Pool,
    deadlines: Deadlines,
    /// Interactions that began to wait, and agents whose freedom changed, since the last match.
    unmatched: BTreeSet<InteractionId>,
    changed: BTreeSet<AgentId>,
    /// Agents whose state may be another than the one last told.
    restate: BTreeSet<AgentId>,
    told_status: CentreView,
    told_queues: BTreeMap<QueueId, QueueView>,
    status_due: bool,
    last_status: Timestamp,
    outputs: VecDeque<Output>,
}

impl Centre {
    /// A centre as it was before a restart; empty where nothing was stored.
    ///
    /// Every page counts as gone since `now`: calls and chats go on when pages come back within
    /// the grace periods.
    #[must_use]
    pub fn restore(setup: Setup, restored: Restored, now: Timestamp) -> Self {
        let mut centre = Self {
            setup,
            agents: BTreeMap::new(),
            sessions: BTreeMap::new(),
            interactions: BTreeMap::new(),
            pages: BTreeMap::new(),
            desks: BTreeMap::new(),
            lines: BTreeMap::new(),
            pool: Pool::default(),
            deadlines: Deadlines::default(),
            unmatched: BTreeSet::new(),
            changed: BTreeSet::new(),
            restate: BTreeSet::new(),
            told_status: CentreView::default(),
            told_queues: BTreeMap::new(),
            status_due: false,
            last_status: Timestamp(0),
            outputs: VecDeque::new(),
        };
        centre.staff(now);
        for (agent, chosen, since) in restored.agents {
            if let Some(known) = centre.agents.get_mut(&agent) {
                known.chosen = chosen;
                known.since = since;
                known.idle_since = since;
                centre
                    .deadlines
                    .set(now + centre.setup.times.grace, Deadline::Lapse(agent));
            }
        }
        for (record, chat) in restored.interactions {
            centre.readmit(record, chat, now);
        }
        centre
    }

    /// Takes in what a shell heard.
    pub fn handle_input(&mut self, input: Input, now: Timestamp) {
        match input {
            Input::Setup(setup) => self.set_up(*setup, now),
            Input::VisitorJoined {
                session,
                connection,
                tab,
                site,
                seen,
            } => self.visitor_joined(session, connection, tab, site, &seen, now),
            Input::Visitor {
                connection,
                command,
            } => self.visitor_asks(connection, command, now),
            Input::VisitorLeft { connection } => self.visitor_left(connection, now),
            Input::AgentJoined {
                agent,
                connection,
                tab,
                seen,
            } => self.agent_joined(agent, connection, tab, &seen, now),
            Input::Agent {
                connection,
                command,
            } => self.agent_asks(connection, command, now),
            Input::AgentLeft { connection } => self.agent_left(connection, now),
            Input::AgentSignedOut { agent } => self.agent_signed_out(agent, now),
        }
        self.settle(now);
    }

    /// Lets time pass. Calling it early is harmless.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        while let Some(deadline) = self.deadlines.due(now) {
            self.meet(deadline, now);
        }
        self.settle(now);
    }

    /// The next thing to do, in the order it was decided.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Self::handle_timeout`], and what for (shown in traces).
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Timestamp, &'static str)> {
        self.deadlines.next()
    }

    /// Matches whoever waits with whoever is free, and tells changed states.
    fn settle(&mut self, now: Timestamp) {
        self.assign(now);
        self.tell_states(now);
        self.plan_status(now);
    }

    /// Takes in the agents of the setup.
    fn staff(&mut self, now: Timestamp) {
        for setup in self.setup.agents.clone() {
            let id = setup.id;
            self.pool.know(id, traits(&setup));
            match self.agents.get_mut(&id) {
                Some(agent) => agent.setup = setup,
                None => {
                    let reason = String::new();
                    let agent = Agent::new(setup, Chosen::NotReady { reason }, now, now);
                    self.agents.insert(id, agent);
                }
            }
            self.changed.insert(id);
        }
    }

    fn set_up(&mut self, setup: Setup, now: Timestamp) {
        self.setup = setup;
        let kept: BTreeSet<_> = self.setup.agents.iter().map(|agent| agent.id).collect();
        let gone: Vec<_> = (self.agents.keys().copied())
            .filter(|id| !kept.contains(id))
            .collect();
        for id in gone {
            self.dismiss(id, now);
        }
        self.staff(now);
        self.replace_waiting();
        for id in kept {
            self.show_desk(id, &[], now);
        }
    }

    /// An agent was taken out of the centre: keeps what they have, gets nothing new.
    fn dismiss(&mut self, id: AgentId, now: Timestamp) {
        if let Some(agent) = self.agents.get_mut(&id) {
            agent.setup.capacity = crate::setup::Capacity { calls: 0, chats: 0 };
        }
        self.changed.insert(id);
        self.take_back_offer(id, bellwire_proto::interaction::EndCause::Vanished, now);
    }

    /// Priorities and needs may have changed: everyone stands in line anew.
    fn replace_waiting(&mut self) {
        let waiting: Vec<_> = (self.interactions.values())
            .filter(|interaction| interaction.stage == Stage::Waiting)
            .map(|interaction| interaction.id)
            .collect();
        for id in waiting {
            self.leave_line(id);
            let found = (self.interactions.get(&id)).and_then(|i| self.queue(i.queue).cloned());
            if let (Some(queue), Some(interaction)) = (found, self.interactions.get_mut(&id)) {
                interaction.needs = Needs::of(&queue);
                let ageing = self.setup.times.ageing;
                interaction.place = Place::new(interaction.created, queue.priority, ageing);
            }
            self.join_line(id);
        }
    }

    /// Takes an interaction back in after a restart.
    fn readmit(&mut self, record: InteractionRecord, chat: Vec<ChatMessage>, now: Timestamp) {
        let id = record.interaction;
        let away = |peer| Leg::Away { since: now, peer };
        let (needs, priority) = (self.queue(record.queue))
            .map_or_else(Default::default, |queue| (Needs::of(queue), queue.priority));
        let interaction = Interaction {
            id,
            session: record.session,
            site: record.site.clone(),
            medium: record.medium,
            video: record.video,
            queue: record.queue,
            needs,
            place: Place::new(record.created, priority, self.setup.times.ageing),
            created: record.created,
            epoch: record.epoch,
            stage: Stage::restore(record.stage),
            context: record.context,
            chat: ChatLog::restore(chat, record.read),
            visitor: away(record.visitor_peer),
            agent: away(record.agent_peer),
            spared: BTreeMap::new(),
            told_position: 0,
        };
        let session =
            (self.sessions.entry(record.session)).or_insert_with(|| Session::new(record.site));
        session.interactions.push(id);
        session.name.clone_from(&interaction.context.name);
        session.page = interaction.context.page.clone();
        session.journey.clone_from(&interaction.context.journey);
        let times = self.setup.times;
        match &interaction.stage {
            Stage::Waiting | Stage::Offered { .. } => {}
            Stage::Talking { agent, .. } | Stage::WrapUp { agent, .. } => {
                self.give_work(*agent, &interaction);
                self.deadlines
                    .set(now + times.grace, Deadline::Grace(id, Party::Agent));
            }
            Stage::Closed { at, .. } => {
                self.deadlines.set(*at + times.linger, Deadline::Linger(id));
            }
        }
        let live = interaction.is_live();
        let medium = interaction.medium;
        self.interactions.insert(id, interaction);
        if live {
            self.deadlines.set(
                now + self.visitor_grace(medium),
                Deadline::Grace(id, Party::Customer),
            );
            self.join_line(id);
        }
    }

    /// Books an interaction on its agent.
    fn give_work(&mut self, agent: AgentId, interaction: &Interaction) {
        let Some(agent) = self.agents.get_mut(&agent) else {
            return;
        };
        if agent.work.insert(interaction.id) {
            agent.load.add(interaction.medium);
        }
        let wrapping = matches!(interaction.stage, Stage::WrapUp { .. });
        agent.wrapping += usize::from(wrapping);
        self.changed.insert(agent.setup.id);
    }

    fn visitor_grace(&self, medium: Medium) -> std::time::Duration {
        match medium {
            Medium::Call => self.setup.times.grace,
            Medium::Chat => self.setup.times.chat_grace,
        }
    }

    fn queue(&self, id: QueueId) -> Option<&QueueSetup> {
        self.setup.queues.iter().find(|queue| queue.id == id)
    }

    fn queue_name(&self, id: QueueId) -> String {
        self.queue(id)
            .map_or_else(String::new, |queue| queue.name.clone())
    }

    fn line(&mut self, interaction: InteractionId) -> Option<(&mut Line, Place)> {
        let interaction = self.interactions.get(&interaction)?;
        let line = (self.lines)
            .entry((interaction.queue, interaction.medium))
            .or_default();
        Some((line, interaction.place))
    }

    /// Stands in line where it waits and its visitor can be reached.
    fn join_line(&mut self, id: InteractionId) {
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        let reachable = match interaction.medium {
            Medium::Call => interaction.visitor.connection().is_some(),
            Medium::Chat => true,
        };
        if interaction.stage != Stage::Waiting || !reachable {
            return;
        }
        if let Some((line, place)) = self.line(id) {
            line.join(place, id);
            self.unmatched.insert(id);
        }
        self.status_due = true;
    }

    fn leave_line(&mut self, id: InteractionId) {
        if let Some((line, place)) = self.line(id) {
            line.leave(place, id);
        }
        self.unmatched.remove(&id);
        self.status_due = true;
    }

    fn record(&mut self, id: InteractionId) {
        if let Some(interaction) = self.interactions.get(&id) {
            let record = Record::Interaction(Box::new(interaction.record()));
            self.outputs.push_back(Output::Record(record));
        }
    }

    fn note(&mut self, note: Note) {
        self.outputs.push_back(Output::Noted(note));
    }

    /// Tells every page of the interaction's visitor.
    fn tell_visitor(&mut self, id: InteractionId, event: &VisitorEvent, when: When) {
        let Some(session) = (self.interactions.get(&id))
            .and_then(|interaction| self.sessions.get(&interaction.session))
        else {
            return;
        };
        for (_, to) in &session.tabs {
            self.outputs.push_back(Output::TellVisitor {
                to: *to,
                event: event.clone(),
                when,
            });
        }
    }

    fn tell_page(&mut self, to: ConnectionId, event: VisitorEvent, when: When) {
        (self.outputs).push_back(Output::TellVisitor { to, event, when });
    }

    /// Tells the window where this agent works.
    fn tell_agent(&mut self, agent: AgentId, event: AgentEvent, when: When) {
        let Some(to) = self.agents.get(&agent).and_then(Agent::connection) else {
            return;
        };
        (self.outputs).push_back(Output::TellAgent { to, event, when });
    }

    /// Tells the desk that has the interaction.
    fn tell_worker(&mut self, id: InteractionId, event: AgentEvent, when: When) {
        if let Some(agent) = self.interactions.get(&id).and_then(Interaction::worker) {
            self.tell_agent(agent, event, when);
        }
    }

    /// Builds or takes down the bridge between the two pages of a call.
    fn bridge(&mut self, id: InteractionId) {
        let Some(call) = self.interactions.get(&id) else {
            return;
        };
        let talking = matches!(call.stage, Stage::Talking { .. });
        let output = match (call.visitor.connection(), call.agent.connection()) {
            (Some(visitor), Some(agent)) if talking => Output::Bridge {
                interaction: id,
                visitor,
                agent,
            },
            _ => Output::Unbridge { interaction: id },
        };
        self.outputs.push_back(output);
    }
}
