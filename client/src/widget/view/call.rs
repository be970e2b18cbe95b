//! In a call.

use bellwire_proto::{id::InteractionId, interaction::Role, visitor::VisitorStage};

use super::{
    keypad::{OPENS_KEYPAD, keypad},
    parts::{ENDS, Press, QUIET, agents_name, clock, contact, devices, plain, problem},
    prepare::self_view,
    video::{play_by, video},
    writing::{compose, log},
};
use crate::{
    rtc::{CallState, Level},
    ui::Icon,
    widget::{
        app::App,
        dom::{El, div, document, el, icon, p},
        signals::{Memo, RwSignal},
        text::{T, fill},
    },
};

/// The screen of a call.
pub(super) fn call(app: App, call: InteractionId) -> El {
    let choosing = RwSignal::new(false);
    let keying = RwSignal::new(false);
    let beside = app.chat.beside;
    let choice = move || {
        choosing
            .get()
            .then(|| devices(app, app.call.camera.get_untracked()))
    };
    let chat = move || {
        let chat = || div("beside").child(log(app)).child(compose(app));
        beside.get().then(chat)
    };
    el("section")
        .class("call")
        .class_if("with-chat", move || beside.get())
        .child(stage(app))
        .child(sentences(app, call))
        .live(move || problem(app, app.call.camera.get()))
        .live(choice)
        .live(move || keying.get().then(|| keypad(app, call, keying)))
        .live(chat)
        .child(controls(app, call, [keying, choosing]))
}

/// The agent's picture or initials, the own picture, and the facts of the call.
fn stage(app: App) -> El {
    let seen = move || app.call.theirs.get().video;
    let name = move || agents_name(app, T.an_agent);
    let since = move || {
        let since = app.call.with.get().map(|(_, since)| since);
        since.map(|since| clock(app, since)).unwrap_or_default()
    };
    let timer = el("span")
        .class("timer")
        .attr("role", "timer")
        .attr("aria-label", T.call_time);
    let facts = div("facts")
        .child(el("span").class("who").words(name))
        .child(timer.words(since))
        .live(move || quality(app));
    let avatar = div("avatar")
        .attr("aria-hidden", "true")
        .shown(move || !seen());
    let theirs = video(app.call.remote, "bw-remote", false, move || {
        fill(T.remote_video, &name())
    });
    play_by(app, &theirs);
    div("stage")
        .attr("id", "bw-stage")
        .class_if("seen", seen)
        .child(theirs)
        .child(avatar.words(move || initials(&name())))
        .live(move || app.call.camera.get().then(|| self_view(app)))
        .child(facts)
}

fn quality(app: App) -> Option<El> {
    let (class, words) = match app.call.quality.get()? {
        Level::Good => ("quality good", T.quality_good),
        Level::Fair => ("quality fair", T.quality_fair),
        Level::Poor if app.call.camera.get() => ("quality poor", T.quality_poor_video),
        Level::Poor => ("quality poor", T.quality_poor),
    };
    Some(el("span").class(class).text(words))
}

/// What is not as it should be, or not as the visitor may think. Made anew only when it differs:
/// a screen reader would read it out again.
fn sentences(app: App, call: InteractionId) -> El {
    let told = Memo::new(move || told(app, call));
    div("sentences").attr("role", "status").live(move || {
        let sentences = told.get().into_iter().flatten();
        Some(div("live").children(sentences.map(|sentence| p("", sentence)).collect()))
    })
}

fn told(app: App, call: InteractionId) -> [Option<&'static str>; 5] {
    let (held, reachable) = contact(app, call, |contact| match contact.stage {
        VisitorStage::Connected {
            held, reachable, ..
        } => (held, reachable),
        VisitorStage::Asked | VisitorStage::Waiting { .. } | VisitorStage::Ended { .. } => {
            (false, true)
        }
    })
    .unwrap_or((false, true));
    let state = app.call.state.get();
    let broken = match state {
        CallState::Connecting => Some(T.building_call),
        CallState::Connected => None,
        CallState::Interrupted => Some(T.interrupted),
        CallState::Failed => Some(T.failed),
    };
    let theirs_muted = state == CallState::Connected && !held && !app.call.theirs.get().audio;
    [
        held.then_some(T.on_hold),
        (!reachable).then_some(T.agent_away),
        broken.filter(|_| !app.call.problem.with(Option::is_some)),
        theirs_muted.then_some(T.agent_muted),
        app.call.muted.get().then_some(T.you_are_muted),
    ]
}

