//! A button that opens a small panel beneath it, and a dialog over the whole desk.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// A panel under a button. It closes by Escape, and when the focus or a press goes elsewhere.
#[component]
pub(crate) fn Popover(
    /// Open now.
    open: RwSignal<bool>,
    /// Extra classes of the place around button and panel.
    #[prop(optional)]
    class: &'static str,
    /// The button.
    button: AnyView,
    /// The panel's content.
    children: ChildrenFn,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let is_inside = move |target: Option<web_sys::EventTarget>| {
        let target = target.and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        match (place.get_untracked(), target) {
            (Some(place), Some(target)) => place.contains(Some(&target)),
            (Some(_) | None, None) | (None, Some(_)) => false,
        }
    };
    let outside = window_event_listener(ev::pointerdown, move |event| {
        if open.get_untracked() && !is_inside(event.target()) {
            open.set(false);
        }
    });
    on_cleanup(move || outside.remove());
    let focus_left = move |event: ev::FocusEvent| {
        let to = event.related_target();
        if to.is_some() && !is_inside(to) {
            open.set(false);
        }
    };
    let key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.stop_propagation();
            open.set(false);
            focus_first(place);
        }
    };
    let panel = move || {
        open.get()
            .then(|| view! { <div class="popover">{children()}</div> })
    };

    view! {
        <div
            node_ref=place
            class=format!("popover-place {class}")
            on:focusout=focus_left
            on:keydown=key
        >
            {button}
            {panel}
        </div>
    }
}

/// A dialog over the desk; the browser keeps the focus inside and closes it by Escape.
#[component]
pub(crate) fn Dialog(
    /// Open now.
    open: RwSignal<bool>,
    /// Its title.
    title: &'static str,
    /// What its closing button says.
    #[prop(default = crate::text::CLOSE)]
    close: &'static str,
    /// Its content; made anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let open = open.get();
        let Some(dialog) = dialog.get() else { return };
        if open && !dialog.open() {
            // Fails only for a dialog that is not on the page.
            _ = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });

    view! {
        <dialog node_ref=dialog class="dialog" aria-label=title on:close=move |_| open.set(false)>
            <h2>{title}</h2>
            {move || open.get().then(|| children())}
            <form method="dialog">
                <button class="bw-button">{close}</button>
            </form>
        </dialog>
    }
}

fn focus_first(place: NodeRef<html::Div>) {
    let button = place
        .get_untracked()
        .and_then(|place| place.query_selector("button").ok().flatten())
        .and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(button) = button {
        // An element that is on the page takes the focus.
        _ = button.focus();
    }
}
