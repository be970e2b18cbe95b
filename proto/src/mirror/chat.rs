//! A chat as a page holds it: lines in order, none twice, and a cursor for catching up.

use std::collections::BTreeMap;

use crate::{
    id::MessageId,
    interaction::{ChatMessage, ChatPart, ReadMarks, Role},
};

/// The lines of one interaction's chat.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Chat {
    lines: BTreeMap<u32, ChatMessage>,
    unsent: Vec<(MessageId, String)>,
    /// How far either side has read.
    pub read: ReadMarks,
    /// Lines before the first one held were left out.
    pub cut: bool,
}

impl Chat {
    /// The lines that the server has stored, oldest first.
    pub fn lines(&self) -> impl Iterator<Item = &ChatMessage> {
        self.lines.values()
    }

    /// Own lines on their way, oldest first.
    pub fn unsent(&self) -> impl Iterator<Item = &(MessageId, String)> {
        self.unsent.iter()
    }

    /// The number of the last line held without a gap before it; 0 for none.
    #[must_use]
    pub fn cursor(&self) -> u32 {
        let mut cursor = match self.lines.keys().next() {
            None => return 0,
            Some(first) if *first == 1 || self.cut => first - 1,
            Some(_) => return 0,
        };
        for seq in self.lines.keys() {
            if *seq != cursor + 1 {
                break;
            }
            cursor = *seq;
        }
        cursor
    }

    /// How many lines `reader` has not read.
    #[must_use]
    pub fn unread(&self, reader: Role) -> usize {
        let mark = match reader {
            Role::Customer => self.read.customer,
            Role::Agent => self.read.agent,
        };
        (self.lines.range(mark.saturating_add(1)..))
            .filter(|(_, line)| line.from != reader)
            .count()
    }

    /// An own line goes out; it shows as unsent until it comes back with a number.
    pub fn say(&mut self, id: MessageId, text: String) {
        let known = self.unsent.iter().any(|(unsent, _)| *unsent == id)
            || self.lines.values().any(|line| line.id == id);
        if !known {
            self.unsent.push((id, text));
        }
    }

    /// A line came.
    pub fn said(&mut self, message: ChatMessage) {
        self.unsent.retain(|(id, _)| *id != message.id);
        self.lines.insert(message.seq, message);
    }

    /// A part of the chat came, as the answer to a hello with this chat's cursor.
    pub fn merge(&mut self, part: ChatPart) {
        if !part.complete {
            self.lines.clear();
            self.cut = true;
        }
        for message in part.messages {
            self.said(message);
        }
        self.read = part.read;
    }
}
