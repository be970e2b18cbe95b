//! The sockets of pages: who may open one, how a page is let in, and what is passed where.
//!
//! One task serves one socket. What it hears goes to the centre; signals of a call go straight to
//! the other page; what it is to say waits in its [`line::Line`]. Ten thousand idle sockets are
//! the usual case, so what one holds is kept small.

mod agent;
mod carry;
mod hello;
pub(crate) mod line;
pub(crate) mod rate;
mod read;
mod visitor;

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use bellwire_core::Input;
use bellwire_proto::{
    id::ConnectionId,
    visitor::VisitorEvent,
    wire::{Bye, Down},
};
use serde::de::DeserializeOwned;

use crate::{app::App, metrics};

pub(crate) use agent::upgrade as agent;
pub(crate) use visitor::upgrade as visitor;

/// How long a page has for its first frame.
const GREETING: Duration = Duration::from_secs(10);

/// How long one frame may take to leave before the page counts as gone.
const STALLED: Duration = Duration::from_secs(10);

/// How long a page has to answer a close.
const CLOSING: Duration = Duration::from_secs(1);

/// Frames that wait for a socket are collected up to so many bytes.
const WRITTEN_AT_ONCE: usize = 8 * 1024;

/// What differs between the two kinds of page.
trait Page: Send + 'static {
    /// What it may ask.
    type Command: DeserializeOwned + Send;
    /// Its name among the metrics.
    const NAME: &'static str;
    /// It asks for something.
    fn asks(connection: ConnectionId, command: Self::Command) -> Input;
    /// It is gone.
    fn left(connection: ConnectionId) -> Input;
}

/// The upgrade with the buffers and limits of this server.
fn sized(app: &App, upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(1024)
        .write_buffer_size(WRITTEN_AT_ONCE)
        .max_message_size(app.config.limits.message_bytes)
        .max_frame_size(app.config.limits.message_bytes)
}

/// Counts a socket for as long as it lives.
struct Counted {
    app: Arc<App>,
    name: &'static str,
}

impl Counted {
    fn new(app: &Arc<App>, name: &'static str) -> Self {
        app.metrics
            .connections
            .get_or_create(&metrics::Side { side: name })
            .inc();
        Self {
            app: app.clone(),
            name,
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.app
            .metrics
            .connections
            .get_or_create(&metrics::Side { side: self.name })
            .dec();
    }
}

/// Says farewell and closes. The page's own close is awaited for a moment: a socket that is
/// closed with unread frames in it is reset, and the farewell would be lost.
async fn part(app: &App, mut socket: WebSocket, bye: Bye) {
    app.metrics.bye(bye.reason);
    let told = line::frame(&Down::<VisitorEvent>::Bye(bye));
    let close = Message::Close(Some(CloseFrame {
        code: bye.reason.close_code(),
        reason: "".into(),
    }));
    let farewell = async {
        socket.send(Message::Text(told)).await?;
        socket.send(close).await?;
        while let Some(Ok(_)) = socket.recv().await {}
        Ok::<_, axum::Error>(())
    };
    // Whoever does not listen any more does not hear the farewell either.
    let _ = tokio::time::timeout(CLOSING, farewell).await;
}
