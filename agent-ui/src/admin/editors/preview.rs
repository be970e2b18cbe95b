//! A form as a visitor would see it, while it is edited.

use std::collections::{BTreeMap, BTreeSet};

use bellwire_proto::setup::{Field, FieldKind, Form, FormKind, Words};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::{
    admin::{docs, draft::Draft},
    text::{self as desk_text, admin as text},
};

type Answers = RwSignal<BTreeMap<String, String>>;

/// The preview, in one of the form's languages.
pub(super) fn preview(d: Draft) -> AnyView {
    let form = Memo::new(move |_| d.with(docs::read::<Form>));
    let chosen = RwSignal::new(String::from("en"));
    let languages = Memo::new(move |_| form.with(|form| form.as_ref().map(languages)));
    let answers: Answers = RwSignal::new(BTreeMap::new());
    let shown = move || match form.get() {
        None => view! { <p class="hint">{text::NOT_READABLE}</p> }.into_any(),
        Some(form) => card(form, &chosen.get(), answers),
    };
    let option = move |tag: String| {
        let name = desk_text::language(&tag);
        let own = tag.clone();
        view! {
            <option value=tag prop:selected=move || chosen.get() == own>
                {name}
            </option>
        }
    };
    view! {
        <label class="piece">
            <span class="piece-name">{text::PREVIEW_LANGUAGE}</span>
            <select class="bw-input" on:change=move |event| chosen.set(event_target_value(&event))>
                {move || {
                    languages.get().unwrap_or_default().into_iter().map(option).collect_view()
                }}
            </select>
        </label>
        <div class="preview" role="group" aria-label=text::PART_PREVIEW on:keydown=keep_enter>
            {shown}
        </div>
    }
    .into_any()
}

/// Enter in the preview is not meant for the form around it.
fn keep_enter(event: leptos::ev::KeyboardEvent) {
    let target = event.target();
    let in_line = target.is_some_and(|it| it.is_instance_of::<web_sys::HtmlInputElement>());
    if in_line && event.key() == "Enter" {
        event.prevent_default();
    }
}

fn card(form: Form, language: &str, answers: Answers) -> AnyView {
    let title = read(&form.title, language);
    let inside = match form.kind {
        FormKind::Menu { choices, .. } => {
            let choices = choices.into_iter().map(|choice| {
                view! {
                    <button type="button" class="bw-button">{read(&choice.label, language)}</button>
                }
            });
            view! { <div class="preview-menu">{choices.collect_view()}</div> }.into_any()
        }
        FormKind::Fields(fields) => {
            let all = fields.clone();
            let language = language.to_owned();
            let fields = fields.into_iter().map(move |it| {
                let all = all.clone();
                let own = it.clone();
                let is_shown = move || answers.with(|answers| shows(&all, &own, answers));
                view! { <div hidden=move || !is_shown()>{field(it, &language, answers)}</div> }
            });
            fields.collect_view().into_any()
        }
    };
    view! { <p class="preview-title">{title}</p> {inside} }.into_any()
}

fn field(field: Field, language: &str, answers: Answers) -> AnyView {
    let fact = field.fact;
    let label = read(&field.label, language);
    let star = field.required.then_some(" *");
    let answer = Callback::new(move |value: String| {
        answers.update(|answers| _ = answers.insert(fact.clone(), value));
    });
    let type_in = move |event| answer.run(event_target_value(&event));
    let control = match field.kind {
        FieldKind::Consent => {
            let tick = move |event| {
                let yes = event_target_checked(&event);
                answer.run(if yes { "yes" } else { "" }.to_owned());
            };
            return view! {
                <label class="tick">
                    <input type="checkbox" on:change=tick />
                    <span>{label} {star}</span>
                </label>
            }
            .into_any();
        }
        FieldKind::LongText(_) => {
            view! { <textarea class="bw-input" rows="3" on:input=type_in></textarea> }.into_any()
        }
        FieldKind::Choice(choices) => {
            let option = |choice: bellwire_proto::setup::Choice| {
                let name = read(&choice.label, language);
                view! { <option value=choice.value>{name}</option> }
            };
            let options: Vec<_> = choices.into_iter().map(option).collect();
            view! {
                <select class="bw-input" on:change=type_in>
                    <option value=""></option>
                    {options}
                </select>
            }
            .into_any()
        }
        FieldKind::Text(_) => input("text", type_in),
        FieldKind::Email => input("email", type_in),
        FieldKind::Phone => input("tel", type_in),
        FieldKind::Date => input("date", type_in),
    };
    view! {
        <label class="piece">
            <span class="piece-name">{label} {star}</span>
            {control}
        </label>
    }
    .into_any()
}

