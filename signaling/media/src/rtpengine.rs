//! The media anchor on a running rtpengine 10.5: it carries all media, and we tell it what to do.
//!
//! Every leg is a call of its own there, with the far end on one side and an inner side of plain RTP. Who hears a leg subscribes to
//! its far end, and what comes of that goes to the listener's inner side. So legs are joined anew without a new description for
//! anybody, and the ports that were given out stay. Encryption and transcoding are the daemon's. Music, digits that are pressed, and
//! what pages hear of others pass through this process, as plain RTP to the inner sides: it must reach the daemon's ports. Sound
//! alone is carried; pictures are refused.
//!
//! The daemon needs in its settings: `listen-ng`, `timeout` and `silent-timeout` longer than anybody is silent, and for digits that far ends press
//! `dtmf-log-dest` with the address of [`RtpengineSettings::digits`]. A leg takes four of its ports, and two more while it hears
//! another one.

mod control;
mod digits;
mod hub;
mod joining;
mod leg;
mod music;
mod negotiation;
mod page;
mod relay;
mod watching;
mod words;

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use serde_json::json;
use tokio::{
    net::UdpSocket,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::anchor::{
    Anchor, Counts, Described, Events, Hears, Kind, LegId, MediaError, Soon, Want,
};
use control::Control;
use hub::{Hub, Order};
use leg::Leg;

/// Where the daemon is, and how to work with it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RtpengineSettings {
    /// Its control port (`listen-ng`, over UDP).
    pub control: SocketAddr,
    /// The address that descriptions and candidates name; `None`: the one that the daemon names itself (`interface`).
    pub public: Option<IpAddr>,
    /// Where the daemon reports digits (its `dtmf-log-dest`); `None`: no digits are heard.
    pub digits: Option<SocketAddr>,
    /// The names of its interfaces (`interface = name/address`) for the far ends and for the inner sides; `None`: its first one for
    /// both.
    pub interfaces: Option<(String, String)>,
    /// After how long a leg counts as silent. Default: 30 s.
    pub silent_after: Duration,
    /// How often each leg is looked after. Default: 2 s.
    pub look_every: Duration,
}

impl RtpengineSettings {
    /// Those for a daemon at this control port.
    #[must_use]
    pub fn at(control: SocketAddr) -> Self {
        Self {
            control,
            public: None,
            digits: None,
            interfaces: None,
            silent_after: Duration::from_secs(30),
            look_every: Duration::from_secs(2),
        }
    }
}

/// The media anchor on a running rtpengine.
pub struct Rtpengine {
    hub: Arc<Hub>,
    digits: Option<JoinHandle<()>>,
}

impl Rtpengine {
    /// Connects to the daemon. Needs a tokio runtime, now and later.
    ///
    /// # Errors
    ///
    /// [`MediaError::Gone`] where it does not answer, and [`MediaError::Settings`] where the port for digits cannot be opened.
    pub async fn connect(settings: RtpengineSettings) -> Result<Arc<Self>, MediaError> {
        let control = Control::open(settings.control).await?;
        control.order(&json!({ "command": "ping" })).await?;
        let socket = match settings.digits {
            Some(at) => Some(UdpSocket::bind(at).await.map_err(|error| {
                MediaError::Settings(format!("digits cannot be received at {at}: {error}"))
            })?),
            None => None,
        };
        let hub = Arc::new(Hub::new(control, settings));
        let digits = socket.map(|socket| tokio::spawn(digits::receive(socket, hub.clone())));
        Ok(Arc::new(Self { hub, digits }))
    }

    /// Whether the daemon answers.
    ///
    /// # Errors
    ///
    /// [`MediaError::Gone`] where not.
    pub async fn check(&self) -> Result<(), MediaError> {
        self.hub
            .control
            .order(&json!({ "command": "ping" }))
            .await?;
        Ok(())
    }

    /// Gives an order that has an answer.
    fn ask<T: Send + 'static>(
        &self,
        leg: LegId,
        order: impl FnOnce(oneshot::Sender<Result<T, MediaError>>) -> Order,
    ) -> Soon<'_, T> {
        let (reply, answer) = oneshot::channel();
        let given = self.hub.give(leg, order(reply));
        Box::pin(async move {
            match given {
                true => answer.await.unwrap_or(Err(MediaError::Closed)),
                false => Err(MediaError::Closed),
            }
        })
    }
}

impl fmt::Debug for Rtpengine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Rtpengine")
            .field("control", &self.hub.settings.control)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

impl Drop for Rtpengine {
    fn drop(&mut self) {
        self.hub.close_all();
        if let Some(digits) = &self.digits {
            digits.abort();
        }
    }
}

impl Anchor for Rtpengine {
    fn open(&self, kind: Kind, events: Events) -> LegId {
        let (orders, receiver) = mpsc::unbounded_channel();
        let id = self.hub.open(kind, orders);
        let leg = Leg::new(self.hub.clone(), id, kind, events);
        tokio::spawn(leg.run(receiver));
        id
    }

    fn offer(&self, leg: LegId, want: Want) -> Soon<'_, String> {
        self.ask(leg, |reply| Order::Offer(want, reply))
    }

    fn answered(&self, leg: LegId, sdp: String) -> Soon<'_, Described> {
        self.ask(leg, |reply| Order::Answered(sdp, reply))
    }

    fn answer(&self, leg: LegId, sdp: String, want: Want) -> Soon<'_, (String, Described)> {
        self.ask(leg, |reply| Order::Answer(sdp, want, reply))
    }

    fn rollback(&self, leg: LegId) {
        self.hub.give(leg, Order::Rollback);
    }

    fn hear(&self, leg: LegId, what: Hears) {
        self.hub.give(leg, Order::Hear(what));
    }

    fn mute(&self, leg: LegId, muted: bool) {
        self.hub.give(leg, Order::Mute(muted));
    }

    fn press(&self, leg: LegId, digits: String) {
        self.hub.give(leg, Order::Press(digits));
    }

    fn close(&self, leg: LegId) {
        self.hub.close(leg);
    }

    fn counts(&self) -> Counts {
        self.hub.counts()
    }
}
