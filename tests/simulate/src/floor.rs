//! Days of the real centre: its own routing, offers and wrap-up, on the virtual clock.

mod setup;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    time::Duration,
};

use bellwire_core::{
    Centre, Input, Output, Restored,
    wait::{Accuracy, range::Range},
};
use bellwire_proto::{
    agent::{AgentCommand, AgentEvent},
    id::{AgentId, ConnectionId, InteractionId, PeerId, SessionId, TabId},
    interaction::Medium,
    time::Timestamp,
    visitor::{Start, VisitorCommand, VisitorEvent, Wait},
};

pub use self::setup::{FLOORS, Floor};
use self::setup::{START, desk, interaction, page, site};
use crate::{
    dice::Dice,
    tally::{Tally, point},
};

const TALK_MS: f64 = 200_000.0;
const WRAP_UP_MS: f64 = 40_000.0;

/// What came of a centre's estimates.
#[derive(Debug)]
pub struct Outcome {
    /// What visitors' pages were told on arrival: a range, and its middle.
    pub told: Tally,
    /// The wait of the last who was answered in the same queue.
    pub last: Tally,
    /// What the centre itself says of each queue's estimates in the end.
    pub live: Vec<Accuracy>,
}

impl Outcome {
    /// The mean error of what the centre expected, relative to the mean wait, as it says itself.
    /// The middle of a range says less: most ranges reach further up than down.
    #[must_use]
    pub fn bias(&self) -> f64 {
        let waits: f64 = self.live.iter().map(|live| f64::from(live.of)).sum();
        let error: f64 = (self.live.iter())
            .map(|live| live.bias * f64::from(live.of))
            .sum();
        error / waits.max(1.0)
    }
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Happens {
    Arrives,
    Answers {
        agent: usize,
        number: u64,
        epoch: u32,
    },
    HangsUp {
        agent: usize,
        number: u64,
    },
    WrapsUp {
        agent: usize,
        number: u64,
    },
    GivesUp {
        number: u64,
    },
}

/// One visitor from the first click to the last.
#[derive(Clone, Copy, Debug)]
struct Visitor {
    topic: usize,
    since: Timestamp,
    told: Option<Wait>,
    last: Option<u64>,
    queued: bool,
    /// A desk rang at once.
    direct: bool,
}

struct Day {
    floor: Floor,
    centre: Centre,
    dice: Dice,
    now: Timestamp,
    next: BinaryHeap<Reverse<(Timestamp, u64, Happens)>>,
    count: u64,
    visitors: BTreeMap<u64, Visitor>,
    /// The last wait of each topic, in milliseconds.
    last: Vec<Option<u64>>,
    arrived: u64,
    warm_up: u64,
    outcome: Outcome,
}

/// Replays `arrivals` arrivals at the real centre. The first fifth only fills the floor.
#[must_use]
pub fn replay(floor: Floor, arrivals: u64, seed: u64) -> Outcome {
    let mut day = Day::new(floor, arrivals / 5, seed);
    day.open();
    day.plan(0.0, Happens::Arrives);
    while day.arrived < arrivals && day.step() {}
    day.outcome
}

impl Day {
    fn new(floor: Floor, warm_up: u64, seed: u64) -> Self {
        Self {
            floor,
            centre: Centre::restore(floor.setup(), Restored::default(), START),
            dice: Dice::new(seed),
            now: START,
            next: BinaryHeap::new(),
            count: 0,
            visitors: BTreeMap::new(),
            last: vec![None; floor.topics],
            arrived: 0,
            warm_up,
            outcome: Outcome {
                told: Tally::default(),
                last: Tally::default(),
                live: vec![],
            },
        }
    }

    /// Every agent's desk opens and is ready.
    fn open(&mut self) {
        for agent in 0..self.floor.agents {
            self.input(Input::AgentJoined {
                agent: AgentId::new(START, agent as u128),
                connection: desk(agent),
                tab: TabId::new(START, agent as u128),
                seen: vec![],
            });
            self.asks(agent, AgentCommand::Ready);
        }
    }

    fn plan(&mut self, in_ms: f64, what: Happens) {
        self.count += 1;
        let at = self.now + Duration::from_millis(in_ms as u64);
        self.next.push(Reverse((at, self.count, what)));
    }

    /// Lets the next thing happen: a deadline of the centre, or something on the floor.
    fn step(&mut self) -> bool {
        let Some(Reverse((at, _, what))) = self.next.peek().copied() else {
            return false;
        };
        if let Some((due, _)) = self.centre.poll_timeout().filter(|(due, _)| *due <= at) {
            self.now = self.now.max(due);
            self.centre.handle_timeout(self.now);
            self.drain();
            return true;
        }
        self.next.pop();
        self.now = at;
        self.happens(what);
        true
    }

    fn happens(&mut self, what: Happens) {
        match what {
            Happens::Arrives => self.arrives(),
            Happens::Answers {
                agent,
                number,
                epoch,
            } => self.asks(
                agent,
                AgentCommand::Accept {
                    interaction: interaction(number),
                    epoch,
                    peer: Some(PeerId::new(START, u128::from(number) * 2 + 1)),
                },
            ),
            Happens::HangsUp { agent, number } => {
                let interaction = interaction(number);
                self.asks(agent, AgentCommand::HangUp { interaction });
                let connection = page(number);
                self.input(Input::VisitorLeft { connection });
                let wrap_up = WRAP_UP_MS * (0.5 + self.dice.unit());
                self.plan(wrap_up, Happens::WrapsUp { agent, number });
            }
            Happens::WrapsUp { agent, number } => self.wraps_up(agent, number),
            Happens::GivesUp { number } => {
                // Whoever was answered meanwhile is in `visitors` until the wrap-up is over.
                if self
                    .visitors
                    .get(&number)
                    .is_some_and(|visitor| visitor.queued)
                {
                    self.visitors.remove(&number);
                    let interaction = interaction(number);
                    let connection = page(number);
                    let command = VisitorCommand::Leave { interaction };
                    self.input(Input::Visitor {
                        connection,
                        command,
                    });
                    self.input(Input::VisitorLeft { connection });
                }
            }
        }
    }

