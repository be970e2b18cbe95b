//! Lists: rows that come, go and change places; and sets to tick.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::{Names, Options, Say, group, mute_group, wrong};
use crate::{
    admin::{
        draft::{Draft, focus_in, later},
        place,
    },
    text::admin as text,
};

/// How a row of a list is edited, at its place.
pub(crate) type Row = fn(Draft, String) -> AnyView;

/// A list whose order counts.
pub(crate) fn list(
    d: Draft,
    at: &str,
    say: Say,
    add: &'static str,
    fresh: fn() -> Value,
    row: Row,
) -> AnyView {
    group(d, at, say, rows(d, at, add, fresh, row))
}

/// A list's rows with their buttons, and the button that adds one.
fn rows(d: Draft, at: &str, add: &'static str, fresh: fn() -> Value, row: Row) -> AnyView {
    let counted = at.to_owned();
    let at = StoredValue::new(at.to_owned());
    let count = Memo::new(move |_| d.with(|value| place::length(value, &counted)));
    let one = move |index: usize| {
        let here = place::within(&at.get_value(), index);
        let id = place::element(&here);
        let wrong = wrong(d, &here);
        view! {
            <li class="list-row" id=id>
                <div class="list-what">
                    {row(d, here)} <p class="bw-problem">{wrong}</p>
                </div>
                {buttons(d, at, index, count)}
            </li>
        }
    };
    let press = move |_| {
        let at = at.get_value();
        let last = place::within(&at, count.get_untracked());
        d.value.update(|value| place::push(value, &at, fresh()));
        later(move || {
            if let Some(row) = document().get_element_by_id(&place::element(&last)) {
                focus_in(&row);
            }
        });
    };
    view! {
        <ol class="list">
            <For each=move || 0..count.get() key=|index| *index children=one />
        </ol>
        <button type="button" class="bw-button add" on:click=press>
            {add}
        </button>
    }
    .into_any()
}

fn buttons(d: Draft, at: StoredValue<String>, index: usize, count: Memo<usize>) -> AnyView {
    let shift = move |by: isize| {
        move |_| {
            let at = at.get_value();
            d.value.update(|value| place::shift(value, &at, index, by));
            forget_findings(d, &at);
            if let Some(row) = index.checked_add_signed(by) {
                later(move || follow(&place::within(&at, row), by));
            }
        }
    };
    let remove = move |_| {
        let at = at.get_value();
        d.value.update(|value| place::remove(value, &at, index));
        forget_findings(d, &at);
        later(move || {
            if let Some(list) = document().get_element_by_id(&place::element(&at)) {
                focus_in(&list);
            }
        });
    };
    let number = index + 1;
    let is_last = move || count.get() <= number;
    view! {
        <div class="list-buttons" role="group" aria-label=text::row_buttons(number)>
            <button
                type="button"
                class="bw-button bw-plain"
                aria-label=text::row_up(number)
                title=text::UP
                disabled=index == 0
                on:click=shift(-1)
            >
                "↑"
            </button>
            <button
                type="button"
                class="bw-button bw-plain"
                aria-label=text::row_down(number)
                title=text::DOWN
                disabled=is_last
                on:click=shift(1)
            >
                "↓"
            </button>
            <button
                type="button"
                class="bw-button bw-plain"
                aria-label=text::row_remove(number)
                title=text::REMOVE
                on:click=remove
            >
                "✕"
            </button>
        </div>
    }
    .into_any()
}

/// Findings about rows that stand elsewhere now would be told of the wrong ones.
fn forget_findings(d: Draft, at: &str) {
    d.findings
        .update(|all| all.retain(|it| !it.at.starts_with(at)));
}

/// The focus goes with a row that was moved, so that it can be moved on.
fn follow(row: &str, by: isize) {
    let Some(row) = document().get_element_by_id(&place::element(row)) else {
        return;
    };
    let same = if by < 0 { "1" } else { "2" };
    let button = format!(":scope > .list-buttons > button:nth-child({same}):enabled");
    let button = row.query_selector(&button).ok().flatten();
    focus_in(button.as_ref().unwrap_or(&row));
}

/// A list of plain texts, one field each.
pub(crate) fn names(d: Draft, at: &str, say: Say, add: &'static str) -> AnyView {
    list(d, at, say, add, || json!(""), name_row)
}

fn name_row(d: Draft, at: String) -> AnyView {
    let names = Names::at(&place::within(&at, "text"));
    let wrong = wrong(d, &at);
    let (read, write) = (at.clone(), at);
    view! {
        <input
            class="bw-input"
            type="text"
            id=names.control
            autocomplete="off"
            aria-label=text::ENTRY
            aria-invalid=move || wrong.with(|wrong| !wrong.is_empty()).to_string()
            prop:value=move || d.text(&read)
            on:input=move |event| d.set(&write, Value::String(event_target_value(&event)))
        />
    }
    .into_any()
}

/// A set: what of the options is in it.
pub(crate) fn ticks(d: Draft, at: &str, say: Say, options: Options) -> AnyView {
    let read = at.to_owned();
    let write = StoredValue::new(at.to_owned());
    let chosen = Memo::new(move |_| d.with(|value| ticked(value, &read)));
    let all = Memo::new(move |_| {
        let mut all = options.get();
        let gone = |value: &String| !all.iter().any(|(other, _)| other == value);
        let gone: Vec<_> = chosen.get().into_iter().filter(gone).collect();
        all.extend(gone.into_iter().map(|value| {
            let name = format!("{value} ({})", text::NOT_THERE);
            (value, name)
        }));
        all
    });
    let tick = move |(value, name): (String, String)| {
        let (own, other) = (value.clone(), value);
        let change = move |event| {
            let on = event_target_checked(&event);
            d.value
                .update(|doc| tick_one(doc, &write.get_value(), &other, on));
        };
        view! {
            <label class="tick">
                <input
                    type="checkbox"
                    prop:checked=move || chosen.with(|chosen| chosen.contains(&own))
                    on:change=change
                />
                <span>{name}</span>
            </label>
        }
    };
    let inside = view! {
        <div class="ticks">
            {move || {
                let all = all.get();
                if all.is_empty() {
                    return view! { <p class="hint">{text::NOTHING_TO_TICK}</p> }.into_any();
                }
                all.into_iter().map(tick).collect_view().into_any()
            }}
        </div>
    };
    mute_group(d, at, say, inside.into_any())
}

fn ticked(doc: &Value, at: &str) -> Vec<String> {
    let list = place::list(doc, at).unwrap_or_default();
    list.iter()
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect()
}

/// Puts a value into the set at a place, or takes it out.
fn tick_one(doc: &mut Value, at: &str, value: &str, on: bool) {
    let mut set = ticked(doc, at);
    set.retain(|it| it != value);
    if on {
        set.push(value.to_owned());
    }
    place::set(doc, at, json!(set));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticking_twice_changes_nothing_and_unticking_takes_out() {
        let mut doc = json!({"media": ["chat"]});

        tick_one(&mut doc, "media", "call", true);
        tick_one(&mut doc, "media", "call", true);
        assert_eq!(doc, json!({"media": ["chat", "call"]}));

        tick_one(&mut doc, "media", "chat", false);
        assert_eq!(doc, json!({"media": ["call"]}));
    }
}
