//! The chat by itself, the waiting before it, and a message that is answered later.

use bellwire_proto::{id::InteractionId, mirror::Contact, visitor::VisitorStage};

use super::{
    parts::{BEST, ENDS, QUIET, agent_of, button, contact, plain, said, ways},
    prompt::meanwhile,
    start::talk_instead,
    waiting::in_line,
    writing::{compose, log},
};
use crate::widget::{
    app::App,
    changing::REPLY_TO,
    dom::{El, div, el},
    prompting::typed,
    screen::is_in_line,
    sentence::{answered_where, chat_end},
    signals::{Memo, RwSignal},
    text::T,
};

/// The chat screen.
pub(super) fn chat(app: App) -> El {
    let thread = Memo::new(move || app.thread());
    let of = move |is: fn(&Contact) -> bool| {
        Memo::new(move || {
            let is = thread.get().and_then(|thread| contact(app, thread, is));
            is.unwrap_or(false)
        })
    };
    let (live, waits) = (of(Contact::is_live), of(is_in_line));
    let over = Memo::new(move || thread.get().is_some() && !live.get());
    let asking = RwSignal::new(false);
    let foot = move || match over.get() {
        true => button(app, BEST, T.new_chat, App::new_chat),
        false => compose(app),
    };
    let bar = div("bar")
        .child(talk_instead(app))
        .live(move || {
            let leave = || button(app, QUIET, T.leave_message, App::to_message);
            waits.get().then(leave)
        })
        .live(move || live.get().then(|| end(app, asking)));
    el("section")
        .class("chat")
        .child(bar)
        .child(log(app))
        .child(said(move || state(app)))
        .live(move || thread.get().filter(|_| waits.get()).map(|id| room(app, id)))
        .live(move || Some(foot()))
}

/// The waiting room of a chat.
fn room(app: App, id: InteractionId) -> El {
    div("room")
        .child(in_line(app, id))
        .child(meanwhile(app, id))
}

/// The chat's agent.
pub(super) fn agent(app: App) -> Option<String> {
    contact(app, app.thread()?, agent_of).flatten()
}

/// Whether the shown chat is a message that is answered later.
pub(super) fn is_message(app: App) -> bool {
    let left = app
        .thread()
        .and_then(|thread| contact(app, thread, |c| c.left_message));
    left.unwrap_or(false)
}

/// How the chat stands, in a sentence.
fn state(app: App) -> String {
    let away = app.known.get() && app.mirror.with(|widget| widget.centre.chat_agents == 0);
    let stage = app
        .thread()
        .and_then(|thread| contact(app, thread, |c| (c.stage.clone(), c.left_message)));
    let sentence = match stage {
        None if away => T.chat_first_away,
        None => T.chat_first,
        Some((VisitorStage::Asked | VisitorStage::Waiting { .. }, true)) => {
            let to = app.typed.with(|all| typed(all, REPLY_TO).trim().to_owned());
            return [T.message_left, " ", &answered_where(&to)].concat();
        }
        Some((VisitorStage::Asked | VisitorStage::Waiting { .. }, false)) if away => {
            T.chat_waiting_away
        }
        Some((VisitorStage::Asked | VisitorStage::Waiting { .. }, false)) => T.chat_waiting,
        Some((
            VisitorStage::Connected {
                reachable: true, ..
            },
            _,
        )) => "",
        Some((VisitorStage::Connected { .. }, _)) => T.chat_agent_away,
        Some((VisitorStage::Ended { cause, by, .. }, _)) => {
            return chat_end((cause, by), T.your_agent);
        }
    };
    sentence.to_owned()
}

/// Ends the chat, after a second question.
fn end(app: App, asking: RwSignal<bool>) -> El {
    if !asking.get() {
        return plain(QUIET, T.end_chat).on("click", move |_| asking.set(true));
    }
    let yes = button(app, ENDS, T.yes_end_chat, App::end_chat);
    let no = plain(QUIET, T.go_on);
    ways(vec![
        el("span").text(T.end_chat_really),
        yes.on("click", move |_| asking.set(false)),
        no.on("click", move |_| asking.set(false)),
    ])
    .attr("role", "group")
    .attr("aria-label", T.end_chat_really)
}
