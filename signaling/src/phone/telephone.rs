//! What the telephones of callers and of agents have in common: a call, a leg, a line to the centre, and who is
//! across.

use std::{future::poll_fn, sync::Arc};

use axum::extract::ws::Utf8Bytes;
use bellwire_media::anchor::{Described, Hears, Kind, Leg, LegEvent, MediaError, Want};
use bellwire_media::{codec::Codec, sdp::Picture};
use bellwire_proto::{
    id::{ConnectionId, InteractionId, PeerId},
    rtc::Signal,
    wire::Down,
};
use bellwire_sip::{
    api::{Call, CallEvent, CallEvents, Reply},
    cause::Cause,
};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

use super::{
    Across, Order, Phones, Told,
    page::{Page, next_event},
};
use crate::{
    random,
    ws::line::{Line, Next},
};

/// A telephone's own leg, before and while it talks.
pub(super) struct OwnLeg {
    pub(super) leg: Leg,
    events: mpsc::UnboundedReceiver<LegEvent>,
}

impl OwnLeg {
    pub(super) fn open(phones: &Phones, secure: bool) -> Self {
        let (tell, events) = mpsc::unbounded_channel();
        let leg = Leg::open(&phones.anchor, Kind::Telephone { secure }, tell);
        Self { leg, events }
    }
}

/// A telephone that the centre knows.
pub(super) struct Telephone {
    pub(super) phones: Arc<Phones>,
    pub(super) call: Call,
    calls: CallEvents,
    pub(super) own: OwnLeg,
    pub(super) line: Arc<Line>,
    told: mpsc::UnboundedReceiver<Told>,
    pub(super) interaction: InteractionId,
    pub(super) peer: PeerId,
    /// What was agreed with the telephone last.
    pub(super) described: Option<Described>,
    pub(super) across: Option<Across>,
    pub(super) page: Option<Page>,
    /// Who is across shall not be heard now.
    pub(super) held: bool,
    /// The centre sent it away, and tells it nothing more.
    sent_away: bool,
}

/// What happened.
pub(super) enum Happened {
    /// The call tells.
    Call(CallEvent),
    /// The telephone pressed a key, among its sound.
    Pressed(char),
    /// Nothing is heard of the telephone any more.
    Silent,
    /// The centre tells, as it would a page.
    Frame(Utf8Bytes),
    /// The centre sends the telephone away.
    SentAway,
    /// The exchange tells.
    Told(Told),
    /// The server stops.
    Stop,
}

impl Telephone {
    /// Gives a call a line, by which the centre will know it, and tells the exchange.
    pub(super) fn new(
        phones: &Arc<Phones>,
        call: Call,
        calls: CallEvents,
        own: OwnLeg,
        interaction: InteractionId,
    ) -> Self {
        let now = phones.app.clock.now();
        let connection = ConnectionId::new(now, random::bits());
        let (tell, told) = mpsc::unbounded_channel();
        phones.order(Order::Here {
            connection,
            tell,
            leg: own.leg.id(),
            call: call.id(),
        });
        Self {
            line: Line::telephone(connection, phones.app.config.limits.queued_frames),
            phones: phones.clone(),
            call,
            calls,
            own,
            told,
            interaction,
            peer: PeerId::new(now, random::bits()),
            described: None,
            across: None,
            page: None,
            held: false,
            sent_away: false,
        }
    }

    pub(super) fn connection(&self) -> ConnectionId {
        self.line.id()
    }

    /// Waits for the next thing.
    pub(super) async fn next(&mut self) -> Happened {
        loop {
            if let Some(happened) = self.event().await {
                return happened;
            }
        }
    }

    /// What happens next; none for what concerns nobody.
    async fn event(&mut self) -> Option<Happened> {
        let Self {
            phones,
            calls,
            own,
            line,
            told,
            page,
            sent_away,
            ..
        } = self;
        Some(tokio::select! {
            biased;
            () = phones.app.stop.cancelled() => Happened::Stop,
            event = calls.recv() => Happened::Call(event.unwrap_or(CallEvent::Ended {
                cause: Cause::Timeout,
                by_them: false,
            })),
            // The exchange lives as long as the server.
            Some(told) = told.recv() => Happened::Told(told),
            next = poll_fn(|cx| line.poll_next(cx)), if !*sent_away => match next {
                Next::Frame(frame) => Happened::Frame(frame),
                Next::End(_) => {
                    *sent_away = true;
                    Happened::SentAway
                }
            },
            Some(event) = own.events.recv() => match event {
                LegEvent::Pressed(key) => Happened::Pressed(key),
                LegEvent::Silent => Happened::Silent,
                LegEvent::Connected | LegEvent::Lost | LegEvent::Played => return None,
            },
            // A page that lost its media renegotiates by itself, or is gone: the centre sees to that.
            event = next_event(page) => {
                tracing::debug!(?event, "the page across");
                return None;
            }
        })
    }

    /// What a page would be told.
    pub(super) fn read<E: DeserializeOwned>(frame: &Utf8Bytes) -> Option<Down<E>> {
        match serde_json::from_str(frame) {
            Ok(down) => Some(down),
            Err(error) => {
                tracing::warn!(%error, "a telephone was told something unreadable");
                None
            }
        }
    }

