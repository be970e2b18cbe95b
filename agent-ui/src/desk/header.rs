//! The bar at the top: the agent's state, the queues, the connection, and the menu.

use bellwire_client::ui::{Icon, icon};
use bellwire_proto::{agent::Device, interaction::Medium, link, mirror::Desk, time::Timestamp};
use leptos::prelude::*;

use super::{
    availability::Availability, popover::Popover, queues::QueueSummary, takes_calls::TakesCalls,
};
use crate::{rules, text, theme::Theme};

/// What was chosen in the menu.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Choice {
    /// Allow desktop notifications.
    Notify,
    /// Choose microphone and camera.
    Devices,
    /// See the shortcuts.
    Shortcuts,
    /// Sign out.
    SignOut,
}

/// The bar.
#[component]
pub(crate) fn Header(
    /// What the desk knows.
    #[prop(into)]
    desk: Signal<Desk>,
    /// What the connection does.
    #[prop(into)]
    link: Signal<link::State>,
    /// The server's time.
    #[prop(into)]
    now: Signal<Timestamp>,
    /// Notifications can still be asked for.
    #[prop(into)]
    may_notify: Signal<bool>,
    /// The menu of reasons is open.
    reasons_open: RwSignal<bool>,
    /// Called when the agent wants to take contacts.
    on_ready: Callback<()>,
    /// Called with a reason when the agent wants to take none.
    on_not_ready: Callback<String>,
    /// Called when the agent wants to be reached for scheduled work alone.
    on_call: Callback<()>,
    /// Called with what the agent wants to take calls on.
    on_device: Callback<Device>,
    /// Called with what was chosen in the menu.
    on_choice: Callback<Choice>,
) -> impl IntoView {
    let chosen = Memo::new(move |_| desk.with(|desk| desk.chosen.clone()));
    let state = Memo::new(move |_| desk.with(|desk| desk.state.clone()));
    let since = Memo::new(move |_| desk.with(|desk| desk.since));
    let reasons = Memo::new(move |_| desk.with(|desk| desk.reasons.clone()));
    let queues = Memo::new(move |_| desk.with(|desk| desk.queues.clone()));
    let name = Memo::new(move |_| desk.with(|desk| desk.name.clone()));
    let takes_contacts = Memo::new(move |_| desk.with(rules::takes_contacts));
    let availability = move || {
        takes_contacts.get().then(|| {
            view! {
                <Availability
                    chosen
                    state
                    since
                    now
                    reasons
                    on_ready
                    on_not_ready
                    on_call
                    open=reasons_open
                />
            }
        })
    };
    let devices = Memo::new(move |_| desk.with(|desk| desk.devices.clone()));
    let takes_calls = Memo::new(move |_| desk.with(|desk| desk.capacity.of(Medium::Call) > 0));
    let takes_calls_on =
        move || (takes_calls.get()).then(|| view! { <TakesCalls devices on_choose=on_device /> });
    let notify = move || {
        may_notify.get().then(|| {
            view! {
                <button class="bw-button notify" on:click=move |_| on_choice.run(Choice::Notify)>
                    <Bell />
                    <span>{text::NOTIFY_ME}</span>
                </button>
            }
        })
    };

    view! {
        <header class="bar">
            <h1 class="brand">{text::PRODUCT}</h1>
            {availability}
            {takes_calls_on}
            <QueueSummary queues now />
            {notify}
            <LinkState link />
            <UserMenu name on_choice />
        </header>
    }
}

#[component]
fn Bell() -> impl IntoView {
    view! {
        <svg class="bw-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d="M6 16.5v-6a6 6 0 0 1 12 0v6l1.5 2h-15ZM10 21a2.2 2.2 0 0 0 4 0M12 2.5v2"></path>
        </svg>
    }
}

#[component]
fn LinkState(link: Signal<link::State>) -> impl IntoView {
    let is_up = move || matches!(link.get(), link::State::Up { .. });
    let word = move || {
        if is_up() {
            text::LINK_UP
        } else {
            text::LINK_DOWN
        }
    };
    let mark = move || if is_up() { "up" } else { "down" };

    view! {
        <p class="link" data-link=mark>
            <span class="dot" aria-hidden="true"></span>
            <span class="link-word">{word}</span>
        </p>
    }
}

#[component]
fn UserMenu(name: Memo<String>, on_choice: Callback<Choice>) -> impl IntoView {
    let open = RwSignal::new(false);
    let button = view! {
        <button
            class="bw-button bw-plain user"
            aria-expanded=move || open.get().to_string()
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {icon(Icon::User)}
            <span class="user-name">{name}</span>
            <span class="bw-unseen">", " {text::USER_MENU}</span>
        </button>
    };
    let choose = move |choice| {
        move |_| {
            open.set(false);
            on_choice.run(choice);
        }
    };

    view! {
        <Popover open=open button=button.into_any() class="at-end">
            <div class="menu" role="group" aria-label=text::USER_MENU>
                <ThemeChoice />
                <button class="bw-button bw-plain" on:click=choose(Choice::Devices)>{text::SOUND_AND_CAMERA}</button>
                <button class="bw-button bw-plain" on:click=choose(Choice::Shortcuts)>
                    {text::SHORTCUTS} <kbd aria-hidden="true">"?"</kbd>
                </button>
                <button class="bw-button bw-plain" on:click=choose(Choice::SignOut)>{text::SIGN_OUT}</button>
            </div>
        </Popover>
    }
}

#[component]
fn ThemeChoice() -> impl IntoView {
    let chosen = RwSignal::new(Theme::kept());
    let option = move |theme: Theme| {
        let choose = move |_| {
            theme.choose();
            chosen.set(theme);
        };
        view! {
            <label>
                <input
                    type="radio"
                    name="theme"
                    prop:checked=move || chosen.get() == theme
                    on:change=choose
                />
                {theme.name()}
            </label>
        }
    };

    view! {
        <fieldset class="theme">
            <legend>{text::THEME}</legend>
            {Theme::ALL.map(option).collect_view()}
        </fieldset>
    }
}
