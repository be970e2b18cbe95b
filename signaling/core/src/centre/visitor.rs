//! What visitors' pages ask, and their coming and going.

use std::{collections::BTreeMap, time::Duration};

use bellwire_proto::{
    agent::{AgentEvent, Device},
    id::{ConnectionId, InteractionId, MessageId, PeerId, QueueId, SessionId, SiteKey, TabId},
    interaction::{ChatMessage, LONGEST_MESSAGE, Medium, Page, Role, Seen},
    time::Timestamp,
    visitor::{Start, VisitorCommand, VisitorEvent, VisitorRefusal},
    wire::ByeReason,
};

use super::{
    Centre,
    timer::{Deadline, Party},
};
use crate::{
    Note, Output, Recalled, When,
    interaction::{ChatLog, Interaction, Stage},
    leg::Leg,
    record::{Record, Way},
    routing::{Needs, Place},
    sessions::Session,
    setup::{Collected, Destination},
};

/// A visitor who leaves a page may be on the way to the next: so long nothing is forgotten, and an
/// invitation stands.
const NEXT_PAGE: Duration = Duration::from_secs(15);

impl Centre {
    pub(super) fn visitor_joined(
        &mut self,
        (id, connection, tab): (SessionId, ConnectionId, TabId),
        site: SiteKey,
        seen: &[Seen],
        known: Recalled,
        now: Timestamp,
    ) {
        let counts_visits =
            (self.site(&site)).is_some_and(|site| site.collects.contains(&Collected::Visits));
        let session = (self.sessions.entry(id)).or_insert_with(|| Session::new(site));
        session.recall(known);
        if !counts_visits {
            session.visits = 0;
        }
        if session.page == Page::default() && session.since == Timestamp(0) {
            session.since = now;
        }
        let watched = session.is_watched();
        let older = session.tabs.iter().position(|(known, _)| *known == tab);
        let older = older.map(|index| session.tabs.remove(index).1);
        session.tabs.push((tab, connection));
        self.pages.insert(connection, id);
        self.deadlines.drop(Deadline::Gone(id));
        if let Some(older) = older {
            self.pages.remove(&older);
            self.lose_visitor_legs(id, older, now);
            self.outputs.push_back(Output::Drop {
                connection: older,
                reason: ByeReason::Replaced,
            });
        }
        if !watched {
            self.uninvite_and_tell(id);
        }
        self.join_audience(id, connection, now);
        let view = self.session_view(id, seen);
        self.tell_page(connection, VisitorEvent::Session(view), When::Stored);
        self.visitor_is(id, true);
        self.relearn(id, now);
    }

    pub(super) fn visitor_left(&mut self, connection: ConnectionId, now: Timestamp) {
        let Some(id) = self.pages.remove(&connection) else {
            return;
        };
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        session.tabs.retain(|(_, known)| *known != connection);
        let gone = !session.is_here();
        self.lose_visitor_legs(id, connection, now);
        if gone {
            self.deadlines.set(now + NEXT_PAGE, Deadline::Gone(id));
            self.chats_left_alone(id, now);
            self.visitor_is(id, false);
        }
    }

