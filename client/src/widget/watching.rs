//! What is known of the visitor, who may stop that; and what the centre offers unasked.

use bellwire_proto::{
    id::InvitationId,
    interaction::Medium,
    setup::InvitationHow,
    visitor::{InvitationAct, InvitationView, VisitorCommand},
};
use js_sys::Reflect;

use super::app::App;

impl App {
    /// Lets the visitor be watched, or not: at the centre, and on the page around.
    pub(crate) fn set_monitored(self, on: bool) {
        self.mirror.update(|widget| widget.monitored = on);
        self.monitored(on);
        self.send(VisitorCommand::Monitoring { on });
    }

    /// Whether the visitor is watched changed, here or in another tab.
    pub(super) fn monitored(self, on: bool) {
        self.inner().quiet.set(!on || browser_wants_quiet());
        if let Some(frame) = self.frame() {
            frame.monitoring(on);
        }
    }

    /// The launcher shows the centre's status too.
    pub(super) fn tell_status(self) {
        if let Some(frame) = self.frame() {
            self.mirror
                .with_untracked(|widget| frame.status(&widget.centre));
        }
    }

    /// The page around shows the invitation that stands, or none.
    pub(super) fn tell_invited(self) {
        if let Some(frame) = self.frame() {
            self.mirror
                .with_untracked(|widget| frame.invited(widget.invited.as_ref()));
        }
    }

    /// The visitor took an invitation on the page around.
    pub(super) fn invitation_accepted(self, invitation: &InvitationView) {
        self.invitation_act(invitation.invitation, InvitationAct::Accepted);
        let calling = self
            .mirror
            .with_untracked(|widget| widget.live(Medium::Call).is_some());
        match invitation.how {
            InvitationHow::Contact(Medium::Call) if !calling => self.prepare(false),
            InvitationHow::Contact(Medium::Chat) => {
                // Not to a chat that is over.
                self.new_chat();
                self.write();
            }
            InvitationHow::Contact(Medium::Call) | InvitationHow::Line => {}
        }
    }

    /// Tells what became of an invitation. Only what was merely seen still stands.
    pub(super) fn invitation_act(self, invitation: InvitationId, act: InvitationAct) {
        if act != InvitationAct::Shown {
            self.mirror.update(|widget| {
                let over = |held: &InvitationView| held.invitation != invitation;
                widget.invited = widget.invited.take().filter(over);
            });
        }
        self.send(VisitorCommand::Invitation { invitation, act });
    }
}

/// The browser asks every site not to watch its user (Global Privacy Control, Do Not Track).
pub(crate) fn browser_wants_quiet() -> bool {
    let Some(window) = web_sys::window() else {
        return false;
    };
    let navigator = window.navigator();
    let said = |name: &str| Reflect::get(&navigator, &name.into()).ok();
    said("globalPrivacyControl").is_some_and(|control| control.is_truthy())
        || said("doNotTrack")
            .and_then(|track| track.as_string())
            .as_deref()
            == Some("1")
}
