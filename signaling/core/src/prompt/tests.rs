//! What is asked, how, and what its answers are worth: in tables.

mod answers;
mod choosing;
mod guide;
mod rounds;
mod showing;

use std::collections::{BTreeMap, BTreeSet};

use bellwire_proto::{
    id::FormId,
    prompt::{Answer, BadAnswer},
    setup::{Choice, Field, FieldKind, Form, FormKind, Required, ShowIf, SkillLevel, Words},
    time::Timestamp,
};

use super::*;

fn form_id(n: u64) -> FormId {
    FormId::new(Timestamp(n), 0)
}

fn form(n: u64, fields: Vec<Field>) -> Form {
    Form {
        id: form_id(n),
        name: format!("form {n}"),
        title: Words::one("en", "About you"),
        kind: FormKind::Fields(fields),
    }
}

fn menu(n: u64, fact: &str, choices: Vec<Choice>) -> Form {
    Form {
        id: form_id(n),
        name: format!("menu {n}"),
        title: Words::one("en", "What is it about?"),
        kind: FormKind::Menu {
            fact: fact.into(),
            choices,
        },
    }
}

fn field(fact: &str, kind: FieldKind) -> Field {
    Field {
        fact: fact.into(),
        label: Words::one("en", &format!("Your {fact}")),
        kind,
        required: false,
        show_if: None,
    }
}

fn line(fact: &str) -> Field {
    field(fact, FieldKind::Text(80))
}

fn only_if(mut field: Field, fact: &str, is: &[&str]) -> Field {
    field.show_if = Some(ShowIf {
        fact: fact.into(),
        is: is.iter().map(ToString::to_string).collect(),
    });
    field
}

fn must(mut field: Field) -> Field {
    field.required = true;
    field
}

fn choice(value: &str, label: &str) -> Choice {
    Choice {
        value: value.into(),
        label: Words::one("en", label),
        skills: BTreeMap::new(),
        to: None,
    }
}

fn skilled(mut choice: Choice, skill: &str, level: u8) -> Choice {
    choice.skills.insert(skill.into(), SkillLevel(level));
    choice
}

fn required(fact: &str, otherwise: Option<&str>) -> Required {
    Required {
        fact: fact.into(),
        otherwise: otherwise.map(str::to_owned),
    }
}

fn facts(known: &[(&str, &str)]) -> Facts {
    let own = |(fact, value): &(&str, &str)| (fact.to_string(), value.to_string());
    known.iter().map(own).collect()
}

fn names(facts: &[&str]) -> BTreeSet<String> {
    facts.iter().map(ToString::to_string).collect()
}

fn answers(given: &[(&str, &str)]) -> Vec<Answer> {
    let answer = |(fact, value): &(&str, &str)| Answer {
        fact: fact.to_string(),
        value: value.to_string(),
    };
    given.iter().map(answer).collect()
}

fn asking<'a>(facts: &'a Facts, missing: &'a [&'a Required]) -> Asking<'a> {
    Asking {
        facts,
        missing,
        language: "en",
        n: 1,
        skippable: skippable(missing),
        before: true,
    }
}

fn taken(form: &Form, given: &[(&str, &str)]) -> Result<Taken, Vec<BadAnswer>> {
    let prompt = render(form, &asking(&Facts::new(), &[]));
    take(&prompt, Some(form), &answers(given))
}
