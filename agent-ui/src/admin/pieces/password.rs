//! The password of what has one.

use leptos::prelude::*;

use super::{Names, Say, framed, wrong};
use crate::{
    admin::{draft::Draft, ids},
    text::admin as text,
};

/// Sets a password, or a new one; what is saved already is never shown.
pub(crate) fn password(d: Draft, say: Say) -> AnyView {
    let names = Names::at("password");
    let wrong = wrong(d, "password");
    let shown = RwSignal::new(false);
    let make = move |_| {
        d.password.set(ids::password());
        shown.set(true);
    };
    let control = view! {
        <div class="adder-line">
            <input
                class="bw-input"
                id=names.control.clone()
                type=move || if shown.get() { "text" } else { "password" }
                autocomplete="new-password"
                aria-describedby=names.about.clone()
                aria-invalid=move || wrong.with(|wrong| !wrong.is_empty()).to_string()
                prop:value=move || d.password.get()
                on:input=move |event| d.password.set(event_target_value(&event))
            />
            <button
                type="button"
                class="bw-button"
                aria-pressed=move || shown.get().to_string()
                on:click=move |_| shown.update(|shown| *shown = !*shown)
            >
                {text::SHOW_PASSWORD}
            </button>
            <button type="button" class="bw-button" on:click=make>
                {text::MAKE_PASSWORD}
            </button>
        </div>
    };
    framed(&names, say, wrong.into(), control.into_any())
}
