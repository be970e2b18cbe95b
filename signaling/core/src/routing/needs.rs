//! What an interaction needs of an agent, and whether an agent has it.

use bellwire_proto::id::QueueId;

use crate::setup::{AgentSetup, Queue, SkillLevel};

/// Something an agent has and an interaction may need.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Trait {
    /// Serves a queue.
    Queue(QueueId),
    /// Has a skill.
    Skill(String),
    /// Speaks a language, by its primary tag.
    Language(String),
}

/// What an interaction needs: each trait, a skill with its least level.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Needs(Vec<(Trait, SkillLevel)>);

impl Needs {
    /// What waiting in `queue` needs.
    #[must_use]
    pub fn of(queue: &Queue) -> Self {
        let least = SkillLevel(0);
        let mut needs = vec![(Trait::Queue(queue.id), least)];
        let skill = |(name, level): (&String, &SkillLevel)| (Trait::Skill(name.clone()), *level);
        needs.extend(queue.skills.iter().map(skill));
        let mut needs = Self(needs);
        if let Some(tag) = &queue.language {
            needs.speak(tag);
        }
        needs
    }

    /// Needs from traits and least levels.
    #[must_use]
    pub fn new(needs: Vec<(Trait, SkillLevel)>) -> Self {
        Self(needs)
    }

    /// Asks for a skill at this level at least; a lower wish before is raised.
    pub fn ask(&mut self, skill: &str, level: SkillLevel) {
        let same = |(needed, _): &&mut (Trait, SkillLevel)| matches!(needed, Trait::Skill(name) if name == skill);
        match self.0.iter_mut().find(same) {
            Some((_, least)) => *least = level.max(*least),
            None => self.0.push((Trait::Skill(skill.to_owned()), level)),
        }
    }

    /// Asks less of a skill; level 0 asks nothing.
    pub fn relax(&mut self, skill: &str, level: SkillLevel) {
        for (needed, least) in &mut self.0 {
            if matches!(needed, Trait::Skill(name) if name == skill) {
                *least = level.min(*least);
            }
        }
        self.0
            .retain(|(needed, least)| !matches!(needed, Trait::Skill(_)) || least.0 > 0);
    }

    /// Asks for a language.
    pub fn speak(&mut self, tag: &str) {
        let needed = Trait::Language(primary(tag).to_ascii_lowercase());
        if self.0.iter().all(|(known, _)| *known != needed) {
            self.0.push((needed, SkillLevel(0)));
        }
    }

    /// Any language will do.
    pub fn speak_any(&mut self) {
        self.0
            .retain(|(needed, _)| !matches!(needed, Trait::Language(_)));
    }

    /// Each trait with its least level.
    pub fn iter(&self) -> impl Iterator<Item = &(Trait, SkillLevel)> {
        self.0.iter()
    }

    /// In words: `laptops 5, es`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let word = |(needed, level): &(Trait, SkillLevel)| match needed {
            Trait::Queue(_) => None,
            Trait::Skill(name) => Some(format!("{name} {}", level.0)),
            Trait::Language(tag) => Some(tag.clone()),
        };
        self.0
            .iter()
            .filter_map(word)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// What an agent has.
#[must_use]
pub fn traits(agent: &AgentSetup) -> Vec<(Trait, SkillLevel)> {
    let most = SkillLevel(10);
    let queues = agent.queues.iter().map(|id| (Trait::Queue(*id), most));
    let skills = (agent.skills.iter()).map(|(name, level)| (Trait::Skill(name.clone()), *level));
    let languages = (agent.languages.iter())
        .map(|tag| (Trait::Language(primary(tag).to_ascii_lowercase()), most));
    queues.chain(skills).chain(languages).collect()
}

/// Whether an agent with these traits meets all needs.
#[must_use]
pub fn qualifies(has: &[(Trait, SkillLevel)], needs: &Needs) -> bool {
    needs.iter().all(|(needed, least)| {
        (has.iter()).any(|(trait_, level)| trait_ == needed && level >= least)
    })
}

/// The primary part of a language tag, in lower case where it already is: `es-MX` gives `es`.
#[must_use]
pub fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}
