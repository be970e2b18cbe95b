//! The whole-page notices: open elsewhere, updated, ended.

use leptos::{html, prelude::*};

use crate::{rules::Notice, text};

/// A page that takes the desk's place and has one button.
#[component]
pub(crate) fn NoticePage(
    /// Which one.
    notice: Notice,
    /// Called when the button is pressed.
    on_press: Callback<Notice>,
) -> impl IntoView {
    let (title, more, button) = match notice {
        Notice::Elsewhere => (text::ELSEWHERE_TITLE, text::ELSEWHERE_MORE, text::WORK_HERE),
        Notice::OtherVersion => (
            text::OTHER_VERSION_TITLE,
            text::OTHER_VERSION_MORE,
            text::RELOAD,
        ),
        Notice::Ended => (text::ENDED_TITLE, text::ENDED_MORE, text::CONNECT_AGAIN),
    };
    let pressed = NodeRef::<html::Button>::new();
    Effect::new(move |_| {
        if let Some(button) = pressed.get() {
            // An element that is on the page takes the focus.
            _ = button.focus();
        }
    });

    view! {
        <main class="notice" data-notice=mark(notice)>
            <div class="notice-card">
                <div role="alert">
                    <h1>{title}</h1>
                </div>
                <p>{more}</p>
                <button node_ref=pressed class="bw-button bw-primary" on:click=move |_| on_press.run(notice)>
                    {button}
                </button>
            </div>
        </main>
    }
}

fn mark(notice: Notice) -> &'static str {
    match notice {
        Notice::Elsewhere => "elsewhere",
        Notice::OtherVersion => "other_version",
        Notice::Ended => "ended",
    }
}
