//! The chat by itself.

use bellwire_proto::{mirror::Contact, visitor::VisitorStage};
use leptos::prelude::*;

use super::{
    parts::{BEST, ENDS, QUIET, agent_of, button, contact, plain, said, ways},
    start::talk_instead,
    writing::{compose, log},
};
use crate::widget::{
    app::App,
    dom::{El, div, el},
    sentence::chat_end,
    text::T,
};

/// The chat screen.
pub(super) fn chat(app: App) -> El {
    let live = Memo::new(move |_| {
        let live = app
            .thread()
            .and_then(|thread| contact(app, thread, Contact::is_live));
        live.unwrap_or(false)
    });
    let over = Memo::new(move |_| app.thread().is_some() && !live.get());
    let asking = RwSignal::new(false);
    let foot = move || match over.get() {
        true => button(app, BEST, T.new_chat, App::new_chat),
        false => compose(app),
    };
    el("section")
        .class("chat")
        .child(
            div("bar")
                .child(talk_instead(app))
                .live(move || live.get().then(|| end(app, asking))),
        )
        .child(log(app))
        .child(said(move || state(app)))
        .live(move || Some(foot()))
}

/// The chat's agent.
pub(super) fn agent(app: App) -> Option<String> {
    contact(app, app.thread()?, agent_of).flatten()
}

/// How the chat stands, in a sentence.
fn state(app: App) -> String {
    let away = app.known.get() && app.mirror.with(|widget| widget.centre.chat_agents == 0);
    let stage = app
        .thread()
        .and_then(|thread| contact(app, thread, |c| c.stage.clone()));
    let sentence = match stage {
        None if away => T.chat_first_away,
        None => T.chat_first,
        Some(VisitorStage::Waiting { .. }) if away => T.chat_waiting_away,
        Some(VisitorStage::Waiting { .. }) => T.chat_waiting,
        Some(VisitorStage::Connected {
            reachable: true, ..
        }) => "",
        Some(VisitorStage::Connected { .. }) => T.chat_agent_away,
        Some(VisitorStage::Ended { cause, by, .. }) => return chat_end((cause, by), T.your_agent),
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
