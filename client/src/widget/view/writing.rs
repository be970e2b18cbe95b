//! The lines of a chat, and where a line is written.

use std::time::Duration;

use bellwire_proto::{
    id::MessageId,
    interaction::{LONGEST_MESSAGE, Role},
    mirror::Chat,
    time::Timestamp,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTextAreaElement, KeyboardEvent};

use super::parts::{agent_of, contact};
use crate::{
    clock,
    ui::{
        Icon,
        format::clock_time,
        text::{Piece, pieces},
    },
    widget::{
        app::App,
        dom::{El, div, el, entered, focus, icon, p, when_placed},
        signals::{bind, untrack},
        text::{T, fill},
    },
};

/// Typing is told this often while it goes on.
const TELL_EVERY: Duration = Duration::from_secs(3);

/// The lines of the shown interaction, with those on their way at the end. It scrolls along with
/// new lines unless the reader has scrolled up.
pub(super) fn log(app: App) -> El {
    let list = el("ol").class("bw-lines");
    let cut = move || {
        app.thread()
            .and_then(|t| contact(app, t, |c| c.chat.cut))
            .unwrap_or(false)
    };
    let log = div("bw-log")
        .attr("role", "log")
        .attr("aria-label", T.messages)
        .attr("tabindex", "0")
        .child(p("bw-log-note", T.earlier_left_out).shown(cut))
        .child(list.clone())
        .child(p("bw-log-note", "").words(move || typing(app)));
    let scroller = log.node().clone();
    let mut shown: Vec<Shown> = Vec::new();
    bind(move || {
        let lines = app
            .thread()
            .and_then(|t| contact(app, t, |c| lines(&c.chat)));
        let at_end =
            scroller.scroll_height() - scroller.scroll_top() - scroller.client_height() < 60;
        let lines = lines.unwrap_or_default();
        let wrote = lines.last().is_some_and(|line| line.at.is_none());
        show(&list, &mut shown, lines);
        if at_end || wrote {
            let log = scroller.clone();
            // It has its height only once it is in the page.
            when_placed(move || log.set_scroll_top(log.scroll_height()));
        }
    });
    log
}

fn typing(app: App) -> String {
    let Some((typing, _)) = app.chat.typing.get() else {
        return String::new();
    };
    if app.thread() != Some(typing) {
        return String::new();
    }
    let name = contact(app, typing, agent_of).flatten();
    fill(T.is_typing, name.as_deref().unwrap_or(T.your_agent))
}

/// One line as it is to be shown.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Line {
    id: MessageId,
    own: bool,
    /// Who wrote it, over the first of a row of lines by the agent.
    name: Option<String>,
    text: String,
    /// `None` while it is on its way.
    at: Option<Timestamp>,
    mark: &'static str,
}

/// The chat's lines. The last own line that the agent has read is marked, and those on their way.
fn lines(chat: &Chat) -> Vec<Line> {
    let stored = || chat.lines();
    let read = stored()
        .filter(|m| m.from == Role::Customer && m.seq <= chat.read.agent)
        .last();
    let read = read.map(|message| message.id);
    let mut last = Role::Customer;
    let mut lines: Vec<Line> = stored()
        .map(|message| {
            let first = std::mem::replace(&mut last, message.from) != message.from;
            let own = message.from == Role::Customer;
            let name = || {
                message
                    .name
                    .clone()
                    .unwrap_or_else(|| T.your_agent.to_owned())
            };
            Line {
                id: message.id,
                own,
                name: (first && !own).then(name),
                text: message.text.clone(),
                at: Some(message.at),
                mark: if read == Some(message.id) { T.read } else { "" },
            }
        })
        .collect();
    lines.extend(chat.unsent().map(|(id, text)| Line {
        id: *id,
        own: true,
        name: None,
        text: text.clone(),
        at: None,
        mark: T.unsent,
    }));
    lines
}

/// A line in the page: its mark changes, the rest of it never does.
struct Shown {
    id: MessageId,
    line: Element,
    mark: Element,
}

/// Brings the list up to date. What stays is not touched: it would be read out again.
fn show(list: &El, shown: &mut Vec<Shown>, lines: Vec<Line>) {
    let same = shown
        .iter()
        .zip(&lines)
        .take_while(|(shown, line)| shown.id == line.id)
        .count();
    for gone in shown.drain(same..) {
        gone.line.remove();
    }
    for (n, line) in lines.into_iter().enumerate() {
        match shown.get(n) {
            Some(shown) => {
                if shown.mark.text_content().as_deref() != Some(line.mark) {
                    shown.mark.set_text_content(Some(line.mark));
                }
            }
            None => shown.push(write(list, line)),
        }
    }
}

