//! Desktop notifications: asked for by a press on a button, never by surprise.

use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Notification, NotificationOptions, NotificationPermission};

/// A notification on the screen; it goes when this is dropped.
#[derive(Debug)]
pub(super) struct Shown {
    notification: Notification,
    _on_click: Closure<dyn Fn()>,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.notification.set_onclick(None);
        self.notification.close();
    }
}

/// The agent can still be asked. False where it is answered, or the browser has none.
pub(super) fn may_ask() -> bool {
    is_there() && Notification::permission() == NotificationPermission::Default
}

/// Asks the agent, then calls `answered`.
pub(super) fn ask(answered: impl FnOnce() + 'static) {
    if !is_there() {
        return;
    }
    let Ok(asking) = Notification::request_permission() else {
        return;
    };
    spawn_local(async move {
        // Whatever the answer is, the browser now knows it.
        _ = JsFuture::from(asking).await;
        answered();
    });
}

/// Shows a notification, where the agent allowed it. A click on it brings the desk to the front.
pub(super) fn show(title: &str, body: &str) -> Option<Shown> {
    if !is_there() || Notification::permission() != NotificationPermission::Granted {
        return None;
    }
    let options = NotificationOptions::new();
    options.set_body(body);
    options.set_tag("bellwire-offer");
    options.set_require_interaction(true);
    let notification = Notification::new_with_options(title, &options).ok()?;
    let on_click = Closure::<dyn Fn()>::new(|| {
        if let Some(window) = web_sys::window() {
            _ = window.focus();
        }
    });
    notification.set_onclick(Some(on_click.as_ref().unchecked_ref()));
    Some(Shown {
        notification,
        _on_click: on_click,
    })
}

/// Some browsers (on phones) have no notifications from pages.
fn is_there() -> bool {
    web_sys::window().is_some_and(|window| {
        js_sys::Reflect::has(&window, &"Notification".into()).unwrap_or(false)
    })
}
