//! What agents' desks ask, and their coming and going.

use bellwire_proto::{
    agent::{AgentCommand, AgentEvent, AgentRefusal, Chosen},
    id::{AgentId, ConnectionId, InteractionId, MessageId, PeerId, TabId},
    interaction::{EndCause, LONGEST_MESSAGE, Medium, Role, Seen},
    time::Timestamp,
    visitor::VisitorEvent,
    wire::ByeReason,
};

use super::{
    Centre,
    timer::{Deadline, Party, not_ready},
    visitor::is_good_text,
};
use crate::{
    Output, When,
    agents::{Desk, Window},
    interaction::Stage,
    leg::Leg,
    record::Record,
    sessions::cut,
};

impl Centre {
    pub(super) fn agent_joined(
        &mut self,
        id: AgentId,
        connection: ConnectionId,
        tab: TabId,
        seen: &[Seen],
        now: Timestamp,
    ) {
        let window = Window { tab, connection };
        let Some(agent) = self.agents.get_mut(&id) else {
            let reason = ByeReason::NotWelcome;
            return (self.outputs).push_back(Output::Drop { connection, reason });
        };
        self.desks.insert(connection, id);
        let older = agent.others.iter().position(|other| other.tab == tab);
        let mut replaced = older.map(|index| agent.others.remove(index).connection);
        match agent.desk {
            Desk::Here(working) if working.tab != tab => {
                agent.others.push(window);
                let event = AgentEvent::Elsewhere;
                self.outputs.push_back(Output::TellAgent {
                    to: connection,
                    event,
                    when: When::Now,
                });
            }
            Desk::Here(working) => {
                replaced = Some(working.connection);
                agent.desk = Desk::Here(window);
                self.lose_agent_legs(id, working.connection, now);
                self.desk_is_here(id, seen, now);
            }
            Desk::Away { .. } => {
                agent.desk = Desk::Here(window);
                self.desk_is_here(id, seen, now);
            }
        }
        if let Some(connection) = replaced {
            self.desks.remove(&connection);
            let reason = ByeReason::Replaced;
            (self.outputs).push_back(Output::Drop { connection, reason });
        }
    }

    fn desk_is_here(&mut self, id: AgentId, seen: &[Seen], now: Timestamp) {
        self.deadlines.drop(Deadline::DeskGone(id));
        self.deadlines.drop(Deadline::Lapse(id));
        self.changed.insert(id);
        self.status_due = true;
        self.show_desk(id, seen, now);
        self.agent_is(id, true);
    }

    pub(super) fn agent_left(&mut self, connection: ConnectionId, now: Timestamp) {
        let Some(id) = self.desks.remove(&connection) else {
            return;
        };
        let Some(agent) = self.agents.get_mut(&id) else {
            return;
        };
        agent.others.retain(|other| other.connection != connection);
        if agent.connection() != Some(connection) {
            return;
        }
        agent.desk = Desk::Away { since: now };
        let times = self.setup.times;
        (self.deadlines).set(now + times.desk_grace, Deadline::DeskGone(id));
        self.deadlines.set(now + times.grace, Deadline::Lapse(id));
        self.changed.insert(id);
        self.status_due = true;
        self.lose_agent_legs(id, connection, now);
        self.chats_left_by(id, now);
        self.agent_is(id, false);
    }

    pub(super) fn agent_signed_out(&mut self, id: AgentId, now: Timestamp) {
        let Some(agent) = self.agents.get(&id) else {
            return;
        };
        let windows: Vec<_> = (agent.others.iter().map(|other| other.connection))
            .chain(agent.connection())
            .collect();
        self.choose(id, not_ready("Signed out"), now);
        self.take_back_offer(id, EndCause::Vanished, now);
        for connection in windows {
            self.agent_left(connection, now);
            let reason = ByeReason::NotWelcome;
            (self.outputs).push_back(Output::Drop { connection, reason });
        }
    }

