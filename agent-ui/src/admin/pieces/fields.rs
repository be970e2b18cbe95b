//! Single fields: texts, numbers, switches, choices.

use std::ops::RangeInclusive;

use leptos::prelude::*;
use serde_json::{Value, json};

use super::{Names, Options, Say, framed, wrong};
use crate::{
    admin::{
        draft::{Draft, Kept},
        place,
    },
    text::admin as text,
};

/// A text as it is kept: nothing where an optional one is empty.
fn kept(text: String, optional: bool) -> Value {
    if optional && text.trim().is_empty() {
        Value::Null
    } else {
        Value::String(text)
    }
}

/// A line of text; `optional` keeps nothing where it is empty.
pub(crate) fn text_line(d: Draft, at: &str, say: Say, optional: bool) -> AnyView {
    line(d, at, say, optional, "")
}

/// A line of text with suggestions from the `<datalist>` of this name.
pub(crate) fn suggested(
    d: Draft,
    at: &str,
    say: Say,
    optional: bool,
    list: &'static str,
) -> AnyView {
    line(d, at, say, optional, list)
}

fn line(d: Draft, at: &str, say: Say, optional: bool, list: &'static str) -> AnyView {
    let names = Names::at(at);
    let wrong = wrong(d, at);
    let (read, write) = (at.to_owned(), at.to_owned());
    let control = view! {
        <input
            class="bw-input"
            type="text"
            id=names.control.clone()
            list=list
            autocomplete="off"
            aria-describedby=names.about.clone()
            aria-invalid=move || wrong.with(|wrong| !wrong.is_empty()).to_string()
            prop:value=move || d.text(&read)
            on:input=move |event| d.set(&write, kept(event_target_value(&event), optional))
        />
    };
    framed(&names, say, wrong.into(), control.into_any())
}

/// A language, by its tag; suggests what is spoken in many places.
pub(crate) fn language(d: Draft, at: &str, say: Say) -> AnyView {
    line(d, at, say, true, "bw-languages")
}

/// A colour as CSS writes it, or none.
pub(crate) fn color(d: Draft, at: &str, say: Say) -> AnyView {
    let at_swatch = at.to_owned();
    let swatch = view! {
        <span
            class="swatch"
            aria-hidden="true"
            style:background=move || d.text(&at_swatch)
        ></span>
    };
    view! { <div class="with-swatch">{text_line(d, at, say, true)} {swatch}</div> }.into_any()
}

/// A whole number within a range. What cannot be read stays as it was typed, and is told.
pub(crate) fn number(d: Draft, at: &str, say: Say, range: RangeInclusive<u32>) -> AnyView {
    number_field(d, at, say, range, false)
}

/// A whole number within a range, or nothing.
pub(crate) fn optional_number(d: Draft, at: &str, say: Say, range: RangeInclusive<u32>) -> AnyView {
    number_field(d, at, say, range, true)
}

fn number_field(
    d: Draft,
    at: &str,
    say: Say,
    range: RangeInclusive<u32>,
    optional: bool,
) -> AnyView {
    let names = Names::at(at);
    let found = wrong(d, at);
    let (read, write, check) = (at.to_owned(), at.to_owned(), at.to_owned());
    let (least, most) = (*range.start(), *range.end());
    let wrong = Memo::new(move |_| {
        let unreadable =
            d.with(|value| matches!(place::get(value, &check), Some(Value::String(_))));
        if unreadable {
            text::whole_number(least, most)
        } else {
            found.get()
        }
    });
    let control = view! {
        <input
            class="bw-input number"
            type="text"
            inputmode="numeric"
            id=names.control.clone()
            autocomplete="off"
            aria-describedby=names.about.clone()
            aria-invalid=move || wrong.with(|wrong| !wrong.is_empty()).to_string()
            prop:value=move || d.text(&read)
            on:input=move |event| {
                d.set(&write, as_number(&event_target_value(&event), &range, optional));
            }
        />
    };
    framed(&names, say, wrong.into(), control.into_any())
}

