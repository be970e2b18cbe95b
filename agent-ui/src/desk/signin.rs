//! The page where an agent signs in.

use leptos::{ev::SubmitEvent, html, prelude::*};

use crate::text;

/// The form for user name and password.
///
/// `on_submit` is called with both once they are filled in; the page changes when `busy` and
/// `problem` do.
#[component]
pub(crate) fn SignIn(
    /// A request is on its way.
    #[prop(into)]
    busy: Signal<bool>,
    /// What was not right, or why nobody is signed in any more.
    #[prop(into)]
    problem: Signal<Option<String>>,
    /// Called with user name and password.
    on_submit: Callback<(String, String)>,
) -> impl IntoView {
    let user = NodeRef::<html::Input>::new();
    let password = NodeRef::<html::Input>::new();
    let missing = RwSignal::new(false);
    let shown = move || match missing.get() {
        true => Some(text::ENTER_BOTH.to_owned()),
        false => problem.get(),
    };
    Effect::new(move |_| focus(user));
    // After a refusal the password is wrong more often than the name.
    Effect::new(move |before: Option<bool>| {
        let refused = problem.with(Option::is_some) && !busy.get();
        if refused && before == Some(false) {
            focus(password);
        }
        refused
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let value = |input: NodeRef<html::Input>| {
            input
                .get_untracked()
                .map(|input| input.value())
                .unwrap_or_default()
        };
        let (name, secret) = (value(user).trim().to_owned(), value(password));
        let filled = !name.is_empty() && !secret.is_empty();
        missing.set(!filled);
        if filled && !busy.get_untracked() {
            on_submit.run((name, secret));
        }
    };

    view! {
        <main class="sign-in">
            <form class="sign-in-card" on:submit=submit novalidate=true>
                <p class="brand" aria-hidden="true">{text::PRODUCT}</p>
                <h1>{text::SIGN_IN_TITLE}</h1>
                <p class="bw-problem" role="alert">{shown}</p>
                <label class="field">
                    <span>{text::USER_NAME}</span>
                    <input
                        node_ref=user
                        class="bw-input"
                        type="text"
                        name="username"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                    />
                </label>
                <label class="field">
                    <span>{text::PASSWORD}</span>
                    <input
                        node_ref=password
                        class="bw-input"
                        type="password"
                        name="password"
                        autocomplete="current-password"
                    />
                </label>
                <button class="bw-button bw-primary wide" type="submit" aria-busy=move || busy.get().to_string()>
                    {text::SIGN_IN}
                </button>
                <p class="bw-unseen" role="status">
                    {move || busy.get().then_some(text::SIGNING_IN)}
                </p>
            </form>
        </main>
    }
}

fn focus(input: NodeRef<html::Input>) {
    if let Some(input) = input.get() {
        // An element that is on the page takes the focus.
        _ = input.focus();
    }
}
