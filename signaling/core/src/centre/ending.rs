//! The ends of contacts: given up, hung up, vanished, finished, or back to the queue.

use bellwire_proto::{
    agent::AgentEvent,
    id::{AgentId, InteractionId},
    interaction::{EndCause, Medium, Role},
    time::{Timestamp, millis},
    visitor::VisitorEvent,
};

use super::{
    Centre,
    timer::{Deadline, Party},
};
use crate::{Note, Output, When, interaction::Stage};

/// The most interactions of one visitor that are shown after they are over.
const MOST_LINGERING: usize = 5;

impl Centre {
    /// The contact is over: wrap-up where an agent had it, closed where nobody did.
    pub(super) fn end_contact(
        &mut self,
        id: InteractionId,
        cause: EndCause,
        by: Option<Role>,
        now: Timestamp,
    ) {
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        let medium = interaction.medium;
        let (cause, talked_ms) = match interaction.stage {
            Stage::Waiting | Stage::Offered { .. } => {
                let cause = match cause {
                    EndCause::HungUp => EndCause::Abandoned,
                    EndCause::Abandoned
                    | EndCause::NoAnswer
                    | EndCause::Declined
                    | EndCause::Directed
                    | EndCause::Vanished => cause,
                };
                // Who was led to a page got what they came for.
                if cause != EndCause::Directed {
                    self.gave_up(id, now);
                }
                self.withdraw(id, cause);
                self.leave_line(id);
                self.close(id, cause, by, now);
                (cause, 0)
            }
            Stage::Talking { agent, since, .. } => {
                self.wrap_up(id, agent, since, cause, by, now);
                (cause, millis(now.since(since)))
            }
            Stage::WrapUp { .. } | Stage::Closed { .. } => return,
        };
        self.note(Note::Ended {
            medium,
            cause,
            talked_ms,
        });
    }

    /// The line learns that somebody left it.
    fn gave_up(&mut self, id: InteractionId, now: Timestamp) {
        let Some(interaction) = self
            .interactions
            .get(&id)
            .filter(|i| !i.context.left_message)
        else {
            return;
        };
        let waited = interaction.waited(now);
        (self.waits)
            .entry((interaction.queue, interaction.medium))
            .or_default()
            .abandoned(waited, now);
    }

    fn wrap_up(
        &mut self,
        id: InteractionId,
        agent: AgentId,
        answered: Timestamp,
        cause: EndCause,
        by: Option<Role>,
        now: Timestamp,
    ) {
        self.set_stage(
            id,
            Stage::WrapUp {
                agent,
                answered,
                since: now,
                cause,
                by,
            },
        );
        if let Some(working) = self.agents.get_mut(&agent) {
            working.wrapping += 1;
        }
        self.changed.insert(agent);
        self.drop_graces(id);
        self.outputs.push_back(Output::Unbridge { interaction: id });
        self.record(id);
        let event = AgentEvent::WrapUp {
            interaction: id,
            cause,
            by,
            since: now,
        };
        self.tell_phone(id, &event);
        self.tell_agent(agent, event, When::Now);
        self.tell_ended(id, cause, by);
    }

    pub(super) fn close(
        &mut self,
        id: InteractionId,
        cause: EndCause,
        by: Option<Role>,
        now: Timestamp,
    ) {
        self.set_stage(
            id,
            Stage::Closed {
                at: now,
                cause,
                by,
                agent: None,
                disposition: None,
                note: None,
            },
        );
        self.drop_graces(id);
        self.record(id);
        self.tell_ended(id, cause, by);
        self.let_linger(id, now);
    }

