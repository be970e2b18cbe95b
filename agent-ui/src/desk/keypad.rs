//! The keys of a telephone, for a caller's menus and codes: what is pressed here, they hear.

use bellwire_client::ui::keypad;
use leptos::prelude::*;

use crate::text;

/// Where the keys are, and the button that opens them.
pub(crate) const KEYS: &str = ".keypad";
pub(crate) const OPENS_KEYPAD: &str = ".opens-keypad";

/// What the keypad shows; it lasts as long as the call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeypadView {
    /// Open now.
    pub(crate) open: RwSignal<bool>,
    /// The keys pressed here, the last ones.
    pub(crate) sent: RwSignal<String>,
}

impl KeypadView {
    pub(crate) fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            sent: RwSignal::new(String::new()),
        }
    }

    /// Another call, or none: closed, and nothing was pressed.
    pub(crate) fn reset(self) {
        self.open.set(false);
        self.sent.set(String::new());
    }
}

/// The keys, while they are open.
#[component]
pub(crate) fn Keypad(
    /// What is shown.
    keypad: KeypadView,
    /// Called with each key that is pressed.
    on_key: Callback<&'static str>,
) -> impl IntoView {
    let key = move |key: &'static str| {
        view! {
            <button type="button" class="bw-button key" on:click=move |_| on_key.run(key)>
                {key}
            </button>
        }
    };
    move || {
        keypad.open.get().then(|| {
            view! {
                <div class="keypad">
                    <div class="keys" role="group" aria-label=text::phone::KEYS>
                        {keypad::KEYS.map(key).collect_view()}
                    </div>
                    <p class="keyed" role="status">
                        {move || keypad.sent.with(|sent| text::phone::sent(sent))}
                    </p>
                </div>
            }
        })
    }
}
