//! The start: who is there, and the ways to reach them.

use bellwire_proto::interaction::Medium;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::parts::{Press, QUIET, button, ways};
use crate::{
    ui::Icon,
    widget::{
        app::App,
        dom::{El, bind, div, el, icon, p},
        sentence::status,
        text::T,
    },
};

/// The start screen.
pub(super) fn start(app: App) -> El {
    let centre = move || {
        app.known
            .get()
            .then(|| app.mirror.with(|widget| widget.centre))
    };
    let away = move || centre().is_some_and(|centre| centre.call_agents == 0);
    let state = p("status", "")
        .attr("role", "status")
        .class_if("away", away);
    el("section")
        .class("start")
        .child(p("welcome", T.welcome))
        .child(state.words(move || status(centre())))
        .live(move || Some(offers(app)))
        .child(p("hint", T.nobody_for_calls).shown(away))
        .child(name(app))
}

/// The ways to reach the centre, the best one first. Their order stays while they are shown:
/// nothing moves under a finger.
fn offers(app: App) -> El {
    let known = app.known.get();
    let (away, chatting) = app.mirror.with_untracked(|widget| {
        (
            known && widget.centre.call_agents == 0,
            widget.live(Medium::Chat).is_some(),
        )
    });
    let chat_hint = match (chatting, away) {
        (true, _) => T.go_on_with_chat,
        (false, true) => T.chat_hint_away,
        (false, false) => T.chat_hint,
    };
    let voice = offer(app, Icon::Phone, T.voice_call, T.voice_call_hint, |app| {
        app.prepare(false)
    });
    let video = offer(app, Icon::Video, T.video_call, T.video_call_hint, |app| {
        app.prepare(true)
    });
    let chat = offer(app, Icon::Chat, T.chat, chat_hint, App::write);
    div("cards").children(match away {
        true => vec![chat, voice, video],
        false => vec![voice, video, chat],
    })
}

/// A big button; its name is the label alone, the hint describes it.
fn offer(app: App, sign: Icon, label: &str, hint: &str, press: Press) -> El {
    let hint_id = format!("bw-hint-{}", label.replace(' ', "-"));
    let words = div("words").child(el("strong").text(label)).child(
        el("span")
            .attr("id", &hint_id)
            .attr("aria-hidden", "true")
            .text(hint),
    );
    let card = button(app, "card", "", press).attr("aria-describedby", &hint_id);
    card.child(icon(sign)).child(words)
}

fn name(app: App) -> El {
    let input = el("input")
        .class("bw-input")
        .attr("autocomplete", "name")
        .attr("maxlength", "80")
        .on("change", move |event| {
            app.named(&event_target_value(&event))
        });
    let node = input.node().clone();
    bind(move || {
        if let Some(name) = app.mirror.with(|widget| widget.name.clone()) {
            node.unchecked_ref::<HtmlInputElement>().set_value(&name);
        }
    });
    let label = format!("{} ({})", T.your_name, T.optional);
    el("label")
        .class("field name")
        .child(el("span").text(&label))
        .child(input)
}

/// The ways to go from writing to talking.
pub(super) fn talk_instead(app: App) -> El {
    ways(vec![
        button(app, QUIET, T.voice_call, |app| app.prepare(false)),
        button(app, QUIET, T.video_call, |app| app.prepare(true)),
    ])
}
