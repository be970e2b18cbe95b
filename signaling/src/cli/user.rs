//! `bellwire user`: who may sign in, as what.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, Write},
};

use anyhow::{Context, ensure};
use bellwire_proto::{
    admin::Kind,
    id::{AgentId, QueueId},
    setup::{Capacity, Queue, SkillLevel, User, UserRole},
};
use clap::{Args, Subcommand};

use super::{ACTOR, open};
use crate::{auth, config::Config, random, store::Doc};

/// What is to be done with users.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a user, and print a fresh password.
    Add(Box<Add>),
    /// List the users.
    List,
    /// Give a user a fresh password, print it, and sign the user out everywhere.
    Password {
        /// The user name.
        user: String,
        /// Read the password from standard input instead of making one.
        #[arg(long)]
        stdin: bool,
    },
}

/// A user to be added.
#[derive(Args, Debug)]
pub(super) struct Add {
    /// The user name, for signing in. Upper and lower case make no difference.
    user: String,
    /// The name that visitors and colleagues see.
    #[arg(long)]
    name: String,
    /// agent, supervisor or administrator.
    #[arg(long, default_value = "agent")]
    role: UserRole,
    /// A language the user speaks, like en or es. May be given several times.
    #[arg(long = "language", value_name = "TAG")]
    languages: Vec<String>,
    /// A skill and its level from 1 to 10, like support=7. May be given several times.
    #[arg(long = "skill", value_name = "SKILL=LEVEL", value_parser = skill)]
    skills: Vec<(String, SkillLevel)>,
    /// A queue the user serves. May be given several times. Without it, an agent serves all.
    #[arg(long = "queue", value_name = "NAME")]
    queues: Vec<String>,
    /// Calls at once, 0 or 1. An agent takes 1, others 0.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=1))]
    calls: Option<u8>,
    /// Chats at once. An agent takes 3, others 0.
    #[arg(long)]
    chats: Option<u8>,
    /// Read the password from standard input instead of making one.
    #[arg(long)]
    stdin: bool,
}

/// Does it.
pub(super) async fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    match command {
        Command::Add(add) => add.run(config).await,
        Command::List => list(config).await,
        Command::Password { user, stdin } => password(&user, stdin, config).await,
    }
}

impl Add {
    async fn run(&self, config: &Config) -> anyhow::Result<()> {
        ensure!(
            auth::is_user_name(&self.user),
            "a user name is 1 to 64 letters, digits, dots, hyphens, underscores and @"
        );
        let secret = secret(self.stdin)?;
        let hash = auth::hash(secret.clone()).await?;
        let (store, clock) = open(config).await?;
        let mut change = store.change(ACTOR, clock.now()).await?;
        let all = change.queues().await?;
        ensure!(
            !all.is_empty(),
            "the centre has not begun yet: start the server once, then add users"
        );
        let user = User {
            id: AgentId::new(clock.now(), random::bits()),
            user: self.user.clone(),
            name: self.name.clone(),
            role: self.role,
            skills: self.skills(&all),
            languages: self.languages.clone(),
            queues: self.queues(&all)?,
            capacity: self.capacity(),
            number: None,
        };
        change.add_user(&user, &hash).await?;
        let mut skills = change.setup().await?.skills;
        skills.extend(user.skills.keys().cloned());
        change.put(&Doc::names(Kind::Skills, &skills)?).await?;
        change.commit().await?;
        store.close().await;
        tell(&self.user, &secret, self.stdin)
    }

    fn capacity(&self) -> Capacity {
        let agent = self.role == UserRole::Agent;
        Capacity {
            calls: self.calls.unwrap_or(if agent { 1 } else { 0 }),
            chats: self.chats.unwrap_or(if agent { 3 } else { 0 }),
        }
    }

    /// The skills given; an agent with none gets what the served queues ask for.
    fn skills(&self, queues: &[Queue]) -> BTreeMap<String, SkillLevel> {
        if !self.skills.is_empty() || self.role != UserRole::Agent {
            return self.skills.iter().cloned().collect();
        }
        let served = |queue: &&Queue| self.queues.is_empty() || self.queues.contains(&queue.name);
        let mut skills = BTreeMap::new();
        for (skill, level) in queues.iter().filter(served).flat_map(|queue| &queue.skills) {
            let has = skills.entry(skill.clone()).or_insert(*level);
            *has = (*has).max(*level);
        }
        skills
    }

    fn queues(&self, queues: &[Queue]) -> anyhow::Result<Vec<QueueId>> {
        if self.queues.is_empty() {
            let all = queues.iter().filter(|_| self.role == UserRole::Agent);
            return Ok(all.map(|queue| queue.id).collect());
        }
        let id = |name: &String| {
            let found = queues.iter().find(|queue| queue.name == *name);
            let names: Vec<_> = queues.iter().map(|queue| queue.name.as_str()).collect();
            let queue = found.with_context(|| {
                format!(
                    "there is no queue {name:?}; there are: {}",
                    names.join(", ")
                )
            })?;
            Ok(queue.id)
        };
        self.queues.iter().map(id).collect()
    }
}

/// Reads `support=7`.
fn skill(text: &str) -> Result<(String, SkillLevel), String> {
    let wanted = || "a skill and its level from 1 to 10, like support=7".to_owned();
    let (skill, level) = text.split_once('=').ok_or_else(wanted)?;
    match level.parse() {
        Ok(level @ 1..=10) if !skill.is_empty() => Ok((skill.to_owned(), SkillLevel(level))),
        Ok(_) | Err(_) => Err(wanted()),
    }
}

/// A fresh password, or the one on standard input.
fn secret(stdin: bool) -> anyhow::Result<String> {
    if !stdin {
        return Ok(random::password());
    }
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .context("standard input cannot be read")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if let Some(why) = auth::bad_password(&password) {
        anyhow::bail!(why);
    }
    Ok(password)
}

fn tell(user: &str, secret: &str, stdin: bool) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match stdin {
        true => writeln!(out, "{user} signs in with the password given.")?,
        false => writeln!(
            out,
            "{user} signs in with the password {secret} (shown this once)."
        )?,
    }
    Ok(())
}

async fn list(config: &Config) -> anyhow::Result<()> {
    let (store, _) = open(config).await?;
    let users = store.users().await?;
    store.close().await;
    let mut out = io::stdout().lock();
    writeln!(out, "{:<20} {:<14} Name", "User name", "Role")?;
    for user in users {
        writeln!(out, "{:<20} {:<14} {}", user.user, user.role, user.name)?;
    }
    Ok(())
}

async fn password(user: &str, stdin: bool, config: &Config) -> anyhow::Result<()> {
    let secret = secret(stdin)?;
    let hash = auth::hash(secret.clone()).await?;
    let (store, clock) = open(config).await?;
    let mut change = store.change(ACTOR, clock.now()).await?;
    change.set_password(user, &hash).await?;
    change.commit().await?;
    store.close().await;
    tell(user, &secret, stdin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skill_is_read_with_its_level() {
        assert_eq!(
            skill("support=7"),
            Ok(("support".to_owned(), SkillLevel(7)))
        );
        for text in ["support", "support=0", "support=11", "=5", "support=high"] {
            assert!(skill(text).is_err(), "{text}");
        }
    }
}
