//! A call that is over, or that another tab carries.

use bellwire_proto::{
    id::InteractionId,
    mirror::Contact,
    time::{Timestamp, millis},
    visitor::VisitorStage,
};

use super::{
    parts::{BEST, ENDS, QUIET, agents_name, button, clock, contact, said, ways},
    writing::log,
};
use crate::{
    ui::format::duration_ms,
    widget::{
        app::App,
        dom::{El, div, el, p},
        sentence::call_end,
        signals::Memo,
        text::{T, fill},
    },
};

/// The screen of a call that is over.
pub(super) fn ended(app: App, call: InteractionId) -> El {
    let why = move || {
        let cause = contact(app, call, Contact::ended).flatten();
        call_end(cause, &agents_name(app, T.your_agent))
    };
    let lasted = move || {
        let over = contact(app, call, over_at).flatten();
        let since = app.call.with.get().map(|(_, since)| since);
        let span = over
            .zip(since)
            .map(|(over, since)| duration_ms(millis(over.since(since))));
        span.map(|span| fill(T.lasted, &span)).unwrap_or_default()
    };
    let has_lines =
        Memo::new(move || contact(app, call, |c| c.chat.lines().next().is_some()).unwrap_or(false));
    let transcript = move || {
        let transcript = || div("transcript").child(el("h2").text(T.transcript));
        has_lines.get().then(|| transcript().child(log(app)))
    };
    el("section")
        .class("ended")
        .child(said(why))
        .child(p("hint", "").words(lasted))
        .child(ways(vec![
            button(app, BEST, T.call_again, App::call_again),
            button(app, QUIET, T.chat, App::write),
        ]))
        .live(transcript)
}

fn over_at(contact: &Contact) -> Option<Timestamp> {
    match contact.stage {
        VisitorStage::Ended { at, .. } => Some(at),
        VisitorStage::Asked | VisitorStage::Waiting { .. } | VisitorStage::Connected { .. } => None,
    }
}

/// The screen of a call that another tab carries.
pub(super) fn elsewhere(app: App, call: InteractionId) -> El {
    let since = move || {
        let since = contact(app, call, |contact| match contact.stage {
            VisitorStage::Connected { since, .. } => Some(since),
            VisitorStage::Asked | VisitorStage::Waiting { .. } | VisitorStage::Ended { .. } => None,
        });
        since
            .flatten()
            .map(|since| clock(app, since))
            .unwrap_or_default()
    };
    let with = move || fill(T.call_with, &agents_name(app, T.an_agent));
    el("section")
        .class("ended")
        .child(p("lead", "").words(with))
        .child(
            p("timer", "")
                .attr("role", "timer")
                .attr("aria-label", T.call_time)
                .words(since),
        )
        .child(p("hint", T.elsewhere_hint))
        .child(ways(vec![
            button(app, BEST, T.take_here, App::take_here),
            button(app, ENDS, T.hang_up, App::hang_up),
        ]))
}
