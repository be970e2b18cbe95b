//! A change of mind while waiting: another medium from the same place, or a message instead.

use bellwire_proto::{
    id::{InteractionId, MessageId},
    interaction::{LONGEST_MESSAGE, Medium},
    mirror::Chat,
    visitor::{LeftMessage, VisitorCommand},
};

use super::{
    app::App,
    prompting::typed,
    screen::{Place, in_line, is_in_line},
};
use crate::ids;

/// What is typed on the message screen, by name: no fact has a blank in its name.
pub(crate) const TEXT: &str = "message text";
/// Who writes the message.
pub(crate) const NAME: &str = "message name";
/// Where the answer goes.
pub(crate) const REPLY_TO: &str = "message reply";
/// All of them.
pub(super) const MESSAGE: [&str; 3] = [TEXT, NAME, REPLY_TO];

/// What was changed ahead of the centre's word: what waits has another medium, or a message took
/// its place.
#[derive(Clone, Copy)]
pub(crate) struct Changed {
    interaction: InteractionId,
    was: Medium,
    message: Option<MessageId>,
}

/// The chat as it was before this line was written.
fn without(chat: &Chat, message: MessageId) -> Chat {
    let mut before = Chat::default();
    before.cut = chat.cut;
    before.read = chat.read;
    for line in chat.lines() {
        before.said(line.clone());
    }
    for (id, text) in chat.unsent().filter(|(id, _)| *id != message) {
        before.say(*id, text.clone());
    }
    before
}

impl App {
    /// Whether this call may go on in writing from its place in line: as a chat or as a message.
    pub(crate) fn can_switch(self, call: InteractionId) -> bool {
        self.mirror.with(|widget| {
            let waits = widget.contacts.get(&call).is_some_and(is_in_line);
            waits && widget.live(Medium::Chat).is_none()
        })
    }

    /// The waiting call becomes a chat.
    pub(super) fn to_chat(self, call: InteractionId) {
        self.switch(call, Medium::Chat);
        self.let_go();
        self.here.update(|here| here.followed = None);
        self.go(Place::Chat);
    }

    /// The waiting chat becomes a call, with the devices chosen.
    pub(super) fn to_call(self, chat: InteractionId, video: bool) {
        self.switch(chat, Medium::Call);
        let peer = self.carry(chat, video);
        self.send(VisitorCommand::Attach {
            interaction: chat,
            peer,
        });
    }

    fn switch(self, interaction: InteractionId, medium: Medium) {
        self.remember(interaction, None);
        self.show_switched(interaction, medium);
        self.send(VisitorCommand::Switch {
            interaction,
            medium,
        });
    }

    /// Remembers how it was, in case the centre refuses the change.
    fn remember(self, interaction: InteractionId, message: Option<MessageId>) {
        let was = self
            .mirror
            .with_untracked(|widget| Some(widget.contacts.get(&interaction)?.medium));
        self.inner().changed.set(was.map(|was| Changed {
            interaction,
            was,
            message,
        }));
    }

    /// Shows the other medium ahead of the centre's word.
    pub(super) fn show_switched(self, interaction: InteractionId, medium: Medium) {
        self.mirror.update(|widget| {
            if let Some(contact) = widget.contacts.get_mut(&interaction) {
                contact.medium = medium;
            }
        });
    }

    /// The centre did not change it: all is as before. `false` where nothing was changed.
    pub(super) fn change_back(self, interaction: InteractionId) -> bool {
        let inner = self.inner();
        let ours = |changed: &Changed| changed.interaction == interaction;
        let Some(changed) = inner.changed.get().filter(ours) else {
            return false;
        };
        inner.changed.set(None);
        self.show_switched(interaction, changed.was);
        if let Some(message) = changed.message {
            self.mirror.update(|widget| {
                if let Some(contact) = widget.contacts.get_mut(&interaction) {
                    contact.left_message = false;
                    contact.chat = without(&contact.chat, message);
                }
            });
        }
        match changed.was {
            Medium::Call => {
                self.bring_back(interaction);
                self.go(Place::Home);
            }
            Medium::Chat => {
                if self.carries(interaction) {
                    self.let_go();
                }
                self.go(Place::Chat);
            }
        }
        true
    }

