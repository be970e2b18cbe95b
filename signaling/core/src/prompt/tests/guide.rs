//! The administrators' guide: its examples are read here, so that they stay true.

use std::collections::BTreeMap;

use bellwire_proto::prompt::{Ask, AskKind, MENU};
use serde::de::DeserializeOwned;

use super::*;

const GUIDE: &str = include_str!("../../../../../docs/FORMS-AND-MENUS.md");

/// The examples by the names in their fences: ` ```json NAME `.
fn examples() -> BTreeMap<&'static str, &'static str> {
    let fences = GUIDE.split("\n```json ").skip(1);
    let example = |fence: &'static str| {
        let (name, rest) = fence.split_once('\n').expect("a named fence");
        let (json, _) = rest.split_once("\n```").expect("a closed fence");
        (name, json)
    };
    fences.map(example).collect()
}

fn example<T: DeserializeOwned>(name: &str) -> T {
    let examples = examples();
    let json = examples.get(name).expect("an example of this name");
    serde_json::from_str(json).expect("the example can be read")
}

#[test]
fn every_example_of_the_guide_is_tried() {
    assert_eq!(
        examples().keys().copied().collect::<Vec<_>>(),
        ["field-kinds", "form", "menu", "needs", "small-form"]
    );
    assert!(!GUIDE.contains("```json\n"), "an example without a name");
}

#[test]
fn the_guides_form_asks_for_an_order_only_where_it_is_about_one() {
    let form: Form = example("form");
    let prompt = render(&form, &asking(&Facts::new(), &[]));
    let send = |given: &[(&str, &str)]| take(&prompt, Some(&form), &answers(given));

    let about_order = [("topic", "order"), ("order", "4711")];
    assert_eq!(send(&about_order).expect("good answers").facts.len(), 2);
    assert!(send(&[("topic", "order")]).is_err());
    let laptops = send(&[("topic", "laptops"), ("order", "4711")]).expect("good answers");
    assert_eq!(laptops.facts, facts(&[("topic", "laptops")]));
    assert_eq!(
        laptops.skills,
        BTreeMap::from([("laptops".into(), SkillLevel(5))])
    );
}

#[test]
fn the_guides_form_speaks_spanish_and_german_visitors_read_english() {
    let form: Form = example("form");
    let known = Facts::new();
    let title = |language| {
        let mut asking = asking(&known, &[]);
        asking.language = language;
        render(&form, &asking).title
    };

    assert_eq!(title("es-MX"), "¿En qué podemos ayudarle?");
    assert_eq!(title("de"), "How can we help?");
}

#[test]
fn the_guides_small_form_is_taken_where_only_the_topic_is_missing() {
    let forms: Vec<Form> = vec![example("form"), example("small-form")];
    let needs: Vec<Required> = example("needs");
    let chosen = |known: &[(&str, &str)]| {
        let known = facts(known);
        let missing = missing(&needs, &known, &BTreeSet::new());
        choose(&forms, &missing, &known, &[]).map(|form| form.name.clone())
    };

    assert_eq!(chosen(&[("language", "es")]).as_deref(), Some("Topic"));
    assert_eq!(chosen(&[]).as_deref(), Some("What it is about"));
    assert_eq!(chosen(&[("topic", "laptops"), ("language", "es")]), None);
}

#[test]
fn the_guides_needs_take_english_where_no_language_is_said() {
    let needs: Vec<Required> = example("needs");
    let known = facts(&[("topic", "laptops")]);
    let missing = missing(&needs, &known, &BTreeSet::new());

    assert!(skippable(&missing));
    let known = with_defaults(&needs, &known, &names(&["language"]));
    assert_eq!(known["language"], "en");
}

#[test]
fn the_guides_menu_leads_to_a_queue_to_a_page_and_on() {
    let menu: Form = example("menu");
    let prompt = render(&menu, &asking(&Facts::new(), &[]));
    let lead = |value| {
        let taken = take(&prompt, Some(&menu), &answers(&[(MENU, value)])).expect("offered");
        (taken.leads.is_some(), taken.facts["topic"].clone())
    };

    assert_eq!(lead("sales"), (true, "sales".to_owned()));
    assert_eq!(lead("returns"), (true, "returns".to_owned()));
    assert_eq!(lead("help"), (false, "help".to_owned()));
}

#[test]
fn the_guide_shows_every_kind_of_field() {
    let fields: Vec<Field> = example("field-kinds");
    let prompt = render(&form(1, fields), &asking(&Facts::new(), &[]));
    let Ask::Fields(fields) = prompt.ask else {
        panic!("fields were expected");
    };
    let mut kinds: Vec<_> = fields.iter().map(|field| kind_name(&field.kind)).collect();
    kinds.sort_unstable();

    assert_eq!(
        kinds,
        [
            "choice",
            "consent",
            "date",
            "email",
            "long_text",
            "phone",
            "text"
        ]
    );
}

fn kind_name(kind: &AskKind) -> &'static str {
    match kind {
        AskKind::Text(_) => "text",
        AskKind::LongText(_) => "long_text",
        AskKind::Choice(_) => "choice",
        AskKind::Email => "email",
        AskKind::Phone => "phone",
        AskKind::Date => "date",
        AskKind::Consent => "consent",
    }
}

#[test]
fn the_guide_tells_the_bounds_as_they_are() {
    for bound in [
        format!("**{MOST_PROMPTS} prompts**"),
        format!("**{MOST_FIELDS} fields**"),
        format!("**{MOST_CHOICES} choices**"),
        format!("**{LONGEST_LINE} characters**"),
        format!("**{LONGEST_TEXT} characters**"),
    ] {
        assert!(GUIDE.contains(&bound), "{bound}");
    }
}
