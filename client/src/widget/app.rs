//! The panel's state as signals, and its connection to the centre.
//!
//! [`App`] is a handful of signals that every view may copy. What it does is told by subject:
//! here the start and the connection, in `told` what the centre says, in `calling`, `writing`,
//! `asking`, `changing` and `watching` what the visitor does, in `music` what is heard meanwhile.

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
};

use bellwire_proto::{
    id::{InteractionId, TabId},
    interaction::LONGEST_NAME,
    link::State,
    mirror::Widget,
    rtc::Sending,
    time::Timestamp,
    visitor::{VisitorCommand, VisitorEvent},
};
use gloo_timers::callback::Interval;
use web_sys::MediaStream;

use super::{
    carrying::Carried,
    changing::Changed,
    frame::{Address, Frame},
    keep,
    music::{Music, Sounds},
    prompting::Typed,
    screen::{Here, Place, Screen, screen, unread},
    sentence::cut,
    signals::{Memo, RwSignal, bind},
    text::T,
};
use crate::{
    dom::Listener,
    link::Connection,
    rtc::{CallState, Level, MediaProblem, devices::Devices},
};

/// Everything the views show, and everything they report to.
#[derive(Clone, Copy)]
pub(crate) struct App {
    /// What the centre told.
    pub(crate) mirror: RwSignal<Widget>,
    /// The centre has told its state at least once.
    pub(crate) known: RwSignal<bool>,
    /// What only this page knows.
    pub(crate) here: RwSignal<Here>,
    /// What is shown, decided from the two above.
    pub(crate) screen: Memo<Screen>,
    /// The connection to the centre.
    pub(crate) link: RwSignal<State>,
    /// The connection failed or broke and does not stand yet.
    pub(crate) lost: RwSignal<bool>,
    /// The centre's time, each second while the panel is open.
    pub(crate) now: RwSignal<Timestamp>,
    /// The panel is open.
    pub(crate) open: RwSignal<bool>,
    /// The tab is looked at.
    pub(crate) looked_at: RwSignal<bool>,
    /// Something to tell once, until the visitor moves on.
    pub(crate) notice: RwSignal<Option<&'static str>>,
    /// The call's own and remote side.
    pub(crate) call: CallSignals,
    /// The chat.
    pub(crate) chat: ChatSignals,
    /// What is heard while a call waits.
    pub(crate) sounds: Sounds,
    /// What is typed into forms, by fact, until it is sent.
    pub(crate) typed: RwSignal<Typed>,
    /// The prompt whose answer is on its way.
    pub(crate) answered: RwSignal<Option<(InteractionId, u32)>>,
    inner: RwSignal<Rc<Inner>>,
}

/// What the views show of a call's media.
#[derive(Clone, Copy)]
pub(crate) struct CallSignals {
    /// What the microphone and camera give.
    pub(crate) stream: RwSignal<Option<MediaStream>>,
    /// What the agent's side gives.
    pub(crate) remote: RwSignal<Option<MediaStream>>,
    /// Why there is no microphone or camera.
    pub(crate) problem: RwSignal<Option<MediaProblem>>,
    /// The devices to choose from.
    pub(crate) devices: RwSignal<Devices>,
    /// How the call stands.
    pub(crate) state: RwSignal<CallState>,
    /// What the agent sends.
    pub(crate) theirs: RwSignal<Sending>,
    /// The own microphone is muted.
    pub(crate) muted: RwSignal<bool>,
    /// The own camera is on.
    pub(crate) camera: RwSignal<bool>,
    /// How good the call is.
    pub(crate) quality: RwSignal<Option<Level>>,
    /// The chosen speaker; empty for the standard one.
    pub(crate) speaker: RwSignal<String>,
    /// Who the call is or was with, and since when.
    pub(crate) with: RwSignal<Option<(String, Timestamp)>>,
    /// When this page began to wait.
    pub(crate) asked: RwSignal<Timestamp>,
}

/// What the views show of the chat besides the lines.
#[derive(Clone, Copy)]
pub(crate) struct ChatSignals {
    /// The text being written.
    pub(crate) draft: RwSignal<String>,
    /// Who is typing, and until when that is shown.
    pub(crate) typing: RwSignal<Option<(InteractionId, Timestamp)>>,
    /// An ended chat that the visitor put aside for a new one.
    pub(crate) aside: RwSignal<Option<InteractionId>>,
    /// The chat beside a call is shown.
    pub(crate) beside: RwSignal<bool>,
}

/// What is no signal: handles of the browser, and things remembered.
pub(crate) struct Inner {
    pub(super) address: Address,
    pub(super) frame: OnceCell<Rc<Frame>>,
    pub(super) connection: RefCell<Option<Rc<Connection<VisitorCommand, VisitorEvent>>>>,
    pub(super) token: RefCell<Option<String>>,
    pub(super) tab: Cell<Option<TabId>>,
    /// The loader's last word on whether this tab is in a call.
    pub(super) resume: Cell<bool>,
    /// How often the visitor has come, as the loader counts.
    pub(super) visits: Cell<u32>,
    /// The visitor does not want to be watched.
    pub(super) quiet: Cell<bool>,
    /// What was changed ahead of the centre's word.
    pub(super) changed: Cell<Option<Changed>>,
    /// The token was refused once already.
    pub(super) refused: Cell<bool>,
    /// The call whose media this page carries.
    pub(super) carried: RefCell<Option<Carried>>,
    /// The music of a call that waits.
    pub(super) music: RefCell<Music>,
    /// Counts requests for devices: only the last one's answer counts.
    pub(super) asked_devices: Cell<u32>,
    /// The call was attached again: what it said meanwhile is to be said again.
    pub(super) reattached: Cell<bool>,
    /// The last read mark sent.
    pub(super) marked: Cell<Option<(InteractionId, u32)>>,
}

