//! The first frame of a socket: who is this?

use std::sync::Arc;

use axum::extract::ws::{Message, WebSocket};
use bellwire_proto::{
    id::ConnectionId,
    time::Timestamp,
    visitor::VisitorEvent,
    wire::{Bye, ByeReason, Down, Hello, VERSION, Welcome},
};

use super::{
    GREETING,
    line::{Line, frame},
    read,
};
use crate::{app::App, centre::bye, random};

/// Waits for a hello of this protocol's version.
pub(super) async fn await_hello(app: &App, socket: &mut WebSocket) -> Result<Hello, Bye> {
    let first = async {
        loop {
            match socket.recv().await {
                Some(Ok(Message::Text(text))) => return read_hello(&text),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => {
                    return Err(bye(ByeReason::Unreadable));
                }
            }
        }
    };
    tokio::select! {
        () = app.stop.cancelled() => Err(bye(ByeReason::Restart)),
        hello = tokio::time::timeout(GREETING, first) => {
            hello.unwrap_or_else(|_late| Err(bye(ByeReason::TooSlow)))
        }
    }
}

fn read_hello(text: &str) -> Result<Hello, Bye> {
    match read::hello(text) {
        Some(hello) if hello.version == VERSION => Ok(hello),
        Some(_) => Err(bye(ByeReason::OtherVersion)),
        None => match read::version(text) {
            Some(version) if version != VERSION => Err(bye(ByeReason::OtherVersion)),
            Some(_) | None => {
                tracing::debug!(bytes = text.len(), "the first frame is not a hello");
                Err(bye(ByeReason::Unreadable))
            }
        },
    }
}

/// A line for a page that is let in, with its welcome in it.
pub(super) fn welcome(app: &App, token: Option<String>, now: Timestamp) -> Arc<Line> {
    let connection = ConnectionId::new(now, random::bits());
    let line = Line::new(connection, app.config.limits.queued_frames);
    line.push(frame(&Down::<VisitorEvent>::Welcome(Welcome {
        connection,
        now,
        token,
    })));
    line
}
