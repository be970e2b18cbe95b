//! A fast floor: first come, first served over all lines, the longest idle agent first.
//!
//! It feeds the same [`LineWaits`](bellwire_core::wait::LineWaits) as the centre does, for the
//! millions of arrivals that the closed forms need.

mod event;
mod line;

use std::{
    collections::{BinaryHeap, VecDeque},
    time::Duration,
};

use bellwire_core::wait::{Estimator, Guess, LineNow, Standing, rivals};
use bellwire_proto::time::Timestamp;

use self::{
    event::{Event, Happens},
    line::{Line, Waiter},
};
use crate::{
    dice::Dice,
    scenario::{HANDLING_MS, Handling, Scenario},
    score::{Look, Scores, Told},
};

/// Agents of one group.
#[derive(Debug)]
struct Crew {
    /// Since when each free one is idle, the longest first.
    idle: VecDeque<f64>,
    busy: u32,
    /// How many are to be at work.
    wanted: u32,
}

/// A day in progress.
#[derive(Debug)]
pub struct Day<'a> {
    scenario: &'a Scenario,
    dice: Dice,
    events: BinaryHeap<Event>,
    lines: Vec<Line>,
    crews: Vec<Crew>,
    number: u64,
    time: f64,
    scores: Scores,
}

/// Replays `arrivals` arrivals and returns how good the estimates were. The first twentieth
/// only fills the floor.
#[must_use]
pub fn replay(scenario: &Scenario, arrivals: u64, seed: u64) -> Scores {
    let mut day = Day::new(scenario, Scores::new(arrivals, arrivals / 20), seed);
    for _ in 0..arrivals {
        day.arrival();
    }
    day.scores
}

/// Replays the first `arrivals` arrivals of `centres` new centres, where nothing is known yet.
#[must_use]
pub fn replay_new(scenario: &Scenario, centres: u64, arrivals: u64, seed: u64) -> Scores {
    let mut scores = Scores::new(centres * arrivals, 0);
    for centre in 0..centres {
        scores.forget_lines();
        let mut day = Day::new(scenario, scores, seed + centre);
        for _ in 0..arrivals {
            day.arrival();
        }
        scores = day.scores;
    }
    scores
}

impl<'a> Day<'a> {
    fn new(scenario: &'a Scenario, scores: Scores, seed: u64) -> Self {
        let crew = |agents| Crew {
            idle: std::iter::repeat_n(0.0, agents as usize).collect(),
            busy: 0,
            wanted: agents,
        };
        let mut day = Self {
            scenario,
            dice: Dice::new(seed),
            events: BinaryHeap::new(),
            lines: std::iter::repeat_with(Line::default)
                .take(scenario.lines)
                .collect(),
            crews: scenario
                .groups
                .iter()
                .map(|group| crew(group.agents))
                .collect(),
            number: 0,
            time: 0.0,
            scores,
        };
        for (step, planned) in scenario.plan.iter().enumerate() {
            day.plan(planned.at, Happens::Staffing { step, round: 0 });
        }
        day
    }

    fn plan(&mut self, at: f64, what: Happens) {
        self.number += 1;
        let number = self.number;
        self.events.push(Event { at, number, what });
    }

    /// Lets time pass to the next arrival, and takes it in.
    fn arrival(&mut self) {
        let shape = self.scenario.shape;
        let fastest = self.scenario.load * shape.most();
        let mut at = self.time;
        loop {
            at += self.dice.exponential(1.0 / fastest);
            // Thinning (Lewis and Shedler 1979).
            if self.dice.unit() * shape.most() <= shape.at(at) {
                break;
            }
        }
        while let Some(event) = self.events.peek().copied().filter(|event| event.at <= at) {
            self.events.pop();
            self.time = event.at;
            self.happens(event.what);
        }
        self.time = at;
        self.scores.arrives();
        let line = self.dice.below(self.scenario.lines);
        self.join(line);
        self.look();
    }

