//! A form as one visitor sees it: in their language, without what is known.

use std::collections::BTreeSet;

use bellwire_proto::{
    prompt::{Ask, AskField, AskKind, AskOption, Prompt},
    setup::{Choice, Field, FieldKind, Form, FormKind, Required, ShowIf, Words},
};

use super::{Facts, LONGEST_LINE, LONGEST_TEXT, MOST_CHOICES, MOST_FIELDS, knows};

/// How a form is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// What is known: it is not asked for.
    pub facts: &'a Facts,
    /// What is missing: it is insisted on where nothing is taken instead.
    pub missing: &'a [&'a Required],
    /// The language the visitor reads, a BCP 47 tag.
    pub language: &'a str,
    /// The prompt's number in its interaction.
    pub n: u32,
    /// The visitor may go on without an answer.
    pub skippable: bool,
    /// Asked before the interaction waits.
    pub before: bool,
}

/// The prompt that shows `form`. Without fields where all that it asks for is known: [`super::choose()`]
/// takes no such form, and a form that is asked by name need not be shown then.
#[must_use]
pub fn render(form: &Form, asking: &Asking<'_>) -> Prompt {
    let ask = match &form.kind {
        FormKind::Fields(fields) => Ask::Fields(
            shown(fields, asking.facts)
                .into_iter()
                .map(|(field, condition)| ask_field(field, condition, asking))
                .collect(),
        ),
        FormKind::Menu { choices, .. } => Ask::Menu(options(choices, asking.language)),
    };
    Prompt {
        n: asking.n,
        title: say(&form.title, asking.language, &form.name),
        ask,
        skippable: asking.skippable,
        before: asking.before,
    }
}

/// The choice of a menu that what is known already makes: the menu need not be shown.
#[must_use]
pub fn known_choice<'a>(form: &'a Form, facts: &Facts) -> Option<&'a Choice> {
    match &form.kind {
        FormKind::Fields(_) => None,
        FormKind::Menu { fact, choices } => {
            let known = facts.get(fact).filter(|value| !value.is_empty())?;
            choices.iter().find(|choice| choice.value == *known)
        }
    }
}

/// The fields that are or may be shown, each with the condition that the other answers decide.
///
/// A condition looks only at what is known and at fields before its own, so conditions form no circle.
pub(super) fn shown<'a>(
    fields: &'a [Field],
    facts: &Facts,
) -> Vec<(&'a Field, Option<&'a ShowIf>)> {
    let mut asked = BTreeSet::new();
    let mut shown = vec![];
    for field in fields {
        let new = !field.fact.is_empty() && !asked.contains(field.fact.as_str());
        if !new || knows(facts, &field.fact) || !answerable(&field.kind) {
            continue;
        }
        let condition = match &field.show_if {
            None => None,
            Some(condition) => match facts.get(&condition.fact).filter(|known| !known.is_empty()) {
                Some(known) if condition.is.contains(known) => None,
                None if asked.contains(condition.fact.as_str()) => Some(condition),
                Some(_) | None => continue,
            },
        };
        asked.insert(field.fact.as_str());
        shown.push((field, condition));
        if shown.len() == MOST_FIELDS {
            break;
        }
    }
    shown
}

/// Whether there is anything to choose.
pub(super) fn any_choice(choices: &[Choice]) -> bool {
    choices.iter().any(|choice| !choice.value.is_empty())
}

fn answerable(kind: &FieldKind) -> bool {
    match kind {
        FieldKind::Choice(choices) => any_choice(choices),
        FieldKind::Text(_)
        | FieldKind::LongText(_)
        | FieldKind::Email
        | FieldKind::Phone
        | FieldKind::Date
        | FieldKind::Consent => true,
    }
}

fn ask_field(field: &Field, condition: Option<&ShowIf>, asking: &Asking<'_>) -> AskField {
    let insisted = |one: &&Required| one.fact == field.fact && one.otherwise.is_none();
    AskField {
        fact: field.fact.clone(),
        label: say(&field.label, asking.language, &field.fact),
        kind: ask_kind(&field.kind, asking.language),
        required: field.required || asking.missing.iter().any(insisted),
        show_if: condition.map_or_else(String::new, |condition| condition.fact.clone()),
        show_is: condition.map_or_else(Vec::new, |condition| condition.is.clone()),
    }
}

fn ask_kind(kind: &FieldKind, language: &str) -> AskKind {
    match kind {
        FieldKind::Text(most) => AskKind::Text(limit(*most, LONGEST_LINE)),
        FieldKind::LongText(most) => AskKind::LongText(limit(*most, LONGEST_TEXT)),
        FieldKind::Choice(choices) => AskKind::Choice(options(choices, language)),
        FieldKind::Email => AskKind::Email,
        FieldKind::Phone => AskKind::Phone,
        FieldKind::Date => AskKind::Date,
        FieldKind::Consent => AskKind::Consent,
    }
}

/// A field of no characters could not be filled in: it takes as many as any.
fn limit(most: u16, longest: u16) -> u16 {
    if most == 0 {
        longest
    } else {
        most.min(longest)
    }
}

fn options(choices: &[Choice], language: &str) -> Vec<AskOption> {
    let mut seen = BTreeSet::new();
    choices
        .iter()
        .filter(|choice| !choice.value.is_empty() && seen.insert(choice.value.as_str()))
        .take(MOST_CHOICES)
        .map(|choice| AskOption {
            value: choice.value.clone(),
            label: say(&choice.label, language, &choice.value),
        })
        .collect()
}

/// The sentence in the visitor's language, else in English, else in any; never an empty one.
fn say(words: &Words, language: &str, otherwise: &str) -> String {
    let nearest = [words.read(language), words.read("en")];
    let any = words.0.values().map(String::as_str);
    let mut all = nearest.into_iter().chain(any);
    let found = all.find(|text| !text.trim().is_empty());
    found.unwrap_or(otherwise).to_owned()
}
