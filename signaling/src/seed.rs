//! What a centre begins with: queues, people with fresh passwords, and the demo's site.

mod credentials;
mod demo;
mod shop;

use std::{collections::BTreeMap, io, path::PathBuf};

use bellwire_proto::{
    admin::Kind,
    id::{AgentId, HoursId, QueueId},
    setup::{Capacity, Hours, Queue, SkillLevel, Span, User, UserRole, Words},
    time::Timestamp,
};

pub use credentials::Credential;
pub(crate) use demo::entries_with;
pub use demo::{DEMO_SITE, demo_site};

use crate::{
    auth,
    config::Config,
    random,
    store::{self, Change, Doc, Store},
};

/// Who is written into the audit for what the program does by itself.
const ACTOR: &str = "bellwire";

/// Why the centre could not begin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The file with the first passwords cannot be written or read.
    #[error("the passwords of the first start cannot be kept in {}: {why}", path.display())]
    Credentials {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// The passwords cannot be shown.
    #[error("the passwords of the first start cannot be printed: {0}")]
    Print(io::Error),
    /// The server is stopping.
    #[error("the server stopped before the centre had begun; start it again")]
    Stopped,
}

/// A user of the first start.
struct Person {
    user: &'static str,
    name: &'static str,
    role: UserRole,
    capacity: Capacity,
    skills: &'static [(&'static str, u8)],
    languages: &'static [&'static str],
    queues: &'static [&'static str],
}

const ONE_CALL_THREE_CHATS: Capacity = Capacity { calls: 1, chats: 3 };
const NOTHING: Capacity = Capacity { calls: 0, chats: 0 };

const PEOPLE: [Person; 4] = [
    Person {
        user: "anna",
        name: "Anna Berg",
        role: UserRole::Agent,
        capacity: ONE_CALL_THREE_CHATS,
        skills: &[("sales", 7), ("support", 6)],
        languages: &["en", "es"],
        queues: &["Sales", "Support", "Español"],
    },
    Person {
        user: "boris",
        name: "Boris Klein",
        role: UserRole::Agent,
        capacity: ONE_CALL_THREE_CHATS,
        skills: &[("sales", 5), ("support", 8)],
        languages: &["en", "de"],
        queues: &["Sales", "Support"],
    },
    Person {
        user: "sofia",
        name: "Sofia Lind",
        role: UserRole::Supervisor,
        capacity: NOTHING,
        skills: &[],
        languages: &["en"],
        queues: &[],
    },
    Person {
        user: "admin",
        name: "Administrator",
        role: UserRole::Administrator,
        capacity: NOTHING,
        skills: &[],
        languages: &["en"],
        queues: &[],
    },
];

/// Queues by name, with their names for visitors in English and Spanish, and the skill and the
/// language each needs.
const QUEUES: [(&str, &str, &str, &str, Option<&str>); 3] = [
    ("Sales", "Sales", "Ventas", "sales", None),
    ("Support", "Support", "Asistencia", "support", None),
    ("Español", "Spanish", "Español", "support", Some("es")),
];

const SKILLS: [&str; 2] = ["sales", "support"];

const REASONS: [&str; 5] = ["Break", "Lunch", "Training", "Meeting", "No answer"];

const DISPOSITIONS: [&str; 5] = [
    "Solved",
    "Follow-up needed",
    "Sold",
    "No sale",
    "Wrong contact",
];

/// Fills a centre that has no users yet, and prints the passwords to `out`. Later starts find
/// users and do nothing.
///
/// The file with the passwords comes first: a start that is cut short between the two finds it
/// again, so that what it says is always what counts.
///
/// # Errors
///
/// Why the centre is as empty as before.
pub async fn first_start(
    store: &Store,
    config: &Config,
    now: Timestamp,
    out: &mut (impl io::Write + Send),
) -> Result<(), Error> {
    if !store.users().await?.is_empty() {
        return Ok(());
    }
    let users = PEOPLE.map(|person| (person.user, person.role));
    let (credentials, path) = credentials::keep(&config.data_dir, &users)?;
    let mut hashes = Vec::with_capacity(credentials.len());
    for credential in &credentials {
        let hash = auth::hash(credential.password.clone()).await;
        hashes.push(hash.map_err(|_| Error::Stopped)?);
    }
    let mut change = store.change(ACTOR, now).await?;
    if change.has_users().await? {
        return Ok(());
    }
    let queues = add_queues(&mut change, now).await?;
    for (person, hash) in PEOPLE.iter().zip(&hashes) {
        change.add_user(&person.user(&queues, now), hash).await?;
    }
    for (kind, names) in [
        (Kind::Skills, &SKILLS[..]),
        (Kind::Reasons, &REASONS[..]),
        (Kind::Dispositions, &DISPOSITIONS[..]),
    ] {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        change.put(&Doc::names(kind, &names)?).await?;
    }
    change.call("began the centre".to_owned());
    change.commit().await?;
    tracing::info!(
        users = PEOPLE.len(),
        queues = QUEUES.len(),
        "the centre began"
    );
    credentials::print(&credentials, &path, out).map_err(Error::Print)
}

async fn add_queues(
    change: &mut Change,
    now: Timestamp,
) -> Result<BTreeMap<&'static str, QueueId>, Error> {
    let hours = always_open(now);
    change.put(&Doc::of(&hours)?).await?;
    let mut ids = BTreeMap::new();
    for (name, english, spanish, skill, language) in QUEUES {
        let queue = Queue {
            label: words(english, spanish),
            skills: BTreeMap::from([(skill.to_owned(), SkillLevel(1))]),
            language: language.map(str::to_owned),
            hours: Some(hours.id),
            ..Queue::new(QueueId::new(now, random::bits()), name)
        };
        change.put(&Doc::of(&queue)?).await?;
        ids.insert(name, queue.id);
    }
    Ok(ids)
}

/// Hours that never close, for an administrator to narrow.
fn always_open(now: Timestamp) -> Hours {
    Hours {
        id: HoursId::new(now, random::bits()),
        name: "Always open".to_owned(),
        zone: "Europe/Madrid".to_owned(),
        week: vec![vec![Span { from: 0, to: 1440 }]; 7],
        holidays: Vec::new(),
    }
}

/// A sentence in English and Spanish.
fn words(english: &str, spanish: &str) -> Words {
    let pair = |(tag, text): (&str, &str)| (tag.to_owned(), text.to_owned());
    Words([("en", english), ("es", spanish)].map(pair).into())
}

impl Person {
    fn user(&self, queues: &BTreeMap<&str, QueueId>, now: Timestamp) -> User {
        let skills = self.skills.iter();
        let served = self.queues.iter();
        User {
            id: AgentId::new(now, random::bits()),
            user: self.user.to_owned(),
            name: self.name.to_owned(),
            role: self.role,
            skills: skills
                .map(|(s, level)| ((*s).to_owned(), SkillLevel(*level)))
                .collect(),
            languages: self.languages.iter().map(|&l| l.to_owned()).collect(),
            queues: served
                .filter_map(|name| queues.get(name).copied())
                .collect(),
            capacity: self.capacity,
            number: None,
        }
    }
}

#[cfg(test)]
mod tests;
