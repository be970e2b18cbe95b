//! A desk phone: what it registers with, whose it is, and where it is reached.

use bellwire_proto::admin::Kind;
use leptos::prelude::*;

use super::{options, part};
use crate::{
    admin::{draft::Draft, live, pieces},
    text::admin as text,
};

/// The form.
pub(super) fn editor(d: Draft) -> AnyView {
    let say = if d.is_new {
        text::PHONE_PASSWORD
    } else {
        text::NEW_PHONE_PASSWORD
    };
    let what = vec![
        pieces::row(vec![
            pieces::text_line(d, "name", text::PHONE_NAME, false),
            pieces::choice(d, "agent", text::PHONE_AGENT, None, options(d, Kind::User)),
        ]),
        pieces::text_line(d, "user", text::PHONE_USER, false),
        pieces::password(d, say),
        pieces::flag(d, "secure", text::PHONE_SECURE),
    ];
    let reached = (!d.is_new).then(|| {
        let reached = live::phone(d.id.get_value());
        part(text::PART_REGISTERED, vec![reached])
    });
    view! {
        {part(text::PART_PHONE, what)}
        {reached}
    }
    .into_any()
}