fn controls(app: App, call: InteractionId, [keying, choosing]: [RwSignal<bool>; 2]) -> El {
    let muted = app.call.muted;
    let camera = app.call.camera;
    let beside = app.chat.beside;
    let unread = move || {
        let unread = contact(app, call, |c| c.chat.unread(Role::Customer)).unwrap_or(0);
        if beside.get() { 0 } else { unread }
    };
    let mark = move || match unread() {
        0 => String::new(),
        unread => unread.to_string(),
    };
    let chat = tool(app, T.chat, QUIET, App::toggle_chat).child(icon(Icon::Chat));
    let badge = el("span")
        .class("badge")
        .attr("aria-hidden", "true")
        .words(mark);
    let told = el("span")
        .class("bw-unseen")
        .attr("role", "status")
        .words(move || match unread() {
            0 => String::new(),
            unread => fill(T.unread, &unread.to_string()),
        });
    let opens = |label, sign, open: RwSignal<bool>| {
        round(label, QUIET)
            .child(icon(sign))
            .varies("aria-expanded", move || Some(open.get().to_string()))
            .on("click", move |_| open.update(|open| *open = !*open))
    };
    div("controls")
        .attr("role", "group")
        .attr("aria-label", T.call_controls)
        .child(switch(
            app,
            muted,
            [Icon::MicOff, Icon::Mic],
            [T.unmute, T.mute],
            App::toggle_mute,
        ))
        .child(switch(
            app,
            camera,
            [Icon::Camera, Icon::CameraOff],
            [T.camera_off, T.camera_on],
            App::toggle_camera,
        ))
        .child(
            chat.varies("aria-expanded", move || Some(beside.get().to_string()))
                .child(badge),
        )
        .child(told)
        .child(opens(T.keypad, Icon::Keypad, keying).attr("id", OPENS_KEYPAD))
        .child(opens(T.devices, Icon::Settings, choosing))
        .child(full_screen().shown(move || app.call.theirs.get().video))
        .child(tool(app, T.hang_up, ENDS, App::hang_up).child(icon(Icon::HangUp)))
}

/// A round button.
fn tool(app: App, label: &str, class: &str, press: Press) -> El {
    round(label, class).on("click", move |_| press(app))
}

/// A round button that reports nothing yet.
fn round(label: &str, class: &str) -> El {
    plain(&format!("tool {class}"), "")
        .attr("aria-label", label)
        .attr("title", label)
}

/// A round button that switches something: its name says what a press does, its sign what is.
fn switch(
    app: App,
    on: RwSignal<bool>,
    [sign_on, sign_off]: [Icon; 2],
    [label_on, label_off]: [&'static str; 2],
    press: Press,
) -> El {
    let label = move || Some(if on.get() { label_on } else { label_off }.to_owned());
    plain("tool bw-button", "")
        .class_if("off", move || on.get() && sign_on == Icon::MicOff)
        .varies("aria-label", label)
        .varies("title", label)
        .on("click", move |_| press(app))
        .live(move || Some(icon(if on.get() { sign_on } else { sign_off })))
}

/// Shows the stage on the whole screen, or no more.
fn full_screen() -> El {
    let full = RwSignal::new(false);
    let label = move || {
        Some(
            if full.get() {
                T.leave_full_screen
            } else {
                T.full_screen
            }
            .to_owned(),
        )
    };
    let button = round(T.full_screen, QUIET).child(icon(Icon::Expand));
    button
        .varies("aria-label", label)
        .varies("title", label)
        .on("click", move |_| {
            if let Some(entered) = toggle_full_screen() {
                full.set(entered);
            }
        })
}

/// `None` where the browser cannot.
fn toggle_full_screen() -> Option<bool> {
    let document = document();
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
        return Some(false);
    }
    document
        .get_element_by_id("bw-stage")?
        .request_fullscreen()
        .ok()?;
    Some(true)
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    let first = words.next();
    first
        .into_iter()
        .chain(words.next_back())
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_last_name() {
        assert_eq!(initials("Anna Maria Berg"), "AB");
        assert_eq!(initials("élodie"), "É");
        assert_eq!(initials(""), "");
    }
}
