//! The steps of the negotiation, one after the other: no two are ever under way at once.

use std::rc::Rc;

use bellwire_proto::{
    id::PeerId,
    rtc::{Signal, Step},
};
use wasm_bindgen::JsValue;
use web_sys::RtcSdpType;

use super::{Call, CallChange};
use crate::{
    clock, dom,
    rtc::{
        negotiation::{OnOffer, Remote, Sender},
        quality::Gauge,
        recovery::{CallState, Talks},
    },
};

/// One step.
#[derive(Debug)]
pub(super) enum Job {
    /// The server says who the other page is.
    Meet(PeerId),
    /// Start, or say the open offer again.
    Offer,
    /// The browser says that an offer is due.
    Negotiate,
    /// The other page said something.
    Hear(Signal),
    /// What may have been lost is to be said again.
    Repeat,
}

impl Call {
    /// How often descriptions that do not fit lead to a fresh peer connection.
    const MOST_REBUILDS: u32 = 3;

    pub(super) async fn work(self: Rc<Self>) {
        while !self.closed.get() {
            let next = self.jobs.borrow_mut().pop_front();
            let Some(job) = next else { break };
            if let Err(error) = self.step(job).await {
                dom::note("Bellwire: a step of the call's negotiation failed", &error);
            }
        }
        self.working.set(false);
        if self.closed.get() {
            drop(self.peer.take());
        }
    }

    async fn step(&self, job: Job) -> Result<(), JsValue> {
        match job {
            Job::Meet(remote) => self.meet(remote).await,
            Job::Offer => match self.talks() {
                Talks::Offered => {
                    self.repeat();
                    Ok(())
                }
                Talks::Silent | Talks::Settled => self.make_offer().await,
            },
            // Before the start the tracks that were just added ask in vain. While an offer is
            // open the browser asks again once it is answered.
            Job::Negotiate => match self.talks() {
                Talks::Settled => self.make_offer().await,
                Talks::Silent | Talks::Offered => Ok(()),
            },
            Job::Hear(signal) => self.hear_signal(signal).await,
            Job::Repeat => {
                self.repeat();
                Ok(())
            }
        }
    }

    fn talks(&self) -> Talks {
        self.peer().map_or(Talks::Silent, |peer| peer.talks())
    }

    async fn meet(&self, remote: PeerId) -> Result<(), JsValue> {
        let had_offered = self.talks() == Talks::Offered;
        let met = self.negotiation.borrow_mut().meet(remote);
        match met {
            Remote::First => {
                self.recovery.borrow_mut().met(clock::now());
                self.repeat();
            }
            Remote::Same => {
                self.recovery.borrow_mut().reattached(clock::now());
                self.repeat();
            }
            Remote::Replaced => {
                self.renew();
                // Both pages may have been loaded anew and offered to each other's former self.
                if had_offered {
                    self.make_offer().await?;
                }
            }
        }
        Ok(())
    }

    /// Starts over with a fresh peer connection; devices and hold stay as they are.
    fn renew(&self) {
        self.negotiation.borrow_mut().renew();
        self.recovery.borrow_mut().renewed(clock::now());
        self.gauge.replace(Gauge::new());
        self.offered.take();
        self.told.borrow_mut().clear();
        self.early.borrow_mut().clear();
        self.remote_tracks.take();
        self.remote.take();
        self.make_peer();
        self.look();
    }

    async fn make_offer(&self) -> Result<(), JsValue> {
        let Some(peer) = self.peer() else {
            return Ok(());
        };
        let first = peer.talks() == Talks::Silent;
        if first {
            peer.make_room();
        }
        let step = peer.describe().await?;
        if let Step::Offer { sdp } = &step {
            self.offered.replace(Some(sdp.clone()));
            self.negotiation.borrow_mut().offered(sdp.clone());
        }
        self.say(step);
        if first {
            self.say(Step::Sending(self.local.sending()));
        }
        Ok(())
    }

    /// Says again what may have been lost; what did arrive does no harm twice.
    fn repeat(&self) {
        let offered = self.offered.borrow().clone();
        let talks = self.talks();
        if let (Talks::Offered, Some(sdp)) = (talks, offered) {
            self.say(Step::Offer { sdp });
        }
        if talks == Talks::Silent {
            return;
        }
        if self.shown.get() != CallState::Connected {
            let told = self.told.borrow().clone();
            for candidate in told {
                self.say(candidate);
            }
        }
        self.say(Step::Sending(self.local.sending()));
    }

