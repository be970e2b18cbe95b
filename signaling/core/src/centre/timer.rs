//! Deadlines: at most one of a kind, met once, and looked at again when they come.
//!
//! A deadline that comes too early (the visitor went, came back and went again) finds out by
//! the state it looks at and is set anew.

use std::collections::{BTreeMap, BTreeSet};

use bellwire_proto::{
    agent::Chosen,
    id::{AgentId, InteractionId, SessionId},
    interaction::{EndCause, Medium},
    time::Timestamp,
};

use super::Centre;
use crate::{
    agents::Desk,
    interaction::{Interaction, Stage},
    leg::Leg,
};

/// Something to look at when its time comes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Deadline {
    /// An offer rings out.
    Offer(InteractionId, u32),
    /// A party was away for too long.
    Grace(InteractionId, Party),
    /// A desk was away for too long to keep an offer.
    DeskGone(AgentId),
    /// A desk was away for too long to stay ready.
    Lapse(AgentId),
    /// Agents who were spared may be asked again.
    Spared(InteractionId),
    /// An interaction that is over need not be shown any longer.
    Linger(InteractionId),
    /// Status is due to be told.
    Status,
    /// Waits are due to be told anew.
    Waits,
    /// A queue opens or closes.
    Hours,
    /// A waiting contact is to be looked at again.
    Step(InteractionId),
    /// What a visitor does may tell something else by now.
    Look(SessionId),
    /// A visitor is not on the way to the next page.
    Gone(SessionId),
}

/// A party, in an order for keys.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Party {
    Customer,
    Agent,
}

impl Deadline {
    fn why(self) -> &'static str {
        match self {
            Self::Offer(..) => "ring time",
            Self::Grace(..) => "grace period",
            Self::DeskGone(_) => "desk grace period",
            Self::Lapse(_) => "ready without a desk",
            Self::Spared(_) => "pause after a refusal",
            Self::Linger(_) => "ended interaction shown",
            Self::Status => "status",
            Self::Waits => "waits",
            Self::Hours => "opening hours",
            Self::Step(_) => "waited for a while",
            Self::Look(_) => "journey goes on",
            Self::Gone(_) => "visitor gone",
        }
    }
}

/// All deadlines, the next one first.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    order: BTreeSet<(Timestamp, Deadline)>,
    times: BTreeMap<Deadline, Timestamp>,
}

impl Deadlines {
    /// Sets a deadline. One of the same kind that comes earlier stays.
    pub(crate) fn set(&mut self, at: Timestamp, deadline: Deadline) {
        match self.times.get(&deadline) {
            Some(earlier) if *earlier <= at => return,
            Some(later) => _ = self.order.remove(&(*later, deadline)),
            None => {}
        }
        self.times.insert(deadline, at);
        self.order.insert((at, deadline));
    }

    /// Drops a deadline.
    pub(crate) fn drop(&mut self, deadline: Deadline) {
        if let Some(at) = self.times.remove(&deadline) {
            self.order.remove(&(at, deadline));
        }
    }

    pub(crate) fn is_set(&self, deadline: Deadline) -> bool {
        self.times.contains_key(&deadline)
    }

    pub(crate) fn next(&self) -> Option<(Timestamp, &'static str)> {
        (self.order.first()).map(|(at, deadline)| (*at, deadline.why()))
    }

    /// Takes the next deadline that has come.
    pub(crate) fn due(&mut self, now: Timestamp) -> Option<Deadline> {
        let (at, deadline) = *self.order.first()?;
        if at > now {
            return None;
        }
        self.drop(deadline);
        Some(deadline)
    }
}

impl Centre {
    pub(super) fn meet(&mut self, deadline: Deadline, now: Timestamp) {
        match deadline {
            Deadline::Offer(id, epoch) => self.ring_out(id, epoch, now),
            Deadline::Grace(id, Party::Customer) => self.visitor_grace_over(id, now),
            Deadline::Grace(id, Party::Agent) => self.agent_grace_over(id, now),
            Deadline::DeskGone(agent) => self.desk_gone(agent, now),
            Deadline::Lapse(agent) => self.lapse(agent, now),
            Deadline::Spared(id) => self.spared_no_longer(id, now),
            Deadline::Linger(id) => self.forget(id),
            Deadline::Status => self.tell_status(now),
            Deadline::Waits => self.status_due = true,
            Deadline::Hours => {
                self.status_due = true;
                self.plan_hours(now);
            }
            Deadline::Step(id) => self.step(id, now),
            Deadline::Look(session) => self.relearn(session, now),
            Deadline::Gone(session) => self.visitor_gone(session),
        }
    }

    /// Since when the visitor is away, if so.
    fn visitor_away_since(&self, interaction: &Interaction) -> Option<Timestamp> {
        let here = match interaction.medium {
            Medium::Call => interaction.visitor.connection().is_some(),
            Medium::Chat => (self.sessions.get(&interaction.session))
                .is_some_and(crate::sessions::Session::is_here),
        };
        match interaction.visitor {
            Leg::Away { since, .. } if !here => Some(since),
            Leg::Away { .. } | Leg::Here { .. } => None,
        }
    }

