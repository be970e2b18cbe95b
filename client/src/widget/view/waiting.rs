//! Waiting for an agent.

use bellwire_proto::{id::InteractionId, visitor::VisitorStage};
use leptos::prelude::*;

use super::parts::{ENDS, QUIET, button, clock, contact, problem, said, ways};
use crate::{
    ui::Icon,
    widget::{
        app::App,
        dom::{El, bind, div, el, icon, p},
        sentence::place_in_line,
        sound::Tone,
        text::{T, fill},
    },
};

/// The screen of a call that waits.
pub(super) fn waiting(app: App, call: InteractionId) -> El {
    let place = move || {
        contact(app, call, |contact| match contact.stage {
            VisitorStage::Waiting { position, ringing } => (position, ringing),
            VisitorStage::Connected { .. } | VisitorStage::Ended { .. } => (0, false),
        })
        .unwrap_or_default()
    };
    let nobody = move || app.mirror.with(|widget| widget.centre.call_agents == 0);
    let waited = move || fill(T.waiting_for, &clock(app, app.call.asked.get()));
    el("section")
        .class("waiting")
        .child(
            div("rings")
                .attr("aria-hidden", "true")
                .child(icon(Icon::Phone)),
        )
        .child(said(move || {
            let (position, ringing) = place();
            place_in_line(position, ringing)
        }))
        .child(p("timer", "").attr("role", "timer").words(waited))
        .child(p("hint", T.nobody_yet).shown(nobody))
        .live(move || problem(app, false))
        .child(tone(move || place().1))
        .child(ways(vec![
            button(app, ENDS, T.cancel, App::cancel),
            button(app, QUIET, T.chat_instead, App::chat_instead),
        ]))
}

/// The soft ringing tone, and the switch for it.
fn tone(ringing: impl Fn() -> bool + 'static) -> El {
    let on = RwSignal::new(true);
    let mut sounding: Option<Tone> = None;
    bind(move || match ringing() && on.get() {
        true if sounding.is_none() => sounding = Tone::start(),
        true => {}
        false => sounding = None,
    });
    let switch = el("input")
        .attr("type", "checkbox")
        .attr("checked", "")
        .on("change", move |event| on.set(event_target_checked(&event)));
    el("label").class("switch").child(switch).text(T.tone)
}