    async fn hear_signal(&self, signal: Signal) -> Result<(), JsValue> {
        let sender = self.negotiation.borrow().sender(&signal);
        match sender {
            Sender::Stranger => return Ok(()),
            Sender::Known => {}
            Sender::New => {
                let met = self.negotiation.borrow_mut().meet(signal.from);
                match met {
                    Remote::Replaced => self.renew(),
                    Remote::First | Remote::Same => {
                        self.recovery.borrow_mut().met(clock::now());
                    }
                }
            }
        }
        match signal.step {
            Step::Offer { sdp } => self.hear_offer(sdp).await,
            Step::Answer { sdp } => self.hear_answer(sdp).await,
            Step::Sending(sending) => {
                if self.remote_sending.replace(sending) != sending {
                    self.change(CallChange::RemoteSending(sending));
                    self.compose_remote();
                }
                Ok(())
            }
            step @ Step::Candidate { .. } => self.hear_candidate(step).await,
        }
    }

    async fn hear_offer(&self, sdp: String) -> Result<(), JsValue> {
        let Some(peer) = self.peer() else {
            return Ok(());
        };
        let decided = (self.negotiation.borrow_mut()).on_offer(&sdp, peer.is_stable());
        match decided {
            OnOffer::Ignore => {
                // The other side may offer because ours never came.
                self.repeat();
                return Ok(());
            }
            OnOffer::Repeat(sdp) => {
                self.say(Step::Answer { sdp });
                self.repeat();
                return Ok(());
            }
            OnOffer::Answer => {}
        }
        if let Err(error) = self.answer(&sdp).await {
            // The other side may have begun anew where this side goes on.
            self.rebuild(error)?;
            self.answer(&sdp).await?;
        }
        Ok(())
    }

    async fn answer(&self, offer: &str) -> Result<(), JsValue> {
        self.give_way();
        let Some(peer) = self.peer() else {
            return Ok(());
        };
        let first = peer.talks() == Talks::Silent;
        if first {
            self.began_by_other.set(true);
        }
        peer.take(RtcSdpType::Offer, offer).await?;
        self.offered.take();
        peer.take_room();
        self.take_early().await;
        let step = peer.describe().await?;
        if let Step::Answer { sdp } = &step {
            (self.negotiation.borrow_mut()).answered(offer.to_owned(), sdp.clone());
        }
        self.say(step);
        if first {
            self.say(Step::Sending(self.local.sending()));
        }
        Ok(())
    }

    /// Gives up our own open offer for the other side's.
    ///
    /// The browser takes an offer back by itself. But Chromium then stops playing the other
    /// side, unless this side made the call's first offer and had it answered: there the whole
    /// peer connection gives way to a fresh one, which the offer connects anew.
    fn give_way(&self) {
        let Some(peer) = self.peer() else { return };
        let safe = peer.was_settled() && !self.began_by_other.get();
        if peer.talks() == Talks::Offered && !safe {
            self.told.borrow_mut().clear();
            self.make_peer();
        }
    }

    async fn hear_answer(&self, sdp: String) -> Result<(), JsValue> {
        let Some(peer) = self.peer() else {
            return Ok(());
        };
        let pending = peer.talks() == Talks::Offered;
        if !self.negotiation.borrow_mut().on_answer(&sdp, pending) {
            return Ok(());
        }
        if let Err(error) = peer.take(RtcSdpType::Answer, &sdp).await {
            self.rebuild(error)?;
            return self.make_offer().await;
        }
        self.offered.take();
        self.take_early().await;
        Ok(())
    }

    /// Starts over after a description that did not fit, but not without end.
    fn rebuild(&self, error: JsValue) -> Result<(), JsValue> {
        if self.rebuilt.get() >= Self::MOST_REBUILDS {
            return Err(error);
        }
        dom::note("Bellwire: the call starts over", &error);
        self.rebuilt.set(self.rebuilt.get() + 1);
        self.renew();
        Ok(())
    }

    async fn hear_candidate(&self, step: Step) -> Result<(), JsValue> {
        let Some(peer) = self.peer() else {
            return Ok(());
        };
        if peer.knows_remote() {
            self.add(step).await;
        } else if !self.negotiation.borrow().ignoring() {
            self.early.borrow_mut().push(step);
        }
        Ok(())
    }

    async fn take_early(&self) {
        let early = self.early.take();
        for step in early {
            self.add(step).await;
        }
    }

    async fn add(&self, step: Step) {
        let Step::Candidate {
            candidate,
            mid,
            line,
        } = step
        else {
            return;
        };
        let Some(peer) = self.peer() else { return };
        let added = peer.add_candidate(&candidate, mid.as_deref(), line).await;
        if let Err(error) = added
            && !self.negotiation.borrow().ignoring()
        {
            dom::note("Bellwire: a network candidate was not accepted", &error);
        }
    }
}
