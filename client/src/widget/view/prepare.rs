//! Before a call: the devices, and a look at oneself.

use std::cell::Cell;

use gloo_timers::callback::Interval;
use wasm_bindgen::JsCast;

use super::{
    parts::{BEST, button, devices, problem, said},
    video::video,
};
use crate::{
    rtc::devices::Meter,
    widget::{
        app::App,
        dom::{El, div, el},
        signals::{Memo, bind},
        text::T,
    },
};

const METER_EVERY_MS: u32 = 80;

/// The screen before a call.
pub(super) fn prepare(app: App, with_video: bool) -> El {
    let has_problem = Memo::new(move || app.call.problem.with(Option::is_some));
    let is_open = Memo::new(move || app.call.stream.with(Option::is_some));
    el("section")
        .class("prepare")
        .live(move || match (has_problem.get(), is_open.get()) {
            (true, _) => problem(app, with_video),
            (false, true) => Some(ready(app, with_video)),
            (false, false) => {
                let asking = if with_video {
                    T.allow_both
                } else {
                    T.allow_microphone
                };
                Some(said(move || asking.to_owned()))
            }
        })
}

fn ready(app: App, with_video: bool) -> El {
    div("ready")
        .maybe(with_video.then(|| self_view(app)))
        .child(devices(app, with_video))
        .child(button(app, BEST, T.start_call, App::start_call))
}

/// What the own camera sees.
pub(super) fn self_view(app: App) -> El {
    video(app.call.stream, "bw-self", true, || T.self_view.to_owned())
}

/// How loud the own microphone is, as long as it is shown.
pub(super) fn level(app: App) -> El {
    let bar = el("span").class("bw-meter-bar");
    let meter = div("bw-meter")
        .attr("role", "meter")
        .attr("aria-label", T.level)
        .attr("aria-valuemin", "0")
        .attr("aria-valuemax", "100")
        .attr("aria-valuenow", "0")
        .child(bar.clone());
    let element = meter.node().clone();
    let reading = Cell::new(None::<Interval>);
    bind(move || {
        let listening = app.call.stream.with(|s| s.as_ref().and_then(Meter::new));
        let (bar, element) = (bar.clone(), element.clone());
        reading.set(listening.map(|listening| {
            Interval::new(METER_EVERY_MS, move || {
                show(&element, &bar, listening.level())
            })
        }));
    });
    meter
}

/// In steps that the eye tells apart.
fn show(meter: &web_sys::Element, bar: &El, level: f32) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 50"
    )]
    let half = (level.clamp(0.0, 1.0) * 50.0) as u8;
    let percent = (half * 2).to_string();
    // Neither fails for constant names.
    let _ = meter.set_attribute("aria-valuenow", &percent);
    let style = bar.node().unchecked_ref::<web_sys::HtmlElement>().style();
    let _ = style.set_property("width", &(percent + "%"));
}
