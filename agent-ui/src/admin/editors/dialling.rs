//! What may be dialled into the telephone network: nothing, until it is named here.

use leptos::prelude::*;

use super::part;
use crate::{
    admin::{draft::Draft, pieces},
    text::admin as text,
};

/// The most that a limit can be.
const MOST: u32 = 1_000_000;

/// The form.
pub(super) fn editor(d: Draft) -> AnyView {
    let denies = view! { <p class="notice-line">{text::DIALLING_DENIES}</p> };
    let where_to = vec![
        denies.into_any(),
        pieces::names(d, "allowed", text::DIAL_ALLOWED, text::ADD_BEGINNING),
        pieces::names(d, "barred", text::DIAL_BARRED, text::ADD_BEGINNING),
    ];
    let how_much = vec![
        pieces::row(vec![
            pieces::number(d, "most_calls", text::DIAL_MOST_CALLS, 0..=MOST),
            pieces::number(d, "minutes_a_day", text::DIAL_MINUTES, 0..=MOST),
        ]),
        pieces::row(vec![
            pieces::number(d, "calls_a_number", text::DIAL_NUMBER, 0..=MOST),
            pieces::number(d, "calls_a_visitor", text::DIAL_VISITOR, 0..=MOST),
        ]),
    ];
    view! {
        {part(text::PART_WHERE_TO, where_to)}
        {part(text::PART_HOW_MUCH, how_much)}
    }
    .into_any()
}