    fn arrives(&mut self) {
        let handling = TALK_MS + WRAP_UP_MS;
        let between = handling / (self.floor.load * self.floor.agents as f64);
        let gap = self.dice.exponential(between);
        self.plan(gap, Happens::Arrives);
        self.arrived += 1;
        let number = self.arrived;
        let topic = self.dice.below(self.floor.topics);
        let visitor = Visitor {
            topic,
            since: self.now,
            told: None,
            last: self.last[topic],
            queued: true,
            direct: false,
        };
        self.visitors.insert(number, visitor);
        let connection = page(number);
        self.input(Input::VisitorJoined {
            session: SessionId::new(START, u128::from(number)),
            connection,
            tab: TabId::new(START, 1_000_000 + u128::from(number)),
            site: site(topic),
            seen: vec![],
            known: Box::default(),
        });
        let command = VisitorCommand::Start(Start {
            interaction: interaction(number),
            medium: Medium::Call,
            video: false,
            peer: Some(PeerId::new(START, u128::from(number) * 2)),
        });
        self.input(Input::Visitor {
            connection,
            command,
        });
        let patience = self.dice.exponential(self.floor.patience * handling);
        self.plan(patience, Happens::GivesUp { number });
    }

    fn wraps_up(&mut self, agent: usize, number: u64) {
        let interaction = interaction(number);
        let command = AgentCommand::Finish {
            interaction,
            disposition: "Solved".to_owned(),
            note: String::new(),
        };
        self.visitors.remove(&number);
        self.asks(agent, command);
    }

    fn asks(&mut self, agent: usize, command: AgentCommand) {
        let connection = desk(agent);
        self.input(Input::Agent {
            connection,
            command,
        });
    }

    fn input(&mut self, input: Input) {
        self.centre.handle_input(input, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.centre.poll_output() {
            match output {
                Output::TellAgent { to, event, .. } => self.agent_hears(to, event),
                Output::TellVisitor { event, .. } => self.visitor_hears(&event),
                Output::Queues(queues) => {
                    let accuracy = queues.into_iter().flat_map(|queue| queue.accuracy);
                    self.outcome.live = accuracy.map(|(_, accuracy)| accuracy).collect();
                }
                Output::Record(_)
                | Output::Follow { .. }
                | Output::TellAudience { .. }
                | Output::Overall(_)
                | Output::Bridge { .. }
                | Output::Unbridge { .. }
                | Output::Ring(_)
                | Output::StopRing { .. }
                | Output::Drop { .. }
                | Output::Noted(_) => {}
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an agent here only answers, talks and wraps up"
    )]
    fn agent_hears(&mut self, to: ConnectionId, event: AgentEvent) {
        let Some(agent) = (0..self.floor.agents).find(|agent| desk(*agent) == to) else {
            return;
        };
        match event {
            AgentEvent::Offered(offer) => {
                let Some(number) = self.number(offer.interaction) else {
                    return;
                };
                let epoch = offer.epoch;
                let after = 2_000.0 + 4_000.0 * self.dice.unit();
                self.plan(
                    after,
                    Happens::Answers {
                        agent,
                        number,
                        epoch,
                    },
                );
            }
            AgentEvent::Connected(work) => {
                if let Some(number) = self.number(work.interaction) {
                    let talk = self.dice.exponential(TALK_MS);
                    self.plan(talk, Happens::HangsUp { agent, number });
                }
            }
            _ => {}
        }
    }

    fn visitor_hears(&mut self, event: &VisitorEvent) {
        if let VisitorEvent::Waiting {
            interaction,
            ringing,
            wait,
            ..
        } = event
            && let Some(number) = self.number(*interaction)
            && let Some(visitor) = self.visitors.get_mut(&number)
            && visitor.since == self.now
        {
            visitor.direct |= ringing;
            visitor.told = visitor.told.or(*wait);
        }
        if let VisitorEvent::Connected { interaction, .. } = event
            && let Some(number) = self.number(*interaction)
        {
            self.answered(number);
        }
    }

    fn answered(&mut self, number: u64) {
        let Some(visitor) = self.visitors.get_mut(&number) else {
            return;
        };
        visitor.queued = false;
        let visitor = *visitor;
        let waited = self.now.since(visitor.since).as_millis() as u64;
        let Some(told) = visitor.told.filter(|_| !visitor.direct) else {
            return;
        };
        let told = in_numbers(told);
        self.last[visitor.topic] = Some(waited);
        if number > self.warm_up {
            let last = visitor.last.map_or(told.expected, |last| last as f64);
            self.outcome.told.add(waited as f64, told);
            self.outcome.last.add(waited as f64, point(last));
        }
    }

    fn number(&self, id: InteractionId) -> Option<u64> {
        (self.visitors.keys().rev().copied()).find(|number| interaction(*number) == id)
    }
}

/// What a page was told, in milliseconds: a range of whole seconds, and its middle.
fn in_numbers(told: Wait) -> Range {
    let ms = |seconds: u32| f64::from(seconds) * 1_000.0;
    Range {
        expected: f64::midpoint(ms(told.from_s), ms(told.to_s)),
        low: ms(told.from_s),
        high: ms(told.to_s),
    }
}
