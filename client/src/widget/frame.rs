//! The panel's line to the loader in the site's page.
//!
//! The panel says `ready` to the page that framed or opened it, and only if the site allows that
//! page's origin; the loader answers `hello` with a port, over which everything else goes. A panel
//! without such a page, or without an answer, works alone. A panel in its own window says `ready`
//! again whenever the page that opened it goes to another one.

use std::{cell::RefCell, rc::Rc};

use bellwire_proto::{
    id::TabId,
    interaction::Page,
    journey::{JourneyEvent, JourneyKind},
    time::Timestamp,
};
use gloo_timers::callback::Interval;
use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Event, MessageEvent, MessagePort, UrlSearchParams, Window};

use crate::dom::Listener;

/// How often a panel in its own window says that it is ready, and how often it may stay
/// unanswered before the panel works alone.
const READY_EVERY_MS: u32 = 500;
const TRIES: u32 = 4;

/// What the loader says.
#[derive(Clone, Debug)]
pub(crate) enum FromLoader {
    /// Who the visitor is and where; or, later, that the page around is another one now.
    Hello(Hello),
    /// The visitor looks at this page now.
    Page(Page),
    /// More of the journey.
    Journey(Vec<JourneyEvent>),
    /// The panel was opened or closed.
    Open(bool),
    /// The page knows the visitor's name.
    Identify(String),
    /// Nobody answers: work alone.
    Alone,
}

/// What the loader knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hello {
    /// The session's token.
    pub(crate) token: Option<String>,
    /// The tab.
    pub(crate) tab: Option<TabId>,
    /// This tab was in a call.
    pub(crate) resume: bool,
    /// The panel is open.
    pub(crate) open: bool,
    /// The page around.
    pub(crate) page: Page,
    /// The journey so far.
    pub(crate) journey: Vec<JourneyEvent>,
}

/// What the address of the panel says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Address {
    /// The site's key.
    pub(crate) site: String,
    /// The origin of the page around.
    origin: String,
    /// The panel is in its own window.
    pub(crate) window: bool,
}

impl Address {
    /// Reads the panel's own address.
    pub(crate) fn read() -> Self {
        let query = web_sys::window().and_then(|window| window.location().search().ok());
        let Some(query) = query.and_then(|query| UrlSearchParams::new_with_str(&query).ok()) else {
            return Self::default();
        };
        Self {
            site: query.get("site").unwrap_or_default(),
            origin: query.get("origin").unwrap_or_default(),
            window: query.get("window").as_deref() == Some("1"),
        }
    }
}

/// The line to the loader.
pub(crate) struct Frame {
    other: Option<Window>,
    origin: String,
    in_window: bool,
    heard: Box<dyn Fn(FromLoader)>,
    line: RefCell<Line>,
}

#[derive(Default)]
struct Line {
    port: Option<MessagePort>,
    tries: u32,
    again: Option<Interval>,
}

impl Frame {
    /// Says `ready`, and reports to `heard` what the loader says.
    pub(crate) fn start(address: &Address, heard: Box<dyn Fn(FromLoader)>) -> Rc<Self> {
        let frame = Rc::new(Self {
            other: other_page(address),
            origin: address.origin.clone(),
            in_window: address.window,
            heard,
            line: RefCell::default(),
        });
        if frame.other.is_none() {
            (frame.heard)(FromLoader::Alone);
            return frame;
        }
        frame.listen();
        frame.ready();
        frame
    }

    /// Whether a page around answered.
    pub(crate) fn is_heard(&self) -> bool {
        self.line.borrow().port.is_some()
    }

    /// The token that the page is to keep.
    pub(crate) fn token(&self, token: &str) {
        self.post("token", "token", &token.into());
    }

    /// Whether this tab is in a call.
    pub(crate) fn call(&self, active: bool) {
        self.post("call", "active", &active.into());
    }