    /// Goes back from the message to where the visitor was.
    pub(crate) fn back_from_message(self) {
        let chatting = self
            .mirror
            .with_untracked(|widget| widget.live(Medium::Chat).is_some());
        self.go(if chatting { Place::Chat } else { Place::Home });
    }

    /// Whether a message takes the place of something that waits.
    pub(crate) fn message_instead(self) -> bool {
        self.mirror.with(|widget| in_line(widget).is_some())
    }

    /// Goes to the message, with the name that is known and the line that was begun.
    pub(crate) fn to_message(self) {
        let begun = self.chat.draft.get_untracked();
        if !begun.is_empty() {
            self.type_in(TEXT, &begun);
            self.chat.draft.set(String::new());
        }
        let name = self.mirror.with_untracked(|widget| widget.name.clone());
        let named = self
            .typed
            .with_untracked(|all| !typed(all, NAME).is_empty());
        if let Some(name) = name.filter(|_| !named) {
            self.type_in(NAME, &name);
        }
        self.go(Place::Message);
    }

    /// Leaves the message, instead of what waits or by itself.
    pub(crate) fn leave_message(self) {
        let written = |fact| {
            self.typed
                .with_untracked(|all| typed(all, fact).trim().to_owned())
        };
        let text = written(TEXT);
        if text.is_empty() || text.len() > LONGEST_MESSAGE {
            return;
        }
        let interaction = self.mirror.with_untracked(in_line);
        let interaction = interaction.unwrap_or_else(ids::interaction);
        let message = LeftMessage {
            interaction,
            message: ids::message(),
            text,
            name: written(NAME),
            reply_to: written(REPLY_TO),
        };
        self.remember(interaction, Some(message.message));
        if self.carries(interaction) {
            self.let_go();
        }
        self.show_message(&message);
        self.here.update(|here| here.followed = None);
        self.chat.aside.set(None);
        self.go(Place::Chat);
        self.send(VisitorCommand::Message(message));
    }

    /// Shows the message as on its way.
    pub(super) fn show_message(self, message: &LeftMessage) {
        self.mirror.update(|widget| {
            widget.started(message.interaction, Medium::Chat, false);
            if let Some(contact) = widget.contacts.get_mut(&message.interaction) {
                contact.medium = Medium::Chat;
                contact.left_message = true;
                contact.prompt = None;
                contact.chat.say(message.message, message.text.clone());
            }
        });
    }

    /// A line has arrived: where it was the message, what was typed for it need not be kept.
    pub(super) fn message_stored(self, interaction: InteractionId) {
        let left = self.mirror.with_untracked(|widget| {
            let contact = widget.contacts.get(&interaction);
            contact.is_some_and(|contact| contact.left_message)
        });
        if left
            && self
                .typed
                .with_untracked(|all| !typed(all, TEXT).is_empty())
        {
            self.type_in(TEXT, "");
        }
    }

    /// Puts the page away that the visitor was led to.
    pub(crate) fn stay(self) {
        self.mirror.update(|widget| {
            for contact in widget.contacts.values_mut() {
                contact.directed = None;
            }
        });
        self.here.update(|here| here.followed = None);
        self.go(Place::Home);
    }
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{
        interaction::{ChatMessage, Role},
        time::Timestamp,
    };

    use super::*;

    #[test]
    fn a_message_that_was_refused_leaves_the_other_lines_as_they_were() {
        let id = |n| MessageId::new(Timestamp(1), n);
        let mut chat = Chat::default();
        chat.said(ChatMessage {
            seq: 1,
            id: id(1),
            from: Role::Customer,
            name: None,
            text: "Hello?".into(),
            at: Timestamp(1),
        });
        chat.say(id(2), "On its way".into());
        let before = chat.clone();
        chat.say(id(3), "Call me back".into());

        assert_eq!(without(&chat, id(3)), before);
    }
}
