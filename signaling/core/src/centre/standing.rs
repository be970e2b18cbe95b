//! One who waits, as time goes by: what is needed of an agent weakens, an agent of before is no longer
//! waited for, and who has waited too long, or where nobody is there any more, goes elsewhere.

use std::time::Duration;

use bellwire_proto::{
    id::{InteractionId, QueueId},
    setup::{Destination, OverflowWhen, fact},
    time::Timestamp,
};

use super::{Centre, entering::is_new, timer::Deadline};
use crate::{facts, interaction::Stage};

/// After so long a rule is tried again whose queue took nobody.
const TRIED_AGAIN: Duration = Duration::from_secs(15);

impl Centre {
    /// Points of priority from intents.
    pub(super) fn priority_of(&self, id: InteractionId) -> u8 {
        let Some(interaction) = self.interactions.get(&id) else {
            return 0;
        };
        let facts = self.facts(id);
        let topic = facts.get(fact::TOPIC).map(String::as_str);
        facts::counting(&interaction.context.intents, topic)
            .map(|intent| intent.priority)
            .max()
            .unwrap_or(0)
    }

    /// Looks again at what a waiting contact needs of an agent.
    pub(super) fn refit(&mut self, id: InteractionId, now: Timestamp) {
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        let Some(queue) = self.queue(interaction.queue) else {
            return;
        };
        let site = self.site(&interaction.site);
        let required: Vec<_> = (site.iter().flat_map(|site| &site.needs))
            .chain(&queue.needs)
            .cloned()
            .collect();
        let facts = self.facts_with_defaults(id, &required);
        let topic = facts.get(fact::TOPIC).map(String::as_str);
        let mut skills = interaction.way.skills.clone();
        let mut prefers = queue.prefers.clone();
        for intent in facts::counting(&interaction.context.intents, topic) {
            for (skill, level) in &intent.skills {
                let wanted = skills.entry(skill.clone()).or_insert(*level);
                *wanted = (*wanted).max(*level);
            }
            for (skill, level) in &intent.prefers {
                prefers.entry(skill.clone()).or_insert(*level);
            }
        }
        let staff = self.staff.get(&queue.id).into_iter().flatten();
        let needs = facts::needs(
            queue,
            facts.get(fact::LANGUAGE).map(String::as_str),
            &skills,
            interaction.waited(now).as_secs(),
            |needs| staff.clone().any(|agent| self.pool.can(*agent, needs)),
        );
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.needs = needs;
            interaction.prefers = prefers;
        }
    }

    /// Sets when a waiting contact is to be looked at again: needs weaken, an agent is no longer
    /// waited for, or it has waited too long.
    pub(super) fn plan_step(&mut self, id: InteractionId, now: Timestamp) {
        self.deadlines.drop(Deadline::Step(id));
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        let Some(queue) = self.queue(interaction.queue) else {
            return;
        };
        let span = |s: u32| interaction.queued + Duration::from_secs(u64::from(s));
        let relax = queue.relax.iter().map(|step| span(step.after_s));
        let overflow = queue.overflow.iter().filter_map(|rule| match rule.when {
            // A rule whose time came, but whose queue takes nobody just now, is tried again.
            OverflowWhen::Waited(after) if span(after) <= now => {
                is_new(&rule.to, &interaction.way).then(|| now + TRIED_AGAIN)
            }
            OverflowWhen::Waited(after) => Some(span(after)),
            OverflowWhen::Closed | OverflowWhen::NobodyThere | OverflowWhen::Waiting(_) => None,
        });
        let reserved = interaction.reserved.map(|(_, until)| until);
        let next = relax
            .chain(overflow)
            .chain(reserved)
            .filter(|at| *at > now)
            .min();
        if let Some(at) = next {
            self.deadlines.set(at, Deadline::Step(id));
        }
    }

    /// A waiting contact is looked at again.
    pub(super) fn step(&mut self, id: InteractionId, now: Timestamp) {
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        // What rings comes back to its place, and is looked at then.
        if interaction.stage != Stage::Waiting || !interaction.is_placed() {
            return;
        }
        if self.overflow_waited(id, now) {
            return;
        }
        let before = self.interactions.get(&id).map(|i| i.needs.clone());
        self.refit(id, now);
        let after = self
            .interactions
            .get(&id)
            .map(|i| (i.needs.clone(), i.needs.in_words()));
        if let (Some(before), Some((after, words))) = (before, after)
            && before != after
        {
            let asked = if words.is_empty() {
                "nothing".to_owned()
            } else {
                words
            };
            self.decided(
                id,
                None,
                format!("Asks less after a while: now {asked}"),
                now,
            );
        }
        self.join_line(id);
        self.plan_step(id, now);
    }

    /// Moves a contact on that has waited too long; false where it stays.
    fn overflow_waited(&mut self, id: InteractionId, now: Timestamp) -> bool {
        let Some(interaction) = self.interactions.get(&id) else {
            return false;
        };
        let Some(queue) = self.queue(interaction.queue) else {
            return false;
        };
        let waited = interaction.waited(now).as_secs();
        let due = queue.overflow.iter().filter_map(|rule| match rule.when {
            OverflowWhen::Waited(after) if u64::from(after) <= waited => {
                let because = format!("waited {after} s in {}", queue.name);
                Some((rule.to.clone(), because))
            }
            OverflowWhen::Waited(_)
            | OverflowWhen::Closed
            | OverflowWhen::NobodyThere
            | OverflowWhen::Waiting(_) => None,
        });
        let due: Vec<_> = due.collect();
        due.into_iter()
            .any(|(to, because)| self.move_on(id, to, because, now))
    }

    /// Stands where it stood before its desk stopped ringing or its agent vanished, and is looked
    /// at for what was due meanwhile.
    pub(super) fn wait_on(&mut self, id: InteractionId, now: Timestamp) {
        let queue = self.interactions.get(&id).map(|i| i.queue);
        if queue.is_some_and(|queue| self.queue(queue).is_some()) {
            self.step(id, now);
        } else {
            self.lost_queue(id, now);
        }
    }

    /// Those who wait for an agent they had before, who is gone meanwhile, wait for anybody.
    pub(super) fn release_reserved(&mut self) {
        let gone = |id: &InteractionId| {
            self.interactions.get(id).is_some_and(|interaction| {
                let (agent, medium) = (interaction.reserved, interaction.medium);
                let agent = agent.and_then(|(agent, _)| self.agents.get(&agent));
                interaction.reserved.is_some() && agent.is_none_or(|a| !a.is_expected(medium))
            })
        };
        let waiting = self.lines.values().flat_map(crate::routing::Line::iter);
        let released: Vec<_> = waiting.map(|(_, id)| id).filter(gone).collect();
        for id in released {
            if let Some(interaction) = self.interactions.get_mut(&id) {
                interaction.reserved = None;
            }
            self.unmatched.insert(id);
        }
    }

    /// Sends those on who wait where nobody is there any more, by the rules of their queue. Who
    /// waits at closing time is still served by those who are there.
    pub(super) fn overflow_deserted(&mut self, now: Timestamp) {
        let deserted: Vec<_> = (self.lines.iter())
            .filter(|((queue, medium), line)| !line.is_empty() && !self.is_staffed(*queue, *medium))
            .filter_map(|((queue, _), line)| {
                let queue = self.queue(*queue)?;
                let fits = |when: OverflowWhen| match when {
                    OverflowWhen::NobodyThere => true,
                    OverflowWhen::Closed => !self.is_open(queue, now),
                    OverflowWhen::Waiting(_) | OverflowWhen::Waited(_) => false,
                };
                let rule = (queue.overflow.iter()).find(|rule| fits(rule.when))?;
                let waiting: Vec<_> = line.iter().map(|(_, id)| id).collect();
                Some((
                    waiting,
                    rule.to.clone(),
                    format!("nobody is there in {}", queue.name),
                ))
            })
            .collect();
        for (waiting, to, because) in deserted {
            for id in waiting {
                self.move_on(id, to.clone(), because.clone(), now);
            }
        }
    }

    /// Leads a waiting contact elsewhere, if it can be taken there; false where it stays. What must
    /// be known there is asked while it keeps its place here.
    pub(super) fn move_on(
        &mut self,
        id: InteractionId,
        to: Destination,
        because: String,
        now: Timestamp,
    ) -> bool {
        let Some(interaction) = self.interactions.get(&id) else {
            return false;
        };
        if interaction.context.left_message || interaction.stage != Stage::Waiting {
            return false;
        }
        let (from, been) = (interaction.queue, interaction.way.been.len());
        match &to {
            Destination::Queue(next) => {
                if !self.could_move(id, *next, now) || self.asks_for(id, *next, now) {
                    return false;
                }
            }
            Destination::Menu(form) => {
                self.ask_meanwhile(id, *form, now);
                return false;
            }
            Destination::Page { .. } | Destination::Link { .. } => {}
        }
        self.leave_line(id);
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.way.been.push(from);
        }
        self.lead(id, to, because, now);
        let stays = (self.interactions.get_mut(&id))
            .filter(|i| i.stage == Stage::Waiting && i.is_placed() && i.queue == from);
        let moved = stays.is_none();
        if let Some(interaction) = stays {
            interaction.way.been.truncate(been);
        }
        moved
    }

    /// Whether a waiting contact may go to another queue now.
    fn could_move(&self, id: InteractionId, next: QueueId, now: Timestamp) -> bool {
        let Some(interaction) = self.interactions.get(&id) else {
            return false;
        };
        let been = next == interaction.queue || interaction.way.been.contains(&next);
        let takes = self.queue(next).is_some_and(|queue| {
            queue.media.contains(&interaction.medium)
                && self.is_open(queue, now)
                && (queue.most_waiting).is_none_or(|most| self.waiting_in(next) < most as usize)
        });
        takes && !been
    }

    /// Asks a waiting contact for what another queue must know; false where nothing is missing.
    fn asks_for(&mut self, id: InteractionId, next: QueueId, now: Timestamp) -> bool {
        let needs = self.queue(next).map(|queue| queue.needs.clone());
        let Some(question) = self.question(id, &needs.unwrap_or_default()) else {
            return false;
        };
        if (self.interactions.get(&id)).is_some_and(|i| i.way.asking.is_none()) {
            self.ask(id, question, false, now);
        }
        true
    }
}
