//! Which page carries a call's media: this one, from the start, after a reload, or taken over.

use std::rc::Rc;

use bellwire_proto::{
    id::{InteractionId, PeerId},
    interaction::{EndCause, Medium, Role},
    rtc::{IceServer, Sending, Signal},
    visitor::{Start, VisitorCommand, VisitorEvent, VisitorStage},
};

use super::{
    app::App,
    keep::{self, KeptCall},
    screen::{Claim, Memory, Place, claim, claims, in_line},
};

use crate::{
    ids,
    rtc::{Call, CallState},
};

/// A call whose media this page carries.
pub(crate) struct Carried {
    pub(super) interaction: InteractionId,
    pub(super) peer: PeerId,
    /// The visitor wants to be seen.
    pub(super) video: bool,
    /// Where to ask for ways through the network; there once the other page can be reached.
    pub(super) ice: Option<Vec<IceServer>>,
    /// The agent's peer connection that was offered to.
    pub(super) offered: Option<PeerId>,
    /// Signals that came before the call was built.
    pub(super) early: Vec<Signal>,
    pub(super) call: Option<Rc<Call>>,
}

impl App {
    /// Asks for an agent, with the devices chosen.
    pub(crate) fn start_call(self) {
        let Place::Preparing { video } = self.here.get_untracked().place else {
            return;
        };
        self.go(Place::Home);
        let waiting = self.mirror.with_untracked(in_line);
        if let Some(chat) = waiting {
            return self.to_call(chat, video);
        }
        let interaction = ids::interaction();
        self.mirror
            .update(|widget| widget.started(interaction, Medium::Call, video));
        let peer = self.carry(interaction, video);
        self.send(VisitorCommand::Start(Start {
            interaction,
            medium: Medium::Call,
            video,
            peer: Some(peer),
        }));
    }

    /// This page carries the call from now on, by a new peer connection.
    pub(super) fn carry(self, interaction: InteractionId, video: bool) -> PeerId {
        let peer = ids::peer();
        self.inner().carried.replace(Some(Carried {
            interaction,
            peer,
            video,
            ice: None,
            offered: None,
            early: Vec::new(),
            call: None,
        }));
        self.here.update(|here| {
            here.own = Some(interaction);
            here.followed = Some(interaction);
        });
        self.call.state.set(CallState::Connecting);
        self.call.theirs.set(Sending {
            audio: true,
            video: false,
        });
        self.call.quality.set(None);
        self.call.with.set(None);
        self.call.asked.set(self.server_now());
        self.chat.beside.set(false);
        self.keep_call();
        if let Some(frame) = self.frame() {
            frame.call(true);
        }
        peer
    }

    pub(super) fn keep_call(self) {
        let inner = self.inner();
        let carried = inner.carried.borrow();
        keep::set_call(carried.as_ref().map(|carried| KeptCall {
            interaction: carried.interaction,
            peer: carried.peer,
            video: carried.video,
            muted: self.call.muted.get_untracked(),
        }));
    }

    /// The page was loaded in the middle of a call: the microphone opens while the centre is
    /// still being asked.
    pub(super) fn return_to_call(self, resume: bool) {
        if !resume {
            return keep::set_call(None);
        }
        self.here.update(|here| here.returning = true);
        let Some(kept) = keep::call() else { return };
        self.here
            .update(|here| here.followed = Some(kept.interaction));
        self.call.muted.set(kept.muted);
        self.open_devices(kept.video);
    }

    /// Comes back to the call no more.
    pub(crate) fn give_up_returning(self) {
        self.inner().resume.set(false);
        let followed = self.here.get_untracked().followed;
        self.here.update(|here| here.returning = false);
        if let Some(interaction) = followed {
            self.send(VisitorCommand::Leave { interaction });
        }
        self.let_go();
        self.go(Place::Home);
    }

