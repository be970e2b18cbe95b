//! The few functions that every element of the panel goes through.
//!
//! The panel is the first thing a visitor waits for, so its views are built of one type,
//! [`El`], in place of one type for each view: that halves what is downloaded. What changes by
//! itself is bound to signals as everywhere; a binding ends with the view around it.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, Element, Event, HtmlElement, Node};

use crate::widget::signals::{bind, keep};
use crate::{dom::Listener, ui::Icon};

/// An element being built, or built.
#[derive(Clone)]
pub(crate) struct El(Element);

/// A new element.
pub(crate) fn el(tag: &str) -> El {
    made(document().create_element(tag))
}

/// A new element with a class.
pub(crate) fn div(class: &str) -> El {
    el("div").class(class)
}

/// A paragraph.
pub(crate) fn p(class: &str, text: &str) -> El {
    el("p").class(class).text(text)
}

/// An icon. It says nothing to a screen reader: the button around it has a name.
pub(crate) fn icon(icon: Icon) -> El {
    drawing(icon.path())
}

/// A drawing of one line, on a field of 24 by 24.
pub(crate) fn drawing(path: &str) -> El {
    const SVG: Option<&str> = Some("http://www.w3.org/2000/svg");
    let line = made(document().create_element_ns(SVG, "path")).attr("d", path);
    made(document().create_element_ns(SVG, "svg"))
        .attr("class", "bw-icon")
        .attr("viewBox", "0 0 24 24")
        .attr("aria-hidden", "true")
        .child(line)
}

impl El {
    /// The element itself.
    pub(crate) fn node(&self) -> &Element {
        &self.0
    }

    /// With an attribute.
    pub(crate) fn attr(self, name: &str, value: &str) -> Self {
        set_attr(&self.0, name, Some(value));
        self
    }

    /// With a class.
    pub(crate) fn class(self, class: &str) -> Self {
        self.0.set_class_name(class);
        self
    }

    /// With words, after what it holds already.
    pub(crate) fn text(self, text: &str) -> Self {
        // Fails only where the document's own rules forbid the place.
        let _ = self.0.append_with_str_1(text);
        self
    }

    /// With an element in it, after what it holds already.
    pub(crate) fn child(self, child: Self) -> Self {
        self.add(&child.0);
        self
    }

    /// With several elements in it.
    pub(crate) fn children(self, children: Vec<Self>) -> Self {
        for child in &children {
            self.add(&child.0);
        }
        self
    }

    /// With an element in it, if there is one.
    pub(crate) fn maybe(self, child: Option<Self>) -> Self {
        self.children(child.into_iter().collect())
    }

    /// With what is filled in now, for a field.
    pub(crate) fn value(self, value: &str) -> Self {
        // Fails for no field of a form.
        let _ = Reflect::set(&self.0, &"value".into(), &value.into());
        self
    }

    /// Reports an event of this element, or of one in it.
    pub(crate) fn on(self, event: &'static str, heard: impl FnMut(Event) + 'static) -> Self {
        let heard: Box<dyn FnMut(Event)> = Box::new(heard);
        keep(Listener::new(&self.0, event, heard));
        self
    }

    /// With words that change.
    pub(crate) fn words(self, words: impl Fn() -> String + 'static) -> Self {
        self.bind_words(Box::new(words));
        self
    }

    fn bind_words(&self, words: Box<dyn Fn() -> String>) {
        let element = self.0.clone();
        let mut shown = String::new();
        bind(move || {
            let words = words();
            // The same words again would be read out again.
            if words != shown {
                element.set_text_content(Some(&words));
                shown = words;
            }
        });
    }

    /// With an attribute that changes; absent while `None`.
    pub(crate) fn varies(
        self,
        name: &'static str,
        value: impl Fn() -> Option<String> + 'static,
    ) -> Self {
        self.bind_attr(name, Box::new(value));
        self
    }

    fn bind_attr(&self, name: &'static str, value: Box<dyn Fn() -> Option<String>>) {
        let element = self.0.clone();
        bind(move || set_attr(&element, name, value().as_deref()));
    }

    /// Shown only while this holds.
    pub(crate) fn shown(self, shown: impl Fn() -> bool + 'static) -> Self {
        self.varies("hidden", move || (!shown()).then(String::new))
    }

    /// With a class only while this holds.
    pub(crate) fn class_if(self, class: &'static str, holds: impl Fn() -> bool + 'static) -> Self {
        self.bind_class(class, Box::new(holds));
        self
    }

    fn bind_class(&self, class: &'static str, holds: Box<dyn Fn() -> bool>) {
        let element = self.0.clone();
        bind(move || {
            // Fails for no single word.
            let _ = element.class_list().toggle_with_force(class, holds());
        });
    }

    /// With a place whose content is made anew when what `view` read has changed.
    pub(crate) fn live(self, view: impl Fn() -> Option<Self> + 'static) -> Self {
        self.bind_view(Box::new(view));
        self
    }

    fn bind_view(&self, view: Box<dyn Fn() -> Option<Self>>) {
        let place = div("live").0;
        self.add(&place);
        bind(move || match view() {
            Some(view) => place.replace_children_with_node_1(&view.0),
            None => place.replace_children_with_node_0(),
        });
    }

    fn add(&self, child: &Node) {
        // Fails only where the document's own rules forbid the place.
        let _ = self.0.append_child(child);
    }
}

fn made<E>(element: Result<Element, E>) -> El {
    match element {
        Ok(element) => El(element),
        Err(_) => unreachable!("the names of elements are constants that browsers know"),
    }
}

fn set_attr(element: &Element, name: &str, value: Option<&str>) {
    // Fails only for a name that is none; names are constants.
    let _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

/// The panel's document.
pub(crate) fn document() -> Document {
    match web_sys::window().and_then(|window| window.document()) {
        Some(document) => document,
        None => unreachable!("the panel is a document's own script"),
    }
}

/// Does this when the browser has placed what was built just now.
pub(crate) fn when_placed(work: impl FnOnce() + 'static) {
    if let Some(window) = web_sys::window() {
        let work = Closure::once_into_js(work);
        // Fails for no function.
        let _ = window.request_animation_frame(work.unchecked_ref());
    }
}

/// What is in the field that reports this.
pub(crate) fn entered(event: &Event) -> String {
    let value = event
        .target()
        .map(|field| Reflect::get(&field, &"value".into()));
    value
        .and_then(Result::ok)
        .and_then(|value| value.as_string())
        .unwrap_or_default()
}

/// Whether the box that reports this is ticked.
pub(crate) fn ticked(event: &Event) -> bool {
    let ticked = event
        .target()
        .map(|tick| Reflect::get(&tick, &"checked".into()));
    ticked
        .and_then(Result::ok)
        .is_some_and(|ticked| ticked.is_truthy())
}

/// Moves the focus.
pub(crate) fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // Fails for no element of this document.
        let _ = element.focus();
    }
}
