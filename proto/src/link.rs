//! One page's connection to the server, as a machine without IO.
//!
//! [`Link`] numbers commands, keeps them until the server has stored them, says hello on each
//! new socket, notices a dead one and decides when to try again. The shell around it opens and
//! closes the socket, turns frames into text and keeps the timer.
//!
//! ```text
//!        open()            opened()           welcome
//!  Idle ───────▶ Opening ──────────▶ Greeting ────────▶ Up
//!                   ▲  ◀── closed() ──┴──────────────────┘
//!                   └── after the back-off: Resting ── bye without retry ──▶ Over
//! ```

use std::{collections::VecDeque, time::Duration};

use crate::{
    rtc::Signal,
    time::Timestamp,
    wire::{Bye, ByeReason, Down, Hello, Up},
};

/// Settings of a link.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// The longest silence before the link asks whether anyone is there.
    pub quiet: Duration,
    /// The longest wait for a sign of life, for the welcome, and for a socket to open.
    pub patience: Duration,
    /// The first wait before trying again; it doubles up to `longest_rest`.
    pub first_rest: Duration,
    /// The longest wait before trying again.
    pub longest_rest: Duration,
    /// The most commands kept while there is no connection; more are refused.
    pub most_kept: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            quiet: Duration::from_secs(10),
            patience: Duration::from_secs(5),
            first_rest: Duration::from_millis(250),
            longest_rest: Duration::from_secs(10),
            most_kept: 500,
        }
    }
}

/// What the connection does now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// Never opened.
    Idle,
    /// A socket is being opened.
    Opening {
        /// When to give up on it.
        until: Timestamp,
    },
    /// The hello is said, the welcome is awaited.
    Greeting {
        /// When to give up on it.
        until: Timestamp,
    },
    /// Connected.
    Up {
        /// When the last frame came.
        heard: Timestamp,
        /// When the link asked for a sign of life, if it still waits for one.
        asked: Option<Timestamp>,
    },
    /// Waits before the next try.
    Resting {
        /// Until when.
        until: Timestamp,
    },
    /// Ended for good.
    Over(ByeReason),
}

/// What the shell is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Output<C, E, S = Signal> {
    /// Open a socket. The shell answers with [`Link::opened`] or [`Link::closed`].
    Open,
    /// Send this frame.
    Send(Up<C, S>),
    /// Close the socket; no answer is awaited.
    Close,
    /// Give this frame to the page.
    Deliver(Down<E, S>),
    /// The state changed, for showing it.
    Changed(State),
}

/// More commands than the link keeps while there is no connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("too many requests wait for the connection to come back")]
pub struct Full;

/// A page's end of a connection.
#[derive(Debug)]
pub struct Link<C, E, S = Signal> {
    config: Config,
    state: State,
    tries: u32,
    last_n: u64,
    kept: VecDeque<(u64, C)>,
    outputs: VecDeque<Output<C, E, S>>,
}

