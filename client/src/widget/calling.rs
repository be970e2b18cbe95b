//! In a call: building it, what it tells, and the presses of its buttons.
//!
//! The call is built when three things are there: the centre's word that the other page can be
//! reached (its list of ICE servers), the agent's peer connection, and the own microphone. They
//! come in any order.

use std::rc::Rc;

use bellwire_proto::{
    id::{InteractionId, PeerId},
    rtc::{IceServer, Signal},
    visitor::{VisitorCommand, VisitorStage},
    wire::Up,
};
use web_sys::MediaStream;

use super::{
    app::App,
    carrying::Carried,
    screen::{Place, Screen, agents_peer},
    text::T,
};

use crate::{
    dom::spawn,
    rtc::{Call, CallChange, CallOptions, CallState, DeviceKind},
};

/// The most signals kept for a call whose microphone is not open yet.
const MOST_EARLY: usize = 64;

impl App {
    /// The agent of the call is known, or has changed.
    pub(super) fn meet_agent(self, interaction: InteractionId) {
        let met = self.mirror.with_untracked(|widget| {
            match widget
                .contacts
                .get(&interaction)
                .map(|contact| &contact.stage)
            {
                Some(VisitorStage::Connected { agent, since, .. }) => {
                    Some((agent.name.clone(), *since))
                }
                Some(
                    VisitorStage::Asked | VisitorStage::Waiting { .. } | VisitorStage::Ended { .. },
                )
                | None => None,
            }
        });
        if met.is_some() {
            self.call.with.set(met);
        }
        self.build_call();
    }

    /// The agent's page has this peer connection now.
    pub(super) fn agent_moved(self, interaction: InteractionId, peer: PeerId) {
        let Some(call) = self.built_for(interaction) else {
            return;
        };
        // A page that was loaded anew makes the offer itself.
        if let Some(carried) = self.inner().carried.borrow_mut().as_mut() {
            carried.offered = Some(peer);
        }
        call.set_remote(peer);
    }

    /// ICE servers came: the other page can be reached.
    pub(super) fn ice_came(self, servers: Vec<IceServer>) {
        let inner = self.inner();
        if let Some(carried) = inner.carried.borrow_mut().as_mut() {
            carried.ice = Some(servers.clone());
        }
        let again = inner.reattached.replace(false);
        if let Some(call) = self.built() {
            call.set_ice(servers);
            if again {
                call.reattached();
            }
        }
        self.build_call();
    }

    /// A signal from the agent's page.
    pub(super) fn signalled(self, interaction: InteractionId, signal: Signal) {
        if let Some(call) = self.built_for(interaction) {
            return call.hear(signal);
        }
        let inner = self.inner();
        let mut carried = inner.carried.borrow_mut();
        let Some(carried) = carried.as_mut().filter(|c| c.interaction == interaction) else {
            return;
        };
        if carried.early.len() < MOST_EARLY {
            carried.early.push(signal);
        }
    }

    /// Builds the call if everything for it is there, and offers to an agent not offered to yet.
    pub(super) fn build_call(self) {
        let inner = self.inner();
        let Some(stream) = self.call.stream.get_untracked() else {
            return;
        };
        let (interaction, own, ice) = match inner.carried.borrow().as_ref() {
            Some(Carried {
                interaction,
                peer,
                ice: Some(ice),
                ..
            }) => (*interaction, *peer, ice.clone()),
            Some(_) | None => return,
        };
        let agent = self
            .mirror
            .with_untracked(|widget| widget.contacts.get(&interaction).and_then(agents_peer));
        let Some(agent) = agent else { return };
        let (call, early) = match self.built() {
            Some(call) => (call, Vec::new()),
            None => {
                let Some(call) = self.new_call(interaction, own, stream) else {
                    return;
                };
                call.set_ice(ice);
                (call, self.call_built())
            }
        };
        let offered = inner
            .carried
            .borrow_mut()
            .as_mut()
            .and_then(|carried| carried.offered.replace(agent));
        if offered != Some(agent) {
            call.set_remote(agent);
            call.offer();
        }
        for signal in early {
            call.hear(signal);
        }
    }

    fn new_call(
        self,
        interaction: InteractionId,
        own: PeerId,
        stream: MediaStream,
    ) -> Option<Rc<Call>> {
        let built = Call::new(CallOptions {
            own,
            polite: true,
            stream,
            on_signal: Box::new(move |signal| {
                self.send_now(Up::Relay {
                    interaction,
                    signal,
                })
            }),
            on_change: Box::new(move |change| self.call_changed(change)),
            want_ice: Box::new(move || self.send_now(Up::Ice)),
        });
        match built {
            Ok(call) => {
                call.set_muted(self.call.muted.get_untracked());
                if let Some(carried) = self.inner().carried.borrow_mut().as_mut() {
                    carried.call = Some(Rc::clone(&call));
                }
                Some(call)
            }
            Err(_) => {
                self.call.state.set(CallState::Failed);
                self.notice.set(Some(T.call_not_built));
                None
            }
        }
    }

