//! Takes in what a visitor answered, and believes none of it.

use std::collections::{BTreeMap, BTreeSet};

use bellwire_proto::{
    prompt::{
        Answer, Answered, Ask, AskField, AskKind, AskOption, BadAnswer, BadAnswerWhy, MENU, Prompt,
    },
    setup::{Choice, Destination, FieldKind, Form, FormKind, SkillLevel},
};

use super::{
    Facts, MOST_FIELDS,
    value::{self, Good},
};

/// More answers than this are not looked at; a page sends one for each field.
const MOST_ANSWERS: usize = 2 * MOST_FIELDS;

/// What an answered prompt yields.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Taken {
    /// What is known now.
    pub facts: Facts,
    /// The same as agents see it: questions and answers as the visitor read them.
    pub answered: Vec<Answered>,
    /// Skills that the choices ask of an agent.
    pub skills: BTreeMap<String, SkillLevel>,
    /// Where a menu's choice leads.
    pub leads: Option<Destination>,
    /// Facts that were asked for and left open: to the centre they are skipped.
    pub left_open: BTreeSet<String>,
}

/// Judges `answers` by the prompt that was shown. `form` is the prompt's form, which knows the skills
/// and ways behind its choices; where it was deleted meanwhile, the answers stand without them.
///
/// Answers to fields that the others hide, and to nothing that was asked, are not looked at. Of two
/// answers to one field the first counts.
///
/// # Errors
///
/// What is wrong, at most once for each field. Nothing is taken then.
pub fn take(
    prompt: &Prompt,
    form: Option<&Form>,
    answers: &[Answer],
) -> Result<Taken, Vec<BadAnswer>> {
    let given = by_fact(answers);
    match &prompt.ask {
        Ask::Fields(fields) => take_fields(fields, form, &given),
        Ask::Menu(options) => {
            let answer = given.get(MENU).copied().unwrap_or_default();
            take_menu(&prompt.title, options, form, answer).map_err(|why| {
                vec![BadAnswer {
                    fact: MENU.to_owned(),
                    why,
                }]
            })
        }
    }
}

/// The facts that a visitor would rather not say who skips this prompt.
#[must_use]
pub fn declined(prompt: &Prompt, form: Option<&Form>) -> BTreeSet<String> {
    match &prompt.ask {
        Ask::Fields(fields) => fields.iter().map(|field| field.fact.clone()).collect(),
        Ask::Menu(_) => menu_of(form)
            .map(|(fact, _)| fact.to_owned())
            .into_iter()
            .collect(),
    }
}

fn by_fact(answers: &[Answer]) -> BTreeMap<&str, &str> {
    let mut given = BTreeMap::new();
    for answer in answers.iter().take(MOST_ANSWERS) {
        given
            .entry(answer.fact.as_str())
            .or_insert(answer.value.as_str());
    }
    given
}

fn take_fields(
    fields: &[AskField],
    form: Option<&Form>,
    given: &BTreeMap<&str, &str>,
) -> Result<Taken, Vec<BadAnswer>> {
    let mut taken = Taken::default();
    let mut written = BTreeMap::new();
    let mut bad = vec![];
    for field in fields {
        let hidden = !field.show_if.is_empty()
            && !written
                .get(field.show_if.as_str())
                .is_some_and(|value| field.show_is.contains(value));
        if hidden {
            continue;
        }
        let answer = given.get(field.fact.as_str()).copied().unwrap_or_default();
        match value::judge(&field.kind, answer) {
            Ok(Some(good)) => {
                written.insert(field.fact.as_str(), good.written.clone());
                if let AskKind::Choice(_) = field.kind {
                    need(&mut taken.skills, choice_of(form, &field.fact, &good.value));
                }
                taken.note(&field.fact, &field.label, good);
            }
            Ok(None) if !field.required => {
                taken.left_open.insert(field.fact.clone());
            }
            Ok(None) => bad.push((field, BadAnswerWhy::Missing)),
            Err(why) => bad.push((field, why)),
        }
    }
    if bad.is_empty() {
        return Ok(taken);
    }
    let name = |(field, why): (&AskField, _)| BadAnswer {
        fact: field.fact.clone(),
        why,
    };
    Err(bad.into_iter().map(name).collect())
}

fn take_menu(
    title: &str,
    options: &[AskOption],
    form: Option<&Form>,
    answer: &str,
) -> Result<Taken, BadAnswerWhy> {
    let good = value::choose(options, answer)?.ok_or(BadAnswerWhy::Missing)?;
    let mut taken = Taken::default();
    let mut fact = MENU;
    if let Some((supplies, choices)) = menu_of(form) {
        let choice = choices.iter().find(|choice| choice.value == good.value);
        need(&mut taken.skills, choice);
        taken.leads = choice.and_then(|choice| choice.to.clone());
        if !supplies.is_empty() {
            fact = supplies;
            taken.facts.insert(fact.to_owned(), good.value.clone());
        }
    }
    taken.answered.push(Answered {
        fact: fact.to_owned(),
        label: title.to_owned(),
        value: good.shown,
    });
    Ok(taken)
}

impl Taken {
    fn note(&mut self, fact: &str, label: &str, good: Good) {
        self.answered.push(Answered {
            fact: fact.to_owned(),
            label: label.to_owned(),
            value: good.shown,
        });
        self.facts.insert(fact.to_owned(), good.value);
    }
}

/// A menu's fact and choices.
fn menu_of(form: Option<&Form>) -> Option<(&str, &[Choice])> {
    match &form?.kind {
        FormKind::Fields(_) => None,
        FormKind::Menu { fact, choices } => Some((fact, choices)),
    }
}

/// The choice of a field that stands for `value`.
fn choice_of<'a>(form: Option<&'a Form>, fact: &str, value: &str) -> Option<&'a Choice> {
    let FormKind::Fields(fields) = &form?.kind else {
        return None;
    };
    let field = fields.iter().find(|field| field.fact == fact)?;
    let FieldKind::Choice(choices) = &field.kind else {
        return None;
    };
    choices.iter().find(|choice| choice.value == value)
}

/// Adds what a choice asks of an agent; of two levels of one skill the higher counts.
fn need(skills: &mut BTreeMap<String, SkillLevel>, choice: Option<&Choice>) {
    for (skill, level) in choice.iter().flat_map(|choice| &choice.skills) {
        let least = skills.entry(skill.clone()).or_insert(*level);
        *least = (*least).max(*level);
    }
}
