//! A waiting visitor's change of mind: leaves, waits for another medium, or writes a message that is
//! answered later.

use bellwire_proto::{
    id::{ConnectionId, InteractionId, SessionId},
    interaction::{EndCause, LONGEST_NAME, Medium, Role},
    prompt::Answered,
    setup::fact,
    time::Timestamp,
    visitor::{LeftMessage, VisitorEvent, VisitorRefusal},
};

use super::{
    Centre,
    timer::{Deadline, Party},
    visitor::is_good_text,
};
use crate::{When, interaction::Stage, leg::Leg, sessions::cut};

/// The longest address for an answer, in bytes of UTF-8.
const LONGEST_ADDRESS: usize = 200;

impl Centre {
    /// The visitor gives up, hangs up, or takes back what never came into a queue.
    pub(super) fn leave(&mut self, id: InteractionId, now: Timestamp) {
        if !self.take_back(id, EndCause::Abandoned, Some(Role::Customer)) {
            self.end_contact(id, EndCause::HungUp, Some(Role::Customer), now);
        }
    }

    /// Takes back a request that never came into a queue; false where it did.
    pub(super) fn take_back(
        &mut self,
        id: InteractionId,
        cause: EndCause,
        by: Option<Role>,
    ) -> bool {
        let asked = (self.interactions.get(&id))
            .is_some_and(|i| i.way.entered.is_none() && i.stage == Stage::Waiting);
        if asked {
            let event = VisitorEvent::Ended {
                interaction: id,
                cause,
                by,
            };
            self.tell_visitor(id, &event, When::Stored);
            self.discard(id);
        }
        asked
    }

