//! The media of the call that this page carries: microphone, camera, and the peer connection.
//!
//! What is to be done is decided by [`plan`](plan::plan) from what the desk shows; [`answer`],
//! [`carry`] and [`switches`] do it. The screen reads the signals and calls the methods.

mod answer;
mod carry;
pub(crate) mod chosen;
pub(crate) mod plan;
mod switches;

use std::rc::Rc;

use bellwire_client::{
    rtc::{Call, CallState, Quality},
    storage,
};
use bellwire_proto::{agent::AgentEvent, id::InteractionId, rtc::Sending, wire::Down};
use leptos::prelude::*;
use web_sys::MediaStream;

pub(crate) use self::answer::Answering;
use self::{
    carry::Due,
    plan::{Carried, Plan, Stage},
};
use crate::{
    notices::Notices,
    rules,
    session::{Frame, Session},
};

const MUTED: &str = "bellwire-muted";
const CAMERA: &str = "bellwire-camera-on";

/// The media of this page.
#[derive(Clone, Copy)]
pub(crate) struct Media {
    /// What is carried.
    pub(crate) carried: RwSignal<Option<Carried>>,
    /// What is being answered.
    pub(crate) answering: RwSignal<Option<Answering>>,
    /// The offer, with its epoch, that the agent answered or refused: it rings no longer.
    pub(crate) hushed: RwSignal<Option<(InteractionId, u32)>>,
    /// Why the microphone could not be opened for a call.
    pub(crate) problem: RwSignal<Option<String>>,
    /// How the connection to the visitor's page does.
    pub(crate) state: RwSignal<CallState>,
    /// What the visitor sends.
    pub(crate) remote: RwSignal<Option<MediaStream>, LocalStorage>,
    /// What the visitor's page says it sends.
    pub(crate) remote_sending: RwSignal<Sending>,
    /// What is sent from here.
    pub(crate) local: RwSignal<Option<MediaStream>, LocalStorage>,
    /// The microphone is muted.
    pub(crate) muted: RwSignal<bool>,
    /// The camera is on.
    pub(crate) camera: RwSignal<bool>,
    /// How good the line is.
    pub(crate) quality: RwSignal<Option<Quality>>,
    call: StoredValue<Option<Rc<Call>>, LocalStorage>,
    /// What waits for STUN and TURN servers, which come once the server has joined the pages.
    due: StoredValue<Due>,
    session: Session,
    notices: Notices,
}

impl std::fmt::Debug for Media {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Media").finish_non_exhaustive()
    }
}

impl Media {
    pub(crate) fn new(session: Session, notices: Notices) -> Self {
        Self {
            carried: RwSignal::new(None),
            answering: RwSignal::new(None),
            hushed: RwSignal::new(None),
            problem: RwSignal::new(None),
            state: RwSignal::new(CallState::Connecting),
            remote: RwSignal::new_local(None),
            remote_sending: RwSignal::new(Sending::default()),
            local: RwSignal::new_local(None),
            muted: RwSignal::new(false),
            camera: RwSignal::new(false),
            quality: RwSignal::new(None),
            call: StoredValue::new_local(None),
            due: StoredValue::new(Due::Nothing),
            session,
            notices,
        }
    }

    /// Takes in a frame, after the desk did.
    pub(crate) fn heard(self, frame: &Frame) {
        match frame {
            Down::Tell(event) => {
                self.told(event);
                self.follow_plan();
            }
            Down::Relay {
                interaction,
                signal,
            } => self.with_call(*interaction, |call| call.hear(signal.clone())),
            Down::Ice(servers) => self.take_ice(servers),
            Down::Welcome(_) | Down::Done { .. } | Down::Pong | Down::Bye(_) => {}
        }
    }

    fn told(self, event: &AgentEvent) {
        match event {
            AgentEvent::Desk(_) => self.reattach(),
            AgentEvent::PeerChanged { interaction, peer } => {
                self.with_call(*interaction, |call| call.set_remote(*peer));
            }
            AgentEvent::Held { interaction, held } => {
                self.with_call(*interaction, |call| call.set_hold(*held));
            }
            AgentEvent::Withdrawn { .. } => self.problem.set(None),
            // What kept this page from answering matters no more.
            AgentEvent::Connected(work) if work.phone.is_some() => self.problem.set(None),
            AgentEvent::Refused {
                interaction: Some(interaction),
                ..
            } => self.refused(*interaction),
            AgentEvent::Refused {
                interaction: None, ..
            }
            | AgentEvent::Elsewhere
            | AgentEvent::State { .. }
            | AgentEvent::Offered(_)
            | AgentEvent::Connected(_)
            | AgentEvent::Reachable { .. }
            | AgentEvent::Said { .. }
            | AgentEvent::Typing { .. }
            | AgentEvent::Read { .. }
            | AgentEvent::Looks { .. }
            | AgentEvent::Journey { .. }
            | AgentEvent::Named { .. }
            | AgentEvent::Learnt { .. }
            | AgentEvent::WrapUp { .. }
            | AgentEvent::Closed { .. }
            | AgentEvent::Queues(_)
            | AgentEvent::Devices(_)
            | AgentEvent::OnPhone { .. }
            | AgentEvent::Digits { .. } => {}
        }
    }

    /// An answer that came too late, or a call that stays on the telephone: nothing waits for it
    /// any more.
    fn refused(self, interaction: InteractionId) {
        let answered = self.answering.get_untracked().map(Answering::interaction);
        if answered == Some(interaction) {
            self.answering.set(None);
        }
        let carried = self.carried.get_untracked();
        let awaited = carried.filter(|carried| carried.stage != Stage::InCall);
        if awaited.is_some_and(|carried| carried.interaction == interaction) {
            self.let_go();
        }
    }

    fn follow_plan(self) {
        let (plan, offered, calls) = self.session.desk.with_untracked(|desk| {
            let plan = plan::plan(desk, self.carried.get_untracked());
            let offered = desk.offer.as_ref().map(|card| card.offer.interaction);
            (plan, offered, rules::talking_call(desk).is_some())
        });
        if let Some(Answering::Server(answered)) = self.answering.get_untracked()
            && offered != Some(answered)
        {
            self.answering.set(None);
        }
        if offered.is_none() && !calls && self.problem.read_untracked().is_some() {
            self.problem.set(None);
        }
        match plan {
            Plan::Rest => {}
            Plan::Drop => self.let_go(),
            Plan::Begin => self.begin(),
            Plan::TakeBack(interaction) => self.take_back(interaction),
        }
    }

    fn with_call(self, interaction: InteractionId, act: impl FnOnce(&Call)) {
        let carried = self.carried.get_untracked();
        if carried.is_none_or(|carried| carried.interaction != interaction) {
            return;
        }
        if let Some(call) = self.call.get_value() {
            act(&call);
        }
    }

    /// Tries again to carry the live call, after the microphone could not be opened.
    pub(crate) fn try_again(self) {
        self.problem.set(None);
        if self.carried.read_untracked().is_some() {
            self.reopen_microphone();
        } else if self
            .session
            .desk
            .with_untracked(rules::call_on_phone)
            .is_some()
        {
            self.take_from_phone();
        } else {
            self.follow_plan();
        }
    }
}

/// Keeps a switch over a reload of this tab.
fn keep(key: &str, on: bool) {
    storage::set_session(key, on.then_some("yes"));
}

fn is_kept(key: &str) -> bool {
    storage::session(key).is_some()
}
