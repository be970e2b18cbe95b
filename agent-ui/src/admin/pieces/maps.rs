//! Skills with levels, sentences by language, and lists of languages.

use bellwire_proto::admin::Kind;
use leptos::prelude::*;
use serde_json::{Map, Value, json};

use super::{Names, Say, fields::as_number, mute_group};
use crate::{
    admin::{draft::Draft, place},
    text::{self as desk_text, admin as text},
};

/// The level that a skill begins with.
const MIDDLE: u8 = 5;

/// Skills with their levels.
pub(crate) fn skills(d: Draft, at: &str, say: Say) -> AnyView {
    let known = d.admin.named(Kind::Skills);
    let keys = keys(d, at);
    let at_value = StoredValue::new(at.to_owned());
    let one = move |skill: String| {
        let here = place::within(&at_value.get_value(), &skill);
        let name = skill.clone();
        let control = level(d, at_value, skill.clone(), &here);
        view! {
            <li class="pair">
                <label for=place::element(&here)>{name}</label>
                {control}
                {remove_button(d, at_value, skill.clone(), text::remove_named(&skill))}
            </li>
        }
    };
    let others = move || {
        let there = keys.get();
        let known = known.get().into_iter().map(|skill| skill.name);
        known
            .filter(|skill| !there.contains(skill))
            .collect::<Vec<_>>()
    };
    let add = move |event| {
        let skill = event_target_value(&event);
        if !skill.is_empty() {
            d.value
                .update(|doc| put(doc, &at_value.get_value(), &skill, json!(MIDDLE)));
        }
    };
    let inside = view! {
        <ul class="pairs">
            <For each=move || keys.get() key=Clone::clone children=one />
        </ul>
        {move || {
            let others = others();
            if others.is_empty() {
                return view! { <p class="hint">{text::ALL_SKILLS_THERE}</p> }.into_any();
            }
            let option = |skill: String| {
                let value = skill.clone();
                view! { <option value=value>{skill}</option> }
            };
            view! {
                <select class="bw-input adder" aria-label=text::ADD_SKILL on:change=add>
                    <option value="">{text::ADD_SKILL}</option>
                    {others.into_iter().map(option).collect_view()}
                </select>
            }
            .into_any()
        }}
    };
    mute_group(d, at, say, inside.into_any())
}

fn level(d: Draft, at: StoredValue<String>, skill: String, here: &str) -> AnyView {
    let names = Names::at(here);
    let (read, write) = (skill.clone(), skill);
    let level = Memo::new(move |_| d.with(|doc| pick(doc, &at.get_value(), &read)));
    let is_wrong = move || level.with(|level| matches!(level, Some(Value::String(_))));
    let shown = move || match level.get() {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(typed)) => typed,
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => {
            String::new()
        }
    };
    let type_in = move |event| {
        let typed = as_number(&event_target_value(&event), &(1..=10), false);
        d.value
            .update(|doc| put(doc, &at.get_value(), &write, typed));
    };
    view! {
        <span class="level">
            <span class="hint" aria-hidden="true">
                {text::LEVEL}
            </span>
            <input
                class="bw-input number"
                type="text"
                inputmode="numeric"
                id=names.control
                title=text::LEVEL_HINT
                aria-invalid=move || is_wrong().to_string()
                prop:value=shown
                on:input=type_in
            />
        </span>
    }
    .into_any()
}

/// A sentence in several languages.
pub(crate) fn words(d: Draft, at: &str, say: Say, long: bool) -> AnyView {
    let keys = keys(d, at);
    let at_value = StoredValue::new(at.to_owned());
    let one = move |tag: String| {
        let here = place::within(&at_value.get_value(), &tag);
        let label = desk_text::language(&tag);
        let control = sentence(d, &here, long);
        view! {
            <li class="pair wide">
                <label for=place::element(&here)>{label.clone()}</label>
                {control}
                {remove_button(d, at_value, tag, text::remove_named(&label))}
            </li>
        }
    };
    let on_add = Callback::new(move |tag: String| {
        d.value.update(|doc| {
            let at = at_value.get_value();
            if pick(doc, &at, &tag).is_none() {
                put(doc, &at, &tag, json!(""));
            }
        });
    });
    let inside = view! {
        <ul class="pairs">
            <For each=move || keys.get() key=Clone::clone children=one />
        </ul>
        {add_language(on_add)}
    };
    mute_group(d, at, say, inside.into_any())
}

fn sentence(d: Draft, at: &str, long: bool) -> AnyView {
    let id = place::element(at);
    let (read, write) = (at.to_owned(), at.to_owned());
    let type_in = move |event| d.set(&write, Value::String(event_target_value(&event)));
    if long {
        view! {
            <textarea class="bw-input" rows="2" id=id prop:value=move || d.text(&read) on:input=type_in></textarea>
        }
        .into_any()
    } else {
        view! {
            <input class="bw-input" type="text" id=id prop:value=move || d.text(&read) on:input=type_in />
        }
        .into_any()
    }
}

