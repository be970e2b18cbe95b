//! Callers by telephone: a call to one of the centre's numbers is a visitor without a page.
//!
//! The caller's telephone has a connection, as a page has: what a page would be told, its shell
//! turns into ringing, music and hanging up. What agents' telephones do is in [`super::phones`].

use bellwire_proto::{
    agent::{AgentEvent, MOST_DIGITS},
    id::{ConnectionId, InteractionId, PeerId, SessionId, SiteKey, TabId},
    interaction::{Caller, EndCause, Medium, Page, Role},
    setup::fact,
    time::Timestamp,
    visitor::{VisitorEvent, VisitorRefusal},
};

use super::Centre;
use crate::{
    Left, Telephone, When,
    interaction::{Interaction, Stage},
    leg::Leg,
    sessions::Session,
    setup::Number,
};

impl Centre {
    pub(super) fn telephone(&mut self, telephone: Telephone, now: Timestamp) {
        match telephone {
            Telephone::Arrived {
                session,
                connection,
                interaction,
                peer,
                caller,
            } => self.caller_arrived(session, (connection, peer), interaction, caller, now),
            Telephone::CallerLeft { connection, how } => self.caller_left(connection, how, now),
            Telephone::CallerPressed { connection, digits } => {
                if let Some(id) = self.call_of(connection) {
                    self.customer_pressed(id, &digits);
                }
            }
            Telephone::Reachable { agent, reachable } => self.phone_is(agent, reachable),
            Telephone::Answered {
                agent,
                interaction,
                epoch,
                connection,
                peer,
            } => self.phone_answered(agent, (interaction, epoch), (connection, peer), now),
            Telephone::Refused {
                agent,
                interaction,
                epoch,
                why,
            } => self.phone_refused(agent, interaction, epoch, why, now),
            Telephone::AgentLeft { connection, how } => self.phone_left(connection, how, now),
            Telephone::AgentHeld { connection, held } => self.phone_held(connection, held),
            Telephone::AgentPressed { connection, digits } => {
                self.phone_pressed(connection, &digits);
            }
            Telephone::AgentTransfers { connection, to } => {
                self.phone_transfers(connection, &to, now);
            }
            Telephone::AgentJoins {
                connection,
                consult,
            } => self.phone_joins(connection, consult, now),
        }
    }

    fn caller_arrived(
        &mut self,
        session: SessionId,
        (connection, peer): (ConnectionId, PeerId),
        id: InteractionId,
        caller: Caller,
        now: Timestamp,
    ) {
        let Some(number) = self.number(&caller.dialled).cloned() else {
            let event = VisitorEvent::Refused {
                interaction: Some(id),
                reason: VisitorRefusal::NotOffered,
            };
            return self.tell_page(connection, event, When::Now);
        };
        let mut known = Session::new(SiteKey(String::new()));
        known.tabs.push((TabId::new(now, id.to_u128()), connection));
        known.name = (caller.name.clone()).filter(|name| !name.trim().is_empty());
        known.page = Page {
            language: number.language.clone(),
            ..Page::default()
        };
        if let Some(own) = &caller.number {
            known.lasting.insert(fact::PHONE.to_owned(), own.clone());
        }
        self.sessions.insert(session, known);
        self.pages.insert(connection, session);
        let leg = Leg::Here { connection, peer };
        let mut interaction = self.begin(session, id, Medium::Call, leg, now);
        interaction.context.site.clone_from(&number.name);
        interaction.context.caller = Some(caller);
        interaction.way.led = Some(number.to);
        self.admit(interaction);
        self.enter(id, now);
    }

    /// The caller hung up, or cannot be reached: a telephone does not come back by itself.
    fn caller_left(&mut self, connection: ConnectionId, how: Left, now: Timestamp) {
        if let Some(id) = self.call_of(connection) {
            let (cause, by) = match how {
                Left::HungUp => (EndCause::HungUp, Some(Role::Customer)),
                Left::Lost => (EndCause::Vanished, None),
            };
            self.end_contact(id, cause, by, now);
        }
        self.visitor_left(connection, now);
    }

    /// The live call that this caller's connection carries.
    pub(super) fn call_of(&self, connection: ConnectionId) -> Option<InteractionId> {
        let session = self.sessions.get(self.pages.get(&connection)?)?;
        (session.interactions.iter().copied()).find(|id| {
            (self.interactions.get(id))
                .is_some_and(|call| call.is_live() && call.visitor.is_on(connection))
        })
    }

    /// The number that was dialled, whatever separates its digits.
    pub(super) fn number(&self, dialled: &str) -> Option<&Number> {
        let wanted = bare(dialled);
        (self.setup.numbers.iter()).find(|number| bare(&number.number) == wanted)
    }

    /// Those who called by telephone are gone with the server that held their sound.
    pub(super) fn let_callers_go(&mut self, now: Timestamp) {
        let callers: Vec<_> = (self.interactions.values())
            .filter(|call| call.is_by_telephone() && call.is_live())
            .map(|call| call.id)
            .collect();
        for id in callers {
            self.end_contact(id, EndCause::Vanished, None, now);
        }
    }

    /// The customer pressed keys: the agent sees them, and the agent's telephone gets them.
    pub(super) fn customer_pressed(&mut self, id: InteractionId, digits: &str) {
        let talks = (self.interactions.get(&id))
            .is_some_and(|call| matches!(call.stage, Stage::Talking { .. }));
        if !talks || !are_digits(digits) {
            return;
        }
        let event = AgentEvent::Digits {
            interaction: id,
            digits: digits.to_owned(),
        };
        // What a telephone sends reaches the other telephone with the sound.
        if !(self.interactions.get(&id)).is_some_and(Interaction::is_by_telephone) {
            self.tell_phone(id, &event);
        }
        self.tell_worker(id, event, When::Now);
    }
}

/// Keys as a telephone has them, and not too many.
pub(super) fn are_digits(digits: &str) -> bool {
    let key = |c: char| matches!(c, '0'..='9' | '*' | '#' | 'A'..='D');
    !digits.is_empty() && digits.len() <= MOST_DIGITS && digits.chars().all(key)
}

/// A number without what people put between its digits, and without the `+` that trunks tell or leave out.
fn bare(number: &str) -> String {
    let kept = |c: &char| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/');
    let bare: String = number.chars().filter(kept).collect();
    match bare.strip_prefix('+') {
        Some(digits) => digits.to_owned(),
        None => bare,
    }
}
