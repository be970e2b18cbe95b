//! Writing: lines, typing, read marks, and own lines that must not be lost.
//!
//! An own line is kept by the tab until the centre has numbered it. After a reload it is said
//! again under the same name, so it arrives once.

use bellwire_proto::{
    id::{InteractionId, MessageId},
    interaction::{Medium, Role},
    visitor::{Start, VisitorCommand},
};
use gloo_timers::callback::Timeout;

use super::{
    app::App,
    keep,
    screen::{Place, Screen, chat_thread, unread},
    signals::untrack,
};
use crate::ids;

/// How long to wait with lines that were too many at once.
const AGAIN_AFTER_MS: u32 = 3_000;

impl App {
    /// The interaction whose lines are shown on this screen, if any.
    pub(crate) fn thread(self) -> Option<InteractionId> {
        match self.screen.get() {
            Screen::Chat => self
                .mirror
                .with(|widget| chat_thread(widget, self.chat.aside.get())),
            Screen::Call(call) => self.chat.beside.get().then_some(call),
            Screen::Ended(call) => Some(call),
            Screen::Returning
            | Screen::Start
            | Screen::Prepare { .. }
            | Screen::Asked(_)
            | Screen::Waiting(_)
            | Screen::Elsewhere(_)
            | Screen::Message
            | Screen::Directed(_)
            | Screen::Privacy => None,
        }
    }

    /// Goes to the chat; or to a message, where a new chat would find the centre closed.
    pub(crate) fn write(self) {
        let open = self
            .mirror
            .with_untracked(|widget| widget.centre.open || widget.live(Medium::Chat).is_some());
        if open || !self.known.get_untracked() {
            self.go(Place::Chat);
        } else {
            self.to_message();
        }
    }

    /// Sends a line, to a new chat where none is open.
    pub(crate) fn say(self, text: String) {
        let open = untrack(move || self.thread()).filter(|thread| self.is_live(*thread));
        let interaction = open.unwrap_or_else(|| self.start_chat(ids::interaction()));
        self.notice.set(None);
        self.say_line(interaction, ids::message(), text);
    }

    pub(super) fn is_live(self, interaction: InteractionId) -> bool {
        self.mirror.with_untracked(|widget| {
            widget
                .contacts
                .get(&interaction)
                .is_some_and(|contact| contact.is_live())
        })
    }

    fn start_chat(self, interaction: InteractionId) -> InteractionId {
        self.mirror
            .update(|widget| widget.started(interaction, Medium::Chat, false));
        self.chat.aside.set(None);
        self.send(VisitorCommand::Start(Start {
            interaction,
            medium: Medium::Chat,
            video: false,
            peer: None,
        }));
        interaction
    }

    fn say_line(self, interaction: InteractionId, message: MessageId, text: String) {
        let mut unsent = keep::unsent();
        if !unsent.iter().any(|(_, kept, _)| *kept == message) {
            unsent.push((interaction, message, text.clone()));
            keep::set_unsent(&unsent);
        }
        self.mirror.update(|widget| {
            if let Some(contact) = widget.contacts.get_mut(&interaction) {
                contact.chat.say(message, text.clone());
            }
        });
        self.send(VisitorCommand::Say {
            interaction,
            message,
            text,
        });
    }

    /// The centre has stored a line: it need not be kept here any more.
    pub(super) fn stored(self, message: MessageId) {
        let mut unsent = keep::unsent();
        let before = unsent.len();
        unsent.retain(|(_, kept, _)| *kept != message);
        if unsent.len() != before {
            keep::set_unsent(&unsent);
        }
    }

    /// Says again what an earlier page of this tab could not deliver.
    pub(super) fn say_unsent(self) {
        for (interaction, message, text) in keep::unsent() {
            let known = self.mirror.with_untracked(|widget| {
                let contact = widget.contacts.get(&interaction)?;
                let arrived = contact.chat.lines().any(|line| line.id == message);
                Some((contact.is_live(), arrived))
            });
            match known {
                Some((_, true)) => self.stored(message),
                Some((true, false)) => self.say_line(interaction, message, text),
                Some((false, false)) => self.take_back_unsent(interaction),
                None => {
                    let live = self
                        .mirror
                        .with_untracked(|widget| widget.live(Medium::Chat).is_some());
                    if !live {
                        self.start_chat(interaction);
                        self.say_line(interaction, message, text);
                    } else {
                        self.take_back_unsent(interaction);
                    }
                }
            }
        }
    }

    /// The centre took no more lines for the moment: says them again in a while.
    pub(super) fn say_unsent_later(self) {
        Timeout::new(AGAIN_AFTER_MS, move || self.say_unsent()).forget();
    }

    /// Lines that cannot be delivered there go back to where the visitor writes.
    pub(super) fn take_back_unsent(self, interaction: InteractionId) {
        let (back, kept): (Vec<_>, Vec<_>) = keep::unsent()
            .into_iter()
            .partition(|(to, _, _)| *to == interaction);
        if back.is_empty() {
            return;
        }
        keep::set_unsent(&kept);
        self.chat.draft.update(|draft| {
            for (_, _, text) in back.iter().rev() {
                let rest = std::mem::take(draft);
                *draft = if rest.is_empty() {
                    text.clone()
                } else {
                    format!("{text}\n{rest}")
                };
            }
        });
    }

    /// Lines of something that was given up are said no more.
    pub(super) fn drop_unsent(self, interaction: InteractionId) {
        let mut unsent = keep::unsent();
        unsent.retain(|(to, _, _)| *to != interaction);
        keep::set_unsent(&unsent);
    }

    /// The visitor types.
    pub(crate) fn typing(self) {
        let Some(interaction) = untrack(move || self.thread()).filter(|t| self.is_live(*t)) else {
            return;
        };
        self.send(VisitorCommand::Typing { interaction });
    }

    /// Shows the chat beside the call, or no more.
    pub(crate) fn toggle_chat(self) {
        self.chat.beside.update(|beside| *beside = !*beside);
    }

    /// Ends the chat.
    pub(crate) fn end_chat(self) {
        let Some(interaction) = untrack(move || self.thread()) else {
            return;
        };
        self.send(VisitorCommand::Leave { interaction });
        self.left(interaction);
    }

    /// Puts an ended chat aside for a new one.
    pub(crate) fn new_chat(self) {
        let last = self
            .mirror
            .with_untracked(|widget| chat_thread(widget, None));
        self.chat.aside.set(last);
    }

    /// Marks the shown chat as read, while somebody looks at it.
    pub(super) fn mark_read(self) {
        if !self.open.get() || !self.looked_at.get() {
            return;
        }
        let Some(interaction) = self.thread() else {
            return;
        };
        let last = self.mirror.with(|widget| {
            let chat = &widget.contacts.get(&interaction)?.chat;
            let unread = chat.unread(Role::Customer) > 0;
            chat.lines().last().map(|line| line.seq).filter(|_| unread)
        });
        let Some(seq) = last else { return };
        if !self.is_live(interaction) {
            // The centre keeps no marks of what is over; the launcher's count is this page's own.
            return self.mirror.update(|widget| {
                if let Some(contact) = widget.contacts.get_mut(&interaction) {
                    contact.chat.read.customer = seq;
                }
            });
        }
        if self.inner().marked.replace(Some((interaction, seq))) != Some((interaction, seq)) {
            self.send(VisitorCommand::Read { interaction, seq });
        }
    }

    /// Tells the launcher how many lines are unread.
    pub(super) fn tell_badge(self) {
        let unread = self.mirror.with_untracked(unread);
        if let Some(frame) = self.frame() {
            frame.badge(unread);
        }
    }
}
