//! The page across from a telephone: the negotiation that it would have with another page, with the media anchor in
//! that page's place.
//!
//! As between pages, the customer's end is the polite one (W3C WebRTC, "perfect negotiation") and offers first.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

use bellwire_media::anchor::{Anchor, Described, Kind, Leg, LegEvent, MediaError, Want};
use bellwire_proto::{
    id::{InteractionId, PeerId},
    rtc::{Sending, Signal, Step},
    visitor::VisitorEvent,
    wire::Down,
};
use tokio::sync::mpsc;

use crate::ws::line::{Line, frame};

/// A page across.
pub(super) struct Page {
    /// Its leg.
    pub(super) leg: Leg,
    /// Its peer connection.
    pub(super) peer: PeerId,
    events: mpsc::UnboundedReceiver<LegEvent>,
    own: PeerId,
    interaction: InteractionId,
    line: Arc<Line>,
    /// Our offer is on its way.
    offering: bool,
    /// What was agreed last.
    pub(super) described: Option<Described>,
}

impl Page {
    /// Opens a leg for this page.
    pub(super) fn open(
        anchor: &Arc<dyn Anchor>,
        line: &Arc<Line>,
        interaction: InteractionId,
        own: PeerId,
        peer: PeerId,
    ) -> Self {
        let (tell, events) = mpsc::unbounded_channel();
        Self {
            leg: Leg::open(anchor, Kind::Browser, tell),
            peer,
            events,
            own,
            interaction,
            line: line.clone(),
            offering: false,
            described: None,
        }
    }

    /// Offers, as the customer's end does first.
    pub(super) async fn offer(&mut self, want: Want) -> Result<(), MediaError> {
        let sdp = self.leg.offer(want).await?;
        self.offering = true;
        self.say(Step::Offer { sdp });
        Ok(())
    }

    /// Takes one step of the page. Says whether something new was agreed.
    pub(super) async fn step(&mut self, step: Step, want: Want) -> Result<bool, MediaError> {
        match step {
            Step::Offer { sdp } => {
                if std::mem::take(&mut self.offering) {
                    // Both offered at once: we are the polite one.
                    self.leg.rollback();
                }
                let (sdp, described) = self.leg.answer(sdp, want).await?;
                self.described = Some(described);
                self.say(Step::Answer { sdp });
                self.tell_sending(described);
                Ok(true)
            }
            Step::Answer { sdp } if self.offering => {
                self.offering = false;
                let described = self.leg.answered(sdp).await?;
                self.described = Some(described);
                self.tell_sending(described);
                Ok(true)
            }
            // The anchor is reached at one address, and finds pages by what they send.
            Step::Answer { .. } | Step::Candidate { .. } | Step::Sending(_) => Ok(false),
        }
    }

    /// The next thing its leg tells.
    pub(super) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<LegEvent>> {
        self.events.poll_recv(cx)
    }

    fn tell_sending(&self, described: Described) {
        self.say(Step::Sending(Sending {
            audio: true,
            video: described.video.is_some(),
        }));
    }

    fn say(&self, step: Step) {
        // The page went away in this moment: it comes back with a new peer connection.
        let Some(across) = self.line.across(self.interaction) else {
            return;
        };
        let signal = Signal {
            from: self.own,
            to: Some(self.peer),
            step,
        };
        across.push(frame(&Down::<VisitorEvent>::Relay {
            interaction: self.interaction,
            signal,
        }));
    }
}

/// The next event of a page that may not be there.
pub(super) fn next_event(page: &mut Option<Page>) -> impl Future<Output = LegEvent> + use<'_> {
    poll_fn(move |cx| match page {
        None => Poll::Pending,
        Some(page) => match page.poll_event(cx) {
            Poll::Ready(Some(event)) => Poll::Ready(event),
            // The anchor dropped it: nothing comes any more.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        },
    })
}
