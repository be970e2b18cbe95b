//! The start: who is there, and the ways to reach them.

use bellwire_proto::{
    interaction::Medium,
    visitor::{CentreView, Wait},
};

use super::parts::{Press, QUIET, button, ways as row};
use crate::{
    ui::{Icon, format::day_and_time},
    widget::{
        app::App,
        dom::{El, div, el, entered, icon, p},
        screen::{Place, Ways, ways},
        sentence::{about_wait, status},
        signals::{Memo, RwSignal, bind},
        text::T,
    },
};

/// The start screen.
pub(super) fn start(app: App) -> El {
    let away = move || {
        let away = |centre: &CentreView| !centre.open || centre.call_agents == 0;
        app.known.get() && app.mirror.with(|widget| away(&widget.centre))
    };
    let open = move || app.known.get() && app.mirror.with(|w| w.centre.open);
    let state = p("status", "")
        .attr("role", "status")
        .class_if("away", away);
    el("section")
        .class("start")
        .child(p("welcome", T.welcome))
        .child(state.words(move || told(app)))
        .live(move || Some(offers(app)))
        .child(p("hint", T.nobody_for_calls).shown(move || open() && away()))
        .child(name(app))
        .child(button(app, "bw-button bw-plain", T.privacy, |app| {
            app.go(Place::Privacy);
        }))
}

/// The centre's status, for what seems to be the visitor's topic.
fn told(app: App) -> String {
    if !app.known.get() {
        return status(None, "");
    }
    app.mirror.with(|widget| {
        let opens = widget.centre.opens.map(day_and_time).unwrap_or_default();
        status(Some(&widget.centre), &opens)
    })
}

/// The ways to reach the centre, the best one first. Their order stays while the same ways are
/// possible: nothing moves under a finger.
fn offers(app: App) -> El {
    let known = app.known;
    let ways = Memo::new(move || {
        (app.mirror).with(|widget| {
            let centre = known.get().then_some(&widget.centre);
            ways(centre, widget.live(Medium::Chat).is_some())
        })
    });
    let order = RwSignal::new(None::<bool>);
    div("live").live(move || {
        let ways = ways.get();
        let before = order.get_untracked().filter(|_| known.get_untracked());
        let write_first = before.unwrap_or(ways.write_first);
        if known.get_untracked() {
            order.set(Some(write_first));
        }
        Some(cards(app, ways, write_first))
    })
}

fn cards(app: App, ways: Ways, write_first: bool) -> El {
    let calls = |hint: &'static str| {
        move || hinted(app, hint, app.mirror.with(|widget| widget.centre.call_wait))
    };
    let talk = ways.calls.then(|| {
        vec![
            offer(
                app,
                Icon::Phone,
                T.voice_call,
                calls(T.voice_call_hint),
                |app| app.prepare(false),
            ),
            offer(
                app,
                Icon::Video,
                T.video_call,
                calls(T.video_call_hint),
                |app| app.prepare(true),
            ),
        ]
    });
    let chat = ways
        .chat
        .then(|| offer(app, Icon::Chat, T.chat, move || chat_hint(app), App::write));
    let message = ways.message.then(|| {
        let hint = || T.leave_message_hint.to_owned();
        offer(app, Icon::Send, T.leave_message, hint, App::to_message)
    });
    let talk = talk.into_iter().flatten();
    let write = match write_first {
        true => [message, chat],
        false => [chat, message],
    };
    let write = write.into_iter().flatten();
    div("cards").children(match write_first {
        true => write.chain(talk).collect(),
        false => talk.chain(write).collect(),
    })
}

fn chat_hint(app: App) -> String {
    let (chatting, away, wait) = app.mirror.with(|widget| {
        let away = app.known.get() && widget.centre.chat_agents == 0;
        let chatting = widget.live(Medium::Chat).is_some();
        (chatting, away, widget.centre.chat_wait)
    });
    match (chatting, away) {
        (true, _) => T.go_on_with_chat.to_owned(),
        (false, true) => T.chat_hint_away.to_owned(),
        (false, false) => hinted(app, T.chat_hint, wait),
    }
}

/// What it is, or how long it would take, where that is known.
fn hinted(app: App, hint: &str, wait: Option<Wait>) -> String {
    match about_wait(T.wait_hint, wait.filter(|_| app.known.get())) {
        long if long.is_empty() => hint.to_owned(),
        long => long,
    }
}

/// A big button; its name is the label alone, the hint describes it.
fn offer(
    app: App,
    sign: Icon,
    label: &str,
    hint: impl Fn() -> String + 'static,
    press: Press,
) -> El {
    let hint_id = ["bw-hint-", &label.replace(' ', "-")].concat();
    let words = div("words").child(el("strong").text(label)).child(
        el("span")
            .attr("id", &hint_id)
            .attr("aria-hidden", "true")
            .words(hint),
    );
    let card = button(app, "card", "", press).attr("aria-describedby", &hint_id);
    card.child(icon(sign)).child(words)
}

fn name(app: App) -> El {
    let input = el("input")
        .class("bw-input")
        .attr("autocomplete", "name")
        .attr("maxlength", "80")
        .on("change", move |event| app.named(&entered(&event)));
    let field = input.clone();
    bind(move || {
        if let Some(name) = app.mirror.with(|widget| widget.name.clone()) {
            field.clone().value(&name);
        }
    });
    let label = [T.your_name, " (", T.optional, ")"].concat();
    el("label")
        .class("field name")
        .child(el("span").text(&label))
        .child(input)
}

/// The ways to go from writing to talking.
pub(super) fn talk_instead(app: App) -> El {
    row(vec![
        button(app, QUIET, T.voice_call, |app| app.prepare(false)),
        button(app, QUIET, T.video_call, |app| app.prepare(true)),
    ])
    .shown(move || !app.known.get() || app.mirror.with(|widget| widget.centre.open))
}
