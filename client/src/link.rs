//! The page's WebSocket: carries out what [`bellwire_proto::link::Link`] decides.
//!
//! One connection has at most one socket and one timer. Callbacks are called with nothing
//! borrowed, so they may send at once.

use std::{
    cell::{Cell, RefCell},
    fmt,
    pin::Pin,
    rc::{Rc, Weak},
};

use bellwire_proto::{
    link::{Config, Link, Output},
    time::{Timestamp, millis},
    wire::{ByeReason, Down, Hello, Up},
};
use gloo_timers::callback::Timeout;
use serde::{Serialize, de::DeserializeOwned};
use web_sys::{EventTarget, window};

use crate::{clock, dom, dom::Listener, ids};

pub use bellwire_proto::link::{Full, State};

mod socket;

use socket::{Heard, Socket};

/// A boxed future of the page's one thread.
pub type LocalBoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// How frames become text, and text frames.
pub struct Frames<C, E> {
    /// Reads a frame; `None` for what this page does not understand.
    pub read: fn(&str) -> Option<Down<E>>,
    /// Writes a frame; `None` for what cannot be written.
    pub write: fn(&Up<C>) -> Option<String>,
}

impl<C, E> fmt::Debug for Frames<C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames").finish_non_exhaustive()
    }
}

/// Why there is no hello to say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HelloError {
    /// It could not be had just now (the server did not answer). The connection tries again.
    Retry,
    /// It will not be had: not signed in. The connection stops with
    /// `State::Over(ByeReason::NotWelcome)`.
    Over,
}

/// What a connection needs.
pub struct Options<E> {
    /// `/ws/visitor` or `/ws/agent`, at the page's own origin.
    pub path: &'static str,
    /// Makes the hello; asked anew for each socket, so tickets and cursors are fresh.
    pub hello: Box<dyn Fn() -> LocalBoxFuture<Result<Hello, HelloError>>>,
    /// Takes in each frame, welcome and bye included, pongs left out.
    pub on_frame: Box<dyn Fn(Down<E>)>,
    /// Is told each change of the state.
    pub on_state: Box<dyn Fn(State)>,
}

impl<E> fmt::Debug for Options<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// A connection to the server that comes back by itself.
pub struct Connection<C, E> {
    this: Weak<Self>,
    options: Options<E>,
    frames: Frames<C, E>,
    link: RefCell<Link<C, E>>,
    socket: RefCell<Option<Socket>>,
    /// Counts sockets: what an older one still says is dropped.
    turn: Cell<u32>,
    timer: RefCell<Option<Timeout>>,
    listeners: RefCell<Vec<Listener>>,
    pumping: Cell<bool>,
    /// The server's clock minus this computer's, in milliseconds.
    ahead: Cell<i64>,
    over: Cell<Option<ByeReason>>,
    closed: Cell<bool>,
}

impl<C, E> fmt::Debug for Connection<C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("path", &self.options.path)
            .field("over", &self.over.get())
            .finish_non_exhaustive()
    }
}

impl<C, E> Connection<C, E>
where
    C: Clone + Serialize + 'static,
    E: DeserializeOwned + 'static,
{
    /// Opens a connection. It lives until [`Self::close`] or until its last `Rc` is dropped.
    #[must_use]
    pub fn open(options: Options<E>) -> Rc<Self> {
        let frames = Frames {
            read: |text| serde_json::from_str(text).ok(),
            write: |frame| serde_json::to_string(frame).ok(),
        };
        Self::open_with(options, frames)
    }
}

