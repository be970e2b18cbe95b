//! Answering what rings: a call is accepted only once the microphone is open.

use bellwire_client::rtc::{
    MediaProblem,
    devices::{self, Choice, Wanted},
};
use bellwire_proto::{
    agent::{AgentCommand, Offer},
    id::{InteractionId, PeerId},
    interaction::Medium,
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::MediaStream;

use super::{CAMERA, MUTED, Media, chosen, keep, plan::Stage};
use crate::{notices::WayOn, text};

/// What stands between a press on "Accept" and the call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answering {
    /// The browser opens the microphone, or asks the agent first.
    Microphone(InteractionId),
    /// The server's word is awaited.
    Server(InteractionId),
}

impl Answering {
    /// The interaction that is being answered.
    pub(crate) fn interaction(self) -> InteractionId {
        match self {
            Self::Microphone(interaction) | Self::Server(interaction) => interaction,
        }
    }
}

impl Media {
    /// Takes what rings. A call is accepted only once the microphone is open.
    pub(crate) fn accept(self) {
        let offer = self
            .session
            .desk
            .with_untracked(|desk| desk.offer.as_ref().map(|card| card.offer.clone()));
        let Some(offer) = offer.filter(|_| self.answering.read_untracked().is_none()) else {
            return;
        };
        self.problem.set(None);
        self.hushed.set(Some((offer.interaction, offer.epoch)));
        match offer.medium {
            Medium::Chat => self.send_accept(&offer, None),
            Medium::Call => {
                self.answering
                    .set(Some(Answering::Microphone(offer.interaction)));
                spawn_local(self.accept_call(offer));
            }
        }
    }

    /// Refuses what rings.
    pub(crate) fn decline(self) {
        let offer = self.session.desk.with_untracked(|desk| {
            (desk.offer.as_ref()).map(|card| (card.offer.interaction, card.offer.epoch))
        });
        if let Some((interaction, epoch)) = offer {
            self.problem.set(None);
            self.hushed.set(Some((interaction, epoch)));
            self.session
                .send(AgentCommand::Decline { interaction, epoch });
        }
    }

    async fn accept_call(self, offer: Offer) {
        let opened = self.open(offer.video).await;
        let still_rings = self.session.desk.with_untracked(|desk| {
            desk.offer.as_ref().is_some_and(|card| {
                card.offer.interaction == offer.interaction && card.offer.epoch == offer.epoch
            })
        });
        let stream = match opened {
            Ok(stream) if still_rings => stream,
            Ok(stream) => {
                devices::stop(&stream);
                self.answering.set(None);
                return;
            }
            Err(problem) => {
                self.answering.set(None);
                if still_rings {
                    // The card says it, where the agent looks just now.
                    self.notices.done(WayOn::Microphone);
                    self.problem.set(Some(text::media_problem(&problem)));
                }
                return;
            }
        };
        keep(MUTED, false);
        keep(CAMERA, stream.get_video_tracks().length() > 0);
        if let Some(own) = self.carry(offer.interaction, Stage::Accepted, stream) {
            self.send_accept(&offer, Some(own));
        } else {
            self.answering.set(None);
            self.problem.set(Some(text::CALL_NOT_BUILT.to_owned()));
        }
    }

    fn send_accept(self, offer: &Offer, peer: Option<PeerId>) {
        self.answering
            .set(Some(Answering::Server(offer.interaction)));
        self.session.send(AgentCommand::Accept {
            interaction: offer.interaction,
            epoch: offer.epoch,
            peer,
        });
    }

    /// Opens the microphone, and the camera where it is wanted and works.
    pub(super) async fn open(self, camera: bool) -> Result<MediaStream, MediaProblem> {
        let sound = Wanted {
            audio: chosen::microphone(),
            video: Choice::Off,
        };
        if !camera {
            return devices::open(&sound).await;
        }
        let both = Wanted {
            video: chosen::camera(),
            ..sound.clone()
        };
        if let Ok(stream) = devices::open(&both).await {
            return Ok(stream);
        }
        let stream = devices::open(&sound).await?;
        self.notices.say(text::CAMERA_LEFT_OUT);
        Ok(stream)
    }
}
