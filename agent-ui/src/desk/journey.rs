//! What a visitor did on the site, newest first.

use bellwire_proto::{journey::JourneyEvent, time::Timestamp};
use leptos::prelude::*;

use crate::{format, text};

/// The most steps shown; older ones say little about why someone calls now.
const MOST: usize = 60;

/// The steps of a journey.
#[component]
pub(crate) fn Journey(
    /// The steps, oldest first.
    #[prop(into)]
    events: Signal<Vec<JourneyEvent>>,
    /// The server's time.
    #[prop(into)]
    now: Signal<Timestamp>,
) -> impl IntoView {
    let steps = move || {
        let newest = |events: &Vec<JourneyEvent>| {
            events.iter().rev().take(MOST).cloned().collect::<Vec<_>>()
        };
        events.with(newest)
    };
    let step = move |event: JourneyEvent| {
        let (kind, what) = format::step(&event.kind);
        view! {
            <li>
                <span class="step-kind">{kind}</span>
                <span class="step-what">{what}</span>
                <span class="step-when">
                    {move || format::ago(now.get().since(event.at))}
                </span>
            </li>
        }
    };
    move || {
        if events.with(Vec::is_empty) {
            return view! { <p class="hint">{text::NO_JOURNEY}</p> }.into_any();
        }
        let key = |event: &JourneyEvent| (event.at, event.n);
        view! {
            <ol class="journey">
                <For each=steps key=key children=step />
            </ol>
        }
        .into_any()
    }
}
