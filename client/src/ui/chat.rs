//! The lines of a chat.

use bellwire_proto::{
    id::MessageId,
    interaction::{ChatMessage, Role},
    mirror::Chat,
    time::Timestamp,
};
use leptos::{html::Div, prelude::*};

use super::{
    format::clock_time,
    text::{Piece, pieces},
};
use crate::clock;

/// A chat's lines, oldest first, with those on their way at the end.
///
/// It scrolls along with new lines unless the reader has scrolled up.
#[component]
pub fn ChatLog(
    /// The chat.
    #[prop(into)]
    chat: Signal<Chat>,
    /// Whose page this is.
    own: Role,
    /// What it is called.
    #[prop(into, default = String::from("Conversation").into())]
    label: Signal<String>,
    /// Who is typing on the other side.
    #[prop(into, default = None.into())]
    typing: Signal<Option<String>>,
) -> impl IntoView {
    let element = NodeRef::<Div>::new();
    let at_end = StoredValue::new(true);
    let lines = Memo::new(move |_| chat.with(|chat| lines(chat, own)));
    let marks = Memo::new(move |_| chat.with(|chat| Marks::of(chat, own)));
    let cut = move || chat.with(|chat| chat.cut);

    Effect::new(move |_| {
        let wrote = lines.with(|lines| lines.last().is_some_and(|line| line.at.is_none()));
        typing.track();
        if wrote || at_end.get_value() {
            request_animation_frame(move || scroll_to_end(element));
        }
    });
    let scrolled = move |_| {
        if let Some(log) = element.get_untracked() {
            let below = log.scroll_height() - log.scroll_top() - log.client_height();
            at_end.set_value(below < 40);
        }
    };

    view! {
        <div
            class="bw-log"
            role="log"
            aria-label=label
            tabindex="0"
            node_ref=element
            on:scroll=scrolled
        >
            <Show when=cut>
                <p class="bw-log-note">"Earlier messages are not shown here."</p>
            </Show>
            <ol class="bw-lines">
                <For each=move || lines.get() key=|line| line.id let:line>
                    <LineView line marks />
                </For>
            </ol>
            <p class="bw-log-note" hidden=move || typing.with(Option::is_none)>
                {move || typing.get().map(|name| name + " is typing…")}
            </p>
        </div>
    }
}

/// One line; its mark changes, the rest of it never does.
#[component]
fn LineView(line: Line, marks: Memo<Marks>) -> impl IntoView {
    let id = line.id;
    let time = clock_time(line.at.unwrap_or_else(clock::now));
    let mark = move || marks.with(|marks| marks.on(id));
    let who = line.who();

    view! {
        <li class="bw-line" class:bw-line-own=line.own>
            <span class="bw-line-who" class:bw-unseen=!line.shows_name>{who}</span>
            <p class="bw-line-text">{pieces(&line.text).into_iter().map(piece).collect_view()}</p>
            <span class="bw-line-meta">
                <time>{time}</time>
                <span class="bw-line-mark">{mark}</span>
            </span>
        </li>
    }
}

fn piece(piece: Piece) -> AnyView {
    match piece {
        Piece::Words(words) => words.into_any(),
        Piece::Link(address) => {
            let shown = address.clone();
            view! {
                <a href=address target="_blank" rel="noopener noreferrer nofollow">
                    {shown}
                </a>
            }
            .into_any()
        }
    }
}

fn scroll_to_end(element: NodeRef<Div>) {
    if let Some(Some(log)) = element.try_get_untracked() {
        log.set_scroll_top(log.scroll_height());
    }
}

/// One line as it is shown.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Line {
    id: MessageId,
    own: bool,
    name: Option<String>,
    /// The first of a row of lines by one person.
    shows_name: bool,
    text: String,
    /// `None` while it is on its way.
    at: Option<Timestamp>,
}

impl Line {
    /// Own lines say so to a screen reader only; the eye sees it by their place.
    fn who(&self) -> String {
        match (&self.name, self.own) {
            (_, true) => "You".to_owned(),
            (Some(name), false) => name.clone(),
            (None, false) => "Visitor".to_owned(),
        }
    }
}

fn lines(chat: &Chat, own: Role) -> Vec<Line> {
    let mut last = None;
    let stored = chat.lines().map(|message: &ChatMessage| {
        let mine = message.from == own;
        let shows_name = !mine && last != Some(message.from);
        last = Some(message.from);
        Line {
            id: message.id,
            own: mine,
            name: message.name.clone(),
            shows_name,
            text: message.text.clone(),
            at: Some(message.at),
        }
    });
    let mut lines: Vec<Line> = stored.collect();
    lines.extend(chat.unsent().map(|(id, text)| Line {
        id: *id,
        own: true,
        name: None,
        shows_name: false,
        text: text.clone(),
        at: None,
    }));
    lines
}

/// What is written beside own lines.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Marks {
    unsent: Vec<MessageId>,
    /// The last own line that the other side has read.
    seen: Option<MessageId>,
}

impl Marks {
    fn of(chat: &Chat, own: Role) -> Self {
        let read = match own {
            Role::Customer => chat.read.agent,
            Role::Agent => chat.read.customer,
        };
        let seen = chat
            .lines()
            .filter(|message| message.from == own && message.seq <= read)
            .last();
        Self {
            unsent: chat.unsent().map(|(id, _)| *id).collect(),
            seen: seen.map(|message| message.id),
        }
    }

    fn on(&self, id: MessageId) -> Option<&'static str> {
        if self.unsent.contains(&id) {
            Some("Sending…")
        } else if self.seen == Some(id) {
            Some("Seen")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> MessageId {
        MessageId::new(Timestamp(1), n)
    }

    fn said(seq: u32, from: Role) -> ChatMessage {
        ChatMessage {
            seq,
            id: id(u128::from(seq)),
            from,
            name: Some("Anna".into()),
            text: "Hello".into(),
            at: Timestamp(1),
        }
    }

    #[test]
    fn the_name_stands_once_over_a_row_of_lines() {
        let mut chat = Chat::default();
        for (seq, from) in [(1, Role::Agent), (2, Role::Agent), (3, Role::Customer)] {
            chat.said(said(seq, from));
        }
        chat.said(said(4, Role::Agent));

        let shown = lines(&chat, Role::Customer).into_iter();
        let names: Vec<bool> = shown.map(|line| line.shows_name).collect();

        assert_eq!(names, [true, false, false, true]);
    }

    #[test]
    fn seen_stands_under_the_last_own_line_that_was_read() {
        let mut chat = Chat::default();
        for (seq, from) in [(1, Role::Customer), (2, Role::Customer), (3, Role::Agent)] {
            chat.said(said(seq, from));
        }
        chat.say(id(9), "On its way".into());
        chat.read.agent = 2;

        let marks = Marks::of(&chat, Role::Customer);

        assert_eq!(marks.on(id(1)), None);
        assert_eq!(marks.on(id(2)), Some("Seen"));
        assert_eq!(marks.on(id(9)), Some("Sending…"));
    }
}
