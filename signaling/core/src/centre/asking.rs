//! Questions to the visitor: which one is put, and what becomes of the answers.

use bellwire_proto::{
    agent::AgentEvent,
    id::{ConnectionId, FormId, InteractionId, SessionId},
    prompt::{Answer, Ask, Prompt},
    setup::{Destination, Form, Required, fact},
    time::Timestamp,
    visitor::{VisitorEvent, VisitorRefusal},
};

use super::Centre;
use crate::{
    Note, When,
    interaction::Stage,
    prompt::{self, Taken},
    record::Asking,
};

/// A question that is to be put.
pub(super) struct Question {
    form: FormId,
    required: Vec<Required>,
    skippable: bool,
}

impl Centre {
    /// The smallest question that supplies what is missing; `None` where nothing is, where nothing
    /// can supply it, or where enough was asked.
    pub(super) fn question(&self, id: InteractionId, required: &[Required]) -> Option<Question> {
        let way = &self.interactions.get(&id)?.way;
        let facts = self.facts(id);
        let missing = prompt::missing(required, &facts, &way.skipped);
        if missing.is_empty() || way.asked.len() >= prompt::MOST_PROMPTS as usize {
            return None;
        }
        let form = prompt::choose(&self.setup.forms, &missing, &facts, &way.asked)?;
        Some(Question {
            form: form.id,
            skippable: prompt::skippable(&missing),
            required: missing.into_iter().cloned().collect(),
        })
    }

    /// Puts a question; `before` the contact waits, or meanwhile.
    pub(super) fn ask(
        &mut self,
        id: InteractionId,
        question: Question,
        before: bool,
        now: Timestamp,
    ) {
        let (facts, language) = (self.facts(id), self.language(id));
        let n = (self.interactions.get(&id)).map_or(0, |i| i.way.asked.len()) + 1;
        let missing: Vec<_> = question.required.iter().collect();
        let asking = prompt::Asking {
            facts: &facts,
            missing: &missing,
            language: &language,
            n: u32::try_from(n).unwrap_or(u32::MAX),
            skippable: question.skippable,
            before,
        };
        let Some(prompt) = self
            .form(question.form)
            .map(|form| prompt::render(form, &asking))
        else {
            return;
        };
        let Some(interaction) = self.interactions.get_mut(&id) else {
            return;
        };
        let form = question.form;
        let because = why_asked(&prompt.title, &question.required, before);
        interaction.way.asked.push(form);
        interaction.way.asking = Some(Asking { form, prompt });
        self.record(id);
        self.decided(id, None, because, now);
        self.note(Note::Asked);
        if before {
            self.show(id);
        }
        self.tell_asked(id);
    }

    /// Puts a menu that leads on. Where it is gone, or enough was asked, there is no way on.
    pub(super) fn ask_menu(&mut self, id: InteractionId, form: FormId, now: Timestamp) {
        let asked = (self.interactions.get(&id)).map_or(0, |i| i.way.asked.len());
        if self.form(form).is_none() || asked >= prompt::MOST_PROMPTS as usize {
            return self.turn_away(id, VisitorRefusal::NotOffered, now);
        }
        self.ask(id, Question::named(form, false), true, now);
    }

    /// Where a menu leads by what is known already.
    pub(super) fn known_way(&self, id: InteractionId, form: FormId) -> Option<Destination> {
        let choice = prompt::known_choice(self.form(form)?, &self.facts(id))?;
        choice.to.clone()
    }

    /// Asks something while the contact waits, once, if there is something left to ask.
    pub(super) fn ask_meanwhile(&mut self, id: InteractionId, form: FormId, now: Timestamp) {
        let stands = (self.interactions.get(&id))
            .is_none_or(|i| i.way.asking.is_some() || i.way.asked.contains(&form));
        if stands || self.form(form).is_none_or(|form| self.knows_all(id, form)) {
            return;
        }
        self.ask(id, Question::named(form, true), false, now);
    }

    /// Nothing of this form is left to ask.
    fn knows_all(&self, id: InteractionId, form: &Form) -> bool {
        let asking = prompt::Asking {
            facts: &self.facts(id),
            missing: &[],
            language: "",
            n: 0,
            skippable: true,
            before: false,
        };
        match prompt::render(form, &asking).ask {
            Ask::Fields(fields) => fields.is_empty(),
            Ask::Menu(options) => options.is_empty(),
        }
    }

    /// What is asked of the visitor now.
    pub(super) fn prompt(&self, id: InteractionId) -> Option<Prompt> {
        let interaction = self.interactions.get(&id).filter(|i| i.is_live())?;
        let asking = interaction.way.asking.as_ref()?;
        Some(asking.prompt.clone())
    }

    fn form(&self, id: FormId) -> Option<&Form> {
        self.setup.forms.iter().find(|form| form.id == id)
    }

    fn tell_asked(&mut self, id: InteractionId) {
        let prompt = self.prompt(id);
        let event = VisitorEvent::Asked {
            interaction: id,
            prompt,
        };
        self.tell_visitor(id, &event, When::Unhurried);
    }

