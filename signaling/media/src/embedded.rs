//! The embedded anchor: one thread with every socket, one UDP port for all browsers, two for each telephone.
//!
//! ```text
//!  Anchor (any task) ── Command ──▶ engine ── leg::Leg ─┬─ page: browser::Browser over the browsers' socket
//!                                     │ tick, 20 ms     └─ phone: own RTP and RTCP sockets, sdp, srtp
//!                                     └── reels, transcoders, reports
//! ```

mod address;
mod command;
mod engine;
mod flow;
mod latch;
mod leg;
mod page;
mod phone;
mod ports;
mod produce;
mod reports;
mod requests;

use std::{
    fmt,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

use futures_util::FutureExt;
use tokio::sync::oneshot;

use self::{command::Command, engine::Engine};
use crate::anchor::{
    Anchor, Counts, Described, Events, Hears, Kind, LegId, MediaError, Settings, Soon, Want,
};

/// The embedded anchor. Its thread ends when this is dropped.
pub struct Embedded {
    commands: mpsc::Sender<Command>,
    waker: Arc<mio::Waker>,
    /// Whether the thread was woken, and has not looked yet.
    woken: Arc<AtomicBool>,
    counts: Arc<Mutex<Counts>>,
    /// What the next leg is called.
    next: AtomicU64,
    browsers: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded")
            .field("browsers", &self.browsers)
            .finish_non_exhaustive()
    }
}

impl Embedded {
    /// Opens the browsers' port and starts the thread.
    ///
    /// # Errors
    ///
    /// What is wrong with the settings, or which port cannot be had.
    pub fn start(settings: Settings) -> Result<Arc<Self>, MediaError> {
        let (commands, taken) = mpsc::channel();
        let counts = Arc::<Mutex<Counts>>::default();
        let engine = Engine::new(settings, taken, counts.clone())?;
        let (waker, browsers) = (engine.waker(), engine.browsers_address());
        let woken = engine.woken();
        let thread = std::thread::Builder::new()
            .name("media".to_owned())
            .spawn(move || engine.run())
            .map_err(|error| MediaError::Gone(error.to_string()))?;
        Ok(Arc::new(Self {
            commands,
            waker,
            woken,
            counts,
            next: AtomicU64::new(1),
            browsers,
            thread: Some(thread),
        }))
    }

    /// Where browsers' media is received, with the port it got.
    #[must_use]
    pub fn browsers_address(&self) -> SocketAddr {
        self.browsers
    }

    fn tell(&self, command: Command) {
        if self.commands.send(command).is_ok()
            && !self.woken.swap(true, Ordering::SeqCst)
            && let Err(error) = self.waker.wake()
        {
            tracing::error!(%error, "the media thread cannot be woken");
        }
    }

    fn ask<T: Send + 'static>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, MediaError>>) -> Command,
    ) -> Soon<'_, T> {
        let (tell, told) = oneshot::channel();
        self.tell(command(tell));
        async move {
            told.await
                .unwrap_or_else(|_| Err(MediaError::Gone("its thread ended".to_owned())))
        }
        .boxed()
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.tell(Command::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the media thread panicked");
        }
    }
}

impl Anchor for Embedded {
    fn open(&self, kind: Kind, events: Events) -> LegId {
        let leg = LegId(self.next.fetch_add(1, Ordering::Relaxed));
        // The thread need not be woken: whoever opens a leg describes it next.
        let _ = self.commands.send(Command::Open { leg, kind, events });
        leg
    }

    fn offer(&self, leg: LegId, want: Want) -> Soon<'_, String> {
        self.ask(|reply| Command::Offer { leg, want, reply })
    }

    fn answered(&self, leg: LegId, sdp: String) -> Soon<'_, Described> {
        self.ask(|reply| Command::Answered { leg, sdp, reply })
    }

    fn answer(&self, leg: LegId, sdp: String, want: Want) -> Soon<'_, (String, Described)> {
        self.ask(|reply| Command::Answer {
            leg,
            sdp,
            want,
            reply,
        })
    }

    fn rollback(&self, leg: LegId) {
        self.tell(Command::Rollback { leg });
    }

    fn hear(&self, leg: LegId, what: Hears) {
        self.tell(Command::Hear { leg, what });
    }

    fn mute(&self, leg: LegId, muted: bool) {
        self.tell(Command::Mute { leg, muted });
    }

    fn press(&self, leg: LegId, digits: String) {
        self.tell(Command::Press { leg, digits });
    }

    fn close(&self, leg: LegId) {
        self.tell(Command::Close { leg });
    }

    fn counts(&self) -> Counts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