    fn visitor_grace_over(&mut self, id: InteractionId, now: Timestamp) {
        let Some(interaction) = self.interactions.get(&id).filter(|i| i.is_live()) else {
            return;
        };
        let Some(since) = self.visitor_away_since(interaction) else {
            return;
        };
        let until = since + self.visitor_grace(id);
        if now < until {
            self.deadlines
                .set(until, Deadline::Grace(id, Party::Customer));
            return;
        }
        if !self.take_back(id, EndCause::Vanished, None) {
            self.end_contact(id, EndCause::Vanished, None, now);
        }
    }

    /// Since when the agent who has this is away, if so.
    fn agent_away_since(&self, interaction: &Interaction) -> Option<Timestamp> {
        let Stage::Talking { agent, .. } = interaction.stage else {
            return None;
        };
        let desk = self.agents.get(&agent).map(|agent| agent.desk);
        match (interaction.medium, interaction.agent, desk) {
            (Medium::Call, Leg::Away { since, .. }, _)
            | (Medium::Chat, Leg::Away { since, .. }, None) => Some(since),
            (Medium::Chat, _, Some(Desk::Away { since })) => Some(since),
            (Medium::Call, Leg::Here { .. }, _) | (Medium::Chat, _, _) => None,
        }
    }

    fn agent_grace_over(&mut self, id: InteractionId, now: Timestamp) {
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        let Some(since) = self.agent_away_since(interaction) else {
            return;
        };
        let until = since + self.setup.times.grace;
        if now < until {
            self.deadlines.set(until, Deadline::Grace(id, Party::Agent));
            return;
        }
        self.requeue(id, now);
    }

    fn desk_gone(&mut self, agent: AgentId, now: Timestamp) {
        let grace = self.setup.times.desk_grace;
        match self.agents.get(&agent).map(|agent| agent.desk) {
            Some(Desk::Away { since }) if now < since + grace => {
                self.deadlines.set(since + grace, Deadline::DeskGone(agent));
            }
            Some(Desk::Away { .. }) => self.take_back_offer(agent, EndCause::Vanished, now),
            Some(Desk::Here(_)) | None => {}
        }
    }

    /// A desk that stays away is not ready: nobody would be there when it comes back by itself.
    fn lapse(&mut self, agent: AgentId, now: Timestamp) {
        let grace = self.setup.times.grace;
        let Some(known) = self.agents.get(&agent) else {
            return;
        };
        match known.desk {
            Desk::Away { since } if now < since + grace => {
                self.deadlines.set(since + grace, Deadline::Lapse(agent));
            }
            Desk::Away { .. } if known.chosen == Chosen::Ready => {
                self.choose(agent, not_ready("Disconnected"), now);
            }
            Desk::Away { .. } | Desk::Here(_) => {}
        }
    }

    fn spared_no_longer(&mut self, id: InteractionId, now: Timestamp) {
        let Some(interaction) = self.interactions.get_mut(&id) else {
            return;
        };
        interaction.spared.retain(|_, until| *until > now);
        if let Some(next) = interaction.spared.values().min() {
            self.deadlines.set(*next, Deadline::Spared(id));
        }
        if interaction.stage == Stage::Waiting {
            self.join_line(id);
        }
    }

    /// A visitor left for good, or for longer than it takes to come to another page.
    fn visitor_gone(&mut self, session: SessionId) {
        let Some(known) = (self.sessions.get(&session)).filter(|known| !known.is_here()) else {
            return;
        };
        if known.is_idle() {
            self.forget_session(session);
        } else {
            self.uninvite(session);
        }
    }

    /// Forgets a session of which nothing would be lost.
    pub(super) fn forget_session(&mut self, session: SessionId) {
        self.deadlines.drop(Deadline::Look(session));
        self.deadlines.drop(Deadline::Gone(session));
        self.uninvite(session);
        self.sessions.remove(&session);
    }

    /// Forgets an interaction that is over, and its session where nothing keeps it.
    pub(super) fn forget(&mut self, id: InteractionId) {
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        match interaction.stage {
            Stage::Closed { .. } => {}
            Stage::Waiting
            | Stage::Offered { .. }
            | Stage::Talking { .. }
            | Stage::WrapUp { .. } => return,
        }
        let session = interaction.session;
        self.interactions.remove(&id);
        if let Some(known) = self.sessions.get_mut(&session) {
            known.interactions.retain(|kept| *kept != id);
            if known.is_idle() {
                self.forget_session(session);
            }
        }
    }
}

/// A choice the server made for an agent.
pub(super) fn not_ready(reason: &str) -> Chosen {
    Chosen::NotReady {
        reason: reason.to_owned(),
    }
}
