//! A floor with a virtual clock. What each page is told goes through its mirror, as in a
//! browser, and what is to be stored goes into a map, as in a store.

use std::{collections::BTreeMap, time::Duration};

use bellwire_core::{
    Audience, Centre, Input, Left, Note, Output, QueueStatus, Recalled, Restored, Ring, Telephone,
    record::{InteractionRecord, InvitationOutcome, Record},
    setup::{
        AgentSetup, Capacity, Destination, Entry, Number, Queue, Setup, Site, SkillLevel, Times,
    },
};
use bellwire_proto::{
    agent::{AgentCommand, AgentEvent, Chosen, Device},
    id::{
        AgentId, CentreId, ConnectionId, InteractionId, InvitationId, MessageId, NumberId, PeerId,
        QueueId, SessionId, SiteKey, TabId,
    },
    interaction::{Caller, ChatMessage, Medium, Page},
    journey::JourneyEvent,
    mirror::{Desk, Widget},
    setup::UserRole,
    time::Timestamp,
    visitor::{Start, VisitorCommand, VisitorEvent},
    wire::ByeReason,
};

pub(crate) const START: Timestamp = Timestamp(1_790_000_000_000);

pub(crate) fn agent(n: u128) -> AgentId {
    AgentId::new(Timestamp(1), n)
}
pub(crate) fn queue(n: u128) -> QueueId {
    QueueId::new(Timestamp(1), n)
}
pub(crate) fn session(n: u128) -> SessionId {
    SessionId::new(Timestamp(1), n)
}
pub(crate) fn interaction(n: u128) -> InteractionId {
    InteractionId::new(Timestamp(1), n)
}
pub(crate) fn message(n: u128) -> MessageId {
    MessageId::new(Timestamp(1), n)
}
pub(crate) fn peer(n: u128) -> PeerId {
    PeerId::new(Timestamp(1), n)
}
pub(crate) fn tab(n: u128) -> TabId {
    TabId::new(Timestamp(1), n)
}

pub(crate) const ANNA: u128 = 1;
pub(crate) const BORIS: u128 = 2;
pub(crate) const CARLA: u128 = 3;

/// Sales for all, Laptops for those with the skill, Español for those who speak it.
pub(crate) fn setup() -> Setup {
    let skill = |name: &str, level| BTreeMap::from([(name.to_owned(), SkillLevel(level))]);
    let queue_of = |n, name: &str, skills, language: Option<&str>, priority| Queue {
        skills,
        language: language.map(Into::into),
        priority,
        ..Queue::new(queue(n), name)
    };
    let agent_of = |n, name: &str, laptops, languages: &[&str]| AgentSetup {
        id: agent(n),
        name: name.into(),
        role: UserRole::Agent,
        skills: skill("laptops", laptops),
        languages: languages.iter().map(|tag| (*tag).into()).collect(),
        queues: vec![queue(1), queue(2), queue(3)],
        capacity: Capacity { calls: 1, chats: 2 },
        phones: vec![name.to_lowercase()],
        number: (n == ANNA).then(|| "+34910000009".to_owned()),
    };
    let number = |n: u128, number: &str, name: &str| Number {
        id: NumberId::new(Timestamp(1), n),
        number: number.into(),
        name: name.into(),
        to: Destination::Queue(queue(n)),
        language: String::new(),
    };
    let entry = |language: Option<&str>, n| Entry::into_queue(language, queue(n));
    Setup {
        centre: CentreId("test".into()),
        sites: vec![
            Site {
                entries: vec![entry(Some("es"), 3), entry(None, 1)],
                ..Site::new(SiteKey("shop".into()), "Shop")
            },
            Site {
                entries: vec![entry(None, 2)],
                ..Site::new(SiteKey("laptops".into()), "Laptops")
            },
        ],
        queues: vec![
            queue_of(1, "Sales", BTreeMap::new(), None, 0),
            queue_of(2, "Laptops", skill("laptops", 5), None, 2),
            queue_of(3, "Español", BTreeMap::new(), Some("es"), 0),
        ],
        agents: vec![
            agent_of(ANNA, "Anna", 9, &["en", "es"]),
            agent_of(BORIS, "Boris", 3, &["en"]),
            agent_of(CARLA, "Carla", 6, &["en"]),
        ],
        hours: vec![],
        intents: vec![],
        forms: vec![],
        invitations: vec![],
        numbers: vec![
            number(1, "+34910000001", "Sales line"),
            number(2, "1002", "Laptops"),
        ],
        reasons: vec!["Lunch".into(), "Break".into()],
        dispositions: vec!["Solved".into(), "Sold".into()],
        times: Times::default(),
    }
}