    pub(super) fn visitor_asks(
        &mut self,
        connection: ConnectionId,
        command: VisitorCommand,
        now: Timestamp,
    ) {
        let Some(session) = self.pages.get(&connection).copied() else {
            return;
        };
        match command {
            VisitorCommand::Start(start) => self.start(session, connection, start, now),
            VisitorCommand::Attach { interaction, peer } => {
                self.attach_visitor(session, connection, interaction, peer);
            }
            VisitorCommand::Leave { interaction } => {
                if self.own(session, connection, interaction) {
                    self.leave(interaction, now);
                }
            }
            VisitorCommand::Say {
                interaction,
                message,
                text,
            } => {
                if self.own(session, connection, interaction) {
                    self.visitor_says(connection, interaction, message, text, now);
                }
            }
            VisitorCommand::Typing { interaction } => {
                if self.owns(session, interaction) {
                    self.tell_worker(interaction, AgentEvent::Typing { interaction }, When::Now);
                }
            }
            VisitorCommand::Read { interaction, seq } => {
                if self.owns(session, interaction) {
                    self.has_read(interaction, Role::Customer, seq);
                }
            }
            VisitorCommand::Looks(page) => self.looks(session, page, now),
            VisitorCommand::Journey { events } => self.journey(session, events, now),
            VisitorCommand::Named { name } => self.named(session, name),
            VisitorCommand::Answer {
                interaction,
                n,
                answers,
            } => {
                if self.own(session, connection, interaction) {
                    self.answer(session, connection, interaction, (n, &answers), now);
                }
            }
            VisitorCommand::Skip { interaction, n } => {
                if self.own(session, connection, interaction) {
                    self.skip(connection, interaction, n, now);
                }
            }
            VisitorCommand::Switch {
                interaction,
                medium,
            } => {
                if self.own(session, connection, interaction) {
                    self.switch(session, connection, interaction, medium, now);
                }
            }
            VisitorCommand::Message(message) => {
                self.leave_message(session, connection, message, now);
            }
            VisitorCommand::Invitation { invitation, act } => {
                self.invitation_act(session, invitation, act, now);
            }
            VisitorCommand::Monitoring { on } => self.monitoring(session, on, now),
            VisitorCommand::Digits {
                interaction,
                digits,
            } => {
                if self.owns(session, interaction) {
                    self.customer_pressed(interaction, &digits);
                }
            }
        }
    }

    fn start(
        &mut self,
        session: SessionId,
        connection: ConnectionId,
        start: Start,
        now: Timestamp,
    ) {
        let id = start.interaction;
        if let Some(known) = self.interactions.get(&id) {
            if known.session != session {
                let reason = VisitorRefusal::NoSuchInteraction;
                return self.refuse_visitor(connection, Some(id), reason);
            }
            // Asked again after a lost connection: the newest page has the media.
            if let Some(peer) = start.peer.filter(|_| known.is_live()) {
                self.attach_visitor(session, connection, id, peer);
            }
            let view = self.session_view(session, &[]);
            return self.tell_page(connection, VisitorEvent::Session(view), When::Stored);
        }
        let Some(known) = self.sessions.get(&session) else {
            return;
        };
        let busy = (known.interactions.iter())
            .filter_map(|other| self.interactions.get(other))
            .any(|other| other.medium == start.medium && other.is_live());
        if busy {
            return self.refuse_visitor(connection, Some(id), VisitorRefusal::AlreadyInOne);
        }
        if !self.is_offered(known, start.medium) {
            return self.refuse_visitor(connection, Some(id), VisitorRefusal::NotOffered);
        }
        let leg = match (start.medium, start.peer) {
            (Medium::Call, Some(peer)) => Leg::Here { connection, peer },
            (Medium::Call, None) | (Medium::Chat, _) => Leg::Away {
                since: now,
                peer: None,
            },
        };
        let interaction = self.begin(session, id, start.medium, leg, now);
        self.admit(Interaction {
            video: start.video,
            ..interaction
        });
        if start.medium == Medium::Call && start.peer.is_none() {
            let until = now + self.setup.times.grace;
            (self.deadlines).set(until, Deadline::Grace(id, Party::Customer));
        }
        self.enter(id, now);
        self.show(id);
    }

    /// A contact that waits nowhere yet.
    pub(super) fn begin(
        &self,
        session: SessionId,
        id: InteractionId,
        medium: Medium,
        visitor: Leg,
        now: Timestamp,
    ) -> Interaction {
        let known = self.sessions.get(&session);
        let site = known.and_then(|known| self.site(&known.site));
        let name = site.map_or("", |site| &site.name);
        let nowhere = QueueId::new(Timestamp(0), 0);
        Interaction {
            id,
            session,
            site: site.map_or_else(|| SiteKey(String::new()), |site| site.key.clone()),
            medium,
            video: false,
            queue: self.setup.queues.first().map_or(nowhere, |queue| queue.id),
            needs: Needs::default(),
            prefers: BTreeMap::new(),
            place: Place::new(now, 0, self.setup.times.ageing),
            created: now,
            way: Way::default(),
            queued: now,
            reserved: None,
            guess: None,
            offered: None,
            epoch: 0,
            stage: Stage::Waiting,
            context: known.map_or_else(Default::default, |known| known.context(name)),
            chat: ChatLog::default(),
            visitor,
            agent: Leg::Away {
                since: now,
                peer: None,
            },
            phone: None,
            rings: Device::Browser,
            spared: BTreeMap::new(),
            told_position: 0,
            told_wait: None,
        }
    }

