//! The few pieces that every editor is made of. Each edits one place of a [`Draft`] and shows the
//! findings about it; [`place::element`] names its element, so that a finding finds it.

mod conditions;
mod destination;
mod fields;
mod lists;
mod maps;
mod password;
mod variant;

use leptos::prelude::*;

pub(crate) use self::{
    conditions::conditions,
    destination::{destination, needs, optional_destination},
    fields::{choice, color, flag, language, number, optional_number, suggested, text_line},
    lists::{list, names, ticks},
    maps::{languages, skills, words},
    password::password,
    variant::{Variant, variant},
};
use super::{draft::Draft, place};

/// What a piece is called, and a hint for whoever is not sure; empty where there is none.
pub(crate) type Say = (&'static str, &'static str);

/// What can be chosen: the value, and what it says.
pub(crate) type Options = Signal<Vec<(String, String)>>;

/// Names of a field's elements.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// The control.
    pub(crate) control: String,
    /// What describes it: the hint and what is wrong.
    pub(crate) about: String,
    hint: String,
    wrong: String,
}

impl Names {
    pub(crate) fn at(at: &str) -> Self {
        let control = place::element(at);
        let (hint, wrong) = (format!("{control}-hint"), format!("{control}-wrong"));
        Self {
            about: format!("{hint} {wrong}"),
            control,
            hint,
            wrong,
        }
    }
}

/// What is wrong at a place; what cannot be read goes before what the server found.
pub(crate) fn wrong(d: Draft, at: &str) -> Memo<String> {
    let at = at.to_owned();
    Memo::new(move |_| d.wrong_at(&at))
}

/// What is wrong at a place or within it, for pieces whose parts tell nothing themselves.
fn wrong_within(d: Draft, at: &str) -> Memo<String> {
    let at = at.to_owned();
    Memo::new(move |_| d.wrong_within(&at))
}

/// A label, a control, a hint, and what is wrong.
pub(crate) fn framed(names: &Names, say: Say, wrong: Signal<String>, control: AnyView) -> AnyView {
    view! {
        <div class="piece">
            <label class="piece-name" for=names.control.clone()>
                {say.0}
            </label>
            {control}
            {hint(names, say)}
            <p class="bw-problem" id=names.wrong.clone()>
                {wrong}
            </p>
        </div>
    }
    .into_any()
}

fn hint(names: &Names, say: Say) -> Option<AnyView> {
    (!say.1.is_empty())
        .then(|| view! { <p class="hint" id=names.hint.clone()>{say.1}</p> }.into_any())
}

/// Several pieces under one name.
pub(crate) fn group(d: Draft, at: &str, say: Say, inside: AnyView) -> AnyView {
    group_with(wrong(d, at), at, say, inside)
}

/// A [`group`] of parts that tell nothing themselves.
fn mute_group(d: Draft, at: &str, say: Say, inside: AnyView) -> AnyView {
    group_with(wrong_within(d, at), at, say, inside)
}

fn group_with(wrong: Memo<String>, at: &str, say: Say, inside: AnyView) -> AnyView {
    let names = Names::at(at);
    view! {
        <fieldset class="group" id=names.control.clone() aria-describedby=names.about tabindex="-1">
            <legend>{say.0}</legend>
            {hint(&names, say)}
            <p class="bw-problem" id=names.wrong>
                {wrong}
            </p>
            {inside}
        </fieldset>
    }
    .into_any()
}

/// Pieces that stand beside each other where there is room.
pub(crate) fn row(pieces: Vec<AnyView>) -> AnyView {
    view! { <div class="row">{pieces}</div> }.into_any()
}
