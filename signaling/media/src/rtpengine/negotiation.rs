//! Offers and answers of a leg (RFC 3264).

use serde_json::json;

use super::{
    hub::Face,
    leg::{Leg, meet},
    page::{self, Page, Written},
    words::{self, Far, Sound, Way},
};
use crate::{
    anchor::{Described, Direction, Kind, MediaError, Want},
    codec::Codec,
    sdp::{self, Agreed, Own},
    srtp::{CryptoLine, Suite},
};

impl Leg {
    pub(super) async fn offer(&mut self, want: Want) -> Result<String, MediaError> {
        if self.offered.is_some() {
            return Err(MediaError::NotNow);
        }
        let codecs = want.codecs();
        if self.opened.is_none() {
            let sounds = match self.kind {
                Kind::Browser => page::sounds(&codecs),
                Kind::Telephone { .. } => sounds(&codecs),
            };
            let order = self.inner_says("offer", &words::inner(&sounds));
            let opened = self.exchange(&order).await?;
            self.keys.clone_from(&opened.keys);
            if self.is_secure() && self.keys.is_empty() {
                return Err(MediaError::NotSecure);
            }
            self.opened = Some(opened);
        }
        self.version += 1;
        let text = match self.kind {
            Kind::Browser => self
                .written(page::Setup::ActPass, want.direction)?
                .offer(&codecs),
            Kind::Telephone { .. } => sdp::offer(&self.own(&want)?),
        };
        self.offered = Some(want);
        Ok(text)
    }

    pub(super) async fn answered(&mut self, sdp: &str) -> Result<Described, MediaError> {
        let want = match (&self.offered, &self.far) {
            (Some(want), _) => want.clone(),
            // A later answer to the same offer.
            (None, Some(_)) => self.want.clone(),
            (None, None) => return Err(MediaError::NotNow),
        };
        let (far, described) = match self.kind {
            Kind::Browser => telling(&Page::read(sdp, &want)?, want.direction),
            Kind::Telephone { .. } => {
                let description = sdp::read(sdp)?;
                let agreed = sdp::agreed(&self.own(&want)?, &description)?;
                self.telephone(agreed)
            }
        };
        if self.far.is_none() {
            let order = self.far_says("answer", &far.text());
            self.inner = Some(self.exchange(&order).await?.at);
        }
        // The daemon is told of it once more with what comes to the inner side.
        self.oriented = None;
        self.far = Some(far);
        self.offered = None;
        self.want = want;
        Ok(described)
    }

    pub(super) async fn answer(
        &mut self,
        sdp: &str,
        want: Want,
    ) -> Result<(String, Described), MediaError> {
        if self.offered.is_some() {
            return Err(MediaError::NotNow);
        }
        match self.kind {
            Kind::Browser => {
                let page = Page::read(sdp, &want)?;
                let (far, described) = telling(&page, want.direction);
                let setup = self.take_offer(far).await?;
                self.version += 1;
                let text = page.answer(&self.written(setup, described.direction)?);
                self.want = want;
                Ok((text, described))
            }
            Kind::Telephone { .. } => {
                let description = sdp::read(sdp)?;
                let mut own = self.plain(&want);
                if self.is_secure() {
                    // Asks for encryption; the daemon has the keys.
                    own.secure = vec![CryptoLine::random(1, Suite::AesCm128HmacSha1_80)];
                }
                let (_, agreed) = sdp::answer(&own, &description)?;
                let (far, described) = self.telephone(agreed);
                self.take_offer(far).await?;
                self.version += 1;
                let (text, _) = sdp::answer(&self.own(&want)?, &description)?;
                self.want = want;
                Ok((self.with_keys(&text), described))
            }
        }
    }

    /// Tells the daemon of the far end's offer, and of our answer in which nothing but its own sound comes. Returns who opens DTLS.
    async fn take_offer(&mut self, far: Far) -> Result<page::Setup, MediaError> {
        let sound = far.sound;
        let turn = self.turn.clone();
        let _turn = turn.lock().await;
        let before = self.far.replace(far);
        let done = self.take(sound).await;
        if done.is_err() {
            self.far = before;
            self.oriented = None;
        }
        done
    }

    async fn take(&mut self, sound: Sound) -> Result<page::Setup, MediaError> {
        let Some(far) = &self.far else {
            return Err(MediaError::NotNow);
        };
        let mut offer = self.far_says("offer", &far.text());
        if self.inner.is_none()
            && let Some(offer) = offer.as_object_mut()
        {
            // Nobody is known at the inner side yet.
            offer.remove("to-tag");
        }
        self.inner = Some(self.exchange(&offer).await?.at);
        let answer = self.inner_says("answer", &words::inner(&[sound]));
        let opened = self.exchange(&answer).await?;
        let setup = opened.transport.setup;
        self.keys.clone_from(&opened.keys);
        self.opened = Some(opened);
        self.oriented = Some(sound);
        if let Some(far) = &mut self.far {
            match &mut far.way {
                Way::Keys(theirs) => self.keys.retain(|ours| ours.tag == theirs.tag),
                // It can be told again in both roles.
                Way::Page(transport) => transport.setup = setup.other(),
                Way::Plain => self.keys.clear(),
            }
        }
        if self.is_secure() && self.keys.is_empty() {
            return Err(MediaError::NotSecure);
        }
        Ok(setup)
    }