    /// Changes who is across. The caller lets both hear afterwards.
    pub(super) async fn told(&mut self, told: Told, offers: bool) {
        match told {
            Told::Apart => {
                self.across = None;
                self.page = None;
            }
            Told::Press(digits) => self.own.leg.press(digits),
            Told::Across(Across::Page(peer), interaction) => {
                if self.interaction != interaction {
                    // Handed over to another call: what was negotiated belongs to the one before.
                    self.interaction = interaction;
                    self.page = None;
                }
                self.across = Some(Across::Page(peer));
                // A page that offered before we heard of it keeps its leg.
                if self.page.as_ref().is_none_or(|page| page.peer != peer) {
                    self.page = None;
                    if offers {
                        self.meet(peer);
                        self.offer_page().await;
                    }
                }
            }
            Told::Across(across @ Across::Telephone { .. }, interaction) => {
                self.interaction = interaction;
                self.across = Some(across);
                self.page = None;
            }
        }
    }

    /// A signal of the page across.
    pub(super) async fn signal(&mut self, signal: Signal, offers: bool) {
        if signal.to.is_some_and(|to| to != self.peer) {
            return;
        }
        if self
            .page
            .as_ref()
            .is_none_or(|page| page.peer != signal.from)
        {
            // Loaded anew, or quicker than the exchange.
            self.meet(signal.from);
            if offers && !matches!(signal.step, bellwire_proto::rtc::Step::Offer { .. }) {
                return self.offer_page().await;
            }
        }
        let want = self.want_of_page();
        let Some(page) = &mut self.page else {
            return;
        };
        if let Err(error) = page.step(signal.step, want).await {
            tracing::warn!(%error, call = ?self.call.id(), "a page's description cannot be used");
            self.leave_page_without_leg(&error);
        }
    }

    /// Where a page has no leg at all, its next signal gets it another.
    fn leave_page_without_leg(&mut self, error: &MediaError) {
        let has_none = matches!(
            error,
            MediaError::Settings(_) | MediaError::Ports(_) | MediaError::Gone(_)
        );
        if has_none && (self.page.as_ref()).is_some_and(|page| page.described.is_none()) {
            self.page = None;
        }
    }

    fn meet(&mut self, peer: PeerId) {
        self.page = Some(Page::open(
            &self.phones.anchor,
            &self.line,
            self.interaction,
            self.peer,
            peer,
        ));
    }

    async fn offer_page(&mut self) {
        let want = self.want_of_page();
        if let Some(page) = &mut self.page
            && let Err(error) = page.offer(want).await
        {
            tracing::error!(%error, "nothing could be offered to a page");
            self.leave_page_without_leg(&error);
        }
    }

    /// The codec of the telephone's pictures, if it has any.
    fn picture(&self) -> Option<Picture> {
        self.described.and_then(|described| described.video)
    }

    /// The telephone's own codec first, so that nothing need be transcoded; unless Opus is wanted for browsers.
    fn want_of_page(&self) -> Want {
        let own = self.described.map(|described| described.codec);
        let opus = self.phones.app.config.media.opus_to_browsers;
        let first = match (own, opus) {
            (_, true) | (None, false) => Codec::Opus,
            (Some(codec), false) => codec,
        };
        Want {
            codecs: first_of(first),
            video: self.picture().is_some(),
            picture: self.picture(),
            ..Want::default()
        }
    }

    /// Who hears whom now. `otherwise` is what the telephone hears while nobody is across.
    pub(super) fn listen(&self, otherwise: Hears) {
        if let Some(page) = &self.page {
            page.leg.hears(match self.held {
                true => Hears::Nothing,
                false => Hears::Leg(self.own.leg.id()),
            });
        }
        let across = match (self.across, &self.page) {
            (Some(Across::Telephone { leg, .. }), _) => Some(leg),
            (Some(Across::Page(_)) | None, Some(page)) => Some(page.leg.id()),
            (Some(Across::Page(_)) | None, None) => None,
        };
        self.own.leg.hears(match across {
            Some(leg) if !self.held => Hears::Leg(leg),
            Some(_) | None => otherwise,
        });
    }

    /// The telephone wants to change the session. Says whether it holds us now, where that was agreed.
    pub(super) async fn offered(&mut self, sdp: Option<String>, reply: Reply) -> Option<bool> {
        let want = Want {
            video: self.picture().is_some(),
            ..Want::default()
        };
        let Some(sdp) = sdp else {
            match self.own.leg.offer(want).await {
                Ok(offer) => reply.offer(offer),
                Err(_) => reply.refuse(),
            }
            return None;
        };
        match self.own.leg.answer(sdp, want).await {
            Ok((answer, described)) => {
                reply.answer(answer);
                self.described = Some(described);
                Some(described.held)
            }
            Err(error) => {
                tracing::debug!(%error, "a change of a session was refused");
                reply.refuse();
                None
            }
        }
    }

    /// The telephone answered an offer of ours. Says whether it holds us now.
    pub(super) async fn agreed(&mut self, sdp: String) -> Option<bool> {
        match self.own.leg.answered(sdp).await {
            Ok(described) => {
                self.described = Some(described);
                Some(described.held)
            }
            Err(error) => {
                tracing::debug!(%error, "an answer cannot be used");
                None
            }
        }
    }

    /// Passes keys on that came beside the sound, where a telephone is across.
    pub(super) fn press_across(&self, key: char) {
        if let Some(Across::Telephone { connection: to, .. }) = self.across {
            let digits = key.to_string();
            self.phones.order(Order::Press { to, digits });
        }
    }
}

impl Drop for Telephone {
    fn drop(&mut self) {
        let connection = self.connection();
        self.phones.order(Order::Gone { connection });
    }
}

/// Every codec, this one first.
pub(super) fn first_of(codec: Codec) -> Vec<Codec> {
    let mut codecs = vec![codec];
    codecs.extend(Want::ORDER.into_iter().filter(|other| *other != codec));
    codecs
}
