//! Invitations: who gets one and when, what became of it, and who gets none for comparison.

use std::{cell::LazyCell, collections::BTreeSet, time::Duration};

use bellwire_proto::{
    id::{InteractionId, InvitationId, QueueId, SessionId, SiteKey},
    interaction::Medium,
    setup::{Condition, Invitation, InvitationHow},
    time::Timestamp,
    visitor::{InvitationAct, InvitationView, VisitorEvent},
};

use super::Centre;
use crate::{
    Note, Output, When,
    facts::{self, as_queue},
    intent,
    record::{InvitationOutcome, Record},
    routing::Needs,
    sessions::{Invited, Remembered, Session},
};

/// How many visitors' invitations are remembered; the oldest make room.
const MOST_REMEMBERED: usize = 50_000;

/// More invitations than so many do not stand at once for one queue, however many agents are free.
const MOST_STANDING: usize = 200;

/// Visits are told apart by the browser's count; where a site counts none, by this.
const LONGEST_VISIT: Duration = Duration::from_hours(12);

impl Centre {
    pub(super) fn conditions_of_invitations<'a>(
        &'a self,
        site: &'a SiteKey,
    ) -> impl Iterator<Item = &'a Condition> {
        let asked = (self.setup.invitations.iter()).filter(move |rule| is_asked(rule, site));
        asked.flat_map(|rule| &rule.when)
    }

    /// When time alone may make an invitation due: long enough on the page.
    pub(super) fn invitation_due(&self, session: SessionId, now: Timestamp) -> Option<Timestamp> {
        let known = self.sessions.get(&session)?;
        (self.setup.invitations.iter())
            .filter(|rule| is_asked(rule, &known.site))
            .map(|rule| known.since + Duration::from_secs(u64::from(rule.after_s)))
            .filter(|at| *at > now)
            .min()
    }

    /// Invites the visitor where a rule says so and somebody could take it.
    pub(super) fn consider_inviting(&mut self, session: SessionId, now: Timestamp) {
        if self.setup.invitations.is_empty() {
            return;
        }
        let Some(known) = self.sessions.get(&session) else {
            return;
        };
        if !known.is_watched() || !known.is_here() || known.invited.is_some() {
            return;
        }
        if !self.live_of(known).is_empty() {
            return;
        }
        let asked = intent::Known {
            site: &known.site,
            journey: known.journey.events(),
            page: &known.page,
            visits: known.visits,
            answers: &known.lasting,
        };
        // Read once for all rules, and only where a rule comes so far as to ask.
        let reading = LazyCell::new(|| intent::Reading::new(&asked, now));
        let found = (self.setup.invitations.iter())
            .find(|rule| {
                self.suits(rule, session, known, now)
                    && reading.holds_all(&rule.when)
                    && self.could_take(rule, known, now)
            })
            .cloned();
        if let Some(rule) = found {
            self.invite(session, &rule, now);
        }
    }

    /// Whether the rule is for this visitor now, as far as their journey need not be read for it.
    fn suits(
        &self,
        rule: &Invitation,
        session: SessionId,
        known: &Session,
        now: Timestamp,
    ) -> bool {
        let due = known.since + Duration::from_secs(u64::from(rule.after_s)) <= now;
        let surest = known.intents.first();
        let topic = rule.topic.as_ref().is_none_or(|topic| {
            surest.is_some_and(|intent| {
                intent.confidence >= rule.confidence
                    && (intent.topic.as_ref()).is_some_and(|seen| seen.eq_ignore_ascii_case(topic))
            })
        });
        is_asked(rule, &known.site) && due && topic && !self.was_invited(session, rule, now)
    }

    fn was_invited(&self, session: SessionId, rule: &Invitation, now: Timestamp) -> bool {
        let again = Duration::from_secs(u64::from(rule.again_h) * 3600);
        (self.invited.get(&session).into_iter().flatten())
            .filter(|known| known.invitation == rule.id)
            .any(|known| now.since(known.at) < again || again.is_zero())
    }

    /// Whether enough agents are free who could take it, for this one besides those that stand.
    fn could_take(&self, rule: &Invitation, known: &Session, now: Timestamp) -> bool {
        let InvitationHow::Contact(medium) = rule.how else {
            return true;
        };
        let Some(queue) = self.queue_of_invitation(known, medium) else {
            return false;
        };
        let Some(setup) = self
            .queue(queue)
            .filter(|setup| setup.media.contains(&medium))
        else {
            return false;
        };
        let standing = (self.standing.get(&(queue, medium))).map_or(0, BTreeSet::len);
        let least = (rule.free_agents.max(1) as usize).saturating_add(standing);
        self.is_open(setup, now)
            && self.waiting_in(queue) == 0
            && least <= MOST_STANDING
            && self.pool.count_up_to(medium, &Needs::of(setup), least) >= least
    }

    /// The queue an accepted invitation would lead to.
    fn queue_of_invitation(&self, known: &Session, medium: Medium) -> Option<QueueId> {
        let facts = self.facts_of(known);
        let entry = facts::entry(self.site(&known.site)?, &facts, Some(medium), &[])?;
        as_queue(&entry.to)
    }

    fn invite(&mut self, session: SessionId, rule: &Invitation, now: Timestamp) {
        let visit = self.sessions.get(&session).map_or(0, |known| known.visits);
        let remembered = Remembered {
            invitation: rule.id,
            at: now,
            visit,
            credited: false,
        };
        self.remember_invitation(session, remembered);
        if is_held(session, rule.id, rule.holdout) {
            return self.invitation_is(session, rule.id, InvitationOutcome::Held, now);
        }
        let line = (self.sessions.get(&session)).and_then(|known| self.leads_to(known, rule.how));
        let Some(known) = self.sessions.get_mut(&session) else {
            return;
        };
        let language = known.page.language.clone();
        let view = InvitationView {
            invitation: rule.id,
            how: rule.how,
            text: rule.text.read(&language).to_owned(),
            accept: rule.accept.read(&language).to_owned(),
        };
        let event = VisitorEvent::Invited(view.clone());
        let shown = false;
        known.invited = Some(Invited { view, shown, line });
        if let Some(line) = line {
            self.standing.entry(line).or_default().insert(session);
        }
        self.tell_pages(session, &event);
    }

    fn leads_to(&self, known: &Session, how: InvitationHow) -> Option<(QueueId, Medium)> {
        match how {
            InvitationHow::Contact(medium) => {
                Some((self.queue_of_invitation(known, medium)?, medium))
            }
            InvitationHow::Line => None,
        }
    }

    /// The set-up changed: invitations stand whose rule does, for where they would lead now.
    pub(super) fn review_invitations(&mut self) {
        self.standing.clear();
        let invited: Vec<_> = (self.sessions.iter())
            .filter_map(|(id, known)| {
                let view = &known.invited.as_ref()?.view;
                let rule = (self.setup.invitations.iter())
                    .find(|rule| rule.id == view.invitation && is_asked(rule, &known.site));
                let line = self.leads_to(known, view.how);
                let stands = rule.is_some() && (line.is_some() || view.how == InvitationHow::Line);
                Some((*id, line, stands))
            })
            .collect();
        for (session, line, stands) in invited {
            if !stands {
                self.uninvite_and_tell(session);
                continue;
            }
            if let Some(line) = line {
                self.standing.entry(line).or_default().insert(session);
            }
            if let Some(invited) =
                (self.sessions.get_mut(&session)).and_then(|known| known.invited.as_mut())
            {
                invited.line = line;
            }
        }
    }

    /// Takes back invitations that nobody could take any more: those not seen yet first.
    pub(super) fn take_back_invitations(&mut self, now: Timestamp) {
        let mut hopeless = vec![];
        for ((queue, medium), invited) in &self.standing {
            let setup = (self.queue(*queue)).filter(|setup| self.is_open(setup, now));
            let free = setup.map_or(0, |setup| {
                (self.pool).count_up_to(*medium, &Needs::of(setup), invited.len())
            });
            let seen = |id: &&SessionId| {
                (self.sessions.get(id))
                    .and_then(|known| known.invited.as_ref())
                    .is_some_and(|invited| invited.shown)
            };
            let (seen, unseen): (Vec<_>, Vec<_>) = invited.iter().partition(seen);
            hopeless.extend(seen.into_iter().chain(unseen).skip(free).copied());
        }
        for session in hopeless {
            self.uninvite_and_tell(session);
        }
    }

    /// The invitation no longer stands; gives back which it was.
    pub(super) fn uninvite(&mut self, session: SessionId) -> Option<InvitationId> {
        let invited = (self.sessions.get_mut(&session)?).invited.take()?;
        if let Some(line) = invited.line
            && let Some(standing) = self.standing.get_mut(&line)
        {
            standing.remove(&session);
            if standing.is_empty() {
                self.standing.remove(&line);
            }
        }
        Some(invited.view.invitation)
    }

    pub(super) fn uninvite_and_tell(&mut self, session: SessionId) {
        if let Some(invitation) = self.uninvite(session) {
            self.tell_pages(session, &VisitorEvent::Uninvited(invitation));
        }
    }

    /// The visitor's page tells what became of an invitation.
    pub(super) fn invitation_act(
        &mut self,
        session: SessionId,
        invitation: InvitationId,
        act: InvitationAct,
        now: Timestamp,
    ) {
        let Some(known) = self.sessions.get_mut(&session) else {
            return;
        };
        let Some(invited) =
            (known.invited.as_mut()).filter(|invited| invited.view.invitation == invitation)
        else {
            return;
        };
        let outcome = match act {
            InvitationAct::Shown if invited.shown => return,
            InvitationAct::Shown => {
                invited.shown = true;
                return self.invitation_is(session, invitation, InvitationOutcome::Shown, now);
            }
            InvitationAct::Accepted => InvitationOutcome::Accepted,
            InvitationAct::Dismissed => InvitationOutcome::Dismissed,
            InvitationAct::Ignored => InvitationOutcome::Ignored,
        };
        // Who takes it has seen it, whatever order the page tells it in.
        let unseen = !invited.shown && act == InvitationAct::Accepted;
        self.uninvite_and_tell(session);
        if unseen {
            self.invitation_is(session, invitation, InvitationOutcome::Shown, now);
        }
        self.invitation_is(session, invitation, outcome, now);
    }

    /// A visitor made contact: what was shown or held back in this visit is credited once.
    pub(super) fn contacted(&mut self, id: InteractionId, now: Timestamp) {
        let Some(session) = self.interactions.get(&id).map(|i| i.session) else {
            return;
        };
        let visit = self.sessions.get(&session).map_or(0, |known| known.visits);
        let due = (self.invited.get_mut(&session).into_iter().flatten()).filter(|known| {
            !known.credited && known.visit == visit && now.since(known.at) < LONGEST_VISIT
        });
        let credited: Vec<_> = due
            .map(|known| {
                known.credited = true;
                known.invitation
            })
            .collect();
        for invitation in credited {
            self.invitation_is(session, invitation, InvitationOutcome::Contacted, now);
        }
        self.uninvite_and_tell(session);
    }

    fn invitation_is(
        &mut self,
        session: SessionId,
        invitation: InvitationId,
        act: InvitationOutcome,
        now: Timestamp,
    ) {
        self.outputs.push_back(Output::Record(Record::Invitation {
            session,
            invitation,
            act,
            at: now,
        }));
        self.note(Note::Invitation(act));
    }

    pub(super) fn remember_invitation(&mut self, session: SessionId, remembered: Remembered) {
        let seen = self.invited.entry(session).or_default();
        seen.retain(|known| known.invitation != remembered.invitation);
        seen.push(remembered);
        if self.invited.len() > MOST_REMEMBERED {
            // Ids are ordered by when they were made.
            self.invited.pop_first();
        }
    }

    fn tell_pages(&mut self, session: SessionId, event: &VisitorEvent) {
        let tabs = self.sessions.get(&session).map(|known| known.tabs.clone());
        for (_, page) in tabs.into_iter().flatten() {
            self.tell_page(page, event.clone(), When::Now);
        }
    }
}

fn is_asked(rule: &Invitation, site: &SiteKey) -> bool {
    rule.enabled && (rule.sites.is_empty() || rule.sites.contains(site))
}

/// Whether this visitor is one of those who get none: the same one each time, and independent from
/// one invitation to the next.
fn is_held(session: SessionId, invitation: InvitationId, percent: u8) -> bool {
    let mixed = [session.to_u128(), invitation.to_u128()]
        .into_iter()
        .flat_map(u128::to_be_bytes)
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    // The low bits of this hash are the weak ones.
    (mixed >> 32) % 100 < u64::from(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_as_many_are_held_back_as_the_rule_says() {
        let invitation = InvitationId::new(Timestamp(1), 7);
        let held = (0..10_000)
            .filter(|n| {
                is_held(
                    SessionId::new(Timestamp(*n), u128::from(*n)),
                    invitation,
                    20,
                )
            })
            .count();

        assert!((1_800..2_200).contains(&held), "{held} of 10,000");
        assert!(!is_held(SessionId::new(Timestamp(1), 1), invitation, 0));
    }
}
