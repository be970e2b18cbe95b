//! One leg: its orders, one after the other.

use std::{net::SocketAddr, sync::Arc};

use serde_json::{Map, Value, json};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    hub::{Hub, Order, Turn},
    joining::Joined,
    music::Music,
    watching::Watch,
    words::{Far, Opened, Sound, Way},
};
use crate::{
    anchor::{Direction, Events, Hears, Kind, LegEvent, LegId, MediaError, Want},
    srtp::CryptoLine,
};

/// What the far end is called in a leg's call.
pub(super) const FAR: &str = "far";
/// What the inner side is called there.
pub(super) const INNER: &str = "in";
/// How many digits are pressed at once.
const MOST_DIGITS: usize = 64;

/// One leg.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) hub: Arc<Hub>,
    pub(super) id: LegId,
    pub(super) call: String,
    pub(super) kind: Kind,
    pub(super) events: Events,
    /// The number of our descriptions' session, and how often it was described.
    pub(super) session: u64,
    pub(super) version: u64,
    /// Where the far end sends to.
    pub(super) opened: Option<Opened>,
    /// What our descriptions say of keys.
    pub(super) keys: Vec<CryptoLine>,
    /// Where others' sound is sent to.
    pub(super) inner: Option<SocketAddr>,
    /// Our offer that is unanswered.
    pub(super) offered: Option<Want>,
    /// What was wanted last.
    pub(super) want: Want,
    pub(super) far: Option<Far>,
    pub(super) hears: Hears,
    pub(super) joined: Option<Joined>,
    pub(super) music: Option<Music>,
    /// What comes to the inner side, as the daemon was told last.
    pub(super) oriented: Option<Sound>,
    muted: bool,
    blocked: bool,
    pub(super) watch: Watch,
    pub(super) turn: Turn,
    /// Digits are pressed one after the other.
    pressing: Arc<tokio::sync::Mutex<()>>,
}

impl Leg {
    pub(super) fn new(hub: Arc<Hub>, id: LegId, kind: Kind, events: Events) -> Self {
        let call = hub.call(id);
        let watch = Watch::new(hub.settings.silent_after, hub.settings.look_every);
        Self {
            hub,
            id,
            call,
            kind,
            events,
            session: super::control::random() >> 33,
            version: 0,
            opened: None,
            keys: vec![],
            inner: None,
            offered: None,
            want: Want::default(),
            far: None,
            hears: Hears::Nothing,
            joined: None,
            music: None,
            oriented: None,
            muted: false,
            blocked: false,
            watch,
            turn: Turn::default(),
            pressing: Arc::default(),
        }
    }

