//! The keys of a telephone, for agents who answer on one.

use bellwire_proto::id::InteractionId;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use super::parts::plain;
use crate::{
    ui::keypad::{KEYS, key, with},
    widget::{
        app::App,
        dom::{El, div, document, el, focus, when_placed},
        signals::RwSignal,
        text::{T, fill},
    },
};

/// The button that opens the keys, and gets the focus back.
pub(super) const OPENS_KEYPAD: &str = "bw-keys";

/// The keys; the keyboard's work too, while the focus is in them.
pub(super) fn keypad(app: App, call: InteractionId, open: RwSignal<bool>) -> El {
    let sent = RwSignal::new(String::new());
    let press = move |key: &'static str| {
        sent.update(|sent| *sent = with(sent, key));
        app.press_key(call, key);
    };
    let keys = KEYS.map(|key| plain("bw-button key", key).on("click", move |_| press(key)));
    let keys = div("keys")
        .attr("role", "group")
        .attr("aria-label", T.keys)
        .attr("tabindex", "-1")
        .children(keys.into());
    let first = keys.node().clone();
    when_placed(move || focus(&first));
    let told = el("p")
        .class("keyed")
        .attr("role", "status")
        .words(move || match sent.with(String::is_empty) {
            true => String::new(),
            false => fill(T.keyed, &sent.get()),
        });
    div("keypad")
        .on("keydown", move |event| {
            let typed = event.unchecked_ref::<KeyboardEvent>().key();
            if typed == "Escape" {
                event.prevent_default();
                if let Some(button) = document().get_element_by_id(OPENS_KEYPAD) {
                    focus(&button);
                }
                open.set(false);
            } else if let Some(key) = key(&typed) {
                press(key);
            }
        })
        .child(keys)
        .child(told)
}
