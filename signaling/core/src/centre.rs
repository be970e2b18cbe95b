//! The whole floor: joins what sessions, agents, interactions and routing decide.
//!
//! The commands of either side are in [`visitor`] and [`desk`]; what visitors do is heard in
//! [`watching`], how contacts come to their queues in [`entering`] and [`asking`], what becomes of those who stand there in [`standing`],
//! a change of mind in [`changing`], invitations in
//! [`inviting`]; callers by telephone are in [`telephone`], agents' telephones in [`phones`]; assignment is in [`offer`], its reasons in [`explain`], the ends of contacts in
//! [`ending`]; what pages are shown in [`view`], what many are told in [`status`], who is counted
//! in [`crowd`], deadlines in [`timer`].

mod asking;
mod changing;
mod crowd;
mod desk;
mod ending;
mod entering;
mod explain;
mod inviting;
mod offer;
mod phones;
mod standing;
mod status;
mod telephone;
mod timer;
mod view;
mod visitor;
mod watching;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bellwire_proto::{
    agent::{AgentEvent, Chosen, Device, QueueView},
    id::{AgentId, ConnectionId, InteractionId, InvitationId, QueueId, SessionId},
    interaction::{ChatMessage, Medium},
    time::Timestamp,
    visitor::{CentreView, VisitorEvent},
};

use self::{
    crowd::Crowd,
    status::AudienceKey,
    timer::{Deadline, Deadlines, Party},
};
use crate::{
    Audience, Input, Note, Output, When,
    agents::Agent,
    interaction::{ChatLog, Interaction, Stage},
    leg::Leg,
    record::{InteractionRecord, Record, StageRecord},
    routing::{Line, Needs, Place, Pool, traits},
    sessions::{Remembered, Session},
    setup::{Queue, Setup},
    wait::LineWaits,
};

