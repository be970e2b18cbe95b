//! Who is at work for which queue, counted once for many questions: how many places there are, how
//! many of them are free, and who shares them. What waits are estimated from.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bellwire_proto::{
    id::{InteractionId, QueueId},
    interaction::Medium,
    time::Timestamp,
    visitor::Wait,
};

use super::Centre;
use crate::{
    agents::Agent,
    routing::{Needs, Place, qualifies, traits},
    wait::{self, LineNow, Standing, WaitEstimate},
};

/// Small centres are counted for every question, large ones this often.
const FEW_AGENTS: usize = 100;
const COUNTED_EVERY: Duration = Duration::from_millis(500);

/// Who is at work.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    at: Timestamp,
    by_line: BTreeMap<(QueueId, Medium), Places>,
    shared: BTreeMap<(QueueId, QueueId, Medium), u32>,
    /// Staffed for any queue, by medium.
    pub(super) staffed: BTreeMap<Medium, u32>,
}

/// The places of one line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Places {
    /// Agents who are ready or busy.
    pub(super) agents: u32,
    all: u32,
    free: u32,
}

impl Crowd {
    pub(super) fn of(&self, queue: QueueId, medium: Medium) -> Places {
        (self.by_line.get(&(queue, medium)))
            .copied()
            .unwrap_or_default()
    }
}

impl Centre {
    /// Counts who is at work, where the last count is too old.
    pub(super) fn count_crowd(&mut self, now: Timestamp) {
        let few = self.agents.len() <= FEW_AGENTS;
        if few || now >= self.crowd.at + COUNTED_EVERY || self.crowd.by_line.is_empty() {
            self.crowd = self.counted(now);
        }
    }

    /// Notes who serves which queue. It changes with the set-up alone, and counting needs it very often.
    pub(super) fn see_who_serves(&mut self) {
        let needs: BTreeMap<QueueId, Needs> = (self.setup.queues.iter())
            .map(|queue| (queue.id, Needs::of(queue)))
            .collect();
        for agent in self.agents.values_mut() {
            let has = traits(&agent.setup);
            let can = |queue: &&QueueId| {
                needs
                    .get(*queue)
                    .is_some_and(|needs| qualifies(&has, needs))
            };
            let served: BTreeSet<QueueId> =
                agent.setup.queues.iter().filter(can).copied().collect();
            agent.serves = served.into_iter().collect();
        }
    }

    fn counted(&self, now: Timestamp) -> Crowd {
        let mut crowd = Crowd {
            at: now,
            ..Crowd::default()
        };
        for agent in self.agents.values() {
            for medium in [Medium::Call, Medium::Chat] {
                let places = places(agent, medium);
                if places.all == 0 && places.agents == 0 {
                    continue;
                }
                *crowd.staffed.entry(medium).or_default() += places.agents;
                for queue in &agent.serves {
                    let line = crowd.by_line.entry((*queue, medium)).or_default();
                    line.agents += places.agents;
                    line.all += places.all;
                    line.free += places.free;
                    for other in agent.serves.iter().filter(|other| *other != queue) {
                        *crowd.shared.entry((*queue, *other, medium)).or_default() += places.all;
                    }
                }
            }
        }
        crowd
    }

    /// How a line stands, seen by one who stands in it at `place`, or would.
    fn seen_from(
        &self,
        queue: QueueId,
        medium: Medium,
        place: Option<(Place, InteractionId)>,
        now: Timestamp,
    ) -> (Standing, LineNow) {
        let places = self.crowd.of(queue, medium);
        let line = self.lines.get(&(queue, medium));
        let own = place.map(|(_, id)| id);
        let ahead = line.map_or(0, |line| match place {
            Some((place, id)) => line.position(place, id).saturating_sub(1),
            None => u32::try_from(line.len()).unwrap_or(u32::MAX),
        });
        let head = line.and_then(|line| line.iter().map(|(_, id)| id).find(|id| Some(*id) != own));
        let others = line.map_or(0, |line| {
            let stands = place.is_some_and(|(place, id)| line.holds(place, id));
            line.len().saturating_sub(usize::from(stands))
        });
        let rivals = (self.lines.iter())
            .filter(|((other, kind), line)| *other != queue && *kind == medium && !line.is_empty())
            .map(|((other, _), line)| {
                let older = match place {
                    Some((place, id)) => line.position(place, id).saturating_sub(1),
                    None => u32::try_from(line.len()).unwrap_or(u32::MAX),
                };
                let shared = self.crowd.shared.get(&(queue, *other, medium));
                (older, shared.copied().unwrap_or(0))
            });
        let standing = Standing {
            ahead,
            rivals: wait::rivals(places.all, rivals),
        };
        let head_waited = head
            .and_then(|id| self.interactions.get(&id))
            .map(|first| first.waited(now));
        let line = LineNow {
            waiting: u32::try_from(others).unwrap_or(u32::MAX),
            head_waited,
            places: places.all,
            free: places.free,
        };
        (standing, line)
    }

    /// How long one who came now would wait in this line.
    pub(super) fn joining(&self, queue: QueueId, medium: Medium, now: Timestamp) -> Option<Wait> {
        let (standing, line) = self.seen_from(queue, medium, None, now);
        let waits = self.waits.get(&(queue, medium))?;
        Some(told(waits.joining(standing, line)?.told()))
    }

    /// A contact comes into its queue: keeps what is expected of its wait, and lets the line know.
    pub(super) fn expect(&mut self, id: InteractionId, now: Timestamp) {
        self.count_crowd(now);
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        let (queue, medium) = (interaction.queue, interaction.medium);
        let place = Some((interaction.place, id));
        let (standing, line) = self.seen_from(queue, medium, place, now);
        let waits = self.waits.entry((queue, medium)).or_default();
        let guess = waits.joining(standing, line);
        waits.arrived(line.waiting, now);
        // A message waits for days without harm: it says nothing of those who sit and wait.
        let guess = guess.filter(|_| !interaction.context.left_message);
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.guess = guess;
        }
    }

    /// How much longer a waiting contact is likely to wait.
    pub(super) fn remaining(&self, id: InteractionId, now: Timestamp) -> Option<Wait> {
        let interaction = self.interactions.get(&id)?;
        let (queue, medium) = (interaction.queue, interaction.medium);
        let place = Some((interaction.place, id));
        let (standing, line) = self.seen_from(queue, medium, place, now);
        let waits = self.waits.get(&(queue, medium))?;
        let estimate = waits.remaining(standing, line)?;
        Some(told(estimate))
    }
}

/// An agent's places: those at work count in full, others with what they still have.
fn places(agent: &Agent, medium: Medium) -> Places {
    let load = u32::from(agent.load.of(medium));
    if !agent.is_staffed(medium) {
        return Places {
            agents: 0,
            all: load,
            free: 0,
        };
    }
    let capacity = u32::from(agent.setup.capacity.of(medium));
    let takes = agent.free().is_some_and(|free| free.takes(medium));
    Places {
        agents: 1,
        all: capacity.max(load),
        free: if takes {
            capacity.saturating_sub(load)
        } else {
            0
        },
    }
}

/// An estimate as visitors are told it: whole seconds.
fn told(estimate: WaitEstimate) -> Wait {
    let seconds = |ms: u64| u32::try_from(ms / 1000).unwrap_or(u32::MAX);
    Wait {
        from_s: seconds(estimate.low_ms),
        to_s: seconds(estimate.high_ms.saturating_add(999)),
    }
}