fn input(kind: &'static str, type_in: impl Fn(leptos::ev::Event) + 'static) -> AnyView {
    view! { <input class="bw-input" type=kind on:input=type_in /> }.into_any()
}

fn read(words: &Words, language: &str) -> String {
    let text = words.read(language);
    if text.trim().is_empty() {
        text::NO_WORDS.to_owned()
    } else {
        text.to_owned()
    }
}

/// Whether a field is shown with these answers: a condition on a field that is itself not shown
/// does not hold.
fn shows(all: &[Field], field: &Field, answers: &BTreeMap<String, String>) -> bool {
    let mut field = field;
    // A condition names an earlier field; a circle of them ends by counting.
    for _ in 0..=all.len() {
        let Some(condition) = &field.show_if else {
            return true;
        };
        let answer = answers.get(&condition.fact);
        if answer.is_none_or(|answer| !condition.is.contains(answer)) {
            return false;
        }
        match all.iter().find(|other| other.fact == condition.fact) {
            Some(other) => field = other,
            None => return true,
        }
    }
    false
}

/// The languages a form has words in.
fn languages(form: &Form) -> Vec<String> {
    let mut all = BTreeSet::new();
    let mut add = |words: &Words| all.extend(words.0.keys().cloned());
    add(&form.title);
    match &form.kind {
        FormKind::Menu { choices, .. } => choices.iter().for_each(|it| add(&it.label)),
        FormKind::Fields(fields) => {
            for field in fields {
                add(&field.label);
                if let FieldKind::Choice(choices) = &field.kind {
                    choices.iter().for_each(|it| add(&it.label));
                }
            }
        }
    }
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{id::FormId, setup::ShowIf, time::Timestamp};

    use super::*;

    fn plain(fact: &str, show_if: Option<(&str, &str)>) -> Field {
        Field {
            fact: fact.to_owned(),
            label: Words::one("en", fact),
            kind: FieldKind::Text(10),
            required: false,
            show_if: show_if.map(|(fact, is)| ShowIf {
                fact: fact.to_owned(),
                is: vec![is.to_owned()],
            }),
        }
    }

    #[test]
    fn a_field_whose_condition_hangs_on_a_hidden_field_is_hidden() {
        let all = [
            plain("owner", None),
            plain("device", Some(("owner", "yes"))),
            plain("serial", Some(("device", "laptop"))),
        ];
        let mut answers = BTreeMap::from([("device".to_owned(), "laptop".to_owned())]);
        assert!(!shows(&all, &all[2], &answers));

        answers.insert("owner".to_owned(), "yes".to_owned());

        assert!(shows(&all, &all[2], &answers));
    }

    #[test]
    fn a_circle_of_conditions_is_never_shown() {
        let all = [plain("a", Some(("b", "x"))), plain("b", Some(("a", "x")))];
        let answers = BTreeMap::from(["a", "b"].map(|fact| (fact.to_owned(), "x".to_owned())));

        assert!(!shows(&all, &all[0], &answers));
    }

    #[test]
    fn the_preview_offers_every_language_the_form_has_words_in() {
        let mut field = plain("topic", None);
        field.label.0.insert("es".to_owned(), "Tema".to_owned());
        let form = Form {
            id: FormId::new(Timestamp(1), 1),
            name: String::new(),
            title: Words::one("de", "Worum geht es?"),
            kind: FormKind::Fields(vec![field]),
        };

        assert_eq!(languages(&form), ["de", "en", "es"]);
    }
}