/// What the store holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stored {
    pub(crate) interactions: BTreeMap<InteractionId, InteractionRecord>,
    pub(crate) messages: BTreeMap<InteractionId, Vec<ChatMessage>>,
    pub(crate) agents: BTreeMap<AgentId, (Chosen, Timestamp)>,
    pub(crate) devices: BTreeMap<AgentId, Device>,
    pub(crate) decisions: Vec<String>,
    /// What each decision is about.
    pub(crate) decided: Vec<InteractionId>,
    pub(crate) journeys: BTreeMap<SessionId, Vec<JourneyEvent>>,
    pub(crate) opted_out: BTreeMap<SessionId, bool>,
    pub(crate) invitations: Vec<(InvitationId, InvitationOutcome)>,
    pub(crate) invited: Vec<(SessionId, InvitationId, Timestamp)>,
}

pub(crate) struct Sim {
    pub(crate) centre: Centre,
    pub(crate) setup: Setup,
    pub(crate) now: Timestamp,
    pub(crate) desks: BTreeMap<ConnectionId, Desk>,
    pub(crate) widgets: BTreeMap<ConnectionId, Widget>,
    pub(crate) agent_events: Vec<(ConnectionId, AgentEvent)>,
    pub(crate) visitor_events: Vec<(ConnectionId, VisitorEvent)>,
    pub(crate) bridges: BTreeMap<InteractionId, (ConnectionId, ConnectionId)>,
    /// What rings at telephones.
    pub(crate) phones_ring: Vec<Ring>,
    pub(crate) dropped: Vec<(ConnectionId, ByeReason)>,
    pub(crate) notes: Vec<Note>,
    pub(crate) stored: Stored,
    pub(crate) statuses: Vec<QueueStatus>,
    follows: BTreeMap<ConnectionId, Audience>,
    next: u128,
}

impl Sim {
    pub(crate) fn new() -> Self {
        Self::with(setup())
    }

    pub(crate) fn with(setup: Setup) -> Self {
        Self {
            centre: Centre::restore(setup.clone(), Restored::default(), START),
            setup,
            now: START,
            desks: BTreeMap::new(),
            widgets: BTreeMap::new(),
            agent_events: vec![],
            visitor_events: vec![],
            bridges: BTreeMap::new(),
            phones_ring: vec![],
            dropped: vec![],
            notes: vec![],
            stored: Stored::default(),
            statuses: vec![],
            follows: BTreeMap::new(),
            next: 1_000,
        }
    }

    fn fresh(&mut self) -> u128 {
        self.next += 1;
        self.next
    }

    /// A desk opens in its usual window.
    pub(crate) fn desk(&mut self, n: u128) -> ConnectionId {
        self.window(n, n)
    }

    /// A desk opens in the window `at`.
    pub(crate) fn window(&mut self, n: u128, at: u128) -> ConnectionId {
        let connection = ConnectionId::new(Timestamp(2), self.fresh());
        self.desks.insert(connection, Desk::default());
        self.input(Input::AgentJoined {
            agent: agent(n),
            connection,
            tab: tab(at),
            seen: vec![],
        });
        connection
    }

    /// A desk opens and is ready.
    pub(crate) fn ready(&mut self, n: u128) -> ConnectionId {
        let desk = self.desk(n);
        self.desk_asks(desk, AgentCommand::Ready);
        desk
    }

    pub(crate) fn page(&mut self, n: u128) -> ConnectionId {
        self.page_on(n, "shop", n)
    }

    pub(crate) fn page_on(&mut self, n: u128, site: &str, at: u128) -> ConnectionId {
        self.page_known(n, site, at, Recalled::default())
    }

    /// A page of one of whom something is known already.
    pub(crate) fn page_known(
        &mut self,
        n: u128,
        site: &str,
        at: u128,
        known: Recalled,
    ) -> ConnectionId {
        let connection = ConnectionId::new(Timestamp(3), self.fresh());
        self.widgets.insert(connection, Widget::default());
        self.input(Input::VisitorJoined {
            session: session(n),
            connection,
            tab: tab(at),
            site: SiteKey(site.into()),
            seen: vec![],
            known: Box::new(known),
        });
        connection
    }

    /// A visitor's page opens in a language.
    pub(crate) fn page_in(&mut self, n: u128, language: &str) -> ConnectionId {
        let page = self.page(n);
        self.page_asks(
            page,
            VisitorCommand::Looks(Page {
                language: language.into(),
                ..Page::default()
            }),
        );
        page
    }

    /// A new visitor calls.
    pub(crate) fn calls(&mut self, n: u128) -> ConnectionId {
        let page = self.page(n);
        self.start_call(page, n);
        page
    }

