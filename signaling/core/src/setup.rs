//! How a centre is set up, as the core works by it: the administrators' documents of
//! [`bellwire_proto::setup`], of each user the part that routing looks at, and the times.

use std::{collections::BTreeMap, time::Duration};

use bellwire_proto::id::{AgentId, CentreId, QueueId};
pub use bellwire_proto::setup::{
    Capacity, Collected, Destination, Entry, Form, Hours, IntentRule, Invitation, Number, Queue,
    Site, SkillLevel, User,
};

/// A centre as it is set up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Setup {
    /// The centre's short name.
    pub centre: CentreId,
    /// Where visitors come from.
    pub sites: Vec<Site>,
    /// Where interactions wait.
    pub queues: Vec<Queue>,
    /// Who takes them.
    pub agents: Vec<AgentSetup>,
    /// When queues are open.
    pub hours: Vec<Hours>,
    /// What journeys tell.
    pub intents: Vec<IntentRule>,
    /// Forms and menus.
    pub forms: Vec<Form>,
    /// Whom to invite.
    pub invitations: Vec<Invitation>,
    /// Numbers that people dial.
    pub numbers: Vec<Number>,
    /// Reasons for not being ready.
    pub reasons: Vec<String>,
    /// What can come of a contact.
    pub dispositions: Vec<String>,
    /// How long things may take.
    pub times: Times,
}

impl Setup {
    /// The core's set-up, from the administrators' documents.
    #[must_use]
    pub fn new(centre: CentreId, setup: bellwire_proto::setup::Setup, times: Times) -> Self {
        let phones = setup.phones;
        let agent = |user: User| {
            let own = phones.iter().filter(|phone| phone.agent == user.id);
            AgentSetup {
                phones: own.map(|phone| phone.user.clone()).collect(),
                ..AgentSetup::from(user)
            }
        };
        Self {
            centre,
            sites: setup.sites,
            queues: setup.queues,
            agents: setup.users.into_iter().map(agent).collect(),
            hours: setup.hours,
            intents: setup.intents,
            forms: setup.forms,
            invitations: setup.invitations,
            numbers: setup.numbers,
            reasons: setup.reasons,
            dispositions: setup.dispositions,
            times,
        }
    }
}

/// An agent: of a user, what routing looks at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AgentSetup {
    /// Their id.
    pub id: AgentId,
    /// The name shown to visitors.
    pub name: String,
    /// What they may do besides.
    pub role: bellwire_proto::setup::UserRole,
    /// What they can do, and how well.
    pub skills: BTreeMap<String, SkillLevel>,
    /// Languages they speak, BCP 47 primary tags.
    pub languages: Vec<String>,
    /// Queues they serve.
    pub queues: Vec<QueueId>,
    /// How much they take at once.
    pub capacity: Capacity,
    /// Their desk phones, by extension.
    pub phones: Vec<String>,
    /// Their number in the telephone network.
    pub number: Option<String>,
}

impl From<User> for AgentSetup {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: user.name,
            role: user.role,
            skills: user.skills,
            languages: user.languages,
            queues: user.queues,
            capacity: user.capacity,
            phones: vec![],
            number: user.number,
        }
    }
}

/// How long things may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Times {
    /// How long a desk rings before the offer goes on. 20 s.
    pub ring: Duration,
    /// How long a party of a call may be unreachable before the call is over. 60 s.
    pub grace: Duration,
    /// How long an agent whose desk is gone keeps an offer or counts as there. 5 s.
    pub desk_grace: Duration,
    /// How long an agent who declined is not offered the same interaction. 30 s.
    pub decline_pause: Duration,
    /// How long a chat whose visitor is gone stays open. 30 min.
    pub chat_grace: Duration,
    /// How long a message whose visitor is gone waits for its answer and stays open. 14 days.
    pub message_grace: Duration,
    /// How long a finished interaction is shown to its visitor. 30 min.
    pub linger: Duration,
    /// How much waiting one point of priority counts for. 60 s.
    pub ageing: Duration,
    /// The shortest time between two changes of the status told to visitors. 500 ms.
    pub status_every: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            ring: Duration::from_secs(20),
            grace: Duration::from_secs(60),
            desk_grace: Duration::from_secs(5),
            decline_pause: Duration::from_secs(30),
            chat_grace: Duration::from_secs(30 * 60),
            message_grace: Duration::from_secs(14 * 24 * 3600),
            linger: Duration::from_secs(30 * 60),
            ageing: Duration::from_secs(60),
            status_every: Duration::from_millis(500),
        }
    }
}