/// Languages that someone speaks.
pub(crate) fn languages(d: Draft, at: &str, say: Say) -> AnyView {
    let read = at.to_owned();
    let at = StoredValue::new(at.to_owned());
    let tags = Memo::new(move |_| {
        d.with(|doc| {
            let list = place::list(doc, &read).unwrap_or_default();
            let tags = list
                .iter()
                .filter_map(|tag| tag.as_str().map(str::to_owned));
            tags.collect::<Vec<_>>()
        })
    });
    let one = move |tag: String| {
        let label = desk_text::language(&tag);
        let name = text::remove_named(&label);
        let remove = move |_| {
            let left: Vec<_> = tags.get().into_iter().filter(|it| *it != tag).collect();
            d.set(&at.get_value(), json!(left));
        };
        view! {
            <li class="chip">
                <span>{label}</span>
                <button type="button" class="bw-button bw-plain" aria-label=name on:click=remove>
                    "✕"
                </button>
            </li>
        }
    };
    let on_add = Callback::new(move |tag: String| {
        let mut all = tags.get_untracked();
        if !all.contains(&tag) {
            all.push(tag);
            d.set(&at.get_value(), json!(all));
        }
    });
    let inside = view! {
        <ul class="chips">
            <For each=move || tags.get() key=Clone::clone children=one />
        </ul>
        {add_language(on_add)}
    };
    mute_group(d, &at.get_value(), say, inside.into_any())
}

fn add_language(on_add: Callback<String>) -> AnyView {
    let typed = RwSignal::new(String::new());
    let add = move || {
        if let Some(tag) = primary_tag(&typed.get_untracked()) {
            on_add.run(tag);
            typed.set(String::new());
        }
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" {
            event.prevent_default();
            add();
        }
    };
    view! {
        <div class="adder-line">
            <input
                class="bw-input"
                type="text"
                list="bw-languages"
                placeholder=text::LANGUAGE_TAG
                aria-label=text::LANGUAGE_TO_ADD
                prop:value=move || typed.get()
                on:input=move |event| typed.set(event_target_value(&event))
                on:keydown=key
            />
            <button type="button" class="bw-button" on:click=move |_| add()>
                {text::ADD_LANGUAGE}
            </button>
        </div>
    }
    .into_any()
}

/// A language's primary tag in small letters: `es` of `es-MX`; none where it is not a tag.
fn primary_tag(typed: &str) -> Option<String> {
    let primary = typed.trim().split(['-', '_']).next()?.to_ascii_lowercase();
    let fits =
        (2..=3).contains(&primary.len()) && primary.bytes().all(|it| it.is_ascii_lowercase());
    fits.then_some(primary)
}

fn remove_button(d: Draft, at: StoredValue<String>, key: String, name: String) -> AnyView {
    let press = move |_| d.value.update(|doc| take(doc, &at.get_value(), &key));
    view! {
        <button type="button" class="bw-button bw-plain" aria-label=name title=text::REMOVE on:click=press>
            "✕"
        </button>
    }
    .into_any()
}

/// The keys of the map at a place.
fn keys(d: Draft, at: &str) -> Memo<Vec<String>> {
    let at = at.to_owned();
    Memo::new(move |_| {
        d.with(|doc| {
            let map = place::get(doc, &at).and_then(Value::as_object);
            map.map(|map| map.keys().cloned().collect())
                .unwrap_or_default()
        })
    })
}

// Skills may have dots in their names, so their places are not paths.
fn pick(doc: &Value, at: &str, key: &str) -> Option<Value> {
    place::get(doc, at)?.as_object()?.get(key).cloned()
}

fn put(doc: &mut Value, at: &str, key: &str, new: Value) {
    let map = place::get(doc, at).and_then(Value::as_object).cloned();
    let mut map = map.unwrap_or_else(Map::new);
    map.insert(key.to_owned(), new);
    place::set(doc, at, Value::Object(map));
}

fn take(doc: &mut Value, at: &str, key: &str) {
    if let Some(mut map) = place::get(doc, at).and_then(Value::as_object).cloned() {
        map.remove(key);
        place::set(doc, at, Value::Object(map));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skill_with_a_dot_in_its_name_is_one_skill() {
        let mut doc = json!({"skills": {}});

        put(&mut doc, "skills", "node.js", json!(7));
        assert_eq!(pick(&doc, "skills", "node.js"), Some(json!(7)));

        take(&mut doc, "skills", "node.js");
        assert_eq!(doc, json!({"skills": {}}));
    }

    #[test]
    fn a_language_is_kept_by_its_primary_tag() {
        assert_eq!(primary_tag(" es-MX "), Some("es".to_owned()));
        assert_eq!(primary_tag("DE"), Some("de".to_owned()));
        assert_eq!(primary_tag("Spanish"), None);
        assert_eq!(primary_tag(""), None);
    }
}