    pub(crate) fn start_call(&mut self, page: ConnectionId, n: u128) {
        self.page_asks(
            page,
            VisitorCommand::Start(Start {
                interaction: interaction(n),
                medium: Medium::Call,
                video: false,
                peer: Some(peer(n)),
            }),
        );
    }

    /// A new visitor writes.
    pub(crate) fn chats(&mut self, n: u128) -> ConnectionId {
        let page = self.page(n);
        self.start_chat(page, n);
        page
    }

    pub(crate) fn start_chat(&mut self, page: ConnectionId, n: u128) {
        self.page_asks(
            page,
            VisitorCommand::Start(Start {
                interaction: interaction(n),
                medium: Medium::Chat,
                video: false,
                peer: None,
            }),
        );
    }

    /// Somebody calls a number.
    pub(crate) fn dials(&mut self, n: u128, number: &str) -> ConnectionId {
        let connection = ConnectionId::new(Timestamp(4), self.fresh());
        self.widgets.insert(connection, Widget::default());
        self.telephone(Telephone::Arrived {
            session: session(n),
            connection,
            interaction: interaction(n),
            peer: peer(n),
            caller: Caller {
                number: Some("+34600000001".into()),
                name: Some("Ada".into()),
                dialled: number.into(),
            },
        });
        connection
    }

    pub(crate) fn caller_hangs_up(&mut self, connection: ConnectionId) {
        let how = Left::HungUp;
        self.telephone(Telephone::CallerLeft { connection, how });
    }

    /// The agent's telephone answers what rings there.
    pub(crate) fn picks_up(&mut self, n: u128) -> ConnectionId {
        let at = (self.phones_ring.iter()).position(|ring| ring.agent == agent(n));
        let ring = self.phones_ring[at.expect("the telephone rings")].clone();
        let connection = ConnectionId::new(Timestamp(5), self.fresh());
        self.telephone(Telephone::Answered {
            agent: ring.agent,
            interaction: ring.interaction,
            epoch: ring.epoch,
            connection,
            peer: peer(8_000 + self.next),
        });
        connection
    }

    pub(crate) fn telephone(&mut self, telephone: Telephone) {
        self.input(Input::Telephone(telephone));
    }

    pub(crate) fn page_asks(&mut self, connection: ConnectionId, command: VisitorCommand) {
        self.input(Input::Visitor {
            connection,
            command,
        });
    }

    pub(crate) fn desk_asks(&mut self, connection: ConnectionId, command: AgentCommand) {
        self.input(Input::Agent {
            connection,
            command,
        });
    }

    pub(crate) fn page_leaves(&mut self, connection: ConnectionId) {
        self.widgets.remove(&connection);
        self.input(Input::VisitorLeft { connection });
    }

    pub(crate) fn desk_leaves(&mut self, connection: ConnectionId) {
        self.desks.remove(&connection);
        self.input(Input::AgentLeft { connection });
    }

    /// The desk accepts what rings.
    pub(crate) fn accept(&mut self, desk: ConnectionId) -> InteractionId {
        let offer = self.offer(desk).expect("the desk rings");
        self.desk_asks(
            desk,
            AgentCommand::Accept {
                interaction: offer.0,
                epoch: offer.1,
                peer: Some(peer(7_000 + self.next)),
            },
        );
        offer.0
    }

    pub(crate) fn finish(&mut self, desk: ConnectionId, interaction: InteractionId) {
        self.desk_asks(desk, AgentCommand::HangUp { interaction });
        self.wrap_up(desk, interaction);
    }

    pub(crate) fn wrap_up(&mut self, desk: ConnectionId, interaction: InteractionId) {
        let disposition = "Solved".to_owned();
        let note = "  done  ".to_owned();
        self.desk_asks(
            desk,
            AgentCommand::Finish {
                interaction,
                disposition,
                note,
            },
        );
    }

    /// What rings at the desk: the interaction and its epoch.
    pub(crate) fn offer(&self, desk: ConnectionId) -> Option<(InteractionId, u32)> {
        let card = self.desks[&desk].offer.as_ref()?;
        Some((card.offer.interaction, card.offer.epoch))
    }

    pub(crate) fn rings(&self, desk: ConnectionId) -> Option<InteractionId> {
        self.offer(desk).map(|(interaction, _)| interaction)
    }

    /// An administrator changed the centre.
    pub(crate) fn set_up(&mut self, change: impl FnOnce(&mut Setup)) {
        change(&mut self.setup);
        self.input(Input::Setup(Box::new(self.setup.clone())));
    }

