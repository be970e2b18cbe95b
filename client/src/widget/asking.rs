//! Answering what must be known: prompts before a contact, and while it waits.

use bellwire_proto::{
    id::InteractionId,
    prompt::{Answer, Ask, MENU, Prompt},
    visitor::VisitorCommand,
};

use super::{
    app::App,
    changing::MESSAGE,
    keep,
    prompting::{answers, missing, type_in},
    screen::Place,
};

impl App {
    /// What is asked about this interaction now.
    pub(crate) fn prompt(self, interaction: InteractionId) -> Option<Prompt> {
        self.mirror
            .with_untracked(|widget| widget.contacts.get(&interaction)?.prompt.clone())
    }

    /// Remembers what is typed, in this tab alone.
    pub(crate) fn type_in(self, fact: &str, value: &str) {
        self.typed.update(|typed| {
            type_in(typed, fact, value);
            keep::set_typed(typed);
        });
    }

    /// Sends what was filled in. `false`: something that is needed lacks, which is told now.
    pub(crate) fn answer(self, interaction: InteractionId) -> bool {
        let Some(prompt) = self.prompt(interaction) else {
            return true;
        };
        let Ask::Fields(fields) = &prompt.ask else {
            return true;
        };
        let bad = self.typed.with_untracked(|typed| missing(fields, typed));
        let good = bad.is_empty();
        self.mirror.update(|widget| {
            if let Some(contact) = widget.contacts.get_mut(&interaction) {
                contact.bad = bad;
            }
        });
        if good {
            let answers = self.typed.with_untracked(|typed| answers(fields, typed));
            self.send_answers(interaction, prompt.n, answers);
        }
        good
    }

    /// Chooses from a menu.
    pub(crate) fn choose_option(self, interaction: InteractionId, value: &str) {
        let Some(prompt) = self.prompt(interaction) else {
            return;
        };
        let chosen = Answer {
            fact: MENU.to_owned(),
            value: value.to_owned(),
        };
        self.send_answers(interaction, prompt.n, vec![chosen]);
    }

    fn send_answers(self, interaction: InteractionId, n: u32, answers: Vec<Answer>) {
        self.notice.set(None);
        self.on_its_way(interaction, n);
        self.send(VisitorCommand::Answer {
            interaction,
            n,
            answers,
        });
    }

    /// What is refused from now on is this answer, and no change before it.
    fn on_its_way(self, interaction: InteractionId, n: u32) {
        self.inner().changed.set(None);
        self.answered.set(Some((interaction, n)));
    }

    /// Goes on without an answer.
    pub(crate) fn skip(self, interaction: InteractionId) {
        if let Some(Prompt { n, .. }) = self.prompt(interaction) {
            self.notice.set(None);
            self.on_its_way(interaction, n);
            self.send(VisitorCommand::Skip { interaction, n });
        }
    }

    /// Gives up before it began: nothing of it stays behind, here or at the centre.
    pub(crate) fn cancel_asked(self, interaction: InteractionId) {
        self.send(VisitorCommand::Leave { interaction });
        if self.carries(interaction) {
            self.let_go();
        }
        self.drop_unsent(interaction);
        self.forget_typed();
        self.mirror.update(|widget| {
            widget.contacts.remove(&interaction);
        });
        self.go(Place::Home);
    }

    /// The centre asks something else now, or nothing: what was typed has arrived.
    pub(super) fn asked(self, interaction: InteractionId) {
        let was = self.answered.get_untracked();
        if was.is_some_and(|(answered, _)| answered == interaction) {
            self.answered.set(None);
            self.forget_typed();
        }
    }

    pub(super) fn answered_badly(self) {
        self.answered.set(None);
    }

    /// What was typed into a prompt is sent, or given up. A message being written stays.
    pub(super) fn forget_typed(self) {
        self.typed.update(|typed| {
            typed.retain(|(fact, _)| MESSAGE.contains(&fact.as_str()));
            keep::set_typed(typed);
        });
    }
}
