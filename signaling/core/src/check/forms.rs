//! Forms and menus: what they ask, and whether it can be answered.

use std::collections::BTreeSet;

use bellwire_proto::{
    admin::Kind,
    prompt::MENU,
    setup::{Choice, Field, FieldKind, Form, FormKind, Setup, ShowIf},
};

use super::{
    book::Book,
    report::{Doc, Report},
    texts::{self, Once, shown},
};
use crate::hours::is_date;

/// The most characters of a line, and of several.
const TEXT: u16 = 500;
const LONG_TEXT: u16 = 5000;

/// Checks all forms and menus.
pub(super) fn check(setup: &Setup, book: &Book<'_>, report: &mut Report) {
    let mut once = Once::default();
    for form in &setup.forms {
        let mut doc = report.on(Kind::Form, form.id);
        once.name(&mut doc, "form", &form.name);
        once.id(&mut doc, "id", "form", form.id);
        of_form(form, book, &mut doc);
    }
}

fn of_form(form: &Form, book: &Book<'_>, doc: &mut Doc<'_>) {
    texts::spoken(doc, "title", &form.title, "a title");
    match &form.kind {
        FormKind::Fields(fields) if fields.is_empty() => {
            doc.error("fields", "This form asks nothing. Add a field.");
        }
        FormKind::Fields(fields) => of_fields(fields, book, doc),
        FormKind::Menu { fact, choices } => of_menu(fact, choices, book, doc),
    }
}

fn of_menu(fact: &str, choices: &[Choice], book: &Book<'_>, doc: &mut Doc<'_>) {
    let all_lead_on = choices.iter().all(|choice| choice.to.is_some());
    if !fact.is_empty() {
        texts::fact(doc, "fact", fact);
    } else if !all_lead_on {
        doc.error(
            "fact",
            "A choice that leads nowhere has to say something. Name what it \
                 answers, or let every choice lead on.",
        );
    }
    of_choices("choices", choices, book, doc);
    for (n, choice) in choices.iter().enumerate() {
        if let Some(to) = &choice.to {
            texts::destination(doc, &format!("choices.{n}.to"), to, book);
        }
    }
}

fn of_choices(at: &str, choices: &[Choice], book: &Book<'_>, doc: &mut Doc<'_>) {
    if choices.is_empty() {
        doc.error(at, "There is nothing to choose. Add a choice.");
    }
    let mut once = Once::default();
    for (n, choice) in choices.iter().enumerate() {
        let at = |what: &str| format!("{at}.{n}.{what}");
        let value = &choice.value;
        if texts::filled(doc, &at("value"), value, "a value") && !once.is_new(value) {
            doc.error(
                at("value"),
                format!(
                    "Another choice stands for {} too. Give each its own value.",
                    shown(value)
                ),
            );
        }
        texts::spoken(doc, &at("label"), &choice.label, "what the choice says");
        texts::skills(doc, &at("skills"), &choice.skills, book);
    }
}

fn of_fields(fields: &[Field], book: &Book<'_>, doc: &mut Doc<'_>) {
    let mut once = Once::default();
    let mut hidden = BTreeSet::new();
    for (n, field) in fields.iter().enumerate() {
        let at = |what: &str| format!("fields.{n}.{what}");
        let name = &field.fact;
        if name == MENU {
            doc.error(
                at("fact"),
                "The name menu is taken: it is what a menu's choice is called. Choose another.",
            );
        } else if texts::fact(doc, &at("fact"), name) && !once.is_new(name) {
            doc.error(
                at("fact"),
                format!("Another field of this form asks for {name} too. Take one away."),
            );
        }
        texts::spoken(doc, &at("label"), &field.label, "what the field asks");
        of_kind(n, &field.kind, book, doc);
        if let Some(show_if) = &field.show_if {
            shown_if(n, show_if, fields, &mut hidden, doc);
        }
    }
}

fn of_kind(n: usize, kind: &FieldKind, book: &Book<'_>, doc: &mut Doc<'_>) {
    let at = format!("fields.{n}.kind");
    let (length, most) = match kind {
        FieldKind::Text(length) => (*length, TEXT),
        FieldKind::LongText(length) => (*length, LONG_TEXT),
        FieldKind::Choice(choices) => {
            of_choices(&format!("fields.{n}.choices"), choices, book, doc);
            for (choice, _) in choices
                .iter()
                .enumerate()
                .filter(|(_, choice)| choice.to.is_some())
            {
                doc.warn(
                    format!("fields.{n}.choices.{choice}.to"),
                    "Only a menu leads on, so this is of no effect. Make a menu of it, or \
                         take it away.",
                );
            }
            return;
        }
        FieldKind::Email | FieldKind::Phone | FieldKind::Date | FieldKind::Consent => return,
    };
    if !(1..=most).contains(&length) {
        doc.error(
            at,
            format!("An answer of {length} characters is not possible. Choose 1 to {most}."),
        );
    }
}

/// Checks a field's condition; `hidden` are the fields before that are never shown.
fn shown_if(
    n: usize,
    show_if: &ShowIf,
    fields: &[Field],
    hidden: &mut BTreeSet<usize>,
    doc: &mut Doc<'_>,
) {
    let at = format!("fields.{n}.show_if");
    let other = &show_if.fact;
    let Some(earlier) = fields[..n].iter().position(|field| field.fact == *other) else {
        let later = fields[n..].iter().any(|field| field.fact == *other);
        let why = if later {
            "does not come before this one"
        } else {
            "does not exist in this form"
        };
        doc.error(
            format!("{at}.fact"),
            format!(
                "The field {} {why}. Choose a field before it.",
                shown(other)
            ),
        );
        return;
    };
    let mut possible = false;
    for (v, value) in show_if.is.iter().enumerate() {
        if can_be(&fields[earlier].kind, value) {
            possible = true;
        } else {
            doc.warn(
                format!("{at}.is.{v}"),
                format!(
                    "{} is never answered to {other}. Choose another value.",
                    shown(value)
                ),
            );
        }
    }
    if possible && !hidden.contains(&earlier) {
        return;
    }
    hidden.insert(n);
    let say = "This field is never shown. Choose another condition, or show it always.";
    if fields[n].required {
        doc.error(at, say);
    } else {
        doc.warn(at, say);
    }
}

fn can_be(kind: &FieldKind, value: &str) -> bool {
    match kind {
        FieldKind::Text(_) | FieldKind::LongText(_) => true,
        FieldKind::Choice(choices) => choices.iter().any(|choice| choice.value == value),
        FieldKind::Email => value.contains('@'),
        FieldKind::Phone => value.chars().any(|letter| letter.is_ascii_digit()),
        FieldKind::Date => is_date(value),
        FieldKind::Consent => value == "yes",
    }
}