    fn call_built(self) -> Vec<Signal> {
        let inner = self.inner();
        let mut carried = inner.carried.borrow_mut();
        carried
            .as_mut()
            .map(|carried| std::mem::take(&mut carried.early))
            .unwrap_or_default()
    }

    fn send_now(self, frame: Up<VisitorCommand>) {
        if let Some(connection) = self.connection() {
            connection.send_now(frame);
        }
    }

    fn call_changed(self, change: CallChange) {
        match change {
            CallChange::State(state) => self.call.state.set(state),
            CallChange::Remote(stream) => self.call.remote.set(Some(stream)),
            CallChange::RemoteSending(sending) => self.call.theirs.set(sending),
            CallChange::LocalStream(stream) => self.call.stream.set(Some(stream)),
            CallChange::Sending(sending) => self.call.camera.set(sending.video),
            CallChange::DeviceLost(kind) => self.device_lost(kind),
            CallChange::Quality(quality) => self.call.quality.set(Some(quality.level)),
        }
    }

    fn device_lost(self, kind: DeviceKind) {
        let lost = match kind {
            DeviceKind::Microphone => T.microphone_lost,
            DeviceKind::Camera => T.camera_lost,
        };
        self.notice.set(Some(lost));
        spawn(self.list_devices());
    }

    pub(super) fn built(self) -> Option<Rc<Call>> {
        self.inner().carried.borrow().as_ref()?.call.clone()
    }

    fn built_for(self, interaction: InteractionId) -> Option<Rc<Call>> {
        let inner = self.inner();
        let carried = inner.carried.borrow();
        carried
            .as_ref()
            .filter(|carried| carried.interaction == interaction)?
            .call
            .clone()
    }

    /// Mutes the microphone, or lets it be heard.
    pub(crate) fn toggle_mute(self) {
        let muted = !self.call.muted.get_untracked();
        self.call.muted.set(muted);
        if let Some(call) = self.built() {
            call.set_muted(muted);
        }
        self.keep_call();
    }

    /// Switches the camera on or off.
    pub(crate) fn toggle_camera(self) {
        let Some(call) = self.built() else { return };
        let on = !self.call.camera.get_untracked();
        spawn(async move {
            let switched = call.set_camera(on).await;
            if switched.is_ok() {
                self.call.camera.set(on);
                if let Some(carried) = self.inner().carried.borrow_mut().as_mut() {
                    carried.video = on;
                }
                self.keep_call();
                self.list_devices().await;
            }
            self.media_result(switched);
        });
    }

    /// Presses a telephone's key: the agent's telephone hears it, the desk shows it.
    pub(crate) fn press_key(self, interaction: InteractionId, key: &str) {
        self.send(VisitorCommand::Digits {
            interaction,
            digits: key.to_owned(),
        });
    }

    /// Hangs up.
    pub(crate) fn hang_up(self) {
        if let Some(call) = self.shown_call() {
            self.leave_call(call);
        }
    }

    /// Gives up waiting.
    pub(crate) fn cancel(self) {
        self.hang_up();
        self.go(Place::Home);
    }

    /// Writes instead of calling: from the same place in line, where the call waits.
    pub(crate) fn chat_instead(self) {
        match self.shown_call() {
            Some(call) if self.can_switch(call) => return self.to_chat(call),
            Some(call) => self.leave_call(call),
            None => self.close_devices(),
        }
        self.write();
    }

    /// Calls again as the last time.
    pub(crate) fn call_again(self) {
        let Screen::Ended(call) = self.screen.get_untracked() else {
            return;
        };
        let video = self.mirror.with_untracked(|widget| {
            widget
                .contacts
                .get(&call)
                .is_some_and(|contact| contact.video)
        });
        self.prepare(video);
    }

    /// The live call on the screen.
    pub(super) fn shown_call(self) -> Option<InteractionId> {
        match self.screen.get_untracked() {
            Screen::Waiting(call) | Screen::Call(call) | Screen::Elsewhere(call) => Some(call),
            Screen::Returning
            | Screen::Start
            | Screen::Prepare { .. }
            | Screen::Asked(_)
            | Screen::Ended(_)
            | Screen::Chat
            | Screen::Message
            | Screen::Directed(_)
            | Screen::Privacy => None,
        }
    }
}