    pub(super) fn agent_asks(
        &mut self,
        connection: ConnectionId,
        command: AgentCommand,
        now: Timestamp,
    ) {
        let Some(id) = self.desks.get(&connection).copied() else {
            return;
        };
        let works = self.agents.get(&id).and_then(super::Agent::connection) == Some(connection);
        if !works && command != AgentCommand::TakeOver {
            let event = AgentEvent::Elsewhere;
            return (self.outputs).push_back(Output::TellAgent {
                to: connection,
                event,
                when: When::Now,
            });
        }
        match command {
            AgentCommand::Ready => self.choose(id, Chosen::Ready, now),
            AgentCommand::NotReady { reason } => self.rest(id, reason, now),
            AgentCommand::OnCall => self.choose(id, Chosen::OnCall, now),
            AgentCommand::Accept {
                interaction,
                epoch,
                peer,
            } => self.accept(id, interaction, epoch, peer, now),
            AgentCommand::Decline { interaction, epoch } => {
                self.decline(id, interaction, epoch, now);
            }
            AgentCommand::Attach { interaction, peer } => {
                self.attach_agent(id, connection, interaction, peer);
            }
            AgentCommand::Hold { interaction } => self.hold(id, interaction, true),
            AgentCommand::Resume { interaction } => self.hold(id, interaction, false),
            AgentCommand::HangUp { interaction } => {
                if self.has(id, interaction) {
                    self.end_contact(interaction, EndCause::HungUp, Some(Role::Agent), now);
                }
            }
            AgentCommand::Finish {
                interaction,
                disposition,
                note,
            } => self.agent_finishes(id, interaction, disposition, note, now),
            AgentCommand::Say {
                interaction,
                message,
                text,
            } => self.agent_says(id, interaction, message, text, now),
            AgentCommand::Typing { interaction } => {
                if self.works_on(id, interaction) {
                    let event = VisitorEvent::Typing { interaction };
                    self.tell_visitor(interaction, &event, When::Now);
                }
            }
            AgentCommand::Read { interaction, seq } => {
                if self.works_on(id, interaction) {
                    self.has_read(interaction, Role::Agent, seq);
                }
            }
            AgentCommand::TakeOver => self.take_over(id, connection, now),
            AgentCommand::TakeCallsOn { device } => self.take_calls_on(id, device),
            AgentCommand::Mute { interaction, muted } => self.mute(id, interaction, muted),
            AgentCommand::Digits {
                interaction,
                digits,
            } => {
                if self.has(id, interaction) {
                    self.agent_pressed(id, interaction, &digits);
                }
            }
        }
    }

    /// Sets what an agent chose, and tells and stores it.
    pub(super) fn choose(&mut self, id: AgentId, chosen: Chosen, now: Timestamp) {
        let Some(agent) = self.agents.get_mut(&id) else {
            return;
        };
        if agent.chosen == chosen {
            return;
        }
        let was_ready = agent.chosen == Chosen::Ready;
        agent.chosen = chosen.clone();
        agent.since = now;
        if chosen == Chosen::Ready && !was_ready {
            agent.idle_since = now;
        }
        self.changed.insert(id);
        self.status_due = true;
        self.outputs.push_back(Output::Record(Record::Agent {
            agent: id,
            chosen,
            since: now,
        }));
        self.tell_state(id, now);
    }

    fn rest(&mut self, id: AgentId, reason: String, now: Timestamp) {
        if self.setup.reasons.contains(&reason) {
            self.choose(id, Chosen::NotReady { reason }, now);
        } else {
            self.refuse_agent(id, None, AgentRefusal::NotInList);
        }
    }

    fn attach_agent(
        &mut self,
        agent: AgentId,
        connection: ConnectionId,
        id: InteractionId,
        peer: PeerId,
    ) {
        if !self.has(agent, id) {
            return;
        }
        let Some(call) = self.interactions.get_mut(&id) else {
            return;
        };
        let Stage::Talking { .. } = call.stage else {
            return;
        };
        if call.medium != Medium::Call {
            return;
        }
        let before = std::mem::replace(&mut call.agent, Leg::Here { connection, peer });
        self.leave_phone(id, before);
        self.deadlines.drop(Deadline::Grace(id, Party::Agent));
        self.record(id);
        self.bridge(id);
        let event = VisitorEvent::PeerChanged {
            interaction: id,
            peer,
        };
        self.tell_visitor(id, &event, When::Now);
        let event = VisitorEvent::Reachable {
            interaction: id,
            agent: true,
        };
        self.tell_visitor(id, &event, When::Now);
    }

    pub(super) fn hold(&mut self, agent: AgentId, id: InteractionId, hold: bool) {
        if !self.has(agent, id) {
            return;
        }
        let Some(call) = self.interactions.get_mut(&id) else {
            return;
        };
        let medium = call.medium;
        match &mut call.stage {
            Stage::Talking { held, .. } if medium == Medium::Call => {
                if *held == hold {
                    return;
                }
                *held = hold;
            }
            Stage::Talking { .. }
            | Stage::Waiting
            | Stage::Offered { .. }
            | Stage::WrapUp { .. }
            | Stage::Closed { .. } => {
                return self.refuse_agent(agent, Some(id), AgentRefusal::NotNow);
            }
        }
        self.record(id);
        let event = AgentEvent::Held {
            interaction: id,
            held: hold,
        };
        self.tell_phone(id, &event);
        self.tell_agent(agent, event, When::Now);
        let event = VisitorEvent::Held {
            interaction: id,
            held: hold,
        };
        self.tell_visitor(id, &event, When::Now);
    }

