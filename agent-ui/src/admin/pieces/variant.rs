//! One of several kinds of thing, each with fields of its own.

use leptos::prelude::*;
use serde_json::Value;

use super::{Names, Say, framed, wrong};
use crate::admin::{draft::Draft, place};

/// A kind of thing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variant {
    /// Its tag in JSON; empty for nothing.
    pub(crate) tag: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// How one begins.
    pub(crate) fresh: fn() -> Value,
}

/// A choice of the kind, and the fields of the one that is chosen. `body` is told the place of
/// the whole and the tag.
pub(crate) fn variant(
    d: Draft,
    at: &str,
    say: Say,
    variants: &'static [Variant],
    body: fn(Draft, String, &'static str) -> AnyView,
) -> AnyView {
    let names = Names::at(at);
    let wrong = wrong(d, at);
    let read = at.to_owned();
    let at = StoredValue::new(at.to_owned());
    let tag = Memo::new(move |_| d.with(|doc| place::tag(place::get(doc, &read))));
    let known = move || variants.iter().find(|variant| tag.get() == variant.tag);
    let option = move |variant: &'static Variant| {
        view! {
            <option value=variant.tag prop:selected=move || tag.get() == variant.tag>
                {variant.name}
            </option>
        }
    };
    let change = move |event| {
        let chosen = event_target_value(&event);
        if let Some(variant) = variants.iter().find(|variant| variant.tag == chosen) {
            d.set(&at.get_value(), (variant.fresh)());
        }
    };
    let control = view! {
        <select
            class="bw-input"
            id=names.control.clone()
            aria-describedby=names.about.clone()
            aria-invalid=move || wrong.with(|wrong| !wrong.is_empty()).to_string()
            on:change=change
        >
            {variants.iter().map(option).collect_view()}
        </select>
    };
    let fields = move || known().map(|variant| body(d, at.get_value(), variant.tag));
    view! {
        <div class="variant">
            {framed(&names, say, wrong.into(), control.into_any())}
            <div class="variant-fields">{fields}</div>
        </div>
    }
    .into_any()
}
