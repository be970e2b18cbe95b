//! What visitors' pages ask, and their coming and going.

use bellwire_proto::{
    agent::AgentEvent,
    id::{ConnectionId, InteractionId, MessageId, PeerId, SessionId, SiteKey, TabId},
    interaction::{ChatMessage, EndCause, LONGEST_MESSAGE, LONGEST_NAME, Medium, Page, Role, Seen},
    journey::JourneyEvent,
    time::Timestamp,
    visitor::{Start, VisitorCommand, VisitorEvent, VisitorRefusal},
    wire::ByeReason,
};

use super::{
    Centre,
    timer::{Deadline, Party},
};
use crate::{
    Note, Output, When,
    interaction::{ChatLog, Interaction, Stage},
    leg::Leg,
    record::Record,
    routing::{Needs, Place, primary},
    sessions::{Session, cut, cut_page},
    setup::QueueSetup,
};

impl Centre {
    pub(super) fn visitor_joined(
        &mut self,
        id: SessionId,
        connection: ConnectionId,
        tab: TabId,
        site: SiteKey,
        seen: &[Seen],
        now: Timestamp,
    ) {
        let session = (self.sessions.entry(id)).or_insert_with(|| Session::new(site));
        let older = session.tabs.iter().position(|(known, _)| *known == tab);
        let older = older.map(|index| session.tabs.remove(index).1);
        session.tabs.push((tab, connection));
        self.pages.insert(connection, id);
        if let Some(older) = older {
            self.pages.remove(&older);
            self.lose_visitor_legs(id, older, now);
            self.outputs.push_back(Output::Drop {
                connection: older,
                reason: ByeReason::Replaced,
            });
        }
        let view = self.session_view(id, seen);
        self.tell_page(connection, VisitorEvent::Session(view), When::Stored);
        self.visitor_is(id, true);
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
        if session.is_idle() {
            self.sessions.remove(&id);
            return;
        }
        self.lose_visitor_legs(id, connection, now);
        if gone {
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
                    self.end_contact(interaction, EndCause::HungUp, Some(Role::Customer), now);
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
            VisitorCommand::Looks(page) => self.looks(session, cut_page(page)),
            VisitorCommand::Journey { events } => self.journey(session, events),
            VisitorCommand::Named { name } => self.named(session, name),
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
        let Some((site, queue)) = self.entry(known, start.medium) else {
            return self.refuse_visitor(connection, Some(id), VisitorRefusal::NotOffered);
        };
        let (needs, priority, queue) = (Needs::of(queue), queue.priority, queue.id);
        let away = Leg::Away {
            since: now,
            peer: None,
        };
        let interaction = Interaction {
            id,
            session,
            site: known.site.clone(),
            medium: start.medium,
            video: start.video,
            queue,
            needs,
            place: Place::new(now, priority, self.setup.times.ageing),
            created: now,
            epoch: 0,
            stage: Stage::Waiting,
            context: known.context(site),
            chat: ChatLog::default(),
            visitor: match (start.medium, start.peer) {
                (Medium::Call, Some(peer)) => Leg::Here { connection, peer },
                (Medium::Call, None) | (Medium::Chat, _) => away,
            },
            agent: away,
            spared: Default::default(),
            told_position: 0,
        };
        let journey = known.journey.clone();
        if !journey.is_empty() {
            self.outputs.push_back(Output::Record(Record::Journey {
                session,
                events: journey,
            }));
        }
        if interaction.medium == Medium::Call && start.peer.is_none() {
            let until = now + self.setup.times.grace;
            (self.deadlines).set(until, Deadline::Grace(id, Party::Customer));
        }
        self.interactions.insert(id, interaction);
        if let Some(known) = self.sessions.get_mut(&session) {
            known.interactions.push(id);
        }
        self.record(id);
        self.join_line(id);
        self.show_session(session);
        self.note(Note::Started(start.medium));
    }

    /// Tells every page of the session all it needs to know: other tabs learn what one started.
    fn show_session(&mut self, session: SessionId) {
        let view = self.session_view(session, &[]);
        let tabs = self.sessions.get(&session).map(|known| known.tabs.clone());
        for (_, page) in tabs.into_iter().flatten() {
            let event = VisitorEvent::Session(view.clone());
            self.tell_page(page, event, When::Stored);
        }
    }

    /// The site's name, and the queue where a visitor on the session's page enters.
    fn entry(&self, session: &Session, medium: Medium) -> Option<(&str, &QueueSetup)> {
        let site = (self.setup.sites.iter()).find(|site| site.key == session.site)?;
        let language = primary(&session.page.language);
        let fits = |wanted: &Option<String>| {
            (wanted.as_ref()).is_none_or(|tag| primary(tag).eq_ignore_ascii_case(language))
        };
        let queue = (site.entries.iter())
            .filter(|entry| fits(&entry.language))
            .filter_map(|entry| self.queue(entry.queue))
            .find(|queue| queue.media.contains(&medium))?;
        Some((&site.name, queue))
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
                let until = now + self.setup.times.chat_grace;
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

    fn visitor_says(
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

    fn looks(&mut self, session: SessionId, page: Page) {
        let Some(known) = self.sessions.get_mut(&session) else {
            return;
        };
        known.page = page.clone();
        for id in known.interactions.clone() {
            self.update_context(id, |context| context.page = page.clone());
            let event = AgentEvent::Looks {
                interaction: id,
                page: page.clone(),
            };
            self.tell_worker(id, event, When::Now);
        }
    }

    fn journey(&mut self, session: SessionId, events: Vec<JourneyEvent>) {
        let Some(known) = self.sessions.get_mut(&session) else {
            return;
        };
        let new = known.grow(events);
        if new.is_empty() {
            return;
        }
        let journey = known.journey.clone();
        let live: Vec<_> = (known.interactions.iter().copied())
            .filter(|id| self.interactions.get(id).is_some_and(Interaction::is_live))
            .collect();
        if !live.is_empty() {
            self.outputs.push_back(Output::Record(Record::Journey {
                session,
                events: new.clone(),
            }));
        }
        for id in live {
            self.update_context(id, |context| context.journey.clone_from(&journey));
            let event = AgentEvent::Journey {
                interaction: id,
                events: new.clone(),
            };
            self.tell_worker(id, event, When::Now);
        }
    }

    fn named(&mut self, session: SessionId, mut name: String) {
        cut(&mut name, LONGEST_NAME);
        let Some(known) = self.sessions.get_mut(&session) else {
            return;
        };
        let name = name.trim().to_owned();
        known.name = (!name.is_empty()).then(|| name.clone());
        for id in known.interactions.clone() {
            let told = (!name.is_empty()).then(|| name.clone());
            self.update_context(id, |context| context.name = told);
            let event = AgentEvent::Named {
                interaction: id,
                name: name.clone(),
            };
            self.tell_worker(id, event, When::Now);
        }
    }

    fn update_context(
        &mut self,
        id: InteractionId,
        change: impl FnOnce(&mut bellwire_proto::interaction::Context),
    ) {
        if let Some(interaction) = self.interactions.get_mut(&id).filter(|i| i.is_live()) {
            change(&mut interaction.context);
        }
    }

    fn owns(&self, session: SessionId, id: InteractionId) -> bool {
        (self.interactions.get(&id)).is_some_and(|interaction| interaction.session == session)
    }

    /// Whether the interaction is this visitor's; says no to the page where it is not.
    fn own(&mut self, session: SessionId, connection: ConnectionId, id: InteractionId) -> bool {
        let owns = self.owns(session, id);
        if !owns {
            self.refuse_visitor(connection, Some(id), VisitorRefusal::NoSuchInteraction);
        }
        owns
    }

    fn refuse_visitor(
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