    /// Waits for another medium, from the same place.
    pub(super) fn switch(
        &mut self,
        session: SessionId,
        connection: ConnectionId,
        id: InteractionId,
        medium: Medium,
        now: Timestamp,
    ) {
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        if interaction.medium == medium {
            return;
        }
        let reason = if self.has_live(session, medium) {
            Some(VisitorRefusal::AlreadyInOne)
        } else if !self.takes(interaction.queue, medium) {
            Some(VisitorRefusal::NotOffered)
        } else if interaction.way.entered.is_none() || interaction.context.left_message {
            Some(VisitorRefusal::NotAsked)
        } else {
            None
        };
        if let Some(reason) = reason {
            return self.refuse_visitor(connection, Some(id), reason);
        }
        if !self.stop_waiting(id) {
            return self.refuse_visitor(connection, Some(id), VisitorRefusal::NotAsked);
        }
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.medium = medium;
            interaction.video = false;
            interaction.visitor = Leg::Away {
                since: now,
                peer: None,
            };
        }
        self.deadlines.drop(Deadline::Grace(id, Party::Customer));
        if medium == Medium::Call {
            // The page attaches its media next.
            let until = now + self.setup.times.grace;
            (self.deadlines).set(until, Deadline::Grace(id, Party::Customer));
        }
        self.decided(
            id,
            None,
            format!("The visitor waits for a {} instead", name(medium)),
            now,
        );
        self.expect(id, now);
        self.record(id);
        self.join_line(id);
        self.plan_step(id, now);
        self.tell_place(id, When::Unhurried, now);
        self.show(id);
    }

    /// A message to be answered later, in place of what waits, or by itself.
    pub(super) fn leave_message(
        &mut self,
        session: SessionId,
        connection: ConnectionId,
        message: LeftMessage,
        now: Timestamp,
    ) {
        let id = message.interaction;
        if !is_good_text(&message.text) {
            return self.refuse_visitor(connection, Some(id), VisitorRefusal::BadText);
        }
        let known = self.interactions.contains_key(&id);
        if known && !self.own(session, connection, id) {
            return;
        }
        let left = (self.interactions.get(&id)).is_some_and(|i| i.context.left_message);
        if left {
            // Told again after a lost connection.
            return self.visitor_says(connection, id, message.message, message.text, now);
        }
        if known {
            let chat = (self.interactions.get(&id)).is_some_and(|i| i.medium == Medium::Chat);
            if !chat && self.has_live(session, Medium::Chat) {
                return self.refuse_visitor(connection, Some(id), VisitorRefusal::AlreadyInOne);
            }
            if !self.stop_waiting(id) {
                return self.refuse_visitor(connection, Some(id), VisitorRefusal::NotAsked);
            }
        } else {
            if self.has_live(session, Medium::Chat) {
                return self.refuse_visitor(connection, Some(id), VisitorRefusal::AlreadyInOne);
            }
            let away = Leg::Away {
                since: now,
                peer: None,
            };
            let interaction = self.begin(session, id, Medium::Chat, away, now);
            self.admit(interaction);
        }
        self.take_message(session, message, now);
    }

    fn take_message(&mut self, session: SessionId, mut message: LeftMessage, now: Timestamp) {
        let id = message.interaction;
        cut(&mut message.name, LONGEST_NAME);
        cut(&mut message.reply_to, LONGEST_ADDRESS);
        if !message.name.trim().is_empty() {
            self.named(session, message.name.clone());
        }
        self.deadlines.drop(Deadline::Grace(id, Party::Customer));
        let reply_to = message.reply_to.trim().to_owned();
        let placed = self.interactions.get_mut(&id).is_some_and(|interaction| {
            interaction.medium = Medium::Chat;
            interaction.video = false;
            interaction.visitor = Leg::Away {
                since: now,
                peer: None,
            };
            interaction.context.left_message = true;
            interaction.way.asking = None;
            interaction.guess = None;
            if !reply_to.is_empty() {
                let fact = if reply_to.contains('@') {
                    fact::EMAIL
                } else {
                    fact::PHONE
                };
                let answered = Answered {
                    fact: fact.to_owned(),
                    label: "Answer to".to_owned(),
                    value: reply_to,
                };
                crate::prompt::merge(&mut interaction.context.answers, vec![answered]);
            }
            interaction.way.entered.is_some()
        });
        if placed && self.takes_here(id) {
            self.decided(
                id,
                None,
                "The visitor left a message instead".to_owned(),
                now,
            );
            self.record(id);
            self.join_line(id);
            self.plan_step(id, now);
        } else {
            self.enter(id, now);
        }
        let name = (self.interactions.get(&id)).and_then(|i| i.context.name.clone());
        self.say(id, Role::Customer, name, message.message, message.text, now);
        self.show(id);
    }

    /// Out of the line and off any desk; false where somebody has answered, or it is over.
    pub(super) fn stop_waiting(&mut self, id: InteractionId) -> bool {
        let waits = (self.interactions.get(&id)).is_some_and(|i| match i.stage {
            Stage::Waiting | Stage::Offered { .. } => true,
            Stage::Talking { .. } | Stage::WrapUp { .. } | Stage::Closed { .. } => false,
        });
        if waits {
            self.withdraw(id, EndCause::Abandoned);
            self.leave_line(id);
            if let Some(interaction) = self.interactions.get_mut(&id) {
                interaction.stage = Stage::Waiting;
            }
        }
        waits
    }

    fn has_live(&self, session: SessionId, medium: Medium) -> bool {
        (self.sessions.get(&session).into_iter())
            .flat_map(|known| self.live_of(known))
            .any(|id| {
                self.interactions
                    .get(&id)
                    .is_some_and(|i| i.medium == medium)
            })
    }

    fn takes(&self, queue: bellwire_proto::id::QueueId, medium: Medium) -> bool {
        self.queue(queue)
            .is_some_and(|queue| queue.media.contains(&medium))
    }

    fn takes_here(&self, id: InteractionId) -> bool {
        (self.interactions.get(&id)).is_some_and(|i| self.takes(i.queue, i.medium))
    }
}

fn name(medium: Medium) -> &'static str {
    match medium {
        Medium::Call => "call",
        Medium::Chat => "chat",
    }
}
