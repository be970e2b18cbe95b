//! How phones and trunks stand now: asked again every few seconds while a page shows it.

use std::{collections::BTreeMap, future::Future};

use bellwire_proto::admin::{Contact, Kind, PhoneLine, TrunkLine, TrunkState};
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::api::{self, Problem};
use crate::{format, text::admin as text};

/// How often it is asked, in milliseconds.
const EVERY_MS: u32 = 3_000;

/// What was told last: nothing yet, a sentence why not, or all of them.
type Told<T> = RwSignal<Option<Result<Vec<T>, String>>>;

/// Asks now, and again and again until the page is left.
fn asked_again<T, F>(ask: fn() -> F) -> Told<T>
where
    T: Send + Sync + 'static,
    F: Future<Output = Result<Vec<T>, Problem>> + 'static,
{
    let told = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let look = move || {
        // One that takes long is not asked twice; one that is gone is not asked at all.
        if busy.try_get_untracked() != Some(false) {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let answer = ask().await.map_err(|problem| problem.sentence());
            told.try_set(Some(answer));
            busy.try_set(false);
        });
    };
    look();
    let timer = StoredValue::new_local(Some(Interval::new(EVERY_MS, look)));
    on_cleanup(move || _ = timer.try_set_value(None));
    told
}

/// How a document of a list stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Standing {
    /// In a few words.
    pub(super) say: String,
    /// It works.
    pub(super) good: bool,
}

/// How every document of a kind stands, by id; none for kinds that only stand in the set-up. A
/// sentence where it cannot be told.
pub(super) fn standings(kind: Kind) -> Option<Signal<Result<BTreeMap<String, Standing>, String>>> {
    match kind {
        Kind::Phone => {
            let told = asked_again(api::phones);
            Some(Signal::derive(move || by_id(told, phone_standing)))
        }
        Kind::Trunk => {
            let told = asked_again(api::trunks);
            Some(Signal::derive(move || by_id(told, trunk_standing)))
        }
        Kind::Site
        | Kind::Queue
        | Kind::User
        | Kind::Hours
        | Kind::Intent
        | Kind::Form
        | Kind::Invitation
        | Kind::Number
        | Kind::Dialling
        | Kind::Skills
        | Kind::Reasons
        | Kind::Dispositions => None,
    }
}

fn by_id<T: Send + Sync + 'static>(
    told: Told<T>,
    of: fn(&T) -> (String, Standing),
) -> Result<BTreeMap<String, Standing>, String> {
    told.with(|told| match told {
        None => Ok(BTreeMap::new()),
        Some(Ok(lines)) => Ok(lines.iter().map(of).collect()),
        Some(Err(sentence)) => Err(sentence.clone()),
    })
}

fn phone_standing(line: &PhoneLine) -> (String, Standing) {
    let standing = Standing {
        say: text::registered(line.registered.len()),
        good: !line.registered.is_empty(),
    };
    (line.phone.to_string(), standing)
}

fn trunk_standing(line: &TrunkLine) -> (String, Standing) {
    let standing = Standing {
        say: text::trunk_in_short(line.state, line.calls),
        good: line.state == TrunkState::Up,
    };
    (line.trunk.to_string(), standing)
}

/// A word for how it stands; told by the word, and by its colour besides.
pub(super) fn mark(standing: Standing) -> AnyView {
    view! {
        <span class="standing" class:good=standing.good>
            {standing.say}
        </span>
    }
    .into_any()
}

/// Where one phone is reached.
pub(super) fn phone(id: String) -> AnyView {
    let told = asked_again(api::phones);
    let own = Memo::new(move |_| of(told, |line: &PhoneLine| line.phone.to_string() == id));
    let shown = move || match own.get() {
        None => waiting(),
        Some(Err(sentence)) => refused(sentence),
        Some(Ok(None)) => not_known(),
        Some(Ok(Some(line))) => {
            let refused = line.refused.map(|it| {
                let sentence = text::login_refused(&format::moment(it.at), &it.source);
                view! { <p class="notice-line">{sentence}</p> }
            });
            let reached = match line.registered.is_empty() {
                true => view! { <p class="notice-line">{text::NOT_REGISTERED}</p> }.into_any(),
                false => contacts(line.registered),
            };
            view! { {refused} {reached} }.into_any()
        }
    };
    shown.into_any()
}

