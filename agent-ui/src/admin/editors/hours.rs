//! Opening hours: the week, day by day, and the days that differ.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::part;
use crate::{
    admin::{
        draft::Draft,
        pieces::{self, Names},
        place::{self, within},
    },
    text::admin as text,
};

/// The minute that ends a day.
const MIDNIGHT: u64 = 1_440;

/// The form.
pub(super) fn editor(d: Draft) -> AnyView {
    let name = vec![
        pieces::text_line(d, "name", text::HOURS_NAME, false),
        pieces::suggested(d, "zone", text::ZONE, false, "bw-zones"),
    ];
    let mut week: Vec<_> = (0..7).map(|day| one_day(d, day)).collect();
    week.push(like_monday(d));
    let holidays = vec![pieces::list(
        d,
        "holidays",
        text::HOLIDAYS,
        text::ADD_HOLIDAY,
        || json!({"date": "", "name": "", "yearly": false, "open": []}),
        holiday,
    )];
    view! {
        {part(text::PART_HOURS, name)}
        {part(text::PART_WEEK, week)}
        {part(text::PART_HOLIDAYS, holidays)}
    }
    .into_any()
}

fn one_day(d: Draft, day: usize) -> AnyView {
    let name = text::DAYS.get(day).copied().unwrap_or_default();
    spans(d, &within("week", day), (name, ""))
}

fn spans(d: Draft, at: &str, say: pieces::Say) -> AnyView {
    let fresh = || json!({"from": 540, "to": 1_020});
    pieces::list(d, at, say, text::ADD_SPAN, fresh, span)
}

fn span(d: Draft, at: String) -> AnyView {
    pieces::row(vec![
        time(d, within(&at, "from"), text::FROM, false),
        time(d, within(&at, "to"), text::TO, true),
    ])
}

/// A time of day, kept in minutes since midnight.
fn time(d: Draft, at: String, say: pieces::Say, is_end: bool) -> AnyView {
    let names = Names::at(&at);
    let wrong = pieces::wrong(d, &at);
    let (read, write) = (at.clone(), at);
    let shown = move || {
        d.with(|doc| {
            let minutes = place::get(doc, &read).and_then(Value::as_u64);
            minutes.map(clock).unwrap_or_default()
        })
    };
    let control = view! {
        <input
            class="bw-input number"
            type="time"
            id=names.control.clone()
            aria-describedby=names.about.clone()
            aria-invalid=move || wrong.with(|wrong| !wrong.is_empty()).to_string()
            prop:value=shown
            on:change=move |event| {
                if let Some(minutes) = minutes(&event_target_value(&event), is_end) {
                    d.set(&write, json!(minutes));
                }
            }
        />
    };
    pieces::framed(&names, say, wrong.into(), control.into_any())
}

fn like_monday(d: Draft) -> AnyView {
    let press = move |_| d.value.update(copy_monday);
    view! {
        <button type="button" class="bw-button" on:click=press>
            {text::LIKE_MONDAY}
        </button>
    }
    .into_any()
}

/// Tuesday to Friday like Monday.
fn copy_monday(doc: &mut Value) {
    if let Some(monday) = place::get(doc, "week.0").cloned() {
        for day in 1..5 {
            place::set(doc, &within("week", day), monday.clone());
        }
    }
}

fn holiday(d: Draft, at: String) -> AnyView {
    view! {
        {pieces::row(
            vec![
                date(d, &within(&at, "date")),
                pieces::text_line(d, &within(&at, "name"), text::HOLIDAY_NAME, false),
                pieces::flag(d, &within(&at, "yearly"), text::YEARLY),
            ],
        )}
        {spans(d, &within(&at, "open"), text::OPEN_ALL_THE_SAME)}
    }
    .into_any()
}

fn date(d: Draft, at: &str) -> AnyView {
    let names = Names::at(at);
    let wrong = pieces::wrong(d, at);
    let (read, write) = (at.to_owned(), at.to_owned());
    let control = view! {
        <input
            class="bw-input"
            type="date"
            id=names.control.clone()
            aria-describedby=names.about.clone()
            aria-invalid=move || wrong.with(|wrong| !wrong.is_empty()).to_string()
            prop:value=move || d.text(&read)
            on:change=move |event| d.set(&write, Value::String(event_target_value(&event)))
        />
    };
    pieces::framed(&names, text::DATE, wrong.into(), control.into_any())
}

/// Minutes since midnight as a clock shows them; the day's end is `00:00`.
fn clock(minutes: u64) -> String {
    let minutes = minutes % MIDNIGHT;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A clock's time in minutes since midnight; `00:00` as an end is the day's end.
fn minutes(clock: &str, is_end: bool) -> Option<u64> {
    let mut parts = clock.split(':');
    let (hours, minutes) = (parts.next()?, parts.next()?);
    let minutes = hours.parse::<u64>().ok()? * 60 + minutes.parse::<u64>().ok()?;
    match minutes {
        0 if is_end => Some(MIDNIGHT),
        minutes if minutes <= MIDNIGHT => Some(minutes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_back_as_the_minutes_it_shows() {
        for at in [1, 540, 1_439] {
            assert_eq!(minutes(&clock(at), false), Some(at));
            assert_eq!(minutes(&clock(at), true), Some(at));
        }
    }

    #[test]
    fn midnight_begins_a_day_or_ends_it() {
        assert_eq!(clock(MIDNIGHT), "00:00");
        assert_eq!(minutes("00:00", true), Some(MIDNIGHT));
        assert_eq!(minutes("00:00", false), Some(0));
        assert_eq!(minutes("", false), None);
        assert_eq!(minutes("99:00", false), None);
    }

    #[test]
    fn the_working_days_become_like_monday_and_the_weekend_stays() {
        let mut doc = json!({"week": [[{"from": 1, "to": 2}], [], [], [], [], [], []]});

        copy_monday(&mut doc);

        assert_eq!(place::length(&doc, "week.4"), 1);
        assert_eq!(place::length(&doc, "week.5"), 0);
    }
}