/// A typed number as it is kept: as a number where it is one, else as the text.
pub(crate) fn as_number(typed: &str, range: &RangeInclusive<u32>, optional: bool) -> Value {
    let typed = typed.trim();
    match typed.parse::<u32>() {
        Ok(number) if range.contains(&number) => json!(number),
        Err(_) if optional && typed.is_empty() => Value::Null,
        Ok(_) | Err(_) => Value::String(typed.to_owned()),
    }
}

/// A switch.
pub(crate) fn flag(d: Draft, at: &str, say: Say) -> AnyView {
    let names = Names::at(at);
    let (read, write) = (at.to_owned(), at.to_owned());
    let is_on = move || d.with(|value| place::get(value, &read) == Some(&Value::Bool(true)));
    view! {
        <div class="piece">
            <label class="tick">
                <input
                    type="checkbox"
                    id=names.control.clone()
                    aria-describedby=names.about.clone()
                    prop:checked=is_on
                    on:change=move |event| d.set(&write, Value::Bool(event_target_checked(&event)))
                />
                <span>{say.0}</span>
            </label>
            {super::hint(&names, say)}
            <p class="bw-problem" id=names.wrong>
                {wrong(d, at)}
            </p>
        </div>
    }
    .into_any()
}

/// One of several; `nothing` is what an optional one says where none is chosen.
pub(crate) fn choice(
    d: Draft,
    at: &str,
    say: Say,
    nothing: Option<&'static str>,
    options: Options,
) -> AnyView {
    let names = Names::at(at);
    let found = wrong(d, at);
    let read = at.to_owned();
    let write = at.to_owned();
    let chosen = Memo::new(move |_| d.text(&read));
    let wrong = Memo::new(move |_| {
        let tried = d.kept.with(|kept| *kept == Some(Kept::Unreadable));
        if tried && nothing.is_none() && chosen.with(String::is_empty) {
            text::PLEASE_CHOOSE.to_owned()
        } else {
            found.get()
        }
    });
    let all = Memo::new(move |_| {
        let mut all = options.get();
        let chosen = chosen.get();
        // What is not there any more must still be seen, so that it can be changed.
        let is_there = all.iter().any(|(value, _)| *value == chosen);
        match (chosen.is_empty(), is_there, nothing) {
            (_, _, Some(nothing)) if !is_there && !chosen.is_empty() => {
                all.insert(0, (chosen, text::NOT_THERE.to_owned()));
                all.insert(0, (String::new(), nothing.to_owned()));
            }
            (_, _, Some(nothing)) => all.insert(0, (String::new(), nothing.to_owned())),
            (true, _, None) => all.insert(0, (String::new(), text::CHOOSE.to_owned())),
            (false, false, None) => all.insert(0, (chosen, text::NOT_THERE.to_owned())),
            (false, true, None) => {}
        }
        all
    });
    let option = move |(value, name): (String, String)| {
        let own = value.clone();
        view! {
            <option value=value prop:selected=move || chosen.get() == own>
                {name}
            </option>
        }
    };
    let control = view! {
        <select
            class="bw-input"
            id=names.control.clone()
            aria-describedby=names.about.clone()
            aria-invalid=move || wrong.with(|wrong| !wrong.is_empty()).to_string()
            on:change=move |event| d.set(&write, kept(event_target_value(&event), nothing.is_some()))
        >
            {move || all.get().into_iter().map(option).collect_view()}
        </select>
    };
    framed(&names, say, wrong.into(), control.into_any())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_outside_its_range_stays_as_typed() {
        assert_eq!(as_number(" 7 ", &(1..=10), false), json!(7));
        assert_eq!(as_number("11", &(1..=10), false), json!("11"));
        assert_eq!(as_number("-1", &(0..=10), false), json!("-1"));
        assert_eq!(as_number("", &(0..=10), false), json!(""));
    }

    #[test]
    fn an_optional_number_may_be_left_out() {
        assert_eq!(as_number("", &(1..=10), true), Value::Null);
        assert_eq!(as_number("few", &(1..=10), true), json!("few"));
    }

    #[test]
    fn an_optional_text_of_blanks_is_nothing() {
        assert_eq!(kept("  ".to_owned(), true), Value::Null);
        assert_eq!(kept(String::new(), false), json!(""));
    }
}