    fn happens(&mut self, what: Happens) {
        match what {
            Happens::Finished { group, line, took } => {
                let held = if self.scenario.mean_is_known {
                    1.0
                } else {
                    took
                };
                self.lines[line].waits.finished(span(held));
                let crew = &mut self.crews[group];
                crew.busy -= 1;
                crew.idle.push_back(self.time);
                self.send_home(group);
                self.serve(group);
            }
            Happens::GivesUp { line, number } => {
                if self.lines[line].give_up(number, self.time) {
                    self.scores.gives_up();
                }
            }
            Happens::Staffing { step, round } => {
                let scenario = self.scenario;
                let planned = scenario.plan[step];
                for group in 0..self.crews.len() {
                    let agents = scenario.groups[group].agents;
                    self.crews[group].wanted = (f64::from(agents) * planned.share).round() as u32;
                    self.send_home(group);
                    self.call_in(group);
                }
                let round = round + 1;
                let at = round as f64 * scenario.plan_length + planned.at;
                self.plan(at, Happens::Staffing { step, round });
            }
        }
    }

    /// Free agents beyond those wanted leave; a busy one finishes first.
    fn send_home(&mut self, group: usize) {
        let crew = &mut self.crews[group];
        while crew.busy + crew.idle.len() as u32 > crew.wanted && crew.idle.pop_front().is_some() {}
    }

    fn call_in(&mut self, group: usize) {
        let crew = &mut self.crews[group];
        while crew.busy + (crew.idle.len() as u32) < crew.wanted {
            crew.idle.push_back(self.time);
        }
        let free = crew.idle.len();
        for _ in 0..free {
            self.serve(group);
        }
    }

