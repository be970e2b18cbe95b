//! The life of a socket once its page is let in.

use std::{future::poll_fn, sync::Arc, time::Duration};

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use bellwire_core::Input;
use bellwire_proto::{
    visitor::VisitorEvent,
    wire::{Bye, ByeReason, Down},
};
use futures_util::SinkExt;
use tokio::{
    sync::mpsc::error::TrySendError,
    time::{MissedTickBehavior, interval},
};

use super::{
    Page, STALLED,
    line::{Line, Next, frame},
    rate::{Allowance, Rate},
    read::{Said, said},
};
use crate::{
    app::App,
    centre::{Heard, Side, bye},
    metrics,
};

/// How often silence is looked for.
const TICK: Duration = Duration::from_secs(15);

/// A page is gone after this many ticks without a frame: 45 to 60 s. Pages ping every 10 s.
const SILENT_TICKS: u8 = 4;

/// The burst that is allowed, as seconds of the steady rate.
const BURST_S: u32 = 4;

/// Serves a page from its welcome to its end, and tells the centre of both.
pub(super) async fn carry<P: Page>(
    app: &Arc<App>,
    socket: &mut WebSocket,
    line: Arc<Line>,
    side: Side,
    joined: Input,
) -> Option<Bye> {
    let connection = line.id();
    let first = Heard::joined(line.clone(), side, joined);
    if app.heard.send(first).await.is_err() {
        return Some(bye(ByeReason::Restart));
    }
    let end = Carried::<P>::new(app, line).serve(socket).await;
    let left = Heard::left(connection, P::left(connection));
    // A centre that stops hears nothing any more, and need not: it starts without connections.
    let _ = app.heard.send(left).await;
    end
}

struct Carried<'a, P> {
    app: &'a App,
    line: Arc<Line>,
    frames: prometheus_client::metrics::counter::Counter,
    rate: Rate,
    /// A command for which the centre has no room yet. No more is read meanwhile.
    stuck: Option<Box<Heard>>,
    silent: u8,
    page: std::marker::PhantomData<P>,
}

impl<'a, P: Page> Carried<'a, P> {
    fn new(app: &'a App, line: Arc<Line>) -> Self {
        let side = metrics::Side { side: P::NAME };
        Self {
            app,
            line,
            frames: app.metrics.frames.get_or_create_owned(&side),
            rate: Rate::new(allowance(app), app.clock.now()),
            stuck: None,
            silent: 0,
            page: std::marker::PhantomData,
        }
    }

    async fn serve(&mut self, socket: &mut WebSocket) -> Option<Bye> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                next = poll_fn(|cx| self.line.poll_next(cx)) => match next {
                    Next::Frame(frame) => if !send(socket, frame, &self.line).await {
                        return None;
                    },
                    Next::End(bye) => return Some(bye),
                },
                room = self.app.heard.reserve(), if self.stuck.is_some() => match room {
                    Ok(room) => {
                        if let Some(heard) = self.stuck.take() {
                            room.send(*heard);
                        }
                    }
                    Err(_stopping) => return Some(bye(ByeReason::Restart)),
                },
                message = socket.recv(), if self.stuck.is_none() => match message {
                    Some(Ok(message)) => if let Err(end) = self.hear(message) {
                        return end;
                    },
                    Some(Err(error)) => {
                        tracing::debug!(%error, "a socket failed");
                        return Some(bye(ByeReason::Unreadable));
                    }
                    None => return None,
                },
                _ = tick.tick() => {
                    self.silent += 1;
                    if self.silent > SILENT_TICKS {
                        return Some(bye(ByeReason::TooSlow));
                    }
                }
            }
        }
    }

    /// Does what a message says. An error ends the connection, with a farewell where one helps.
    fn hear(&mut self, message: Message) -> Result<(), Option<Bye>> {
        self.silent = 0;
        match message {
            Message::Text(text) => self.hear_text(&text).map_err(|reason| Some(bye(reason))),
            Message::Binary(_) => Err(Some(bye(ByeReason::Unreadable))),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(None),
        }
    }

    fn hear_text(&mut self, text: &Utf8Bytes) -> Result<(), ByeReason> {
        self.frames.inc();
        if !self.rate.take(allowance(self.app), self.app.clock.now()) {
            return Err(ByeReason::TooFast);
        }
        let connection = self.line.id();
        match said::<P::Command>(text) {
            Said::Signal(interaction) => {
                if let Some(other) = self.line.across(interaction) {
                    self.app.metrics.relayed.inc();
                    other.push(text.clone());
                } else {
                    self.app.metrics.relay_dropped.inc();
                }
                Ok(())
            }
            Said::Do(n, command) => self.tell(Heard::command(
                connection,
                n,
                Some(P::asks(connection, command)),
            )),
            Said::Ping => {
                self.line.push(frame(&Down::<VisitorEvent>::Pong));
                Ok(())
            }
            Said::Ice => {
                if self.line.is_bridged() {
                    self.line.push(self.app.ice(connection));
                }
                Ok(())
            }
            Said::Unknown(n) => {
                self.app.metrics.unknown_frames.inc();
                tracing::debug!(%connection, bytes = text.len(), "passed over an unknown frame");
                match n {
                    Some(n) => self.tell(Heard::command(connection, n, None)),
                    None => Ok(()),
                }
            }
            Said::Garbage => {
                tracing::debug!(%connection, bytes = text.len(), "a frame is not JSON");
                Err(ByeReason::Unreadable)
            }
        }
    }

    fn tell(&mut self, heard: Heard) -> Result<(), ByeReason> {
        match self.app.heard.try_send(heard) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(heard)) => {
                self.stuck = Some(Box::new(heard));
                Ok(())
            }
            Err(TrySendError::Closed(_)) => Err(ByeReason::Restart),
        }
    }
}

/// Sends a frame and what else waits, in one go; false where the page is gone, or takes nothing any more.
async fn send(socket: &mut WebSocket, frame: Utf8Bytes, line: &Line) -> bool {
    let sent = async {
        socket.feed(Message::Text(frame)).await?;
        while let Some(frame) = line.more() {
            socket.feed(Message::Text(frame)).await?;
        }
        socket.flush().await
    };
    matches!(tokio::time::timeout(STALLED, sent).await, Ok(Ok(())))
}

fn allowance(app: &App) -> Allowance {
    let per_second = app.config.limits.frames_per_second;
    Allowance {
        burst: per_second.saturating_mul(BURST_S),
        per_second,
    }
}
