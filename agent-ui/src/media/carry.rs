//! Carrying a call: taking it up, taking it back after a reload, and letting it go.

use bellwire_client::{
    ids,
    rtc::{Call, CallChange, CallOptions, CallState, DeviceKind, devices},
};
use bellwire_proto::{
    agent::AgentCommand,
    id::{InteractionId, PeerId},
    rtc::{IceServer, Sending},
};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::MediaStream;

use super::{
    Answering, CAMERA, MUTED, Media, is_kept, keep,
    plan::{self, Carried, Stage},
};
use crate::{notices::WayOn, rules, text};

/// How long a call that was taken back waits for STUN and TURN servers before it asks for them.
const ICE_PATIENCE_MS: u32 = 2_000;

/// What is said to the visitor's page once both are connected to the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Due {
    /// Nothing.
    Nothing,
    /// The first offer: this page took the call over or back.
    Offer,
    /// What may have been lost: this page kept its media over a lost connection.
    Repeat,
}

impl Media {
    /// Lets go of everything: signed out, or the desk is another window's.
    pub(crate) fn let_go(self) {
        if let Some(call) = self.call.get_value() {
            call.close();
        }
        self.call.set_value(None);
        self.due.set_value(Due::Nothing);
        self.carried.set(None);
        self.remote.set(None);
        self.local.set(None);
        self.remote_sending.set(Sending::default());
        self.quality.set(None);
        self.state.set(CallState::Connecting);
        self.notices.done(WayOn::Microphone);
    }

    /// Builds the call on `stream`; the page carries it from now on.
    pub(super) fn carry(
        self,
        interaction: InteractionId,
        stage: Stage,
        stream: MediaStream,
    ) -> Option<PeerId> {
        self.let_go();
        let own = ids::peer();
        let session = self.session;
        let built = Call::new(CallOptions {
            own,
            polite: false,
            stream: Clone::clone(&stream),
            on_signal: Box::new(move |signal| session.relay(interaction, signal)),
            on_change: Box::new(move |change| self.changed(change)),
            want_ice: Box::new(move || session.ask_for_ice()),
        });
        let call = built.ok()?;
        let muted = is_kept(MUTED);
        call.set_muted(muted);
        self.muted.set(muted);
        self.camera.set(call.camera_on());
        self.local.set(Some(stream));
        self.call.set_value(Some(call));
        self.carried.set(Some(Carried {
            interaction,
            own,
            stage,
        }));
        Some(own)
    }

    fn changed(self, change: CallChange) {
        match change {
            CallChange::State(state) => self.state.set(state),
            CallChange::Remote(stream) => self.remote.set(Some(stream)),
            CallChange::RemoteSending(sending) => self.remote_sending.set(sending),
            CallChange::LocalStream(stream) => self.local.set(Some(stream)),
            // A held call sends no picture, but its camera is still on.
            CallChange::Sending(_) => {
                if let Some(call) = self.call.get_value() {
                    self.camera.set(call.camera_on());
                }
            }
            CallChange::DeviceLost(DeviceKind::Microphone) => {
                self.notices.ask(text::MICROPHONE_LOST, WayOn::Microphone);
            }
            CallChange::DeviceLost(DeviceKind::Camera) => {
                keep(CAMERA, false);
                self.notices.say(text::CAMERA_LOST);
            }
            CallChange::Quality(quality) => self.quality.set(Some(quality)),
        }
    }

    pub(super) fn begin(self) {
        self.carried.update(|carried| {
            if let Some(carried) = carried {
                carried.stage = Stage::InCall;
            }
        });
        self.follow_visitor();
    }

    /// The connection is back: says anew that this page carries the call.
    pub(super) fn reattach(self) {
        let Some(carried) = self.carried.get_untracked() else {
            return;
        };
        match carried.stage {
            // What was asked for is on its way again by itself.
            Stage::Accepted | Stage::FromPhone => return,
            Stage::InCall => {}
        }
        self.follow_visitor();
        self.attach(carried.interaction, carried.own, Due::Repeat);
    }

    /// Speaks to the visitor page's peer connection, and holds the call where the desk does.
    fn follow_visitor(self) {
        let call = self.session.desk.with_untracked(|desk| {
            rules::talking_call(desk).map(|(id, item)| (id, item.peer, rules::is_held(&item.stage)))
        });
        let Some((interaction, peer, held)) = call else {
            return;
        };
        self.with_call(interaction, |call| {
            if let Some(peer) = peer {
                call.set_remote(peer);
            }
            call.set_hold(held);
        });
    }

    /// This page was loaded anew, or the desk came to this window: the live call comes back here.
    pub(super) fn take_back(self, interaction: InteractionId) {
        if self.problem.read_untracked().is_none() {
            self.take(interaction, false);
        }
    }

    /// Takes the call from the agent's telephone to this page, as the agent asked.
    pub(crate) fn take_from_phone(self) {
        let Some((interaction, phone)) = self.session.desk.with_untracked(rules::call_on_phone)
        else {
            return;
        };
        if self.carried.read_untracked().is_some() {
            return;
        }
        self.problem.set(None);
        // Whoever was not heard there is not heard here of a sudden.
        keep(MUTED, phone.muted);
        keep(CAMERA, false);
        self.take(interaction, true);
    }

    fn take(self, interaction: InteractionId, on_purpose: bool) {
        if self.answering.get_untracked().is_some() {
            return;
        }
        self.answering.set(Some(Answering::Microphone(interaction)));
        spawn_local(async move {
            let opened = self.open(is_kept(CAMERA)).await;
            self.answering.set(None);
            let carried = self.carried.get_untracked();
            let stage = (self.session.desk)
                .with_untracked(|desk| plan::take(desk, carried, interaction, on_purpose));
            match (opened, stage) {
                (Ok(stream), Some(stage)) => self.carry_on(interaction, stage, stream),
                (Ok(stream), None) => devices::stop(&stream),
                (Err(problem), Some(_)) => {
                    self.problem.set(Some(text::media_problem(&problem)));
                }
                (Err(_), None) => {}
            }
        });
    }

    fn carry_on(self, interaction: InteractionId, stage: Stage, stream: MediaStream) {
        let Some(peer) = self.carry(interaction, stage, stream) else {
            self.problem.set(Some(text::CALL_NOT_BUILT.to_owned()));
            return;
        };
        self.follow_visitor();
        self.attach(interaction, peer, Due::Offer);
    }

    /// Tells the server that this page carries the call, and the visitor's page what is due.
    fn attach(self, interaction: InteractionId, peer: PeerId, due: Due) {
        // An offer that is still due matters more than a repetition.
        if due == Due::Offer || self.due.get_value() == Due::Nothing {
            self.due.set_value(due);
        }
        self.session
            .send(AgentCommand::Attach { interaction, peer });
        spawn_local(async move {
            TimeoutFuture::new(ICE_PATIENCE_MS).await;
            if self.due.get_value() != Due::Nothing {
                self.session.ask_for_ice();
            }
        });
    }

    pub(super) fn take_ice(self, servers: &[IceServer]) {
        let Some(call) = self.call.get_value() else {
            return;
        };
        call.set_ice(servers.to_vec());
        let due = self.due.get_value();
        self.due.set_value(Due::Nothing);
        match due {
            Due::Nothing => {}
            Due::Offer => call.offer(),
            Due::Repeat => call.reattached(),
        }
    }
}
