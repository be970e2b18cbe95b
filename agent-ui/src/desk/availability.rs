//! Whether the agent takes contacts: the state, its timer, and the three buttons.

use bellwire_proto::{
    agent::{AgentState, Chosen},
    time::Timestamp,
};
use leptos::prelude::*;

use super::popover::Popover;
use crate::{format, rules, text};

/// The agent's state and the buttons to change it.
///
/// A press on "Not ready" counts at once, with the first reason; the menu that opens makes the
/// reason more exact.
#[component]
pub(crate) fn Availability(
    /// What the agent chose.
    #[prop(into)]
    chosen: Signal<Chosen>,
    /// What the agent does.
    #[prop(into)]
    state: Signal<AgentState>,
    /// Since when.
    #[prop(into)]
    since: Signal<Timestamp>,
    /// The server's time.
    #[prop(into)]
    now: Signal<Timestamp>,
    /// The centre's reasons.
    #[prop(into)]
    reasons: Signal<Vec<String>>,
    /// Called when the agent wants to take contacts.
    on_ready: Callback<()>,
    /// Called with a reason when the agent wants to take none.
    on_not_ready: Callback<String>,
    /// Called when the agent wants to be reached for scheduled work alone.
    on_call: Callback<()>,
    /// The menu of reasons is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let is_ready = move || chosen.with(rules::is_ready);
    let is_on_call = move || chosen.with(|chosen| *chosen == Chosen::OnCall);
    let is_not_ready = move || chosen.with(rules::is_not_ready);
    let reason = Memo::new(move |_| match chosen.get() {
        Chosen::Ready | Chosen::OnCall => None,
        Chosen::NotReady { reason } => Some(reason).filter(|reason| !reason.is_empty()),
    });
    let press_not_ready = move |_| {
        if open.get_untracked() {
            open.set(false);
            return;
        }
        if !is_not_ready()
            && let Some(first) = reasons.with_untracked(|reasons| reasons.first().cloned())
        {
            on_not_ready.run(first);
        }
        open.set(true);
    };
    let choose = move |reason: String| {
        open.set(false);
        on_not_ready.run(reason);
    };
    let choice = move |name: String| {
        let (own, picked) = (name.clone(), name.clone());
        let checked = move || reason.with(|reason| reason.as_ref() == Some(&own));
        view! {
            <button
                class="bw-button bw-plain"
                aria-pressed=move || checked().to_string()
                on:click=move |_| choose(picked.clone())
            >
                {name}
            </button>
        }
    };
    let not_ready = view! {
        <button
            class="bw-button not-ready"
            aria-pressed=move || is_not_ready().to_string()
            aria-expanded=move || open.get().to_string()
            aria-keyshortcuts="Alt+N"
            on:click=press_not_ready
        >
            {text::NOT_READY}
        </button>
    };
    let word = move || state.with(text::state);
    let timer = move || format::timer(now.get().since(since.get()));

    view! {
        <div class="availability" role="group" aria-label=text::AVAILABILITY>
            <p class="state">
                <span class="dot" aria-hidden="true"></span>
                <span class="state-word" role="status">{word}</span>
                <span class="state-reason">{reason}</span>
                <span class="timer" role="timer">{timer}</span>
            </p>
            <div class="switch">
                <button
                    class="bw-button ready"
                    aria-pressed=move || is_ready().to_string()
                    aria-keyshortcuts="Alt+R"
                    on:click=move |_| {
                        open.set(false);
                        on_ready.run(());
                    }
                >
                    {text::READY}
                </button>
                <button
                    class="bw-button on-call"
                    aria-pressed=move || is_on_call().to_string()
                    title=text::ON_CALL_MORE
                    on:click=move |_| {
                        open.set(false);
                        on_call.run(());
                    }
                >
                    {text::ON_CALL}
                </button>
                <Popover open=open button=not_ready.into_any()>
                    <div role="group" aria-label=text::REASON_MENU class="menu">
                        {move || reasons.get().into_iter().map(choice).collect_view()}
                    </div>
                </Popover>
            </div>
        </div>
    }
}
