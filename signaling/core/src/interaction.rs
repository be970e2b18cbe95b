//! One interaction as the floor knows it.
//!
//! ```text
//!            offer                accept
//!  Waiting ────────▶ Offered ───────────▶ Talking ──▶ WrapUp ──▶ Closed
//!     ▲  ◀─ no answer, declined, gone ─┘     │                     ▲
//!     └───────── the agent vanished ─────────┘                     │
//!     └──────────────── the visitor gave up ───────────────────────┘
//! ```

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use bellwire_proto::{
    agent::{Device, OnPhone},
    id::{AgentId, InteractionId, QueueId, SessionId, SiteKey},
    interaction::{ChatMessage, ChatPart, Context, EndCause, Medium, ReadMarks, Role},
    time::Timestamp,
    visitor::Wait,
};

use crate::{
    leg::Leg,
    record::{InteractionRecord, StageRecord, Way},
    routing::{Needs, Place},
    setup::SkillLevel,
    wait::Guess,
};

/// One interaction.
#[derive(Debug)]
pub(crate) struct Interaction {
    pub(crate) id: InteractionId,
    pub(crate) session: SessionId,
    pub(crate) site: SiteKey,
    pub(crate) medium: Medium,
    pub(crate) video: bool,
    pub(crate) queue: QueueId,
    pub(crate) needs: Needs,
    /// Skills an agent should have.
    pub(crate) prefers: BTreeMap<String, SkillLevel>,
    pub(crate) place: Place,
    pub(crate) created: Timestamp,
    /// How it comes to its queue.
    pub(crate) way: Way,
    /// When it came into the queue where it waits now.
    pub(crate) queued: Timestamp,
    /// It waits for this agent alone, until then.
    pub(crate) reserved: Option<(AgentId, Timestamp)>,
    /// How long it was thought to take when it came into the queue.
    pub(crate) guess: Option<Guess>,
    /// When the last offer began.
    pub(crate) offered: Option<Timestamp>,
    pub(crate) epoch: u32,
    pub(crate) stage: Stage,
    pub(crate) context: Context,
    pub(crate) chat: ChatLog,
    pub(crate) visitor: Leg,
    pub(crate) agent: Leg,
    /// The agent's telephone carries the agent's leg.
    pub(crate) phone: Option<OnPhone>,
    /// Where the last offer rang.
    pub(crate) rings: Device,
    /// Agents who are not offered this for a while, and until when.
    pub(crate) spared: BTreeMap<AgentId, Timestamp>,
    /// The position last told to the visitor.
    pub(crate) told_position: u32,
    /// The wait last told to the visitor.
    pub(crate) told_wait: Option<Wait>,
}

/// How far an interaction got.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    /// In line.
    Waiting,
    /// Rings at a desk.
    Offered { agent: AgentId, until: Timestamp },
    /// In contact.
    Talking {
        agent: AgentId,
        since: Timestamp,
        held: bool,
    },
    /// After contact.
    WrapUp {
        agent: AgentId,
        answered: Timestamp,
        since: Timestamp,
        cause: EndCause,
        by: Option<Role>,
    },
    /// Over.
    Closed {
        at: Timestamp,
        cause: EndCause,
        by: Option<Role>,
        agent: Option<AgentId>,
        disposition: Option<String>,
        note: Option<String>,
    },
}

impl Interaction {
    pub(crate) fn record(&self) -> InteractionRecord {
        InteractionRecord {
            interaction: self.id,
            session: self.session,
            site: self.site.clone(),
            medium: self.medium,
            video: self.video,
            queue: self.queue,
            created: self.created,
            epoch: self.epoch,
            stage: self.stage.record(),
            context: self.context.clone(),
            read: self.chat.read,
            visitor_peer: self.visitor.peer(),
            agent_peer: self.agent.peer(),
            on_phone: self.phone.is_some(),
            way: self.way.clone(),
            offered: self.offered,
        }
    }

    /// Stands or may stand in line: nothing must be known first.
    pub(crate) fn is_placed(&self) -> bool {
        self.way
            .asking
            .as_ref()
            .is_none_or(|asking| !asking.prompt.before)
    }

    /// The customer calls by telephone.
    pub(crate) fn is_by_telephone(&self) -> bool {
        self.context.caller.is_some()
    }

    /// How long it has waited in its queue.
    pub(crate) fn waited(&self, now: Timestamp) -> Duration {
        now.since(self.queued)
    }

    /// The agent in contact or in wrap-up with it.
    pub(crate) fn worker(&self) -> Option<AgentId> {
        match self.stage {
            Stage::Talking { agent, .. } | Stage::WrapUp { agent, .. } => Some(agent),
            Stage::Waiting | Stage::Offered { .. } | Stage::Closed { .. } => None,
        }
    }