    pub(super) fn admit(&mut self, interaction: Interaction) {
        let (id, session) = (interaction.id, interaction.session);
        self.interactions.insert(id, interaction);
        if let Some(known) = self.sessions.get_mut(&session) {
            known.interactions.push(id);
        }
    }

    /// Whether the site has any way in for this medium that a visitor could come by.
    fn is_offered(&self, known: &Session, medium: Medium) -> bool {
        let Some(site) = self.site(&known.site) else {
            return false;
        };
        site.entries.iter().any(|entry| {
            let takes = entry.media.is_empty() || entry.media.contains(&medium);
            takes
                && match &entry.to {
                    Destination::Queue(queue) => {
                        (self.queue(*queue)).is_some_and(|queue| queue.media.contains(&medium))
                    }
                    Destination::Menu(_) | Destination::Page { .. } | Destination::Link { .. } => {
                        true
                    }
                }
        })
    }

    /// Tells every page of the contact's visitor all it needs to know.
    pub(super) fn show(&mut self, id: InteractionId) {
        if let Some(session) = self.interactions.get(&id).map(|i| i.session) {
            self.show_session(session);
        }
    }

    /// Tells every page of the session all it needs to know: other tabs learn what one started.
    pub(super) fn show_session(&mut self, session: SessionId) {
        let view = self.session_view(session, &[]);
        let tabs = self.sessions.get(&session).map(|known| known.tabs.clone());
        for (_, page) in tabs.into_iter().flatten() {
            let event = VisitorEvent::Session(view.clone());
            self.tell_page(page, event, When::Unhurried);
        }
    }

    fn attach_visitor(
        &mut self,
        session: SessionId,
        connection: ConnectionId,
        id: InteractionId,
        peer: PeerId,
    ) {
        if !self.own(session, connection, id) {
            return;
        }
        let Some(call) = self.interactions.get_mut(&id) else {
            return;
        };
        if call.medium != Medium::Call || !call.is_live() {
            return;
        }
        let before = std::mem::replace(&mut call.visitor, Leg::Here { connection, peer });
        self.deadlines.drop(Deadline::Grace(id, Party::Customer));
        if let Some(other) = before.connection().filter(|other| *other != connection) {
            let event = VisitorEvent::Elsewhere { interaction: id };
            self.tell_page(other, event, When::Now);
        }
        self.record(id);
        self.join_line(id);
        if let Some(Stage::Talking { .. }) = self.interactions.get(&id).map(|call| &call.stage) {
            self.bridge(id);
            let changed = AgentEvent::PeerChanged {
                interaction: id,
                peer,
            };
            self.tell_worker(id, changed, When::Now);
            let here = AgentEvent::Reachable {
                interaction: id,
                visitor: true,
            };
            self.tell_worker(id, here, When::Now);
        }
    }

    /// Calls whose media was on this connection are away now.
    fn lose_visitor_legs(&mut self, session: SessionId, connection: ConnectionId, now: Timestamp) {
        let Some(known) = self.sessions.get(&session) else {
            return;
        };
        for id in known.interactions.clone() {
            let Some(call) = self.interactions.get_mut(&id) else {
                continue;
            };
            if !call.visitor.is_on(connection) || !call.is_live() {
                continue;
            }
            call.visitor = call.visitor.lost(now);
            let waiting = call.stage == Stage::Waiting;
            let until = now + self.setup.times.grace;
            (self.deadlines).set(until, Deadline::Grace(id, Party::Customer));
            if waiting {
                self.leave_line(id);
            }
            self.bridge(id);
            let event = AgentEvent::Reachable {
                interaction: id,
                visitor: false,
            };
            self.tell_worker(id, event, When::Now);
        }
    }

    fn chats_left_alone(&mut self, session: SessionId, now: Timestamp) {
        let Some(known) = self.sessions.get(&session) else {
            return;
        };
        for id in known.interactions.clone() {
            let chat = (self.interactions.get_mut(&id))
                .filter(|chat| chat.medium == Medium::Chat && chat.is_live());
            if let Some(chat) = chat {
                chat.visitor = Leg::Away {
                    since: now,
                    peer: None,
                };
                let until = now + self.visitor_grace(id);
                (self.deadlines).set(until, Deadline::Grace(id, Party::Customer));
            }
        }
    }

