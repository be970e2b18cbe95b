//! A user: who it is, what they may do and can do, and their password.

use bellwire_proto::admin::Kind;
use leptos::prelude::*;

use super::{options, part};
use crate::{
    admin::{draft::Draft, pieces},
    text::admin as text,
};

/// The form.
pub(super) fn editor(d: Draft) -> AnyView {
    let password = if d.is_new {
        text::FIRST_PASSWORD
    } else {
        text::NEW_PASSWORD
    };
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
        pieces::password(d, password),
    ];
    let mut work = vec![
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
    if d.admin.has_telephones() {
        work.push(pieces::text_line(d, "number", text::USER_NUMBER, true));
    }
    view! {
        {part(text::PART_USER, who)}
        {part(text::PART_WORK, work)}
    }
    .into_any()
}