    /// The agent at whose desk it rings.
    pub(crate) fn ringing(&self) -> Option<AgentId> {
        match self.stage {
            Stage::Offered { agent, .. } => Some(agent),
            Stage::Waiting
            | Stage::Talking { .. }
            | Stage::WrapUp { .. }
            | Stage::Closed { .. } => None,
        }
    }

    /// Not over for the visitor.
    pub(crate) fn is_live(&self) -> bool {
        match self.stage {
            Stage::Waiting | Stage::Offered { .. } | Stage::Talking { .. } => true,
            Stage::WrapUp { .. } | Stage::Closed { .. } => false,
        }
    }

    /// Whether `agent` may be offered this at `now`.
    pub(crate) fn may_ring(&self, agent: AgentId, now: Timestamp) -> bool {
        let spared = (self.spared.get(&agent)).is_some_and(|until| *until > now);
        let reserved = (self.reserved).is_some_and(|(last, until)| last != agent && now < until);
        !spared && !reserved
    }
}

impl Stage {
    fn record(&self) -> StageRecord {
        match self.clone() {
            Self::Waiting | Self::Offered { .. } => StageRecord::Waiting,
            Self::Talking { agent, since, held } => StageRecord::Talking { agent, since, held },
            Self::WrapUp {
                agent,
                answered,
                since,
                cause,
                by,
            } => StageRecord::WrapUp {
                agent,
                answered,
                since,
                cause,
                by,
            },
            Self::Closed {
                at,
                cause,
                by,
                agent,
                disposition,
                note,
            } => StageRecord::Closed {
                at,
                cause,
                by,
                agent,
                disposition,
                note,
            },
        }
    }

    pub(crate) fn restore(record: StageRecord) -> Self {
        match record {
            StageRecord::Waiting => Self::Waiting,
            StageRecord::Talking { agent, since, held } => Self::Talking { agent, since, held },
            StageRecord::WrapUp {
                agent,
                answered,
                since,
                cause,
                by,
            } => Self::WrapUp {
                agent,
                answered,
                since,
                cause,
                by,
            },
            StageRecord::Closed {
                at,
                cause,
                by,
                agent,
                disposition,
                note,
            } => Self::Closed {
                at,
                cause,
                by,
                agent,
                disposition,
                note,
            },
        }
    }
}

/// An interaction's chat: the newest lines, numbered without gaps.
#[derive(Debug, Default)]
pub(crate) struct ChatLog {
    lines: VecDeque<ChatMessage>,
    last: u32,
    pub(crate) read: ReadMarks,
}

impl ChatLog {
    pub(crate) fn restore(lines: Vec<ChatMessage>, read: ReadMarks) -> Self {
        Self {
            last: lines.last().map_or(0, |line| line.seq),
            lines: lines.into(),
            read,
        }
    }

    /// Takes a new line and gives it back with its number; `None` where its id is known.
    pub(crate) fn say(&mut self, mut line: ChatMessage) -> Option<ChatMessage> {
        if self.lines.iter().any(|known| known.id == line.id) {
            return None;
        }
        self.last = self.last.saturating_add(1);
        line.seq = self.last;
        match line.from {
            Role::Customer => self.read.customer = self.last,
            Role::Agent => self.read.agent = self.last,
        }
        self.lines.push_back(line.clone());
        if self.lines.len() > ChatPart::MOST {
            self.lines.pop_front();
        }
        Some(line)
    }

    /// A line with this id, if it is known.
    pub(crate) fn find(&self, id: bellwire_proto::id::MessageId) -> Option<&ChatMessage> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// Moves `reader`'s mark up to `seq`; false where that changes nothing.
    pub(crate) fn mark(&mut self, reader: Role, seq: u32) -> bool {
        let seq = seq.min(self.last);
        let mark = match reader {
            Role::Customer => &mut self.read.customer,
            Role::Agent => &mut self.read.agent,
        };
        let moved = seq > *mark;
        *mark = seq.max(*mark);
        moved
    }

    /// The lines after `seq`.
    pub(crate) fn after(&self, seq: u32) -> ChatPart {
        // A cursor from another life (a store put back from a backup) starts over.
        let seq = if seq > self.last { 0 } else { seq };
        let messages: Vec<_> = (self.lines.iter())
            .filter(|line| line.seq > seq)
            .cloned()
            .collect();
        let first = messages.first().map_or(seq + 1, |line| line.seq);
        ChatPart {
            complete: first == seq + 1,
            messages,
            read: self.read,
        }
    }
}
