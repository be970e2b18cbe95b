//! Copying a text, where the browser lets a page do that.

use leptos::prelude::window;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::{notices::Notices, text};

/// Copies a text and says whether that worked.
pub(crate) fn copy(notices: Notices, text: String) {
    let clipboard = window().navigator().clipboard();
    // Insecure pages have none.
    if clipboard.is_undefined() {
        notices.say(text::NOT_COPIED);
        return;
    }
    spawn_local(async move {
        match JsFuture::from(clipboard.write_text(&text)).await {
            Ok(_) => notices.say(text::COPIED),
            Err(_) => notices.say(text::NOT_COPIED),
        }
    });
}