    /// Does what it is told, until it is closed.
    pub(super) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        loop {
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(Order::Close) | None => break,
                    Some(order) => self.obey(order).await,
                },
                () = at(self.watch.due()) => self.look().await,
            }
        }
        self.end().await;
    }

    async fn obey(&mut self, order: Order) {
        match order {
            // Nobody may wait any more for an answer: its future was dropped.
            Order::Offer(want, reply) => {
                let _ = reply.send(self.offer(want).await);
            }
            Order::Answered(sdp, reply) => {
                let answered = self.answered(&sdp).await;
                let good = answered.is_ok();
                let _ = reply.send(answered);
                if good {
                    self.negotiated().await;
                }
            }
            Order::Answer(sdp, want, reply) => {
                let answered = self.answer(&sdp, want).await;
                let good = answered.is_ok();
                let _ = reply.send(answered);
                if good {
                    self.negotiated().await;
                }
            }
            Order::Rollback => self.offered = None,
            Order::Hear(what) => self.hear(what).await,
            Order::Mute(muted) => {
                self.muted = muted;
                self.block().await;
            }
            Order::Press(digits) => self.press(&digits),
            Order::Changed(source) => {
                if self.source() == Some(source) {
                    self.part().await;
                    self.tune().await;
                }
            }
            Order::Pressed(key) => {
                self.tell(LegEvent::Pressed(key));
                self.hub.pressed(self.id, key);
            }
            Order::HeardPress(source, key) => {
                let joined = self.joined.as_ref();
                if joined.is_some_and(|joined| joined.source == source && joined.relays_digits) {
                    self.press(&key.to_string());
                }
            }
            // The loop has seen to it.
            Order::Close => {}
        }
    }

    /// After a description of the far end was agreed on.
    async fn negotiated(&mut self) {
        let Some(far) = &self.far else {
            return;
        };
        let receives = far.direction.receives();
        self.watch.negotiated(receives);
        self.block().await;
        self.tune().await;
        // Others find the daemon knowing what they are told.
        self.publish();
    }

    /// Withholds what the far end says, or no longer.
    async fn block(&mut self) {
        if self.far.is_none() || self.blocked == self.muted {
            return;
        }
        let command = if self.muted {
            "block media"
        } else {
            "unblock media"
        };
        let order = json!({ "command": command, "call-id": self.call, "from-tag": FAR });
        match self.hub.control.order(&order).await {
            Ok(_) => self.blocked = self.muted,
            Err(error) => tracing::warn!(leg = self.id.0, %error, "a leg cannot be muted"),
        }
    }

    /// Presses keys towards the far end, as packets of ours to the inner side.
    ///
    /// The daemon has an order of its own (`play DTMF`). It wants all sound decoded and encoded anew (`inject-DTMF`), does nothing where
    /// nobody speaks to the far end, and nothing once digits of somebody else have passed.
    fn press(&self, digits: &str) {
        if self.kind == Kind::Browser {
            // It would be another source for it than who speaks, and the newest: see `relay`.
            tracing::debug!(leg = self.id.0, "no keys are pressed towards pages");
            return;
        }
        let digits: String = digits.chars().take(MOST_DIGITS).collect();
        let events = self.far.as_ref().and_then(|far| far.sound.events);
        let (Some(events), Some(inner)) = (events, self.inner) else {
            tracing::debug!(leg = self.id.0, "the far end takes no digits in RTP");
            return;
        };
        let turn = self.pressing.clone();
        tokio::spawn(async move {
            let _turn = turn.lock().await;
            super::digits::press(inner, events, &digits).await;
        });
    }

    async fn end(&mut self) {
        self.hub.listen(self.id, self.source(), None);
        self.part().await;
        if self.opened.is_some() || self.inner.is_some() {
            let order = json!({ "command": "delete", "call-id": self.call, "delete-delay": 0 });
            if let Err(error) = self.hub.control.order(&order).await {
                tracing::debug!(leg = self.id.0, %error, "a leg was not closed");
            }
        }
    }

    /// Tells an event. Nobody may listen any more.
    pub(super) fn tell(&self, event: LegEvent) {
        let _ = self.events.send(event);
    }

    /// A description from the far end, or of it.
    pub(super) fn far_says(&self, command: &str, sdp: &str) -> Value {
        let answers = command == "answer";
        let (from, to) = if answers { (INNER, FAR) } else { (FAR, INNER) };
        let mut order = self.order(command, sdp, from, to);
        order.insert("transport-protocol".into(), "RTP/AVP".into());
        order.insert("ICE".into(), "remove".into());
        order.insert("DTLS".into(), "off".into());
        order.insert("rtcp-mux".into(), json!(["demux"]));
        order.insert("flags".into(), json!(["trust-address"]));
        if let Some((far, inner)) = &self.hub.settings.interfaces {
            order.insert("direction".into(), json!([far, inner]));
        }
        Value::Object(order)
    }

    /// A description of the inner side. The daemon makes ours for the far end of it.
    pub(super) fn inner_says(&self, command: &str, sdp: &str) -> Value {
        let answers = command == "answer";
        let (from, to) = if answers { (FAR, INNER) } else { (INNER, FAR) };
        let mut order = self.order(command, sdp, from, to);
        let protocol = match (&self.far, self.kind) {
            (Some(far), _) => far.way.protocol(),
            (None, Kind::Browser) => "UDP/TLS/RTP/SAVPF",
            (None, Kind::Telephone { secure: true }) => "RTP/SAVP",
            (None, Kind::Telephone { secure: false }) => Way::Plain.protocol(),
        };
        order.insert("transport-protocol".into(), protocol.into());
        let (ice, dtls, mux) = match self.kind {
            Kind::Browser => ("force", "passive", "require"),
            // Taken where it is offered, never asked for.
            Kind::Telephone { .. } => ("remove", "off", if answers { "accept" } else { "demux" }),
        };
        order.insert("ICE".into(), ice.into());
        order.insert("DTLS".into(), dtls.into());
        order.insert("rtcp-mux".into(), json!([mux]));
        // What comes to the inner side comes from many: nobody is learnt there.
        let flags = ["trust-address", "asymmetric", "generate-mid"];
        order.insert("flags".into(), json!(flags));
        if let Some(public) = self.hub.settings.public {
            let family = if public.is_ipv4() { "IP4" } else { "IP6" };
            order.insert("address-family".into(), family.into());
        }
        if let Some((far, inner)) = &self.hub.settings.interfaces {
            order.insert("direction".into(), json!([inner, far]));
        }
        Value::Object(order)
    }

    fn order(&self, command: &str, sdp: &str, from: &str, to: &str) -> Map<String, Value> {
        let mut order = Map::new();
        order.insert("command".into(), command.into());
        order.insert("call-id".into(), self.call.as_str().into());
        order.insert("from-tag".into(), from.into());
        // A first offer knows nobody at the other side.
        if command == "answer" || self.far.is_some() {
            order.insert("to-tag".into(), to.into());
        }
        order.insert("sdp".into(), sdp.into());
        order.insert("replace".into(), json!(["origin", "session-connection"]));
        order
    }

    /// Gives such an order, and reads what the daemon opened.
    pub(super) async fn exchange(&self, order: &Value) -> Result<Opened, MediaError> {
        let answer = self.hub.control.order(order).await?;
        Opened::read(super::control::word(&answer, "sdp"))
    }
}

/// Waits until then, or for ever.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// What both want of a direction, seen from us.
pub(super) const fn meet(ours: Direction, theirs: Direction) -> Direction {
    match (
        ours.sends() && theirs.receives(),
        ours.receives() && theirs.sends(),
    ) {
        (true, true) => Direction::SendRecv,
        (true, false) => Direction::SendOnly,
        (false, true) => Direction::RecvOnly,
        (false, false) => Direction::Inactive,
    }
}