fn write(list: &El, line: Line) -> Shown {
    let mark = el("span").class("bw-line-mark").text(line.mark);
    let time = clock_time(line.at.unwrap_or_else(clock::now));
    let meta = el("span")
        .class("bw-line-meta")
        .child(el("time").text(&time))
        .child(mark.clone());
    // Own lines say so to a screen reader only; the eye sees it by their place.
    let (class, who) = match (line.name, line.own) {
        (Some(name), _) => ("bw-line-who", name),
        (None, true) => ("bw-unseen", T.you.to_owned()),
        (None, false) => ("bw-unseen", T.your_agent.to_owned()),
    };
    let words = pieces(&line.text)
        .into_iter()
        .fold(p("bw-line-text", ""), piece);
    let item = el("li")
        .class(if line.own {
            "bw-line bw-line-own"
        } else {
            "bw-line"
        })
        .child(el("span").class(class).text(&who))
        .child(words)
        .child(meta);
    let shown = Shown {
        id: line.id,
        line: item.node().clone(),
        mark: mark.node().clone(),
    };
    let _ = list.clone().child(item);
    shown
}

fn piece(words: El, piece: Piece) -> El {
    match piece {
        Piece::Words(text) => words.text(&text),
        Piece::Link(address) => words.child(
            el("a")
                .attr("href", &address)
                .attr("target", "_blank")
                .attr("rel", "noopener noreferrer nofollow")
                .text(&address),
        ),
    }
}

/// Where the visitor writes. Enter sends, Shift+Enter starts a new line.
pub(super) fn compose(app: App) -> El {
    let draft = app.chat.draft;
    let too_long = move || draft.with(|text| text.trim().len() > LONGEST_MESSAGE);
    let cannot = move || too_long() || draft.with(|text| text.trim().is_empty());
    let area = el("textarea")
        .class("bw-input")
        .attr("rows", "1")
        .attr("placeholder", T.write_a_message);
    let element: HtmlTextAreaElement = area.node().clone().unchecked_into();
    let send = {
        let element = element.clone();
        move || {
            if untrack(cannot) {
                return;
            }
            let text = draft.with_untracked(|text| text.trim().to_owned());
            draft.set(String::new());
            app.say(text);
            focus(&element);
        }
    };
    bind(move || {
        draft.with(|text| {
            if element.value() != *text {
                element.set_value(text);
            }
        })
    });
    let mut told = Timestamp::default();
    let typed = move |event| {
        draft.set(entered(&event));
        let now = clock::now();
        if now.since(told) >= TELL_EVERY && !draft.with_untracked(|text| text.trim().is_empty()) {
            told = now;
            app.typing();
        }
    };
    let enter = send.clone();
    let pressed = move |event: web_sys::Event| {
        let key: &KeyboardEvent = event.unchecked_ref();
        // An Enter that ends the composing of a character is not meant for us.
        if key.key() == "Enter" && !key.shift_key() && !key.is_composing() {
            event.prevent_default();
            enter();
        }
    };
    let label = el("label")
        .class("bw-composer-box")
        .child(el("span").class("bw-unseen").text(T.message))
        .child(area.on("input", typed).on("keydown", pressed));
    let button = el("button")
        .class("bw-button bw-primary")
        .varies("disabled", move || cannot().then(String::new))
        .child(icon(Icon::Send))
        .child(el("span").text(T.send));
    let problem = move || {
        if too_long() {
            T.too_long.to_owned()
        } else {
            String::new()
        }
    };
    el("form")
        .class("bw-composer")
        .on("submit", move |event| {
            event.prevent_default();
            send();
        })
        .child(label)
        .child(button)
        .child(p("bw-problem", "").attr("role", "status").words(problem))
}

#[cfg(test)]
mod tests {
    use bellwire_proto::interaction::ChatMessage;

    use super::*;

    fn id(n: u128) -> MessageId {
        MessageId::new(Timestamp(1), n)
    }

    fn chat(writers: &[Role]) -> Chat {
        let mut chat = Chat::default();
        for (seq, from) in (1..).zip(writers) {
            chat.said(ChatMessage {
                seq,
                id: id(u128::from(seq)),
                from: *from,
                name: Some("Anna".into()),
                text: "Hello".into(),
                at: Timestamp(1),
            });
        }
        chat
    }

    #[test]
    fn the_agents_name_stands_once_over_a_row_of_lines() {
        let chat = chat(&[Role::Agent, Role::Agent, Role::Customer, Role::Agent]);

        let names: Vec<bool> = lines(&chat)
            .iter()
            .map(|line| line.name.is_some())
            .collect();

        assert_eq!(names, [true, false, false, true]);
    }

    #[test]
    fn the_last_own_line_that_was_read_and_those_on_their_way_are_marked() {
        let mut chat = chat(&[Role::Customer, Role::Customer, Role::Agent]);
        chat.say(id(9), "On its way".into());
        chat.read.agent = 3;

        let marks: Vec<&str> = lines(&chat).iter().map(|line| line.mark).collect();

        assert_eq!(marks, ["", T.read, "", T.unsent]);
    }
}
