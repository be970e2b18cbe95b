//! A user: who it is, what they may do and can do, and their password.

use bellwire_proto::admin::Kind;
use leptos::prelude::*;

use super::{options, part};
use crate::{
    admin::{draft::Draft, ids, pieces},
    text::admin as text,
};

/// The form.
pub(super) fn editor(d: Draft) -> AnyView {
    let roles = Signal::stored(text::pairs(&[
        ("agent", text::ROLE_AGENT),
        ("supervisor", text::ROLE_SUPERVISOR),
        ("administrator", text::ROLE_ADMINISTRATOR),
    ]));
    let who = vec![
        pieces::row(vec![
            pieces::text_line(d, "user", text::USER_NAME, false),
            pieces::text_line(d, "name", text::USER_SHOWN, false),
        ]),
        pieces::choice(d, "role", text::ROLE, None, roles),
        password(d),
    ];
    let work = vec![
        pieces::group(
            d,
            "capacity",
            text::CAPACITY,
            pieces::row(vec![
                pieces::number(d, "capacity.calls", text::CALL_CAPACITY, 0..=1),
                pieces::number(d, "capacity.chats", text::CHAT_CAPACITY, 0..=50),
            ]),
        ),
        pieces::ticks(d, "queues", text::USER_QUEUES, options(d, Kind::Queue)),
        pieces::skills(d, "skills", text::USER_SKILLS),
        pieces::languages(d, "languages", text::USER_LANGUAGES),
    ];
    view! {
        {part(text::PART_USER, who)}
        {part(text::PART_WORK, work)}
    }
    .into_any()
}

/// Sets a password, or a new one; what is saved already is never shown.
fn password(d: Draft) -> AnyView {
    let say = if d.is_new {
        text::FIRST_PASSWORD
    } else {
        text::NEW_PASSWORD
    };
    let names = pieces::Names::at("password");
    let wrong = pieces::wrong(d, "password");
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
    pieces::framed(&names, say, wrong.into(), control.into_any())
}