    /// A telephone as the daemon is told of it.
    fn telephone(&mut self, agreed: Agreed) -> (Far, Described) {
        let described = Described {
            codec: agreed.codec,
            direction: agreed.direction,
            held: agreed.held,
            digits: agreed.events.is_some(),
            video: None,
        };
        let way = match agreed.crypto {
            Some((ours, theirs)) => {
                if self.keys.contains(&ours) {
                    self.keys = vec![ours];
                }
                Way::Keys(theirs)
            }
            None => Way::Plain,
        };
        let far = Far {
            sound: Sound {
                codec: agreed.codec,
                pt: agreed.send_pt,
                events: agreed.events.map(|events| (events.send_pt, events.clock)),
            },
            remote: agreed.remote,
            remote_rtcp: agreed.remote_rtcp,
            rtcp_mux: agreed.rtcp_mux,
            way,
            direction: agreed.direction,
        };
        (far, described)
    }

    const fn is_secure(&self) -> bool {
        matches!(self.kind, Kind::Telephone { secure: true })
    }

    /// What we have to offer, before any port is open.
    fn plain(&self, want: &Want) -> Own {
        Own {
            address: [127, 0, 0, 1].into(),
            port: 10,
            session: self.session,
            version: self.version,
            codecs: want.codecs(),
            direction: want.direction,
            secure: vec![],
            video: None,
        }
    }

    fn own(&self, want: &Want) -> Result<Own, MediaError> {
        let opened = self.opened.as_ref().ok_or(MediaError::NotNow)?;
        Ok(Own {
            address: self.hub.settings.public.unwrap_or(opened.at.ip()),
            port: opened.at.port(),
            secure: self.keys.clone(),
            ..self.plain(want)
        })
    }

    fn written(&self, setup: page::Setup, direction: Direction) -> Result<Written<'_>, MediaError> {
        let opened = self.opened.as_ref().ok_or(MediaError::NotNow)?;
        Ok(Written {
            session: self.session,
            version: self.version,
            opened,
            public: self.hub.settings.public,
            setup,
            direction,
        })
    }

    /// The answer with the daemon's key in it.
    fn with_keys(&self, text: &str) -> String {
        let Some(key) = self.keys.first() else {
            return text.to_owned();
        };
        let mut out = String::with_capacity(text.len() + 16);
        for line in text.lines() {
            match line.starts_with("a=crypto:") {
                true => out.push_str(&format!("a=crypto:{key}")),
                false => out.push_str(line),
            }
            out.push_str("\r\n");
        }
        out
    }

    pub(super) fn publish(&self) {
        if let Some(far) = &self.far {
            let face = Face {
                call: self.call.clone(),
                sound: far.sound,
                turn: self.turn.clone(),
            };
            self.hub.publish(self.id, face);
        }
    }

    /// Tells the daemon what comes to the inner side from now on: `None` for nothing but the far end's own.
    ///
    /// The ports stay, and the far end learns nothing of it. Both ways round exist because the daemon numbers the codecs that it adds
    /// itself, and only those of static payload types come out as they are meant.
    pub(super) async fn orient(&mut self, source: Option<Sound>) -> Result<(), MediaError> {
        let Some(far) = &self.far else {
            return Err(MediaError::NotNow);
        };
        let own = far.sound;
        let comes = source.unwrap_or(own);
        if self.oriented == Some(comes) {
            return Ok(());
        }
        let turn = self.turn.clone();
        let _turn = turn.lock().await;
        self.oriented = None;
        let differs = comes.codec != own.codec;
        if comes.codec == Codec::Opus && source.is_some() {
            // With other numbers on both sides only the codec itself may be named.
            let clash = own.events.is_some_and(|(pt, _)| pt == comes.pt)
                || (!differs && comes.pt != own.pt);
            let inner = Sound {
                events: own.events.filter(|_| !clash),
                ..comes
            };
            let mut offer = self.inner_says("offer", &words::inner(&[inner]));
            if differs && let Some(offer) = offer.as_object_mut() {
                offer.insert(
                    "codec".into(),
                    json!({ "transcode": [words::name(own.codec)] }),
                );
            }
            self.exchange(&offer).await?;
            let answer = self.far_says("answer", &far.text());
            self.inner = Some(self.exchange(&answer).await?.at);
        } else {
            let inner = Sound {
                events: own.events,
                ..comes
            };
            let mut offer = self.far_says("offer", &far.text());
            if differs && let Some(offer) = offer.as_object_mut() {
                offer.insert(
                    "codec".into(),
                    json!({ "transcode": [words::name(comes.codec)] }),
                );
            }
            self.inner = Some(self.exchange(&offer).await?.at);
            let answer = self.inner_says("answer", &words::inner(&[inner]));
            self.exchange(&answer).await?;
        }
        self.oriented = Some(comes);
        Ok(())
    }
}

/// A page as the daemon is told of it.
fn telling(page: &Page, want: Direction) -> (Far, Described) {
    let direction = meet(want, page.direction);
    let remote = page.transport.remote();
    let described = Described {
        codec: page.sound.codec,
        direction,
        held: !page.direction.receives(),
        digits: page.sound.events.is_some(),
        video: None,
    };
    let far = Far {
        sound: page.sound,
        remote,
        remote_rtcp: remote,
        rtcp_mux: true,
        way: Way::Page(page.transport.clone()),
        direction,
    };
    (far, described)
}

/// Our payload types towards telephones, as [`sdp::offer`] has them.
fn sounds(codecs: &[Codec]) -> Vec<Sound> {
    (codecs.iter())
        .map(|codec| Sound {
            codec: *codec,
            pt: codec.static_payload_type().unwrap_or(sdp::OPUS),
            events: Some(match codec {
                Codec::Opus => (sdp::EVENTS_48, 48_000),
                Codec::G722 | Codec::Pcmu | Codec::Pcma => (sdp::EVENTS, 8000),
            }),
        })
        .collect()
}