impl<C, E> Connection<C, E>
where
    C: Clone + 'static,
    E: 'static,
{
    /// Opens a connection whose frames are read and written in a way of their own.
    #[must_use]
    pub fn open_with(options: Options<E>, frames: Frames<C, E>) -> Rc<Self> {
        let connection = Rc::new_cyclic(|this| Self {
            this: this.clone(),
            options,
            frames,
            link: RefCell::new(Link::new(Config::default())),
            socket: RefCell::new(None),
            turn: Cell::new(0),
            timer: RefCell::new(None),
            listeners: RefCell::new(Vec::new()),
            pumping: Cell::new(false),
            ahead: Cell::new(0),
            over: Cell::new(None),
            closed: Cell::new(false),
        });
        connection.listen();
        connection.drive(|link| link.open(clock::now()));
        connection
    }

    /// Asks for something. It is kept and said again until the server has stored it.
    ///
    /// # Errors
    ///
    /// [`Full`] where too much is waiting already. Nothing is kept then.
    pub fn send(&self, command: C) -> Result<(), Full> {
        let sent = self.link.borrow_mut().send(command);
        self.pump();
        sent
    }

    /// Sends a frame that is worth nothing later: a signal, or [`Up::Ice`]. It is dropped while
    /// there is no connection.
    pub fn send_now(&self, frame: Up<C>) {
        self.drive(|link| link.send_now(frame));
    }

    /// What the connection does now.
    #[must_use]
    pub fn state(&self) -> State {
        match self.over.get() {
            Some(reason) => State::Over(reason),
            None => self.link.borrow().state(),
        }
    }

    /// The server's time, as far as it is known.
    #[must_use]
    pub fn server_now(&self) -> Timestamp {
        Timestamp(clock::now().0.saturating_add_signed(self.ahead.get()))
    }

    /// Commands that the server has not stored yet, oldest first.
    #[must_use]
    pub fn kept(&self) -> Vec<C> {
        self.link.borrow().kept().cloned().collect()
    }

    /// Tries at once, where the connection waits for its next try.
    pub fn retry(&self) {
        self.drive(|link| link.open(clock::now()));
    }

    /// Ends the connection for good; the callbacks are not called again.
    pub fn close(&self) {
        self.closed.set(true);
        self.over.set(Some(ByeReason::Replaced));
        self.stop();
    }

    fn stop(&self) {
        self.drop_socket();
        drop(self.timer.take());
        drop(self.listeners.take());
    }

    /// Closes the socket, or the attempt at one.
    fn drop_socket(&self) {
        self.turn.set(self.turn.get().wrapping_add(1));
        drop(self.socket.take());
    }

    /// Hears what the browser knows of the network: a page that wakes up, or a cable that is
    /// back, must not wait for a timer.
    fn listen(&self) {
        let Some(window) = window() else { return };
        let mut listeners = Vec::new();
        let mut doubt_on = |target: &EventTarget, event| {
            let this = self.this.clone();
            listeners.push(Listener::new(target, event, move |_| {
                if let Some(connection) = this.upgrade() {
                    connection.drive(|link| link.doubt(clock::now()));
                }
            }));
        };
        doubt_on(&window, "online");
        doubt_on(&window, "offline");
        doubt_on(&window, "pageshow");
        if let Some(document) = window.document() {
            doubt_on(&document, "visibilitychange");
        }
        self.listeners.replace(listeners);
    }

    fn drive(&self, change: impl FnOnce(&mut Link<C, E>)) {
        if self.over.get().is_none() {
            change(&mut self.link.borrow_mut());
            self.pump();
        }
    }

    /// Carries out what the link decided. A callback may send and so come here again: the
    /// outermost round does the work, so that frames are delivered one after the other.
    fn pump(&self) {
        if self.pumping.replace(true) {
            return;
        }
        while !self.closed.get() {
            let next = self.link.borrow_mut().poll_output();
            let Some(output) = next else { break };
            self.carry_out(output);
        }
        self.pumping.set(false);
        self.set_timer();
    }

    fn carry_out(&self, output: Output<C, E>) {
        match output {
            Output::Open => self.open_socket(),
            Output::Send(frame) => self.say(&frame),
            Output::Close => self.drop_socket(),
            Output::Deliver(frame) => {
                if let Down::Welcome(welcome) = &frame {
                    self.ahead.set(ahead(welcome.now, clock::now()));
                }
                (self.options.on_frame)(frame);
            }
            Output::Changed(state) => {
                if let State::Over(reason) = state {
                    self.over.set(Some(reason));
                    self.stop();
                }
                (self.options.on_state)(state);
            }
        }
    }

    fn say(&self, frame: &Up<C>) {
        let Some(text) = (self.frames.write)(frame) else {
            return;
        };
        if let Some(socket) = self.socket.borrow().as_ref() {
            socket.send(&text);
        }
    }

    fn open_socket(&self) {
        self.drop_socket();
        let turn = self.turn.get();
        let hello = (self.options.hello)();
        let this = self.this.clone();
        dom::spawn(async move {
            let hello = hello.await;
            if let Some(connection) = this.upgrade().filter(|c| c.turn.get() == turn) {
                connection.greet(hello, turn);
            }
        });
    }

    fn greet(&self, hello: Result<Hello, HelloError>, turn: u32) {
        let hello = match hello {
            Ok(hello) => hello,
            Err(HelloError::Retry) => return self.lost(),
            Err(HelloError::Over) => return self.not_welcome(),
        };
        let this = self.this.clone();
        let hello = Cell::new(Some(hello));
        let opened = Socket::open(self.options.path, move |heard| {
            let Some(connection) = this.upgrade().filter(|c| c.turn.get() == turn) else {
                return;
            };
            match heard {
                Heard::Opened => {
                    if let Some(hello) = hello.take() {
                        connection.drive(|link| link.opened(hello, clock::now()));
                    }
                }
                Heard::Text(text) => connection.hear(&text),
                Heard::Closed => connection.lost(),
            }
        });
        match opened {
            Some(socket) => drop(self.socket.replace(Some(socket))),
            None => self.lost(),
        }
    }

    fn hear(&self, text: &str) {
        match (self.frames.read)(text) {
            Some(frame) => self.drive(|link| link.heard(frame, ids::jitter(), clock::now())),
            // A newer server says more than this page knows; the rest goes on.
            None => dom::note(
                "Bellwire: a message was not understood",
                &frame_name(text).into(),
            ),
        }
    }

    fn lost(&self) {
        self.drop_socket();
        self.drive(|link| link.closed(ids::jitter(), clock::now()));
    }

    fn not_welcome(&self) {
        self.over.set(Some(ByeReason::NotWelcome));
        self.stop();
        (self.options.on_state)(State::Over(ByeReason::NotWelcome));
    }

    fn set_timer(&self) {
        if self.over.get().is_some() {
            drop(self.timer.take());
            return;
        }
        let until = self.link.borrow().poll_timeout();
        let timer = until.map(|until| {
            let this = self.this.clone();
            let wait = millis(until.since(clock::now())).min(60_000);
            Timeout::new(wait as u32 + 1, move || {
                if let Some(connection) = this.upgrade() {
                    connection.drive(|link| link.handle_timeout(ids::jitter(), clock::now()));
                }
            })
        });
        drop(self.timer.replace(timer));
    }
}

/// How far the server's clock is ahead of this computer's.
fn ahead(server: Timestamp, here: Timestamp) -> i64 {
    i64::try_from(i128::from(server.0) - i128::from(here.0)).unwrap_or(0)
}

/// The start of a frame: its kind, and none of what people said.
fn frame_name(text: &str) -> &str {
    let mut quotes = text.match_indices('"').map(|(at, _)| at);
    let end = quotes.nth(3).map_or(0, |at| at + 1);
    text.get(..end).filter(|name| name.len() < 64).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_behind_the_servers_is_corrected_and_one_ahead_too() {
        assert_eq!(ahead(Timestamp(1_000), Timestamp(400)), 600);
        assert_eq!(ahead(Timestamp(400), Timestamp(1_000)), -600);
    }

    #[test]
    fn a_note_about_an_unknown_frame_holds_its_kind_only() {
        let text = r#"{"tell":{"shouted":{"text":"my password"}}}"#;

        assert_eq!(frame_name(text), r#"{"tell":{"shouted""#);
        assert_eq!(frame_name("nonsense"), "");
    }
}