    /// Asks for the panel to be opened or closed. False where nobody can do that.
    pub(crate) fn open(&self, open: bool) -> bool {
        !self.in_window && self.post("open", "open", &open.into())
    }

    /// How many lines are unread.
    pub(crate) fn badge(&self, n: usize) {
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        self.post("badge", "n", &n.into());
    }

    /// Asks for a window of its own. False where nobody can open one.
    pub(crate) fn window(&self, why: &str) -> bool {
        !self.in_window && self.post("window", "why", &why.into())
    }

    fn post(&self, kind: &str, key: &str, value: &JsValue) -> bool {
        let line = self.line.borrow();
        let Some(port) = &line.port else { return false };
        port.post_message(&message(kind, key, value)).is_ok()
    }

    fn listen(self: &Rc<Self>) {
        let Some(window) = web_sys::window() else {
            return;
        };
        let frame = Rc::clone(self);
        let greeted = move |event: Event| frame.greeted(event.unchecked_ref());
        Listener::new(&window, "message", greeted).forever();
        if self.in_window {
            // Only a window can be missed by the loader; a frame goes with its page.
            let frame = Rc::clone(self);
            let gone = move |_| {
                frame.post("gone", "bw", &"gone".into());
            };
            Listener::new(&window, "pagehide", gone).forever();
        }
    }

    /// Says `ready` now, and again until there is an answer.
    fn ready(self: &Rc<Self>) {
        self.say_ready();
        let frame = Rc::clone(self);
        let again = Interval::new(READY_EVERY_MS, move || frame.not_answered());
        let mut line = self.line.borrow_mut();
        line.port = None;
        line.tries = 0;
        line.again = Some(again);
    }

    fn say_ready(&self) {
        let Some(other) = &self.other else { return };
        // Dropped by the browser where the other page is of another origin meanwhile.
        let _ = other.post_message(&message("ready", "bw", &"ready".into()), &self.origin);
    }

    fn not_answered(&self) {
        let tries = {
            let mut line = self.line.borrow_mut();
            line.tries += 1;
            line.tries
        };
        if tries == TRIES {
            (self.heard)(FromLoader::Alone);
        }
        // A frame has one page around it for life; who opened a window may come back to the site.
        if self.in_window {
            self.say_ready();
        }
    }

    fn greeted(self: &Rc<Self>, event: &MessageEvent) {
        let from_other = (self.other.as_ref())
            .is_some_and(|other| event.source().is_some_and(|s| Object::is(&s, other)));
        let data = event.data();
        if event.origin() != self.origin || !from_other || text(&data, "bw") != "hello" {
            return;
        }
        let Some(port) = event.ports().get(0).dyn_into::<MessagePort>().ok() else {
            return;
        };
        let frame = Rc::clone(self);
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            frame.told(&event.data());
        });
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        // The port lives as long as the page; there are few of them.
        on_message.forget();
        {
            let mut line = self.line.borrow_mut();
            line.again = None;
            line.port = Some(port);
        }
        (self.heard)(FromLoader::Hello(hello(&data)));
    }

    fn told(self: &Rc<Self>, data: &JsValue) {
        let what = match text(data, "bw").as_str() {
            "page" => FromLoader::Page(page(&get(data, "page"))),
            "journey" => FromLoader::Journey(journey(&get(data, "events"))),
            "open" => FromLoader::Open(flag(data, "open")),
            "identify" => FromLoader::Identify(text(data, "name")),
            "bye" if self.in_window => return self.ready(),
            _ => return,
        };
        (self.heard)(what);
    }
}

/// The page that framed or opened this one, if the site allows its origin.
fn other_page(address: &Address) -> Option<Window> {
    let window = web_sys::window()?;
    let allowed = window
        .document()?
        .query_selector("meta[name=bellwire-origins]")
        .ok()??
        .get_attribute("content")?;
    if !allowed
        .split_whitespace()
        .any(|origin| origin == address.origin)
    {
        return None;
    }
    let other: Window = if address.window {
        window
            .opener()
            .ok()
            .filter(JsValue::is_object)?
            .unchecked_into()
    } else {
        window.parent().ok()??
    };
    (!Object::is(&other, &window)).then_some(other)
}

