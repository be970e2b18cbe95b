//! Agents who are free, found by what they can do.
//!
//! For each medium and trait there is one ordered set of free agents, the least loaded and then
//! longest idle first. A pick walks the smallest set that the needs name, so its cost does not
//! grow with the number of agents where one trait tells them apart.

use std::collections::{BTreeMap, BTreeSet};

use bellwire_proto::{id::AgentId, interaction::Medium, time::Timestamp};

use super::needs::{Needs, Trait, qualifies};
use crate::setup::SkillLevel;

/// What a free agent can take now, and how soon it is their turn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Free {
    /// A call.
    pub call: bool,
    /// A chat.
    pub chat: bool,
    /// How many interactions they have: fewer comes first.
    pub load: u8,
    /// Idle since: earlier comes first.
    pub since: Timestamp,
}

impl Free {
    /// Whether there is room for `medium`.
    #[must_use]
    pub fn takes(self, medium: Medium) -> bool {
        match medium {
            Medium::Call => self.call,
            Medium::Chat => self.chat,
        }
    }
}

type Turn = (u8, Timestamp, AgentId);

#[derive(Debug)]
struct Member {
    traits: Vec<(Trait, SkillLevel)>,
    free: Option<Free>,
}

/// All agents, and those free among them.
#[derive(Debug, Default)]
pub struct Pool {
    members: BTreeMap<AgentId, Member>,
    call: BTreeMap<Trait, BTreeSet<Turn>>,
    chat: BTreeMap<Trait, BTreeSet<Turn>>,
}

impl Pool {
    /// Adds an agent, or changes what they can do.
    pub fn know(&mut self, agent: AgentId, traits: Vec<(Trait, SkillLevel)>) {
        let free = self.members.get(&agent).and_then(|member| member.free);
        self.set(agent, None);
        self.members.insert(agent, Member { traits, free: None });
        self.set(agent, free);
    }

    /// Forgets an agent.
    pub fn forget(&mut self, agent: AgentId) {
        self.set(agent, None);
        self.members.remove(&agent);
    }

    /// Says what an agent can take now; `None` for nothing.
    pub fn set(&mut self, agent: AgentId, free: Option<Free>) {
        let Some(member) = self.members.get_mut(&agent) else {
            return;
        };
        if member.free == free {
            return;
        }
        let before = std::mem::replace(&mut member.free, free);
        for medium in [Medium::Call, Medium::Chat] {
            let sets = match medium {
                Medium::Call => &mut self.call,
                Medium::Chat => &mut self.chat,
            };
            for (index, add) in [(before, false), (free, true)] {
                let Some(index) = index.filter(|free| free.takes(medium)) else {
                    continue;
                };
                let turn = (index.load, index.since, agent);
                for (trait_, _) in &member.traits {
                    change(sets, trait_, turn, add);
                }
            }
        }
    }

    /// Whether an agent can do what is needed, free or not.
    #[must_use]
    pub fn can(&self, agent: AgentId, needs: &Needs) -> bool {
        (self.members.get(&agent)).is_some_and(|member| qualifies(&member.traits, needs))
    }

    /// What an agent can take now.
    #[must_use]
    pub fn free(&self, agent: AgentId) -> Option<Free> {
        self.members.get(&agent).and_then(|member| member.free)
    }

    /// The agent whose turn it is among those who meet `needs` and pass `may`.
    pub fn pick(
        &self,
        medium: Medium,
        needs: &Needs,
        may: impl Fn(AgentId) -> bool,
    ) -> Option<AgentId> {
        self.turns(medium, needs)
            .map(|(_, _, agent)| agent)
            .find(|agent| may(*agent) && self.can(*agent, needs))
    }

    /// The one who does best what is preferred, among the first who meet `needs` and pass `may`;
    /// between equals, whose turn it is. Looks at [`Self::MOST_COMPARED`] of them at most.
    pub fn pick_best(
        &self,
        medium: Medium,
        needs: &Needs,
        prefers: &BTreeMap<String, SkillLevel>,
        may: impl Fn(AgentId) -> bool,
    ) -> Option<AgentId> {
        let fit = (self.turns(medium, needs)).filter_map(|(_, _, agent)| {
            let member = self.members.get(&agent)?;
            (may(agent) && qualifies(&member.traits, needs))
                .then(|| (agent, preference(&member.traits, prefers)))
        });
        let mut best: Option<(AgentId, u32)> = None;
        for (agent, score) in fit.take(Self::MOST_COMPARED) {
            if best.is_none_or(|(_, most)| score > most) {
                best = Some((agent, score));
            }
        }
        best.map(|(agent, _)| agent)
    }

