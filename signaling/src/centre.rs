//! The one task that owns the centre: it hears inputs, carries out outputs, and decides nothing.
//!
//! What may be told at once goes out at once. What relies on the store (acknowledgements among
//! it) waits until every record made before it is committed; records that come in meanwhile are
//! committed together. Where nobody's next step waits for them, records wait a moment for more.
//!
//! ```text
//!  sockets ──Heard──▶ Floor ──When::Now──────────────────────▶ outboxes
//!                       │                                        ▲
//!                       └──Group{records, held frames}──▶ writer ┘ when committed, in order
//! ```

mod fanout;
mod group;
mod heard;
mod writer;

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::extract::ws::Utf8Bytes;
use bellwire_core::{Centre, Input, Output, PhoneRefusal, Ring, Telephone, When};
use bellwire_proto::{
    id::{ConnectionId, InteractionId, PeerId},
    time::Timestamp,
    visitor::VisitorEvent,
    wire::{ByeReason, Down},
};
use serde::Serialize;
use tokio::{sync::mpsc, time::MissedTickBehavior};

pub(crate) use heard::{Heard, Side, bye};

use self::{
    fanout::Fanout,
    group::{Group, done},
    heard::About,
};
use crate::{
    app::App,
    phone::Order,
    ws::line::{Line, frame},
};

/// The most inputs that wait for the centre; senders wait beyond that.
pub(crate) const MOST_HEARD: usize = 1024;

/// The most inputs taken in one turn.
const BATCH: usize = 64;

/// The most records that wait for the store. Beyond that no input is taken.
const MOST_RECORDS: usize = 10_000;

/// How long a stopping server goes on trying to store what is not stored yet.
const LAST_TRY: Duration = Duration::from_secs(5);

/// One end of a bridge: its connection, and the peer connection that pages know it by.
#[derive(Clone, Copy)]
struct End(ConnectionId, PeerId);

/// The centre and its connections.
pub(crate) struct Floor {
    app: Arc<App>,
    centre: Centre,
    visitors: HashMap<ConnectionId, Arc<Line>>,
    agents: HashMap<ConnectionId, Arc<Line>>,
    bridges: HashMap<InteractionId, (ConnectionId, ConnectionId)>,
    fanout: Fanout,
    open: Group,
    writing: bool,
}

impl Floor {
    pub(crate) fn new(app: Arc<App>, centre: Centre) -> Self {
        let mut floor = Self {
            app,
            centre,
            visitors: HashMap::new(),
            agents: HashMap::new(),
            bridges: HashMap::new(),
            fanout: Fanout::default(),
            open: Group::default(),
            writing: false,
        };
        floor.carry_out();
        floor
    }

    /// Serves until the server stops; then stores what is left and sends every page away.
    pub(crate) async fn run(mut self, mut heard: mpsc::Receiver<Heard>) {
        let (groups, mut written) = writer::start(&self.app);
        let app = self.app.clone();
        let mut batch = Vec::with_capacity(BATCH);
        let mut portions = tokio::time::interval(fanout::PAUSE);
        portions.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.hand_over_when_due(&groups);
            let deadline = self.deadline();
            let timer = async {
                match deadline {
                    Some(at) => app.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some(group) = written.recv() => self.stored(group),
                () = app.stop.cancelled() => break,
                () = timer => {
                    self.centre.handle_timeout(app.clock.now());
                    self.carry_out();
                }
                _ = portions.tick(), if self.fanout.is_due() => self.tell_portion(),
                count = heard.recv_many(&mut batch, BATCH), if self.has_room() => {
                    if count == 0 {
                        break;
                    }
                    for heard in batch.drain(..) {
                        self.hear(heard);
                    }
                }
            }
        }
        heard.close();
        while let Ok(heard) = heard.try_recv() {
            self.hear(heard);
        }
        self.finish(&groups, &mut written).await;
    }

