//! The work after a contact: what came of it, and a note.

use leptos::prelude::*;

use crate::{drafts::Draft, text};

/// The wrap-up's form.
#[component]
pub(crate) fn WrapUp(
    /// Why the contact is over.
    #[prop(into)]
    sentence: Signal<&'static str>,
    /// How long the wrap-up takes so far.
    #[prop(into)]
    timer: Signal<String>,
    /// The centre's dispositions.
    #[prop(into)]
    dispositions: Signal<Vec<String>>,
    /// What was entered so far.
    #[prop(into)]
    draft: Signal<Draft>,
    /// Called with each disposition chosen.
    on_disposition: Callback<String>,
    /// Called with the note after each change.
    on_note: Callback<String>,
    /// Called when the agent is done.
    on_finish: Callback<()>,
) -> impl IntoView {
    let option = move |name: String| {
        let own = name.clone();
        let selected = move || draft.with(|draft| draft.disposition == own);
        view! { <option selected=selected>{name}</option> }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        on_finish.run(());
    };

    view! {
        <form class="wrap-up" on:submit=submit aria-label=text::WRAP_UP>
            <header>
                <h3>{text::WRAP_UP}</h3>
                <span class="timer" role="timer">{timer}</span>
            </header>
            <p>{sentence}</p>
            <label class="field">
                <span>{text::DISPOSITION}</span>
                <select class="bw-input" on:change=move |event| on_disposition.run(event_target_value(&event))>
                    {move || dispositions.get().into_iter().map(option).collect_view()}
                </select>
            </label>
            <label class="field">
                <span>{text::NOTE}</span>
                <textarea
                    class="bw-input"
                    rows="4"
                    maxlength="2000"
                    prop:value=move || draft.with(|draft| draft.note.clone())
                    on:input=move |event| on_note.run(event_target_value(&event))
                ></textarea>
            </label>
            <button class="bw-button bw-primary" type="submit" aria-keyshortcuts="Control+Enter">
                {text::FINISH}
                <kbd aria-hidden="true">"Ctrl Enter"</kbd>
            </button>
        </form>
    }
}
