//! What presses mean: buttons, menus and shortcuts become commands.

use bellwire_client::ui::keypad;
use bellwire_proto::{
    agent::{AgentCommand, Device},
    id::InteractionId,
    interaction::Medium,
    mirror::{Desk, DeskItem},
};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{
    Parts,
    call::Press,
    header::Choice,
    keypad::{KEYS, OPENS_KEYPAD},
    pages::Pages,
    pane::{Ask, MESSAGE_BOX},
    stage,
    workspace::{Part, View},
};
use crate::{clip, keys::Shortcut, notices::WayOn, rules};

/// Where presses go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Presses {
    pub(crate) parts: Parts,
    pub(crate) view: View,
    pub(crate) pages: Pages,
}

impl Presses {
    /// Takes contacts from now on. The microphone is tried, so that a refusal is not found out by
    /// the first visitor.
    pub(crate) fn ready(self) {
        self.parts.session.send(AgentCommand::Ready);
        self.parts.notices.done(WayOn::Ready);
        let here = |desk: &Desk| desk.devices.chosen.has_page();
        if self.desk(|desk| here(desk) && desk.capacity.of(Medium::Call) > 0) {
            self.parts.media.check_microphone();
        }
    }

    /// Takes calls on that from now on. Whoever is ready and comes back to the page should not
    /// find out with the first call that the microphone is refused.
    pub(crate) fn take_calls_on(self, device: Device) {
        let before = self.desk(|desk| desk.devices.chosen);
        self.parts
            .session
            .send(AgentCommand::TakeCallsOn { device });
        match (before.has_page(), device.has_page()) {
            (false, true) if self.desk(|desk| rules::is_ready(&desk.chosen)) => {
                self.parts.media.check_microphone();
            }
            (true, false) => self.parts.media.needs_no_microphone(),
            (_, true) | (false, false) => {}
        }
    }

    /// Is away, but can be reached for scheduled work.
    pub(crate) fn on_call(self) {
        self.parts.session.send(AgentCommand::OnCall);
        self.parts.notices.done(WayOn::Ready);
    }

    /// Takes none.
    pub(crate) fn not_ready(self, reason: String) {
        self.parts.session.send(AgentCommand::NotReady { reason });
    }

    /// Something was chosen in the menu.
    pub(crate) fn choice(self, choice: Choice) {
        match choice {
            Choice::Notify => self.parts.ring.ask(),
            Choice::Devices => self.view.devices.set(true),
            Choice::Shortcuts => self.view.help.set(true),
            Choice::SignOut => self.parts.session.sign_out(),
        }
    }

    /// A sentence's button was pressed.
    pub(crate) fn way_on(self, way_on: WayOn) {
        match way_on {
            WayOn::None => {}
            WayOn::Ready => self.ready(),
            WayOn::Microphone => self.parts.media.reopen_microphone(),
        }
    }

    /// One of the call's buttons was pressed.
    pub(crate) fn call(self, press: Press) {
        let media = self.parts.media;
        let call = self.desk(|desk| {
            rules::talking_call(desk).map(|(id, item)| (id, stage::live_call(id, item)))
        });
        let Some((interaction, call)) = call else {
            return;
        };
        match press {
            Press::Mute => match call.phone {
                Some(phone) => self.parts.session.send(AgentCommand::Mute {
                    interaction,
                    muted: !phone.muted,
                }),
                None => media.toggle_mute(),
            },
            Press::TakeHere => media.take_from_phone(),
            Press::Keypad | Press::Key(_) if !call.by_telephone => {}
            Press::Keypad => {
                // Before the keys go, and the focus with them.
                if focus_is_in(KEYS) {
                    focus_on(OPENS_KEYPAD);
                }
                self.view.keypad.open.update(|open| *open = !*open);
            }
            Press::Key(key) => {
                (self.view.keypad.sent).update(|sent| *sent = keypad::with(sent, key));
                self.parts.session.send(AgentCommand::Digits {
                    interaction,
                    digits: key.to_owned(),
                });
            }
            Press::Camera if !call.has_camera => {}
            Press::Camera => media.toggle_camera(),
            Press::Hold if call.held => self
                .parts
                .session
                .send(AgentCommand::Resume { interaction }),
            Press::Hold => self.parts.session.send(AgentCommand::Hold { interaction }),
            Press::HangUp => self
                .parts
                .session
                .send(AgentCommand::HangUp { interaction }),
            Press::Show => self.show(interaction),
            Press::TryAgain => media.try_again(),
        }
    }

    /// Something is asked for in a contact's pane.
    pub(crate) fn ask(self, interaction: InteractionId, ask: Ask) {
        let session = self.parts.session;
        match ask {
            Ask::End => session.send(AgentCommand::HangUp { interaction }),
            Ask::Say(line) => session.say(interaction, line),
            Ask::Typing => session.type_in(interaction),
            Ask::Finish => self.finish(interaction),
        }
    }

