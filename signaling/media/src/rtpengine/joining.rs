//! What a leg's far end hears: another leg, sounds, or nothing.

use serde_json::json;

use super::{
    control::word,
    hub::Face,
    leg::{FAR, Leg},
    music::Music,
    relay::Relay,
    words::{self, Opened},
};
use crate::anchor::{Hears, Kind, LegId, MediaError};

/// A leg that is heard.
#[derive(Debug)]
pub(super) struct Joined {
    pub(super) source: LegId,
    /// Its call, and what we are called there.
    call: String,
    tag: String,
    /// Its digits have another number than ours: they are pressed anew.
    pub(super) relays_digits: bool,
    /// For pages.
    _relay: Option<Relay>,
}

impl Leg {
    pub(super) async fn hear(&mut self, what: Hears) {
        let before = self.source();
        self.hears = what;
        let now = self.source();
        self.hub.listen(self.id, before, now);
        self.part().await;
        self.music = None;
        self.tune().await;
    }

    /// Whom the far end is to hear.
    pub(super) fn source(&self) -> Option<LegId> {
        match &self.hears {
            Hears::Leg(source) => Some(*source),
            Hears::Nothing | Hears::Sound(_) => None,
        }
    }

    /// Makes it so, as far as it is not.
    pub(super) async fn tune(&mut self) {
        if self.far.is_none() {
            return;
        }
        if let Err(error) = self.try_tune().await {
            tracing::warn!(leg = self.id.0, %error, "what a leg hears could not be changed");
        }
        let transcoded = self.joined.is_some()
            && (self.far.as_ref().zip(self.oriented))
                .is_some_and(|(far, comes)| far.sound.codec != comes.codec);
        self.hub.set_transcoded(self.id, transcoded);
    }

    async fn try_tune(&mut self) -> Result<(), MediaError> {
        if (self.far.as_ref()).is_some_and(|far| !far.direction.sends()) {
            // It holds us (RFC 3264 §8.4). The daemon would go on sending.
            self.part().await;
            self.music = None;
            return Ok(());
        }
        let face = self
            .source()
            .and_then(|source| Some((source, self.hub.face(source)?)));
        let fits = self.oriented.is_some()
            && (self.oriented == face.as_ref().map(|(_, face)| face.sound) || face.is_none());
        if !fits {
            self.part().await;
        }
        self.orient(face.as_ref().map(|(_, face)| face.sound))
            .await?;
        if let Some((source, face)) = face {
            if self.joined.is_none() {
                self.join(source, &face).await?;
            }
        } else if let Hears::Sound(programme) = &self.hears {
            let (Some(inner), Some(far)) = (self.inner, &self.far) else {
                return Err(MediaError::NotNow);
            };
            if (self.music.as_ref()).is_none_or(|music| !music.fits(far.sound, inner)) {
                let events = self.events.clone();
                let music = Music::start(&self.hub.reels, programme, far.sound, inner, events);
                self.music = Some(music.map_err(|error| MediaError::Settings(error.to_string()))?);
            }
        }
        Ok(())
    }

    async fn join(&mut self, source: LegId, face: &Face) -> Result<(), MediaError> {
        let Face { call, sound, turn } = face;
        let (sound, turn) = (*sound, turn.lock().await);
        let (Some(inner), Some(far)) = (self.inner, &self.far) else {
            return Err(MediaError::NotNow);
        };
        let relays_digits = self.kind != Kind::Browser
            && far.sound.events.is_some()
            && sound.events != far.sound.events;
        let mut request = json!({
            "command": "subscribe request", "call-id": call, "from-tag": FAR,
            "transport-protocol": "RTP/AVP", "ICE": "remove", "DTLS": "off",
            "replace": ["origin", "session-connection"],
        });
        if let (Some((_, interface)), Some(request)) =
            (&self.hub.settings.interfaces, request.as_object_mut())
        {
            request.insert("interface".into(), interface.as_str().into());
        }
        let answer = self.hub.control.order(&request).await?;
        let tag = word(&answer, "to-tag").to_owned();
        let from = Opened::read(word(&answer, "sdp"))?.at;
        let (at, relay) = match self.kind {
            Kind::Browser => {
                let started = Relay::start(from, inner, sound).await;
                let (at, relay) = started.map_err(|error| MediaError::Ports(error.to_string()))?;
                (at, Some(relay))
            }
            Kind::Telephone { .. } => (inner, None),
        };
        self.joined = Some(Joined {
            source,
            call: call.to_owned(),
            tag: tag.clone(),
            relays_digits,
            _relay: relay,
        });
        let order = json!({
            "command": "subscribe answer", "call-id": call, "to-tag": tag,
            "sdp": words::listener(at, sound), "flags": ["trust-address"],
        });
        let done = self.hub.control.order(&order).await;
        drop(turn);
        if done.is_err() {
            self.part().await;
        }
        done.map(drop)
    }

    /// Hears nobody any more.
    pub(super) async fn part(&mut self) {
        if let Some(joined) = self.joined.take() {
            let (call, tag) = (&joined.call, &joined.tag);
            let stop = json!({ "command": "unsubscribe", "call-id": call, "to-tag": tag });
            // Gives its ports back.
            let free = json!({
                "command": "delete", "call-id": call, "from-tag": tag, "delete-delay": 0,
            });
            for order in [stop, free] {
                // Where the other leg is gone, so is this.
                if let Err(error) = self.hub.control.order(&order).await {
                    tracing::debug!(leg = self.id.0, %error, "a leg was not parted");
                    break;
                }
            }
        }
    }
}