    /// The question that stands, if it is this one; tells the page where it is not.
    fn asking(&mut self, connection: ConnectionId, id: InteractionId, n: u32) -> Option<Asking> {
        let live = (self.interactions.get(&id)).filter(|interaction| interaction.is_live());
        let asking = live.and_then(|interaction| interaction.way.asking.clone());
        let asking = asking.filter(|asking| asking.prompt.n == n);
        if asking.is_none() {
            self.refuse_visitor(connection, Some(id), VisitorRefusal::NotAsked);
        }
        asking
    }

    pub(super) fn answer(
        &mut self,
        session: SessionId,
        connection: ConnectionId,
        id: InteractionId,
        (n, answers): (u32, &[Answer]),
        now: Timestamp,
    ) {
        let Some(asking) = self.asking(connection, id, n) else {
            return;
        };
        match prompt::take(&asking.prompt, self.form(asking.form), answers) {
            Ok(taken) => self.take(session, id, &asking, taken, now),
            Err(bad) => {
                let event = VisitorEvent::BadAnswers {
                    interaction: id,
                    bad,
                };
                self.tell_page(connection, event, When::Now);
            }
        }
    }

    fn take(
        &mut self,
        session: SessionId,
        id: InteractionId,
        asking: &Asking,
        taken: Taken,
        now: Timestamp,
    ) {
        if let Some(name) = taken.facts.get(fact::NAME) {
            self.named(session, name.clone());
        }
        if let Some(known) = self.sessions.get_mut(&session) {
            known.learn(&taken.facts, &taken.answered);
        }
        let before = asking.prompt.before;
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.way.answers.extend(taken.facts);
            interaction.way.skipped.extend(taken.left_open);
            for (skill, level) in taken.skills {
                let wanted = interaction.way.skills.entry(skill).or_insert(level);
                *wanted = level.max(*wanted);
            }
            if before && let Ask::Menu(_) = asking.prompt.ask {
                // A choice that leads nowhere lets the contact come in by what is known.
                interaction.way.led.clone_from(&taken.leads);
            }
            prompt::merge(&mut interaction.context.answers, taken.answered);
        }
        self.asked_no_more(id);
        self.relearn(session, now);
        self.tell_learnt(id);
        if before {
            return self.enter(id, now);
        }
        match taken.leads {
            Some(to) if self.stop_waiting(id) => {
                if !self.move_on(id, to, "chosen in a menu".to_owned(), now) {
                    self.look_again(id, now);
                    self.wait_on(id, now);
                    self.tell_place(id, When::Now, now);
                }
            }
            Some(_) | None => {
                self.look_again(id, now);
                self.step(id, now);
            }
        }
    }

    pub(super) fn skip(
        &mut self,
        connection: ConnectionId,
        id: InteractionId,
        n: u32,
        now: Timestamp,
    ) {
        let Some(asking) = self.asking(connection, id, n) else {
            return;
        };
        if !asking.prompt.skippable {
            return self.refuse_visitor(connection, Some(id), VisitorRefusal::NotAsked);
        }
        let declined = prompt::declined(&asking.prompt, self.form(asking.form));
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.way.skipped.extend(declined);
        }
        self.asked_no_more(id);
        if asking.prompt.before {
            self.enter(id, now);
        } else {
            self.look_again(id, now);
            self.step(id, now);
        }
    }

    /// The question is done with.
    fn asked_no_more(&mut self, id: InteractionId) {
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.way.asking = None;
        }
        self.record(id);
        self.tell_asked(id);
    }

    /// Something new is known of one who waits: needs may be others.
    pub(super) fn look_again(&mut self, id: InteractionId, now: Timestamp) {
        let waits = (self.interactions.get(&id))
            .is_some_and(|i| i.stage == Stage::Waiting && i.is_placed());
        if waits {
            self.refit(id, now);
            self.join_line(id);
        }
    }

    /// Tells the desk that has or is offered the contact what is known now.
    pub(super) fn tell_learnt(&mut self, id: InteractionId) {
        let Some(interaction) = self.interactions.get(&id) else {
            return;
        };
        let event = AgentEvent::Learnt {
            interaction: id,
            intents: interaction.context.intents.clone(),
            answers: interaction.context.answers.clone(),
        };
        if let Some(agent) = interaction.worker().or_else(|| interaction.ringing()) {
            self.tell_agent(agent, event, When::Now);
        }
    }
}

/// Why a question was put, in words.
fn why_asked(title: &str, missing: &[Required], before: bool) -> String {
    let facts: Vec<_> = missing
        .iter()
        .map(|required| required.fact.as_str())
        .collect();
    if before && facts.is_empty() {
        format!("Asked “{title}”: the way leads by this menu")
    } else if before {
        format!("Asked “{title}”: not known yet: {}", facts.join(", "))
    } else {
        format!("Asked “{title}” meanwhile")
    }
}

impl Question {
    /// This form, whatever is missing.
    fn named(form: FormId, skippable: bool) -> Self {
        Self {
            form,
            required: vec![],
            skippable,
        }
    }
}
