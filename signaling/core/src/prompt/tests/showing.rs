//! What a visitor sees of a form.

use bellwire_proto::prompt::{Ask, AskField, AskKind};

use super::*;

/// The fields shown of `form` to whom `known` is known.
fn fields(form: &Form, known: &Facts) -> Vec<AskField> {
    match render(form, &asking(known, &[])).ask {
        Ask::Fields(fields) => fields,
        Ask::Menu(options) => panic!("a menu of {options:?}"),
    }
}

fn shown(form: &Form, known: &[(&str, &str)]) -> Vec<String> {
    let fields = fields(form, &facts(known)).into_iter();
    fields.map(|field| field.fact).collect()
}

#[test]
fn what_is_known_is_left_out() {
    let form = form(1, vec![line("name"), line("topic"), line("email")]);

    assert_eq!(shown(&form, &[]), ["name", "topic", "email"]);
    assert_eq!(
        shown(&form, &[("topic", "tea"), ("name", "")]),
        ["name", "email"]
    );
    assert!(shown(&form, &[("topic", "a"), ("name", "b"), ("email", "c")]).is_empty());
}

#[test]
fn a_condition_on_what_is_known_is_settled_and_others_are_left_to_the_page() {
    let form = form(
        1,
        vec![
            line("kind"),
            only_if(line("order"), "kind", &["order", "return"]),
            only_if(line("why"), "order", &["7"]),
            only_if(line("never"), "unheard", &["of"]),
            only_if(line("early"), "late", &["x"]),
            line("late"),
            only_if(line("circle"), "circle", &["x"]),
        ],
    );
    assert_eq!(shown(&form, &[]), ["kind", "order", "why", "late"]);
    assert_eq!(shown(&form, &[("kind", "other")]), ["late"]);
    assert_eq!(
        shown(&form, &[("late", "x")]),
        ["kind", "order", "why", "early"]
    );

    let asked = fields(&form, &Facts::new());
    assert_eq!(asked[1].show_if, "kind");
    assert_eq!(asked[1].show_is, ["order", "return"]);
    let asked = fields(&form, &facts(&[("kind", "order")]));
    assert_eq!(
        (asked[0].fact.as_str(), asked[0].show_if.as_str()),
        ("order", "")
    );
    assert_eq!(asked[1].show_if, "order");
}

#[test]
fn words_are_in_the_visitors_language_and_never_empty() {
    let mut language = field("language", FieldKind::Choice(vec![choice("es", "Spanish")]));
    language.label.0.insert("es".into(), "Idioma".into());
    let mut form = form(1, vec![language, line("name")]);
    form.title.0.insert("es".into(), "Sobre usted".into());
    form.title.0.insert("de".into(), " ".into());
    let title = |language, form: &Form| {
        let known = Facts::new();
        let mut asking = asking(&known, &[]);
        asking.language = language;
        render(form, &asking)
    };

    let prompt = title("es-MX", &form);
    assert_eq!(prompt.title, "Sobre usted");
    let Ask::Fields(fields) = prompt.ask else {
        panic!("fields were expected");
    };
    assert_eq!(fields[0].label, "Idioma");
    assert_eq!(fields[1].label, "Your name");
    let AskKind::Choice(options) = &fields[0].kind else {
        panic!("a choice was expected");
    };
    assert_eq!(options[0].label, "Spanish");

    assert_eq!(title("de", &form).title, "About you");
    form.title = Words::one("es", "Sobre usted");
    assert_eq!(title("fr", &form).title, "Sobre usted");
    form.title = Words::one("es", "");
    assert_eq!(title("es", &form).title, "form 1");
}

#[test]
fn what_must_be_said_is_insisted_on() {
    let form = form(1, vec![line("topic"), line("name"), must(line("email"))]);
    let needs = [required("topic", None), required("name", Some("guest"))];
    let missing: Vec<_> = needs.iter().collect();

    let prompt = render(&form, &asking(&Facts::new(), &missing));
    let Ask::Fields(fields) = &prompt.ask else {
        panic!("fields were expected");
    };
    let insisted: Vec<_> = fields.iter().map(|field| field.required).collect();
    assert_eq!(insisted, [true, false, true]);
    assert!(!prompt.skippable);
}

#[test]
fn a_badly_made_form_is_shown_as_far_as_it_can_be_answered() {
    let many: Vec<_> = (0..200)
        .map(|n| choice(&format!("{}", n / 2), "x"))
        .collect();
    let mut all: Vec<_> = (0..200).map(|n| line(&format!("fact {n}"))).collect();
    all.splice(
        0..0,
        [
            line(""),
            field("nothing", FieldKind::Choice(vec![choice("", "Nothing")])),
            field("text", FieldKind::Text(0)),
            field("text", FieldKind::Email),
            field("long", FieldKind::LongText(u16::MAX)),
            field("many", FieldKind::Choice(many)),
        ],
    );

    let shown = fields(&form(1, all), &Facts::new());

    assert_eq!(shown.len(), MOST_FIELDS);
    assert_eq!(shown[0].kind, AskKind::Text(LONGEST_LINE));
    assert_eq!(shown[1].kind, AskKind::LongText(LONGEST_TEXT));
    let AskKind::Choice(options) = &shown[2].kind else {
        panic!("a choice was expected");
    };
    assert_eq!(options.len(), 100);
    assert_eq!(shown[3].fact, "fact 0");
}
