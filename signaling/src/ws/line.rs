//! One live connection as the rest of the server sees it: what waits to be sent, and where its
//! signals go.
//!
//! The socket's own task takes frames out; everyone else puts them in and never waits. A page that
//! reads too slowly loses its connection, not the others' time.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
};

use axum::extract::ws::Utf8Bytes;
use bellwire_proto::{
    id::{ConnectionId, InteractionId},
    wire::{Bye, ByeReason},
};
use futures_util::task::AtomicWaker;
use serde::Serialize;

/// The most bytes that may wait for one socket. A frame is let in while less is waiting, so that
/// the whole state of a busy desk gets through.
const MOST_BYTES: usize = 256 * 1024;

/// One live connection.
pub(crate) struct Line {
    id: ConnectionId,
    most_frames: usize,
    telephone: bool,
    outbox: Mutex<Outbox>,
    ready: AtomicWaker,
    /// Facts for this page that wait for the store: the centre's own note.
    pub(crate) held: HeldCount,
    bridges: Mutex<Vec<(InteractionId, Weak<Self>)>>,
}

/// A count that one task keeps.
#[derive(Debug, Default)]
pub(crate) struct HeldCount(AtomicU32);

impl HeldCount {
    pub(crate) fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn remove(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Outbox {
    frames: VecDeque<Utf8Bytes>,
    bytes: usize,
    end: Option<Bye>,
}

impl Outbox {
    fn pop(&mut self) -> Option<Utf8Bytes> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.len();
        Some(frame)
    }
}

/// What the socket's task is to do next.
pub(crate) enum Next {
    /// Send this frame.
    Frame(Utf8Bytes),
    /// Say this and close.
    End(Bye),
}

impl Line {
    /// A connection for which at most `most_frames` wait.
    pub(crate) fn new(id: ConnectionId, most_frames: usize) -> Arc<Self> {
        Self::of(id, most_frames, false)
    }

    /// A telephone's connection: a page without a screen.
    pub(crate) fn telephone(id: ConnectionId, most_frames: usize) -> Arc<Self> {
        Self::of(id, most_frames, true)
    }

    fn of(id: ConnectionId, most_frames: usize, telephone: bool) -> Arc<Self> {
        Arc::new(Self {
            id,
            most_frames,
            telephone,
            outbox: Mutex::default(),
            ready: AtomicWaker::new(),
            held: HeldCount::default(),
            bridges: Mutex::default(),
        })
    }

    pub(crate) fn id(&self) -> ConnectionId {
        self.id
    }

    /// Whether a telephone is at the other end, and no page.
    pub(crate) fn is_telephone(&self) -> bool {
        self.telephone
    }

    /// Puts a frame in line. A full outbox ends the connection: on the next one the page catches
    /// up. Says whether there was room.
    pub(crate) fn push(&self, frame: Utf8Bytes) -> bool {
        let mut outbox = lock(&self.outbox);
        if outbox.end.is_some() {
            return true;
        }
        if outbox.frames.len() >= self.most_frames || outbox.bytes >= MOST_BYTES {
            outbox.frames = VecDeque::new();
            outbox.end = Some(Bye {
                reason: ByeReason::TooSlow,
                retry_in_ms: Some(500),
            });
            drop(outbox);
            self.ready.wake();
            tracing::debug!(connection = %self.id, "a page reads too slowly");
            return false;
        }
        outbox.bytes += frame.len();
        outbox.frames.push_back(frame);
        drop(outbox);
        self.ready.wake();
        true
    }

    /// Ends the connection after what waits already. The first reason given stands.
    pub(crate) fn end(&self, bye: Bye) {
        lock(&self.outbox).end.get_or_insert(bye);
        self.ready.wake();
    }

    /// The next thing to do, for the one task that serves the socket.
    pub(crate) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Next> {
        self.ready.register(cx.waker());
        let mut outbox = lock(&self.outbox);
        if let Some(frame) = outbox.pop() {
            return Poll::Ready(Next::Frame(frame));
        }
        match outbox.end {
            Some(bye) => Poll::Ready(Next::End(bye)),
            None => Poll::Pending,
        }
    }

    /// The next frame, if one waits: several of them leave in one system call.
    pub(crate) fn more(&self) -> Option<Utf8Bytes> {
        lock(&self.outbox).pop()
    }

    /// Passes signals of this call on to `other` from now on.
    pub(crate) fn bridge(&self, interaction: InteractionId, other: &Arc<Self>) {
        let mut bridges = lock(&self.bridges);
        bridges.retain(|(call, _)| *call != interaction);
        bridges.push((interaction, Arc::downgrade(other)));
    }

    /// Passes no more signals of this call on.
    pub(crate) fn unbridge(&self, interaction: InteractionId) {
        let mut bridges = lock(&self.bridges);
        bridges.retain(|(call, _)| *call != interaction);
        if bridges.is_empty() {
            *bridges = Vec::new();
        }
    }

    /// Where this call's signals go.
    pub(crate) fn across(&self, interaction: InteractionId) -> Option<Arc<Self>> {
        lock(&self.bridges)
            .iter()
            .find(|(call, _)| *call == interaction)
            .and_then(|(_, other)| other.upgrade())
    }

    /// Whether this page is in a call.
    pub(crate) fn is_bridged(&self) -> bool {
        !lock(&self.bridges).is_empty()
    }
}

/// A frame as text, ready for any number of sockets.
pub(crate) fn frame(message: &impl Serialize) -> Utf8Bytes {
    // Wire messages are plain enums with text keys: writing them to memory cannot fail.
    serde_json::to_string(message)
        .map(Utf8Bytes::from)
        .unwrap_or_default()
}

/// The lock, also where another task panicked: each change above leaves a whole state.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use bellwire_proto::time::Timestamp;

    use super::*;

    fn line() -> Arc<Line> {
        Line::new(ConnectionId::new(Timestamp(1), 1), 100)
    }

    fn next(line: &Line) -> Option<Next> {
        match line.poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(next) => Some(next),
            Poll::Pending => None,
        }
    }

    #[test]
    fn frames_come_out_in_order_and_the_end_comes_last() {
        let line = line();
        line.push("a".into());
        line.push("b".into());
        line.end(Bye {
            reason: ByeReason::Restart,
            retry_in_ms: Some(500),
        });
        line.push("late".into());

        assert!(matches!(next(&line), Some(Next::Frame(text)) if text == "a"));
        assert_eq!(line.more().as_deref(), Some("b"));
        assert_eq!(line.more(), None);
        assert!(matches!(next(&line), Some(Next::End(bye)) if bye.reason == ByeReason::Restart));
    }

    #[test]
    fn a_slow_reader_loses_its_connection() {
        let line = line();
        while line.push("x".into()) {}

        assert!(matches!(next(&line), Some(Next::End(bye)) if bye.reason == ByeReason::TooSlow));
    }

    #[test]
    fn one_large_frame_is_let_through() {
        let line = line();

        assert!(line.push("x".repeat(2 * MOST_BYTES).into()));
        assert!(!line.push("y".into()));
    }

    #[test]
    fn signals_go_across_until_the_bridge_is_taken_down() {
        let (one, two) = (line(), line());
        let call = InteractionId::new(Timestamp(1), 2);

        one.bridge(call, &two);
        assert!(one.across(call).is_some() && one.is_bridged());

        one.unbridge(call);
        assert!(one.across(call).is_none() && !one.is_bridged());
    }
}
