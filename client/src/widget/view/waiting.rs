//! Waiting for an agent: how long, and what else can be done.

use bellwire_proto::{
    id::InteractionId,
    visitor::{VisitorStage, Wait},
};

use super::{
    parts::{ENDS, QUIET, button, clock, contact, problem, said, ways},
    prompt::meanwhile,
};
use crate::{
    ui::Icon,
    widget::{
        app::App,
        dom::{El, div, el, icon, p, ticked},
        sentence::{about_wait, place_in_line},
        signals::bind,
        sound::Tone,
        text::{T, fill},
    },
};

/// The screen of a call that waits.
pub(super) fn waiting(app: App, call: InteractionId) -> El {
    let nobody = move || app.mirror.with(|widget| widget.centre.call_agents == 0);
    let waited = move || fill(T.waiting_for, &clock(app, app.call.asked.get()));
    el("section")
        .class("waiting")
        .child(
            div("rings")
                .attr("aria-hidden", "true")
                .child(icon(Icon::Phone)),
        )
        .child(in_line(app, call))
        .child(p("timer", "").attr("role", "timer").words(waited))
        .child(p("hint", T.nobody_yet).shown(nobody))
        .live(move || problem(app, false))
        .child(tone(app, move || place(app, call).1))
        .child(music(app))
        .child(meanwhile(app, call))
        .child(ways(vec![
            button(app, ENDS, T.cancel, App::cancel),
            button(app, QUIET, T.chat_instead, App::chat_instead),
            button(app, QUIET, T.leave_message, App::to_message)
                .shown(move || app.can_switch(call)),
        ]))
}

/// The place in line, whether a desk rings, and how long it is likely to be.
fn place(app: App, id: InteractionId) -> (u32, bool, Option<Wait>) {
    contact(app, id, |contact| match contact.stage {
        VisitorStage::Waiting {
            position,
            ringing,
            wait,
        } => (position, ringing, wait),
        VisitorStage::Asked | VisitorStage::Connected { .. } | VisitorStage::Ended { .. } => {
            (0, false, None)
        }
    })
    .unwrap_or_default()
}

/// What is happening, and how long it is likely to be; it changes while one waits.
pub(super) fn in_line(app: App, id: InteractionId) -> El {
    let happening = move || {
        let (position, ringing, _) = place(app, id);
        place_in_line(position, ringing)
    };
    let long = move || match place(app, id) {
        (_, false, wait) => about_wait(T.wait_now, wait),
        (_, true, _) => String::new(),
    };
    div("in-line").child(said(happening)).child(
        p("hint", "")
            .attr("role", "status")
            .attr("id", "bw-wait")
            .words(long),
    )
}

/// The soft ringing tone, and the switch for it.
fn tone(app: App, ringing: impl Fn() -> bool + 'static) -> El {
    let on = app.sounds.tone;
    let mut sounding: Option<Tone> = None;
    bind(move || match ringing() && on.get() {
        true if sounding.is_none() => sounding = Tone::start(),
        true => {}
        false => sounding = None,
    });
    let switch = el("input")
        .attr("type", "checkbox")
        .on("change", move |event| on.set(ticked(&event)));
    let switch = match on.get_untracked() {
        true => switch.attr("checked", ""),
        false => switch,
    };
    el("label").class("switch").child(switch).text(T.tone)
}

/// The switch for the music, where there is some.
fn music(app: App) -> El {
    let sounds = app.sounds;
    let name = move || {
        let on = sounds.music.get();
        if on { T.music_off } else { T.music_on }.to_owned()
    };
    button(app, QUIET, "", App::toggle_music)
        .words(name)
        .shown(move || sounds.there.get() || !sounds.music.get())
}