    /// Gives a free agent of the group whoever came first of the lines they serve.
    fn serve(&mut self, group: usize) {
        if self.crews[group].idle.is_empty() {
            return;
        }
        let serves = &self.scenario.groups[group];
        let first = (self.lines.iter_mut().enumerate())
            .filter(|(line, _)| serves.serves(*line))
            .filter_map(|(line, state)| Some((state.head()?, line)))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, line)) = first else { return };
        let Some(waiter) = self.lines[line].waiters.pop_front() else {
            return;
        };
        self.lines[line].live -= 1;
        self.answer(group, line, &waiter);
    }

    fn answer(&mut self, group: usize, line: usize, waiter: &Waiter) {
        let waited = self.time - waiter.at;
        let now = stamp(self.time);
        let waits = &mut self.lines[line].waits;
        let guess = waiter.told.as_ref().map(Told::guess);
        waits.entered(guess, span(waited), Duration::ZERO, now);
        self.scores
            .answered(line, waiter.told.as_ref(), waited * HANDLING_MS);
        let end = self.time * HANDLING_MS;
        for look in &waiter.looks {
            self.scores.looked(look, end);
        }
        let crew = &mut self.crews[group];
        crew.idle.pop_front();
        crew.busy += 1;
        let took = match self.scenario.handling {
            Handling::Exponential => self.dice.exponential(1.0),
            Handling::Lognormal(deviation) => self.dice.lognormal(deviation),
        };
        let second_half = (self.time / self.scenario.plan_length).fract() >= 0.5;
        let took = if second_half {
            took * self.scenario.second_half
        } else {
            took
        };
        self.plan(self.time + took, Happens::Finished { group, line, took });
    }

    fn join(&mut self, line: usize) {
        let head = self.lines[line].head();
        let guess = self.guess(line, head);
        let waiting = self.lines[line].live;
        self.lines[line].waits.arrived(waiting, stamp(self.time));
        self.number += 1;
        let waiter = Waiter {
            number: self.number,
            at: self.time,
            told: guess.map(|guess| self.scores.told(line, guess)),
            looks: vec![],
            gone: false,
        };
        let free = (0..self.crews.len())
            .filter(|group| self.scenario.groups[*group].serves(line))
            .filter_map(|group| Some((*self.crews[group].idle.front()?, group)))
            // An agent's own line comes first, as in Wallace and Whitt.
            .min_by(|a, b| (a.1 != line).cmp(&(b.1 != line)).then(a.0.total_cmp(&b.0)));
        if let Some((_, group)) = free {
            self.answer(group, line, &waiter);
            return;
        }
        let number = waiter.number;
        self.lines[line].waiters.push_back(waiter);
        self.lines[line].live += 1;
        if let Some(mean) = self.scenario.patience {
            let until = self.time + self.dice.exponential(mean);
            self.plan(until, Happens::GivesUp { line, number });
        }
    }

    /// Now and then, tells somebody who waits how much longer it will be.
    fn look(&mut self) {
        const ONE_IN: usize = 8;
        if self.dice.below(ONE_IN) > 0 {
            return;
        }
        let line = self.dice.below(self.scenario.lines);
        let waiting = self.lines[line].waiters.len();
        let at = self.dice.below(waiting.max(1));
        let Some(waiter) = self.lines[line]
            .waiters
            .get(at)
            .filter(|waiter| !waiter.gone)
        else {
            return;
        };
        let Some(told) = waiter.told.as_ref().filter(|told| told.guess().is_queued()) else {
            return;
        };
        let guess = *told.guess();
        let (number, since) = (waiter.number, waiter.at);
        let head = self.lines[line].head();
        let (standing, mut now) = self.standing(line, Some(number), head);
        // Oneself does not stand in one's own way.
        now.waiting -= 1;
        let state = &mut self.lines[line];
        let Some(said) = state.waits.remaining(standing, now) else {
            return;
        };
        let Ok(found) = state
            .waiters
            .binary_search_by_key(&number, |waiter| waiter.number)
        else {
            return;
        };
        let last = state.waits.joining(
            Standing {
                ahead: now.waiting,
                rivals: 0.0,
            },
            now,
        );
        let last = last.map_or(0.0, |guess| {
            guess.of(Estimator::LastServed).as_secs_f64() * 1e3
        });
        state.waiters[found].looks.push(Look {
            at: self.time * HANDLING_MS,
            waited: (self.time - since) * HANDLING_MS,
            said,
            arrival: guess.told().expected_ms as f64,
            last,
        });
    }

    fn guess(&self, line: usize, head: Option<f64>) -> Option<Guess> {
        let (standing, now) = self.standing(line, None, head);
        self.lines[line].waits.joining(standing, now)
    }

    /// How it looks to the waiter with this `number`; to one who joins now where `None`.
    fn standing(&self, line: usize, number: Option<u64>, head: Option<f64>) -> (Standing, LineNow) {
        let places_where = |fits: &dyn Fn(usize) -> bool| {
            (self.crews.iter().enumerate())
                .filter(|(group, _)| fits(*group))
                .map(|(_, crew)| (crew.idle.len() as u32, crew.busy.min(crew.wanted)))
                .fold((0, 0), |sum, (idle, busy)| (sum.0 + idle, sum.1 + busy))
        };
        let groups = &self.scenario.groups;
        let (free, busy) = places_where(&|group| groups[group].serves(line));
        let places = free + busy;
        let others = (self.lines.iter().enumerate())
            .filter(|(other, state)| *other != line && state.live > 0)
            .map(|(other, state)| {
                let both = |group: usize| groups[group].serves(line) && groups[group].serves(other);
                let (free, busy) = places_where(&both);
                (state.older_than(number), free + busy)
            });
        let state = &self.lines[line];
        let standing = Standing {
            ahead: state.older_than(number),
            rivals: rivals(places, others),
        };
        let now = LineNow {
            waiting: state.live,
            head_waited: head.map(|at| span(self.time - at)),
            places,
            free,
        };
        (standing, now)
    }
}

fn span(time: f64) -> Duration {
    Duration::from_millis((time * HANDLING_MS).round() as u64)
}

fn stamp(time: f64) -> Timestamp {
    Timestamp((time * HANDLING_MS).round() as u64)
}
