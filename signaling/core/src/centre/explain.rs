//! Why this agent, in words that a supervisor reads: what they can do, whose turn it was, and why
//! others were passed over.

use std::time::Duration;

use bellwire_proto::{
    agent::Chosen,
    id::{AgentId, InteractionId},
    time::Timestamp,
};

use super::Centre;
use crate::{
    agents::Agent,
    interaction::Interaction,
    routing::{Needs, Trait, primary},
    setup::AgentSetup,
};

/// So many others are looked at, and so many of them named.
const LOOKED_AT: usize = 32;
const NAMED: usize = 4;

impl Centre {
    /// Why this agent: "Anna: speaks es, laptops 7, idle 4 min; Boris skipped: at capacity".
    pub(super) fn because(&self, id: InteractionId, agent: AgentId, now: Timestamp) -> String {
        let (Some(interaction), Some(chosen)) =
            (self.interactions.get(&id), self.agents.get(&agent))
        else {
            return String::new();
        };
        let mut parts = abilities(&chosen.setup, &interaction.needs);
        parts.extend(preferred(&chosen.setup, interaction));
        parts.push(match chosen.load.calls.saturating_add(chosen.load.chats) {
            0 => format!("idle {}", in_words(now.since(chosen.idle_since))),
            1 => "has 1 contact".to_owned(),
            load => format!("has {load} contacts"),
        });
        if interaction.reserved.is_some_and(|(last, _)| last == agent) {
            parts.push("served the visitor last".to_owned());
        }
        let passed = self.passed_over(interaction, agent, now);
        let queue = self.queue_name(interaction.queue);
        let waited = in_words(interaction.waited(now));
        let told = format!(
            "{}: {}; waited {waited} in {queue}",
            chosen.setup.name,
            parts.join(", ")
        );
        [told]
            .into_iter()
            .chain(passed)
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// Others of the queue, and why it is not them.
    fn passed_over(
        &self,
        interaction: &Interaction,
        chosen: AgentId,
        now: Timestamp,
    ) -> Vec<String> {
        let others: Vec<_> = (self.staff.get(&interaction.queue).into_iter().flatten())
            .filter(|id| **id != chosen)
            .take(LOOKED_AT)
            .filter_map(|id| self.agents.get(id))
            .map(|agent| (agent, self.why_not(interaction, agent, chosen, now)))
            .collect();
        // Who could have taken it says more than who was not there.
        let there = others
            .iter()
            .filter(|(agent, _)| agent.is_staffed(interaction.medium));
        let gone = others
            .iter()
            .filter(|(agent, _)| !agent.is_staffed(interaction.medium));
        there
            .chain(gone)
            .take(NAMED)
            .map(|(agent, why)| format!("{} skipped: {why}", agent.setup.name))
            .collect()
    }

    fn why_not(
        &self,
        interaction: &Interaction,
        agent: &Agent,
        chosen: AgentId,
        now: Timestamp,
    ) -> String {
        let medium = interaction.medium;
        if agent.connection().is_none() {
            return "signed out".to_owned();
        }
        match &agent.chosen {
            Chosen::Ready => {}
            Chosen::NotReady { reason } if reason.is_empty() => return "not ready".to_owned(),
            Chosen::NotReady { reason } => return format!("not ready ({reason})"),
            Chosen::OnCall => return "on call".to_owned(),
        }
        if agent.setup.capacity.of(medium) == 0 {
            return "does not take this medium".to_owned();
        }
        if let Some(lacks) = lacks(&agent.setup, &interaction.needs) {
            return lacks;
        }
        if agent.load.of(medium) >= agent.setup.capacity.of(medium) {
            return "at capacity".to_owned();
        }
        if agent.offer.is_some() {
            return "the desk rings for another".to_owned();
        }
        if !interaction.may_ring(agent.setup.id, now) {
            return match interaction.reserved {
                Some((_, until)) if now < until => "waits for the agent of before".to_owned(),
                Some(_) | None => "did not take it just now".to_owned(),
            };
        }
        let better = self
            .agents
            .get(&chosen)
            .and_then(|chosen| worse(&agent.setup, &chosen.setup, interaction));
        if let Some(worse) = better {
            return worse;
        }
        if agent.load.calls.saturating_add(agent.load.chats) > 0 {
            return "has more to do".to_owned();
        }
        format!("idle {} only", in_words(now.since(agent.idle_since)))
    }
}

/// What an agent has of what is needed.
fn abilities(agent: &AgentSetup, needs: &Needs) -> Vec<String> {
    let has = |needed: &Trait| match needed {
        Trait::Queue(_) => None,
        Trait::Skill(name) => Some(format!("{name} {}", agent.skills.get(name)?.0)),
        Trait::Language(tag) => Some(format!("speaks {tag}")),
    };
    needs.iter().filter_map(|(needed, _)| has(needed)).collect()
}

/// What an agent has of what is preferred, besides what is needed.
fn preferred(agent: &AgentSetup, interaction: &Interaction) -> Option<String> {
    let needed = |skill: &String| {
        (interaction.needs.iter())
            .any(|(needed, _)| matches!(needed, Trait::Skill(name) if name == skill))
    };
    let levels: Vec<_> = (interaction.prefers.keys().filter(|skill| !needed(skill)))
        .filter_map(|skill| Some(format!("{skill} {}", agent.skills.get(skill)?.0)))
        .collect();
    (!levels.is_empty()).then(|| format!("preferred for {}", levels.join(", ")))
}

/// The first preferred skill in which the chosen one is better.
fn worse(agent: &AgentSetup, chosen: &AgentSetup, interaction: &Interaction) -> Option<String> {
    interaction.prefers.keys().find_map(|skill| {
        let level = |of: &AgentSetup| of.skills.get(skill).map_or(0, |level| level.0);
        let (own, best) = (level(agent), level(chosen));
        (own < best).then(|| match own {
            0 => format!("no {skill}, which is preferred"),
            own => format!("{skill} {own} only"),
        })
    })
}

/// The first thing an agent lacks.
fn lacks(agent: &AgentSetup, needs: &Needs) -> Option<String> {
    needs.iter().find_map(|(needed, least)| match needed {
        Trait::Queue(_) => None,
        Trait::Skill(name) => match agent.skills.get(name) {
            None => Some(format!("no {name}")),
            Some(level) if level < least => Some(format!("{name} {}, {} needed", level.0, least.0)),
            Some(_) => None,
        },
        Trait::Language(tag) => {
            let speaks = |known: &String| primary(known).eq_ignore_ascii_case(tag);
            (!agent.languages.iter().any(speaks)).then(|| format!("does not speak {tag}"))
        }
    })
}

/// A span as people say it: `40 s`, `4 min`.
fn in_words(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7199 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}