    fn agent_finishes(
        &mut self,
        agent: AgentId,
        id: InteractionId,
        disposition: String,
        mut note: String,
        now: Timestamp,
    ) {
        let done = (self.interactions.get(&id)).is_none_or(|interaction| {
            matches!(&interaction.stage, Stage::Closed { agent: by, .. } if *by == Some(agent))
        });
        if done {
            let event = AgentEvent::Closed { interaction: id };
            return self.tell_agent(agent, event, When::Unhurried);
        }
        if !self.has(agent, id) {
            return;
        }
        if !self.setup.dispositions.contains(&disposition) {
            return self.refuse_agent(agent, Some(id), AgentRefusal::NotInList);
        }
        let wraps = (self.interactions.get(&id))
            .is_some_and(|interaction| matches!(interaction.stage, Stage::WrapUp { .. }));
        if !wraps {
            return self.refuse_agent(agent, Some(id), AgentRefusal::NotNow);
        }
        cut(&mut note, LONGEST_MESSAGE);
        self.finish(id, Some(disposition), note.trim().to_owned(), now);
    }

    fn agent_says(
        &mut self,
        agent: AgentId,
        id: InteractionId,
        message: MessageId,
        text: String,
        now: Timestamp,
    ) {
        if !self.has(agent, id) {
            return;
        }
        if !is_good_text(&text) {
            return self.refuse_agent(agent, Some(id), AgentRefusal::BadText);
        }
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        let known = interaction.chat.find(message).is_some();
        if !interaction.is_live() && !known {
            return self.refuse_agent(agent, Some(id), AgentRefusal::NotNow);
        }
        let name = (self.agents.get(&agent)).map(|agent| agent.setup.name.clone());
        self.say(id, Role::Agent, name, message, text, now);
    }

    fn take_over(&mut self, id: AgentId, connection: ConnectionId, now: Timestamp) {
        let Some(agent) = self.agents.get_mut(&id) else {
            return;
        };
        let Some(index) = (agent.others.iter()).position(|other| other.connection == connection)
        else {
            return;
        };
        let window = agent.others.remove(index);
        let before = std::mem::replace(&mut agent.desk, Desk::Here(window));
        if let Desk::Here(working) = before {
            agent.others.push(working);
            self.outputs.push_back(Output::TellAgent {
                to: working.connection,
                event: AgentEvent::Elsewhere,
                when: When::Now,
            });
            self.lose_agent_legs(id, working.connection, now);
        }
        self.desk_is_here(id, &[], now);
    }

    /// Calls whose media was on this connection are away now.
    fn lose_agent_legs(&mut self, id: AgentId, connection: ConnectionId, now: Timestamp) {
        for id in self.work_of(id) {
            let Some(call) = self.interactions.get_mut(&id) else {
                continue;
            };
            if !call.agent.is_on(connection) || !matches!(call.stage, Stage::Talking { .. }) {
                continue;
            }
            call.agent = call.agent.lost(now);
            let until = now + self.setup.times.grace;
            (self.deadlines).set(until, Deadline::Grace(id, Party::Agent));
            self.bridge(id);
            let event = VisitorEvent::Reachable {
                interaction: id,
                agent: false,
            };
            self.tell_visitor(id, &event, When::Now);
        }
    }

    fn chats_left_by(&mut self, agent: AgentId, now: Timestamp) {
        let until = now + self.setup.times.grace;
        for id in self.work_of(agent) {
            let chat = (self.interactions.get(&id)).is_some_and(|i| i.medium == Medium::Chat);
            if chat {
                (self.deadlines).set(until, Deadline::Grace(id, Party::Agent));
            }
        }
    }

    /// Tells the visitors of the agent's chats whether the agent is here.
    fn agent_is(&mut self, agent: AgentId, here: bool) {
        for id in self.work_of(agent) {
            let chat = (self.interactions.get(&id)).is_some_and(|i| i.medium == Medium::Chat);
            if chat {
                let event = VisitorEvent::Reachable {
                    interaction: id,
                    agent: here,
                };
                self.tell_visitor(id, &event, When::Now);
            }
        }
    }

    fn work_of(&self, agent: AgentId) -> Vec<InteractionId> {
        (self.agents.get(&agent)).map_or_else(Vec::new, |a| a.work.iter().copied().collect())
    }

    pub(super) fn works_on(&self, agent: AgentId, id: InteractionId) -> bool {
        (self.interactions.get(&id)).is_some_and(|i| i.worker() == Some(agent))
    }

    /// Whether the agent has the interaction; says no to the desk where not.
    pub(super) fn has(&mut self, agent: AgentId, id: InteractionId) -> bool {
        let has = self.works_on(agent, id);
        if !has {
            self.refuse_agent(agent, Some(id), AgentRefusal::NotYours);
        }
        has
    }

    pub(super) fn refuse_agent(
        &mut self,
        agent: AgentId,
        interaction: Option<InteractionId>,
        reason: AgentRefusal,
    ) {
        let event = AgentEvent::Refused {
            interaction,
            reason,
        };
        self.tell_agent(agent, event, When::Now);
    }
}