fn message(kind: &str, key: &str, value: &JsValue) -> JsValue {
    let message = Object::new();
    // Setting a property of a plain object cannot fail.
    let _ = Reflect::set(&message, &"bw".into(), &kind.into());
    let _ = Reflect::set(&message, &key.into(), value);
    message.into()
}

fn hello(data: &JsValue) -> Hello {
    Hello {
        token: Some(text(data, "token")).filter(|token| !token.is_empty()),
        tab: Some(text(data, "tab"))
            .filter(|tab| !tab.is_empty())
            .map(|tab| tab_id(&tab)),
        resume: flag(data, "resume"),
        open: flag(data, "open"),
        page: page(&get(data, "page")),
        journey: journey(&get(data, "journey")),
    }
}

fn page(data: &JsValue) -> Page {
    Page {
        url: text(data, "url"),
        title: text(data, "title"),
        referrer: text(data, "referrer"),
        language: text(data, "language"),
    }
}

fn journey(data: &JsValue) -> Vec<JourneyEvent> {
    Array::from(data)
        .iter()
        .filter_map(|event| journey_event(&event))
        .collect()
}

fn journey_event(data: &JsValue) -> Option<JourneyEvent> {
    let kind = get(data, "kind");
    let part = |name| Some(get(&kind, name)).filter(JsValue::is_object);
    let kind = if let Some(viewed) = part("viewed") {
        JourneyKind::Viewed {
            url: text(&viewed, "url"),
            title: text(&viewed, "title"),
            referrer: text(&viewed, "referrer"),
        }
    } else if let Some(left) = part("left") {
        JourneyKind::Left {
            url: text(&left, "url"),
            dwell_ms: number(&left, "dwell_ms"),
        }
    } else if let Some(clicked) = part("clicked") {
        JourneyKind::Clicked {
            mark: text(&clicked, "mark"),
        }
    } else {
        let custom = part("custom")?;
        JourneyKind::Custom {
            name: text(&custom, "name"),
            data: JSON::stringify(&get(&custom, "data"))
                .map(String::from)
                .unwrap_or_default(),
        }
    };
    Some(JourneyEvent {
        n: u32::try_from(number(data, "n")).ok()?,
        at: Timestamp(number(data, "at")),
        kind,
    })
}

fn get(data: &JsValue, key: &str) -> JsValue {
    Reflect::get(data, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

fn text(data: &JsValue, key: &str) -> String {
    get(data, key).as_string().unwrap_or_default()
}

fn flag(data: &JsValue, key: &str) -> bool {
    get(data, key).as_bool().unwrap_or_default()
}

/// A whole number that is not negative; a float's `as` ends at the nearest one.
fn number(data: &JsValue, key: &str) -> u64 {
    get(data, key).as_f64().unwrap_or_default() as u64
}

/// The loader names tabs in its own way; the same name gives the same id (128 bits of FNV-1a).
fn tab_id(name: &str) -> TabId {
    if let Ok(id) = name.parse() {
        return id;
    }
    let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    for byte in name.bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    let upper = u64::try_from(hash >> 80).unwrap_or_default();
    TabId::new(Timestamp(upper), hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tabs_name_gives_the_same_id_each_time_and_others_give_others() {
        assert_eq!(tab_id("1-2-3-4"), tab_id("1-2-3-4"));
        assert_ne!(tab_id("1-2-3-4"), tab_id("1-2-3-5"));
    }

    #[test]
    fn a_tab_id_stays_what_it_is() {
        let id = TabId::new(Timestamp(7), 8);

        assert_eq!(tab_id(&id.to_string()), id);
    }
}
