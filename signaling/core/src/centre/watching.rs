//! What visitors do on their pages, and what it tells: journeys grow, intents are read anew, and
//! agents who are concerned learn of it.

use std::collections::BTreeSet;

use bellwire_proto::{
    agent::AgentEvent,
    id::{InteractionId, SessionId, SiteKey},
    interaction::{LONGEST_NAME, Page},
    journey::JourneyEvent,
    setup::{Collected, Site},
    time::Timestamp,
    visitor::VisitorEvent,
};

use super::{Centre, timer::Deadline};
use crate::{
    Output, When, collect, intent,
    interaction::Interaction,
    prompt::Facts,
    record::Record,
    sessions::{Session, cut},
};

impl Centre {
    pub(super) fn looks(&mut self, session: SessionId, page: Page, now: Timestamp) {
        let collects = self.collects(session);
        let Some(known) = self.sessions.get_mut(&session) else {
            return;
        };
        let mut page = collect::keep_page(page, &collects);
        if !known.is_watched() {
            page.referrer.clear();
        }
        if known.page.url != page.url {
            known.since = now;
        }
        known.page = page.clone();
        for id in known.interactions.clone() {
            self.update_context(id, |context| context.page = page.clone());
            let event = AgentEvent::Looks {
                interaction: id,
                page: page.clone(),
            };
            self.tell_worker(id, event, When::Now);
        }
        self.relearn(session, now);
    }

    pub(super) fn journey(
        &mut self,
        session: SessionId,
        events: Vec<JourneyEvent>,
        now: Timestamp,
    ) {
        let collects = self.collects(session);
        let Some(known) = self
            .sessions
            .get_mut(&session)
            .filter(|known| known.is_watched())
        else {
            return;
        };
        let new = known.journey.grow(events, &collects, now);
        if new.is_empty() {
            return;
        }
        if !known.recorded {
            known.recorded = true;
            self.record_session(session);
        }
        let Some(known) = self.sessions.get(&session) else {
            return;
        };
        let live = self.live_of(known);
        // Most visitors have no contact: nobody needs a copy of their journey.
        let journey = (!live.is_empty()).then(|| known.journey.events().to_vec());
        self.outputs.push_back(Output::Record(Record::Journey {
            session,
            events: new.clone(),
        }));
        for id in live {
            if let Some(journey) = &journey {
                self.update_context(id, |context| context.journey.clone_from(journey));
            }
            let event = AgentEvent::Journey {
                interaction: id,
                events: new.clone(),
            };
            self.tell_worker(id, event, When::Now);
        }
        self.relearn(session, now);
    }

    /// Reads again what the visitor seems to want.
    pub(super) fn relearn(&mut self, session: SessionId, now: Timestamp) {
        let Some(known) = self.sessions.get(&session) else {
            return;
        };
        let answers = self.answers_of(known);
        let asked = intent::Known {
            site: &known.site,
            journey: known.journey.events(),
            page: &known.page,
            visits: known.visits,
            answers: &answers,
        };
        let (intents, next) = if known.is_watched() {
            let reading = intent::Reading::new(&asked, now);
            let intents = reading.intents(&self.setup.intents);
            let offers = self.conditions_of_invitations(&known.site);
            let conditions = intent::conditions(&self.setup.intents, &known.site).chain(offers);
            (intents, reading.next_look(conditions))
        } else {
            (vec![], None)
        };
        self.deadlines.drop(Deadline::Look(session));
        let until = self.invitation_due(session, now);
        if let Some(at) = [next, until]
            .into_iter()
            .flatten()
            .filter(|at| *at > now)
            .min()
        {
            self.deadlines.set(at, Deadline::Look(session));
        }
        let Some(known) = self.sessions.get_mut(&session) else {
            return;
        };
        let changed = known.intents != intents;
        known.intents = intents;
        if changed {
            self.pass_on_intents(session, now);
        }
        self.follow(session, now);
        self.consider_inviting(session, now);
    }

    /// Those who wait or talk carry what is known along.
    fn pass_on_intents(&mut self, session: SessionId, now: Timestamp) {
        let Some(known) = self.sessions.get(&session) else {
            return;
        };
        let intents = known.intents.clone();
        for id in self.live_of(known) {
            self.update_context(id, |context| context.intents.clone_from(&intents));
            self.tell_learnt(id);
            self.look_again(id, now);
        }
    }

    /// Facts from answers, for rules that look at them.
    fn answers_of(&self, known: &Session) -> Facts {
        let mut answers = known.lasting.clone();
        for id in self.live_of(known) {
            if let Some(interaction) = self.interactions.get(&id) {
                answers.extend(interaction.way.answers.clone());
            }
        }
        answers
    }

    pub(super) fn live_of(&self, known: &Session) -> Vec<InteractionId> {
        (known.interactions.iter().copied())
            .filter(|id| self.interactions.get(id).is_some_and(Interaction::is_live))
            .collect()
    }

    pub(super) fn named(&mut self, session: SessionId, mut name: String) {
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

    /// The visitor says whether they may be watched.
    pub(super) fn monitoring(&mut self, session: SessionId, on: bool, now: Timestamp) {
        let Some(known) = self.sessions.get_mut(&session) else {
            return;
        };
        known.opted_out = !on;
        // Whoever says yes by hand means it more than a browser's general wish.
        known.quiet &= !on;
        if !on {
            known.forget_journey();
            let live = self.live_of_session(session);
            for id in live {
                self.update_context(id, |context| {
                    context.journey.clear();
                    context.intents.clear();
                    context.visits = 0;
                });
                self.tell_learnt(id);
                self.look_again(id, now);
                self.record(id);
            }
            self.uninvite_and_tell(session);
        }
        self.record_session(session);
        if !on {
            let forget = Record::ForgetJourney { session };
            self.outputs.push_back(Output::Record(forget));
        }
        let tabs = self.sessions.get(&session).map(|known| known.tabs.clone());
        for (_, page) in tabs.into_iter().flatten() {
            self.tell_page(page, VisitorEvent::Monitored(on), When::Stored);
        }
        self.relearn(session, now);
    }

    fn live_of_session(&self, session: SessionId) -> Vec<InteractionId> {
        (self.sessions.get(&session)).map_or_else(Vec::new, |known| self.live_of(known))
    }

    pub(super) fn record_session(&mut self, session: SessionId) {
        let Some(known) = self.sessions.get_mut(&session) else {
            return;
        };
        known.recorded = true;
        let record = Record::Session {
            session,
            site: known.site.clone(),
            opted_out: known.opted_out,
        };
        self.outputs.push_back(Output::Record(record));
    }

    fn collects(&self, session: SessionId) -> BTreeSet<Collected> {
        (self.sessions.get(&session))
            .and_then(|known| self.site(&known.site))
            .map_or_else(BTreeSet::new, |site| site.collects.clone())
    }

    pub(super) fn site(&self, key: &SiteKey) -> Option<&Site> {
        self.setup.sites.iter().find(|site| site.key == *key)
    }

    pub(super) fn update_context(
        &mut self,
        id: InteractionId,
        change: impl FnOnce(&mut bellwire_proto::interaction::Context),
    ) {
        if let Some(interaction) = self.interactions.get_mut(&id).filter(|i| i.is_live()) {
            change(&mut interaction.context);
        }
    }
}