impl App {
    /// An app that has not started.
    pub(crate) fn new(address: Address) -> Self {
        let mirror = RwSignal::new(Widget::default());
        let here = RwSignal::new(Here::default());
        let inner = Inner {
            address,
            frame: OnceCell::new(),
            connection: RefCell::default(),
            token: RefCell::default(),
            tab: Cell::default(),
            resume: Cell::default(),
            visits: Cell::default(),
            quiet: Cell::default(),
            changed: Cell::default(),
            refused: Cell::default(),
            carried: RefCell::default(),
            music: RefCell::default(),
            asked_devices: Cell::default(),
            reattached: Cell::default(),
            marked: Cell::default(),
        };
        Self {
            mirror,
            known: RwSignal::new(false),
            here,
            screen: Memo::new(move || mirror.with(|widget| screen(widget, here.get()))),
            link: RwSignal::new(State::Idle),
            lost: RwSignal::new(false),
            now: RwSignal::new(Timestamp::default()),
            open: RwSignal::new(false),
            looked_at: RwSignal::new(true),
            notice: RwSignal::new(None),
            call: CallSignals {
                stream: RwSignal::new(None),
                remote: RwSignal::new(None),
                problem: RwSignal::new(None),
                devices: RwSignal::new(Devices::default()),
                state: RwSignal::new(CallState::Connecting),
                theirs: RwSignal::new(Sending::default()),
                muted: RwSignal::new(false),
                camera: RwSignal::new(false),
                quality: RwSignal::new(None),
                speaker: RwSignal::new(String::new()),
                with: RwSignal::new(None),
                asked: RwSignal::new(Timestamp::default()),
            },
            chat: ChatSignals {
                draft: RwSignal::new(String::new()),
                typing: RwSignal::new(None),
                aside: RwSignal::new(None),
                beside: RwSignal::new(false),
            },
            sounds: Sounds::new(),
            typed: RwSignal::new(keep::typed()),
            answered: RwSignal::new(None),
            inner: RwSignal::new(Rc::new(inner)),
        }
    }

    /// Finds the loader, and connects when it, or nobody, has answered.
    pub(crate) fn start(self) {
        let inner = self.inner();
        let frame = Frame::start(&inner.address, Box::new(move |what| self.loader_said(what)));
        // Set once: `start` is called once.
        let _ = inner.frame.set(frame);
        Interval::new(1_000, move || self.tick()).forget();
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            self.looked_at.set(!document.hidden());
            let page = document.clone();
            let changed = move |_| self.looked_at.set(!page.hidden());
            Listener::new(&document, "visibilitychange", changed).forever();
        }
        let lines = Memo::new(move || self.mirror.with(unread));
        bind(move || {
            lines.get();
            self.tell_badge();
        });
        bind(move || self.mark_read());
        self.follow_waiting();
    }

    pub(super) fn inner(self) -> Rc<Inner> {
        self.inner.get_untracked()
    }

    /// The line to the loader.
    pub(super) fn frame(self) -> Option<Rc<Frame>> {
        self.inner().frame.get().cloned()
    }

    /// Asks the centre for something. What cannot even be kept is told.
    pub(super) fn send(self, command: VisitorCommand) {
        let connection = self.inner().connection.borrow().clone();
        let kept = connection.is_some_and(|connection| connection.send(command).is_ok());
        if !kept {
            self.notice.set(Some(T.not_sent_full));
        }
    }

    /// The connection to the centre, once there is one.
    pub(super) fn connection(self) -> Option<Rc<Connection<VisitorCommand, VisitorEvent>>> {
        self.inner().connection.borrow().clone()
    }

    /// The centre's time.
    pub(super) fn server_now(self) -> Timestamp {
        let connection = self.connection();
        connection.map_or_else(crate::clock::now, |connection| connection.server_now())
    }

    /// Goes to another place of the panel; notices and the end of the last call are done with.
    pub(crate) fn go(self, place: Place) {
        self.notice.set(None);
        let followed = self.here.with_untracked(|here| here.followed);
        // A call that goes on is followed from wherever the visitor is.
        let goes_on = followed.filter(|call| self.is_live(*call));
        self.here.update(|here| {
            here.place = place;
            here.followed = goes_on;
        });
    }

    /// Closes the panel. A call goes on.
    pub(crate) fn close(self) {
        if let Some(frame) = self.frame()
            && frame.open(false)
        {
            self.open.set(false);
        }
    }

    /// Whether the panel can be closed by a button of its own.
    pub(crate) fn can_close(self) -> bool {
        !self.inner().address.window
    }

    /// Loads the panel anew.
    pub(crate) fn load_anew(self) {
        if let Some(window) = web_sys::window() {
            // Fails only while the page is going away already.
            let _ = window.location().reload();
        }
    }

    /// Takes the visitor's name.
    pub(crate) fn named(self, name: &str) {
        let name = cut(name.trim(), LONGEST_NAME).to_owned();
        let same = self
            .mirror
            .with_untracked(|widget| widget.name.as_deref() == Some(&name));
        if name.is_empty() || same {
            return;
        }
        self.mirror
            .update(|widget| widget.name = Some(name.clone()));
        self.send(VisitorCommand::Named { name });
    }

    pub(super) fn tick(self) {
        let now = self.server_now();
        if self.open.get_untracked() {
            self.now.set(now);
        }
        let typed_out = |(_, until)| until <= now;
        if self.chat.typing.get_untracked().is_some_and(typed_out) {
            self.chat.typing.set(None);
        }
    }
}