    /// The wrap-up is done; without a disposition where its agent is in the centre no more.
    pub(super) fn finish(
        &mut self,
        id: InteractionId,
        disposition: Option<String>,
        note: String,
        now: Timestamp,
    ) {
        let Some(interaction) = self.interactions.get_mut(&id) else {
            return;
        };
        let Stage::WrapUp {
            agent, cause, by, ..
        } = interaction.stage
        else {
            return;
        };
        let medium = interaction.medium;
        interaction.stage = Stage::Closed {
            at: now,
            cause,
            by,
            agent: Some(agent),
            disposition,
            note: (!note.is_empty()).then_some(note),
        };
        if let Some(offered) = interaction
            .offered
            .filter(|_| !interaction.context.left_message)
        {
            let line = (interaction.queue, medium);
            self.waits
                .entry(line)
                .or_default()
                .finished(now.since(offered));
        }
        self.release(agent, id, now);
        if let Some(working) = self.agents.get_mut(&agent) {
            working.wrapping = working.wrapping.saturating_sub(1);
            working.load.remove(medium);
        }
        self.record(id);
        let event = AgentEvent::Closed { interaction: id };
        self.tell_agent(agent, event, When::Unhurried);
        self.let_linger(id, now);
    }

    /// The agent vanished from a contact: the visitor waits again, from the same place.
    pub(super) fn requeue(&mut self, id: InteractionId, now: Timestamp) {
        let Some(medium) = self.take_from_agent(id, now) else {
            return;
        };
        self.wait_on(id, now);
        self.tell_place(id, When::Unhurried, now);
        self.note(Note::Requeued(medium));
    }

    /// Takes a contact off its agent, who is spared it for a while. It waits from then on, and the
    /// caller says where. `None` where nobody was in contact.
    pub(super) fn take_from_agent(&mut self, id: InteractionId, now: Timestamp) -> Option<Medium> {
        let interaction = self.interactions.get_mut(&id)?;
        let Stage::Talking { agent, .. } = interaction.stage else {
            return None;
        };
        let medium = interaction.medium;
        interaction.stage = Stage::Waiting;
        interaction.queued = now;
        interaction.guess = None;
        let before = std::mem::replace(
            &mut interaction.agent,
            crate::leg::Leg::Away {
                since: now,
                peer: None,
            },
        );
        let pause = now + self.setup.times.decline_pause;
        interaction.spared.insert(agent, pause);
        self.deadlines.set(pause, Deadline::Spared(id));
        self.leave_phone(id, before);
        self.release(agent, id, now);
        if let Some(working) = self.agents.get_mut(&agent) {
            working.load.remove(medium);
        }
        self.outputs.push_back(Output::Unbridge { interaction: id });
        self.record(id);
        let event = AgentEvent::Closed { interaction: id };
        self.tell_agent(agent, event, When::Unhurried);
        Some(medium)
    }

    /// The agent no longer has the interaction; their idle time starts over.
    pub(super) fn release(&mut self, agent: AgentId, id: InteractionId, now: Timestamp) {
        if let Some(working) = self.agents.get_mut(&agent) {
            working.work.remove(&id);
            working.idle_since = now;
        }
        self.changed.insert(agent);
    }

    /// Interactions that are over are shown for a while; not more than a few of one visitor.
    fn let_linger(&mut self, id: InteractionId, now: Timestamp) {
        (self.deadlines).set(now + self.setup.times.linger, Deadline::Linger(id));
        let Some(session) = (self.interactions.get(&id)).map(|ended| ended.session) else {
            return;
        };
        let over: Vec<_> = (self.sessions.get(&session).into_iter())
            .flat_map(|session| &session.interactions)
            .filter(|id| {
                (self.interactions.get(id))
                    .is_some_and(|ended| matches!(ended.stage, Stage::Closed { .. }))
            })
            .copied()
            .collect();
        for oldest in over.iter().take(over.len().saturating_sub(MOST_LINGERING)) {
            self.deadlines.drop(Deadline::Linger(*oldest));
            self.forget(*oldest);
        }
    }

    fn set_stage(&mut self, id: InteractionId, stage: Stage) {
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.stage = stage;
        }
    }

    pub(super) fn drop_graces(&mut self, id: InteractionId) {
        self.deadlines.drop(Deadline::Grace(id, Party::Customer));
        self.deadlines.drop(Deadline::Grace(id, Party::Agent));
        self.deadlines.drop(Deadline::Spared(id));
        self.deadlines.drop(Deadline::Step(id));
    }

    fn tell_ended(&mut self, id: InteractionId, cause: EndCause, by: Option<Role>) {
        let event = VisitorEvent::Ended {
            interaction: id,
            cause,
            by,
        };
        self.tell_visitor(id, &event, When::Now);
        self.status_due = true;
    }
}