    /// The most agents who are compared by what they do best.
    pub const MOST_COMPARED: usize = 64;

    /// How many free agents meet `needs`; counts no further than `most`.
    #[must_use]
    pub fn count_up_to(&self, medium: Medium, needs: &Needs, most: usize) -> usize {
        (self.turns(medium, needs))
            .filter(|(_, _, agent)| self.can(*agent, needs))
            .take(most)
            .count()
    }

    fn turns(&self, medium: Medium, needs: &Needs) -> impl Iterator<Item = Turn> {
        let sets = match medium {
            Medium::Call => &self.call,
            Medium::Chat => &self.chat,
        };
        let mut smallest: Option<&BTreeSet<Turn>> = None;
        let mut nobody = false;
        for (needed, _) in needs.iter() {
            match sets.get(needed) {
                None => nobody = true,
                Some(set) if smallest.is_none_or(|least| set.len() < least.len()) => {
                    smallest = Some(set);
                }
                Some(_) => {}
            }
        }
        (smallest.filter(|_| !nobody).into_iter()).flat_map(|set| set.iter().copied())
    }
}

/// How well traits suit what is preferred: levels in sum, those below the wish not counted.
fn preference(has: &[(Trait, SkillLevel)], prefers: &BTreeMap<String, SkillLevel>) -> u32 {
    let level = |(trait_, level): &(Trait, SkillLevel)| match trait_ {
        Trait::Skill(name) => (prefers.get(name))
            .filter(|wish| level >= wish)
            .map_or(0, |_| u32::from(level.0)),
        Trait::Queue(_) | Trait::Language(_) => 0,
    };
    has.iter().map(level).sum()
}

fn change(sets: &mut BTreeMap<Trait, BTreeSet<Turn>>, key: &Trait, turn: Turn, add: bool) {
    if add {
        match sets.get_mut(key) {
            Some(set) => _ = set.insert(turn),
            None => _ = sets.insert(key.clone(), BTreeSet::from([turn])),
        }
    } else if let Some(set) = sets.get_mut(key) {
        set.remove(&turn);
        if set.is_empty() {
            sets.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(n: u128) -> AgentId {
        AgentId::new(Timestamp(1), n)
    }

    fn needs(skill: &str, level: u8) -> Needs {
        Needs::new(vec![(Trait::Skill(skill.into()), SkillLevel(level))])
    }

    fn free(since: u64) -> Free {
        Free {
            call: true,
            chat: false,
            load: 0,
            since: Timestamp(since),
        }
    }

    fn pool(agents: &[(u128, &str, u8, u64)]) -> Pool {
        let mut pool = Pool::default();
        for (n, skill, level, since) in agents {
            let traits = vec![(Trait::Skill((*skill).into()), SkillLevel(*level))];
            pool.know(agent(*n), traits);
            pool.set(agent(*n), Some(free(*since)));
        }
        pool
    }

    #[test]
    fn the_longest_idle_who_can_is_picked() {
        let pool = pool(&[(1, "tv", 9, 50), (2, "pc", 9, 10), (3, "tv", 9, 20)]);

        let picked = pool.pick(Medium::Call, &needs("tv", 5), |_| true);

        assert_eq!(picked, Some(agent(3)));
    }

    #[test]
    fn a_level_too_low_or_a_medium_not_free_is_passed_over() {
        let pool = pool(&[(1, "tv", 4, 10), (2, "tv", 5, 20)]);

        assert_eq!(
            pool.pick(Medium::Call, &needs("tv", 5), |_| true),
            Some(agent(2))
        );
        assert_eq!(pool.pick(Medium::Chat, &needs("tv", 1), |_| true), None);
    }

    #[test]
    fn among_those_who_can_the_one_who_does_it_best_comes_first() {
        let pool = pool(&[(1, "tv", 6, 10), (2, "tv", 9, 20), (3, "tv", 9, 30)]);
        let prefers = |level| BTreeMap::from([("tv".to_owned(), SkillLevel(level))]);

        let best = pool.pick_best(Medium::Call, &needs("tv", 5), &prefers(8), |_| true);
        let nobody_reaches_it =
            pool.pick_best(Medium::Call, &needs("tv", 5), &prefers(10), |_| true);

        assert_eq!(best, Some(agent(2)));
        assert_eq!(nobody_reaches_it, Some(agent(1)));
    }

    #[test]
    fn a_busy_agent_leaves_every_set() {
        let mut pool = pool(&[(1, "tv", 9, 10)]);

        pool.set(agent(1), None);

        assert_eq!(pool.pick(Medium::Call, &needs("tv", 1), |_| true), None);
        assert!(pool.call.is_empty());
    }
}
