//! The panel's line to the loader in the site's page.
//!
//! The panel says `ready` to the page that framed or opened it, and only if the site allows that
//! page's origin; the loader answers `hello` with a port, over which everything else goes. A panel
//! without such a page, or without an answer, works alone. A panel in its own window says `ready`
//! again whenever the page that opened it goes to another one.

use std::{cell::RefCell, rc::Rc};

use bellwire_proto::{
    id::{InvitationId, TabId},
    interaction::Page,
    journey::JourneyEvent,
    visitor::{CentreView, InvitationAct, InvitationView},
};
use gloo_timers::callback::Interval;
use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Event, MessageEvent, MessagePort, UrlSearchParams, Window};

use crate::{
    dom::Listener,
    json::{self, Write},
};

mod read;

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
    /// The visitor took the invitation on the page around.
    Accepted(InvitationView),
    /// What else became of an invitation.
    Invitation(InvitationId, InvitationAct),
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
    /// How often the visitor has come; 0 where nobody counts.
    pub(crate) visits: u32,
    /// The visitor does not want to be watched.
    pub(crate) quiet: bool,
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

    /// What the launcher shows of the centre.
    pub(crate) fn status(&self, centre: &CentreView) {
        self.post("status", "view", &object(centre));
    }

    /// The invitation that stands, or none.
    pub(crate) fn invited(&self, invitation: Option<&InvitationView>) {
        let invitation = invitation.map_or(JsValue::NULL, |invitation| object(invitation));
        self.post("invited", "invitation", &invitation);
    }

    /// Whether the visitor may be watched.
    pub(crate) fn monitoring(&self, on: bool) {
        self.post("monitoring", "on", &on.into());
    }

    /// Asks for the page around to go to another one of the site.
    pub(crate) fn go(&self, url: &str) {
        let go = message("go", "url", &url.into());
        // Setting a property of a plain object cannot fail.
        let _ = Reflect::set(&go, &"elsewhere".into(), &JsValue::FALSE);
        if let Some(port) = &self.line.borrow().port {
            // The words of a message can always be copied.
            let _ = port.post_message(&go);
        }
    }

    /// The origin of the page around.
    pub(crate) fn site(&self) -> &str {
        &self.origin
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
        if event.origin() != self.origin || !from_other || read::text(&data, "bw") != "hello" {
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
        (self.heard)(FromLoader::Hello(read::hello(&data)));
    }

    fn told(self: &Rc<Self>, data: &JsValue) {
        match read::message(data) {
            Some(what) => (self.heard)(what),
            None if self.in_window && read::text(data, "bw") == "bye" => self.ready(),
            // Of another version of the loader.
            None => {}
        }
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

/// What the page around reads as it reads the centre's own words.
fn object(value: &dyn Write) -> JsValue {
    JSON::parse(&json::write(value)).unwrap_or(JsValue::NULL)
}

fn message(kind: &str, key: &str, value: &JsValue) -> JsValue {
    let message = Object::new();
    // Setting a property of a plain object cannot fail.
    let _ = Reflect::set(&message, &"bw".into(), &kind.into());
    let _ = Reflect::set(&message, &key.into(), value);
    message.into()
}
