//! Small parts that several screens use.

use bellwire_proto::{
    id::InteractionId,
    mirror::Contact,
    time::{Timestamp, millis},
    visitor::VisitorStage,
};

use crate::{
    rtc::devices::Device,
    ui::format::duration_ms,
    widget::{
        app::App,
        dom::{El, div, el, entered, p},
        keep::{self, Chosen},
        screen::Screen,
        sentence::{WayOn, media_problem},
        text::{T, fill},
    },
};

/// What a button reports.
pub(super) type Press = fn(App);

/// The best way on.
pub(super) const BEST: &str = "bw-button bw-primary";
/// Ends something.
pub(super) const ENDS: &str = "bw-button bw-danger";
/// Another way.
pub(super) const QUIET: &str = "bw-button";

/// A button with words.
pub(super) fn button(app: App, class: &str, label: &str, press: Press) -> El {
    plain(class, label).on("click", move |_| press(app))
}

/// A button that reports nothing yet.
pub(super) fn plain(class: &str, label: &str) -> El {
    el("button").attr("type", "button").class(class).text(label)
}

/// A button with a sign.
pub(super) fn small(app: App, sign: El, label: &str, press: Press) -> El {
    let button = button(app, "bw-button bw-plain small", "", press);
    button
        .attr("aria-label", label)
        .attr("title", label)
        .child(sign)
}

/// A live line for screen readers and eyes.
pub(super) fn said(text: impl Fn() -> String + 'static) -> El {
    el("p").class("lead").attr("role", "status").words(text)
}

/// A row of buttons.
pub(super) fn ways(buttons: Vec<El>) -> El {
    div("ways").children(buttons)
}

/// Something of an interaction's contact, as long as it is there.
pub(super) fn contact<T>(
    app: App,
    id: InteractionId,
    read: impl FnOnce(&Contact) -> T,
) -> Option<T> {
    app.mirror.with(|widget| widget.contacts.get(&id).map(read))
}

/// The agent's name, where a contact is connected.
pub(super) fn agent_of(contact: &Contact) -> Option<String> {
    match &contact.stage {
        VisitorStage::Connected { agent, .. } => Some(agent.name.clone()),
        VisitorStage::Asked | VisitorStage::Waiting { .. } | VisitorStage::Ended { .. } => None,
    }
}

/// The name of the call's agent, now or last.
pub(super) fn agents_name(app: App, otherwise: &str) -> String {
    let now = match app.screen.get() {
        Screen::Call(call) | Screen::Elsewhere(call) => contact(app, call, agent_of).flatten(),
        Screen::Returning
        | Screen::Start
        | Screen::Prepare { .. }
        | Screen::Asked(_)
        | Screen::Waiting(_)
        | Screen::Ended(_)
        | Screen::Chat
        | Screen::Message
        | Screen::Directed(_)
        | Screen::Privacy => None,
    };
    let last = || app.call.with.get().map(|(name, _)| name);
    now.or_else(last).unwrap_or_else(|| otherwise.to_owned())
}

/// The time since then, counting.
pub(super) fn clock(app: App, since: Timestamp) -> String {
    duration_ms(millis(app.now.get().since(since)))
}

/// What is wrong with the devices, and the ways on.
pub(super) fn problem(app: App, video: bool) -> Option<El> {
    let problem = app.call.problem.get()?;
    let (sentence, offers) = media_problem(&problem, video);
    let in_call = matches!(app.screen.get_untracked(), Screen::Call(_));
    let offers = (offers.iter().enumerate())
        .filter(|(_, way)| !(in_call && **way == WayOn::Chat))
        .map(|(n, way)| way_on(app, *way, video, n == 0))
        .collect();
    Some(
        div("problem")
            .attr("role", "alert")
            .child(p("", sentence))
            .child(ways(offers)),
    )
}

fn way_on(app: App, way: WayOn, video: bool, best: bool) -> El {
    let class = if best { BEST } else { QUIET };
    match way {
        WayOn::TryAgain if video => button(app, class, T.try_again, |app| app.ask_again(true)),
        WayOn::TryAgain => button(app, class, T.try_again, |app| app.ask_again(false)),
        WayOn::Voice => button(app, class, T.voice_instead, |app| app.ask_again(false)),
        WayOn::Chat => button(app, class, T.chat_instead, App::chat_instead),
    }
}

/// The choice of devices, with the microphone's level.
pub(super) fn devices(app: App, video: bool) -> El {
    let choice = move |kind, label| move || device(app, kind, label);
    let devices = div("devices")
        .live(choice(Chosen::Microphone, T.microphone))
        .child(super::prepare::level(app));
    let devices = match video {
        true => devices.live(choice(Chosen::Camera, T.camera)),
        false => devices,
    };
    devices.live(choice(Chosen::Speaker, T.speaker))
}

/// One kind of device. Nothing where the browser lets nobody choose.
fn device(app: App, kind: Chosen, label: &'static str) -> Option<El> {
    let listed = app.call.devices.with(|devices| match kind {
        Chosen::Microphone => devices.microphones.clone(),
        Chosen::Camera => devices.cameras.clone(),
        Chosen::Speaker => devices.speakers.clone(),
    });
    if listed.is_empty() {
        return None;
    }
    let chosen = keep::device(kind);
    let options = (listed.into_iter().enumerate())
        .map(|(n, device)| option(n, device, chosen.as_deref()))
        .collect();
    let select = el("select")
        .class("bw-input")
        .on("change", move |event| app.choose(kind, entered(&event)))
        .children(options);
    Some(
        el("label")
            .class("field")
            .child(el("span").text(label))
            .child(select),
    )
}

fn option(n: usize, device: Device, chosen: Option<&str>) -> El {
    let label = match device.label.is_empty() {
        false => device.label,
        true if n == 0 => T.standard_device.to_owned(),
        true => fill(T.nameless_device, &(n + 1).to_string()),
    };
    let option = el("option").attr("value", &device.id).text(&label);
    match chosen == Some(device.id.as_str()) {
        true => option.attr("selected", ""),
        false => option,
    }
}