    /// Lets `span` pass, stopping at each deadline on the way.
    pub(crate) fn pass(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some((at, why)) = self.centre.poll_timeout().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.centre.handle_timeout(self.now);
            self.drain();
            assert_ne!(
                self.centre.poll_timeout(),
                Some((at, why)),
                "{why} never ends"
            );
        }
        self.now = end;
    }

    pub(crate) fn pass_s(&mut self, seconds: u64) {
        self.pass(Duration::from_secs(seconds));
    }

    /// The process dies and starts again from what was stored. No page is connected.
    pub(crate) fn restart(&mut self) {
        let live = self.stored.interactions.values().map(|record| {
            let chat = self.stored.messages.get(&record.interaction);
            (record.clone(), chat.cloned().unwrap_or_default())
        });
        let agents = (self.stored.agents.iter()).map(|(id, (c, at))| (*id, c.clone(), *at));
        let restored = Restored {
            interactions: live.collect(),
            agents: agents.collect(),
            devices: self.stored.devices.clone().into_iter().collect(),
            invited: self.stored.invited.clone(),
        };
        self.centre = Centre::restore(self.setup.clone(), restored, self.now);
        self.desks.clear();
        self.widgets.clear();
        self.bridges.clear();
        self.follows.clear();
        self.drain();
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.centre.handle_input(input, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.centre.poll_output() {
            match output {
                Output::TellAgent { to, event, .. } => {
                    if let Some(desk) = self.desks.get_mut(&to) {
                        desk.apply(event.clone(), self.now);
                    }
                    self.agent_events.push((to, event));
                }
                Output::TellVisitor { to, event, .. } => {
                    if let Some(widget) = self.widgets.get_mut(&to) {
                        widget.apply(event.clone(), self.now);
                    }
                    self.visitor_events.push((to, event));
                }
                Output::Follow {
                    connection,
                    audience,
                } => _ = self.follows.insert(connection, audience),
                Output::TellAudience { audience, view } => {
                    let event = VisitorEvent::Centre(view);
                    for (connection, widget) in &mut self.widgets {
                        if self.follows.get(connection) == Some(&audience) {
                            widget.apply(event.clone(), self.now);
                        }
                    }
                }
                Output::Overall(_) => {}
                Output::Queues(statuses) => self.statuses = statuses,
                Output::Ring(ring) => self.phones_ring.push(ring),
                Output::StopRing {
                    interaction, epoch, ..
                } => (self.phones_ring)
                    .retain(|ring| (ring.interaction, ring.epoch) != (interaction, epoch)),
                Output::Bridge {
                    interaction,
                    visitor,
                    agent,
                    ..
                } => _ = self.bridges.insert(interaction, (visitor, agent)),
                Output::Unbridge { interaction } => _ = self.bridges.remove(&interaction),
                Output::Drop { connection, reason } => {
                    self.desks.remove(&connection);
                    self.widgets.remove(&connection);
                    self.dropped.push((connection, reason));
                }
                Output::Record(record) => self.store(record),
                Output::Noted(note) => self.notes.push(note),
            }
        }
    }

    fn store(&mut self, record: Record) {
        match record {
            Record::Interaction(record) => {
                (self.stored.interactions).insert(record.interaction, *record);
            }
            Record::Message {
                interaction,
                message,
            } => {
                let lines = self.stored.messages.entry(interaction).or_default();
                let next = u32::try_from(lines.len()).unwrap() + 1;
                assert_eq!(message.seq, next, "lines are numbered without gaps");
                lines.push(message);
            }
            Record::Agent {
                agent,
                chosen,
                since,
            } => _ = self.stored.agents.insert(agent, (chosen, since)),
            Record::Device { agent, device } => _ = self.stored.devices.insert(agent, device),
            Record::Decision {
                interaction,
                because,
                ..
            } => {
                self.stored.decided.push(interaction);
                self.stored.decisions.push(because);
            }
            Record::Journey { session, events } => {
                let journey = self.stored.journeys.entry(session).or_default();
                journey.extend(events);
            }
            Record::Session {
                session, opted_out, ..
            } => _ = self.stored.opted_out.insert(session, opted_out),
            Record::ForgetJourney { session } => _ = self.stored.journeys.remove(&session),
            Record::Invitation {
                invitation,
                act,
                session,
                at,
            } => {
                if let InvitationOutcome::Shown | InvitationOutcome::Held = act {
                    self.stored.invited.push((session, invitation, at));
                }
                self.stored.invitations.push((invitation, act));
            }
            Record::Discard { interaction } => {
                self.stored.interactions.remove(&interaction);
                self.stored.messages.remove(&interaction);
                let mut about = self.stored.decided.iter();
                (self.stored.decisions).retain(|_| about.next() != Some(&interaction));
                self.stored.decided.retain(|known| *known != interaction);
            }
        }
    }
}
