//! How a contact comes to its queue: what must be known first, the way in that fits, and the rules
//! of queues that lead elsewhere.
//!
//! ```text
//!  start ─▶ enter ──▶ lead ──▶ place ─▶ in line ──(waited too long)──▶ lead
//!             │ ▲      │ │
//!             ▼ │      │ ├─▶ turned away: closed, full, not offered
//!          question ◀──┘ └─▶ directed to a page
//! ```

use std::time::Duration;

use bellwire_proto::{
    id::{AgentId, InteractionId, QueueId},
    interaction::{EndCause, Medium},
    setup::{Destination, OverflowWhen, Queue, Required, fact},
    time::Timestamp,
    visitor::{VisitorEvent, VisitorRefusal},
};

use super::Centre;
use crate::{
    Note, Output, When,
    facts::{self, entry_in_words},
    hours,
    prompt::{self, Facts},
    record::{Record, Way},
    routing::Place,
};

/// Over how many queues one contact is led at once. More is a loop that the checks let through.
const MOST_HOPS: usize = 8;

impl Centre {
    /// Brings a contact to where it belongs, or asks what must be known for that.
    pub(super) fn enter(&mut self, id: InteractionId, now: Timestamp) {
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        if interaction.is_by_telephone() {
            return self.enter_by_number(id, now);
        }
        let key = interaction.site.clone();
        let Some(site) = self
            .setup
            .sites
            .iter()
            .find(|site| site.key == key)
            .cloned()
        else {
            return self.turn_away(id, VisitorRefusal::NotOffered, now);
        };
        if !interaction.context.left_message
            && let Some(question) = self.question(id, &site.needs)
        {
            return self.ask(id, question, true, now);
        }
        let led = interaction.way.led.clone();
        let facts = self.facts_with_defaults(id, &site.needs);
        let medium = self.interactions.get(&id).map(|i| i.medium);
        let (to, why) = match led {
            Some(to) => (Some(to), "chosen in a menu".to_owned()),
            None => {
                let asked = self.interactions.get(&id).map(|i| i.way.asked.clone());
                let entry = facts::entry(&site, &facts, medium, &asked.unwrap_or_default());
                let why = entry.map_or_else(String::new, entry_in_words);
                (entry.map(|entry| entry.to.clone()), why)
            }
        };
        match to {
            Some(to) => self.lead(id, to, why, now),
            None => self.turn_away(id, VisitorRefusal::NotOffered, now),
        }
    }

    /// A telephone has no page to be asked or led to: the number says where it goes.
    fn enter_by_number(&mut self, id: InteractionId, now: Timestamp) {
        let dialled = (self.interactions.get(&id))
            .and_then(|call| call.context.caller.as_ref())
            .map(|caller| caller.dialled.clone())
            .unwrap_or_default();
        let led = (self.interactions.get(&id)).and_then(|call| call.way.led.clone());
        match led.or_else(|| self.number(&dialled).map(|number| number.to.clone())) {
            Some(to) => self.lead(id, to, format!("called {dialled}"), now),
            None => self.turn_away(id, VisitorRefusal::NotOffered, now),
        }
    }

    /// Follows a destination until the contact waits, is asked, directed or turned away.
    pub(super) fn lead(
        &mut self,
        id: InteractionId,
        mut to: Destination,
        mut why: String,
        now: Timestamp,
    ) {
        let telephone = (self.interactions.get(&id))
            .is_some_and(crate::interaction::Interaction::is_by_telephone);
        for _ in 0..MOST_HOPS {
            let queue = match to {
                Destination::Queue(queue) => queue,
                Destination::Menu(_) | Destination::Page { .. } | Destination::Link { .. }
                    if telephone =>
                {
                    return self.turn_away(id, VisitorRefusal::NotOffered, now);
                }
                Destination::Menu(form) => match self.known_way(id, form) {
                    Some(next) => {
                        to = next;
                        continue;
                    }
                    None => return self.ask_menu(id, form, now),
                },
                Destination::Page { url, label } => {
                    return self.direct(id, url, &label, false, now);
                }
                Destination::Link { url, label } => return self.direct(id, url, &label, true, now),
            };
            let Some(queue) = self.queue(queue).cloned() else {
                return self.turn_away(id, VisitorRefusal::NotOffered, now);
            };
            match self.way_on(id, &queue, now) {
                WayOn::Here => return self.place(id, &queue, why, now),
                WayOn::Ask(question) => return self.ask_for(id, &queue, question, now),
                WayOn::Refused(reason) => return self.turn_away(id, reason, now),
                WayOn::Elsewhere(next, because) => {
                    if let Some(interaction) = self.interactions.get_mut(&id) {
                        interaction.way.been.push(queue.id);
                    }
                    why = format!("{why}; {because}");
                    to = next;
                }
            }
        }
        self.turn_away(id, VisitorRefusal::NotOffered, now);
    }