/// What a restart is rebuilt from.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    /// Every interaction that is not closed, or was closed a short while ago, with its chat.
    pub interactions: Vec<(InteractionRecord, Vec<ChatMessage>)>,
    /// What agents chose, and since when.
    pub agents: Vec<(AgentId, Chosen, Timestamp)>,
    /// Where agents take calls.
    pub devices: Vec<(AgentId, Device)>,
    /// Who was invited, or left alone for comparison, and when.
    pub invited: Vec<(SessionId, InvitationId, Timestamp)>,
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
    /// Which call the telephone of an agent carries.
    phones: BTreeMap<ConnectionId, InteractionId>,
    lines: BTreeMap<(QueueId, Medium), Line>,
    pool: Pool,
    deadlines: Deadlines,
    /// Interactions that began to wait, and agents whose freedom changed, since the last match.
    unmatched: BTreeSet<InteractionId>,
    changed: BTreeSet<AgentId>,
    /// Agents whose state may be another than the one last told.
    restate: BTreeSet<AgentId>,
    /// Who serves each queue.
    staff: BTreeMap<QueueId, Vec<AgentId>>,
    crowd: Crowd,
    waits: BTreeMap<(QueueId, Medium), LineWaits>,
    audiences: BTreeMap<AudienceKey, (Audience, CentreView)>,
    last_audience: Audience,
    /// Who was invited, or left alone for comparison.
    invited: BTreeMap<SessionId, Vec<Remembered>>,
    /// Whose invitations stand, by what they would lead to.
    standing: BTreeMap<(QueueId, Medium), BTreeSet<SessionId>>,
    /// Up to which session visitors were looked at for invitations.
    looked_until: SessionId,
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
            phones: BTreeMap::new(),
            lines: BTreeMap::new(),
            pool: Pool::default(),
            deadlines: Deadlines::default(),
            unmatched: BTreeSet::new(),
            changed: BTreeSet::new(),
            restate: BTreeSet::new(),
            staff: BTreeMap::new(),
            crowd: Crowd::default(),
            waits: BTreeMap::new(),
            audiences: BTreeMap::new(),
            last_audience: Audience(0),
            invited: BTreeMap::new(),
            standing: BTreeMap::new(),
            looked_until: SessionId::new(Timestamp(0), 0),
            told_queues: BTreeMap::new(),
            status_due: false,
            last_status: Timestamp(0),
            outputs: VecDeque::new(),
        };
        centre.staff(now);
        centre.plan_hours(now);
        for (session, invitation, at) in restored.invited {
            let remembered = Remembered {
                invitation,
                at,
                visit: 0,
                // Whether contact followed was counted before.
                credited: true,
            };
            centre.remember_invitation(session, remembered);
        }
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
        for (agent, device) in restored.devices {
            if let Some(known) = (centre.agents.get_mut(&agent)).filter(|a| a.may_use(device)) {
                known.device = device;
            }
        }
        let ids: Vec<_> = (restored.interactions.into_iter())
            .map(|(record, chat)| centre.readmit(record, chat, now))
            .collect();
        centre.readmit_waiting(ids, now);
        centre.let_callers_go(now);
        centre.status_due = true;
        centre.plan_status(now);
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
                known,
            } => self.visitor_joined((session, connection, tab), site, &seen, *known, now),
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
            Input::Telephone(telephone) => self.telephone(telephone, now),
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
                Some(agent) => {
                    agent.setup = setup;
                    if !agent.may_use(agent.device) {
                        agent.device = Device::Browser;
                    }
                }
                None => {
                    let reason = String::new();
                    let agent = Agent::new(setup, Chosen::NotReady { reason }, now, now);
                    self.agents.insert(id, agent);
                    self.give_back_work(id);
                }
            }
            self.changed.insert(id);
        }
        self.see_who_serves();
        self.staff.clear();
        for agent in &self.setup.agents {
            for queue in &agent.queues {
                self.staff.entry(*queue).or_default().push(agent.id);
            }
        }
    }

    fn set_up(&mut self, setup: Setup, now: Timestamp) {
        self.setup = setup;
        self.staff(now);
        let kept: BTreeSet<_> = self.setup.agents.iter().map(|agent| agent.id).collect();
        let gone: Vec<_> = (self.agents.keys().copied())
            .filter(|id| !kept.contains(id))
            .collect();
        for id in gone {
            self.dismiss(id, now);
        }
        self.replace_waiting(now);
        self.plan_hours(now);
        self.follow_anew(now);
        self.review_invitations();
        self.status_due = true;
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
    fn replace_waiting(&mut self, now: Timestamp) {
        let waiting: Vec<_> = (self.interactions.values())
            .filter(|interaction| interaction.stage == Stage::Waiting && interaction.is_placed())
            .map(|interaction| interaction.id)
            .collect();
        for id in &waiting {
            self.leave_line(*id);
        }
        self.stand_anew(&waiting, now);
    }

    /// Stand in line by what the set-up says now. All do before any is moved on by its queue's
    /// rules: they count who waits elsewhere.
    fn stand_anew(&mut self, waiting: &[InteractionId], now: Timestamp) {
        for id in waiting {
            let found = (self.interactions.get(id)).and_then(|i| self.queue(i.queue));
            let Some(queue) = found else { continue };
            let priority = queue.priority.saturating_add(self.priority_of(*id));
            if let Some(interaction) = self.interactions.get_mut(id) {
                let came = interaction.way.entered.unwrap_or(interaction.created);
                interaction.place = Place::new(came, priority, self.setup.times.ageing);
            }
            self.refit(*id, now);
            self.join_line(*id);
        }
        for id in waiting {
            self.wait_on(*id, now);
        }
    }

    /// Takes an interaction back in after a restart.
    fn readmit(
        &mut self,
        record: InteractionRecord,
        chat: Vec<ChatMessage>,
        now: Timestamp,
    ) -> InteractionId {
        let id = record.interaction;
        let away = |peer| Leg::Away { since: now, peer };
        let mut way = record.way;
        if way.asked.is_empty() {
            // Nothing was to be known first: it waited at once.
            way.entered.get_or_insert(record.created);
        }
        let interaction = Interaction {
            id,
            session: record.session,
            site: record.site.clone(),
            medium: record.medium,
            video: record.video,
            queue: record.queue,
            needs: Needs::default(),
            place: Place::new(record.created, 0, self.setup.times.ageing),
            created: record.created,
            prefers: BTreeMap::new(),
            queued: way.entered.unwrap_or(record.created),
            way,
            reserved: None,
            guess: None,
            offered: record.offered,
            epoch: record.epoch,
            stage: restored_stage(record.stage, record.on_phone),
            context: record.context,
            chat: ChatLog::restore(chat, record.read),
            visitor: away(record.visitor_peer),
            agent: away(record.agent_peer),
            phone: None,
            rings: Device::Browser,
            spared: BTreeMap::new(),
            told_position: 0,
            told_wait: None,
        };
        let session =
            (self.sessions.entry(record.session)).or_insert_with(|| Session::new(record.site));
        session.interactions.push(id);
        if interaction.context.name.is_some() {
            session.name.clone_from(&interaction.context.name);
        }
        session.page = interaction.context.page.clone();
        if session.journey.events().is_empty() {
            session.journey =
                crate::collect::Journal::restored(interaction.context.journey.clone());
        }
        session.intents.clone_from(&interaction.context.intents);
        session.learn(&interaction.way.answers, &interaction.context.answers);
        session.past.clone_from(&interaction.context.past);
        session.visits = interaction.context.visits;
        let times = self.setup.times;
        match &interaction.stage {
            Stage::Waiting | Stage::Offered { .. } => {}
            Stage::Talking { agent, .. } | Stage::WrapUp { agent, .. } => {
                let wraps = matches!(interaction.stage, Stage::WrapUp { .. });
                self.give_work(*agent, id, interaction.medium, wraps);
                self.deadlines
                    .set(now + times.grace, Deadline::Grace(id, Party::Agent));
            }
            Stage::Closed { at, agent, .. } => {
                self.deadlines.set(*at + times.linger, Deadline::Linger(id));
                // The line remembers how long contacts take, so that waits are told at once.
                let served = agent.and(interaction.offered);
                if let Some(offered) = served.filter(|_| !interaction.context.left_message) {
                    let line = (interaction.queue, interaction.medium);
                    (self.waits.entry(line).or_default()).finished(at.since(offered));
                }
            }
        }
        let live = interaction.is_live();
        let orphan = matches!(interaction.stage, Stage::WrapUp { agent, .. } if !self.agents.contains_key(&agent));
        self.interactions.insert(id, interaction);
        if orphan {
            self.finish(id, None, String::new(), now);
        }
        if live {
            let until = now + self.visitor_grace(id);
            (self.deadlines).set(until, Deadline::Grace(id, Party::Customer));
        }
        id
    }

    /// Those who waited stand in line again; one whose last answer was taken in comes in by it.
    fn readmit_waiting(&mut self, mut ids: Vec<InteractionId>, now: Timestamp) {
        ids.retain(|id| {
            (self.interactions.get(id)).is_some_and(|i| i.stage == Stage::Waiting && i.is_placed())
        });
        let entered = |id: &InteractionId| {
            (self.interactions.get(id)).is_some_and(|i| i.way.entered.is_some())
        };
        let (waited, answered): (Vec<_>, Vec<_>) = ids.into_iter().partition(entered);
        self.stand_anew(&waited, now);
        for id in answered {
            self.enter(id, now);
        }
    }

    /// Books an interaction on its agent.
    fn give_work(&mut self, agent: AgentId, id: InteractionId, medium: Medium, wraps: bool) {
        let Some(agent) = self.agents.get_mut(&agent) else {
            return;
        };
        if agent.work.insert(id) {
            agent.load.add(medium);
            agent.wrapping += usize::from(wraps);
        }
        self.changed.insert(agent.setup.id);
    }

    /// One who was taken out of the centre is in it again: has what they had before a restart.
    fn give_back_work(&mut self, agent: AgentId) {
        let work: Vec<_> = (self.interactions.values())
            .filter(|interaction| interaction.worker() == Some(agent))
            .map(|had| {
                (
                    had.id,
                    had.medium,
                    matches!(had.stage, Stage::WrapUp { .. }),
                )
            })
            .collect();
        for (id, medium, wraps) in work {
            self.give_work(agent, id, medium, wraps);
        }
    }

    /// For how long a contact stays whose visitor is gone.
    fn visitor_grace(&self, id: InteractionId) -> std::time::Duration {
        let Some(interaction) = self.interactions.get(&id) else {
            return self.setup.times.grace;
        };
        match interaction.medium {
            Medium::Call => self.setup.times.grace,
            Medium::Chat if interaction.context.left_message => self.setup.times.message_grace,
            Medium::Chat => self.setup.times.chat_grace,
        }
    }

    /// The queue where a contact waits is gone: it comes in anew, from the same place.
    pub(super) fn lost_queue(&mut self, id: InteractionId, now: Timestamp) {
        let first = self.setup.queues.first().map(|queue| queue.id);
        if let (Some(interaction), Some(queue)) = (self.interactions.get_mut(&id), first) {
            interaction.queue = queue;
            interaction.way.been.clear();
            interaction.way.led = None;
        }
        self.enter(id, now);
    }

    fn queue(&self, id: QueueId) -> Option<&Queue> {
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
        if interaction.stage != Stage::Waiting || !reachable || !interaction.is_placed() {
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
        let output = match (call.visitor, call.agent) {
            (
                Leg::Here {
                    connection: visitor,
                    peer: visitor_peer,
                },
                Leg::Here {
                    connection: agent,
                    peer: agent_peer,
                },
            ) if talking => Output::Bridge {
                interaction: id,
                visitor,
                visitor_peer,
                agent,
                agent_peer,
            },
            (Leg::Here { .. } | Leg::Away { .. }, Leg::Here { .. } | Leg::Away { .. }) => {
                Output::Unbridge { interaction: id }
            }
        };
        self.outputs.push_back(output);
    }
}

/// How far an interaction got before a restart. The agent's telephone, which carried it, is gone
/// with the server that held its sound: whoever talked to it waits again, from the same place.
fn restored_stage(stage: StageRecord, on_phone: bool) -> Stage {
    match stage {
        StageRecord::Talking { .. } if on_phone => Stage::Waiting,
        StageRecord::Waiting
        | StageRecord::Talking { .. }
        | StageRecord::WrapUp { .. }
        | StageRecord::Closed { .. } => Stage::restore(stage),
    }
}
