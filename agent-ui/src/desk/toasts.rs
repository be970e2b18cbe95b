//! The sentences that appear for a while in a corner.

use leptos::prelude::*;

use crate::{
    notices::{Sentence, WayOn},
    text,
};

/// Shows sentences, each with what can be done about it.
#[component]
pub(crate) fn Toasts(
    /// The sentences, oldest first.
    #[prop(into)]
    shown: Signal<Vec<Sentence>>,
    /// Called with what the agent wants to do about a sentence.
    on_way_on: Callback<WayOn>,
    /// Called with the number of a sentence that was dismissed.
    on_dismiss: Callback<u32>,
) -> impl IntoView {
    let toast = move |sentence: Sentence| {
        let Sentence {
            number,
            text,
            way_on,
        } = sentence;
        let button = match way_on {
            WayOn::None => None,
            WayOn::Ready => Some(text::READY_AGAIN),
            WayOn::Microphone => Some(text::TRY_AGAIN),
        };
        let act = move |label| {
            let press = move |_| {
                on_dismiss.run(number);
                on_way_on.run(way_on);
            };
            view! { <button class="bw-button" on:click=press>{label}</button> }
        };
        view! {
            <li class="toast">
                <span>{text}</span>
                {button.map(act)}
                <button class="bw-button bw-plain" on:click=move |_| on_dismiss.run(number)>
                    {text::DISMISS}
                </button>
            </li>
        }
    };

    view! {
        <section class="toasts" aria-label=text::NOTICES>
            <div role="status">
                <ul>
                    <For each=move || shown.get() key=|sentence| sentence.number children=toast />
                </ul>
            </div>
        </section>
    }
}