    /// Copies a text.
    pub(crate) fn copy(self, text: String) {
        clip::copy(self.parts.notices, text);
    }

    /// A shortcut was pressed. True where it meant something.
    pub(crate) fn shortcut(self, shortcut: Shortcut) -> bool {
        if !self.pages.on_desk.get_untracked() && shortcut.is_of_desk() {
            return false;
        }
        match shortcut {
            Shortcut::Accept => self.if_offered(|| self.parts.media.accept()),
            Shortcut::Decline => self.if_offered(|| self.parts.media.decline()),
            Shortcut::Ready => {
                self.ready();
                true
            }
            Shortcut::NotReady => self.shortcut_not_ready(),
            Shortcut::Mute => self.if_calling(Press::Mute),
            Shortcut::Camera => self.if_calling(Press::Camera),
            Shortcut::Hold => self.if_calling(Press::Hold),
            Shortcut::HangUp => self.hang_up_shown(),
            Shortcut::Keypad => self.if_calling(Press::Keypad),
            Shortcut::Key(key) => self.if_calling(Press::Key(key)),
            Shortcut::Message => focus_on(MESSAGE_BOX),
            Shortcut::Finish => self.finish_shown(),
            Shortcut::Next => self.go(1),
            Shortcut::Previous => self.go(-1),
            Shortcut::Item(place) => self.go_to(self.desk(rules::order).get(place).copied()),
            Shortcut::Help => {
                self.view.help.set(true);
                true
            }
        }
    }

    fn shortcut_not_ready(self) -> bool {
        let (takes_none, first) = self.desk(|desk| {
            let takes_none = rules::is_not_ready(&desk.chosen);
            (takes_none, desk.reasons.first().cloned())
        });
        if let Some(reason) = first.filter(|_| !takes_none) {
            self.not_ready(reason);
        }
        self.view.reasons.set(true);
        true
    }

    fn if_offered(self, act: impl FnOnce()) -> bool {
        let offered = self.desk(|desk| desk.offer.is_some());
        if offered {
            act();
        }
        offered
    }

    fn if_calling(self, press: Press) -> bool {
        let calling = self.desk(|desk| rules::talking_call(desk).is_some());
        if calling {
            self.call(press);
        }
        calling
    }

    /// Ends the contact that is shown; a call also where another contact is shown that is over.
    fn hang_up_shown(self) -> bool {
        let shown = self.view.shown.get_untracked();
        let interaction = self.desk(|desk| {
            let talks = |id: &InteractionId| {
                desk.items
                    .get(id)
                    .is_some_and(|item| rules::is_talking(&item.stage))
            };
            shown
                .filter(talks)
                .or_else(|| rules::talking_call(desk).map(|(id, _)| id))
        });
        let Some(interaction) = interaction else {
            return false;
        };
        self.parts
            .session
            .send(AgentCommand::HangUp { interaction });
        true
    }

    fn finish_shown(self) -> bool {
        let Some(shown) = self.view.shown.get_untracked() else {
            return false;
        };
        let is_over = |item: &DeskItem| !rules::is_talking(&item.stage);
        let over = self.desk(|desk| desk.items.get(&shown).is_some_and(is_over));
        if over {
            self.finish(shown);
        }
        over
    }

    /// Ends a wrap-up, with the first disposition where the agent left it at that.
    fn finish(self, interaction: InteractionId) {
        let draft = self.parts.drafts.peek(interaction);
        let disposition =
            self.desk(|desk| rules::disposition(&desk.dispositions, &draft.disposition));
        self.parts.session.send(AgentCommand::Finish {
            interaction,
            disposition,
            note: draft.note.trim().to_owned(),
        });
    }

    fn go(self, steps: isize) -> bool {
        let shown = self.view.shown.get_untracked();
        self.go_to(rules::neighbour(&self.desk(rules::order), shown, steps))
    }

    fn go_to(self, interaction: Option<InteractionId>) -> bool {
        if let Some(interaction) = interaction {
            self.show(interaction);
        }
        interaction.is_some()
    }

    fn show(self, interaction: InteractionId) {
        self.view.chosen.set(Some(interaction));
        self.view.part.set(Part::Work);
        self.pages.router.to_desk();
    }

    fn desk<T>(self, look: impl FnOnce(&Desk) -> T) -> T {
        self.parts.session.desk.with_untracked(look)
    }
}

fn focus_is_in(selector: &str) -> bool {
    let focused = document().active_element();
    focused.is_some_and(|element| element.closest(selector).ok().flatten().is_some())
}

fn focus_on(selector: &str) -> bool {
    let element = document()
        .query_selector(selector)
        .ok()
        .flatten()
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = &element {
        // An element that is on the page takes the focus.
        _ = element.focus();
    }
    element.is_some()
}
