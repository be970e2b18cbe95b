//! Meeting the loader, and connecting to the centre as the visitor it names.

use bellwire_proto::{
    id::SiteKey,
    interaction::Page,
    journey::JourneyEvent,
    link::State,
    mirror::Widget,
    visitor::VisitorCommand,
    wire::{ByeReason, Hello, Pass, VERSION},
};

use super::{
    app::App,
    frame::{FromLoader, Hello as LoaderHello},
    keep,
    text::T,
    watching::browser_wants_quiet,
    wire,
};

use crate::{
    dom::spawn,
    ids,
    link::{Connection, Options},
};

/// How many events of the journey go into one frame.
const EVENTS_AT_ONCE: usize = 15;

impl App {
    pub(super) fn loader_said(self, what: FromLoader) {
        match what {
            FromLoader::Hello(hello) => self.hello(hello),
            FromLoader::Alone => self.hello(alone()),
            FromLoader::Page(page) => self.send(VisitorCommand::Looks(page)),
            FromLoader::Journey(events) => self.journey(events),
            FromLoader::Open(open) => {
                self.open.set(open);
                self.tick();
            }
            FromLoader::Identify(name) => self.named(&name),
            FromLoader::Accepted(invitation) => self.invitation_accepted(&invitation),
            FromLoader::Invitation(invitation, act) => self.invitation_act(invitation, act),
        }
    }

    /// The page around says who the visitor is; for a panel in its own window also each next page.
    fn hello(self, hello: LoaderHello) {
        let inner = self.inner();
        let first = inner.connection.borrow().is_none();
        if first && inner.address.site.is_empty() {
            return self.notice.set(Some(T.no_site));
        }
        self.open.set(hello.open);
        inner.visits.set(hello.visits);
        inner.quiet.set(hello.quiet);
        if first {
            inner.tab.set(hello.tab);
            inner.resume.set(hello.resume);
            inner.token.replace(hello.token);
            self.connect();
            self.return_to_call(hello.resume);
        } else {
            self.tell_loader();
        }
        if !hello.page.url.is_empty() {
            self.send(VisitorCommand::Looks(hello.page));
        }
        self.journey(hello.journey);
    }

    /// A page that comes later is told what the one before was told.
    fn tell_loader(self) {
        let inner = self.inner();
        let Some(frame) = self.frame() else { return };
        if let Some(token) = inner.token.borrow().as_ref() {
            frame.token(token);
        }
        frame.call(inner.carried.borrow().is_some());
        self.tell_badge();
        self.tell_status();
        self.tell_invited();
    }

    fn journey(self, events: Vec<JourneyEvent>) {
        if self.inner().quiet.get() {
            return;
        }
        for events in events.chunks(EVENTS_AT_ONCE) {
            let events = events.to_vec();
            self.send(VisitorCommand::Journey { events });
        }
    }

    fn connect(self) {
        let inner = self.inner();
        let options = Options {
            path: "/ws/visitor",
            hello: Box::new(move || {
                let hello = self.say_hello();
                Box::pin(async move { Ok(hello) })
            }),
            on_frame: Box::new(move |frame| self.heard(frame)),
            on_state: Box::new(move |state| self.link_changed(state)),
        };
        let connection = Connection::open_with(options, wire::frames());
        inner.connection.replace(Some(connection));
    }

    fn say_hello(self) -> Hello {
        let inner = self.inner();
        let token = inner.token.borrow().clone();
        Hello {
            version: VERSION,
            tab: inner.tab.get().unwrap_or_else(ids::tab),
            pass: Pass::Visitor {
                site: SiteKey(inner.address.site.clone()),
                token,
                visits: inner.visits.get(),
                quiet: inner.quiet.get(),
            },
            seen: self.mirror.with_untracked(Widget::seen),
        }
    }

    /// The centre gave a token to come back with.
    pub(super) fn keep_token(self, token: String) {
        match self.frame().filter(|frame| frame.is_heard()) {
            Some(frame) => frame.token(&token),
            None => keep::set_token(Some(&token)),
        }
        self.inner().token.replace(Some(token));
    }

    fn link_changed(self, state: State) {
        self.link.set(state);
        match state {
            State::Up { .. } => {
                self.lost.set(false);
                keep::set_loaded_anew(false);
            }
            State::Resting { .. } => self.lost.set(true),
            State::Over(reason) => self.link_over(reason),
            State::Idle | State::Opening { .. } | State::Greeting { .. } => {}
        }
    }

    /// What may be mended without asking is mended once; the rest the visitor is told.
    fn link_over(self, reason: ByeReason) {
        let inner = self.inner();
        match reason {
            ByeReason::OtherVersion if !keep::loaded_anew() => {
                keep::set_loaded_anew(true);
                self.load_anew();
            }
            ByeReason::NotWelcome if !inner.refused.replace(true) => {
                inner.token.replace(None);
                // The old connection is still telling of its end.
                spawn(async move { self.connect() });
            }
            ByeReason::Restart
            | ByeReason::TooSlow
            | ByeReason::TooFast
            | ByeReason::Replaced
            | ByeReason::NotWelcome
            | ByeReason::UnknownSite
            | ByeReason::Unreadable
            | ByeReason::OtherVersion => {}
        }
    }
}

/// What a panel without a page around it knows of itself.
fn alone() -> LoaderHello {
    let window = web_sys::window();
    let document = window.as_ref().and_then(web_sys::Window::document);
    let language = window.and_then(|window| window.navigator().language());
    LoaderHello {
        token: keep::token(),
        tab: None,
        resume: keep::call().is_some(),
        open: true,
        page: Page {
            url: document
                .map(|document| document.referrer())
                .unwrap_or_default(),
            language: language.unwrap_or_default(),
            ..Page::default()
        },
        journey: Vec::new(),
        visits: 0,
        quiet: browser_wants_quiet(),
    }
}