impl<C: Clone, E, S> Link<C, E, S> {
    /// A link that is not open yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            state: State::Idle,
            tries: 0,
            last_n: 0,
            kept: VecDeque::new(),
            outputs: VecDeque::new(),
        }
    }

    /// What the connection does now.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether the server hears this page now.
    #[must_use]
    pub fn is_up(&self) -> bool {
        matches!(self.state, State::Up { .. })
    }

    /// Commands that the server has not stored yet, oldest first.
    pub fn kept(&self) -> impl Iterator<Item = &C> {
        self.kept.iter().map(|(_, command)| command)
    }

    /// Opens the connection, or opens it at once where the link rests.
    pub fn open(&mut self, now: Timestamp) {
        match self.state {
            State::Idle | State::Resting { .. } => self.try_open(now),
            State::Opening { .. } | State::Greeting { .. } | State::Up { .. } | State::Over(_) => {}
        }
    }

    /// The socket is open: says hello.
    pub fn opened(&mut self, hello: Hello, now: Timestamp) {
        let State::Opening { .. } = self.state else {
            return;
        };
        self.outputs.push_back(Output::Send(Up::Hello(hello)));
        let until = now + self.config.patience;
        self.change(State::Greeting { until });
    }

    /// The socket failed or closed. `jitter` is random, 0 to 255: it spreads the pages of a
    /// restarted server over time.
    pub fn closed(&mut self, jitter: u8, now: Timestamp) {
        match self.state {
            State::Opening { .. } | State::Greeting { .. } | State::Up { .. } => {
                let rest = self.rest(jitter);
                self.change(State::Resting { until: now + rest });
            }
            State::Idle | State::Resting { .. } | State::Over(_) => {}
        }
    }

    /// Asks for something; kept until the server has stored it.
    ///
    /// # Errors
    ///
    /// [`Full`] where too much is waiting already. Nothing is kept then.
    pub fn send(&mut self, command: C) -> Result<(), Full> {
        if self.kept.len() >= self.config.most_kept {
            return Err(Full);
        }
        self.last_n += 1;
        let n = self.last_n;
        self.kept.push_back((n, command.clone()));
        if self.is_up() {
            self.outputs.push_back(Output::Send(Up::Do { n, command }));
        }
        Ok(())
    }

    /// Sends a frame that is worth nothing later: it is dropped while there is no connection.
    pub fn send_now(&mut self, frame: Up<C, S>) {
        if self.is_up() {
            self.outputs.push_back(Output::Send(frame));
        }
    }

    /// A frame came in.
    pub fn heard(&mut self, frame: Down<E, S>, jitter: u8, now: Timestamp) {
        match self.state {
            State::Greeting { .. } | State::Up { .. } => {}
            State::Idle | State::Opening { .. } | State::Resting { .. } | State::Over(_) => return,
        }
        if let State::Up { heard, asked } = &mut self.state {
            *heard = now;
            *asked = None;
        }
        match frame {
            Down::Welcome(welcome) => {
                self.tries = 0;
                self.change(State::Up {
                    heard: now,
                    asked: None,
                });
                self.outputs
                    .push_back(Output::Deliver(Down::Welcome(welcome)));
                for (n, command) in self.kept.clone() {
                    self.outputs.push_back(Output::Send(Up::Do { n, command }));
                }
            }
            Down::Done { n } => {
                while self.kept.front().is_some_and(|(first, _)| *first <= n) {
                    self.kept.pop_front();
                }
                self.outputs.push_back(Output::Deliver(Down::Done { n }));
            }
            Down::Pong => {}
            Down::Bye(bye) => self.bye(bye, jitter, now),
            Down::Tell(_) | Down::Relay { .. } | Down::Ice(_) => {
                self.outputs.push_back(Output::Deliver(frame));
            }
        }
    }

    /// Lets time pass. Calling it early is harmless.
    pub fn handle_timeout(&mut self, jitter: u8, now: Timestamp) {
        let Some(until) = self.poll_timeout() else {
            return;
        };
        if now < until {
            return;
        }
        match self.state {
            State::Resting { .. } => self.try_open(now),
            State::Opening { .. } | State::Greeting { .. } => self.drop_socket(jitter, now),
            State::Up { heard, asked: None } => {
                self.outputs.push_back(Output::Send(Up::Ping));
                self.state = State::Up {
                    heard,
                    asked: Some(now),
                };
            }
            State::Up { asked: Some(_), .. } => self.drop_socket(jitter, now),
            State::Idle | State::Over(_) => {}
        }
    }

    /// The browser says that the network came back or went: find out now, not later.
    pub fn doubt(&mut self, now: Timestamp) {
        match self.state {
            State::Resting { .. } => self.try_open(now),
            State::Up { heard, asked: None } => {
                self.outputs.push_back(Output::Send(Up::Ping));
                self.state = State::Up {
                    heard,
                    asked: Some(now),
                };
            }
            State::Up { asked: Some(_), .. }
            | State::Idle
            | State::Opening { .. }
            | State::Greeting { .. }
            | State::Over(_) => {}
        }
    }

    /// The next thing to do.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output<C, E, S>> {
        self.outputs.pop_front()
    }

    /// When to call [`Self::handle_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        match self.state {
            State::Idle | State::Over(_) => None,
            State::Opening { until } | State::Greeting { until } | State::Resting { until } => {
                Some(until)
            }
            State::Up { heard, asked: None } => Some(heard + self.config.quiet),
            State::Up {
                asked: Some(asked), ..
            } => Some(asked + self.config.patience),
        }
    }

    fn bye(&mut self, bye: Bye, jitter: u8, now: Timestamp) {
        self.outputs.push_back(Output::Close);
        match bye.retry_in_ms {
            None => self.change(State::Over(bye.reason)),
            Some(ms) => {
                let spread = Duration::from_millis(ms * u64::from(jitter) / 1024);
                let until = now + Duration::from_millis(ms) + spread;
                self.change(State::Resting { until });
            }
        }
        self.outputs.push_back(Output::Deliver(Down::Bye(bye)));
    }

    fn try_open(&mut self, now: Timestamp) {
        self.tries = self.tries.saturating_add(1);
        self.outputs.push_back(Output::Open);
        let until = now + self.config.patience;
        self.change(State::Opening { until });
    }

    fn drop_socket(&mut self, jitter: u8, now: Timestamp) {
        self.outputs.push_back(Output::Close);
        let rest = self.rest(jitter);
        self.change(State::Resting { until: now + rest });
    }

    /// The wait before the next try: doubling, with up to half of it added at random.
    fn rest(&self, jitter: u8) -> Duration {
        let doublings = self.tries.saturating_sub(1).min(16);
        let rest = (self.config.first_rest * 2_u32.pow(doublings)).min(self.config.longest_rest);
        rest + rest * u32::from(jitter) / 512
    }

    fn change(&mut self, state: State) {
        self.state = state;
        self.outputs.push_back(Output::Changed(state));
    }
}
