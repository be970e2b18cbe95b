//! What is known of the visitor, and the way to stop that.

use super::parts::{BEST, QUIET, button, said};

use crate::widget::{
    app::App,
    dom::{El, el, p},
    sentence::collected,
    text::{T, fill},
    watching::browser_wants_quiet,
};

/// The screen about privacy.
pub(super) fn privacy(app: App) -> El {
    let quiet = browser_wants_quiet();
    let on = move || !quiet && app.mirror.with(|widget| widget.monitored);
    let state = move || {
        let sentence = match (quiet, on()) {
            (true, _) => T.privacy_browser,
            (false, true) => T.privacy_on,
            (false, false) => T.privacy_off,
        };
        sentence.to_owned()
    };
    let act = move || {
        Some(match on() {
            true => button(app, BEST, T.privacy_stop, |app| app.set_monitored(false)),
            false => button(app, QUIET, T.privacy_allow, |app| app.set_monitored(true)),
        })
    };
    let section = el("section")
        .class("privacy")
        .child(said(state))
        .live(move || on().then(|| list(app)))
        .child(p("hint", T.privacy_contacts));
    // What the browser asks for is not ours to change.
    if quiet { section } else { section.live(act) }
}

fn list(app: App) -> El {
    let (kinds, days) =
        (app.mirror).with(|widget| (widget.collects.clone(), widget.keep_days.to_string()));
    let kinds = kinds.into_iter().map(collected);
    let items = std::iter::once(T.privacy_pages).chain(kinds);
    el("div")
        .child(el("ul").children(items.map(|item| el("li").text(item)).collect()))
        .child(p("", &fill(T.privacy_kept, &days)))
}