    /// When there is something to do, even if nothing is heard.
    fn deadline(&self) -> Option<Timestamp> {
        let centre = self.centre.poll_timeout().map(|(at, _why)| at);
        let group = self.open.due().filter(|_| !self.writing);
        centre.into_iter().chain(group).min()
    }

    fn hear(&mut self, heard: Heard) {
        heard.since.stop(&self.app.metrics.centre_lag);
        if let About::Joined(line, side) = &heard.about {
            self.side(*side).insert(line.id(), line.clone());
        }
        if let Some(input) = heard.input {
            self.centre.handle_input(input, self.app.clock.now());
            self.carry_out();
        }
        match heard.about {
            About::Command(connection, n) => {
                if let Some(line) = self.line(connection).cloned() {
                    self.acknowledge(&line, n);
                }
            }
            About::Left(connection) => {
                self.visitors.remove(&connection);
                self.fanout.forget(connection);
                self.agents.remove(&connection);
            }
            About::Nothing | About::Joined(..) => {}
        }
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.centre.poll_output() {
            match output {
                Output::Record(record) => self.open.record(record, self.app.clock.now()),
                Output::TellVisitor { to, event, when } => {
                    self.tell_event(self.visitors.get(&to).cloned(), event, when);
                }
                Output::TellAgent { to, event, when } => {
                    self.tell_event(self.agents.get(&to).cloned(), event, when);
                }
                Output::Follow {
                    connection,
                    audience,
                } => {
                    if self.visitors.contains_key(&connection) {
                        self.fanout.follow(connection, audience);
                    }
                }
                Output::TellAudience { audience, view } => {
                    let told = frame(&Down::<VisitorEvent>::Tell(VisitorEvent::Centre(view)));
                    self.fanout.tell(audience, told);
                }
                Output::Overall(view) => self.app.overall(&view),
                Output::Queues(queues) => self.app.queues(&queues),
                Output::Bridge {
                    interaction,
                    visitor,
                    visitor_peer,
                    agent,
                    agent_peer,
                } => self.bridge(
                    interaction,
                    End(visitor, visitor_peer),
                    End(agent, agent_peer),
                ),
                Output::Ring(ring) => self.ring(ring),
                Output::StopRing {
                    interaction,
                    epoch,
                    taken,
                } => {
                    self.app.order(Order::StopRing {
                        interaction,
                        epoch,
                        taken,
                    });
                }
                Output::Unbridge { interaction } => self.unbridge(interaction),
                Output::Drop { connection, reason } => {
                    if let Some(line) = self.line(connection) {
                        line.end(bye(reason));
                    }
                }
                Output::Noted(note) => self.app.metrics.noted(note),
            }
        }
    }

    /// Rings at an agent's telephone. Where none are served the centre looks for somebody else at once.
    fn ring(&mut self, ring: Ring) {
        let refused = Telephone::Refused {
            agent: ring.agent,
            interaction: ring.interaction,
            epoch: ring.epoch,
            why: PhoneRefusal::Unreachable,
        };
        if self.app.order(Order::Ring(ring)) {
            return;
        }
        let now = self.app.clock.now();
        self.centre.handle_input(Input::Telephone(refused), now);
    }

    /// Tells a portion of those who follow a status that changed.
    fn tell_portion(&mut self) {
        for (connection, frame) in self.fanout.portion() {
            if let Some(line) = self.visitors.get(&connection).cloned() {
                self.tell(&line, frame, When::Now);
            }
        }
    }

    fn tell_event<E: Serialize>(&mut self, to: Option<Arc<Line>>, event: E, when: When) {
        // Nobody there: the page will be told everything when it comes back.
        if let Some(line) = to {
            self.tell(&line, frame(&Down::<E>::Tell(event)), when);
        }
    }

    /// Tells now or later. What one page is told keeps its order: behind something that waits for
    /// the store everything waits.
    fn tell(&mut self, line: &Arc<Line>, frame: Utf8Bytes, when: When) {
        let waits = match when {
            When::Stored | When::Unhurried => self.is_storing(),
            When::Now => line.held.get() > 0,
        };
        if waits {
            self.open.hold(line, frame, when);
        } else {
            line.push(frame);
        }
    }

