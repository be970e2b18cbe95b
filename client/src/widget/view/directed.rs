//! A page that serves better than an agent.

use bellwire_proto::id::InteractionId;

use super::parts::{BEST, QUIET, button, contact, plain, said, ways};
use crate::widget::{
    app::App,
    dom::{El, el, p},
    sentence::web_address,
    text::T,
};

/// The screen that leads to a page.
pub(super) fn directed(app: App, id: InteractionId) -> El {
    let section = el("section").class("ended");
    let other = button(app, QUIET, T.other_ways, App::stay);
    let Some(to) = contact(app, id, |c| c.directed.clone()).flatten() else {
        return section.child(other);
    };
    let frame = app.frame();
    let site = frame.as_ref().map_or("", |frame| frame.site());
    let Some(address) = web_address(&to.url, site) else {
        return section
            .child(said(|| T.directed_nowhere.to_owned()))
            .child(other);
    };
    let label = match to.label.is_empty() {
        true => address.clone(),
        false => to.label,
    };
    let around = frame.filter(|frame| frame.is_heard() && !to.elsewhere);
    let way = match around {
        Some(frame) => plain(BEST, &label).on("click", move |_| frame.go(&address)),
        None => el("a")
            .class(BEST)
            .attr("href", &address)
            .attr("target", "_blank")
            .attr("rel", "noopener")
            .text(&label),
    };
    section
        .child(said(|| T.directed_to.to_owned()))
        .child(ways(vec![way]))
        .maybe(to.elsewhere.then(|| p("hint", T.directed_elsewhere)))
        .child(other)
}