    /// Asks what this queue must know. One who waited already comes back to it with the answer.
    fn ask_for(
        &mut self,
        id: InteractionId,
        queue: &Queue,
        question: super::asking::Question,
        now: Timestamp,
    ) {
        if let Some(interaction) = self.interactions.get_mut(&id)
            && interaction.way.entered.is_some()
        {
            interaction.way.led = Some(Destination::Queue(queue.id));
        }
        self.ask(id, question, true, now);
    }

    /// Whether a contact may wait in this queue now.
    fn way_on(&self, id: InteractionId, queue: &Queue, now: Timestamp) -> WayOn {
        let Some(interaction) = self.interactions.get(&id) else {
            return WayOn::Refused(VisitorRefusal::NoSuchInteraction);
        };
        let medium = interaction.medium;
        if !queue.media.contains(&medium) {
            return WayOn::Refused(VisitorRefusal::NotOffered);
        }
        // A message is answered whenever somebody is there again.
        if interaction.context.left_message {
            return WayOn::Here;
        }
        let telephone = interaction.is_by_telephone();
        let way_out = self.overflow(queue, medium, &interaction.way, now);
        if let Some((to, because)) = way_out.filter(|(to, _)| !telephone || is_for_telephones(to)) {
            return WayOn::Elsewhere(to, because);
        }
        if !self.is_open(queue, now) {
            return WayOn::Refused(VisitorRefusal::Closed);
        }
        if (queue.most_waiting).is_some_and(|most| self.waiting_in(queue.id) >= most as usize) {
            return WayOn::Refused(VisitorRefusal::Full);
        }
        match self.question(id, &queue.needs) {
            Some(question) if !telephone => WayOn::Ask(question),
            Some(_) | None => WayOn::Here,
        }
    }

    /// Where the queue's rules send a contact that comes now, and why.
    fn overflow(
        &self,
        queue: &Queue,
        medium: Medium,
        way: &Way,
        now: Timestamp,
    ) -> Option<(Destination, String)> {
        let name = &queue.name;
        let rule = (queue.overflow.iter())
            .filter(|rule| is_new(&rule.to, way))
            .find_map(|rule| {
                let because = match rule.when {
                    OverflowWhen::Closed if !self.is_open(queue, now) => {
                        format!("{name} is closed")
                    }
                    OverflowWhen::NobodyThere if !self.is_staffed(queue.id, medium) => {
                        format!("nobody is there in {name}")
                    }
                    OverflowWhen::Waiting(most) if self.waiting_in(queue.id) >= most as usize => {
                        format!("{most} or more wait in {name}")
                    }
                    OverflowWhen::Closed
                    | OverflowWhen::NobodyThere
                    | OverflowWhen::Waiting(_)
                    | OverflowWhen::Waited(_) => return None,
                };
                Some((rule.to.clone(), because))
            });
        // A full queue leads on where any rule knows a way.
        rule.or_else(|| {
            let full =
                (queue.most_waiting).is_some_and(|most| self.waiting_in(queue.id) >= most as usize);
            let to = full
                .then(|| queue.overflow.iter().map(|rule| rule.to.clone()))?
                .find(|to| is_new(to, way))?;
            Some((to, format!("{name} is full")))
        })
    }

