//! A form or menu, with a live preview of what a visitor sees.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::{part, preview};
use crate::{
    admin::{
        draft::Draft,
        pieces::{self, Variant},
        place::{self, within},
    },
    text::admin as text,
};

const KINDS: &[Variant] = &[
    Variant {
        tag: "fields",
        name: text::FORM_FIELDS,
        fresh: || json!({"fields": []}),
    },
    Variant {
        tag: "menu",
        name: text::FORM_MENU,
        fresh: || json!({"menu": {"fact": "topic", "choices": []}}),
    },
];

const FIELD_KINDS: &[Variant] = &[
    Variant {
        tag: "text",
        name: text::FIELD_TEXT,
        fresh: || json!({"text": 200}),
    },
    Variant {
        tag: "long_text",
        name: text::FIELD_LONG,
        fresh: || json!({"long_text": 2_000}),
    },
    Variant {
        tag: "choice",
        name: text::FIELD_CHOICE,
        fresh: || json!({"choice": []}),
    },
    Variant {
        tag: "email",
        name: text::FIELD_EMAIL,
        fresh: || json!("email"),
    },
    Variant {
        tag: "phone",
        name: text::FIELD_PHONE,
        fresh: || json!("phone"),
    },
    Variant {
        tag: "date",
        name: text::FIELD_DATE,
        fresh: || json!("date"),
    },
    Variant {
        tag: "consent",
        name: text::FIELD_CONSENT,
        fresh: || json!("consent"),
    },
];

/// The form.
pub(super) fn editor(d: Draft) -> AnyView {
    let what = vec![
        pieces::text_line(d, "name", text::FORM_TITLE, false),
        pieces::words(d, "title", text::FORM_ASKS, false),
        pieces::variant(d, "kind", text::FORM_KIND, KINDS, kind),
    ];
    view! {
        {part(text::PART_FORM, what)}
        {part(text::PART_PREVIEW, vec![preview::preview(d)])}
    }
    .into_any()
}

fn kind(d: Draft, at: String, tag: &'static str) -> AnyView {
    let here = within(&at, tag);
    if tag == "menu" {
        let choices = within(&here, "choices");
        view! {
            {pieces::suggested(d, &within(&here, "fact"), text::MENU_FACT, false, "bw-facts")}
            {pieces::list(d, &choices, text::CHOICES, text::ADD_CHOICE, fresh_choice, menu_choice)}
        }
        .into_any()
    } else {
        let fresh = || {
            json!({
                "fact": "", "label": {"en": ""}, "kind": {"text": 200},
                "required": false, "show_if": null,
            })
        };
        pieces::list(d, &here, text::FIELDS, text::ADD_FIELD, fresh, field)
    }
}

fn fresh_choice() -> Value {
    json!({"value": "", "label": {"en": ""}, "skills": {}, "to": null})
}

fn field(d: Draft, at: String) -> AnyView {
    let kind = within(&at, "kind");
    view! {
        {pieces::suggested(d, &within(&at, "fact"), text::FACT, false, "bw-facts")}
        {pieces::words(d, &within(&at, "label"), text::FIELD_LABEL, false)}
        {pieces::variant(d, &kind, text::FIELD_KIND, FIELD_KINDS, field_kind)}
        {pieces::flag(d, &within(&at, "required"), text::REQUIRED)}
        {show_if(d, within(&at, "show_if"))}
    }
    .into_any()
}

fn field_kind(d: Draft, at: String, tag: &'static str) -> AnyView {
    let here = within(&at, tag);
    match tag {
        "text" | "long_text" => pieces::number(d, &here, text::LONGEST, 1..=5_000),
        "choice" => pieces::list(
            d,
            &here,
            text::CHOICES,
            text::ADD_CHOICE,
            fresh_choice,
            field_choice,
        ),
        _ => ().into_any(),
    }
}

fn field_choice(d: Draft, at: String) -> AnyView {
    view! {
        {pieces::text_line(d, &within(&at, "value"), text::CHOICE_VALUE, false)}
        {pieces::words(d, &within(&at, "label"), text::CHOICE_LABEL, false)}
        <details>
            <summary>{text::CHOICE_MORE}</summary>
            {pieces::skills(d, &within(&at, "skills"), text::CHOICE_SKILLS)}
        </details>
    }
    .into_any()
}

fn menu_choice(d: Draft, at: String) -> AnyView {
    let to = within(&at, "to");
    view! {
        {field_choice(d, at)}
        {pieces::optional_destination(d, &to, text::CHOICE_TO)}
    }
    .into_any()
}

/// The condition under which a field is shown; nothing where it always is.
fn show_if(d: Draft, at: String) -> AnyView {
    let read = at.clone();
    let has_one = Memo::new(move |_| {
        d.with(|doc| place::get(doc, &read).is_some_and(|value| !value.is_null()))
    });
    let names = pieces::Names::at(&at);
    let write = at.clone();
    let change = move |event| {
        let on = event_target_checked(&event);
        let new = if on {
            json!({"fact": "", "is": [""]})
        } else {
            Value::Null
        };
        d.set(&write, new);
    };
    let wrong = pieces::wrong(d, &at);
    let fields = move || {
        has_one.get().then(|| {
            view! {
                {pieces::suggested(d, &within(&at, "fact"), text::SHOW_FACT, false, "bw-facts")}
                {pieces::names(d, &within(&at, "is"), text::SHOW_IS, text::ADD_VALUE)}
            }
        })
    };
    view! {
        <div class="piece">
            <label class="tick">
                <input
                    type="checkbox"
                    id=names.control
                    prop:checked=move || has_one.get()
                    on:change=change
                />
                <span>{text::SHOW_ONLY_IF}</span>
            </label>
            <p class="bw-problem">{wrong}</p>
            {fields}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use bellwire_proto::setup::{Choice, FieldKind, FormKind};

    use super::*;
    use crate::admin::docs;

    #[test]
    fn every_kind_of_form_and_field_begins_as_one() {
        for variant in KINDS {
            assert!(docs::read::<FormKind>(&(variant.fresh)()).is_some());
        }
        for variant in FIELD_KINDS {
            assert!(docs::read::<FieldKind>(&(variant.fresh)()).is_some());
        }
        assert!(docs::read::<Choice>(&fresh_choice()).is_some());
    }
}