    /// Acknowledges a command, once it is stored and everything before it.
    fn acknowledge(&mut self, line: &Arc<Line>, n: u64) {
        if self.is_storing() {
            self.open.acknowledge(line, n);
        } else {
            line.push(done(n));
        }
    }

    fn is_storing(&self) -> bool {
        self.writing || !self.open.records.is_empty()
    }

    fn bridge(&mut self, interaction: InteractionId, visitor: End, agent: End) {
        self.unbridge(interaction);
        let (Some(one), Some(other)) = (self.visitors.get(&visitor.0), self.agents.get(&agent.0))
        else {
            return;
        };
        for (line, across) in [(one, other), (other, one)] {
            line.bridge(interaction, across);
            // A telephone is reached by the server; so is a page that talks to one.
            if !line.is_telephone() {
                line.push(self.app.ice(line.id()));
            }
        }
        if one.is_telephone() || other.is_telephone() {
            let end = |line: &Line, peer| crate::phone::End {
                connection: line.id(),
                peer,
                telephone: line.is_telephone(),
            };
            self.app.order(Order::Bridged {
                interaction,
                visitor: end(one, visitor.1),
                agent: end(other, agent.1),
            });
        }
        self.bridges.insert(interaction, (visitor.0, agent.0));
    }

    fn unbridge(&mut self, interaction: InteractionId) {
        let Some((visitor, agent)) = self.bridges.remove(&interaction) else {
            return;
        };
        let lines = [self.visitors.get(&visitor), self.agents.get(&agent)];
        for line in lines.into_iter().flatten() {
            line.unbridge(interaction);
            if line.is_telephone() {
                let connection = line.id();
                self.app.order(Order::Unbridged { connection });
            }
        }
    }

    fn has_room(&self) -> bool {
        self.open.records.len() < MOST_RECORDS
    }

    /// Gives the writer what is open once somebody's next step waits for it, or it lay open long enough.
    fn hand_over_when_due(&mut self, groups: &mpsc::Sender<Group>) {
        let now = self.app.clock.now();
        if self.open.due().is_none_or(|due| due <= now) {
            self.hand_over(groups);
        }
    }

    /// Gives the writer what is open, where it is free. Frames without a record before them need
    /// not wait for it.
    fn hand_over(&mut self, groups: &mpsc::Sender<Group>) {
        if self.writing {
            return;
        }
        let group = std::mem::take(&mut self.open);
        if group.records.is_empty() {
            group.release();
            return;
        }
        match groups.try_send(group) {
            Ok(()) => self.writing = true,
            Err(refused) => self.open = refused.into_inner(),
        }
    }

    fn stored(&mut self, group: Group) {
        self.writing = false;
        group.release();
    }

    async fn finish(&mut self, groups: &mpsc::Sender<Group>, written: &mut mpsc::Receiver<Group>) {
        let all_stored = async {
            loop {
                self.hand_over(groups);
                if !self.writing {
                    return;
                }
                if let Some(group) = written.recv().await {
                    self.stored(group);
                }
            }
        };
        if tokio::time::timeout(LAST_TRY, all_stored).await.is_err() {
            tracing::error!(
                "stopping although the store does not answer: what was not stored was not \
                 acknowledged either, and pages will ask for it again"
            );
        }
        for line in self.visitors.values().chain(self.agents.values()) {
            line.end(bye(ByeReason::Restart));
        }
    }

    fn line(&self, connection: ConnectionId) -> Option<&Arc<Line>> {
        let visitor = self.visitors.get(&connection);
        visitor.or_else(|| self.agents.get(&connection))
    }

    fn side(&mut self, side: Side) -> &mut HashMap<ConnectionId, Arc<Line>> {
        match side {
            Side::Visitor => &mut self.visitors,
            Side::Agent => &mut self.agents,
        }
    }
}