    /// Tells the agents of the session's chats whether the visitor is here.
    fn visitor_is(&mut self, session: SessionId, here: bool) {
        let Some(known) = self.sessions.get(&session) else {
            return;
        };
        for id in known.interactions.clone() {
            let chat = (self.interactions.get(&id)).is_some_and(|i| i.medium == Medium::Chat);
            if chat {
                let event = AgentEvent::Reachable {
                    interaction: id,
                    visitor: here,
                };
                self.tell_worker(id, event, When::Now);
            }
        }
    }

    pub(super) fn visitor_says(
        &mut self,
        connection: ConnectionId,
        id: InteractionId,
        message: MessageId,
        text: String,
        now: Timestamp,
    ) {
        if !is_good_text(&text) {
            return self.refuse_visitor(connection, Some(id), VisitorRefusal::BadText);
        }
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        if !interaction.is_live() {
            // Said again after a lost connection: it is known, and told once more.
            if let Some(known) = interaction.chat.find(message).cloned() {
                let event = VisitorEvent::Said {
                    interaction: id,
                    message: known,
                };
                return self.tell_page(connection, event, When::Stored);
            }
            let reason = VisitorRefusal::NoSuchInteraction;
            return self.refuse_visitor(connection, Some(id), reason);
        }
        let name = interaction.context.name.clone();
        self.say(id, Role::Customer, name, message, text, now);
    }

    /// Takes a line into the chat and tells both sides once it is stored.
    pub(super) fn say(
        &mut self,
        id: InteractionId,
        from: Role,
        name: Option<String>,
        message: MessageId,
        text: String,
        now: Timestamp,
    ) {
        let Some(interaction) = self.interactions.get_mut(&id) else {
            return;
        };
        let line = ChatMessage {
            seq: 0,
            id: message,
            from,
            name,
            text,
            at: now,
        };
        let line = match interaction.chat.say(line) {
            Some(line) => {
                self.outputs.push_back(Output::Record(Record::Message {
                    interaction: id,
                    message: line.clone(),
                }));
                self.note(Note::Said);
                line
            }
            // Said again after a lost connection: told once more, stored once.
            None => match interaction.chat.find(message).cloned() {
                Some(line) => line,
                None => return,
            },
        };
        let event = VisitorEvent::Said {
            interaction: id,
            message: line.clone(),
        };
        self.tell_visitor(id, &event, When::Stored);
        let event = AgentEvent::Said {
            interaction: id,
            message: line,
        };
        self.tell_worker(id, event, When::Stored);
    }

    /// Moves a read mark and tells both sides.
    pub(super) fn has_read(&mut self, id: InteractionId, reader: Role, seq: u32) {
        let Some(interaction) = self.interactions.get_mut(&id) else {
            return;
        };
        if !interaction.chat.mark(reader, seq) {
            return;
        }
        let read = interaction.chat.read;
        let event = VisitorEvent::Read {
            interaction: id,
            read,
        };
        self.tell_visitor(id, &event, When::Now);
        let event = AgentEvent::Read {
            interaction: id,
            read,
        };
        self.tell_worker(id, event, When::Now);
    }

    pub(super) fn owns(&self, session: SessionId, id: InteractionId) -> bool {
        (self.interactions.get(&id)).is_some_and(|interaction| interaction.session == session)
    }

    /// Whether the interaction is this visitor's; says no to the page where it is not.
    pub(super) fn own(
        &mut self,
        session: SessionId,
        connection: ConnectionId,
        id: InteractionId,
    ) -> bool {
        let owns = self.owns(session, id);
        if !owns {
            self.refuse_visitor(connection, Some(id), VisitorRefusal::NoSuchInteraction);
        }
        owns
    }

    pub(super) fn refuse_visitor(
        &mut self,
        to: ConnectionId,
        interaction: Option<InteractionId>,
        reason: VisitorRefusal,
    ) {
        let event = VisitorEvent::Refused {
            interaction,
            reason,
        };
        self.tell_page(to, event, When::Now);
    }
}

/// Something is said, and not too much.
pub(super) fn is_good_text(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST_MESSAGE
}
