//! What the panel looks like. Views show signals and report presses; they decide nothing.

mod call;
mod chat;
mod directed;
mod ended;
mod keypad;
mod message;
mod parts;
mod prepare;
mod privacy;
mod prompt;
mod start;
mod video;
mod waiting;
mod writing;

use wasm_bindgen::JsCast;

use super::{
    app::App,
    dom::{El, div, document, drawing, el, focus, icon, p, when_placed},
    screen::{Place, Screen},
    sentence::link_notice,
    signals::bind,
    text::{T, fill},
};

use crate::{rtc::CallState, ui::Icon};
use parts::{ENDS, QUIET, button, said, small};

/// The whole panel.
pub(super) fn panel(app: App) -> El {
    let screens = el("main").live(move || Some(screen(app, app.screen.get())));
    follow(app);
    div("panel")
        .attr("id", "bw")
        .attr("role", "dialog")
        .attr("aria-label", T.title)
        .varies("data-screen", move || {
            Some(app.screen.get().name().to_owned())
        })
        .varies("data-call", move || call_state(app).map(str::to_owned))
        .on("keydown", move |event| {
            let key = event.unchecked_ref::<web_sys::KeyboardEvent>().key();
            if key == "Escape" && !event.default_prevented() {
                app.close();
            }
        })
        .child(head(app))
        .child(notices(app))
        .child(screens)
}

fn head(app: App) -> El {
    let title = el("h1")
        .attr("id", "bw-title")
        .attr("tabindex", "-1")
        .words(move || title(app));
    let cross = app
        .can_close()
        .then(|| small(app, icon(Icon::Close), T.close, App::close));
    el("header")
        .class("head")
        .live(move || back(app))
        .child(title)
        .maybe(cross)
}

fn notices(app: App) -> El {
    let told = move || {
        app.notice
            .get()
            .map(|sentence| div("notice").child(p("", sentence)))
    };
    div("notices")
        .attr("role", "status")
        .live(move || link(app))
        .live(told)
}

fn screen(app: App, screen: Screen) -> El {
    match screen {
        Screen::Returning => returning(app),
        Screen::Start => start::start(app),
        Screen::Prepare { video } => prepare::prepare(app, video),
        Screen::Asked(contact) => prompt::first(app, contact),
        Screen::Waiting(call) => waiting::waiting(app, call),
        Screen::Call(call) => call::call(app, call),
        Screen::Elsewhere(call) => ended::elsewhere(app, call),
        Screen::Ended(call) => ended::ended(app, call),
        Screen::Chat => chat::chat(app),
        Screen::Message => message::message(app),
        Screen::Directed(contact) => directed::directed(app, contact),
        Screen::Privacy => privacy::privacy(app),
    }
}

/// The way out counts most where the centre does not answer.
fn returning(app: App) -> El {
    el("section")
        .class("waiting")
        .child(said(|| T.returning.to_owned()))
        .child(button(app, ENDS, T.hang_up, App::give_up_returning))
}

/// After a change of the screen, at each next question, and when the panel opens, the keyboard
/// and the screen reader start at the title.
fn follow(app: App) {
    let mut before: Option<(Screen, u32, bool)> = None;
    bind(move || {
        let screen = app.screen.get();
        let question = match screen {
            Screen::Asked(contact) => prompt::number(app, contact).unwrap_or_default(),
            Screen::Returning
            | Screen::Start
            | Screen::Prepare { .. }
            | Screen::Waiting(_)
            | Screen::Call(_)
            | Screen::Elsewhere(_)
            | Screen::Ended(_)
            | Screen::Chat
            | Screen::Message
            | Screen::Directed(_)
            | Screen::Privacy => 0,
        };
        let now = (screen, question, app.open.get());
        if before.is_some_and(|before| before != now && now.2) {
            when_placed(focus_title);
        }
        before = Some(now);
    });
}

/// The panel does not take the focus from the page around it.
fn focus_title() {
    let document = document();
    if !document.has_focus().unwrap_or(false) {
        return;
    }
    if let Some(title) = document.get_element_by_id("bw-title") {
        focus(&title);
    }
}

fn title(app: App) -> String {
    match app.screen.get() {
        Screen::Start => T.title.to_owned(),
        Screen::Prepare { video: false } => T.before_voice.to_owned(),
        Screen::Prepare { video: true } => T.before_video.to_owned(),
        Screen::Asked(asked) => prompt::title(app, asked),
        Screen::Waiting(_) => T.waiting.to_owned(),
        Screen::Call(_) => fill(T.call_with, &parts::agents_name(app, T.an_agent)),
        Screen::Returning => T.call.to_owned(),
        Screen::Elsewhere(_) => T.elsewhere.to_owned(),
        Screen::Ended(_) => T.call_over.to_owned(),
        Screen::Chat => match chat::agent(app) {
            Some(name) => fill(T.chat_with, &name),
            None if chat::is_message(app) => T.your_message.to_owned(),
            None => T.chat.to_owned(),
        },
        Screen::Message => T.leave_message.to_owned(),
        Screen::Directed(_) => T.directed.to_owned(),
        Screen::Privacy => T.privacy.to_owned(),
    }
}

fn call_state(app: App) -> Option<&'static str> {
    let Screen::Call(_) = app.screen.get() else {
        return None;
    };
    Some(match app.call.state.get() {
        CallState::Connecting => "connecting",
        CallState::Connected => "connected",
        CallState::Interrupted => "interrupted",
        CallState::Failed => "failed",
    })
}

/// The way back from a screen that has one.
fn back(app: App) -> Option<El> {
    let press: fn(App) = match app.screen.get() {
        Screen::Prepare { .. } => |app| app.leave_preparing(Place::Home),
        Screen::Chat | Screen::Ended(_) | Screen::Privacy => |app| app.go(Place::Home),
        Screen::Message => App::back_from_message,
        Screen::Directed(_) => App::stay,
        Screen::Returning
        | Screen::Start
        | Screen::Asked(_)
        | Screen::Waiting(_)
        | Screen::Call(_)
        | Screen::Elsewhere(_) => return None,
    };
    Some(small(app, drawing("M14.5 5 8 12l6.5 7"), T.back, press))
}

/// The state of the connection to the centre, where there is something to say.
fn link(app: App) -> Option<El> {
    let talking = match app.screen.get() {
        Screen::Call(_) => app.call.state.get() == CallState::Connected,
        Screen::Returning
        | Screen::Start
        | Screen::Prepare { .. }
        | Screen::Asked(_)
        | Screen::Waiting(_)
        | Screen::Elsewhere(_)
        | Screen::Ended(_)
        | Screen::Chat
        | Screen::Message
        | Screen::Directed(_)
        | Screen::Privacy => false,
    };
    let notice = link_notice(app.link.get(), app.lost.get(), talking)?;
    let anew = notice
        .anew
        .map(|label| button(app, QUIET, label, App::load_anew));
    Some(div("notice warn").child(p("", notice.sentence)).maybe(anew))
}