    /// The centre has told its whole state: who carries the live call's media?
    pub(super) fn claim_call(self) {
        let inner = self.inner();
        let own = inner
            .carried
            .borrow()
            .as_ref()
            .map(|carried| (carried.interaction, carried.peer));
        let on_the_way = own.is_some_and(|(call, _)| {
            let kept = self
                .connection()
                .map(|connection| connection.kept())
                .unwrap_or_default();
            kept.iter().any(|command| claims(command, call))
        });
        let resume = inner.resume.replace(false);
        let memory = Memory {
            own,
            resume,
            on_the_way,
        };
        let returning = self.here.get_untracked().returning;
        match self.mirror.with_untracked(|widget| claim(widget, memory)) {
            Claim::Keep(interaction) => self.keep_carrying(interaction),
            Claim::BringBack(interaction) => self.bring_back(interaction),
            Claim::LetGo(_) => self.let_go(),
            Claim::Nothing if returning || own.is_some() => self.let_go(),
            Claim::Nothing => {}
        }
        if returning {
            self.here.update(|here| here.returning = false);
        }
    }

    fn keep_carrying(self, interaction: InteractionId) {
        let inner = self.inner();
        let peer = inner.carried.borrow().as_ref().map(|carried| carried.peer);
        let Some(peer) = peer else { return };
        self.send(VisitorCommand::Attach { interaction, peer });
        inner.reattached.set(true);
        self.meet_agent(interaction);
    }

    /// Carries a live call here: after a reload, or taken over from another tab.
    pub(crate) fn bring_back(self, interaction: InteractionId) {
        let video = self
            .mirror
            .with_untracked(|widget| Some(widget.contacts.get(&interaction)?.video));
        let Some(video) = video else { return };
        let kept = keep::call().filter(|kept| kept.interaction == interaction);
        let video = kept.map_or(video, |kept| kept.video);
        let peer = self.carry(interaction, video);
        self.mirror.update(|widget| {
            if let Some(contact) = widget.contacts.get_mut(&interaction) {
                contact.elsewhere = false;
            }
        });
        self.send(VisitorCommand::Attach { interaction, peer });
        // After a reload they are asked for already, or open.
        let asked = self.call.stream.with_untracked(Option::is_some)
            || (kept.is_some() && self.here.get_untracked().returning);
        if !asked {
            self.open_devices(video);
        }
        self.meet_agent(interaction);
    }

    /// Takes a call over from another tab.
    pub(crate) fn take_here(self) {
        if let Some(call) = self.shown_call() {
            self.bring_back(call);
        }
    }

    /// Hangs up, or gives up waiting. The visitor sees it at once, even without a connection.
    pub(super) fn leave_call(self, interaction: InteractionId) {
        self.send(VisitorCommand::Leave { interaction });
        self.left(interaction);
        self.let_go();
    }

    /// Shows an interaction as left by the visitor, ahead of the centre's word.
    pub(super) fn left(self, interaction: InteractionId) {
        let now = self.server_now();
        self.mirror.update(|widget| {
            let Some(contact) = widget.contacts.get(&interaction) else {
                return;
            };
            let cause = match contact.stage {
                VisitorStage::Asked | VisitorStage::Waiting { .. } => EndCause::Abandoned,
                VisitorStage::Connected { .. } => EndCause::HungUp,
                VisitorStage::Ended { .. } => return,
            };
            let by = Some(Role::Customer);
            widget.apply(
                VisitorEvent::Ended {
                    interaction,
                    cause,
                    by,
                },
                now,
            );
        });
    }

    /// Carries no call any more: microphone and camera go out.
    pub(super) fn let_go(self) {
        let carried = self.inner().carried.replace(None);
        if let Some(call) = carried.and_then(|carried| carried.call) {
            call.close();
        }
        self.close_devices();
        self.call.remote.set(None);
        self.call.camera.set(false);
        self.here.update(|here| here.own = None);
        keep::set_call(None);
        if let Some(frame) = self.frame() {
            frame.call(false);
        }
    }

    /// Whether this page carries this call.
    pub(super) fn carries(self, interaction: InteractionId) -> bool {
        let inner = self.inner();
        let carried = inner.carried.borrow();
        carried
            .as_ref()
            .is_some_and(|carried| carried.interaction == interaction)
    }
}
