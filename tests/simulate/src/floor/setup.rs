//! Centres to replay: their queues, skills and agents.

use std::time::Duration;

use bellwire_core::setup::{AgentSetup, Capacity, Entry, Queue, Setup, Site, SkillLevel, Times};
use bellwire_proto::{
    id::{AgentId, CentreId, ConnectionId, InteractionId, QueueId, SiteKey},
    interaction::Medium,
    setup::UserRole,
    time::Timestamp,
};

/// When the day begins.
pub(super) const START: Timestamp = Timestamp(1_790_000_000_000);

/// A centre and its day.
#[derive(Clone, Copy, Debug)]
pub struct Floor {
    /// Its name in tables.
    pub name: &'static str,
    /// How many topics, each a queue that needs its skill.
    pub topics: usize,
    /// How many agents.
    pub agents: usize,
    /// How many topics each agent knows.
    pub skills: usize,
    /// Visitors in a mean handling time, for each agent.
    pub load: f64,
    /// Mean patience in mean handling times.
    pub patience: f64,
}

/// The centres that are replayed.
pub const FLOORS: [Floor; 4] = [
    Floor {
        name: "the centre's own routing, 12 agents",
        topics: 1,
        agents: 12,
        skills: 1,
        load: 0.95,
        patience: 4.0,
    },
    Floor {
        name: "the centre's own routing, 5 topics, 30 agents with 2 skills",
        topics: 5,
        agents: 30,
        skills: 2,
        load: 0.98,
        patience: 4.0,
    },
    Floor {
        name: "the centre's own routing, overload 1.3, 20 agents",
        topics: 1,
        agents: 20,
        skills: 1,
        load: 1.3,
        patience: 1.0,
    },
    Floor {
        name: "the centre's own routing, 5 topics overloaded, 30 agents with 2 skills",
        topics: 5,
        agents: 30,
        skills: 2,
        load: 1.25,
        patience: 1.0,
    },
];

impl Floor {
    /// Which topics an agent knows: their own, and the next on the ring.
    pub(super) fn serves(&self, agent: usize) -> Vec<usize> {
        (0..self.skills)
            .map(|k| (agent + k) % self.topics)
            .collect()
    }

    pub(super) fn setup(&self) -> Setup {
        let skill = |topic: usize| (format!("topic {topic}"), SkillLevel(5));
        let queue = |topic| Queue {
            media: vec![Medium::Call],
            skills: [skill(topic)].into(),
            ..Queue::new(queue(topic), &format!("Topic {topic}"))
        };
        let agent = |n: usize| AgentSetup {
            id: AgentId::new(START, n as u128),
            name: format!("Agent {n}"),
            role: UserRole::Agent,
            skills: self.serves(n).into_iter().map(skill).collect(),
            languages: vec![],
            queues: (0..self.topics).map(self::queue).collect(),
            capacity: Capacity { calls: 1, chats: 0 },
            phones: vec![],
            number: None,
        };
        let site = |topic| Site {
            entries: vec![Entry::into_queue(None, self::queue(topic))],
            ..Site::new(site(topic), &format!("Site {topic}"))
        };
        Setup {
            centre: CentreId("simulated".into()),
            sites: (0..self.topics).map(site).collect(),
            queues: (0..self.topics).map(queue).collect(),
            agents: (0..self.agents).map(agent).collect(),
            hours: vec![],
            intents: vec![],
            forms: vec![],
            invitations: vec![],
            numbers: vec![],
            reasons: vec![],
            dispositions: vec!["Solved".into()],
            times: Times {
                linger: Duration::from_secs(1),
                ..Times::default()
            },
        }
    }
}

fn queue(topic: usize) -> QueueId {
    QueueId::new(START, topic as u128)
}

pub(super) fn site(topic: usize) -> SiteKey {
    SiteKey(format!("site-{topic}"))
}

pub(super) fn desk(agent: usize) -> ConnectionId {
    ConnectionId::new(START, agent as u128)
}

pub(super) fn page(number: u64) -> ConnectionId {
    ConnectionId::new(START, 1_000_000 + u128::from(number))
}

pub(super) fn interaction(number: u64) -> InteractionId {
    InteractionId::new(START, u128::from(number))
}