    /// Stands in line.
    fn place(&mut self, id: InteractionId, queue: &Queue, why: String, now: Timestamp) {
        let ageing = self.setup.times.ageing;
        let priority = queue.priority.saturating_add(self.priority_of(id));
        let Some(interaction) = self.interactions.get_mut(&id) else {
            return;
        };
        let new = interaction.way.entered.is_none();
        let came = *interaction.way.entered.get_or_insert(now);
        let first = interaction.way.been.is_empty();
        let left_message = interaction.context.left_message;
        let has_page = !interaction.is_by_telephone();
        // What is asked meanwhile stands on the visitor's page, wherever the contact waits.
        interaction.way.asking = (interaction.way.asking.take()).filter(|a| !a.prompt.before);
        interaction.queue = queue.id;
        interaction.queued = now;
        interaction.place = Place::new(came, priority, ageing);
        let medium = interaction.medium;
        self.refit(id, now);
        let reserved = self.last_agent(id, queue, now);
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.reserved = reserved.as_ref().map(|(agent, until, _)| (*agent, *until));
        }
        self.expect(id, now);
        self.record(id);
        let because = match reserved {
            Some((_, _, name)) => {
                let within = queue.last_agent_s;
                format!(
                    "Into {}: {why}; first {within} s for {name}, who served the visitor last",
                    queue.name
                )
            }
            None => format!("Into {}: {why}", queue.name),
        };
        self.decided(id, None, because, now);
        self.join_line(id);
        self.plan_step(id, now);
        if new {
            self.note(Note::Started(medium));
            self.contacted(id, now);
        } else {
            self.note(Note::Overflowed(medium));
        }
        self.tell_place(id, When::Unhurried, now);
        // Who left a message does not wait, and said where to answer.
        let asks = first && new && !left_message && has_page;
        if let Some(form) = queue.while_waiting.filter(|_| asks) {
            self.ask_meanwhile(id, form, now);
        }
    }

    /// The agent the visitor had last, where the queue waits for them, they are there, and they can
    /// do what is needed.
    fn last_agent(
        &self,
        id: InteractionId,
        queue: &Queue,
        now: Timestamp,
    ) -> Option<(AgentId, Timestamp, String)> {
        let interaction = self.interactions.get(&id)?;
        let last = (self.sessions.get(&interaction.session)?).last_agent?;
        let agent = self.agents.get(&last)?;
        let span = Duration::from_secs(u64::from(queue.last_agent_s));
        let serves =
            agent.is_staffed(interaction.medium) && self.pool.can(last, &interaction.needs);
        (!span.is_zero() && serves).then(|| (last, now + span, agent.setup.name.clone()))
    }

    /// A page serves better than an agent: says so, and the contact is over.
    fn direct(
        &mut self,
        id: InteractionId,
        url: String,
        label: &bellwire_proto::setup::Words,
        elsewhere: bool,
        now: Timestamp,
    ) {
        let label = label.read(&self.language(id)).to_owned();
        self.decided(id, None, format!("Led to the page {url}"), now);
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.way.entered.get_or_insert(now);
        }
        self.show(id);
        let event = VisitorEvent::Directed {
            interaction: id,
            url,
            label,
            elsewhere,
        };
        self.tell_visitor(id, &event, When::Now);
        self.end_contact(id, EndCause::Directed, None, now);
    }

    /// Says no to a contact that waits nowhere yet. Nothing of it stays.
    pub(super) fn turn_away(&mut self, id: InteractionId, reason: VisitorRefusal, now: Timestamp) {
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        if interaction.way.entered.is_some() {
            return self.stay(id, now);
        }
        let (session, known) = (interaction.session, !interaction.way.asked.is_empty());
        let event = VisitorEvent::Refused {
            interaction: Some(id),
            reason,
        };
        self.tell_visitor(id, &event, When::Now);
        self.discard(id);
        if known {
            // Its pages show the question still.
            self.show_session(session);
        }
    }

    /// It waited already, and goes on where it stood; in the first queue, where its own is gone.
    fn stay(&mut self, id: InteractionId, now: Timestamp) {
        let first = self.setup.queues.first().map(|queue| queue.id);
        let gone = (self.interactions.get(&id)).is_some_and(|i| self.queue(i.queue).is_none());
        if let (Some(interaction), Some(first), true) =
            (self.interactions.get_mut(&id), first, gone)
        {
            interaction.queue = first;
        }
        self.refit(id, now);
        self.record(id);
        self.join_line(id);
        self.plan_step(id, now);
        self.tell_place(id, When::Unhurried, now);
    }

    /// Takes a request back that never came into a queue.
    pub(super) fn discard(&mut self, id: InteractionId) {
        let Some(interaction) = self.interactions.remove(&id) else {
            return;
        };
        self.drop_graces(id);
        if !interaction.way.asked.is_empty() || interaction.context.left_message {
            (self.outputs).push_back(Output::Record(Record::Discard { interaction: id }));
        }
        if let Some(session) = self.sessions.get_mut(&interaction.session) {
            session.interactions.retain(|kept| *kept != id);
            if session.is_idle() {
                self.forget_session(interaction.session);
            }
        }
    }

    /// Records why something was decided.
    pub(super) fn decided(
        &mut self,
        id: InteractionId,
        agent: Option<AgentId>,
        because: String,
        now: Timestamp,
    ) {
        let epoch = self.interactions.get(&id).map_or(0, |i| i.epoch);
        self.outputs.push_back(Output::Record(Record::Decision {
            interaction: id,
            epoch,
            agent,
            at: now,
            because,
        }));
    }

    /// What is known of a contact.
    pub(super) fn facts(&self, id: InteractionId) -> Facts {
        let Some(interaction) = self.interactions.get(&id) else {
            return Facts::new();
        };
        let nothing = Facts::new();
        let session = self.sessions.get(&interaction.session);
        facts::known(
            &interaction.context.page.language,
            interaction.context.name.as_deref(),
            &interaction.context.intents,
            session.map_or(&nothing, |session| &session.lasting),
            &interaction.way.answers,
        )
    }

    pub(super) fn facts_with_defaults(&self, id: InteractionId, required: &[Required]) -> Facts {
        let facts = self.facts(id);
        let Some(interaction) = self.interactions.get(&id) else {
            return facts;
        };
        // What nobody could ask for any more counts as not said.
        let mut skipped = interaction.way.skipped.clone();
        skipped.extend(required.iter().map(|required| required.fact.clone()));
        prompt::with_defaults(required, &facts, &skipped)
    }

    /// The language to speak to the visitor in.
    pub(super) fn language(&self, id: InteractionId) -> String {
        self.facts(id).remove(fact::LANGUAGE).unwrap_or_default()
    }

    pub(super) fn is_open(&self, queue: &Queue, now: Timestamp) -> bool {
        match queue.hours {
            None => true,
            Some(id) => (self.setup.hours.iter())
                .find(|hours| hours.id == id)
                .is_none_or(|hours| hours::is_open(hours, now)),
        }
    }

    /// How many wait in a queue, for whatever medium.
    pub(super) fn waiting_in(&self, queue: QueueId) -> usize {
        [Medium::Call, Medium::Chat]
            .map(|medium| {
                self.lines
                    .get(&(queue, medium))
                    .map_or(0, crate::routing::Line::len)
            })
            .iter()
            .sum()
    }

    /// Whether an agent of the queue is ready or busy, or will be in a moment.
    pub(super) fn is_staffed(&self, queue: QueueId, medium: Medium) -> bool {
        (self.staff.get(&queue).into_iter().flatten())
            .filter_map(|agent| self.agents.get(agent))
            .any(|agent| agent.is_expected(medium))
    }
}

/// Whether a contact was not led there before: a queue that it left, a menu that was answered.
pub(super) fn is_new(to: &Destination, way: &Way) -> bool {
    match to {
        Destination::Queue(queue) => !way.been.contains(queue),
        Destination::Menu(form) => !way.asked.contains(form),
        Destination::Page { .. } | Destination::Link { .. } => true,
    }
}

/// Whether a telephone can be led there.
fn is_for_telephones(to: &Destination) -> bool {
    match to {
        Destination::Queue(_) => true,
        Destination::Menu(_) | Destination::Page { .. } | Destination::Link { .. } => false,
    }
}

/// What becomes of a contact at a queue.
enum WayOn {
    /// It waits here.
    Here,
    /// Something must be known first.
    Ask(super::asking::Question),
    /// It goes elsewhere, and why.
    Elsewhere(Destination, String),
    /// It cannot be taken.
    Refused(VisitorRefusal),
}
