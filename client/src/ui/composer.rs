//! Where a message is written.

use std::time::Duration;

use bellwire_proto::{interaction::LONGEST_MESSAGE, time::Timestamp};
use leptos::{ev, html::Textarea, prelude::*};

use super::{Glyph, Icon};
use crate::clock;

/// The message box and its button. Enter sends, Shift+Enter starts a new line.
#[component]
pub fn Composer(
    /// Called with each message, trimmed, never empty and never too long.
    #[prop(into)]
    on_send: Callback<String>,
    /// Called while something is being typed, at most every three seconds.
    #[prop(into, optional)]
    on_typing: Option<Callback<()>>,
    /// The text so far, for pages that keep it.
    #[prop(optional)]
    draft: Option<RwSignal<String>>,
    /// Nothing can be written now.
    #[prop(into, default = false.into())]
    disabled: Signal<bool>,
    /// Shown in the empty box.
    #[prop(into, default = String::from("Write a message").into())]
    placeholder: Signal<String>,
) -> impl IntoView {
    let draft = draft.unwrap_or_else(|| RwSignal::new(String::new()));
    let element = NodeRef::<Textarea>::new();
    let told = StoredValue::new(Timestamp(0));
    let too_long = Memo::new(move |_| draft.with(|text| text.trim().len() > LONGEST_MESSAGE));
    let nothing = Memo::new(move |_| draft.with(|text| text.trim().is_empty()));

    let send = move || {
        let text = draft.with_untracked(|text| text.trim().to_owned());
        if text.is_empty() || too_long.get_untracked() || disabled.get_untracked() {
            return;
        }
        draft.set(String::new());
        told.set_value(Timestamp(0));
        on_send.run(text);
        if let Some(area) = element.get_untracked() {
            let _stays_where_it_is = area.focus();
        }
    };
    let typed = move |event| {
        draft.set(event_target_value(&event));
        let now = clock::now();
        if let Some(on_typing) = on_typing
            && now.since(told.get_value()) >= TELL_EVERY
            && !nothing.get_untracked()
        {
            told.set_value(now);
            on_typing.run(());
        }
    };
    let pressed = move |event: ev::KeyboardEvent| {
        // An Enter that ends the composing of a character is not meant for us.
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    let submitted = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send();
    };

    view! {
        <form class="bw-composer" on:submit=submitted>
            <label class="bw-composer-box">
                <span class="bw-unseen">"Message"</span>
                <textarea
                    node_ref=element
                    class="bw-input"
                    rows="1"
                    placeholder=placeholder
                    prop:value=draft
                    disabled=disabled
                    aria-invalid=move || too_long.get().then_some("true")
                    on:input=typed
                    on:keydown=pressed
                ></textarea>
            </label>
            <button
                type="submit"
                class="bw-button bw-primary"
                disabled=move || disabled.get() || nothing.get() || too_long.get()
            >
                <Glyph icon=Icon::Send />
                <span>"Send"</span>
            </button>
            <p class="bw-problem" role="status">
                {move || too_long.get().then_some("This message is too long. Please send it in parts.")}
            </p>
        </form>
    }
}

/// Typing is told this often while it goes on.
const TELL_EVERY: Duration = Duration::from_secs(3);
