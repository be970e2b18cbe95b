//! What is missing, and which form is shown for it.

use bellwire_proto::prompt::Answered;

use super::*;

#[test]
fn what_is_unknown_or_empty_is_missing_unless_it_was_skipped_and_has_a_default() {
    let needs = [
        required("topic", None),
        required("language", Some("en")),
        required("product", Some("other")),
        required("name", None),
        required("email", None),
    ];
    let known = facts(&[("name", "Ada"), ("email", "")]);
    let skipped = names(&["topic", "product"]);

    let missing: Vec<_> = missing(&needs, &known, &skipped)
        .into_iter()
        .map(|one| one.fact.as_str())
        .collect();

    assert_eq!(missing, ["topic", "language", "email"]);
}

#[test]
fn defaults_are_taken_for_what_was_skipped_and_for_nothing_else() {
    let needs = [
        required("topic", Some("other")),
        required("language", Some("en")),
        required("product", Some("")),
        required("name", None),
        required("email", Some("none")),
    ];
    let known = facts(&[("email", "ada@shop.example")]);
    let skipped = names(&["topic", "product", "name", "email"]);

    assert_eq!(
        with_defaults(&needs, &known, &skipped),
        facts(&[("email", "ada@shop.example"), ("topic", "other")])
    );
}

#[test]
fn a_prompt_may_be_skipped_where_something_is_taken_instead_of_all_that_is_missing() {
    let (must, may) = (required("topic", None), required("language", Some("en")));

    assert!(skippable(&[]));
    assert!(skippable(&[&may]));
    assert!(!skippable(&[&may, &must]));
}

/// Which of `forms` is chosen for the missing facts of these names.
fn chosen(forms: &[Form], wanted: &[&str], known: &Facts, asked: &[FormId]) -> Option<FormId> {
    let needs: Vec<_> = wanted.iter().map(|fact| required(fact, None)).collect();
    let missing: Vec<_> = needs.iter().collect();
    choose(forms, &missing, known, asked).map(|form| form.id)
}

#[test]
fn the_smallest_form_that_supplies_what_is_missing_is_chosen() {
    let forms = [
        form(1, vec![line("name"), line("email"), line("topic")]),
        form(2, vec![line("topic"), line("name")]),
        form(3, vec![line("email")]),
        menu(4, "topic", vec![choice("laptops", "Laptops")]),
        menu(5, "topic", vec![choice("phones", "Phones")]),
        menu(6, "product", vec![]),
    ];
    let nothing = Facts::new();
    let knows_name = facts(&[("name", "Ada")]);
    for (wanted, known, expected) in [
        (&["topic"][..], &nothing, Some(4)),
        (&["email"], &nothing, Some(3)),
        (&["topic", "name"], &nothing, Some(2)),
        (&["topic", "email"], &nothing, Some(1)),
        (&["topic", "name", "email"], &nothing, Some(1)),
        // What is known already does not make a form larger: of equals the first is taken.
        (&["topic"], &knows_name, Some(2)),
        // No form supplies the product: the menu for it has nothing to choose.
        (&["product"], &nothing, None),
        (&["topic", "product"], &nothing, Some(4)),
        (&[], &nothing, None),
    ] {
        let found = chosen(&forms, wanted, known, &[]);
        assert_eq!(found, expected.map(form_id), "{wanted:?} knowing {known:?}");
    }
}

#[test]
fn a_form_that_surely_supplies_a_fact_comes_before_one_that_may() {
    let maybe = only_if(line("order"), "kind", &["order"]);
    let forms = [
        form(1, vec![line("kind"), maybe]),
        form(2, vec![line("order"), line("name"), line("email")]),
    ];
    let nothing = Facts::new();

    assert_eq!(chosen(&forms, &["order"], &nothing, &[]), Some(form_id(2)));
    assert_eq!(
        chosen(&forms[..1], &["order"], &nothing, &[]),
        Some(form_id(1))
    );
    let known = facts(&[("kind", "order")]);
    assert_eq!(chosen(&forms, &["order"], &known, &[]), Some(form_id(1)));
    let known = facts(&[("kind", "other")]);
    assert_eq!(chosen(&forms[..1], &["order"], &known, &[]), None);
}

#[test]
fn a_form_that_was_asked_comes_last_and_only_if_it_surely_asks_for_something_missing() {
    let forms = [
        form(1, vec![line("topic"), line("name")]),
        form(2, vec![line("topic"), line("name"), line("email")]),
        form(
            3,
            vec![line("kind"), only_if(line("order"), "kind", &["order"])],
        ),
    ];
    let nothing = Facts::new();
    let asked = [form_id(1)];

    assert_eq!(
        chosen(&forms, &["name"], &nothing, &asked),
        Some(form_id(2))
    );
    assert_eq!(
        chosen(&forms[..1], &["name"], &nothing, &asked),
        Some(form_id(1))
    );
    assert_eq!(chosen(&forms, &["order"], &nothing, &[]), Some(form_id(3)));
    assert_eq!(chosen(&forms, &["order"], &nothing, &[form_id(3)]), None);
}

#[test]
fn what_is_known_makes_a_menus_choice() {
    let menu = menu(
        1,
        "topic",
        vec![choice("laptops", "Laptops"), choice("", "None")],
    );

    let made = known_choice(&menu, &facts(&[("topic", "laptops")]));
    assert_eq!(made.map(|choice| choice.value.as_str()), Some("laptops"));
    for known in [
        facts(&[]),
        facts(&[("topic", "")]),
        facts(&[("topic", "tea")]),
    ] {
        assert_eq!(known_choice(&menu, &known), None, "{known:?}");
    }
    let fields = form(2, vec![line("topic")]);
    assert_eq!(known_choice(&fields, &facts(&[("topic", "laptops")])), None);
}

fn answered(fact: &str, label: &str, value: &str) -> Answered {
    Answered {
        fact: fact.into(),
        label: label.into(),
        value: value.into(),
    }
}

#[test]
fn a_later_answer_replaces_an_earlier_one_to_the_same_question() {
    let mut all = vec![
        answered("name", "Your name", "Ada"),
        answered("menu", "What is it about?", "Laptops"),
    ];
    merge(
        &mut all,
        vec![
            answered("menu", "Which laptop?", "The small one"),
            answered("name", "Tu nombre", "Grace"),
        ],
    );

    let values: Vec<_> = all.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(values, ["Laptops", "The small one", "Grace"]);
}

#[test]
fn agents_see_the_newest_answers_of_too_many() {
    let mut all = vec![];
    for n in 0..3 * MOST_ANSWERED {
        merge(&mut all, vec![answered(&format!("fact {n}"), "?", "!")]);
    }

    assert_eq!(all.len(), MOST_ANSWERED);
    assert_eq!(all[0].fact, format!("fact {}", 2 * MOST_ANSWERED));
}
