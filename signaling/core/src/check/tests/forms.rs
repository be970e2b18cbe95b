//! Forms and menus.

use bellwire_proto::{
    admin::Kind,
    setup::{Choice, Destination, Field, FieldKind, Form, FormKind, Setup, Words},
};

use super::{
    after,
    centre::{choice, field, form, queue},
    refuses, warns,
};

fn menu(change: impl FnOnce(&mut String, &mut Vec<Choice>)) -> impl FnOnce(&mut Setup) {
    |setup| match &mut setup.forms[0].kind {
        FormKind::Menu { fact, choices } => change(fact, choices),
        FormKind::Fields(_) => unreachable!("the first form is a menu"),
    }
}

fn fields(change: impl FnOnce(&mut Vec<Field>)) -> impl FnOnce(&mut Setup) {
    |setup| match &mut setup.forms[1].kind {
        FormKind::Fields(fields) => change(fields),
        FormKind::Menu { .. } => unreachable!("the second form has fields"),
    }
}

#[test]
fn a_form_asks_something() {
    refuses(
        Kind::Form,
        "fields",
        "This form asks nothing. Add a field.",
        fields(Vec::clear),
    );
    let say = "Visitors have nothing to read here. Write a title.";
    refuses(Kind::Form, "title", say, |setup| {
        setup.forms[1].title = Words::default()
    });
    let say = "Visitors have nothing to read here. Write what the field asks.";
    refuses(
        Kind::Form,
        "fields.2.label",
        say,
        fields(|fields| fields[2].label = Words::one("en", " ")),
    );
    let say = "Another form is called topics too. Give each its own name.";
    refuses(Kind::Form, "name", say, |setup| {
        setup.forms[1].name = "topics".into()
    });
}

#[test]
fn a_sentence_is_not_too_long() {
    let say = "It is 501 characters long; at most 500 are possible. Shorten it.";
    refuses(Kind::Form, "title.en", say, |setup| {
        setup.forms[1].title = Words::one("en", &"ä".repeat(501))
    });
}

#[test]
fn fields_have_facts_of_their_own() {
    let say = "Another field of this form asks for reason too. Take one away.";
    refuses(
        Kind::Form,
        "fields.2.fact",
        say,
        fields(|fields| fields[2].fact = "reason".into()),
    );
    let say = "“” is no name for an answer. Use 1 to 64 letters without accents, digits, dots, hyphens and underscores.";
    refuses(
        Kind::Form,
        "fields.2.fact",
        say,
        fields(|fields| fields[2].fact.clear()),
    );
    let say = "The name menu is taken: it is what a menu's choice is called. Choose another.";
    refuses(
        Kind::Form,
        "fields.2.fact",
        say,
        fields(|fields| fields[2].fact = "menu".into()),
    );
}

#[test]
fn fields_can_be_answered() {
    let kind = |kind: FieldKind| fields(|fields| fields[2].kind = kind);
    refuses(
        Kind::Form,
        "fields.2.kind",
        "An answer of 0 characters is not possible. Choose 1 to 500.",
        kind(FieldKind::Text(0)),
    );
    refuses(
        Kind::Form,
        "fields.2.kind",
        "An answer of 5001 characters is not possible. Choose 1 to 5000.",
        kind(FieldKind::LongText(5001)),
    );
    refuses(
        Kind::Form,
        "fields.2.choices",
        "There is nothing to choose. Add a choice.",
        kind(FieldKind::Choice(vec![])),
    );
    let twice = FieldKind::Choice(vec![choice("a", None), choice("A", None)]);
    refuses(
        Kind::Form,
        "fields.2.choices.1.value",
        "Another choice stands for “A” too. Give each its own value.",
        kind(twice),
    );
    let leads = FieldKind::Choice(vec![choice("a", Some(Destination::Queue(queue(1))))]);
    let say = "Only a menu leads on, so this is of no effect. Make a menu of it, or take it away.";
    warns(Kind::Form, "fields.2.choices.0.to", say, kind(leads));
}

#[test]
fn fields_are_shown_by_those_before() {
    let shown = |fact: &'static str, is: &'static [&'static str]| {
        fields(move |fields| fields[1] = field("order", FieldKind::Text(40), Some((fact, is))))
    };
    let say = "The field “email” does not come before this one. Choose a field before it.";
    refuses(
        Kind::Form,
        "fields.1.show_if.fact",
        say,
        shown("email", &["a@b.example"]),
    );
    let say = "The field “colour” does not exist in this form. Choose a field before it.";
    refuses(
        Kind::Form,
        "fields.1.show_if.fact",
        say,
        shown("colour", &["red"]),
    );
    let say = "“refund” is never answered to reason. Choose another value.";
    warns(
        Kind::Form,
        "fields.1.show_if.is.1",
        say,
        shown("reason", &["order", "refund"]),
    );
    let say = "This field is never shown. Choose another condition, or show it always.";
    warns(
        Kind::Form,
        "fields.1.show_if",
        say,
        shown("reason", &["refund"]),
    );
    warns(Kind::Form, "fields.1.show_if", say, shown("reason", &[]));
}

#[test]
fn a_required_field_is_shown() {
    let say = "This field is never shown. Choose another condition, or show it always.";
    let hidden = |fields: &mut Vec<Field>| {
        fields[1] = field("order", FieldKind::Consent, Some(("reason", &["refund"])));
        fields[2] = field("email", FieldKind::Email, Some(("order", &["yes"])));
        fields[2].required = true;
    };
    refuses(Kind::Form, "fields.2.show_if", say, fields(hidden));
}

#[test]
fn a_menu_says_something_or_leads_on() {
    refuses(
        Kind::Form,
        "choices",
        "There is nothing to choose. Add a choice.",
        menu(|_, choices| choices.clear()),
    );
    let say = "A choice that leads nowhere has to say something. Name what it answers, or let every choice lead on.";
    refuses(Kind::Form, "fact", say, menu(|fact, _| fact.clear()));
    let say = "Visitors have nothing to read here. Write what the choice says.";
    refuses(
        Kind::Form,
        "choices.1.label",
        say,
        menu(|_, choices| choices[1].label = Words::default()),
    );
    refuses(
        Kind::Form,
        "choices.0.to",
        "This queue does not exist. Choose another.",
        menu(|_, choices| choices[0].to = Some(Destination::Queue(queue(9)))),
    );
}

/// The menu of topics leads to another menu alone, and that one where `back` says.
fn two_menus(back: Option<Destination>) -> impl FnOnce(&mut Setup) {
    |setup| {
        let choices = vec![choice("laptops", back)];
        let name = "More".to_owned();
        let kind = FormKind::Menu {
            fact: "topic".into(),
            choices,
        };
        setup.forms.push(Form {
            id: form(3),
            name,
            title: Words::one("en", "More"),
            kind,
        });
        menu(|_, choices| *choices = vec![choice("laptops", Some(Destination::Menu(form(3))))])(
            setup,
        );
    }
}

#[test]
fn a_menu_leads_out_of_menus() {
    let say = "Every choice leads to menus again, and none of them leads out. Let a choice lead to a queue or a page, or to nothing.";
    refuses(
        Kind::Form,
        "choices",
        say,
        two_menus(Some(Destination::Menu(form(1)))),
    );
    assert_eq!(after(two_menus(None)), []);
    assert_eq!(after(two_menus(Some(Destination::Queue(queue(2))))), []);
}

#[test]
fn a_form_is_seen() {
    let say = "No visitor gets to see this. Ask for it in a site or a queue, or lead to it, or take it away.";
    warns(Kind::Form, "", say, |setup| {
        setup.queues[0].while_waiting = None
    });
}