fn contacts(registered: Vec<Contact>) -> AnyView {
    let row = |it: Contact| {
        view! {
            <tr>
                <td>{it.agent}</td>
                <td>{it.source}</td>
                <td>{it.transport.to_uppercase()}</td>
                <td>{it.contact}</td>
                <td class="step-when">{format::moment(it.until)}</td>
            </tr>
        }
    };
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label=text::PART_REGISTERED>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{text::CONTACT_DEVICE}</th>
                        <th scope="col">{text::CONTACT_FROM}</th>
                        <th scope="col">{text::CONTACT_BY}</th>
                        <th scope="col">{text::CONTACT_ADDRESS}</th>
                        <th scope="col">{text::CONTACT_UNTIL}</th>
                    </tr>
                </thead>
                <tbody>{registered.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// How one trunk stands, and what went wrong last.
pub(super) fn trunk(id: String) -> AnyView {
    let told = asked_again(api::trunks);
    let own = Memo::new(move |_| of(told, |line: &TrunkLine| line.trunk.to_string() == id));
    let shown = move || match own.get() {
        None => waiting(),
        Some(Err(sentence)) => refused(sentence),
        Some(Ok(None)) => not_known(),
        Some(Ok(Some(line))) => facts(line),
    };
    shown.into_any()
}

fn facts(line: TrunkLine) -> AnyView {
    let (_, standing) = trunk_standing(&line);
    let fact = |name: &'static str, value: Option<String>| {
        value.map(|value| view! { <dt>{name}</dt><dd>{value}</dd> })
    };
    view! {
        <p>{mark(standing)} " " <span class="hint">{text::since(&format::moment(line.since))}</span></p>
        <dl class="facts">
            {fact(text::TRUNK_WHY, line.why)} {fact(text::TRUNK_REFUSED, line.last_refused)}
        </dl>
    }
    .into_any()
}

/// The one line there is about something; none while nothing was told.
fn of<T: Clone + Send + Sync + 'static>(
    told: Told<T>,
    is: impl Fn(&T) -> bool,
) -> Option<Result<Option<T>, String>> {
    told.with(|told| {
        let lines = told.as_ref()?;
        Some(match lines {
            Ok(lines) => Ok(lines.iter().find(|line| is(line)).cloned()),
            Err(sentence) => Err(sentence.clone()),
        })
    })
}

fn waiting() -> AnyView {
    view! { <p class="hint">{text::BUSY}</p> }.into_any()
}

fn not_known() -> AnyView {
    view! { <p class="notice-line">{text::NOT_KNOWN_YET}</p> }.into_any()
}

fn refused(sentence: String) -> AnyView {
    view! { <p class="notice-line">{sentence}</p> }.into_any()
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{
        id::{PhoneId, TrunkId},
        time::Timestamp,
    };

    use super::*;

    #[test]
    fn a_phone_without_a_registration_does_not_work() {
        let line = PhoneLine {
            phone: PhoneId::new(Timestamp(1), 1),
            registered: vec![],
            refused: None,
        };

        let (id, standing) = phone_standing(&line);

        assert_eq!(id, line.phone.to_string());
        assert!(!standing.good);
    }

    #[test]
    fn a_trunk_works_only_while_it_is_up() {
        let line = |state| TrunkLine {
            trunk: TrunkId::new(Timestamp(1), 1),
            state,
            since: Timestamp(1),
            why: None,
            calls: 2,
            last_refused: None,
        };

        for state in [TrunkState::Off, TrunkState::Registering, TrunkState::Down] {
            assert!(!trunk_standing(&line(state)).1.good, "{state:?}");
        }
        let up = trunk_standing(&line(TrunkState::Up)).1;
        assert_eq!((up.good, up.say.as_str()), (true, "up · 2 calls"));
    }
}
