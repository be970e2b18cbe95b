//! The form of each kind of document.

mod dialling;
mod form;
mod hours;
mod intent;
mod invitation;
mod number;
mod phone;
mod preview;
mod queue;
mod site;
mod trunk;
mod user;

use bellwire_proto::admin::Kind;
use leptos::prelude::*;

use super::{draft::Draft, pieces};
use crate::text::admin as text;

/// The fields of a document.
pub(crate) fn editor(d: Draft) -> AnyView {
    match d.kind {
        Kind::Site => site::editor(d),
        Kind::Queue => queue::editor(d),
        Kind::User => user::editor(d),
        Kind::Hours => hours::editor(d),
        Kind::Intent => intent::editor(d),
        Kind::Form => form::editor(d),
        Kind::Invitation => invitation::editor(d),
        Kind::Phone => phone::editor(d),
        Kind::Trunk => trunk::editor(d),
        Kind::Number => number::editor(d),
        Kind::Dialling => dialling::editor(d),
        Kind::Skills => pieces::names(d, "", text::SKILL_NAMES, text::ADD_SKILL_NAME),
        Kind::Reasons => pieces::names(d, "", text::REASON_NAMES, text::ADD_REASON),
        Kind::Dispositions => pieces::names(d, "", text::DISPOSITION_NAMES, text::ADD_DISPOSITION),
    }
}

/// The media there are, to tick or choose.
fn media() -> pieces::Options {
    Signal::stored(text::pairs(&[("call", text::CALLS), ("chat", text::CHATS)]))
}

/// All documents of a kind, to tick or choose.
fn options(d: Draft, kind: Kind) -> pieces::Options {
    let named = d.admin.named(kind);
    Signal::derive(move || {
        let named = named.get().into_iter();
        named.map(|it| (it.id, it.name)).collect()
    })
}

/// A part of a long form.
fn part(title: &'static str, inside: Vec<AnyView>) -> AnyView {
    view! {
        <section class="part">
            <h3>{title}</h3>
            {inside}
        </section>
    }
    .into_any()
}
